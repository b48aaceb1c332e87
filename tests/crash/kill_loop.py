"""Kill the real daemon again and again: nothing acknowledged is lost, nothing
is stored twice, nothing left without its entry, and all on disk agrees.

usage: kill_loop.py BIN [--kills N] [--only rows|consents|reads] [--seeded]

The driver keeps its own journal of what it sent and what was acknowledged.
VAULT_TEST_SEED=n replays the moments and batches of a run (not the machine's
own timing).  --seeded: the daemon has a planted fault (VAULT_SEED), and the
run is good only if it is found; with --only, by that part of the harness.
"""
import argparse
import collections
import os
import random
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../flow/lib'))
import ws  # noqa: E402
from journal import (SHOWN, STREAMS, T0, Batch, Change,  # noqa: E402
                     Consent, Erase, Lost, need)
from killer import Killer  # noqa: E402
from reader import Askers, Reader  # noqa: E402
from vault import Refusal, Vault  # noqa: E402

OUTSTANDING = 4
EVENTS = {  # what sets the kills off, in turn
    'all': ['moment', 'answer', 'consent', 'moment', 'page', 'flight'],
    'rows': ['moment', 'answer'],
    'consents': ['consent', 'flight'],
    'reads': ['page', 'moment'],
}


class Loop:
    def __init__(self, seed, env, only):
        self.random = random.Random(seed)
        self.only = only
        self.next = 0
        self.changes = 0
        self.rows = self.stored_rows = 0  # in all, and in the three streams
        self.pool, self.settled = [], []  # consents to come, and done
        self.doomed = []  # streams that will be erased
        self.count = collections.Counter()
        self.vault = Vault(ready=False)
        self.vault.init()
        self.env = {}  # what all begins with is made by a daemon that is well
        self.start()
        for name in STREAMS:
            category = 'device.state' if name == SHOWN else 'unsorted'
            self.owner.create(name, category, value='i64')
        self.meet_firms()
        self.env = env
        self.restart()

    def restart(self):
        self.owner.close()
        self.vault.stop()
        self.start()

    def start(self):
        self.vault.start(env=self.env)
        self.owner = self.vault.owner()

    def meet_firms(self):
        """Those whose requests wait, and the one that reads."""
        self.askers = self.reader = None
        if shutil.which('node') is None:
            print('without node there are no firms: consents and reads are '
                  'not part of this run')
            need(self.only in ('all', 'rows'), 'nothing is left of it')
            return
        if self.only in ('all', 'consents'):
            self.askers = Askers(self.vault)
            for _ in range(3):
                self.ask(new=True)
        if self.only in ('all', 'reads'):
            self.reader = Reader(self.vault, self.owner)
            self.owner.append(SHOWN, [[T0, self.next]])
            self.next += 1
            self.rows += 1
            self.stored_rows += 1

    def ask(self, new=False):
        self.pool += [Consent(*asked)
                      for asked in self.askers.ask(self.owner, new)]

    def consent(self):
        self.killer.consent_sent()
        return self.pool.pop(self.random.randrange(len(self.pool)))

    def item(self):
        """What is sent next; None: nothing yet."""
        if self.pool and self.killer.wants_consent():
            return self.consent()
        if self.only in ('consents', 'reads'):
            return None
        dice = self.random.random()
        if dice < 0.004 and self.pool:
            return self.pool.pop(self.random.randrange(len(self.pool)))
        if dice < 0.012 and self.doomed:
            return Erase(self.doomed.pop())
        if dice < 0.02 and self.only == 'all':
            self.changes += 1
            return Change(self.random, self.changes)
        item = Batch(self.random, self.next)
        self.next += len(item.rows)
        return item

    def work(self):
        """Send until the daemon is gone; returns what was sent, in order."""
        sent, waiting = [], {}
        try:
            while self.vault.process.poll() is None:
                item = self.item()
                if item is None:
                    time.sleep(0.001)
                else:
                    sent.append(item)
                    number = self.owner.send(item.method, **item.params())
                    waiting[number] = item
                while (len(waiting) >= OUTSTANDING or self.owner.answers
                       or (item is None and waiting)):
                    self.collect(waiting)
        except (ws.Closed, OSError):
            pass
        try:
            while True:
                self.collect(waiting)
        except (ws.Closed, OSError):
            return sent

    def collect(self, waiting):
        while not self.owner.answers:
            self.owner.take()
            self.killer.saw('answer')
        for number in list(self.owner.answers):
            self.owner.answer(number)
            item = waiting.pop(number)
            item.acknowledged = True
            if isinstance(item, Consent):
                self.killer.saw('consent')

    def cycle(self, number):
        """One kill; returns how many were acknowledged and sent."""
        event = EVENTS[self.only][number % len(EVENTS[self.only])]
        if event == 'page' and self.reader is None:
            event = 'moment'
        if (self.askers and not self.env
                and not any(c.grant is None for c in self.pool)):
            self.ask()
        self.killer = Killer(self.vault.process, self.random, event)
        reading = self.reader and (event == 'page' or self.only == 'reads')
        if reading:
            self.reader.begin(self.owner, self.killer)
        first = self.next
        self.killer.begin()
        sent = self.work()
        self.killer.end()
        self.vault.process.wait()
        if reading:
            self.reader.end()
        self.owner.close()
        self.vault.check()
        self.start()
        if reading:
            self.reader.compare(self.owner)
        self.compare(sent, first)
        self.count[event] += 1
        return sum(i.acknowledged for i in sent), len(sent)

    def stored(self, first):
        """How often each row from first on is there."""
        count = {}
        for row in self.owner.query(*STREAMS, **{'from': T0 + first}).rows:
            need(row[0] == T0 + row[1], 'a bent row', row)
            count[row[1]] = count.get(row[1], 0) + 1
        return count

    def compare(self, sent, first):
        count = self.stored(first)
        for item in sent:
            if not isinstance(item, Batch):
                there = [item.count(self.owner)]
            else:
                there = [count.get(row[1], 0) for row in item.rows]
            need(max(there) <= 1, 'doubled', item.params())
            need(min(there) == max(there), 'half a batch', item.params())
            need(there[0] or not item.acknowledged, 'lost', item.params())
        for item in [i for i in sent if not i.acknowledged] + sent[:1]:
            self.repeat(item)
        for item in [i for i in sent if isinstance(i, (Change, Erase))]:
            self.doom(item)
        for item in [i for i in sent if isinstance(i, Consent)]:
            self.count[item.method] += 1
            self.settled.append(item)
            self.pool += filter(None, [item.revoke(self.owner)])
        count = self.stored(first)
        need(all(n == 1 for n in count.values()), 'doubled by a repeat')
        need(len(count) == self.next - first, 'lost by a repeat')
        self.rows += len(count)
        self.stored_rows += len(count)
        status = self.owner.call('vault.status')
        need(status['samples'] == self.rows, 'samples', status, self.rows)
        self.verify()

    def doom(self, item):
        """Rows into a stream that was made, which are gone with it."""
        if item.method == 'stream.create':
            name = 'made/' + item.name
            self.owner.append(name, [[T0 + i, i]
                                     for i in range(Erase.rows)])
            self.rows += Erase.rows
            self.doomed.append(name)
        elif item.method == 'stream.erase':
            self.count[item.method] += 1
            self.rows -= Erase.rows

    def verify(self):
        verified = self.owner.call('audit.verify')
        need(verified['ok'] and not verified['problems'], verified)

    def repeat(self, item):
        """What was not acknowledged is sent again, and must be answered."""
        try:
            self.owner.call(item.method, **item.params())
        except Refusal as refusal:
            raise Lost('a repeat was refused: %s' % refusal) from refusal
        if not isinstance(item, Batch):
            need(item.count(self.owner) == 1, 'a repeat made none or two')

    def end(self):
        """All rows and consents of all cycles, once more, by a daemon that
        is well."""
        self.restart()
        count = self.stored(0)
        need(len(count) == self.stored_rows == self.next, 'rows', len(count),
             self.stored_rows, self.next)
        need(len(self.settled) > 1 or not self.askers, 'no consent raced')
        need(not self.reader or self.reader.total, 'no page raced')
        pending = [e for e in self.owner.call('stream.erasures')['erasures']
                   if e['state'] == 'pending']
        need(not pending, 'keys of erases are there still', pending[:1])
        for item in self.settled:
            need(item.count(self.owner) == 1, 'lost later', item.params())
        self.verify()
        self.owner.close()
        self.vault.stop()
        self.vault.check()


def main():
    read = argparse.ArgumentParser()
    read.add_argument('bin')
    read.add_argument('--kills', type=int, default=150)
    read.add_argument('--only', choices=EVENTS, default='all')
    read.add_argument('--seeded', action='store_true')
    args = read.parse_args()
    seed = int(os.environ.get('VAULT_TEST_SEED') or time.time_ns() % 10**9)
    print('VAULT_TEST_SEED=%d' % seed, flush=True)
    env = {'VAULT_SEED': 'ack-before-commit'} if args.seeded else {}
    loop = Loop(seed, env, args.only)
    acknowledged = sent = done = 0
    try:
        for done in range(1, args.kills + 1):
            got = loop.cycle(done)
            acknowledged += got[0]
            sent += got[1]
            if done % 50 == 0:
                print('%d kills so far' % done, flush=True)
        loop.end()
    except Lost as lost:
        print('kill %d, by %s: %s' % (done, loop.killer.event, lost))
        sys.exit(0 if args.seeded else 1)
    pages = loop.reader.total if loop.reader else 0
    print('%d kills (%s): %d sent, %d acknowledged, %d rows, %d pages to a '
          'firm: 0 lost, 0 doubled, 0 without an entry'
          % (done, ', '.join('%d %s' % (n, e) for e, n in
                             sorted(loop.count.items())),
             sent, acknowledged, loop.rows, pages))
    sys.exit(1 if args.seeded else 0)


main()
