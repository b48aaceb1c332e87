"""Races of grant.revoke against a firm's queries and live rows.

usage: revoke_race.py BIN [--races N] [--only queries|live] [--seeded]

Once the owner's revoke is answered, nothing of the grant leaves.  A firm and
an owner are two connections, so what came first is told by four things that
need no clock: the pages' numbers, which end at the answer's last_seq; a marker
row that is appended after the answer and must never come; the log, which has
no use behind the end of its grant, and an entry for each page before it; and a
new question after the answer, which must be refused.

VAULT_TEST_SEED=n replays the delays.  --seeded: two daemons, each with a
planted fault (VAULT_SEED); the run is good only if queries find the first and
live rows the second.
"""
import argparse
import hashlib
import itertools
import json
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../flow/lib'))
import ws  # noqa: E402
from firm import TERMS, Firm, live_terms, node  # noqa: E402
from journal import Lost, entries, need  # noqa: E402
from reader import Tap  # noqa: E402
from vault import Refusal, Vault, ulid  # noqa: E402

NS = 10**9
T0 = int(time.time()) // 3600 * 3600 - 86400
ASKS = 20   # a firm may ask so often a day
FIRMS = 8   # at a time: a race of each takes long enough to be within rates
ROWS = 4000  # three pages of JSON
# A stream gives a live page a second at most, so each row is of the next one.
LIVE = ['live/%02d' % i for i in range(40)]
SEEDS = {'queries': 'check-outside-txn', 'live': 'decision-cached'}


class Racer(Firm):
    """A firm that keeps the digest of each page it got."""

    def __init__(self, vault, owner, number):
        self.asks, self.digests, self.listed = 0, [], None
        super().__init__(vault, owner, 'racer%d' % number)

    def connect(self):
        super().connect()
        self.wire = Tap(self.wire, self.saw)
        return self

    def saw(self, opcode, payload):
        if opcode == ws.BINARY or payload.startswith(
                b'{"jsonrpc":"2.0","method":"data.page"'):
            self.digests.append(hashlib.sha256(payload).hexdigest())

    def new_entries(self):
        got = entries(self.owner, self.name,
                      ['grant', 'use', 'span.open'], self.listed)
        self.listed = got[-1]['index'] if got else self.listed
        return got


class Race:
    def __init__(self, env, random):
        self.random = random
        self.vault = Vault(ready=False)
        self.vault.init()
        self.vault.start(env=env)
        self.owner, self.writer = self.vault.owner(), self.vault.owner()
        for name in ('race/a', 'race/live', *LIVE):
            self.owner.create(name, 'device.state', value='i64')
        self.firms, self.made = [], 0
        self.next = ROWS
        self.writer.append('race/a', [[T0 * NS + i, i]
                                      for i in range(1, ROWS + 1)])
        self.stop = threading.Event()
        self.span = 0  # seconds that an answer takes
        self.cuts = 0

    def given(self, terms):
        """A fresh grant of the firm whose turn it is, now self.firm."""
        if len(self.firms) < FIRMS:
            self.made += 1
            self.firms.append(Racer(self.vault, self.owner, self.made))
        self.firm = self.firms.pop(0)
        self.firm.asks += 1
        if self.firm.asks < ASKS:
            self.firms.append(self.firm)
        while True:
            try:
                return self.firm.given(terms)
            except Refusal as refusal:
                need(refusal.reason == 'rate', refusal)
                time.sleep(refusal.data['retry_after_ms'] / 1000)

    def ended(self):
        """What a firm had that will not be used again."""
        if self.firm.asks == ASKS:
            self.firm.wire.close()

    def write(self, stream):
        """One row more; its value is its number."""
        self.next += 1
        self.writer.append(stream, [[T0 * NS + self.next, self.next]])
        return self.next

    def keep_writing(self):
        for stream in itertools.cycle(LIVE):
            if self.stop.is_set():
                return
            self.write(stream)

    def logged(self, grant):
        """The log ends with the end of the grant, and has every page."""
        mine = [e for e in self.firm.new_entries() if e['subject'] == grant]
        last = [json.loads(e['detail']).get('event') for e in mine]
        need(last.count('withdrawn') == 1, 'ends of a grant:', last)
        need(last[-1] == 'withdrawn', 'an entry of a use behind the end:',
             mine[-1]['detail'])
        uses = {json.loads(e['detail']).get('sha256') for e in mine}
        digests, self.firm.digests = self.firm.digests, []
        if not any(e['type'] == 'span.open' for e in mine):
            need(uses.issuperset(digests), 'a page without its entry')

    def query_grant(self):
        """Revoke under queries; returns how many were answered."""
        grant = self.given(TERMS)
        if not self.span:
            begun = time.monotonic()
            self.firm.answer(self.ask(grant))
            self.span = time.monotonic() - begun
        waiting = [self.ask(grant)]
        time.sleep(self.random.uniform(0, 1.5 * self.span))
        revoke = self.owner.send('grant.revoke', grant=grant, idem=ulid())
        waiting.append(self.ask(grant))
        got = self.owner.answer(revoke)
        marker = self.write('race/a')
        answered = 0
        try:
            answered = sum(self.outcome(number) for number in waiting)
            self.settle(grant)
        except ws.Closed:
            self.cut_off(grant)
        pages, self.firm.pages = self.firm.pages, []
        for number in waiting:
            self.in_order([p for p in pages if p.ref == number], got)
        need(not any(row[1] >= marker for p in pages for row in p.rows),
             'a row that was read after the revoke')
        self.logged(grant)
        return answered

    def in_order(self, pages, got):
        """Numbered from 1; and where the answer was cut, up to last_seq."""
        seqs = [p.seq for p in pages]
        need(seqs == list(range(1, len(seqs) + 1)), 'seqs', seqs)
        if seqs and not pages[-1].final:
            need(seqs[-1] <= got['last_seq'], 'pages after the revoke:', seqs,
                 got)

    def cut_off(self, grant):
        """A page that was half sent when the grant ended took its connection
        along: that is the only way to be silent."""
        self.cuts += 1
        pages = self.firm.pages
        self.firm.wire.close()
        self.firm.connect()
        self.settle(grant)
        self.firm.pages = pages + self.firm.pages

    def settle(self, grant):
        """Whatever was on its way is there: a question that goes the same way
        through workers and log was answered, by a no."""
        need(not self.outcome(self.ask(grant)), 'an answer after the revoke')

    def ask(self, grant):
        return self.firm.send('data.query', grant=grant, streams=['**'],
                              form='json', credit=64, **{'from': T0 * NS})

    def outcome(self, number):
        """Was it answered?"""
        try:
            self.firm.answer(number)
            return True
        except Refusal as refusal:
            need(refusal.reason in ('ended', 'rate'), refusal)
            return False

    def live_grant(self):
        """Revoke under live rows; returns how many pages came."""
        grant = self.given(live_terms())
        firm = self.firm
        number = firm.call('data.subscribe', grant=grant, streams=['**'],
                           credit=1024)['subscription']
        self.stop.clear()
        writer = threading.Thread(target=self.keep_writing)
        writer.start()
        time.sleep(self.random.uniform(0, 0.04))
        got = self.owner.change('grant.revoke', grant=grant)
        self.stop.set()
        writer.join()
        marker = self.write('race/live')
        try:
            self.settle(grant)
        except ws.Closed:
            self.cut_off(grant)
        pages = [p for p in firm.pages if p.ref == number]
        firm.pages = []
        self.in_order(pages, got)
        need(got['durable'] and got['state'] == 'withdrawn', got)
        need(not any(row[1] >= marker for p in pages for row in p.rows),
             'a row that was written after the revoke')
        self.logged(grant)
        return len(pages)

    def run(self, races, only):
        """Returns (queries answered, live pages) before their revokes."""
        answered = pages = 0
        for count in range(races):
            if only == 'live' or (only is None and count % 2):
                pages += self.live_grant()
            else:
                answered += self.query_grant()
            self.ended()
        need(answered or only == 'live', 'no query raced')
        need(pages or only == 'queries', 'no live row raced')
        return answered, pages

    def hang_up(self):
        for firm in self.firms:
            firm.wire.close()

    def close(self):
        self.hang_up()
        self.writer.close()
        self.owner.close()
        self.vault.stop()
        need('all is well' in self.vault.check(), 'check')


def seeded(only, races, seed):
    """Does this half find its fault?"""
    race = Race({'VAULT_SEED': SEEDS[only]}, random.Random(seed))
    try:
        race.run(races, only)
    except Lost as lost:
        print('%s, race of firm %d: %s' % (only, race.made, lost))
        race.hang_up()
        return True
    print('%s: %s was not seen' % (only, SEEDS[only]))
    return False


def main():
    read = argparse.ArgumentParser()
    read.add_argument('bin')
    read.add_argument('--races', type=int, default=200)
    read.add_argument('--only', choices=SEEDS)
    read.add_argument('--seeded', action='store_true')
    args = read.parse_args()
    seed = int(os.environ.get('VAULT_TEST_SEED') or time.time_ns() % 10**9)
    print('VAULT_TEST_SEED=%d' % seed, flush=True)
    node()
    if args.seeded:
        found = [seeded(only, args.races, seed) for only in
                 ([args.only] if args.only else SEEDS)]
        sys.exit(0 if all(found) else 1)
    race = Race({}, random.Random(seed))
    answered, pages = race.run(args.races, args.only)
    race.close()
    print('%d races of %d firms: %d queries answered and %d live pages '
          'before, nothing after the revoke; %d connections cut in a page'
          % (args.races, race.made, answered, pages, race.cuts))


main()
