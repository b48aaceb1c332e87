"""A vault by itself, without daemon and network, beside the limits of what it
is made of: bench_store and bench_limit."""
import contextlib
import os
import shutil

import influx

ONE = 'store.append.1'  # figures that several rows stand against
WIDE, BATCH = 1000, (1000, 5000)
SHARE = 2 / 3  # of a measurement, as there are many
WHOLE_MS = 500  # of a measurement: a shorter one fills no segment of tails
SEGMENTS = 8  # of tails: so many short chunks of a lane are merged
SEGMENTS_S = 240  # to fill them, at the very most
SLICE = 0.4  # of that, for what repeats within milliseconds
FILL_RATE = 100000  # rows a second, at the very least
QUERIES = ('mean', 'odd', 'filter', 'raw')
PEER_MOST = 30 * 10**6  # rows that the peer is given, as it takes its time
PEER_BATCH = 5000
BEGIN = 20000 * 86400  # METER_BEGIN
# The same questions to InfluxDB: ODD and threshold are store_ask.c's.
PEER_QUERIES = {
    'mean': 'SELECT MEAN(value) FROM "{0}" WHERE {1} GROUP BY time(1h) '
            'FILL(none)',
    'odd': 'SELECT MEAN(value) FROM "{0}" WHERE {1} GROUP BY time(1h, 1033s) '
           'FILL(none)',
    'filter': 'SELECT MEAN(value) FROM "{0}" WHERE {1} AND value > 100 '
              'GROUP BY time(1h) FILL(none)',
}


def short(rows):
    """3M, 400k."""
    for unit, size in (('M', 10**6), ('k', 1000)):
        if rows % size == 0:
            return '%d%s' % (rows // size, unit)
    return str(rows)


class Store:
    """Folders of several vaults and pipelines, each with what the rounds
    before left in it."""

    def __init__(self, tools, table, number, peer=None):
        self.tools, self.table, self.number = tools, table, number
        self.peer = peer
        self.ms = max(1, int(tools.ms * SHARE))

    def folder(self, name):
        path = os.path.join(self.tools.scratch, 'store.' + name)
        os.makedirs(path, exist_ok=True)
        return path

    def vault(self, name, *args, more=0):
        return self.tools.run('bench_store', self.folder(name), *args,
                              more=more)

    def limit(self, name, *args, more=0):
        return self.tools.run('bench_limit', self.folder('limit.' + name),
                              *args, more=more)

    def sides(self, *sides):
        """What each gives; they take turns at coming first."""
        order = list(range(len(sides)))
        got = {i: sides[i]()
               for i in (order if self.number % 2 == 0 else reversed(order))}
        return [got[i] for i in order]

    def appends(self):
        """Each batch is durable before the next is made."""
        ms, add = self.ms, self.table.add
        one, commits = self.sides(
            lambda: self.vault('one', 'append', 1, 1, ms)['rows'],
            lambda: self.tools.commits(1, ms))
        add(ONE, one, 'rows/s', 'lmdb', commits)
        for batch in BATCH:
            own, bare = self.sides(
                lambda: self.vault('one', 'append', batch, 1, ms)['rows'],
                lambda: self.limit('one', 'append', batch, 1, ms)['rows'])
            add('store.append.%d' % batch, own, 'rows/s', 'pipeline', bare)
        rounds = (('segments', 1, WIDE, SEGMENTS)
                  if self.tools.ms >= WHOLE_MS else ('append', 1, WIDE, ms))
        wide, bare, same = self.sides(
            lambda: self.vault('wide', *rounds, more=SEGMENTS_S)['rows'],
            lambda: self.limit('wide', 'append', 1, WIDE, ms)['rows'],
            lambda: self.vault('same', 'append', WIDE, 1, ms)['rows'])
        add('store.append.1x%d' % WIDE, wide, 'rows/s', 'pipeline', bare)
        add('store.append.1x%d.same' % WIDE, wide, 'rows/s', 'one.stream',
            same)

    def fill(self, rows):
        """Until the vault and the pipeline have so many rows: the first
        round's work, and bytes a row."""
        name, more = short(rows), rows / FILL_RATE
        own, bare = self.sides(
            lambda: self.vault(name, 'fill', rows, more=more),
            lambda: self.limit(name, 'fill', rows, more=more))
        self.table.add('store.fill.' + name, own['rows'], 'rows/s', 'chunks',
                       bare['rows'])
        self.table.add('store.bytes.' + name, own['bytes'] / rows, 'B',
                       'chunks', bare['bytes'] / rows)
        if self.has_peer(rows):
            self.table.add('store.fill.%s.influx' % name, own['rows'],
                           'rows/s', 'influx',
                           self.peer.fill(rows, PEER_BATCH, name))

    def has_peer(self, rows):
        return self.peer is not None and rows <= PEER_MOST

    def beside_peer(self, rows, ms):
        """Both sides of a question in one turn: here it is asked in this
        process, there over HTTP."""
        name = short(rows)
        span = 'time >= %ds AND time < %ds'
        whole = span % (BEGIN, BEGIN + rows)
        middle = BEGIN + rows // 7200 * 3600
        for query, text in PEER_QUERIES.items():
            own, theirs = self.sides(
                lambda query=query: self.vault(name, query, ms)['rows'],
                lambda text=text: rows * self.peer.queries(
                    text.format(name, whole), ms))
            self.table.add('store.%s.%s.influx' % (query, name), own, 'rows/s',
                           'influx', theirs)
        hour = 'SELECT value FROM "%s" WHERE %s' % (
            name, span % (middle, middle + 3600))
        own, theirs = self.sides(
            lambda: self.vault(name, 'hour', ms)['answers'],
            lambda: self.peer.queries(hour, ms))
        self.table.add('store.hour.%s.influx' % name, own, '1/s', 'influx',
                       theirs)

    def hour(self, rows, smallest, ms):
        """One hour of the smallest vault and of this one: what grows?"""
        name, first = short(rows), short(smallest)
        if rows == smallest:
            self.table.add('store.hour.' + name,
                           self.vault(name, 'hour', ms)['answers'], '1/s')
            return
        own, bare = self.sides(
            lambda: self.vault(name, 'hour', ms)['answers'],
            lambda: self.vault(first, 'hour', ms)['answers'])
        self.table.add('store.hour.' + name, own, '1/s', first, bare)

    def queries(self, rows, smallest):
        name, add = short(rows), self.table.add
        ms = max(1, int(self.ms * SLICE))
        rates = self.sides(
            lambda: self.limit(name, 'mean', ms)['rows'],
            *[lambda query=query: self.vault(name, query, ms)['rows']
              for query in QUERIES])
        bare, own = rates[0], dict(zip(QUERIES, rates[1:]))
        for query in QUERIES:
            add('store.%s.%s' % (query, name), own[query], 'rows/s',
                'pipeline', bare)
        add('store.mean.odd.' + name, own['mean'], 'rows/s', 'odd',
            own['odd'])
        self.hour(rows, smallest, ms)
        if self.has_peer(rows):
            self.beside_peer(rows, ms)
        start, bare = self.sides(
            lambda: self.vault(name, 'start', ms)['us'],
            lambda: self.tools.run('bench_limit', os.path.join(
                self.folder(name), 'vault'), 'open', ms)['us'])
        add('store.start.' + name, start, 'us', 'bare', bare)
        add('store.memory.' + name, self.vault(name, 'memory')['bytes'], 'B')
        self.busy(rows)

    def busy(self, rows):
        """Answers while rows come: what do they cost the rows?"""
        name, add = short(rows), self.table.add
        busy, alone = self.sides(
            lambda: self.vault(name, 'busy', self.ms),
            lambda: self.vault(name, 'append', 5000, 1, self.ms)['rows'])
        add('store.busy.rows.' + name, busy['rows'], 'rows/s', 'alone', alone)
        add('store.busy.answers.' + name, busy['answers'], '1/s')
        add('store.busy.memory.' + name, busy['bytes'], 'B')


def measure(tools, table, options):
    """All rounds, in folders that are gone afterwards."""
    sizes = sorted(options.rows)
    with contextlib.ExitStack() as stack:
        stack.callback(remove, tools.scratch)
        peer = None
        if influx.program():
            peer = stack.enter_context(influx.Influx(tools))
        for number in range(options.rounds):
            store = Store(tools, table, number, peer)
            store.appends()
            for rows in sizes:
                if number == 0:
                    store.fill(rows)
                store.queries(rows, sizes[0])
    table.print()


def remove(scratch):
    for name in os.listdir(scratch):
        if name.startswith('store.'):
            shutil.rmtree(os.path.join(scratch, name))
