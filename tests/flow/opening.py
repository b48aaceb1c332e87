"""What opens a vault: passphrases and key files, as files hold them."""
import os
import resource
import shutil
import signal
import subprocess

import ws
from vault import Vault

# With its newline as long as a key.
SHORT_OF_A_KEY = 'thirty-one characters are these'
assert len(SHORT_OF_A_KEY) == 31


def opens(vault, text):
    """That init, run, check and vaultctl agree about a file that holds text."""
    path = vault.write('pass', text)
    vault.init()
    vault.start(unlock='pass')
    assert vault.owner().call('vault.status')['state'] == 'unlocked'
    vault.stop()
    vault.start(unlock=None)
    code, _, err = vault.ctl('unlock', '--passphrase-file', path)
    assert code == 0, err
    vault.stop()
    return ends(vault, 'check', '--dir', vault.dir, '--unlock-file', path)


def ends(vault, *args, code=0):
    got, out, err = vault.command(*args)
    assert got == code, (got, out, err)
    return out + err


def a_passphrase_as_long_as_a_key_opens():
    vault = Vault(ready=False)
    opens(vault, SHORT_OF_A_KEY + '\n')
    vault.write('pass', SHORT_OF_A_KEY)
    ends(vault, 'check', '--dir', vault.dir, '--unlock-file',
         vault.path('pass'))
    vault.remove()


def a_line_of_another_system_opens():
    vault = Vault(ready=False)
    opens(vault, 'as written elsewhere\r\n')
    vault.start(unlock=None)
    got = vault.owner().call('vault.unlock', passphrase='as written elsewhere')
    assert got['state'] == 'unlocked'
    vault.remove()


def a_credential_of_the_service_opens_it_at_the_start():
    vault = Vault(ready=False)
    vault.init()
    folder = vault.path('credentials')
    os.mkdir(folder)
    there = {'CREDENTIALS_DIRECTORY': folder}
    for name, state in (('other', 'locked'), ('vaultd.key', 'unlocked')):
        shutil.copy(vault.path('key'), os.path.join(folder, name))
        vault.start(unlock=None, env=there)
        assert vault.owner().call('vault.status')['state'] == state, name
        vault.stop()
    # What the command line names comes first.
    os.unlink(os.path.join(folder, 'vaultd.key'))
    with open(os.path.join(folder, 'vaultd.key'), 'wb') as file:
        file.write(b'another passphrase')
    ends(vault, 'check', '--dir', vault.dir, '--unlock-file',
         vault.path('key'))
    vault.start(unlock='key', env=there)
    assert vault.owner().call('vault.status')['state'] == 'unlocked'
    vault.remove()


def check_waits_for_its_child_though_nobody_asked_for_it():
    vault = Vault(ready=False)
    vault.init()
    done = subprocess.run(
        [vault.program, 'check', '--dir', vault.dir, '--unlock-file',
         vault.path('key')], capture_output=True, timeout=ws.GUARD,
        preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    assert done.returncode == 0, done
    assert b'all is well' in done.stdout
    vault.remove()


def limits_of(pid):
    """(core file limit, file mode mask) of a process and no new privileges."""
    with open('/proc/%d/limits' % pid) as file:
        core = [line for line in file if line.startswith('Max core file')]
    with open('/proc/%d/status' % pid) as file:
        status = {name: rest.strip() for name, _, rest in
                  (line.partition(':') for line in file)}
    return core[0].split()[4:6], status['Umask'], status['NoNewPrivs']


def children_of(pid):
    with open('/proc/%d/task/%d/children' % (pid, pid)) as file:
        return [int(child) for child in file.read().split()]


def waits_for_its_secret(vault, *args):
    """A command that opens a pipe for its secret; its limits are seen there.
    The pipe opens here when the command has opened it, too."""
    pipe = vault.path('pipe')
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [vault.program, *args, pipe], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: (os.umask(0o022), resource.setrlimit(
            resource.RLIMIT_CORE, (1 << 20, 1 << 20))))
    with open(pipe, 'w') as write:
        found = [limits_of(pid)
                 for pid in [process.pid, *children_of(process.pid)]]
        write.write('x')
    process.wait(ws.GUARD)
    os.unlink(pipe)
    return found


def every_command_leaves_no_core():
    vault = Vault(ready=False)
    found = waits_for_its_secret(vault, 'init', '--dir', vault.dir,
                                 '--passphrase-file')
    found += waits_for_its_secret(vault, 'check', '--dir', vault.dir,
                                  '--unlock-file')
    found += waits_for_its_secret(vault, 'run', '--dir', vault.path('none'),
                                  '--socket', vault.path('s'),
                                  '--unlock-file')
    # Check has a child, run its warden.
    assert len(found) == 5, found
    for limits in found:
        assert limits == (['0', '0'], '0077', '1'), found
    vault.remove()


ws.run([a_passphrase_as_long_as_a_key_opens, a_line_of_another_system_opens,
        a_credential_of_the_service_opens_it_at_the_start,
        check_waits_for_its_child_though_nobody_asked_for_it,
        every_command_leaves_no_core])
