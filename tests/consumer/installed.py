"""libvault as it is installed: what is there, and that a program can be built
on it, by CMake and by pkg-config, wherever it lies; the examples then talk with
a real vault.

    installed.py BUILD SOURCE CC
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

BUILD, SOURCE, CC = sys.argv[1:4]
PROJECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'project')
scratch = tempfile.mkdtemp(prefix='vault-consumer-')
prefix = os.path.join(scratch, 'there')
built = os.path.join(scratch, 'build')


def run(*args, code=0, **env):
    done = subprocess.run(args, capture_output=True, timeout=100, text=True,
                          env={**os.environ, **env}, stdin=subprocess.DEVNULL)
    assert done.returncode == code, (args, done.returncode, done.stdout,
                                     done.stderr)
    return done.stdout


def one(name):
    """The installed file of this name."""
    found = glob.glob(os.path.join(prefix, '**', name), recursive=True)
    assert len(found) == 1, (name, found)
    return found[0]


def it_is_installed():
    """Elsewhere than it was made: no path of the making may be in it."""
    first = os.path.join(scratch, 'here')
    run('cmake', '--install', BUILD, '--component', 'devel', '--prefix', first)
    os.rename(first, prefix)
    for name in ('client', 'firm', 'owner', 'page', 'status', 'vault'):
        one('include/vault/%s.h' % name)
    for folder, _, names in os.walk(prefix):
        for name in names:
            if name.endswith(('.pc', '.cmake')):
                with open(os.path.join(folder, name)) as file:
                    text = file.read()
                assert not [p for p in (BUILD, SOURCE, '/here') if p in text], (
                    name, text)


def only_its_own_names_are_seen():
    for option, name in (('-D', 'libvault.so'), ('-g', 'libvault.a')):
        listed = run('nm', option, '--defined-only', one(name))
        names = re.findall(r' [A-Z] (\S+)', listed)
        ours = [n for n in names if n.lower().startswith('vault_')]
        assert len(ours) > 40 and ours == names, (name, names)


def starts(program, **env):
    said = run(program, **env).split(' ', 1)
    assert re.fullmatch(r'\d+\.\d+\.\d+', said[0]), said
    return said[0]


def a_program_is_built_by_cmake():
    run('cmake', '-G', 'Ninja', '-S', PROJECT, '-B', built,
        '-DCMAKE_C_COMPILER=' + CC, '-DCMAKE_PREFIX_PATH=' + prefix)
    run('cmake', '--build', built)
    starts(os.path.join(built, 'consumer'))
    starts(os.path.join(built, 'consumer_static'))
    assert 'libvault' not in run('ldd', os.path.join(built, 'consumer_static'))


def a_program_is_built_by_pkg_config():
    where = {'PKG_CONFIG_PATH': os.path.dirname(one('libvault.pc'))}
    library = os.path.dirname(one('libvault.so'))
    program = os.path.join(scratch, 'by_pkg_config')
    source = os.path.join(PROJECT, 'consumer.c')

    def ask(*options):
        return run('pkg-config', *options, 'libvault', **where).split()

    run(CC, source, '-o', program, *ask('--cflags', '--libs'))
    version = starts(program, LD_LIBRARY_PATH=library)
    assert [version] == ask('--modversion')
    flags = ask('--static', '--cflags', '--libs')
    run(CC, source, '-o', program,
        *[one('libvault.a') if f == '-lvault' else f for f in flags])
    starts(program)


def vaultfirm(vault, *args):
    return run(os.path.join(BUILD, 'bin/vaultfirm'), '--identity',
               vault.path('firm'), *args)


def the_examples_read_a_vault():
    sys.argv[1] = os.path.join(BUILD, 'bin')
    sys.path.insert(0, os.path.join(SOURCE, 'tests/flow/lib'))
    from vault import Vault, stamp
    vault = Vault()
    owner = vault.owner()
    owner.create('home/host/load', 'device.state')
    now = int(time.time()) * 10**9
    quarter = now // 10**9 // 900 * 900
    owner.append('home/host/load', [[(quarter - 60 * i) * 10**9, i]
                                    for i in range(10, 0, -1)])
    vaultfirm(vault, 'init', 'fernhill')
    vaultfirm(vault, 'enrol', owner.change('firm.invite',
                                           name='fernhill')['url'])
    owner.change('firm.confirm', firm='fernhill')
    asked = json.loads(vaultfirm(
        vault, 'request', os.path.join(SOURCE, 'packaging/demo/request.json'),
        '--json'))
    grant = owner.change('request.approve', request=asked['request'],
                         all=True)['grant']
    args = [vault.path('firm'), grant, 'home/host/load']
    watch = subprocess.Popen([os.path.join(built, 'firm_watch'), *args],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    row = b''
    while not row:
        now += 10**6
        owner.append('home/host/load', [[now, 0.5]])
        ready = watch.poll() is None
        assert ready, watch.stderr.read()
        row = read_soon(watch.stdout)
    assert row.split()[0] == b'home/host/load' and b'value=0.5' in row, row
    query = [os.path.join(built, 'firm_query'), *args, stamp(quarter - 900),
             stamp(quarter)]
    assert 'value.mean=5.5' in run(*query)
    owner.change('grant.revoke', grant=grant)
    out, err = watch.communicate(timeout=60)
    assert b'ended: withdrawn' in err and watch.returncode == 0, err
    run(*query, code=1)
    owner.close()
    vault.stop()


def read_soon(pipe):
    """A line, if one comes within a moment."""
    import select
    return pipe.readline() if select.select([pipe], [], [], 0.2)[0] else b''


tests = [it_is_installed, only_its_own_names_are_seen,
         a_program_is_built_by_cmake, a_program_is_built_by_pkg_config]
if os.path.exists(os.path.join(BUILD, 'bin/vaultd')):
    tests.append(the_examples_read_a_vault)
try:
    for test in tests:
        test()
        print('ok    ' + test.__name__)
finally:
    shutil.rmtree(scratch, ignore_errors=True)
