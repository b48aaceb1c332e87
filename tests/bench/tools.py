"""The programs of this folder, and the scratch folder that they work in."""
import os
import shutil
import subprocess

GUARD = 60  # seconds beyond its own time until a program is a failure


def with_us():
    """What a command is run under so that it ends when this program does,
    however that ends."""
    wrap = shutil.which('setpriv')
    return [wrap, '--pdeathsig', 'TERM'] if wrap else []


class Tools:
    def __init__(self, build, scratch, ms):
        self.build, self.scratch, self.ms = build, scratch, ms

    def path(self, name):
        return os.path.join(self.build, 'bench', name)

    def run(self, name, *args, more=0):
        """Figures that a program prints: {name: value}.  more: seconds that it
        may take beyond a measurement."""
        done = subprocess.run(
            [self.path(name), *map(str, args)], stdout=subprocess.PIPE,
            text=True, check=True,
            timeout=GUARD + self.ms / 1000 + more)
        pairs = (line.split('\t') for line in done.stdout.splitlines())
        return {figure: float(value) for figure, value in pairs}

    def commits(self, records, ms=None):
        """Commits a second of bare LMDB."""
        return self.lmdb(records, ms)['commits']

    def lmdb(self, records, ms=None):
        """What bench_lmdb says of a folder of its own."""
        folder = os.path.join(self.scratch, 'lmdb')
        os.mkdir(folder)
        try:
            return self.run('bench_lmdb', folder, records, ms or self.ms)
        finally:
            shutil.rmtree(folder)

    def answers(self, socket, kind, connections, window, *batch):
        """Answers a second to calls of a kind."""
        return self.run('bench_load', socket, kind, connections, window,
                        self.ms, *batch)['answers']


class Bare:
    """A bare server, for as long as a `with` lasts."""

    def __init__(self, tools, name, where):
        self.name, self.program, self.where = name, tools.path(name), where

    def __enter__(self):
        self.process = subprocess.Popen(
            [*with_us(), self.program, self.where], stdout=subprocess.PIPE)
        said = self.process.stdout.readline().split()
        if said[:1] != [b'ready']:
            self.process.kill()
            raise RuntimeError('%s does not start' % self.name)
        self.port = int(said[1])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(GUARD)
        self.process.stdout.close()


class Echo(Bare):
    """bench_echo, on a unix socket or by TLS."""

    def __init__(self, tools, tls=False):
        self.socket = os.path.join(tools.scratch, 'echo')
        super().__init__(tools, 'bench_echo', 'tls' if tls else self.socket)

    def __exit__(self, *_):
        super().__exit__()
        if os.path.exists(self.socket):
            os.unlink(self.socket)


class Must(Bare):
    """bench_must, in a folder of its own."""

    def __init__(self, tools):
        folder = os.path.join(tools.scratch, 'must')
        super().__init__(tools, 'bench_must', folder)

    def __enter__(self):
        os.mkdir(self.where)
        return super().__enter__()

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.where)
