"""Races of grant.revoke against a firm's queries and live rows.

usage: revoke_race.py BIN [--races N] [--at-once N] [--only queries|live]
                      [--seeded]

Once the owner's revoke is answered, nothing of the grant leaves.  A firm and
an owner are two connections, so what came first is told by four things that
need no clock: the pages' numbers, which end at the answer's last_seq; a marker
row that is appended after the answer and must never come; the log, which has
no use behind the end of its grant, and an entry for each page before it; and a
new question after the answer, which must be refused.

VAULT_TEST_SEED=n chooses the same sizes and delays again; each vault of 5,000
races has a seed of its own.  --at-once: so many race in one vault, each a
process with streams, firms and connections of the owner to itself.  TMPDIR in
memory: commits that wait for no disk, and more races.
--seeded: two daemons, each with a planted fault (VAULT_SEED); the run is good
only if queries find the first and live rows the second.
"""
import argparse
import collections
import itertools
import multiprocessing
import multiprocessing.connection
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../flow/lib'))
import door  # noqa: E402
from journal import Lost, need  # noqa: E402
from race import Race  # noqa: E402
from vault import Vault  # noqa: E402

VAULT = 5000  # races: a vault knows 1,024 firms, and each asks 20 times
ADDRESSES = 40000  # on loopback, that the firms of a lane have to themselves
SEEDS = {'queries': 'check-outside-txn', 'live': 'decision-cached'}
fork = multiprocessing.get_context('fork')


class Lane:
    """So many of the races, one after the other, in a process."""

    def __init__(self, number, vault, args):
        self.number, self.vault, self.args = number, vault, args
        self.races = (args.races + number) // args.at_once
        self.here, self.there = fork.Pipe(duplex=False)
        self.process = fork.Process(target=self.run, daemon=True)
        self.process.start()
        self.there.close()

    def run(self):
        door.numbers = itertools.count(1 + self.number * ADDRESSES)
        race = Race(self.vault, 'lane%d' % self.number, random.Random(
            '%d of %d' % (self.number, self.args.seed)))
        lost = None
        try:
            for number in range(self.races):
                if self.args.only == 'live' or (self.args.only is None
                                                and number % 2):
                    race.live()
                else:
                    race.query()
                race.ended()
        except Lost as broken:
            lost = '%s: %s' % (race.firm.name, broken)
        self.there.send((race.count, lost))
        race.close()

    def result(self):
        """What it counted, and what was broken or None."""
        try:
            return self.here.recv()
        except EOFError:  # it has printed why
            return {}, 'a lane ended'


def raced(vault, args):
    """All of it; what they counted, and what was broken first or None."""
    lanes = {}
    for number in range(args.at_once):
        lane = Lane(number, vault, args)
        lanes[lane.here] = lane
    total, lost = collections.Counter(), None
    while lanes and lost is None:
        for here in multiprocessing.connection.wait(list(lanes)):
            count, said = lanes.pop(here).result()
            total.update(count)
            lost = lost or said
    for lane in lanes.values():
        lane.process.terminate()
    return total, lost


def opened(**how):
    """A vault in which no race waits for what a firm may read a second."""
    vault = Vault(ready=False)
    vault.init()
    return vault.start('--config', vault.write(
        'conf', 'firm_chunks: 1000000\n'), **how)


def seeded(only, args):
    """Does this half find its fault?"""
    args.only = only
    vault = opened(env={'VAULT_SEED': SEEDS[only]})
    _, lost = raced(vault, args)
    print('%s: %s' % (only, lost or SEEDS[only] + ' was not seen'))
    return lost is not None and lost != 'a lane ended'


def whole(args):
    """The races of one vault, which must be well afterwards."""
    print('VAULT_TEST_SEED=%d' % args.seed, flush=True)
    vault = opened()
    total, lost = raced(vault, args)
    need(lost is None, lost)
    need(total['answered'] or args.only == 'live', 'no query raced')
    need(total['live'] or args.only == 'queries', 'no live row raced')
    vault.stop()
    need('ERROR' not in vault.said(), vault.said())
    need('all is well' in vault.check(), 'check')
    vault.remove()
    print('%d races of %d firms: %d queries answered, %d of them cut short, '
          'and %d live pages before, nothing after the revoke; %d connections '
          'cut in a page' % (args.races, total['firms'], total['answered'],
                             total['cut'], total['live'],
                             total['connections']), flush=True)


def main():
    read = argparse.ArgumentParser()
    read.add_argument('bin')
    read.add_argument('--races', type=int, default=200)
    read.add_argument('--at-once', type=int, default=4)
    read.add_argument('--only', choices=SEEDS)
    read.add_argument('--seeded', action='store_true')
    args = read.parse_args()
    args.seed = int(os.environ.get('VAULT_TEST_SEED')
                    or time.time_ns() % 10**9)
    if args.seeded:
        print('VAULT_TEST_SEED=%d' % args.seed, flush=True)
        found = [seeded(only, args) for only in
                 ([args.only] if args.only else SEEDS)]
        sys.exit(0 if all(found) else 1)
    todo = args.races
    while todo > 0:
        args.races = min(todo, VAULT)
        whole(args)
        todo -= VAULT
        args.seed += 1


main()
