"""The notation of tests/cases/door/frames.tsv: frames that are sent, frames
that must come."""
import os
import re
import struct

import ws

CASES = os.path.join(os.path.dirname(__file__), '..', '..', 'cases', 'door')
OPCODES = {'cont': ws.CONTINUATION, 'text': ws.TEXT, 'binary': ws.BINARY,
           'block': ws.BINARY, 'hello': ws.BINARY, 'close': ws.CLOSE,
           'ping': ws.PING, 'pong': ws.PONG}
BLOCK = struct.pack('<BBHIQQ', 1, 1, 0, 0, 7, 1)
STILL = b'still there'
ESCAPES = {b'0': b'\0', b's': b' ', b'r': b'\r', b'n': b'\n', b't': b'\t'}


def table(name, columns):
    """The rows of a table of tests/cases/door."""
    rows = []
    with open(os.path.join(CASES, name), encoding='utf-8') as file:
        for line in file:
            if line.strip() and not line.startswith('#'):
                row = line.rstrip('\n').split('\t')
                assert len(row) == columns, line
                rows.append(row)
    return rows


def plain(text):
    """Bytes of a text with escapes."""
    return re.sub(rb'\\(x[0-9a-f]{2}|[0srnt])',
                  lambda m: ESCAPES.get(m[1]) or bytes.fromhex(
                      m[1][1:].decode()),
                  text.encode())


def payload_of(text):
    many = re.fullmatch(r'(.*)\*(\d+)', text, re.S)
    return plain(many[1]) * int(many[2]) if many else plain(text)


def spread(text):
    """The words of a column, repetitions written out."""
    words = []
    for word in text.split(' '):
        many = re.fullmatch(r'\((.*)\)\*(\d+)', word)
        words += [many[1]] * int(many[2]) if many else [word]
    return words


def close_payload(text):
    code = re.fullmatch(r'(\d+)(?:,(.*))?', text, re.S)
    if code is None:
        return payload_of(text)
    return struct.pack('>H', int(code[1])) + payload_of(code[2] or '')


def bytes_of(word, hello=b''):
    """One word of what is sent, as bytes.  hello: the first message of a
    handshake."""
    head, _, rest = word.partition(':')
    if head == 'raw':
        return plain(rest)
    name, *how = head.split('/')
    fin = not name.endswith('+')
    name = name.rstrip('+')
    opcode = int(name[2:]) if name.startswith('op') else OPCODES[name]
    payload = close_payload(rest) if name == 'close' else payload_of(rest)
    payload = {'block': BLOCK, 'hello': hello}.get(name, b'') + payload
    frame = {'fin': fin, 'mask': b'\x01\x02\x03\x04', 'rsv': 0,
             'length': None, 'form': None}
    for each in how:
        if each.startswith('rsv'):
            frame['rsv'] = int(each[3:])
        elif each == 'plain':
            frame['mask'] = None
        elif each.startswith('mask='):
            frame['mask'] = bytes.fromhex(each[5:])
        elif each.startswith('claims='):
            frame['length'] = int(each[7:])
        else:
            frame['form'] = {'len16': 126, 'len64': 127}[each]
    return ws.frame(opcode, payload, **frame)


class Sending:
    """What a case sends: the bytes of the upgrade's segment, then steps, each
    bytes to be sent or None, which waits for an answer."""

    def __init__(self, text, hello=b''):
        words = spread(text)
        self.early, self.steps = b'', []
        first = words[0] if words[0] in ('early', 'slow') else None
        segments, gathered = [], b''
        for word in words[1 if first else 0:]:
            if word in ('|', '<'):
                segments += [gathered] + [None] * (word == '<')
                gathered = b''
            else:
                gathered += bytes_of(word, hello)
        segments.append(gathered)
        if first == 'early':
            self.early = segments.pop(0)
        for each in segments:
            self.steps += ([each] if each is None or first != 'slow'
                           else [bytes([b]) for b in each])


class Coming:
    """What must come: frames as (opcode, payload), and how it ends."""

    def __init__(self, text):
        self.any = text.startswith('any ')
        text = text[4:] if self.any else text
        end = re.fullmatch(r'(.*?) ?(open|cut|close:\d+)(?:,(.*))?', text)
        self.end, self.why = end[2], end[3] or ''
        self.frames = [self.frame(word) for word in spread(end[1]) if word]

    @staticmethod
    def frame(word):
        name, _, rest = word.partition(':')
        if name == 'block':
            return ws.TEXT, b'{"kind":1,"ref":7,"seq":1,"bytes":%d}' % int(rest)
        if name == 'challenge':
            return ws.BINARY, 'challenge'
        return OPCODES[name], payload_of(rest)


def said(frame):
    opcode, payload = frame
    return '%d:%s%s' % (opcode, payload[:60],
                        '' if len(payload) <= 60 else '… %d' % len(payload))
