"""The one door out: what was allowed, and what may no longer leave."""
import time

from relay import Recorder
from ws import BINARY, TEXT, Closed, Daemon, Firm, run

MIB = 1 << 20


class Scene:
    """A vault, its owner, and a firm whose reading can be stopped."""

    def __init__(self, *options):
        self.daemon = Daemon('stop_ms=200', *options)
        self.owner = self.daemon.owner()
        vault = self.owner.ask('vault')
        self.relay = Recorder(self.daemon.tls_at)
        at, self.daemon.tls_at = self.daemon.tls_at, ('', self.relay.port)
        self.firm = Firm(self.daemon, vault, '11').ready()
        self.daemon.tls_at = at

    def stuff(self, grant, size=MIB, count=8):
        """Queue rows while the firm does not read, until nothing moves."""
        self.relay.reading.clear()
        assert self.owner.ask('rows %d %d %d' % (grant, size, count)) == (
            'queued')
        last, same = None, 0
        while same < 50:
            now = self.owner.ask('backlog')
            same = same + 1 if now == last else 0
            last = now
        return int(last)

    def stats(self):
        return eval(self.owner.ask('stats'))

    def end(self):
        self.firm.close()
        self.daemon.stop()


def rows_leave_with_their_release():
    scene = Scene()
    scene.owner.ask('rows 5 1000 3')
    for _ in range(3):
        assert scene.firm.frame() == (BINARY, b'x' * 1000)
    stats = scene.stats()
    assert stats['sent'] == 3 and stats['freed'] == 0
    scene.end()


def after_the_cut_no_byte_is_written():
    scene = Scene()
    left = scene.stuff(grant=5)
    assert left > MIB
    before = scene.relay.arrived()
    found = eval(scene.owner.ask('silence 5'))
    assert found['connections'] == 1 and found['frames'] >= 7, found
    at_the_answer = scene.relay.arrived()
    scene.relay.reading.set()
    assert scene.relay.ended.wait(60)
    assert scene.relay.seen <= at_the_answer, (scene.relay.seen, before,
                                               at_the_answer)
    assert scene.owner.ask('backlog').startswith('gone')
    stats = scene.stats()
    while stats['gone'] < 1:
        stats = scene.stats()
    assert stats['sent'] + stats['freed'] == 8, stats
    scene.end()


def a_cut_of_one_grant_leaves_the_other():
    scene = Scene()
    scene.stuff(grant=6, count=2)
    scene.owner.ask('rows 5 5000 4')
    scene.owner.ask('rows 6 700 1')
    found = eval(scene.owner.ask('silence 5'))
    assert found == {'frames': 4, 'connections': 0}, found
    scene.relay.reading.set()
    for size in [MIB, MIB, 700]:
        opcode, payload = scene.firm.frame()
        assert opcode == BINARY and len(payload) == size
    assert scene.firm.ask('well') == 'well'
    assert eval(scene.owner.ask('silence 9')) == {'frames': 0,
                                                  'connections': 0}
    scene.end()


def a_whole_small_message_in_a_full_buffer_is_cut_too():
    """Written whole as far as we know, but the library keeps some of it."""
    scene = Scene('sndbuf=4096')
    scene.stuff(grant=6, size=3000, count=2000)
    backlog = int(scene.owner.ask('backlog'))
    assert backlog > 0
    found = eval(scene.owner.ask('silence 6'))
    assert found['connections'] == 1, found
    scene.end()


def a_firm_that_has_all_is_not_cut():
    scene = Scene()
    scene.owner.ask('rows 5 3000 4')
    for _ in range(4):
        scene.firm.frame()
    assert eval(scene.owner.ask('silence 5')) == {'frames': 0,
                                                  'connections': 0}
    assert scene.firm.ask('well') == 'well'
    scene.end()


def moved_consent_goes_back_to_the_guard():
    scene = Scene()
    scene.stuff(grant=5, count=2)
    assert scene.owner.ask('rows 5 100 3') == 'queued'
    assert scene.owner.ask('move') == 'moved'
    scene.relay.reading.set()
    sizes = sorted(len(scene.firm.frame()[1]) for _ in range(5))
    assert sizes == [100, 100, 100, MIB, MIB], sizes
    stats = scene.stats()
    assert stats['again'] >= 3 and stats['sent'] == 5, stats
    scene.end()


def what_has_ended_is_dropped_before_its_first_byte():
    scene = Scene()
    scene.stuff(grant=6, count=1)
    assert scene.owner.ask('rows 5 100 3') == 'queued'
    assert scene.owner.ask('end 5') == 'ended'
    scene.relay.reading.set()
    assert len(scene.firm.frame()[1]) == MIB
    assert scene.firm.ask('well') == 'well'
    assert scene.stats()['freed'] == 3
    scene.end()


def what_ends_half_way_is_not_finished():
    scene = Scene()
    scene.stuff(grant=5, count=1)
    assert scene.owner.ask('end 5') == 'ended'
    scene.relay.reading.set()
    assert scene.relay.ended.wait(60)
    assert scene.relay.seen < MIB
    scene.end()


def pieces_that_the_socket_takes_in_part_arrive_whole():
    scene = Scene('sndbuf=4096')
    scene.owner.ask('rows 5 %d 2' % MIB)
    for _ in range(2):
        assert scene.firm.frame() == (BINARY, b'x' * MIB)
    assert scene.firm.ask('y' * 100000) == 'y' * 100000
    scene.end()


def the_service_hears_of_room():
    scene = Scene()
    left = scene.stuff(grant=5, count=3)
    assert left > MIB
    assert scene.stats()['writable'] == 0
    scene.relay.reading.set()
    for _ in range(3):
        scene.firm.frame()
    while scene.stats()['writable'] == 0:
        pass
    assert scene.owner.ask('backlog') == '0'
    assert scene.stats()['writable'] == 1
    scene.end()


def bytes_that_wait_both_ways_cost_no_time():
    """The library does not read while it keeps bytes to write: with the
    peer's bytes waiting too, it would be told of them for ever."""
    scene = Scene('stall_ms=60000', 'sndbuf=4096')
    scene.stuff(grant=5)
    for _ in range(100):
        scene.firm.text('x' * 1000)
    for _ in range(20):
        scene.owner.ask('turn')
    cpu, wall = scene.daemon.cpu(), time.monotonic()
    for _ in range(20):
        time.sleep(0.1)
        assert scene.owner.ask('hello') == 'hello'
    share = (scene.daemon.cpu() - cpu) / (time.monotonic() - wall)
    print('    %.1f %% of a processor' % (100 * share))
    assert share < 0.2, share
    scene.end()


def a_firm_that_reads_nothing_is_cut():
    scene = Scene('stall_ms=3000')  # longer than it takes to be stuffed
    scene.stuff(grant=5)
    scene.relay.reading.set()
    scene.relay.reading.clear()
    while scene.stats()['gone'] < 1:
        pass
    stats = scene.stats()
    assert stats['sent'] + stats['freed'] == 8, stats
    scene.end()


run([v for v in list(globals().values())
     if callable(v) and getattr(v, '__module__', '') == '__main__' and
     v not in (Recorder, Scene)])
