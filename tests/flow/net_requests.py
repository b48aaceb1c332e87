"""HTTP/1.1 at the door: each row of tests/cases/door/requests.tsv, where it
may be sent.  Whatever it is, there is one answer, and no request in it."""
import re
import socket
from concurrent.futures import ThreadPoolExecutor

import ws
from frames import plain, table
from ws import PING, PONG, Closed, Daemon, frame

PLACES = {'plain': ('loopback', 'tls'), 'ws': ('owner', 'tls'),
          'owner': ('owner',), 'loopback': ('loopback',), 'tls': ('tls',)}
SHORT = {
    '@post': 'POST /show HTTP/1.1\\r\\nHost: localhost\\r\\n',
    '@get': 'GET /show HTTP/1.1\\r\\nHost: localhost\\r\\n',
    '@up': 'GET / HTTP/1.1\\r\\nHost: localhost\\r\\nUpgrade: websocket\\r\\n'
           'Connection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\n'
           'Sec-WebSocket-Key: %s\\r\\n'
           'Sec-WebSocket-Protocol: vault.v1\\r\\n' % ws.KEY}
STATUS = re.compile(rb'HTTP/1\.\d \d\d\d ')
rows = table('requests.tsv', 4)
daemon = Daemon('origins=1', 'handshaking=1024', 'address=1024',
                'stop_ms=200')
DIAL = {'loopback': daemon.http, 'tls': daemon.tls, 'owner': daemon.unix}


def written_out(text):
    """The bytes of a request, and whether the peer ends behind it."""
    ends = text.endswith('\\EOF')
    text = text[:-4] if ends else text
    for name, stands_for in SHORT.items():
        text = text.replace(name, stands_for)
    while (found := re.search(r'\{-(.*?)\}', text)) is not None:
        front = text[:found.start()]
        assert found[1] in front, text
        text = front.replace(found[1], '', 1) + text[found.end():]
    text = re.sub(r'\{(.*?)\*(\d+)\}', lambda m: m[1] * int(m[2]), text)
    return plain(text), ends


def agreed(wire, left):
    """Is WebSocket spoken from here on?"""
    wire.left = left
    wire.send(frame(PING, 'p'))
    return wire.frame() == (PONG, b'p')


def no_more(wire):
    """The end of what is sent; below TLS, whose own shutdown forgets TLS."""
    socket.socket.shutdown(wire.sock, socket.SHUT_WR)


def answer_to(place, text):
    """All that comes: the head's lines, and what is behind it."""
    data, ends = written_out(text)
    wire = DIAL[place]()
    try:
        wire.send(data)
        if ends:
            no_more(wire)
        wire.head()
    except (Closed, OSError):
        wire.close()
        return wire.lines, wire.left
    if wire.lines[0].startswith('HTTP/1.1 101'):
        rest = b'spoken' if agreed(wire, wire.left) else b'not spoken'
    else:
        rest = wire.rest()
    wire.close()
    return wire.lines, rest


def fault_of(place, text, wanted):
    """What is wrong with the answer; None: nothing."""
    status, *words = wanted.split(' ')
    lines, rest = answer_to(place, text)
    if status == 'none':
        return lines or rest or None
    if not lines or lines[0].split(' ')[1] != status:
        return lines[:1] or 'nothing'
    if status == '101':
        extended = any('Extensions' in line for line in lines)
        return lines if extended or rest != b'spoken' else None
    if 'Connection: close' not in lines and status != '426':
        return lines
    if STATUS.search(rest) or b'<' in rest or b'method=' in rest and (
            rest.count(b'method=') != 1):
        return rest
    missing = [word for word in words
               if word.encode() not in rest.split(b'\n')]
    return '%s in %r' % (missing, rest) if missing else None


def every_request_has_its_answer():
    chosen = [(place, *row[1:]) for row in rows for place in PLACES[row[0]]]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda row: fault_of(row[0], *row[2:]), chosen))
    wrong = ['%s: %s\n    sent   %s\n    wanted %s\n    came   %s' % (
        *row[:2], row[2][:200], row[3], str(each)[:300])
        for row, each in zip(chosen, found) if each]
    assert not wrong, '%d of %d\n%s' % (len(wrong), len(chosen),
                                        '\n'.join(wrong))


def who_sent_it_byte_by_byte_gets_the_same():
    chosen = [row for row in rows if 'loopback' in PLACES[row[0]]
              and len(row[2]) < 120][::7]
    for _, says, text, wanted in chosen:
        data, ends = written_out(text)
        wire = daemon.http()
        wire.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for byte in data:
                wire.send(bytes([byte]))
            if ends:
                no_more(wire)
        except OSError:
            pass  # it has its answer already
        came = wire.rest()
        wire.close()
        status = came[9:12].decode() if came else 'none'
        assert status == wanted.split(' ')[0], (says, text, came)
        assert len(STATUS.findall(came)) == (status != 'none'), (says, came)


def the_daemon_ends_well():
    assert daemon.owner().ask('well') == 'well'
    assert 'marker' not in daemon.said()
    daemon.stop()


assert len(rows) >= 200 and len({row[1] for row in rows}) > 190
ws.run([every_request_has_its_answer, who_sent_it_byte_by_byte_gets_the_same,
        the_daemon_ends_well])
