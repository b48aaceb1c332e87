"""Cut the power at every moment: nothing acknowledged is lost, all opens.

usage: power_cut.py PROGRAMS [--states N] [--rounds N] [--ops N] [--lmdb FLAGS]
                    [--seeded NAME] [--recorder NAME] [--keep]

In each round a program does --ops operations on a vault while the shim writes
down its calls; then the disks that a cut may have left of that are made and
judged, --states of them over all rounds (0: all).  PROGRAMS is the folder with
the shim and the programs.

--lmdb: bare LMDB in place of a vault, with these flags: none, nosync or
nometasync.  --seeded: the program that is recorded has this planted fault;
--recorder: the shim has.  With one of them, or with flags of LMDB, the run is
good only if a bad state is found.

VAULT_TEST_SEED=n records and judges the same again.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time


def folder():
    """Where the disks are made: in memory, if there is room."""
    memory = '/dev/shm'
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30:
        return tempfile.mkdtemp(prefix='vault-cut-', dir=memory)
    return tempfile.mkdtemp(prefix='vault-cut-')


class Round:
    def __init__(self, args, place, seed):
        self.args, self.place, self.seed = args, place, seed
        self.trace = os.path.join(place, 'trace')
        self.journal = os.path.join(place, 'journal')

    def program(self, name):
        return os.path.join(self.args.programs, 'crash_' + name)

    def path(self, name):
        path = os.path.join(self.place, name)
        os.mkdir(path)
        return path

    def run(self, root, words, **env):
        env.update(LD_PRELOAD=os.path.join(self.args.programs, 'shim.so'),
                   ASAN_OPTIONS='verify_asan_link_order=0', CRASH_ROOT=root,
                   CRASH_HASTE='1')
        return subprocess.run(words, env={**os.environ, **env}, check=False,
                              stdout=subprocess.PIPE, text=True)

    def record(self):
        root = self.path('recorded')
        words = [self.program('lmdb_work' if self.args.lmdb else 'vault_work'),
                 root, self.journal, str(self.seed), str(self.args.ops)]
        if self.args.lmdb and self.args.lmdb != 'none':
            words.append(self.args.lmdb)
        done = self.run(root, words, CRASH_TRACE=self.trace,
                        CRASH_JOURNAL=self.journal,
                        CRASH_RANDOM=str(self.seed),
                        CRASH_RECORDER=self.args.recorder or '',
                        VAULT_SEED=self.args.seeded or '')
        if done.returncode != 0:
            sys.exit('recording ended with %d' % done.returncode)
        shutil.rmtree(root)

    def cut(self, states, until_bad):
        root = self.path('cut')
        words = [self.program('cut_lmdb' if self.args.lmdb else 'cut_vault'),
                 '-n', str(states), '-w', str(os.cpu_count() or 1)]
        words += ['-u'] if until_bad else []
        words += [root, self.trace, str(self.seed), str(self.args.ops)]
        done = self.run(root, words)
        print(done.stdout.strip(), flush=True)
        if done.returncode not in (0, 1):
            sys.exit('cutting ended with %d' % done.returncode)
        return done.returncode == 1


def one_round(args, seed, controlled):
    place = folder()
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
    read.add_argument('--rounds', type=int, default=8)
    read.add_argument('--ops', type=int, default=250)
    read.add_argument('--lmdb', choices=['none', 'nosync', 'nometasync'])
    read.add_argument('--seeded')
    read.add_argument('--recorder')
    read.add_argument('--keep', action='store_true')
    args = read.parse_args()
    seed = int(os.environ.get('VAULT_TEST_SEED') or time.time_ns() % 10**9)
    controlled = bool(args.seeded or args.recorder
                      or args.lmdb not in (None, 'none'))
    print('VAULT_TEST_SEED=%d' % seed, flush=True)
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
