"""TLS and the handshake at the door."""
import ssl
import time

from ws import (BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Closed, Daemon,
                Firm, frame, run, upgrade)

daemon = Daemon('handshaking=1024', 'address=1024', 'stop_ms=200')
owner = daemon.owner()
vault = owner.ask('vault')
REFUSAL = '0401' + '00' * 136
HERE = '127.0.0.1'


def stranger():
    return daemon.tls().open(host=HERE)


def firm(seed, *options):
    return Firm(daemon, vault, seed, *options)


def only_tls_1_3_is_spoken():
    wire = daemon.tls()
    assert wire.sock.version() == 'TLSv1.3'
    wire.close()
    try:
        daemon.tls(version=ssl.TLSVersion.TLSv1_2)
        assert False, 'TLS 1.2 is spoken'
    except ssl.SSLError as e:
        assert 'PROTOCOL_VERSION' in str(e), e


def nothing_is_served_in_the_clear():
    wire = daemon.plain_tls_port()
    wire.send(b'GET /show HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    assert b'HTTP' not in wire.rest()


def http_2_is_not_agreed_on():
    assert daemon.tls(alpn=['h2']).sock.selected_alpn_protocol() is None
    wire = daemon.tls(alpn=['h2', 'http/1.1'])
    assert wire.sock.selected_alpn_protocol() == 'http/1.1'
    wire.send(b'GET /ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    assert wire.answer()[0] == 204
    wire = daemon.tls()
    wire.send(b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    assert wire.answer()[0] == 400


def no_ticket_is_given():
    wire = daemon.tls()
    wire.send(b'GET /show HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    wire.answer()
    assert not wire.sock.session_reused
    assert wire.sock.session is None or not wire.sock.session.has_ticket


def the_certificate_names_this_machine():
    pem = ssl.get_server_certificate(daemon.tls_at)
    import socket
    for name in ['localhost', '127.0.0.1', '::1', 'vault.example']:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=pem)
        raw = socket.create_connection(daemon.tls_at)
        context.wrap_socket(raw, server_hostname=name).close()


def another_name_in_sni_changes_nothing():
    import socket
    for name in ['plain', 'inner', 'secure', 'evil.example']:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        raw = socket.create_connection(daemon.tls_at)
        sock = context.wrap_socket(raw, server_hostname=name)
        assert sock.version() == 'TLSv1.3'
        sock.sendall(b'GET /ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
        assert sock.recv(100).startswith(b'HTTP/1.1 204')
        sock.close()


def sources_may_post_over_tls():
    wire = daemon.tls()
    wire.send(b'POST /show HTTP/1.1\r\nHost: 127.0.0.1\r\n'
              b'Content-Length: 40000\r\n\r\n' + b'x' * 40000)
    status, _, body = wire.answer()
    assert status == 200 and b'bytes=40000' in body


def a_known_firm_is_ready():
    one = firm('11').ready()
    assert one.ask('hello') == 'hello'
    assert one.ask('x' * 200000) == 'x' * 200000
    size = 1 << 20
    one.text('big %d' % size)
    assert one.frame() == (TEXT, b'x' * size)
    one.close()


def every_role_has_its_way():
    for role in ['role=1', 'role=2', 'role=3']:
        one = firm('11', role).ready()
        assert one.ask(role) == role
        one.close()


def who_waits_for_the_owner_is_told_and_closed():
    one = firm('22')
    assert one.line()[0] == 'm2'
    name, m4 = one.line()
    assert name == 'm4' and m4.startswith('0402')
    assert one.closing()[0] == 1000
    one.close()


def every_refusal_is_the_same():
    for seed, how in [('44', []), ('44', ['role=2']), ('44', ['role=3'])]:
        one = firm(seed, *how)
        assert one.line()[0] == 'm2'
        assert one.line() == ('m4', REFUSAL)
        assert one.closing() == (1008, '')
        one.close()


def another_vaults_id_gets_no_challenge():
    one = Firm(daemon, '00' * 32, '11')
    assert one.rest() == b''
    one.close()


def what_is_out_of_turn_closes():
    for first in [frame(TEXT, 'hello'), frame(BINARY, b''),
                  frame(BINARY, b'\x03' + bytes(102)),
                  frame(BINARY, bytes(67)),
                  frame(BINARY, bytes(615)),
                  frame(BINARY, bytes(616)),
                  frame(BINARY, b'x', fin=False) + frame(CONTINUATION, b'y')]:
        wire = stranger()
        wire.send(first)
        assert wire.closing()[0] == 1008, first
        wire.close()
    one = firm('11', 'only=hello')
    assert one.line()[0] == 'm2'
    one.text('not yet')
    assert one.closing()[0] == 1008
    one.close()


def a_stranger_may_ping_but_not_for_long():
    patient = Daemon('step_ms=600000', 'stop_ms=200')
    wire = patient.tls().open(host=HERE)
    wire.send(frame(PING, 'x'))
    assert wire.frame() == (PONG, b'x')
    try:
        for _ in range(200):
            wire.send(frame(PING, 'x' * 125))
        while True:
            wire.frame()
    except (Closed, OSError) as e:
        assert 'timed out' not in str(e)
    patient.stop()


def an_upgrade_over_tls_obeys_the_rules():
    for how, wanted in [({'host': HERE, 'protocol': None}, 400),
                        ({'host': 'evil.example'}, 403),
                        ({'host': HERE, 'extra': 'Upgrade: h2c\r\n'}, 400),
                        ({'host': HERE, 'version': '12'}, 426)]:
        wire = daemon.tls()
        wire.send(upgrade(**how))
        assert wire.answer()[0] == wanted, how


def while_locked_no_handshake_begins():
    assert owner.ask('lock 1') == 'locked'
    wire = daemon.tls()
    wire.send(upgrade(host=HERE))
    status, fields, _ = wire.answer()
    assert status == 503 and int(fields['Retry-After']) > 0
    assert daemon.request('POST /show HTTP/1.1\r\nHost: localhost\r\n'
                          'Content-Length: 0\r\n\r\n')[0] == 200
    assert owner.ask('still here') == 'still here'
    assert owner.ask('lock 0') == 'unlocked'
    wire = daemon.tls()
    wire.send(upgrade(host=HERE))
    assert wire.head()[0] == 101


def a_lock_in_the_middle_ends_the_handshake():
    wire = stranger()
    assert owner.ask('lock 1') == 'locked'
    wire.send(frame(BINARY, b'\x01\x01\x01' + bytes.fromhex(vault) +
                    bytes(32)))
    assert wire.rest() == b''
    assert owner.ask('lock 0') == 'unlocked'


def a_wrong_signature_is_refused_and_makes_wait():
    """Last: every further AUTH from this address has to wait.  Each wrong one
    doubles the wait, so that even a slow machine sees it."""
    cut = False
    for _ in range(6):
        one = firm('11', 'break=50')  # in the signature
        assert one.line()[0] == 'm2'
        assert one.line() == ('m4', REFUSAL)
        assert one.closing() == (1008, '')
        one.close()
        hasty = firm('11')
        assert hasty.line()[0] == 'm2'
        try:
            hasty.line()
        except Closed:
            cut = True
            break
        finally:
            hasty.close()
    assert cut
    until = time.monotonic() + 60
    while time.monotonic() < until:
        again = firm('11')
        try:
            again.ready()
            again.close()
            return
        except Closed:
            again.close()
    assert False, 'the wait has no end'


def every_step_has_its_deadline():
    short = Daemon('step_ms=300', 'stop_ms=200')
    assert short.plain_tls_port().rest() == b''
    assert short.tls().rest() == b''
    assert short.tls().open(host=HERE).rest() == b''
    half = short.tls().open(host=HERE)
    half.send(frame(BINARY, b'\x01')[:4])
    assert half.rest() == b''
    one = short.client('11', 'only=hello')
    assert one.line()[0] == 'm2'
    assert one.rest() == b''
    one.close()
    short.stop()


def all_messages_of_the_handshake_share_one_deadline():
    step = 3.0
    short = Daemon('step_ms=%d' % (1000 * step), 'stop_ms=200')
    wire = short.tls()
    began = time.monotonic()
    wire.open(host=HERE)
    vault = bytes.fromhex(short.owner().ask('vault'))
    time.sleep(0.6 * step)
    wire.send(frame(BINARY, b'\x01\x01\x01' + vault + bytes(32)))
    opcode, challenge = wire.frame()
    assert opcode == BINARY and challenge[0] == 2
    assert wire.rest() == b''
    took = time.monotonic() - began
    assert 0.9 * step < took < 1.45 * step, took
    short.stop()


def the_daemon_ends_well():
    daemon.stop()


run([v for v in list(globals().values())
     if callable(v) and getattr(v, '__module__', '') == '__main__' and
     v not in (stranger, firm)])
