"""What opens a vault: passphrases and key files, as files hold them."""
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


ws.run([a_passphrase_as_long_as_a_key_opens, a_line_of_another_system_opens,
        check_waits_for_its_child_though_nobody_asked_for_it])
