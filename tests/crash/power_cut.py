"""Cut the power at every moment: nothing acknowledged is lost, all opens.

usage: power_cut.py PROGRAMS [--states N] [--rounds N] [--ops N] [--lmdb FLAGS]
                    [--seeded NAME] [--planted NAME] [--recorder NAME]
                    [--no-exchange] [--keep]

In each round a program does --ops operations on a vault while the shim writes
down its calls; then the disks that a cut may have left of that are made and
judged, --states of them over all rounds (0: all).  PROGRAMS is the folder with
the shim and the programs.

--lmdb: bare LMDB in place of a vault, with these flags: none, nosync or
nometasync.  --seeded: the program that is recorded has this planted fault;
--planted: another program is recorded, which was built with it; --recorder: the
shim has one.  With one of them, or with flags of LMDB, the run is good only if
a bad state is found.

--no-exchange: as on a file system where two names cannot be exchanged.

VAULT_TEST_SEED=n records and judges the same again.
"""
import argparse
import os
import shutil
import sys
import time

import shimmed


class Round:
    def __init__(self, args, place, seed):
        self.args, self.place, self.seed = args, place, seed
        self.trace = os.path.join(place, 'trace')
        self.journal = os.path.join(place, 'journal')

    def path(self, name):
        path = os.path.join(self.place, name)
        os.mkdir(path)
        return path

    def run(self, root, *words, **env):
        words = [str(word) for word in words]
        return shimmed.run(self.args.programs, root, words, **env)

    def work(self):
        """The name of the program that is recorded."""
        if self.args.planted:
            return 'vault_work_' + self.args.planted
        return 'lmdb_work' if self.args.lmdb else 'vault_work'

    def record(self):
        root = self.path('recorded')
        words = [self.work(), root, self.journal, self.seed, self.args.ops]
        if self.args.lmdb and self.args.lmdb != 'none':
            words.append(self.args.lmdb)
        done = self.run(root, *words, CRASH_TRACE=self.trace,
                        CRASH_JOURNAL=self.journal,
                        CRASH_RANDOM=str(self.seed),
                        CRASH_RECORDER=self.args.recorder or '',
                        **({'CRASH_NO_EXCHANGE': '1'}
                           if self.args.no_exchange else {}),
                        VAULT_SEED=self.args.seeded or '')
        if done.returncode != 0:
            sys.exit('recording ended with %d' % done.returncode)
        if done.stdout:
            print(done.stdout.strip(), flush=True)
        shutil.rmtree(root)

    def cut(self, states, until_bad):
        root = self.path('cut')
        words = ['cut_lmdb' if self.args.lmdb else 'cut_vault',
                 '-n', states, '-w', os.cpu_count() or 1]
        words += ['-u'] if until_bad else []
        done = self.run(root, *words, root, self.trace, self.seed,
                        self.args.ops)
        print(done.stdout.strip(), flush=True)
        if done.returncode not in (0, 1):
            sys.exit('cutting ended with %d' % done.returncode)
        return done.returncode == 1


def one_round(args, seed, controlled):
    place = shimmed.folder()
    try:
        this = Round(args, place, seed)
        this.record()
        return this.cut(args.states // args.rounds, controlled)
    finally:
        if args.keep:
            print('kept:', place)
        else:
            shutil.rmtree(place, ignore_errors=True)


def main():
    read = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    read.add_argument('programs')
    read.add_argument('--states', type=int, default=4000)
    read.add_argument('--rounds', type=int, default=10)
    read.add_argument('--ops', type=int, default=200)
    read.add_argument('--lmdb', choices=['none', 'nosync', 'nometasync'])
    read.add_argument('--seeded')
    read.add_argument('--planted')
    read.add_argument('--recorder')
    read.add_argument('--no-exchange', action='store_true')
    read.add_argument('--keep', action='store_true')
    args = read.parse_args()
    seed = shimmed.seed_of_run()
    controlled = bool(args.seeded or args.planted or args.recorder
                      or args.lmdb not in (None, 'none'))
    begun = time.monotonic()
    bad = False
    for number in range(args.rounds):
        bad = one_round(args, seed + number, controlled) or bad
        if bad and controlled:
            break
    print('%s in %.0f s' % ('bad states' if bad else 'no bad state',
                            time.monotonic() - begun))
    if bad and not controlled:
        print('again: VAULT_TEST_SEED=%d %s' % (seed, ' '.join(sys.argv)))
    return bad != controlled


if __name__ == '__main__':
    sys.exit(main())
