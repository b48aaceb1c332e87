"""Kill a program at every call that writes: nothing acknowledged is lost.

usage: kill_calls.py PROGRAMS [--points N] [--ops N] [--error NAME]
                     [--calls A,B] [--seeded NAME]

A program does --ops operations on a vault under strace, which kills it at the
nth of its calls of one kind; what is left is judged, the operation that was
under way is done again, and the next.  --points of them, spread evenly over
all calls that write (0: all), or over --calls of these names.

--error EIO or ENOSPC: the nth call fails in place of the kill.  The program
goes on, or ends where the outcome is not known; it confirms from outside the
process what inject.py finds from inside.

--seeded: the program has this planted fault, and the run is good only if it is
found.  VAULT_TEST_SEED=n does the same again.
"""
import argparse
import collections
import concurrent.futures
import os
import shutil
import subprocess
import sys
import time

import shimmed

# What changes a disk, or makes a change of it durable.
CALLS = ['pwrite64', 'pwritev', 'writev', 'write', 'fsync', 'fdatasync',
         'openat', 'rename', 'renameat', 'renameat2', 'unlink', 'unlinkat',
         'mkdir', 'mkdirat', 'rmdir', 'ftruncate', 'fallocate']
# Those of them that may fail so, and whose failure is the vault's: the
# journal's are write.
FAILING = {
    'EIO': ['pwrite64', 'writev', 'fsync', 'fdatasync', 'renameat',
            'renameat2', 'fallocate'],
    'ENOSPC': ['pwrite64', 'writev', 'renameat', 'renameat2', 'fallocate',
               'mkdir'],
}
ENDED = 3  # as vault_work ends where the outcome is not known
STRACE = ['strace', '-f', '-qq', '-o', os.devnull]  # no seccomp: it injects not


class Kills:
    def __init__(self, args, place, seed):
        self.args, self.place, self.seed = args, place, seed
        # A sanitizer cannot look for leaks under strace.
        self.env = dict(os.environ, VAULT_SEED=args.seeded or '',
                        ASAN_OPTIONS='detect_leaks=0:'
                                     'verify_asan_link_order=0')
        # The same calls each time: what is drawn by chance comes again.
        self.traced = ['-E', 'CRASH_RANDOM=%d' % seed, '-E', 'LD_PRELOAD='
                       + os.path.join(args.programs, 'shim.so')]

    def words(self, name, folder):
        return [os.path.join(self.args.programs, 'crash_' + name), folder,
                os.path.join(folder, 'journal'), str(self.seed),
                str(self.args.ops)]

    def count(self):
        """How often the first thread makes each call: strace counts each
        thread's by itself, and LMDB's copying threads write to a pipe."""
        folder = os.path.join(self.place, 'counted')
        log = os.path.join(self.place, 'calls')
        os.mkdir(folder)
        # Not by its name alone: strace refuses what a machine has not.
        trace = 'trace=' + ','.join('?' + call for call in CALLS)
        subprocess.run(['strace', '-f', '-qq', '-o', log, '-e', trace]
                       + self.traced + self.words('vault_work', folder),
                       check=True, env=self.env)
        found = collections.Counter()
        with open(log, encoding='utf-8', errors='replace') as file:
            lines = [line.split(None, 1) for line in file]
        for thread, call in lines:
            if thread == lines[0][0]:
                found[call.split('(')[0]] += 1
        shutil.rmtree(folder)
        return {call: found[call] for call in CALLS if found[call]}

    def try_one(self, point):
        """None, or what is wrong."""
        call, number = point
        folder = os.path.join(self.place, '%s-%d' % point)
        os.mkdir(folder)
        how = ('error=' + self.args.error if self.args.error
               else 'signal=KILL')
        inject = 'inject=%s:%s:when=%d' % (call, how, number)
        done = subprocess.run(
            STRACE + ['-e', 'trace=' + call, '-e', inject] + self.traced
            + self.words('vault_work', folder), check=False, env=self.env,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        wrong = self.ended_wrong(done)
        if not wrong:
            judged = subprocess.run(self.words('judge', folder), check=False,
                                    stdout=subprocess.PIPE, text=True)
            wrong = judged.returncode != 0 and (
                judged.stdout.strip()
                or 'the judge ended with %d' % judged.returncode)
        shutil.rmtree(folder)
        return wrong and '%s at call %d: %s' % (call, number, wrong)

    def ended_wrong(self, done):
        if self.args.error:
            return done.returncode not in (0, ENDED) and (
                'it ended with %d' % done.returncode)
        return done.returncode != -9 and (
            'it was not killed, but ended with %d' % done.returncode)


def spread(points, want):
    if not want or want >= len(points):
        return points
    return [points[i * len(points) // want] for i in range(want)]


def sweep(kills, args):
    calls = kills.count()
    names = FAILING[args.error] if args.error else CALLS
    if args.calls:
        names = [name for name in names if name in args.calls.split(',')]
    points = [(call, number) for call in names if call in calls
              for number in range(1, calls[call] + 1)]
    chosen = spread(points, args.points)
    bad = tried = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for wrong in pool.map(kills.try_one, chosen):
            tried += 1
            if wrong:
                bad += 1
                if bad <= 10:
                    print('bad:', wrong, flush=True)
            if bad and args.seeded:
                pool.shutdown(cancel_futures=True)
                break
    print('%d points of %d, %d bad: %s' % (
        tried, len(points), bad,
        ' '.join('%s %d' % item for item in calls.items())))
    return bad > 0


def main():
    read = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    read.add_argument('programs')
    read.add_argument('--points', type=int, default=300)
    read.add_argument('--ops', type=int, default=42)
    read.add_argument('--error', choices=FAILING)
    read.add_argument('--calls')
    read.add_argument('--seeded')
    args = read.parse_args()
    if not shutil.which('strace'):
        print('SKIP strace is not installed')
        return 77
    seed = shimmed.seed_of_run()
    place = shimmed.folder()
    begun = time.monotonic()
    try:
        bad = sweep(Kills(args, place, seed), args)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print('%.0f s' % (time.monotonic() - begun))
    return bad != bool(args.seeded)


if __name__ == '__main__':
    sys.exit(main())
