"""What a person types at vaultctl: passphrases, twice where they are new, and
the word that destroys."""
import os
import pty
import sys

import ws
from slots import OTHER, fresh, types
from vault import PASSPHRASE


def types_at(vault, *args, answers):
    """(exit code, what the terminal showed) of a command to which a person
    answers each question in turn."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(os.path.join(sys.argv[1], 'vaultctl'),
                 ['vaultctl', '--socket', vault.socket, *args])
    shown, answered = b'', 0
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break  # its end is closed
        if not part:
            break
        shown += part
        while answered < len(answers) and answers[answered][0] in shown:
            ask, answer = answers[answered]
            shown = shown.replace(ask, b'?', 1)
            os.write(terminal, answer.encode() + b'\n')
            answered += 1
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert answered == len(answers), (answered, shown)
    return os.waitstatus_to_exitcode(status), shown.decode()


NEW, AGAIN, PROOF = (b'the new passphrase: ', b'again: ',
                     b"the vault's passphrase: ")


def a_new_passphrase_is_typed_twice():
    vault, owner, _ = fresh()
    code, shown = types_at(vault, 'key', 'add', 'passphrase',
                           answers=[(NEW, OTHER), (AGAIN, OTHER + 'r')])
    assert code == 1 and 'not the same' in shown, (code, shown)
    assert len(types(owner)) == 3
    code, shown = types_at(vault, 'key', 'add', 'passphrase',
                           answers=[(NEW, OTHER), (AGAIN, OTHER),
                                    (PROOF, PASSPHRASE)])
    assert code == 0 and 'slot 3' in shown, (code, shown)
    assert OTHER not in shown and PASSPHRASE not in shown, shown
    owner.call('vault.lock')
    assert owner.call('vault.unlock', passphrase=OTHER)
    vault.stop()


def the_word_that_destroys_is_typed():
    vault, owner, _ = fresh()
    word = b'to destroy its keys: '
    code, shown = types_at(vault, 'panic', answers=[(word, 'yes')])
    assert code == 1 and 'nothing was done' in shown, (code, shown)
    assert owner.call('vault.status')['state'] == 'unlocked'
    code, shown = types_at(vault, 'panic', answers=[(word, 'destroy'),
                                                    (PROOF, PASSPHRASE)])
    assert code == 0 and 'destroyed' in shown, (code, shown)
    assert owner.call('vault.status')['state'] == 'locked'
    vault.stop()


ws.run([a_new_passphrase_is_typed_twice, the_word_that_destroys_is_typed])
