"""WebSocket at the door, on the owner's socket: frames as wrong as can be."""
import os
import struct

from ws import (BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Closed, Daemon,
                frame, run, upgrade)

daemon = Daemon('stop_ms=200')
BLOCK = struct.pack('<BBHIQQ', 1, 1, 0, 0, 7, 1)


def refused(*frames):
    """The close code that these frames lead to."""
    wire = daemon.owner()
    try:
        for data in frames:
            wire.send(data)
    except (BrokenPipeError, ConnectionResetError):
        pass
    code, reason = wire.closing()
    wire.close()
    return code, reason


def texts_of_every_length_come_back():
    owner = daemon.owner()
    for size in [0, 1, 125, 126, 127, 16380, 16384, 65535, 65536, 262144]:
        text = 'é' * (size // 2) + 'x' * (size % 2)
        assert owner.ask(text) == text, size


def a_block_frame_is_decoded():
    owner = daemon.owner()
    owner.send(frame(BINARY, BLOCK + b'abc'))
    assert owner.frame() == (TEXT, b'{"kind":1,"ref":7,"seq":1,"bytes":3}')
    size = 1 << 20
    owner.send(frame(BINARY, BLOCK + bytes(size - 24)))
    assert b'"bytes":%d' % (size - 24) in owner.frame()[1]


def a_block_frame_with_a_bad_header_ends_the_session():
    assert refused(frame(BINARY, b'\x02' + BLOCK[1:]))[0] == 1008
    assert refused(frame(BINARY, b'short'))[0] == 1008


def an_upgrade_must_be_right():
    for how, wanted in [
            ({}, 101),
            ({'protocol': 'chat, vault.v1'}, 101),
            ({'protocol': None}, 400),
            ({'protocol': 'vault.v2'}, 400),
            ({'protocol': 'VAULT.V1'}, 400),
            ({'version': '8'}, 426),
            ({'key': 'short'}, 400),
            ({'key': 'dGhlIHNhbXBsZSBub25jZQ='}, 400),
            ({'host': 'evil.example'}, 403),
            ({'extra': 'Origin: https://evil.example\r\n'}, 403),
            ({'extra': 'Upgrade: h2c\r\n'}, 400),
            ({'extra': 'Transfer-Encoding: chunked\r\n'}, 501),
            ({'extra': 'Content-Length: 5\r\n'}, 400),
            ({'extra': 'Sec-WebSocket-Key: %s\r\n' % ('A' * 22 + '==')}, 400),
            ({'extra': 'Sec-WebSocket-Extensions: permessage-deflate\r\n'},
             101)]:
        wire = daemon.unix()
        wire.send(upgrade(**how))
        status, fields = wire.head()
        assert status == wanted, (how, status)
        assert 'Sec-WebSocket-Extensions' not in fields
        wire.close()
    for line in [b'Upgrade: websocket\r\n', b'Connection: Upgrade\r\n',
                 b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
                 b'Sec-WebSocket-Version: 13\r\n']:
        wire = daemon.unix()
        wire.send(upgrade().replace(line, b''))
        assert wire.head()[0] in (400, 426), line


def the_accept_value_is_that_of_the_rfc():
    wire = daemon.unix()
    wire.send(upgrade())
    _, fields = wire.head()
    assert fields['Sec-WebSocket-Accept'] == 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
    assert fields['Sec-WebSocket-Protocol'] == 'vault.v1'


def frames_behind_the_upgrade_in_one_segment_are_heard():
    wire = daemon.unix()
    wire.send(upgrade() + frame(TEXT, 'early'))
    assert wire.head()[0] == 101
    assert wire.frame() == (TEXT, b'early')


def frames_byte_by_byte_are_heard():
    owner = daemon.owner()
    for byte in frame(TEXT, 'slowly') + frame(PING, 'p'):
        owner.send(bytes([byte]))
    assert sorted([owner.frame(), owner.frame()]) == [(TEXT, b'slowly'),
                                                      (PONG, b'p')]


def an_unmasked_frame_ends_the_session():
    assert refused(frame(TEXT, 'hello', mask=None)) == (1002, 'unmasked frame')
    assert refused(frame(PING, mask=None))[0] == 1002
    assert refused(frame(BINARY, BLOCK, mask=None))[0] == 1002


def protocol_errors_end_the_session():
    for data in [frame(TEXT, 'a', rsv=1), frame(TEXT, 'a', rsv=4),
                 frame(3, 'a'), frame(7, 'a'), frame(11, 'a'), frame(15, 'a'),
                 frame(PING, 'a', fin=False), frame(PING, 'x' * 126),
                 frame(CONTINUATION, 'a'),
                 frame(TEXT, 'a', fin=False) + frame(TEXT, 'b'),
                 frame(TEXT, 'a', fin=False) + frame(BINARY, 'b'),
                 b'\x81\xfe\x00\x05' + b'\0' * 4 + b'hello',
                 b'\x81\xff' + b'\0' * 7 + b'\x05' + b'\0' * 4 + b'hello',
                 b'\x81\xff\x80' + b'\0' * 7 + b'\0' * 4,
                 frame(CLOSE, b'\x03'), frame(CLOSE, struct.pack('>H', 1005)),
                 frame(CLOSE, struct.pack('>H', 999))]:
        code, _ = refused(data)
        assert code == 1002, (code, data)


def bad_utf8_ends_the_session():
    for bad in [b'\xff', b'\xc0\x80', b'\xed\xa0\x80', b'ab\xe2\x82',
                b'\xf4\x90\x80\x80', b'nul\0']:
        assert refused(frame(TEXT, bad))[0] == 1007, bad
    assert refused(frame(TEXT, b'\xe2', fin=False),
                   frame(CONTINUATION, b'\x28'))[0] == 1007
    assert refused(frame(CLOSE, struct.pack('>H', 1000) + b'\xff'))[0] == 1007


def a_character_may_be_cut_by_fragments():
    owner = daemon.owner()
    owner.send(frame(TEXT, b'\xe2', fin=False))
    owner.send(frame(PING, 'between'))
    owner.send(frame(CONTINUATION, b'\x82', fin=False))
    owner.send(frame(CONTINUATION, b'\xac'))
    assert owner.frame() == (PONG, b'between')
    assert owner.frame() == (TEXT, '€'.encode())


def what_is_too_large_is_refused_by_its_header():
    assert refused(frame(TEXT, b'', length=262145))[0] == 1009
    assert refused(frame(BINARY, b'', length=(1 << 20) + 1))[0] == 1009
    assert refused(frame(TEXT, b'', length=1 << 62))[0] == 1009
    half = 'x' * 131072
    assert refused(frame(TEXT, half, fin=False),
                   frame(CONTINUATION, half, fin=False),
                   frame(CONTINUATION, 'x'))[0] == 1009


def at_most_64_fragments_make_a_message():
    owner = daemon.owner()
    owner.send(frame(TEXT, 'x', fin=False))
    for _ in range(62):
        owner.send(frame(CONTINUATION, 'x', fin=False))
    owner.send(frame(CONTINUATION, 'x'))
    assert owner.frame() == (TEXT, b'x' * 64)
    assert refused(frame(TEXT, 'x', fin=False),
                   frame(CONTINUATION, '', fin=False) * 64)[0] == 1008


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


def a_close_is_answered_with_its_code():
    for code in [1000, 1001, 3000, 4999]:
        owner = daemon.owner()
        owner.send(frame(CLOSE, struct.pack('>H', code) + b'bye'))
        assert owner.closing() == (code, '')
    owner = daemon.owner()
    owner.send(frame(CLOSE))
    assert owner.closing()[0] == 1000


def nothing_is_heard_behind_a_close():
    owner = daemon.owner()
    owner.send(frame(CLOSE, b'\x03\xe8') + frame(TEXT, 'late'))
    assert owner.frame() == (CLOSE, b'\x03\xe8')
    assert owner.rest() == b''


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
     if callable(v) and getattr(v, '__module__', '') == '__main__' and
     v is not refused])
