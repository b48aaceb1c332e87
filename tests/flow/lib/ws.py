"""A raw WebSocket and HTTP client, and the test daemon of the door.

Nothing here is polite: frames, heads and TLS can be made as wrong as a test
wants.  Standard library only.
"""
import atexit
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time

GUARD = 60.0  # seconds until a hang is a failure; nothing is measured by it

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KEY = 'dGhlIHNhbXBsZSBub25jZQ=='


class Closed(Exception):
    """The other end is gone."""


def frame(opcode, payload=b'', fin=True, mask=b'\x01\x02\x03\x04', rsv=0,
          length=None, form=None):
    """One frame of a client.  mask None: unmasked.  length: what it claims.
    form 126 or 127: the length in 16 or 64 bits, however short it is."""
    if isinstance(payload, str):
        payload = payload.encode()
    size = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if mask is not None else 0
    if size < 126 and form is None:
        head += bytes([bit | size])
    elif size < 65536 and form != 127:
        head += bytes([bit | 126]) + struct.pack('>H', size)
    else:
        head += bytes([bit | 127]) + struct.pack('>Q', size)
    if mask is None:
        return head + payload
    if mask == b'\0\0\0\0':
        return head + mask + payload
    times = len(payload) // 4 + 1
    key = int.from_bytes(mask * times, 'big')
    wide = int.from_bytes(payload.ljust(4 * times, b'\0'), 'big')
    return head + mask + (key ^ wide).to_bytes(4 * times, 'big')[:len(payload)]


def upgrade(host='localhost', extra='', protocol='vault.v1', version='13',
            key=KEY):
    lines = ['GET / HTTP/1.1', 'Host: ' + host, 'Upgrade: websocket',
             'Connection: Upgrade', 'Sec-WebSocket-Version: ' + version,
             'Sec-WebSocket-Key: ' + key]
    if protocol:
        lines.append('Sec-WebSocket-Protocol: ' + protocol)
    return ('\r\n'.join(lines) + '\r\n' + extra + '\r\n').encode()


class Wire:
    """A connected stream, and what was read of it and not yet used."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(GUARD)
        self.left = b''
        self.lines = []  # of the last head

    def send(self, data):
        self.sock.sendall(data)

    def more(self):
        try:
            got = self.sock.recv(65536)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLError) as e:
            raise Closed(str(e)) from e
        if not got:
            raise Closed('end')
        self.left += got

    def take(self, count):
        while len(self.left) < count:
            self.more()
        got, self.left = self.left[:count], self.left[count:]
        return got

    def rest(self):
        """Everything up to the end."""
        try:
            while True:
                self.more()
        except Closed:
            pass
        got, self.left = self.left, b''
        return got

    def close(self):
        self.sock.close()

    # ---- HTTP ----

    def head(self):
        while b'\r\n\r\n' not in self.left:
            self.more()
        head, self.left = self.left.split(b'\r\n\r\n', 1)
        self.lines = head.decode().split('\r\n')
        fields = dict(line.split(': ', 1) for line in self.lines[1:])
        return int(self.lines[0].split()[1]), fields

    def answer(self):
        """Status, fields and body of a response that ends the connection."""
        status, fields = self.head()
        return status, fields, self.rest()

    # ---- WebSocket ----

    def open(self, **how):
        self.send(upgrade(**how))
        status, fields = self.head()
        assert status == 101, (status, fields, self.left)
        return self

    def frame(self):
        """Opcode and payload of the next frame, which must be whole."""
        first, second = self.take(2)
        assert first & 0x80 and not first & 0x70, hex(first)
        assert not second & 0x80, 'a server does not mask'
        size = second
        if size == 126:
            size, = struct.unpack('>H', self.take(2))
        elif size == 127:
            size, = struct.unpack('>Q', self.take(8))
        return first & 0xf, self.take(size)

    def text(self, text):
        self.send(frame(TEXT, text))

    def ask(self, text):
        """Send a text, return the next one."""
        self.text(text)
        while True:
            opcode, payload = self.frame()
            if opcode == TEXT:
                return payload.decode()
            assert opcode in (PING, PONG), opcode

    def closing(self):
        """Code and reason of the close frame that comes next, and that the
        connection ends behind it."""
        while True:
            opcode, payload = self.frame()
            if opcode == CLOSE:
                break
        code = struct.unpack('>H', payload[:2])[0]
        try:
            self.send(frame(CLOSE, payload[:2]))
        except OSError:
            pass
        assert self.rest() == b''
        return code, payload[2:].decode()


class Daemon:
    """The net_daemon of tests/support in a folder of its own."""

    def __init__(self, *options, wrap=()):
        self.folder = tempfile.mkdtemp(prefix='vault-net-')
        self.path = os.path.join(self.folder, 'sock')
        self.program = os.path.join(sys.argv[1], 'net_daemon')
        self.log = open(os.path.join(self.folder, 'log'), 'wb+')
        self.process = subprocess.Popen(
            [*wrap, self.program, self.folder, *options],
            stdout=subprocess.DEVNULL, stderr=self.log)
        atexit.register(self.process.kill)
        up = os.path.join(self.folder, 'up')
        until = time.monotonic() + GUARD
        while not os.path.exists(up):
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < until, 'does not start'
            time.sleep(0.01)
        with open(up) as file:
            self.tls_at, self.http_at = (self.place(line) for line in file)

    @staticmethod
    def place(line):
        host, _, port = line.strip().rpartition(':')
        return (host, int(port)) if port.isdigit() else None

    def said(self):
        self.log.seek(0)
        return self.log.read().decode()

    def unix(self):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(self.path)
        return Wire(sock)

    def owner(self):
        return self.unix().open()

    def http(self):
        return Wire(socket.create_connection(self.http_at, GUARD))

    def plain_tls_port(self):
        return Wire(socket.create_connection(self.tls_at, GUARD))

    def tls(self, version=None, alpn=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if version is not None:
            context.maximum_version = version
        if alpn:
            context.set_alpn_protocols(alpn)
        raw = socket.create_connection(self.tls_at, GUARD)
        try:
            return Wire(context.wrap_socket(raw))
        except BaseException:
            raw.close()
            raise

    def client(self, seed='11', *options):
        vault = self.owner().ask('vault')
        return Firm(self, vault, seed, *options)

    def request(self, data):
        wire = self.http()
        wire.send(data if isinstance(data, bytes) else data.encode())
        try:
            return wire.answer()
        finally:
            wire.close()

    def cpu(self):
        """Seconds of processor time that the daemon has used."""
        with open('/proc/%d/stat' % self.process.pid) as file:
            fields = file.read().rsplit(')', 1)[1].split()
        ticks = int(fields[11]) + int(fields[12])
        return ticks / os.sysconf('SC_CLK_TCK')

    def stop(self):
        """End it; it must end well."""
        self.process.terminate()
        code = self.process.wait(GUARD)
        said = self.said()
        shutil.rmtree(self.folder)
        assert code == 0, (code, said)
        assert 'ERROR' not in said, said
        return said


class Firm(Wire):
    """A session over TLS, by way of net_client."""

    class Pipe:
        def __init__(self, process):
            self.process = process

        def settimeout(self, _):
            pass

        def sendall(self, data):
            self.process.stdin.write(data)
            self.process.stdin.flush()

        def recv(self, size):
            return self.process.stdout.read1(size)

        def close(self):
            self.process.kill()
            self.process.wait(GUARD)
            for pipe in (self.process.stdin, self.process.stdout,
                         self.process.stderr):
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass

    def __init__(self, daemon, vault, seed, *options):
        program = os.path.join(sys.argv[1], 'net_client')
        self.process = subprocess.Popen(
            [program, str(daemon.tls_at[1]), vault, seed, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        super().__init__(self.Pipe(self.process))

    def line(self):
        """One of the lines that net_client prints before it is a pipe."""
        while b'\n' not in self.left:
            self.more()
        line, self.left = self.left.split(b'\n', 1)
        name, _, rest = line.decode().partition(' ')
        return name, rest

    def ready(self):
        assert self.line()[0] == 'm2'
        name, m4 = self.line()
        assert name == 'm4' and m4.startswith('0400'), (name, m4)
        return self


def run(tests):
    """Run each test function; its name is what it says."""
    failed = 0
    for test in tests:
        started = time.monotonic()
        try:
            test()
            print('ok    %s (%.1f s)' % (test.__name__,
                                         time.monotonic() - started))
        except Exception:
            failed += 1
            import traceback
            traceback.print_exc()
            print('FAILED %s' % test.__name__)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
