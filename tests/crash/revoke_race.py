"""Races of grant.revoke against a firm's queries and live rows.

usage: revoke_race.py BIN [--races N]

Once the owner's revoke is answered with last_seq, the firm gets no live page
of a greater seq, no page of a query, and no new answer.  What the firm reads
is numbered by arrival: a marker row that is appended after the answer must
never come, and everything the firm got must have been sent before.
"""
import argparse
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../flow/lib'))
from firm import TERMS, Firm, live_terms, node  # noqa: E402
from vault import Refusal, Vault, ulid  # noqa: E402

NS = 10**9
T0 = int(time.time()) // 3600 * 3600 - 86400
ASKS = 20  # a firm may ask so often a day


class Race:
    def __init__(self, vault, owner, firms, random):
        self.owner, self.random = owner, random
        self.firms = [Firm(vault, owner, 'racer%d' % i) for i in range(firms)]
        self.writer = vault.owner()
        self.next = 0
        self.stop = threading.Event()

    def given(self, terms):
        """The firm whose turn it is, and a fresh grant of it."""
        self.firms.append(self.firms.pop(0))
        self.firm = self.firms[-1]
        while True:
            try:
                return self.firm.given(terms)
            except Refusal as refusal:
                assert refusal.reason == 'rate', refusal
                time.sleep(refusal.data['retry_after_ms'] / 1000)

    def settle(self):
        """Whatever was on its way to the firm is there: an answer came."""
        try:
            self.firm.call('session.info')
        except Refusal as refusal:
            assert refusal.reason == 'rate', refusal

    def write(self):
        """One row more; its value is its number."""
        self.next += 1
        self.writer.append('race/a', [[T0 * NS + self.next, self.next]])
        return self.next

    def keep_writing(self):
        while not self.stop.is_set():
            self.write()

    def query_grant(self):
        """Revoke under queries; returns how many were answered."""
        grant = self.given(TERMS)
        self.write()
        waiting = [self.ask(grant)]
        time.sleep(self.random.uniform(0, 0.006))
        revoke = self.owner.send('grant.revoke', grant=grant, idem=ulid())
        waiting.append(self.ask(grant))
        self.owner.answer(revoke)
        marker = self.write()
        after = self.ask(grant)
        answered = sum(self.outcome(number) for number in waiting)
        assert not self.outcome(after), 'a new answer after the revoke'
        self.settle()
        values = {row[1] for page in self.firm.pages for row in page.rows}
        self.firm.pages.clear()
        assert marker not in values, 'a row read after the revoke'
        return answered

    def ask(self, grant):
        return self.firm.send('data.query', grant=grant, streams=['**'],
                              **{'from': T0 * NS + max(1, self.next - 50)})

    def outcome(self, number):
        """Was it answered?"""
        try:
            self.firm.answer(number)
            return True
        except Refusal as refusal:
            assert refusal.reason in ('ended', 'rate'), refusal
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
        time.sleep(self.random.uniform(0, 0.02))
        got = self.owner.change('grant.revoke', grant=grant)
        self.stop.set()
        writer.join()
        marker = self.write()
        self.settle()
        pages = [p for p in firm.pages if p.ref == number]
        firm.pages.clear()
        seqs = [p.seq for p in pages]
        assert seqs == list(range(1, len(seqs) + 1)), seqs
        assert not seqs or seqs[-1] <= got['last_seq'], (seqs, got)
        assert got['durable'] and got['state'] == 'withdrawn', got
        assert not any(row[1] >= marker for p in pages for row in p.rows)
        return len(pages)


def main():
    read = argparse.ArgumentParser()
    read.add_argument('bin')
    read.add_argument('--races', type=int, default=200)
    args = read.parse_args()
    seed = int(os.environ.get('VAULT_TEST_SEED') or time.time_ns() % 10**9)
    print('VAULT_TEST_SEED=%d' % seed, flush=True)
    node()
    vault = Vault()
    owner = vault.owner()
    owner.create('race/a', 'device.state')
    race = Race(vault, owner, 2 + args.races // ASKS, random.Random(seed))
    answered = pages = 0
    for count in range(args.races):
        if count % 2:
            answered += race.query_grant()
        else:
            pages += race.live_grant()
    for one in (*race.firms, race.writer, owner):
        one.wire.close()
    vault.stop()
    assert 'all is well' in vault.check()
    assert answered and pages, 'nothing raced'
    print('%d races: %d queries answered and %d live pages before, nothing '
          'after the revoke' % (args.races, answered, pages))


main()
