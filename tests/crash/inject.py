"""Let every call of every kind of operation fail: nothing acknowledged is lost.

usage: inject.py PROGRAMS [--part files|memory] [--kinds A,B] [--step N]
                 [--seeded NAME]

Each call on the vault's files, or each allocation, fails in turn, once and
from there on, in one operation of each kind (--kinds: of these alone); --step:
of every so many calls one.  PROGRAMS is the folder with the shim and the
programs.  --seeded: the vault has this planted fault, and the run is good only
if it is found.

VAULT_TEST_SEED=n does the same again.
"""
import argparse
import os
import shutil
import sys
import time

import shimmed


def main():
    read = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    read.add_argument('programs')
    read.add_argument('--part', choices=['files', 'memory'])
    read.add_argument('--kinds')
    read.add_argument('--step', type=int, default=1)
    read.add_argument('--seeded')
    args = read.parse_args()
    seed = shimmed.seed_of_run()
    place = shimmed.folder()
    begun = time.monotonic()
    words = ['sweep', '-w', str(os.cpu_count() or 1), '-s', str(args.step)]
    words += {'files': ['-i'], 'memory': ['-m'], None: []}[args.part]
    words += ['-k', args.kinds] if args.kinds else []
    words += ['-u'] if args.seeded else []
    try:
        done = shimmed.run(args.programs, place, words + [place, str(seed)],
                           VAULT_SEED=args.seeded or '')
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(done.stdout.strip())
    print('%.0f s' % (time.monotonic() - begun))
    if done.returncode not in (0, 1):
        sys.exit('it ended with %d' % done.returncode)
    return (done.returncode == 1) != bool(args.seeded)


if __name__ == '__main__':
    sys.exit(main())
