"""An owner's client, written from sdk/wire/WIRE.md with Python's standard
library: the socket, JSON-RPC, blocks, receipts.  Ed25519 is libsodium's and
zstd libzstd's, through ctypes.

It shares no line with the clients that the other tests stand on.
"""
import base64
import ctypes
import ctypes.util
import hashlib
import json
import os
import secrets
import socket
import struct
import time

CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
WORD = (1 << 64) - 1


def ulid():
    number = int(time.time() * 1000) << 80 | secrets.randbits(80)
    return ''.join(CROCKFORD[number >> 5 * i & 31] for i in range(25, -1, -1))


# ---- WebSocket over the socket (section 1, RFC 6455) ----

class Wire:
    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(path)
        self.left = b''
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall((
            'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n'
            'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
            'Sec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: vault.v1\r\n\r\n'
            % key).encode())
        while b'\r\n\r\n' not in self.left:
            self.more()
        head, self.left = self.left.split(b'\r\n\r\n', 1)
        want = base64.b64encode(hashlib.sha1(
            key.encode() + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest())
        assert head.startswith(b'HTTP/1.1 101 ') and want in head, head

    def more(self):
        got = self.sock.recv(65536)
        assert got, 'the vault has gone'
        self.left += got

    def take(self, count):
        while len(self.left) < count:
            self.more()
        got, self.left = self.left[:count], self.left[count:]
        return got

    def send(self, opcode, data):
        size = (bytes([0x80 | len(data)]) if len(data) < 126 else
                b'\xfe' + struct.pack('>H', len(data)) if len(data) < 65536
                else b'\xff' + struct.pack('>Q', len(data)))
        mask = os.urandom(4)
        self.sock.sendall(bytes([0x80 | opcode]) + size + mask + bytes(
            byte ^ mask[i & 3] for i, byte in enumerate(data)))

    def message(self):
        """(is it text, its bytes) of the next."""
        kind, parts = None, b''
        while True:
            first, size = self.take(2)
            if size > 125:
                size, = struct.unpack('>H' if size == 126 else '>Q',
                                      self.take(2 if size == 126 else 8))
            data, opcode = self.take(size), first & 15
            if opcode == 9:
                self.send(10, data)
            elif opcode == 8:
                raise EOFError(data[2:].decode())
            elif opcode < 3:
                kind, parts = opcode or kind, parts + data
                if first & 0x80:
                    return kind == 1, parts


# ---- blocks (section 4.1) ----

class Bytes:
    def __init__(self, data):
        self.data = data

    def take(self, count):
        assert count <= len(self.data), 'cut short'
        got, self.data = self.data[:count], self.data[count:]
        return got

    def number(self, count=8):
        return int.from_bytes(self.take(count), 'little')

    def rest(self):
        return self.take(len(self.data))

    def bits(self, count):
        whole = self.number((count + 7) // 8)
        return [whole >> i & 1 for i in range(count)]

    def pack(self, count):
        out = []
        while len(out) < count:
            m, width = min(128, count - len(out)), self.number(1)
            whole = self.number((m * width + 7) // 8)
            out += [whole >> j * width & (1 << width) - 1 for j in range(m)]
        return out


def signed(word):
    return word - (1 << 64) if word >> 63 else word


def sums(first, zigzags):
    out = [first]
    for x in zigzags:
        out.append(out[-1] + (x >> 1 ^ (WORD if x & 1 else 0)) & WORD)
    return out


def double(word):
    return struct.unpack('<d', struct.pack('<Q', word))[0]


def zstd(data, size):
    library = ctypes.CDLL(ctypes.util.find_library('zstd') or 'libzstd.so.1')
    library.ZSTD_decompress.restype = ctypes.c_size_t
    out = ctypes.create_string_buffer(size)
    got = library.ZSTD_decompress(out, ctypes.c_size_t(size), data,
                                  ctypes.c_size_t(len(data)))
    assert got == size, 'zstd'
    return out.raw


def integers(r, coding, n):
    if coding == 2:
        base = r.number()
        return [base + x & WORD for x in r.pack(n)]
    return sums(r.number(), r.pack(n - 1))


def decimals(r, coding, n, scale, patched):
    out = [signed(m) / 10**scale for m in integers(r, coding, n)]
    for _ in range(r.number(4) if patched else 0):
        index = r.number(4)
        out[index] = double(r.number())
    return out


def planes(r, n):
    data, last, out = zstd(r.rest(), 8 * n), 0, []
    for i in range(n):
        last ^= int.from_bytes(data[i::n], 'little')
        out.append(double(last))
    return out


def strings(r, n, squeezed=False):
    lengths = r.pack(n)
    r = Bytes(zstd(r.rest(), sum(lengths))) if squeezed else r
    return [r.take(length).decode() for length in lengths]


def values(r, kind, coding, n, scale, patched):
    if kind > 2:
        if coding < 3:
            got = strings(r, n, coding == 2)
        else:
            words = strings(r, r.number(2))
            got = [words[i] for i in r.pack(n)]
        return [json.loads(x) for x in got] if kind == 4 else got
    if kind == 2:
        got = r.bits(n) if coding else [r.number(1)] * n
        return [bool(x) for x in got]
    if coding in (0, 3):
        words = [r.number()] * n if coding == 0 else [
            r.number() for _ in range(n)]
        return [signed(w) if kind == 1 else double(w) for w in words]
    if kind == 1:
        return [signed(w) for w in integers(r, coding, n)]
    return (planes(r, n) if coding == 4
            else decimals(r, coding, n, scale, patched))


def block(data):
    """(ordinal, [(time, {column id: value})...])"""
    r = Bytes(data)
    mark, _, columns, time_as, rows, t0, length, ordinal = struct.unpack(
        '<BBBBIqII', r.take(24))
    assert mark == 0xB1
    entries = [struct.unpack('<BBBBI', r.take(8)) for _ in range(columns)]
    at, coding, unit = Bytes(r.take(length)), time_as & 15, 10**(time_as >> 4)
    first = at.number() if coding else 0
    steps = ([first] * (rows - 1) if coding < 2 else
             [first + x & WORD for x in at.pack(rows - 1)] if coding == 2
             else sums(first, at.pack(rows - 2)))
    out = [(t0, {})] if rows else []
    for step in steps[:max(0, rows - 1)]:
        out.append((out[-1][0] + signed(step) * unit, {}))
    for column, kind, scale, flags, length in entries:
        payload = Bytes(r.take(length))
        there = payload.bits(rows) if flags & 1 else [1] * rows
        got = iter(values(payload, kind >> 4, kind & 15, sum(there), scale,
                          flags & 2) if any(there) else ())
        assert not payload.data, 'bytes left over'
        for row, present in zip(out, there):
            if present:
                row[1][column] = next(got)
    assert not r.data, 'bytes left over'
    return ordinal, out


# ---- JSON-RPC (section 5), pages (sections 4 and 6.3) ----

class Refused(Exception):
    pass


class Owner:
    def __init__(self, path):
        self.wire, self.next = Wire(path), 0
        self.answers, self.notes, self.pages, self.series = {}, [], [], {}

    def call(self, method, **params):
        return self.answer(self.ask(method, **params))

    def change(self, method, **params):
        return self.call(method, idem=ulid(), **params)

    def ask(self, method, **params):
        self.next += 1
        self.wire.send(1, json.dumps(
            {'jsonrpc': '2.0', 'id': self.next, 'method': method,
             'params': params}).encode())
        return self.next

    def answer(self, number):
        while number not in self.answers:
            self.take()
        got = self.answers.pop(number)
        if 'error' in got:
            raise Refused(got['error']['data']['reason'], got['error'])
        return got['result']

    def take(self):
        text, data = self.wire.message()
        if not text:
            version, kind, flags, zero, ref, seq = struct.unpack(
                '<BBHIQQ', data[:24])
            assert version == 1 and kind in (2, 3) and zero == 0
            self.pages.append((ref, seq, flags & 1, *block(data[24:])))
            return
        message = json.loads(data)
        if 'method' in message:
            self.notes.append(message)
        else:
            self.answers[message['id']] = message

    def page(self, ref, seq):
        """(final, ordinal, rows) of the next page."""
        while not [page for page in self.pages if page[0] == ref]:
            self.take()
        got = next(page for page in self.pages if page[0] == ref)
        self.pages.remove(got)
        assert got[1] == seq, 'a page is missing'
        self.wire.send(1, json.dumps(
            {'jsonrpc': '2.0', 'method': 'flow.credit',
             'params': {'ref': ref, 'pages': 1}}).encode())
        return got[2:]

    def query(self, **params):
        """Rows of one stream as [time in ns, cell of each column...]"""
        number = self.ask('data.query', **params)
        series = self.answer(number)['series']
        rows, final, seq = [], False, 0
        while not final:
            seq += 1
            final, ordinal, more = self.page(number, seq)
            rows += listed(series, ordinal, more)
        return rows

    def live(self, subscribed, seq):
        """Rows of the page seq of a subscription."""
        _, ordinal, rows = self.page(subscribed['subscription'], seq)
        return listed(subscribed['series'], ordinal, rows)


def listed(series, ordinal, rows):
    ids = [c['id'] for one in series if one['ordinal'] == ordinal
           for c in one['columns']]
    return [[at] + [cells.get(i) for i in ids] for at, cells in rows]
