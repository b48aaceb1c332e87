"""What a person types at a terminal, and is shown there."""
import os
import pty
import select
import signal
import sys
import time

from ws import GUARD

TOO_QUICK = ('requests a second; wait', 'many came from this address')


def patiently(run):
    """What run() says of a firm's command, (exit code, stdout, stderr), in the
    end: asked again where the machine is quicker than a firm, or an address,
    may be."""
    until = time.monotonic() + GUARD
    said = run()
    while (any(words in said[2] for words in TOO_QUICK)
           and time.monotonic() < until):
        said = run()
    return said


def types_at(vault, *args, answers):
    """(exit code, what the terminal showed) of a vaultctl command to which a
    person answers each question in turn."""
    return program_at('vaultctl', '--socket', vault.socket, *args,
                      answers=answers)


def program_at(program, *args, answers):
    """The same of any of the programs."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(os.path.join(sys.argv[1], program), [program, *args])
    shown, answered = b'', 0
    while True:
        if not select.select([terminal], [], [], GUARD)[0]:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise AssertionError('nothing comes any more: %r' % shown)
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
