"""Earlier copies are put back: whatever is, it is found, and no consent is in
force again.

usage: put_back.py BIN [--moments N] [--seeded NAME]

At each moment a copy is taken of vault and anchor; then some things happen, of
which one is that a grant is withdrawn.  Of the copy are put back: data.mdb
alone, the whole directory, the keyring alone, and single records, each of which
has to be found when the vault is unlocked; and the directory with the anchor,
which nothing on this disk can tell: that is found by who kept a newer head of
the log.  --seeded: the daemon has a planted fault (VAULT_SEED), and the run is
good only if something is not found.

VAULT_TEST_SEED=n does the same again.
"""
import argparse
import os
import random
import shutil
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '../flow/lib')]
sys.dont_write_bytecode = True
from firm import TERMS, Firm, node  # noqa: E402
import at_rest  # noqa: E402
from lmdb_put import put  # noqa: E402
from vault import Vault, refused  # noqa: E402

NS = 10**9
T0 = int(time.time()) // 3600 * 3600 - 86400
ASKS = 15     # a firm may ask so often a day
SINGLES = 3   # records of each moment that are put back alone
SEEDS = {'anchor-ignored': 'data', 'set-hash-skipped': 'record'}
# How it refuses to be unlocked, where it does.
SAYS = {'keyring': 'the keyring is older than the data',
        'record': 'records were put back, dropped or added'}
# What is rewritten in place, so that an older form can stand for it.
REWRITTEN = ('lane', 'meta', 'dedup', 'idem')


class Missed(Exception):
    """What was put back and not found."""


def records(folder):
    """{(database, key): value} of those that are rewritten."""
    data = at_rest.reader.lmdb_file.File(at_rest.read(folder, 'data.mdb'))
    return {(name, key): value for name in REWRITTEN
            for key, value in data.records(name)}


class Run:
    def __init__(self, seed, chance):
        node()
        self.env = {'VAULT_SEED': seed} if seed else None
        self.random = chance
        self.vault = Vault(ready=False)
        self.vault.init()
        self.real = self.vault.dir
        os.mkdir(self.vault.path('anchor'))
        self.count, self.firms = 0, 0
        self.tried = {}
        owner = self.start()
        owner.create('home/device', 'device.state', value='i64')
        owner.append('home/device', [[T0 * NS + i, i] for i in range(5)])
        self.stop(owner)

    def start(self, anchor='anchor'):
        self.vault.start('--anchor', self.vault.path(anchor), env=self.env)
        return self.vault.owner()

    def stop(self, owner):
        owner.close()
        self.vault.stop()

    # ---- what happens ----

    def any_change(self, owner):
        self.count += 1
        name = 'made/%d' % self.count
        what = self.random.randrange(4)
        if what == 0:
            owner.create(name, 'device.state', value='i64')
        elif what == 1:
            owner.change('source.add', name='s%d' % self.count,
                         streams=[name + '/**'])
        else:
            at = T0 * NS + 1000 * self.count
            owner.append('home/device', [
                [at + i, i] for i in range(self.random.choice([1, 20, 900]))])

    def changes(self, owner, least):
        for _ in range(least + self.random.randrange(5)):
            self.any_change(owner)

    def given(self, owner, number):
        if number % ASKS == 0:
            self.firms += 1
            self.firm = Firm(self.vault, owner, 'firm%d' % self.firms)
        else:
            self.firm.owner = owner
            self.firm.connect()
        grant = self.firm.given(TERMS)
        assert self.firm.query('home/device', grant=grant).rows
        self.firm.close()
        return grant

    def moment(self, number):
        owner = self.start()
        self.changes(owner, 0)
        self.grant = self.given(owner, number)
        self.stop(owner)
        shutil.copytree(self.real, self.vault.path('copy'))
        shutil.copytree(self.vault.path('anchor'), self.vault.path('copied'))
        owner = self.start()
        owner.change('grant.revoke', grant=self.grant)
        owner.create('new/%d' % number, 'device.state', value='i64')
        owner.append('new/%d' % number, [[T0 * NS, 1]])  # a key is made
        owner.append('home/device', [[T0 * NS + 1000 * number, -1]])
        self.changes(owner, 1)
        self.head = owner.call('audit.head')['checkpoint']
        self.stop(owner)
        self.put_all_back()
        for name in ('copy', 'copied'):
            shutil.rmtree(self.vault.path(name))

    # ---- what is put back ----

    def back(self, *names):
        for name in names:
            shutil.copy2(os.path.join(self.vault.path('copy'), name),
                         self.vault.dir)

    def directory(self):
        shutil.rmtree(self.vault.dir)
        shutil.copytree(self.vault.path('copy'), self.vault.dir)

    def put_all_back(self):
        then, now = records(self.vault.path('copy')), records(self.real)
        others = [place for place, value in then.items()
                  if now.get(place) != value]
        ways = [('data', lambda: self.back('data.mdb'), self.found),
                ('directory', self.directory, self.found),
                ('keyring', lambda: self.back('keyring.1'), self.found),
                ('directory and anchor', self.both, self.witnessed)]
        for place in self.random.sample(others, min(SINGLES, len(others))):
            ways.append(('record of %s' % place[0], lambda place=place: put(
                self.vault.dir, *place, then[place]), self.found))
        for name, change, judge in ways:
            self.attempt(name, change, judge)

    def both(self):
        self.directory()
        shutil.rmtree(self.vault.path('tried-anchor'))
        shutil.copytree(self.vault.path('copied'),
                        self.vault.path('tried-anchor'))

    def attempt(self, name, change, judge):
        self.vault.dir = self.vault.path('tried')
        shutil.copytree(self.real, self.vault.dir)
        shutil.copytree(self.vault.path('anchor'),
                        self.vault.path('tried-anchor'))
        change()
        try:
            judge(name)
        finally:
            if self.vault.process.poll() is None:
                self.vault.stop()
            shutil.rmtree(self.vault.dir)
            shutil.rmtree(self.vault.path('tried-anchor'))
            self.vault.dir = self.real
        self.tried[name] = self.tried.get(name, 0) + 1

    # ---- what is said of it ----

    def found(self, name):
        """Refused at unlock, or on hold; and the firm gets nothing."""
        try:
            owner = self.start('tried-anchor')
        except AssertionError as ended:  # it says why and ends
            words = SAYS.get(name.split(' ')[0])
            if not words or words not in str(ended):
                raise
            return
        status = owner.call('vault.status')
        if status['state'] == 'unlocked' and status['hold'] != 'rollback':
            raise Missed('%s: it was not found' % name)
        self.firm.owner = owner
        try:
            self.firm.connect()
            refusal = refused(self.firm.query, 'home/device',
                              grant=self.grant)
            self.firm.close()
            if refusal.reason not in ('denied', 'locked', 'ended'):
                raise Missed('%s: %s' % (name, refusal))
        except AssertionError as rows:
            raise Missed('%s: the grant is in force again' % name) from rows
        owner.close()

    def witnessed(self, name):
        owner = self.start('tried-anchor')
        told = owner.call('audit.verify', heads=[self.head])
        owner.close()
        if told['ok'] or not told['problems']:
            raise Missed('%s: a newer head says nothing' % name)


def main():
    read = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    read.add_argument('bin')
    read.add_argument('--moments', type=int, default=3)
    read.add_argument('--seeded', choices=SEEDS)
    args = read.parse_args()
    seed = int(os.environ.get('VAULT_TEST_SEED') or time.time_ns() % 10**9)
    print('VAULT_TEST_SEED=%d' % seed, flush=True)
    run = Run(args.seeded, random.Random(seed))
    try:
        for number in range(args.moments):
            run.moment(number)
    except Missed as missed:
        print(missed)
        right = args.seeded and str(missed).startswith(SEEDS[args.seeded])
        return 0 if right else 1
    print('%d moments: %s; all was found' % (args.moments, ', '.join(
        '%s %d' % item for item in sorted(run.tried.items()))))
    return 1 if args.seeded else 0


if __name__ == '__main__':
    sys.exit(main())
