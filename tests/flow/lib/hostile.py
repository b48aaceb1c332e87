"""A firm that signs what it likes, and says what exactly it was told."""
import base64
import json
import time

import ws
from firm import TERMS, Firm
from vault import refused, ulid
import handshake  # where vault.py says

LACKS = object()  # a member that is left out
ITEM = TERMS['items'][0]
sodium = handshake.sodium()


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def item(**other):
    return {'items': [{k: v for k, v in {**ITEM, **other}.items()
                       if v is not LACKS}]}


def purpose(**other):
    return {'purposes': [{**TERMS['purposes'][0], **other}]}


class Tap:
    """A wire, and the blocks that came over it by their subscription."""

    def __init__(self, wire):
        self.wire, self.text, self.close = wire, wire.text, wire.close
        self.blocks = {}

    def frame(self):
        opcode, payload = self.wire.frame()
        if opcode == ws.BINARY:
            ref = int.from_bytes(payload[8:16], 'little')
            self.blocks.setdefault(ref, []).append(payload)
        return opcode, payload


class Hostile(Firm):
    """Knows how to sign what it likes, and to stay below the rate of calls."""

    def __init__(self, vault, owner, name):
        self.tokens, self.at = 45, time.monotonic()
        super().__init__(vault, owner, name)
        self.aud = self.call('session.info')['receipt']['id']

    def send(self, method, **params):
        now = time.monotonic()
        self.tokens = min(45, self.tokens + 9 * (now - self.at)) - 1
        self.at = now
        if self.tokens < 0:
            time.sleep(0.2)
        return super().send(method, **params)

    def error(self, method, **params):
        """The bytes of the refusal, but for the request's id."""
        number = self.send(method, **params)
        mark = b'"id":%d,' % number
        while True:
            opcode, payload = self.wire.frame()
            if opcode == ws.TEXT and mark in payload:
                assert b'"error"' in payload, payload
                return payload.replace(mark, b'')

    def payload(self, **other):
        """Of a request, with other members than are right."""
        members = {'v': 1, 'jti': ulid(), 'iss': self.id, 'aud': self.aud,
                   'iat': int(time.time()), **TERMS, **other}
        return json.dumps({k: v for k, v in members.items() if v is not LACKS})

    def sign(self, payload, seed=None, **header):
        with open(self.key) as file:
            jwk = json.load(file)
        kid = base64url(handshake.sha(json.dumps(
            {'crv': 'Ed25519', 'kty': 'OKP', 'x': jwk['x']},
            separators=(',', ':')).encode()))
        head = {'alg': 'Ed25519', 'typ': 'vault-request+jwt', 'kid': kid,
                **header}
        text = '.'.join(base64url(part.encode())
                        for part in (json.dumps(head), payload))
        _, sk = handshake.key_pair(
            sodium, seed or base64.urlsafe_b64decode(jwk['d'] + '=='))
        return text + '.' + base64url(handshake.sign(sodium, sk,
                                                     text.encode()))

    def submit(self, **other):
        return self.call('request.submit',
                         request=self.sign(self.payload(**other)))

    def refused_submit(self, text):
        return refused(self.call, 'request.submit', request=text)
