"""A firm that races: what it got, and what is kept of it in the log."""
import hashlib
import time

import ws
from firm import CALLS_BURST, CALLS_S
from journal import entries
from quick_firm import QuickFirm
from reader import Tap
from vault import FINAL, Page

CALLS = 8  # as many as a race has at most


class Racer(QuickFirm):
    """A firm that keeps the digest of each page it got."""

    def __init__(self, vault, owner, name):
        self.digests, self.listed, self.over = [], None, set()
        self.asks, self.left, self.at = 0, 0, 0
        super().__init__(vault, owner, name)

    @staticmethod
    def json_page(params):
        """Its rows as they came: thousands of times are not worth reading."""
        return Page(params['ref'], params['seq'], params['ordinal'],
                    params['rows'], FINAL * params['final'], None)

    def connect(self):
        super().connect()
        self.wire = Tap(self.wire, self.saw)
        return self

    def saw(self, opcode, payload):
        if opcode == ws.BINARY or payload.startswith(
                b'{"jsonrpc":"2.0","method":"data.page"'):
            self.digests.append(hashlib.sha256(payload).hexdigest())

    def send(self, method, **params):
        self.left -= 1
        return super().send(method, **params)

    def rests(self):
        """Seconds until a race is within what it may call: none is refused
        for that, since such a refusal says nothing of a grant."""
        now = time.monotonic()
        self.left = min(self.left + (now - self.at) * (CALLS_S - 1),
                        CALLS_BURST - CALLS)
        self.at = now
        return max(0, (CALLS - self.left) / (CALLS_S - 1))

    def new_entries(self):
        got = entries(self.owner, self.name,
                      ['grant', 'use', 'span.open'], self.listed)
        self.listed = got[-1]['index'] if got else self.listed
        return got
