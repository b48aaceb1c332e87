#!/usr/bin/env python3
"""All that consent.pml can do is searched, and each of its faults is found.

usage: spin.py [--model FILE] [--show FAULT]

  --model FILE   consent.pml beside this unless said
  --show FAULT   print what leads to it, step by step

Needs spin and gcc; without them it says SKIP and ends with 77.  One compiled
search serves the model and its faults, which MODEL_FAULT chooses.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77
DEPTH = 20000  # steps of one run of the model; a search that needs more fails
FAULT = re.compile(r'#define ([A-Z_]+) +(\d+) +/\* (.*) \*/')
STATES = re.compile(r'^ *(\S+) states, stored', re.M)
ERRORS = re.compile(r'errors: (\d+)')
FAILED = re.compile(r'pan:1: (.*?)(?: \(at depth|$)', re.M)


def faults(path):
    """{name: (number, what it is)} of the part that lists them."""
    with open(path, encoding='utf-8') as file:
        part = file.read().split('/* ---- faults ---- */')[1]
    part = part.split('byte fault')[0]
    return {name: (int(number), what)
            for name, number, what in FAULT.findall(part)}


class Search:
    def __init__(self, model, folder):
        self.folder = folder
        subprocess.run(['spin', '-a', os.path.abspath(model)], cwd=folder,
                       check=True, stdout=subprocess.DEVNULL)
        subprocess.run(['gcc', '-O1', '-w', '-DSAFETY', '-DMEMLIM=2048',
                        '-o', 'pan', 'pan.c'], cwd=folder, check=True)

    def run(self, fault, *words):
        env = {**os.environ, 'MODEL_FAULT': str(fault)}
        done = subprocess.run(['./pan', '-m%d' % DEPTH, '-n', *words],
                              cwd=self.folder, env=env, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout

    def errors(self, fault):
        """How many, in how many states, and what it said."""
        said = self.run(fault)
        errors, states = ERRORS.search(said), STATES.search(said)
        if errors is None or states is None:
            sys.exit('the search broke off:\n' + said)
        failed = FAILED.search(said)
        if int(errors[1]) == 0 and ('too small' in said
                                    or 'not complete' in said.lower()):
            sys.exit('the search was not of all states:\n' + said)
        return int(errors[1]), float(states[1]), failed[1] if failed else ''


def check(search, named):
    """Print what was found; gives what is wrong, a line each."""
    begun = time.monotonic()
    errors, states, failed = search.errors(0)
    print('without a fault: %d errors in %.0f states, %.1f s'
          % (errors, states, time.monotonic() - begun), flush=True)
    if errors:
        yield 'the model itself fails: ' + failed
    for name, (number, what) in named.items():
        errors, states, failed = search.errors(number)
        print('%-14s %s after %.0f states: %s' % (
            name, 'found' if errors else 'NOT FOUND', states, what), flush=True)
        if not errors:
            yield 'the fault %s was not found' % name


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--model', default=os.path.join(HERE, 'consent.pml'))
    parser.add_argument('--show', metavar='FAULT')
    options = parser.parse_args()
    for tool in ('spin', 'gcc'):
        if shutil.which(tool) is None:
            print('SKIP there is no %s' % tool)
            return SKIPPED
    named = faults(options.model)
    with tempfile.TemporaryDirectory(prefix='vault-spin-') as folder:
        search = Search(options.model, folder)
        if options.show:
            number = named[options.show][0]
            print(search.run(number))
            print(search.run(number, '-r'))
            return 0
        wrong = list(check(search, named))
    for line in wrong:
        print('FAILED ' + line)
    return 1 if wrong or not named else 0


if __name__ == '__main__':
    sys.exit(main())
