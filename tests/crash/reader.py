"""Firms of a crash harness: one that reads while the daemon is killed, and
those that ask for grants."""
import hashlib
import json
import threading
import time

import ws
from firm import Firm, live_terms
from journal import NS, SHOWN, T0, entries, need
from vault import Refusal

ASKS = 6  # requests that wait at a time
ASKS_DAY = 18  # a firm may send 20
LIVE = 3  # kind of a frame: a page of a subscription


class Askers:
    """Firms whose requests wait for the owner's yes."""

    def __init__(self, vault):
        self.vault, self.firm = vault, None
        self.count = self.asked = 0

    def ask(self, owner, new=False):
        """(firm, request) of some that are new; new: by a firm that is."""
        if new or self.firm is None or self.asked + ASKS > ASKS_DAY:
            self.count, self.asked = self.count + 1, 0
            self.firm = Firm(self.vault, owner, 'asker%d' % self.count)
        else:
            self.firm.owner = owner
            self.firm.connect()
        got = [(self.firm.name, self.firm.ask()['request'])
               for _ in range(ASKS)]
        self.asked += ASKS
        self.firm.wire.close()
        return got


class Tap:
    """A wire whose frames are looked at as they come."""

    def __init__(self, wire, saw):
        self.wire, self.saw = wire, saw
        self.text, self.close = wire.text, wire.close

    def frame(self):
        opcode, payload = self.wire.frame()
        self.saw(opcode, payload)
        return opcode, payload


class Reader(Firm):
    """Keeps the digest of each page that left, and the evidence beside it."""

    def __init__(self, vault, owner):
        super().__init__(vault, owner, 'reader')
        self.query_grant = self.given()
        self.live_grant = self.given(live_terms())
        self.wire.close()
        self.checked = None  # index of the last entry that was looked at
        self.total = 0  # pages, of all cycles
        self.killer = None

    def begin(self, owner, killer):
        """Read in a thread of its own until the daemon is gone."""
        self.owner = owner
        self.connect()
        self.wire = Tap(self.wire, self.saw)
        self.killer = killer
        self.got, self.evidence, self.refusal = [], [], None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def saw(self, opcode, payload):
        if opcode == ws.BINARY:
            self.killer.saw('page')
            ref = int.from_bytes(payload[8:16], 'little')
            self.got.append((payload[1] == LIVE, ref,
                             hashlib.sha256(payload).hexdigest()))
        elif opcode == ws.TEXT:
            message = json.loads(payload)
            if 'audit' in message:
                self.evidence.append(message['audit'])
            elif message.get('method') == 'audit.head':
                self.evidence.append(message['params'])

    def run(self):
        try:
            self.call('data.subscribe', grant=self.live_grant,
                      streams=[SHOWN], credit=1024)
            while self.refusal is None:
                self.read_once()
        except (ws.Closed, OSError):
            pass

    def read_once(self):
        try:
            number = self.send('data.query', grant=self.query_grant,
                               streams=[SHOWN], limit=20,
                               **{'from': T0 - NS})
            self.answer(number)
            self.page(number)
            time.sleep(0.003)
        except Refusal as refusal:
            self.refusal = None if refusal.reason == 'rate' else refusal
            time.sleep(0.02)

    def end(self):
        self.thread.join()
        self.wire.close()
        self.total += len(self.got)

    def compare(self, owner):
        """No page without its entry, and no entry that was taken back."""
        need(self.refusal is None, 'a read was refused:', self.refusal)
        listed = entries(owner, self.name, ['use', 'span.open'], self.checked)
        at = {entry['index']: entry for entry in listed}
        self.checked = max(at, default=self.checked)
        for one in self.evidence:
            kept = at.get(one['index'], {})
            need(kept.get('entry') == one['entry']
                 and kept.get('detail') == one['detail'],
                 'an entry that a firm holds is gone:', one['detail'])
        details = [json.loads(entry['detail']) for entry in listed]
        uses = {detail.get('sha256') for detail in details}
        spans = {detail.get('subscription') for detail in details}
        for live, ref, digest in self.got:
            need(ref in spans if live else digest in uses,
                 'a page left without its entry:', ref, digest, 'live' * live)
