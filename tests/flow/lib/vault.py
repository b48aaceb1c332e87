"""A real vaultd in a scratch folder, and the owner's client of it.

Everything goes through the shipped program: init, run, check, and JSON-RPC
over the unix socket.  Standard library only.
"""
import atexit
import base64
import calendar
import functools
import json
import os
import secrets
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../../model'))
import block  # noqa: E402
import ws  # noqa: E402

GUARD = ws.GUARD
PASSPHRASE = 'correct horse battery staple'
FINAL, LATE, GAP = 1, 2, 4
CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
# Where vaultctl keeps heads if not run by ctl(): nothing is written outside the
# scratch folders.
STATE = tempfile.mkdtemp(prefix='vault-state-')
os.environ['XDG_STATE_HOME'] = STATE
atexit.register(shutil.rmtree, STATE, ignore_errors=True)


def ulid():
    number = int(time.time() * 1000) << 80 | secrets.randbits(80)
    return ''.join(CROCKFORD[number >> 5 * i & 31] for i in range(25, -1, -1))


def nanoseconds(text):
    """Of RFC 3339 in UTC, as the vault writes it."""
    if isinstance(text, int):
        return text
    assert text.endswith('Z'), text
    whole, _, part = text[:-1].partition('.')
    seconds = _calendar(whole)
    return seconds * 10**9 + int(part.ljust(9, '0') or 0)


@functools.lru_cache(4096)  # strptime() takes long, and rows lie close together
def _calendar(text):
    return calendar.timegm(time.strptime(text, '%Y-%m-%dT%H:%M:%S'))


def stamp(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(seconds))


class Refusal(Exception):
    """An error object."""

    def __init__(self, error):
        super().__init__(json.dumps(error))
        self.code = error['code']
        self.message = error['message']
        self.data = error['data']
        self.reason = error['data']['reason']


def refused(call, *args, **params):
    """The refusal that a call must end with."""
    try:
        got = call(*args, **params)
    except Refusal as refusal:
        return refusal
    raise AssertionError('not refused: %r' % (got,))


class Page:
    """A page of either form.  rows: [time in ns, cell...]"""

    def __init__(self, ref, seq, ordinal, rows, flags, live):
        self.ref, self.seq, self.ordinal = ref, seq, ordinal
        self.rows, self.live = rows, live
        self.final, self.late, self.gap = (bool(flags & bit)
                                           for bit in (FINAL, LATE, GAP))


def page_of_json(params):
    flags = (FINAL * params['final'] | LATE * params.get('late', False)
             | GAP * params.get('gap', False))
    rows = [[nanoseconds(row[0])] + row[1:] for row in params['rows']]
    return Page(params['ref'], params['seq'], params['ordinal'], rows, flags,
                None)


def cell_of(kind, word):
    if word is None:
        return None
    if kind == block.F64:
        return struct.unpack('<d', struct.pack('<Q', word))[0]
    if kind == block.I64:
        return block.signed(word)
    if kind == block.BOOL:
        return bool(word)
    return word.decode() if kind == block.TEXT else json.loads(word)


def page_of_block(data):
    """A binary frame; columns come in the order of their ids."""
    version, kind, flags, zero, ref, seq = struct.unpack('<BBHIQQ', data[:24])
    assert version == 1 and kind in (2, 3) and zero == 0, data[:24].hex()
    ordinal, = struct.unpack('<I', data[44:48])
    kinds, rows = block.decode(data[24:], block.WIRE)
    rows = [[at] + [cell_of(kinds[c], cells.get(c)) for c in sorted(kinds)]
            for at, cells in rows]
    return Page(ref, seq, ordinal, rows, flags, kind == 3)


class Answer:
    """What a query gave."""

    def __init__(self, result, pages):
        self.result, self.pages = result, pages
        self.rows = [row for page in pages for row in page.rows]

    def of(self, stream):
        ordinal = [s['ordinal'] for s in self.result['series']
                   if s['stream'] == stream]
        return [row for page in self.pages for row in page.rows
                if [page.ordinal] == ordinal]


class Client:
    """JSON-RPC over a wire.  Notifications gather in notes, pages of
    subscriptions in pages."""

    json_page = staticmethod(page_of_json)

    def __init__(self, wire):
        self.wire = wire
        self.count = 0
        self.notes, self.pages = [], []
        self.answers = {}

    def close(self):
        self.wire.close()

    def send(self, method, **params):
        """Ask without waiting; returns the id."""
        self.count += 1
        self.wire.text(json.dumps({'jsonrpc': '2.0', 'id': self.count,
                                   'method': method, 'params': params}))
        return self.count

    def tell(self, method, **params):
        self.wire.text(json.dumps({'jsonrpc': '2.0', 'method': method,
                                   'params': params}))

    def take(self):
        """Read one message and put it where it belongs."""
        opcode, payload = self.wire.frame()
        if opcode == ws.BINARY:
            self.pages.append(page_of_block(payload))
        elif opcode == ws.TEXT:
            message = json.loads(payload)
            if message.get('method') == 'data.page':
                self.pages.append(self.json_page(message['params']))
            elif 'method' in message:
                self.notes.append(message)
            else:
                self.answers[message['id']] = message
        elif opcode == ws.CLOSE:
            raise ws.Closed(payload[2:].decode())

    def answer(self, number):
        while number not in self.answers:
            self.take()
        message = self.answers.pop(number)
        if 'error' in message:
            raise Refusal(message['error'])
        return message['result']

    def call(self, method, **params):
        return self.answer(self.send(method, **params))

    def change(self, method, **params):
        """A call that wants an idem."""
        return self.call(method, idem=ulid(), **params)

    def page(self, ref):
        """The next page for ref."""
        while True:
            for page in self.pages:
                if page.ref == ref:
                    self.pages.remove(page)
                    return page
            if ref in self.answers:
                self.answer(ref)  # an error ends it
            self.take()

    def query(self, *streams, **params):
        number = self.send('data.query', streams=list(streams), **params)
        result = self.answer(number)
        pages = []
        while not pages or not pages[-1].final:
            pages.append(self.page(number))
            assert pages[-1].seq == len(pages)
            self.tell('flow.credit', ref=number, pages=1)
        return Answer(result, pages)


def wire_to(path):
    """A stream on a unix socket, as yet without a byte."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(GUARD)
    sock.connect(path)
    return ws.Wire(sock)


class Owner(Client):
    """The owner on the unix socket."""

    def __init__(self, path):
        super().__init__(wire_to(path).open())

    def create(self, name, category='unsorted', **columns):
        columns = columns or {'value': 'f64'}
        return self.change('stream.create', name=name, category=category,
                           columns=[{'name': n, 'type': t}
                                    for n, t in columns.items()])

    def append(self, stream, rows, **params):
        params.setdefault('idem', ulid())
        part = {'stream': stream, 'rows': rows}
        if 'columns' in params:
            part['columns'] = params.pop('columns')
        return self.call('data.append', streams=[part], **params)


def raw_append(owner, name, data):
    """A batch as one block."""
    number = owner.send('data.append', idem=ulid(), block=name)
    owner.wire.send(ws.frame(ws.BINARY, struct.pack(
        '<BBHIQQ', 1, 1, FINAL, 0, number, 1) + data))
    return owner.answer(number)


class Vault:
    """A folder with a vault, and the daemon that has it."""

    def __init__(self, folder=None, ready=True):
        self.folder = folder or tempfile.mkdtemp(prefix='vault-')
        self.program = os.path.join(sys.argv[1], 'vaultd')
        self.dir = self.path('v')
        self.socket = self.path('s')
        self.process = None
        self.write('pass', PASSPHRASE + '\n')
        atexit.register(self.remove)
        if ready:
            self.init()
            self.start()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), 'w', opener=lambda path, flags: os.open(
                path, flags, 0o600)) as file:
            file.write(text)
        return self.path(name)

    def command(self, *args):
        """(exit code, stdout, stderr) of a vaultd command."""
        done = subprocess.run([self.program, *args], capture_output=True,
                              timeout=GUARD, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def ctl(self, *args):
        """The same of a vaultctl command, on the running daemon, by an owner
        who has this vault alone."""
        done = subprocess.run(
            [os.path.join(sys.argv[1], 'vaultctl'), '--socket', self.socket,
             *args], capture_output=True, timeout=GUARD,
            stdin=subprocess.DEVNULL,
            env={**os.environ, 'XDG_STATE_HOME': self.path('state')})
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def init(self):
        code, out, err = self.command(
            'init', '--dir', self.dir, '--passphrase-file', self.path('pass'),
            '--key-file', self.path('key'), '--kdf-memory', '64MiB')
        assert code == 0, err
        return out

    def start(self, *options, unlock='key', env=None, wrap=(), listen=True):
        """Run until it says that it is ready.  unlock None: stays locked.
        wrap: a command to run it under.  listen False: no TLS listener."""
        there, here = os.pipe()
        args = [*wrap, self.program, 'run', '--dir', self.dir,
                '--socket', self.socket, '--ready-fd', str(here)]
        for name in ('--listen', '--http'):
            if name not in options and (listen or name == '--http'):
                args += [name, '127.0.0.1:0']
        if unlock:
            args += ['--unlock-file', self.path(unlock)]
        with open(self.path('log'), 'ab') as log:
            self.process = subprocess.Popen(
                [*args, *options], stderr=log, pass_fds=[here],
                stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})
        os.close(here)
        said = os.read(there, 16)
        os.close(there)
        if said != b'READY\n':
            code = self.process.wait(GUARD)
            raise AssertionError('vaultd ended with %d: %s'
                                 % (code, self.said()))
        return self

    def said(self):
        with open(self.path('log')) as file:
            return file.read()

    def owner(self):
        return Owner(self.socket)

    def owner_wire(self):
        return wire_to(self.socket)

    def stop(self):
        """End it; it must end well."""
        self.process.terminate()
        code = self.process.wait(GUARD)
        assert code == 0, (code, self.said())

    def kill(self):
        self.process.kill()
        self.process.wait(GUARD)

    def restart(self, **how):
        self.stop()
        return self.start(**how)

    def check(self):
        """All is well on disk; the daemon must have ended."""
        code, out, err = self.command('check', '--dir', self.dir,
                                      '--unlock-file', self.path('key'))
        assert code == 0, (code, out, err)
        return out

    def remove(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def skip(reason):
    print('SKIP ' + reason)
    sys.exit(77)


def data_file(name):
    """A file of the real data sets, or the test is skipped."""
    source = os.path.join(os.path.dirname(__file__), '../../..')
    root = os.environ.get('VAULT_TEST_DATA') or os.path.join(
        source, '../shared/data')
    path = os.path.join(root, name)
    if not os.path.exists(path):
        skip('%s is not there; VAULT_TEST_DATA names its folder' % path)
    return path
