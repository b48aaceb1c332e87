"""WebSocket at the door, on the owner's socket, as it goes on: pings, closing,
slow readers, order.  What single frames lead to is in net_frames.py."""
import os

from ws import CLOSE, PING, PONG, TEXT, Closed, Daemon, frame, run, upgrade

daemon = Daemon('stop_ms=200')


def the_accept_value_is_that_of_the_rfc():
    wire = daemon.unix()
    wire.send(upgrade())
    _, fields = wire.head()
    assert fields['Sec-WebSocket-Accept'] == 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    assert fields['Sec-WebSocket-Protocol'] == 'vault.v1'


def pings_are_answered_the_last_at_least():
    owner = daemon.owner()
    owner.send(frame(PING, 'x' * 125))
    assert owner.frame() == (PONG, b'x' * 125)
    owner.send(b''.join(frame(PING, str(i)) for i in range(100)) +
               frame(PONG, 'unasked'))
    last = None
    while last != b'99':
        opcode, last = owner.frame()
        assert opcode == PONG
    assert owner.ask('well') == 'well'


def the_service_may_close_at_once_or_behind_its_answers():
    owner = daemon.owner()
    owner.text('close 4000 1')
    assert owner.frame() == (TEXT, b'last')
    assert owner.closing() == (4000, 'asked to')
    owner = daemon.owner()
    owner.text('close 4001 0')
    assert owner.closing() == (4001, 'asked to')


def a_peer_that_does_not_close_is_cut():
    short = Daemon('close_ms=200', 'stop_ms=200')
    owner = short.owner()
    owner.text('close 4000 1')
    assert owner.frame()[0] == TEXT
    assert owner.frame()[0] == CLOSE
    assert owner.rest() == b''
    short.stop()


def a_large_answer_is_one_frame():
    owner = daemon.owner()
    size = 3 << 20
    owner.text('big %d' % size)
    opcode, payload = owner.frame()
    assert opcode == TEXT and payload == b'x' * size


def answers_keep_their_order_around_pongs():
    owner = daemon.owner()
    for i in range(10):
        for j in range(5):
            owner.text('big 20000')
            owner.send(frame(PING, str(j)))
            owner.text('n%d' % j)
        wanted = []
        while len(wanted) < 10:
            opcode, payload = owner.frame()
            if opcode == TEXT:
                wanted.append(payload)
        for j in range(5):
            assert wanted[2 * j] == b'x' * 20000
            assert wanted[2 * j + 1] == b'n%d' % j


def refusals_leave_at_the_tick_in_order():
    owner = daemon.owner()
    for i in range(100):
        owner.text('refuse')
        owner.text('n%d' % i)
    for i in range(100):
        assert owner.frame() == (TEXT, b'refused')
        assert owner.frame() == (TEXT, b'n%d' % i)


def a_session_that_goes_is_told_once():
    owner = daemon.owner()
    before = eval(owner.ask('stats'))
    for how in range(30):
        wire = daemon.owner()
        if how % 3 == 0:
            wire.send(frame(CLOSE, b'\x03\xe8'))
            wire.closing()
        elif how % 3 == 1:
            wire.send(frame(TEXT, 'x', mask=None))
            wire.closing()
        wire.close()
    until = eval(owner.ask('stats'))
    while until['gone'] - before['gone'] < 30:
        until = eval(owner.ask('stats'))
    assert until['gone'] - before['gone'] == 30
    assert until['opened'] - before['opened'] == 30


def who_answers_no_ping_is_closed():
    short = Daemon('ping_ms=100', 'silence_ms=300', 'stop_ms=200')
    quiet = short.owner()
    alive = short.owner()
    assert quiet.frame()[0] == PING
    for _ in range(8):
        assert alive.frame() == (PING, b'')
        alive.send(frame(PONG))
    assert quiet.rest().replace(b'\x89\x00', b'') == b''
    assert alive.ask('here') == 'here'
    short.stop()


def who_reads_nothing_is_closed():
    short = Daemon('stall_ms=300', 'stop_ms=200')
    stuck = short.owner()
    for _ in range(8):
        stuck.text('big 1000000')
    watch = short.owner()
    while eval(watch.ask('stats'))['gone'] < 1:
        pass
    short.stop()


def who_reads_slowly_is_served():
    short = Daemon('stall_ms=1000', 'stop_ms=200')
    slow = short.owner()
    slow.text('big 4000000')
    first = slow.take(10)
    assert first[:2] == b'\x81\x7f'
    got = 0
    while got < 4000000:
        got += len(slow.take(min(400000, 4000000 - got)))
        short.owner().close()
    short.stop()


def a_flood_of_questions_stops_the_reading():
    short = Daemon('stall_ms=60000', 'stop_ms=200')
    stuck = short.owner()
    stuck.sock.setblocking(False)
    data = b''.join(frame(TEXT, 'x' * 60000) for _ in range(2000))
    sent = 0
    view = memoryview(data)
    idle = 0
    watch = short.owner()
    while sent < len(data) and idle < 200:
        try:
            sent += stuck.sock.send(view[sent:])
            idle = 0
        except BlockingIOError:
            idle += 1
            watch.ask('turn')
    assert sent < len(data) // 4, sent
    before = short.cpu()
    for _ in range(100):
        watch.ask('turn')
    turns = short.cpu() - before
    assert turns < 1.0, turns
    stuck.close()
    short.stop()


def only_the_owner_may_come():
    if os.geteuid() != 0:
        return
    private = Daemon('uid=1000', 'gid=1000', 'stop_ms=200')
    os.chmod(private.folder, 0o755)
    os.chmod(private.path, 0o777)

    def try_as(uid, gid, groups=()):
        """Does a process of these ids get an answer?"""
        child = os.fork()
        if child == 0:
            code = 2
            try:
                os.setgroups(list(groups))
                os.setgid(gid)
                os.setuid(uid)
                code = 0 if private.owner().ask('me') == 'me' else 1
            except (Closed, OSError):
                code = 1
            finally:
                os._exit(code)
        return os.waitpid(child, 0)[1] == 0

    assert try_as(0, 0)
    assert try_as(1000, 2000)
    assert try_as(2000, 1000)
    assert try_as(2000, 2000, [5, 1000])
    assert not try_as(2000, 2000)
    assert not try_as(2000, 2000, [999, 1001])
    private.stop()


def the_daemon_ends_well():
    daemon.stop()


run([v for v in list(globals().values())
     if callable(v) and getattr(v, '__module__', '') == '__main__'])
