"""InfluxDB of Debian 12 (package influxdb), where it is installed: the same
rows by its HTTP API, in the clear, synced before the answer as it does unless
told otherwise."""
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request

from tools import GUARD, with_us

SLOWEST = 50000  # rows a second that it writes, at the very least

CONFIG = '''reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = "{0}/meta"
  logging-enabled = false
[data]
  dir = "{0}/data"
  wal-dir = "{0}/wal"
  wal-fsync-delay = "0s"
  query-log-enabled = false
[monitor]
  store-enabled = false
[logging]
  level = "error"
  suppress-logo = true
[http]
  bind-address = "127.0.0.1:{1}"
  log-enabled = false
  max-row-limit = 0
'''


def program():
    """Where influxd is, by $INFLUXD or on the path; None: nowhere."""
    return os.environ.get('INFLUXD') or shutil.which('influxd')


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Influx:
    """influxd, for as long as a `with` lasts."""

    def __init__(self, tools):
        self.tools = tools
        self.folder = os.path.join(tools.scratch, 'influx')
        self.port = free_port()

    def __enter__(self):
        os.mkdir(self.folder)
        config = os.path.join(self.folder, 'conf')
        with open(config, 'w') as file:
            file.write(CONFIG.format(self.folder, self.port))
        with open(os.path.join(self.folder, 'log'), 'wb') as log:
            self.process = subprocess.Popen(
                [*with_us(), program(), '-config', config], stdout=log,
                stderr=log)
        try:
            self.make_database()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(GUARD)
        shutil.rmtree(self.folder)

    def ask(self, text):
        """The answer to one query."""
        data = urllib.parse.urlencode({'db': 'bench', 'q': text}).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open('http://127.0.0.1:%d/query' % self.port, data,
                         timeout=GUARD) as answer:
            return json.load(answer)

    def make_database(self):
        """As soon as it answers."""
        until = time.monotonic() + GUARD
        while True:
            try:
                self.ask('CREATE DATABASE bench')
                return
            except OSError:
                if (time.monotonic() > until or
                        self.process.poll() is not None):
                    raise
                time.sleep(0.05)

    def count(self, name):
        """Rows of a series."""
        result, = self.ask('SELECT COUNT(value) FROM ' + name)['results']
        return result['series'][0]['values'][0][1]

    def writes(self, connections, rows, name, ms=None):
        """Rows a second."""
        return rows * self.tools.run(
            'bench_influx', self.port, 'write', connections,
            ms or self.tools.ms, rows, name, more=GUARD)['answers']

    def fill(self, rows, batch, name):
        """One series gets so many rows; rows a second."""
        return self.tools.run('bench_influx', self.port, 'fill', 1, rows,
                              batch, name, more=GUARD + rows / SLOWEST)['rows']

    def queries(self, text, ms=None):
        """Answers a second."""
        return self.tools.run(
            'bench_influx', self.port, 'query', 1, ms or self.tools.ms,
            urllib.parse.quote(text), more=GUARD)['answers']
