"""tests/run, tests/deep and packaging/quickstart refuse what they do not
understand, before anything is done."""
import os
import subprocess

import ws

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.abspath(os.path.join(HERE, '../..'))


def refuses(script, *args, says):
    done = subprocess.run([os.path.join(SOURCE, script), *args],
                          capture_output=True, timeout=ws.GUARD,
                          stdin=subprocess.DEVNULL)
    err = done.stderr.decode()
    assert done.returncode == 2, (script, args, done)
    assert done.stdout == b'', (script, args, done)
    assert says in err and 'usage: ' + script in err, (script, args, err)


def a_mistyped_option_ends_with_usage():
    for script in ('tests/run', '.ci/run'):
        for args, says in ((['--foo'], '--foo'), (['-R', 'wire'], 'behind --'),
                           (['--no-instal'], '--no-instal'),
                           (['--preset'], 'needs a name'),
                           (['--preset', 'fast'], 'no preset fast'),
                           (['--preset=fast'], 'no preset fast')):
            done = subprocess.run([os.path.join(SOURCE, script), *args],
                                  capture_output=True, timeout=ws.GUARD)
            assert done.returncode == 2, (script, args, done)
            assert says in done.stderr.decode(), (args, done.stderr)
    for args, says in ((['--foo'], '--foo'), (['--seconds'], 'a value'),
                       (['--seconds='], 'a value'), (['--build'], 'a value'),
                       (['--seconds', '4'], 'from 5 on'),
                       (['--seconds=ten'], 'from 5 on'), (['x'], 'x')):
        refuses('packaging/quickstart', *args, says=says)
    for args, says in ((['--foo'], '--foo'), (['--only'], 'one argument'),
                       (['--only', 'all'], 'no block all'),
                       (['--hours', '0'], 'above 0'), (['x'], 'x')):
        refuses('tests/deep', *args, says=says)


def the_long_ones_are_listed():
    done = subprocess.run([os.path.join(SOURCE, 'tests/deep'), '--list'],
                          capture_output=True, timeout=ws.GUARD)
    assert done.returncode == 0 and b'power_cut ' in done.stdout, done


def help_is_no_fault():
    for script in ('tests/run', 'tests/deep', '.ci/run',
                   'packaging/quickstart'):
        done = subprocess.run([os.path.join(SOURCE, script), '--help'],
                              capture_output=True, timeout=ws.GUARD)
        assert done.returncode == 0 and b'usage: ' in done.stdout, done
        assert done.stderr == b'', done


ws.run([a_mistyped_option_ends_with_usage, the_long_ones_are_listed,
        help_is_no_fault])
