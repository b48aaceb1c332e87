"""Sessions that only wait: how many there can be, what each costs, and what is
said where there are too few descriptors for them.

    door_idle.py BIN [--sessions N] [--door N]

--sessions: of a whole vaultd, where a firm has four and firms are 1,024 at
most; --door: of the door with an echo behind it, where one key is.  40
of each unless said.  What is more than the usual limit of connections wants a
limit of descriptors (ulimit -n) above it, here and in the daemon, which raises
its own as far as it may."""
import resource
import select
import sys
import time

import ws
from door import Person, Scene, Talk
from flood import at_rank, descriptors, resident
from vault import skip

EACH = 4  # of a firm
SPARE = 200  # descriptors for all else
KIB = 1024


def option(name, usual):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else usual


SESSIONS, DOOR = option('--sessions', 40), option('--door', 40)


def room_for(count):
    """Descriptors for so many connections, or the test is skipped."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + SPARE:
        skip('%d descriptors (ulimit -Hn) are too few for %d sessions'
             % (hard, count))
    resource.setrlimit(resource.RLIMIT_NOFILE,
                       (max(soft, count + SPARE), hard))


class Crowd:
    """Sessions of whom a ping is answered."""

    def __init__(self, session_of):
        self.session_of = session_of
        self.wires, self.took, self.poll = {}, [], select.poll()

    def add(self, person):
        begun = time.monotonic()
        wire = self.session_of(person)
        self.took.append(time.monotonic() - begun)
        self.wires[wire.sock.sock.fileno()] = wire
        self.poll.register(wire.sock.sock, select.POLLIN)

    def answer(self):
        """Serve all to whom something was said; a session that has ended is a
        failure."""
        for number, _ in self.poll.poll(0):
            opcode, payload = self.wires[number].frame()
            assert opcode == ws.PING, (opcode, payload)
            self.wires[number].send(ws.frame(ws.PONG, payload))

    def end(self):
        for wire in self.wires.values():
            wire.close()


def wait_in(process, count, session_of, people, ask):
    """Open so many, ask of some of them, and let all go again."""
    session_of(people[0]).close()
    before, fds = resident(process), descriptors(process)
    crowd, begun = Crowd(session_of), time.monotonic()
    for i in range(count):
        crowd.add(people[i // EACH % len(people)])
        if i % 100 == 99:
            crowd.answer()
    took = time.monotonic() - begun
    each = (resident(process) - before) / count
    assert descriptors(process) >= fds - 1 + count
    crowd.answer()
    took_each = sorted(crowd.took)
    print('    %d sessions: %.1f KiB each, opened in %.1f s; ms of one %.1f, '
          '99th %.1f' % (count, each / KIB, took,
                         1000 * at_rank(took_each, 0.5),
                         1000 * at_rank(took_each, 0.99)))
    for wire in list(crowd.wires.values())[::max(1, count // 20)]:
        ask(wire)
    crowd.end()
    until = time.monotonic() + ws.GUARD
    while descriptors(process) > fds:
        assert time.monotonic() < until, (descriptors(process), fds)
        time.sleep(0.05)
    if count >= 1000:  # of fewer, the first pages of all weigh more
        assert each <= 28 * KIB, each


def so_many_sessions_wait_at_little_cost():
    room_for(SESSIONS)
    scene = Scene(conf='max_connections: %d\n' % (SESSIONS + 100))
    assert 'max_connections is' not in scene.vault.said(), scene.vault.said()
    firms = [Person() for _ in range((SESSIONS + EACH - 1) // EACH)]
    for firm in firms[1:]:
        scene.enrol(firm)
    scene.restart()

    def ask(wire):
        assert '"role":"firm"' in wire.ask(
            '{"jsonrpc":"2.0","id":1,"method":"session.info","params":{}}')

    wait_in(scene.vault.process, SESSIONS, scene.session,
            [scene.known, *firms[1:]], ask)
    scene.end()


def so_many_wait_at_the_door_alone():
    room_for(DOOR)
    daemon = ws.Daemon('connections=%d' % (DOOR + 100), 'stop_ms=200')

    class Place:
        at, id = daemon.tls_at, bytes.fromhex(daemon.owner().ask('vault'))

    def session_of(person):
        talk = Talk(Place)
        talk.challenged()
        talk.ready(person)
        return talk.wire

    def ask(wire):
        assert wire.ask('hello') == 'hello'

    wait_in(daemon.process, DOOR, session_of, [Person(b'\x11' * 32)], ask)
    daemon.stop()


def where_descriptors_are_too_few_it_is_said():
    scene = Scene(conf='max_connections: 5000\n',
                  wrap=('prlimit', '--nofile=400:400'))
    said = scene.vault.said()
    assert ('400 descriptors: max_connections is 336 in place of 5000 (see '
            'ulimit -n, LimitNOFILE)') in said, said
    scene.end()


def where_they_can_be_raised_they_are():
    scene = Scene(conf='max_connections: 500\n',
                  wrap=('prlimit', '--nofile=100:700'))
    assert 'max_connections is' not in scene.vault.said(), scene.vault.said()
    scene.end()


ws.run([where_descriptors_are_too_few_it_is_said,
        where_they_can_be_raised_they_are,
        so_many_sessions_wait_at_little_cost,
        so_many_wait_at_the_door_alone])
