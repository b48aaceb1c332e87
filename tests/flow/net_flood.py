"""Floods harm the flooder: the door goes on answering, at little cost."""
import os
import select
import socket
import time

from ws import GUARD, Closed, Daemon, frame, run, upgrade


def still_open(daemon, socks):
    """How many of these connections did the vault leave open?"""
    owner = daemon.owner()
    for _ in range(20):
        owner.ask('turn')
    owner.close()
    ready = select.poll()
    for s in socks:
        ready.register(s, select.POLLIN)
    by_number = {s.fileno(): s for s in socks}
    closed = 0
    for number, _ in ready.poll(100):
        try:
            closed += by_number[number].recv(1) == b''
        except OSError:
            closed += 1
    return len(socks) - closed


def dial(place, source=None):
    return socket.create_connection(
        place, GUARD, source_address=(source, 0) if source else None)


def strangers_of_one_address_are_limited():
    daemon = Daemon('address=4', 'stop_ms=200')
    socks = [dial(daemon.tls_at) for _ in range(10)]
    assert still_open(daemon, socks) == 4
    socks[0].close()
    for s in socks:
        s.close()
    daemon.owner().ask('turn')
    assert daemon.client().ready().ask('hello') == 'hello'
    daemon.stop()


def a_neighbour_who_holds_all_places_of_an_address_shuts_nobody_out():
    """Eight that do nothing, of whatever step; a firm comes from there."""
    daemon = Daemon('address=8', 'step_ms=60000', 'stop_ms=200')
    for hold in (lambda: dial(daemon.tls_at),
                 lambda: daemon.tls().sock,
                 lambda: daemon.tls().open(host='127.0.0.1').sock):
        held = [hold() for _ in range(8)]
        assert still_open(daemon, held[1:]) == 7
        firm = daemon.client().ready()
        assert firm.ask('hello') == 'hello'
        assert still_open(daemon, held) < 8
        firm.close()
        for s in held:
            s.close()
    daemon.stop()


def the_oldest_of_an_address_goes_first():
    daemon = Daemon('address=4', 'step_ms=60000', 'stop_ms=200')
    other = dial(daemon.tls_at, '127.0.1.1')
    socks = [dial(daemon.tls_at) for _ in range(4)]
    assert still_open(daemon, socks) == 4
    socks += [dial(daemon.tls_at) for _ in range(2)]
    assert still_open(daemon, socks[:2]) == 0
    assert still_open(daemon, [other, *socks[2:]]) == 5
    for s in [other, *socks]:
        s.close()
    daemon.stop()


def who_is_known_is_no_stranger():
    daemon = Daemon('address=2', 'stop_ms=200')
    firms = [daemon.client().ready() for _ in range(5)]
    for one in firms:
        assert one.ask('hello') == 'hello'
        one.close()
    daemon.stop()


def the_oldest_stranger_makes_room_for_the_newest():
    daemon = Daemon('address=1000', 'handshaking=64', 'stop_ms=200')
    socks = [dial(daemon.tls_at) for _ in range(400)]
    newest = still_open(daemon, socks[-64:])
    assert newest == 64 == still_open(daemon, socks), newest
    for _ in range(5):
        firm = daemon.client().ready()
        assert firm.ask('hello') == 'hello'
        firm.close()
    for s in socks:
        s.close()
    daemon.stop()


def an_address_that_crowds_drives_out_itself():
    daemon = Daemon('address=30', 'handshaking=64', 'stop_ms=200')

    def some(count, last):
        return [dial(daemon.tls_at, '127.0.1.%d' % last)
                for _ in range(count)]

    first, crowd, late = some(1, 1), some(30, 2) + some(30, 3), some(40, 4)
    assert still_open(daemon, first) == 1
    assert still_open(daemon, late) >= 20
    assert still_open(daemon, first + crowd + late) == 64
    for s in first + crowd + late:
        s.close()
    daemon.stop()


def idle_requests_of_http_shut_nobody_out():
    daemon = Daemon('handshaking=20', 'step_ms=60000', 'stop_ms=200')
    idle = [dial(daemon.http_at) for _ in range(60)]
    for s in idle:
        try:
            s.send(b'POST /show HTTP/1.1\r\nHost: localhost\r\n')
        except OSError:
            pass  # it has made room already
    for _ in range(10):
        firm = daemon.client().ready()
        assert firm.ask('hello') == 'hello'
        firm.close()
        status = daemon.request(b'GET /ping HTTP/1.1\r\n'
                                b'Host: localhost\r\n\r\n')[0]
        assert status == 204
    for s in idle:
        s.close()
    daemon.stop()


def connections_are_limited_but_not_the_owners():
    daemon = Daemon('connections=10', 'stop_ms=200')
    owners = []
    try:
        while len(owners) < 100:
            owners.append(daemon.owner())
    except (Closed, OSError):
        pass
    assert len(owners) == 18, len(owners)
    assert daemon.http().rest() == b''
    owners.pop().close()
    owners[0].ask('turn')
    assert daemon.owner().ask('hello') == 'hello'
    daemon.stop()


def few_descriptors_shut_the_owner_out_no_more():
    daemon = Daemon('address=1000', 'step_ms=60000', 'stop_ms=200',
                    wrap=('prlimit', '--nofile=100:100'))
    idle = [dial(daemon.tls_at) for _ in range(50)]
    assert still_open(daemon, idle) == 10
    for s in idle:
        s.close()
    firms = []
    try:
        while len(firms) < 100:
            firms.append(daemon.client().ready())
    except (Closed, OSError):
        pass
    assert len(firms) == 36, len(firms)
    owners = [daemon.owner() for _ in range(8)]
    assert owners[-1].ask('hello') == 'hello'
    for one in firms + owners:
        one.close()
    said = daemon.stop()
    assert '36' in said and 'max_connections' in said, said


def half_open_connections_cost_no_time():
    """Many that send nothing, half a hello, half a head."""
    daemon = Daemon('address=1000', 'handshaking=800', 'step_ms=60000',
                    'stop_ms=200')
    owner = daemon.owner()
    socks = []
    for i in range(150):
        for s, said in [
                (dial(daemon.tls_at), b'\x16\x03\x01\x02\x00\x01'[:i % 7]),
                (dial(daemon.http_at), b'POST /show HTTP/1.1\r\nHo'[:i % 24]),
                (daemon.unix().sock, upgrade()[:i])]:
            socks.append(s)
            try:
                s.send(said)
            except OSError:
                pass  # it has made room already
    assert still_open(daemon, socks) > 300
    cpu, wall = daemon.cpu(), time.monotonic()
    for _ in range(20):
        time.sleep(0.1)
        assert owner.ask('hello') == 'hello'
    share = (daemon.cpu() - cpu) / (time.monotonic() - wall)
    print('    %d half open: %.1f %% of a processor' % (len(socks),
                                                         100 * share))
    assert share < 0.2, share
    for s in socks:
        s.close()
    daemon.stop()


def half_open_connections_go():
    daemon = Daemon('address=1000', 'handshaking=800', 'step_ms=300')
    socks = [dial(daemon.tls_at) for _ in range(100)]
    socks += [dial(daemon.http_at) for _ in range(100)]
    for s in socks:
        try:
            s.settimeout(GUARD)
            assert s.recv(1) == b''
        except ConnectionResetError:
            pass
        s.close()
    daemon.stop()


def a_storm_of_connections_is_outlived():
    daemon = Daemon('step_ms=500', 'stop_ms=200')
    owner = daemon.owner()
    for round in range(20):
        socks = []
        for i in range(60):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(daemon.tls_at)
            socks.append(s)
        for s in socks:
            try:
                s.send(b'\x16\x03\x01' + b'\xff' * 200)
            except OSError:
                pass
        for s in socks:
            s.close()
        assert owner.ask('hello') == 'hello'
    refused = 0
    while refused < 50:
        try:
            status = daemon.request(b'GET /ping HTTP/1.1\r\n'
                                    b'Host: localhost\r\n\r\n')[0]
            assert status == 204
            break
        except Closed:
            refused += 1
    daemon.stop()


def one_that_writes_and_never_reads_costs_no_time():
    """Bytes wait on both ways: nothing may spin."""
    daemon = Daemon('stall_ms=60000', 'stop_ms=200')
    owner = daemon.owner()
    stuck = []
    for _ in range(8):
        wire = daemon.owner()
        for _ in range(3):
            wire.text('big 1000000')
        wire.sock.setblocking(False)
        try:
            while True:
                wire.sock.send(frame(1, 'x' * 1000))
        except BlockingIOError:
            pass
        stuck.append(wire)
    owner.ask('turn')
    cpu, wall = daemon.cpu(), time.monotonic()
    for _ in range(20):
        time.sleep(0.1)
        assert owner.ask('hello') == 'hello'
    share = (daemon.cpu() - cpu) / (time.monotonic() - wall)
    print('    %d stuck: %.1f %% of a processor' % (len(stuck), 100 * share))
    assert share < 0.2, share
    daemon.stop()


def an_idle_connection_holds_little():
    """At most 28 KiB."""
    daemon = Daemon('address=1000', 'handshaking=1000', 'step_ms=600000',
                    'stop_ms=200')
    with open('/proc/%d/status' % daemon.process.pid) as file:
        size = dict(line.split(':', 1) for line in file)['VmSize']
    idle = [daemon.tls().open(host='127.0.0.1') for _ in range(20)]

    def resident():
        with open('/proc/%d/statm' % daemon.process.pid) as file:
            return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')

    before, count = resident(), 0
    while count < 150:
        idle.append(daemon.tls().open(host='127.0.0.1'))
        count += 1
    each = (resident() - before) / count
    print('    %.1f KiB each' % (each / 1024))
    if int(size.split()[0]) < 1 << 30:  # not under a sanitiser
        assert each <= 28 * 1024, each
    for wire in idle:
        wire.close()
    daemon.stop()


def strangers_are_summed_up():
    daemon = Daemon('address=4', 'handshaking=6', 'connections=20',
                    'minute_ms=50', 'step_ms=60000', 'stop_ms=200')
    owner = daemon.owner()
    assert owner.ask('lock 1') == 'locked'
    socks = [dial(daemon.tls_at) for _ in range(9)]
    socks += [dial(daemon.tls_at, '127.0.1.1') for _ in range(4)]
    assert still_open(daemon, socks) == 6
    for _ in range(3):
        assert daemon.request(b'GET / HTTP/2.0\r\n\r\n')[0] == 505
    assert eval(owner.ask('strangers')) == {
        'full': 0, 'crowded': 0, 'address': 0, 'refused': 0}
    assert owner.ask('lock 0') == 'unlocked'
    while eval(owner.ask('strangers')) != {
            'full': 0, 'crowded': 2, 'address': 5, 'refused': 3}:
        pass
    for s in socks:
        s.close()
    daemon.stop()


run([v for v in list(globals().values())
     if callable(v) and getattr(v, '__module__', '') == '__main__' and
     v not in (still_open, dial)])
