"""A device that signs or seals what it pushes, from WIRE.md 1.1 alone."""
import os
import re
import socket

import tls13
import ws
from door import unbase32
import envelope  # where vault.py says
import handshake

sodium = handshake.sodium()
TARGET = '/api/v2/write?precision=s'


class Device:
    """Numbered from 1 by a boot; zero of a counter that outlives power."""

    def __init__(self, token, boot=bytes(8)):
        word = re.fullmatch(r'vt1:(\w{13})\.(\w{52})', token)
        self.id, self.secret = unbase32(word[1]), unbase32(word[2])
        self.boot, self.counter = boot, 0

    def head(self, counter=None):
        """The next number, or another one."""
        if counter is None:
            self.counter += 1
            counter = self.counter
        return self.id, self.boot, counter

    def signed(self, body, target=TARGET, counter=None, method=b'POST'):
        """A whole request."""
        value = envelope.header(self.secret, self.head(counter), method,
                                target.encode(), body)
        return request(body, target, 'VD1-Device: %s\r\n' % value)

    def sealed(self, body, target=TARGET, counter=None):
        """The message itself."""
        return envelope.envelope(sodium, self.secret, self.head(counter),
                                 os.urandom(24), target.encode(), body)


def request(body, target=TARGET, fields='', host='localhost'):
    return ('POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n%s\r\n'
            % (target, host, len(body), fields)).encode() + body


def place(text):
    host, _, port = text.rpartition(':')
    return host, int(port)


def push(at, data):
    """(status, fields, body) of one request to host:port, as it stands."""
    wire = ws.Wire(socket.create_connection(place(at), ws.GUARD))
    return finish(wire, data)


def push_tls(at, data):
    """The same over TLS."""
    return finish(ws.Wire(tls13.dial(place(at), tls13.client_context())), data)


def finish(wire, data):
    wire.send(data)
    answer = wire.answer()
    wire.close()
    return answer
