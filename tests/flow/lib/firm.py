"""A firm's session, by way of node_firm.mjs: Python's ssl has no exporter."""
import base64
import contextlib
import os
import shutil
import subprocess
import time

import ws
from vault import Client, skip

CALLS_S, CALLS_BURST = 10, 50
SCRIPT = os.path.join(os.path.dirname(__file__), '..', 'node_firm.mjs')

TERMS = {
    'controller': {'name': 'Bright Grid Ltd', 'contact': 'mailto:p@bg.example',
                   'address': '1 High Street, Leeds', 'country': 'GB'},
    'notice': {'uri': 'https://bg.example/privacy', 'sha256': 'ab' * 32,
               'lang': 'en'},
    'authority': "Information Commissioner's Office",
    'rights': 'mailto:p@bg.example',
    'purposes': [{'id': 'service.repair', 'text': 'We look what is slow.',
                  'lang': 'en', 'basis': 'consent',
                  'if_denied': 'A technician comes to you.'}],
    'items': [{'n': 1, 'data': 'device.state', 'stats': 'raw',
               'window_s': 86400 * 3650, 'delay_s': 0}],
    'action': 'read', 'rate': None, 'uses': None, 'life_s': 86400,
    'keep_s': 86400, 'onward': [], 'where': ['GB'], 'profiling': 'none',
    'automated': False, 'training': False, 'gatekeeper': False}


def live_terms():
    """The same, for rows as they come."""
    return {**TERMS, 'action': 'live',
            'items': [{**TERMS['items'][0], 'every_s': 1}]}


def node():
    """The program, or the test is skipped."""
    path = shutil.which('node') or skip('node is not installed')
    version = subprocess.run([path, '--version'], capture_output=True)
    if int(version.stdout.decode().lstrip('v').split('.')[0]) < 18:
        skip('node is older than 18')
    return path


def place_of(owner):
    """Where the vault is, as firms name it."""
    status = owner.call('vault.status')
    return '%s@%s' % (status['vault'].partition('@')[0], status['listen'])


class NodeWire:
    """Lines of the script as frames."""

    def __init__(self, key, place):
        self.process = subprocess.Popen(
            [node(), SCRIPT, key, 'talk', place], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        opcode, said = self.frame()
        if opcode != 'R':
            self.close()
            raise ws.Closed(said.decode())

    def text(self, text):
        try:
            self.process.stdin.write(text.encode() + b'\n')
            self.process.stdin.flush()
        except BrokenPipeError as e:
            raise ws.Closed('end') from e

    def frame(self):
        line = self.process.stdout.readline()
        if not line.endswith(b'\n'):  # the script ends with its connection
            raise ws.Closed('end')
        mark, _, rest = line.rstrip(b'\n').partition(b' ')
        if mark == b'T':
            return ws.TEXT, rest
        if mark == b'B':
            return ws.BINARY, base64.b64decode(rest)
        if mark == b'C':
            code, _, why = rest.partition(b' ')
            return ws.CLOSE, int(code).to_bytes(2, 'big') + why
        return mark.decode(), rest

    def close(self):
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(BrokenPipeError):  # a text that did not go
            self.process.stdin.close()
        self.process.stdout.close()


class Firm(Client):
    """A firm that the owner has confirmed, in a session."""

    paced = False
    left, asked = 0, 0.0  # calls it may make, as of when

    def __init__(self, vault, owner, name):
        self.key = vault.path(name + '.jwk')
        self.vault, self.owner, self.name = vault, owner, name
        self.id = self.enrol()
        owner.change('firm.confirm', firm=name)
        self.connect()

    def enrol(self):
        url = self.owner.change('firm.invite', name=self.name)['url']
        done = subprocess.run([node(), SCRIPT, self.key, 'enrol', url],
                              capture_output=True, timeout=ws.GUARD)
        said = done.stdout.decode().splitlines()
        assert said and said[0].startswith('vf1:'), (said, done.stderr)
        return said[0]

    def connect(self):
        super().__init__(NodeWire(self.key, place_of(self.owner)))
        return self

    def send(self, method, **params):
        """Paced, it keeps to what a firm may ask: CALLS_S a second, half of
        CALLS_BURST at once.  Else a test that is quick enough is refused."""
        if self.paced:
            now = time.monotonic()
            self.left = min(self.left + (now - self.asked) * CALLS_S,
                            CALLS_BURST / 2)
            self.asked = now
            if self.left < 1:
                time.sleep((1 - self.left) / CALLS_S)
            self.left -= 1
        return super().send(method, **params)

    def ask(self, terms=TERMS):
        """Submit a request; returns its outcome."""
        return self.call('request.submit', terms=terms)

    def given(self, terms=TERMS, **narrower):
        """A grant that the owner gives."""
        request = self.ask(terms)['request']
        return self.owner.change('request.approve', request=request,
                                 **narrower)['grant']
