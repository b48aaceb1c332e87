"""HTTP at the door: one request a connection, bodies, answers, deadlines.  What
single requests lead to is in net_requests.py."""
import socket

from ws import Closed, Daemon, run

daemon = Daemon('origins=1', 'stop_ms=200')


def head(line='POST /show HTTP/1.1', host='localhost', length='0', extra=''):
    fields = [line]
    if host is not None:
        fields.append('Host: ' + host)
    if length is not None:
        fields.append('Content-Length: ' + length)
    return '\r\n'.join(fields) + '\r\n' + extra + '\r\n'


def status_of(text):
    return daemon.request(text)[0]


def a_request_is_handed_over_whole():
    status, fields, body = daemon.request(
        head('POST /show?db=x&u=y HTTP/1.1', 'localhost:8086', '4',
             'Authorization: Token abc\r\nContent-Type: text/plain\r\n'
             'Content-Encoding: gzip\r\n') + '1234')
    assert status == 200, status
    assert fields['Connection'] == 'close' and fields['Cache-Control']
    assert body.decode().split('\n')[:7] == [
        'method=POST', 'path=/show', 'query=db=x&u=y',
        'authorization=Token abc', 'type=text/plain', 'encoding=gzip',
        'bytes=4'], body


def what_has_no_body_says_so():
    assert daemon.request(head('GET /ping HTTP/1.1', length=None)) == (
        204, {'Connection': 'close', 'Cache-Control': 'no-store',
              'X-Content-Type-Options': 'nosniff'}, b'')
    status, fields, body = daemon.request(head('HEAD /show HTTP/1.1',
                                               length=None))
    assert status == 200 and int(fields['Content-Length']) > 0 and body == b''


def a_source_without_token_is_challenged():
    status, fields, _ = daemon.request(head('POST /login HTTP/1.1'))
    assert status == 401
    assert fields['WWW-Authenticate'] == 'Basic realm="vault"'


def who_has_to_wait_is_told_how_long():
    status, fields, _ = daemon.request(head('POST /busy HTTP/1.1'))
    assert status == 503 and fields['Retry-After'] == '7'


def its_own_answers_hold_no_markup():
    _, fields, body = daemon.request(head(length=None))
    assert fields['Content-Type'] == 'application/json'
    assert b'<' not in body and body.startswith(b'{"code":"invalid"')


def a_second_request_is_not_looked_at():
    one = head('POST /show HTTP/1.1', length='3') + 'abc'
    status, _, body = daemon.request(one + one)
    assert status == 200 and body.count(b'method=') == 1
    status, _, body = daemon.request(head('GET /show HTTP/1.1', length=None) *
                                     20)
    assert status == 200 and body.count(b'method=') == 1
    before = daemon.cpu()
    daemon.request(one * 100)
    assert daemon.cpu() - before < 0.5


def a_body_may_come_byte_by_byte():
    wire = daemon.http()
    for byte in (head(length='3') + 'abc').encode():
        wire.send(bytes([byte]))
    status, _, body = wire.answer()
    assert status == 200 and b'bytes=3' in body


def a_large_body_is_taken_whole():
    size = 1 << 20
    status, _, body = daemon.request(
        head(length=str(size)).encode() + b'x' * size)
    assert status == 200 and b'bytes=%d' % size in body


def who_expects_to_go_on_is_told():
    wire = daemon.http()
    wire.send(head(length='2', extra='Expect: 100-continue\r\n').encode())
    assert wire.head() == (100, {})
    wire.send(b'ab')
    status, _, body = wire.answer()
    assert status == 200 and b'bytes=2' in body


def a_refusal_is_read_even_while_the_body_is_sent():
    wire = daemon.http()
    wire.send(head(length=str(5 << 20)).encode() + b'x' * 300000)
    assert wire.answer()[0] == 413


def an_answer_may_come_later():
    owner = daemon.owner()
    waits = [daemon.http() for _ in range(5)]
    for wire in waits:
        wire.send(head('GET /wait HTTP/1.1', length=None).encode())
    gone = daemon.http()
    gone.send(head('GET /wait HTTP/1.1', length=None).encode())
    assert status_of(head()) == 200
    gone.close()
    assert status_of(head()) == 200
    assert owner.ask('wake') == 'woken'
    for wire in waits:
        status, _, body = wire.answer()
        assert status == 200 and body == b'waited'


def half_a_head_then_silence_is_cut():
    short = Daemon('step_ms=300', 'body_ms=300')
    for text in ['', 'POST /show HTT', head(length='10') + 'abc']:
        wire = short.http()
        wire.send(text.encode())
        assert wire.rest() == b''
    slow = short.http()
    try:
        for byte in (head(length='1000') + 'x' * 1000).encode():
            slow.send(bytes([byte]))
            slow.sock.settimeout(0.01)
            try:
                slow.more()
            except socket.timeout:
                pass
        assert False, 'a trickle is served for ever'
    except (Closed, BrokenPipeError, ConnectionResetError):
        pass
    short.stop()


def nothing_of_a_token_is_logged():
    daemon.request(head('POST /show?u=marker1 HTTP/1.1',
                        extra='Authorization: Token marker2\r\n'))
    assert 'marker' not in daemon.said()


def the_daemon_ends_well():
    daemon.stop()


run([v for v in list(globals().values())
     if callable(v) and getattr(v, '__module__', '') == '__main__' and
     v not in (head, status_of)])
