"""Kill the real daemon at random moments: nothing acknowledged is lost,
nothing is stored twice, and all that is on disk agrees.

usage: kill_loop.py BIN [--kills N] [--seeded]

The driver keeps its own journal of what it sent and what was acknowledged.
VAULT_TEST_SEED=n replays the moments and batches of a run (not the machine's
own timing).  --seeded: the daemon has a planted fault (VAULT_SEED), and the
run is good only if it is found.
"""
import argparse
import os
import random
import shutil
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../flow/lib'))
import ws  # noqa: E402
from firm import Firm  # noqa: E402
from vault import Refusal, Vault, ulid  # noqa: E402

NS = 10**9
T0 = 1764072000 * NS
STREAMS = ['crash/a', 'crash/b', 'crash/c']
OUTSTANDING = 4
ASKS = 8  # requests of a firm that may wait


class Lost(Exception):
    """What the vault broke of its promise."""


def need(holds, *what):
    if not holds:
        raise Lost(' '.join(map(str, what)))


class Batch:
    """One append: the same until it is known to be stored."""

    method = 'data.append'

    def __init__(self, random, first):
        self.idem = ulid()
        self.stream = random.choice(STREAMS)
        self.rows = [[T0 + first + i, first + i]
                     for i in range(random.choice([1, 1, 1, 7, 300]))]
        self.acknowledged = False

    def params(self):
        return {'idem': self.idem, 'streams': [
            {'stream': self.stream, 'rows': self.rows}]}


class Change:
    """One change of the owner's, and how to see that it happened."""

    def __init__(self, random, number):
        self.idem = ulid()
        self.name = 'n%d' % number
        self.method = random.choice(['stream.create', 'source.add'])
        self.acknowledged = False

    def params(self):
        if self.method == 'stream.create':
            return {'idem': self.idem, 'name': 'made/' + self.name,
                    'columns': [{'name': 'value', 'type': 'i64'}]}
        return {'idem': self.idem, 'name': self.name,
                'streams': ['from/%s/**' % self.name]}

    def count(self, owner):
        if self.method == 'stream.create':
            return len(owner.call('stream.list',
                                  match='made/' + self.name)['streams'])
        return sum(s['name'] == self.name for s in all_sources(owner))


class Consent:
    """One yes, or one revoke of what it gave."""

    def __init__(self, request, grant=None):
        self.idem = ulid()
        self.request, self.grant = request, grant
        self.method = 'grant.revoke' if grant else 'request.approve'
        self.acknowledged = False

    def params(self):
        if self.grant:
            return {'idem': self.idem, 'grant': self.grant}
        return {'idem': self.idem, 'request': self.request}

    def count(self, owner):
        if self.grant:
            got = owner.call('grant.show', grant=self.grant)['grant']
            return got['state'] == 'withdrawn'
        got = owner.call('request.show', request=self.request)['request']
        return got['state'] == 'granted'


def ask(vault, owner, firms):
    """Requests that wait for the owner, of so many firms."""
    if shutil.which('node') is None:
        print('without node no firm asks: consent is not part of this run')
        return []
    out = []
    for i in range(firms):
        firm = Firm(vault, owner, 'asker%d' % i)
        out += [firm.ask()['request'] for _ in range(ASKS)]
        firm.wire.close()
    return out


def all_sources(owner):
    got, more = [], {}
    while True:
        page = owner.call('source.list', **more)
        got += page['sources']
        if not page.get('cursor'):
            return got
        more = {'cursor': page['cursor']}


class Loop:
    def __init__(self, seed, env, firms):
        self.random = random.Random(seed)
        self.env = env
        self.next = 0
        self.changes = 0
        self.rows = 0  # stored, as the journal has it
        self.consents = 0  # given and revoked
        self.vault = Vault(ready=False)
        self.vault.init()
        self.start()
        for name in STREAMS:
            self.owner.create(name, value='i64')
        self.asked = ask(self.vault, self.owner, firms)  # consents to come
        self.asked = [Consent(request) for request in self.asked]

    def start(self):
        self.vault.start(env=self.env)
        self.owner = self.vault.owner()

    def item(self):
        """What is sent next."""
        dice = self.random.random()
        if dice < 0.01 and self.asked:
            return self.asked.pop(0)
        if dice < 0.03:
            self.changes += 1
            return Change(self.random, self.changes)
        item = Batch(self.random, self.next)
        self.next += len(item.rows)
        return item

    def work(self):
        """Send until the daemon is gone; returns what was sent, in order."""
        sent, waiting = [], {}
        try:
            while True:
                item = self.item()
                sent.append(item)
                waiting[self.owner.send(item.method, **item.params())] = item
                while len(waiting) >= OUTSTANDING or self.owner.answers:
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
        for number in list(self.owner.answers):
            self.owner.answer(number)
            waiting.pop(number).acknowledged = True

    def cycle(self):
        killer = threading.Timer(self.random.uniform(0, 0.4),
                                 self.vault.process.kill)
        first = self.next
        killer.start()
        sent = self.work()
        killer.join()
        self.vault.process.wait()
        self.owner.close()
        self.vault.check()
        self.start()
        self.compare(sent, first)
        return (sum(i.acknowledged for i in sent), len(sent))

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
                there = [int(item.count(self.owner))]
            else:
                there = [count.get(row[1], 0) for row in item.rows]
            need(max(there) <= 1, 'doubled', item.params())
            need(min(there) == max(there), 'half a batch', item.params())
            need(there[0] or not item.acknowledged, 'lost', item.params())
        for item in [i for i in sent if not i.acknowledged] + sent[:1]:
            self.repeat(item)
        for item in sent:
            self.consents += isinstance(item, Consent)
            if isinstance(item, Consent) and item.grant is None:
                self.asked.append(Consent(item.request, self.given(item)))
        count = self.stored(first)
        need(all(n == 1 for n in count.values()), 'doubled by a repeat')
        need(len(count) == self.next - first, 'lost by a repeat')
        self.rows += len(count)
        status = self.owner.call('vault.status')
        need(status['samples'] == self.rows, 'samples', status, self.rows)
        verified = self.owner.call('audit.verify')
        need(verified['ok'] and not verified['problems'], verified)

    def given(self, item):
        """The one grant of a yes."""
        got = [g['id'] for g in self.owner.call('grant.list')['grants']
               if self.owner.call('grant.show', grant=g['id'])['request']
               == item.request]
        need(len(got) == 1, 'grants of one request', got)
        return got[0]

    def repeat(self, item):
        """What was not acknowledged is sent again, and must be answered."""
        try:
            self.owner.call(item.method, **item.params())
        except Refusal as refusal:
            raise Lost('a repeat was refused: %s' % refusal) from refusal
        if not isinstance(item, Batch):
            need(item.count(self.owner) == 1, 'a repeat made none or two')

    def end(self):
        """All rows of all cycles, once more, by a daemon that is well."""
        self.owner.close()
        self.vault.restart(env=self.env)
        self.owner = self.vault.owner()
        count = self.stored(0)
        need(len(count) == self.rows == self.next, 'rows', len(count),
             self.rows, self.next)
        self.owner.close()
        self.vault.stop()
        self.vault.check()


def main():
    read = argparse.ArgumentParser()
    read.add_argument('bin')
    read.add_argument('--kills', type=int, default=150)
    read.add_argument('--seeded', action='store_true')
    args = read.parse_args()
    seed = int(os.environ.get('VAULT_TEST_SEED') or time.time_ns() % 10**9)
    print('VAULT_TEST_SEED=%d' % seed, flush=True)
    env = {'VAULT_SEED': 'ack-before-commit'} if args.seeded else {}
    loop = Loop(seed, env, firms=min(8, 1 + args.kills // 20))
    acknowledged = sent = done = 0
    try:
        for done in range(1, args.kills + 1):
            got = loop.cycle()
            acknowledged += got[0]
            sent += got[1]
        loop.end()
    except Lost as lost:
        print('kill %d: %s' % (done, lost))
        sys.exit(0 if args.seeded else 1)
    print('%d kills, %d batches and changes sent, %d acknowledged, %d rows, '
          '%d consents given or revoked: 0 lost, 0 doubled'
          % (done, sent, acknowledged, loop.rows, loop.consents))
    sys.exit(1 if args.seeded else 0)


main()
