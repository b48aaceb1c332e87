"""The machine's limits, and one row at a time through the whole daemon."""
from tools import Echo

STREAMS = 32


def calibrate(tools, table):
    """What everything else stands on."""
    disk = tools.run('bench_disk', tools.scratch, tools.ms)
    table.add('sync.append.4k', disk['append'], '1/s')
    table.add('sync.overwrite.4k', disk['overwrite'], '1/s')
    crypto = tools.run('bench_crypto', tools.ms)
    table.add('sha256', crypto['sha256'] / 1e6, 'MB/s')
    table.add('xchacha20poly1305', crypto['xchacha20poly1305'] / 1e6, 'MB/s')


class Appends:
    """The limits of the newest round are kept for those that compare to
    them: commits and echo, both a second."""

    def __init__(self, tools, table, vault, owner):
        self.tools, self.table, self.socket = tools, table, vault.socket
        self.calls = owner.call('session.info')['limits']['calls']
        self.commits = self.commits32 = self.echo = self.echo32 = 0
        for i in range(STREAMS):
            owner.create('bench/%02d' % i, 'energy.electricity')

    def limits(self):
        tools = self.tools
        self.commits = tools.commits(1)
        self.commits32 = tools.commits(STREAMS)
        with Echo(tools) as echo:
            self.echo = tools.answers(echo.socket, 1, 1)
            self.echo32 = tools.answers(echo.socket, STREAMS, 1)

    def appends(self):
        """Connections and window of each figure."""
        answers = self.tools.answers
        self.one = answers(self.socket, 1, 1)
        self.pipelined = answers(self.socket, 1, self.calls)
        self.many = answers(self.socket, STREAMS, 1)

    def round(self, number):
        """The two sides take turns at coming first."""
        sides = [self.limits, self.appends]
        for side in sides if number % 2 == 0 else reversed(sides):
            side()
        self.add()

    def add(self):
        """One connection that waits stands against commits of one record,
        many rows at once against the records of commits of 32."""
        add, shared = self.table.add, STREAMS * self.commits32
        add('lmdb.commits.1', self.commits, '1/s')
        add('lmdb.commits.32', self.commits32, '1/s')
        add('lws.echo.1', self.echo, '1/s')
        add('lws.echo.32', self.echo32, '1/s')
        for name, rate, records, echo in (
                ('append.1', self.one, self.commits, self.echo),
                ('append.1.pipelined', self.pipelined, shared, self.echo),
                ('append.32', self.many, shared, self.echo32)):
            add(name, rate, 'rows/s', 'lmdb', records)
            add(name + '.echo', rate, 'rows/s', 'lws', echo)
