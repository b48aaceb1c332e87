"""The whole daemon from outside: rows by the owner, and firms through TLS,
with consent, and with an entry of the log for what they get."""
import contextlib
import os
import subprocess

import influx
from tools import Echo, Must, with_us
from vault import Vault

CONFIG = '''max_connections: 8192
max_handshaking: 8192
max_per_address: 8192
firm_hourly: 1024GiB
firm_chunks: 1048576
'''
SUBSCRIBED = 128  # DOOR_STREAMS of door.h, each of push/ and flow/
APART = 50  # DOOR_APART
FIRM_LINES = 4  # connections of a firm
CLIENTS, THREADS = 32, 8
IDLE = (1000, 4000)  # 1,024 firms of 4 connections are all there can be
SCAN_ROWS = 5000  # of a batch that fills the stream that is read
SCAN_MOST = 1000000  # that are read
HOUR_FROM = 20000 * 86400 + 3600  # METER_BEGIN and an hour
DELAY = 2  # measurements long, as the 99th of hundred wants many


class Sizes:
    """How many of what."""

    def __init__(self, quick):
        self.asking = CLIENTS if quick else 256
        self.granted = self.asking + APART
        self.idle = (40,) if quick else IDLE
        self.firms = max(self.granted, max(self.idle) // FIRM_LINES)
        self.fill_ms = 20 if quick else 300


class Door:
    """A vault with firms that have grants, and what it stands against."""

    def __init__(self, tools, table, vault, sizes, peer=None):
        self.tools, self.table, self.vault = tools, table, vault
        self.sizes, self.peer = sizes, peer
        self.house = os.path.join(tools.scratch, 'house')
        os.mkdir(self.house)
        self.make_streams()
        tools.run('bench_settle', vault.socket, self.place(), self.house,
                  sizes.firms, sizes.granted, more=sizes.firms / 10)

    @contextlib.contextmanager
    def owner(self):
        """A session for a while: one that says nothing is closed."""
        owner = self.vault.owner()
        try:
            yield owner
        finally:
            owner.close()

    def place(self):
        with self.owner() as owner:
            status = owner.call('vault.status')
        return '%s@%s' % (status['vault'].partition('@')[0], status['listen'])

    def note_place(self):
        """A vault that was restarted has another port."""
        path = os.path.join(self.house, 'house')
        with open(path) as file:
            rest = file.readlines()[1:]
        with open(path, 'w') as file:
            file.writelines([self.place() + '\n', *rest])

    def make_streams(self):
        """scan/00 is read, push/ and flow/ are told as they come; of the
        pipeline the same rows."""
        with self.owner() as owner:
            owner.create('scan/00', 'device.state')
            for i in range(SUBSCRIBED):
                owner.create('push/%03d' % i, 'device.usage', value='text')
                owner.create('flow/%03d' % i, 'device.usage')
        self.tools.run('bench_load', self.vault.socket, 'blocks', 1, 8,
                       self.sizes.fill_ms, SCAN_ROWS, 'scan')
        with self.owner() as owner:
            there = owner.call('stream.show', name='scan/00')
        self.rows = min(there['stream']['samples'], SCAN_MOST)
        for name, rows in (('scan', self.rows), ('hour', 3600)):
            self.limit(name, 'fill', rows)
        if self.peer is not None:
            self.fill_peer()

    def fill_peer(self):
        """The same rows, or as many of them as go in meanwhile."""
        self.peer.writes(1, SCAN_ROWS, 'scan', 4 * self.tools.ms)
        self.peer_rows = min(self.rows, self.peer.count('scan'))

    def limit(self, name, *args):
        folder = os.path.join(self.tools.scratch, 'pipeline.' + name)
        os.makedirs(folder, exist_ok=True)
        return self.tools.run('bench_limit', folder, *args)

    def ask(self, verb, *args, more=0):
        return self.tools.run('bench_door', self.house, verb, *args, more=more)

    def bare(self, verb, *args):
        with Echo(self.tools, tls=True) as echo:
            return self.tools.run('bench_door', echo.port, verb, *args)

    def sides(self, number, own, bare):
        """What both give; they take turns at coming first."""
        if number % 2 == 0:
            got = own()
            return got, bare()
        limit = bare()
        return own(), limit

    # ---- rows that come in, by the owner ----

    def append(self, number, name, kind, batch, connections):
        """Batches of so many rows, each connection's of a new stream."""
        ms, prefix = self.tools.ms, 'in/%d/%s' % (number, name)
        with self.owner() as owner:
            for i in range(connections):
                owner.create('%s/%02d' % (prefix, i), 'energy.electricity')
        own, bare = self.sides(
            number,
            lambda: batch * self.tools.answers(
                self.vault.socket, kind, connections, 1, batch, prefix),
            lambda: self.limit('in', 'append', batch, connections,
                               ms)['rows'])
        self.table.add('door.append.' + name, own, 'rows/s', 'pipeline', bare)
        peer = self.beside(
            'append.' + name, own, 'rows/s', lambda: self.peer.writes(
                connections, batch, '%d.%s' % (number, name)))
        if peer is not None:
            self.table.add('door.append.%s.pipeline' % name, bare, 'rows/s',
                           'influx', peer)

    def beside(self, name, own, unit, ask):
        """The same figure beside InfluxDB's, which is returned, where there is
        one."""
        if self.peer is None:
            return None
        peer = ask()
        self.table.add('door.%s.influx' % name, own, unit, 'influx', peer)
        return peer

    def appends(self, number):
        for name, *how in (('1x32', 'append', 1, 32),
                           ('100x1', 'json', 100, 1),
                           ('100x4', 'json', 100, 4),
                           ('5000x4.json', 'json', 5000, 4),
                           ('5000x4.blocks', 'blocks', 5000, 4)):
            self.append(number, name, *how)

    # ---- rows that go out ----

    def scans(self, number):
        ms, add = self.tools.ms, self.table.add
        for form, verb in (('json', 'send'), ('blocks', 'scan')):
            own, bare = self.sides(
                number,
                lambda: self.ask('scan', ms, form, self.rows)['rows'],
                lambda: self.limit('scan', verb, ms)['rows'])
            add('door.scan.' + form, own, 'rows/s', 'pipeline', bare)
            self.beside('scan.' + form, own, 'rows/s',
                        lambda: self.peer_rows * self.peer.queries(
                            'SELECT value FROM scan LIMIT %d'
                            % self.peer_rows))
            own, bare = self.sides(
                number, lambda: self.ask('hour', ms, form)['answers'],
                lambda: self.limit('hour', verb, ms)['rows'] / 3600)
            add('door.hour.' + form, own, '1/s', 'pipeline', bare)
            self.beside('hour.' + form, own, '1/s', lambda: self.peer.queries(
                'SELECT value FROM scan WHERE time >= %ds AND time < %ds'
                % (HOUR_FROM, HOUR_FROM + 3600)))

    def must(self, verb, *args):
        with Must(self.tools) as must:
            return self.tools.run('bench_door', must.port, verb, *args)

    def latest(self, number):
        """Of the three each comes first, second and third in turn."""
        add, ask = self.table.add, [self.ask, self.must, self.bare]
        got = [0, 0, 0]
        for i in range(3):
            side = (number + i) % 3
            got[side] = ask[side]('latest', self.tools.ms, CLIENTS,
                                  self.sizes.asking)['answers']
        own, must, bare = got
        add('door.latest.%d' % CLIENTS, own, '1/s', 'lws', bare)
        add('door.must.%d' % CLIENTS, must, '1/s', 'lws', bare)
        add('door.latest.%d.must' % CLIENTS, own, '1/s', 'must', must)

    def pushes(self, number):
        ms, add, socket = self.tools.ms, self.table.add, self.vault.socket
        own, bare = self.sides(number, *[
            lambda ask=ask: ask('push', ms, socket)['frames']
            for ask in (self.ask, self.bare)])
        add('door.push.%d' % CLIENTS, own, '1/s', 'lws', bare)
        add('door.flow.%d' % CLIENTS, self.ask('flow', ms, socket)['rows'],
            'rows/s', 'push', own)

    def delay(self, number):
        """From durable to delivered, beside one commit."""
        ms = self.tools.ms * DELAY
        own, bare = self.sides(
            number,
            lambda: self.ask('delay', ms, self.vault.socket,
                             more=ms / 1000),
            lambda: self.tools.lmdb(1)['p50'])
        for which in ('p50', 'p99'):
            self.table.add('door.delay.' + which, own[which], 'us', 'commit',
                           bare)

    def handshakes(self, number):
        own, bare = self.sides(number, *[
            lambda ask=ask: ask('handshakes', self.tools.ms,
                                THREADS)['handshakes']
            for ask in (self.ask, self.bare)])
        self.table.add('door.handshakes', own, '1/s', 'tls', bare)

    def round(self, number):
        """What firms ask often is apart, as each may ask 10 times a second
        only."""
        self.latest(number)
        self.appends(number)
        self.scans(number)
        self.pushes(number)
        self.delay(number)
        self.handshakes(number)

    # ---- memory ----

    def idle(self, count):
        """Private bytes a connection: of a vault that has just started, and of
        a bare server."""
        self.vault.stop()
        self.vault.start('--config', self.vault.path('config'),
                         wrap=with_us())
        self.note_place()
        try:
            own = self.hold(self.house, self.vault.process.pid, count)
            with Echo(self.tools, tls=True) as echo:
                bare = self.hold(echo.port, echo.process.pid, count)
        except RuntimeError as error:
            print('# door.idle.%d: %s' % (count, error))
            return
        self.table.add('door.idle.%d' % count, own, 'B', 'lws', bare)

    def hold(self, where, pid, count):
        """What one of so many connections costs, once they are all there."""
        before = private(pid)
        held = subprocess.Popen(
            [*with_us(), self.tools.path('bench_door'), str(where), 'idle',
             str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with held:
            if held.stdout.readline() != b'ready\n':
                raise RuntimeError('they were not all there within 90 s')
            return (private(pid) - before) / count


def private(pid):
    """Private bytes of a process."""
    with open('/proc/%d/status' % pid) as file:
        for line in file:
            if line.startswith('RssAnon:'):
                return int(line.split()[1]) * 1024
    raise RuntimeError('no RssAnon')


def measure(tools, table, options, vault):
    """All rounds; vault is one that is not made yet."""
    vault.init()
    vault.write('config', CONFIG)
    vault.start('--config', vault.path('config'), wrap=with_us())
    with contextlib.ExitStack() as stack:
        peer = None
        if influx.program() is None:
            print('# door: influxd is not installed (package influxdb), so '
                  'there is no InfluxDB')
        else:
            peer = stack.enter_context(influx.Influx(tools))
        door = Door(tools, table, vault, Sizes(options.quick), peer)
        for number in range(options.rounds):
            door.round(number)
    table.print()
    for count in door.sizes.idle:
        door.idle(count)
    table.print()
    vault.stop()
