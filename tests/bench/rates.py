"""The machine's limits, and one call at a time through the whole daemon."""
from hour import rows_of_hour
from tools import Echo

STREAMS = 32


def calibrate(tools, table):
    """What everything else stands on."""
    disk = tools.run('bench_disk', tools.scratch, tools.ms)
    for figure, value in disk.items():
        table.add('sync.4k.' + figure, value, 'us')
    for figure, value in tools.run('bench_crypto', tools.ms // 2).items():
        if figure in ('sign', 'verify'):
            table.add('ed25519.' + figure, value, '1/s')
        elif figure in ('seal', 'open'):
            table.add('xchacha20poly1305.' + figure, value / 1e6, 'MB/s')
        else:
            table.add(figure, value / 1e6, 'MB/s')


class Rates:
    """The limits of the newest round are kept for those that compare to
    them: commits and echoes, both a second."""

    def __init__(self, tools, table, vault, owner):
        self.tools, self.table, self.socket = tools, table, vault.socket
        self.calls = owner.call('session.info')['limits']['calls']
        self.commits = self.commits32 = self.echo = self.echo32 = 0
        for i in range(STREAMS):
            owner.create('bench/%02d' % i, 'energy.electricity')
        owner.create('bench/hour', 'energy.electricity')
        owner.append('bench/hour', rows_of_hour())

    def limits(self):
        tools = self.tools
        self.commits = tools.commits(1)
        self.commits32 = tools.commits(STREAMS)
        with Echo(tools) as echo:
            self.echo = tools.answers(echo.socket, 'latest', 1, 1)
            self.echo32 = tools.answers(echo.socket, 'latest', STREAMS, 1)

    def vault(self):
        """Kind, connections and window of each figure."""
        def answers(*how):
            return self.tools.answers(self.socket, *how)
        self.one = answers('append', 1, 1)
        self.pipelined = answers('append', 1, self.calls)
        self.many = answers('append', STREAMS, 1)
        self.latest = answers('latest', 1, 1)
        self.latest32 = answers('latest', STREAMS, 1)
        self.query = answers('query', 1, 1)

    def round(self, number):
        """The two sides take turns at coming first."""
        sides = [self.limits, self.vault]
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
        add('append.1', self.one, 'rows/s', 'lmdb', self.commits)
        add('append.1.pipelined', self.pipelined, 'rows/s', 'lmdb', shared)
        add('append.32', self.many, 'rows/s', 'lmdb', shared)
        add('latest.1', self.latest, '1/s', 'lws', self.echo)
        add('latest.32', self.latest32, '1/s', 'lws', self.echo32)
        add('query.hour', self.query, '1/s', 'lws', self.echo)
