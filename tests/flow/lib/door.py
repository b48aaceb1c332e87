"""The client's side of the handshake, with a hand on every part of it, and
others who stand where a vault or its wire should be."""
import base64
import hashlib
import hmac
import itertools
import os
import re
import select
import socket
import struct
import threading

import tls13
import ws
from vault import Vault
import handshake  # where vault.py says

sodium = handshake.sodium()
sha, framed = handshake.sha, handshake.framed
HERE = '127.0.0.1'
SPACES, CLIENT_AUTH, SERVER_AUTH = (b' ' * 64, b'vd1 client auth\0',
                                    b'vd1 server auth\0')
REFUSED = [(ws.BINARY, b'\x04\x01' + bytes(136)), (ws.CLOSE, b'\x03\xf0')]
MALFORMED = [(ws.CLOSE, b'\x03\xf0no AUTH')]
GUID = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
numbers = itertools.count(1)


def fresh_address():
    """An address on loopback that nobody has come from yet: each has a share
    of its own at the door."""
    n = next(numbers)
    return '127.%d.%d.%d' % (1 + n // 40000, n // 200 % 200, 1 + n % 200)


class Person:
    """A key, and who it makes."""

    def __init__(self, seed=None):
        self.pk, self.sk = handshake.key_pair(sodium, seed or os.urandom(32))
        self.vault_id = sha(b'vd1 vault id', self.pk)

    def sign(self, message):
        return handshake.sign(sodium, self.sk, message)

    def fingerprint(self):
        return base64.b32encode(sha(b'vd1 firm id', self.pk)).decode().lower(
            )[:20]


class Place:
    """A vault, as who dials it knows it."""

    def __init__(self, owner):
        status = owner.call('vault.status')
        host, _, port = status['listen'].rpartition(':')
        self.at = host, int(port)
        self.id = unbase32(status['vault'][4:56])


def unbase32(text):
    return base64.b32decode(text.upper() + '=' * (-len(text) % 8))


def text_of(vault_id):
    return base64.b32encode(vault_id).decode().lower().rstrip('=')


def token_of(url):
    return unbase32(re.fullmatch(r'vault://.+:\d+/\w{52}#(\w{26})', url)[1])


def spending(token, th=None, pk=None):
    """Enrolment data by an invitation; other values than the session's where
    they are given."""
    def data(its_th, its_pk):
        return sha(b'vd1 invite id', token)[:8] + hmac.new(
            token, b'vd1 invite use\0' + (th or its_th) + (pk or its_pk),
            hashlib.sha256).digest()
    return data


class Hand:
    """Messages of the handshake, and the transcript that they are signed
    over."""

    def __init__(self, vault_id, ekm, binding=1, dialled=0):
        self.vault_id = vault_id
        self.th = sha(b'vd1 handshake v1\0', bytes([binding, dialled]), ekm)

    def add(self, message):
        self.th = sha(self.th, framed(message))
        return message

    def m1(self, versions=b'\x01'):
        return b'\x01' + bytes([len(versions)]) + versions + (
            self.vault_id + os.urandom(32))

    def m2(self, person, nonce=None):
        """Of a vault that is this person."""
        half = b'\x02\x01' + person.pk + (nonce or os.urandom(32)) + (
            struct.pack('>III', 262144, 1048576, 8))
        return half + person.sign(SPACES + SERVER_AUTH + sha(
            self.th, framed(half)))

    def m3(self, person, role=1, enrol=0, data=b'', **other):
        """other: pk, that of somebody else; text, a function of the digest
        to what is signed; sign, who signs."""
        pk = other.get('pk', person.pk)
        data = data(self.th, pk) if callable(data) else data
        half = bytes([3, role]) + pk + bytes([enrol]) + struct.pack(
            '>H', len(data)) + data + b'\0\0'
        text = other.get('text', lambda digest: SPACES + CLIENT_AUTH + digest)
        sign = other.get('sign', person.sign)
        return half + sign(text(sha(self.th, framed(half))))


class Talk:
    """A connection to a vault, behind its upgrade."""

    def __init__(self, place, at=None, **hand):
        self.tls = tls13.dial(at or place.at, CONTEXT, fresh_address())
        self.wire = ws.Wire(self.tls).open(host=HERE)
        self.ekm = self.tls.exporter()
        self.hand = Hand(place.id, self.ekm, **hand)

    def say(self, *messages):
        self.wire.send(b''.join(ws.frame(ws.BINARY, m) for m in messages))

    def challenged(self, versions=b'\x01', signed=None):
        """HELLO and CHALLENGE; signed: what C takes for its HELLO instead."""
        m1 = self.hand.m1(versions)
        self.say(m1)
        self.hand.add(m1 if signed is None else signed(m1))
        opcode, m2 = self.wire.frame()
        assert opcode == ws.BINARY and len(m2) == 142, (opcode, m2)
        self.hand.add(m2)
        return m2

    def told(self, *messages):
        """Say these; all frames up to the end."""
        frames = []
        try:
            self.say(*messages)
            while True:
                frames.append(self.wire.frame())
                if frames[-1][0] == ws.CLOSE:
                    self.wire.send(ws.frame(ws.CLOSE, frames[-1][1][:2]))
        except (ws.Closed, ConnectionError):
            pass
        self.wire.close()
        return frames

    def ready(self, person, **m3):
        """The session of somebody who is let in; returns AUTH and READY."""
        m3 = self.hand.m3(person, **m3)
        self.say(m3)
        opcode, m4 = self.wire.frame()
        assert opcode == ws.BINARY and m4[:2] == b'\x04\x00', m4[:2]
        return m3, m4


class Scene:
    """A vault, and one firm that it knows.  conf: the text of its
    configuration."""

    def __init__(self, conf='', **how):
        self.vault = Vault(ready=False)
        self.vault.init()
        self.options = ('--config',
                        self.vault.write('conf', conf)) if conf else ()
        self.vault.start(*self.options, **how)
        self.owner = self.vault.owner()
        self.place = Place(self.owner)
        self.count = itertools.count()
        self.known = Person()
        self.enrol(self.known)

    def invite(self):
        """(name, token) of a new invitation."""
        name = 'firm-%d' % next(self.count)
        return name, token_of(self.owner.change('firm.invite',
                                                name=name)['url'])

    def knock(self, person, **m3):
        """Come as this person; what is told up to the end."""
        talk = Talk(self.place)
        talk.challenged()
        return talk.told(talk.hand.m3(person, **m3))

    def spend(self, person, token):
        """Use an invitation that is open."""
        told = self.knock(person, enrol=1, data=spending(token))
        assert told[0][1][:2] == b'\x04\x02', told
        assert told[1:] == [(ws.CLOSE, b'\x03\xe8')], told

    def enrol(self, person, confirm=True):
        """The name that it has afterwards."""
        name, token = self.invite()
        self.spend(person, token)
        if confirm:
            self.owner.change('firm.confirm', firm=name)
        return name

    def block(self, name):
        self.owner.change('firm.block', firm=name)

    def session(self, person):
        """A wire on which a firm that is known may ask."""
        talk = Talk(self.place)
        talk.challenged()
        talk.ready(person)
        return talk.wire

    def restart(self):
        self.owner.close()
        self.vault.stop()
        self.vault.start(*self.options)
        self.owner = self.vault.owner()
        self.place = Place(self.owner)

    def end(self):
        """All must be well still."""
        self.session(self.known).close()
        assert self.owner.call('audit.verify')['ok']
        assert 'ERROR' not in self.vault.said(), self.vault.said()
        self.owner.close()
        self.vault.stop()
        assert 'all is well' in self.vault.check()


def is_refused(told, says=None):
    assert told == REFUSED, (says, told)


# ---- who stands in the vault's place ----

class Stand:
    """A port with TLS of its own; serve(stream) has one connection."""

    def __init__(self, serve):
        self.listener = socket.create_server((HERE, 0))
        self.port = self.listener.getsockname()[1]
        self.serve, self.fault = serve, None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            sock, _ = self.listener.accept()
            stream = tls13.Stream(sock, SERVER, accept=True)
            self.serve(stream)
            stream.end()
            while stream.recv(4096):
                pass
            stream.close()
        except (ws.Closed, OSError):
            pass
        except Exception as fault:  # told by who waits for it
            self.fault = fault

    def wait(self):
        self.listener.close()
        self.thread.join(ws.GUARD)
        assert not self.thread.is_alive() and self.fault is None, self.fault


def accept_upgrade(stream):
    """The other end's upgrade is agreed on; a wire to it."""
    wire = ws.Wire(stream)
    while b'\r\n\r\n' not in wire.left:
        wire.more()
    head, wire.left = wire.left.split(b'\r\n\r\n', 1)
    key = re.search(rb'(?i)\r\nsec-websocket-key: *(\S+)', head)[1]
    wire.send(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'
              b'Connection: Upgrade\r\nSec-WebSocket-Protocol: vault.v1\r\n'
              b'Sec-WebSocket-Accept: '
              + base64.b64encode(hashlib.sha1(key + GUID).digest())
              + b'\r\n\r\n')
    return wire


def masked(wire):
    """Opcode and payload of a client's frame."""
    first, second = wire.take(2)
    size = second & 0x7f
    size = int.from_bytes(wire.take(2), 'big') if size == 126 else size
    mask = wire.take(4)
    return first & 15, bytes(b ^ mask[i & 3]
                             for i, b in enumerate(wire.take(size)))


class Recorded(ws.Wire):
    """A wire on which these bytes came, and no more."""

    def __init__(self, data):
        self.left = data

    def more(self):
        raise ws.Closed('end')


def unmasked(data):
    """A frame of a server."""
    return ws.frame(ws.BINARY, data, mask=None)


class Proxy(Stand):
    """Ends TLS on both sides, and passes on what is within; up is what went
    to the vault."""

    def __init__(self, place):
        self.up, self.place = b'', place
        super().__init__(self.between)

    def between(self, firm):
        vault = tls13.dial(self.place.at, CONTEXT, fresh_address())
        others = {firm.sock: (firm, vault), vault.sock: (vault, firm)}
        while True:
            for sock in select.select(list(others), [], [], ws.GUARD)[0]:
                one, other = others[sock]
                data = one.recv(65536)
                if not data:
                    vault.close()
                    return
                self.up += data if one is firm else b''
                other.sendall(data)


CONTEXT = tls13.client_context()
SERVER = tls13.server_context()
