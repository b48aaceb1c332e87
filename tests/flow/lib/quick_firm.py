"""A firm's session without node: TLS by libssl and keys by libsodium, for those
who need many firms, or many to read at once."""
import base64
import json
import select
import time

import ws
from door import Person, Place, Talk, spending, token_of
from firm import TERMS, Firm
from hostile import base64url
from vault import Client, ulid
import handshake  # where vault.py says


class Wire:
    """One of TLS, which is also gone when it cannot be written to."""

    def __init__(self, wire):
        self.wire, self.frame, self.close = wire, wire.frame, wire.close

    def text(self, text):
        try:
            self.wire.text(text)
        except OSError as e:
            raise ws.Closed('end') from e

    def comes(self, seconds):
        """Is there something to be read within that time?"""
        return self.wire.left or select.select([self.wire.sock.sock], [], [],
                                               seconds)[0]


class QuickFirm(Firm):
    """As Firm.  Its calls are numbered on when it connects anew."""

    def __init__(self, vault, owner, name):
        self.person, self.place, self.count = Person(), Place(owner), 0
        super().__init__(vault, owner, name)
        self.aud = self.call('session.info')['receipt']['id']

    def enrol(self):
        token = token_of(self.owner.change('firm.invite',
                                           name=self.name)['url'])
        talk = Talk(self.place)
        talk.challenged()
        told = talk.told(talk.hand.m3(self.person, enrol=1,
                                      data=spending(token)))
        assert told[0][1][:2] == b'\x04\x02', told
        digest = handshake.sha(b'vd1 firm id', self.person.pk)
        return 'vf1:' + base64.b32encode(digest).decode().lower().rstrip('=')

    def connect(self):
        talk, count = Talk(self.place), self.count
        talk.challenged()
        talk.ready(self.person)
        Client.__init__(self, Wire(talk.wire))
        self.comes = self.wire.comes
        self.count = count
        return self

    def take_for(self, seconds, until):
        """Take what comes, so long or until something holds."""
        end = time.monotonic() + seconds
        while not until() and self.comes(max(0, end - time.monotonic())):
            self.take()

    def signed(self, terms):
        """A request, of now."""
        kid = handshake.sha(
            b'{"crv":"Ed25519","kty":"OKP","x":"%s"}'
            % base64url(self.person.pk).encode())
        text = '.'.join(base64url(json.dumps(part).encode()) for part in (
            {'alg': 'Ed25519', 'typ': 'vault-request+jwt',
             'kid': base64url(kid)},
            {'v': 1, 'jti': ulid(), 'iss': self.id, 'aud': self.aud,
             'iat': int(time.time()), **terms}))
        return text + '.' + base64url(self.person.sign(text.encode()))

    def ask(self, terms=TERMS):
        return self.call('request.submit', request=self.signed(terms))
