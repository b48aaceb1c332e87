"""What waits at the door has an account: who comes when it is full is told to
come again, who has little in it is served all the same."""
import select

import ws
from frames import BLOCK
from relay import Recorder
from ws import BINARY, CLOSE, TEXT, Daemon, Firm, frame

MIB = 1 << 20
OPTIONS = ('memory=%d' % (4 * MIB), 'address=1000', 'handshaking=100',
           'step_ms=60000', 'body_ms=60000', 'stop_ms=200')
HALF = frame(BINARY, BLOCK + bytes(MIB - 1024), length=MIB)


def post(length, extra=''):
    return ('POST /show HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n'
            '%s\r\n' % (length, extra)).encode()


def waits(daemon):
    """A request whose body does not come."""
    wire = daemon.http()
    wire.send(post(MIB, 'Expect: 100-continue\r\n'))
    assert wire.head()[0] == 100
    return wire


def told(wire):
    """Of one that was told to go on: is it refused after all?"""
    if not wire.left and not select.select([wire.sock], [], [], 0.05)[0]:
        return None
    status, fields = wire.head()
    return status, int(fields['Retry-After'])


def room_that_is_promised_to_bodies_is_limited():
    daemon = Daemon(*OPTIONS)
    wires = [waits(daemon) for _ in range(6)]
    answers = [told(wire) for wire in wires]
    assert answers[0] is None, answers
    assert answers[2:] == [(503, 5)] * 4, answers
    # What needs no room is served meanwhile, and the owner in any case.
    assert daemon.request(post(2) + b'ab')[0] == 200
    assert daemon.owner().ask('x' * 200000) == 'x' * 200000
    for wire in wires:
        wire.close()
    while daemon.request(post(MIB) + bytes(MIB))[0] == 503:
        pass
    daemon.stop()


def bodies_leave_half_of_it_to_who_is_known():
    daemon = Daemon(*OPTIONS)
    firm = Firm(daemon, daemon.owner().ask('vault'), '11').ready()
    wires = [waits(daemon) for _ in range(6)]
    firm.send(HALF)
    firm.send(bytes(1000))  # the rest of it
    opcode, payload = firm.frame()
    assert (opcode, payload[-16:]) == (TEXT, b'"bytes":1048552}'), payload
    for one in (firm, *wires):
        one.close()
    daemon.stop()


def half_messages_of_firms_are_limited():
    daemon = Daemon(*OPTIONS)
    vault = daemon.owner().ask('vault')
    firms = [Firm(daemon, vault, '11').ready() for _ in range(8)]
    small = Firm(daemon, vault, '11').ready()
    for firm in firms:
        try:
            firm.send(HALF)
        except OSError:
            pass  # it is told so, below
    ended = 0
    for firm in firms:
        try:
            firm.send(bytes(1000))  # the rest of it
        except OSError:
            pass
        opcode, payload = firm.frame()
        if opcode == CLOSE:
            assert payload == b'\x03\xf5too much is under way', payload
            ended += 1
        else:
            assert (opcode, payload[-16:]) == (TEXT, b'"bytes":1048552}'), payload
        firm.close()
    assert 2 <= ended <= 6, ended
    assert small.ask('still here') == 'still here'
    small.close()
    daemon.stop()


def answers_that_nobody_reads_are_limited():
    daemon = Daemon(*OPTIONS, 'stall_ms=60000')
    owner = daemon.owner()
    vault = owner.ask('vault')
    small = Firm(daemon, vault, '11').ready()
    relay = Recorder(daemon.tls_at)
    at, daemon.tls_at = daemon.tls_at, ('', relay.port)
    deaf = Firm(daemon, vault, '11').ready()
    daemon.tls_at = at
    relay.reading.clear()
    # In one segment: behind the first answer that waits nothing is read.
    deaf.send(frame(TEXT, 'big %d' % MIB) * 8)
    while not owner.ask('backlog').startswith('gone'):
        pass
    assert small.ask('still here') == 'still here'
    assert owner.ask('x' * 200000) == 'x' * 200000
    for one in (deaf, small):
        one.close()
    daemon.stop()


def an_answer_from_elsewhere_ends_a_connection_that_is_too_heavy():
    """It comes while nothing of the connection is being read or written, and
    a frame is half out: there is nothing to write the close frame to."""
    daemon = Daemon(*OPTIONS, 'stall_ms=60000')
    owner = daemon.owner()
    vault = owner.ask('vault')
    relay = Recorder(daemon.tls_at)
    at, daemon.tls_at = daemon.tls_at, ('', relay.port)
    deaf = Firm(daemon, vault, '11').ready()
    daemon.tls_at = at
    relay.reading.clear()
    deaf.send(frame(TEXT, 'big %d' % MIB) * 3)
    while owner.ask('backlog') == '0':
        pass
    assert owner.ask('wake %d 8' % MIB) == 'woken'
    assert owner.ask('backlog').startswith('gone')
    assert owner.ask('still here') == 'still here'
    deaf.close()
    daemon.stop()


def what_has_gone_is_given_back():
    daemon = Daemon(*OPTIONS)
    vault = daemon.owner().ask('vault')
    for _ in range(6):
        firms = [Firm(daemon, vault, '11').ready() for _ in range(2)]
        for firm in firms:
            firm.send(HALF)
            firm.close()
        assert daemon.request(post(MIB) + bytes(MIB))[0] in (200, 503)
    while daemon.request(post(MIB) + bytes(MIB))[0] == 503:
        pass
    daemon.stop()


ws.run([room_that_is_promised_to_bodies_is_limited,
        half_messages_of_firms_are_limited,
        answers_that_nobody_reads_are_limited,
        bodies_leave_half_of_it_to_who_is_known,
        an_answer_from_elsewhere_ends_a_connection_that_is_too_heavy,
        what_has_gone_is_given_back])
