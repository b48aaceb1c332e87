#!/usr/bin/env python3
"""The daemon's engine against Cedar, on what both have words for.

usage: cedar.py ORACLE [--packages FOLDER] [--fetched] [--cases N] [--seed N]
                [--version VERSION] [--control]

  --packages FOLDER  where npm puts @cedar-policy/cedar-wasm, or has put it:
                     VAULT_TEST_PACKAGES, or a scratch folder, unless said
  --fetched          SKIP unless it is there already
  --cases N          at least so many atoms: 2000 unless said
  --version VERSION  of Cedar: 4 unless said
  --control          one word of each translation is turned round, and the
                     two no longer agree

On demand: npm fetches what is not there, and nothing into the tree.  Sets, requests and firms are those of
policy.py without ask, obligations, offers, streams and rounding; each atom is
permitted or not, by policy_oracle and by Cedar.  Without node or npm it says
SKIP and ends with 77.
"""
import argparse
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
import time

import cedar_text
from packages import SKIPPED, fetch, missing_of, skip_without_node
from policy import Oracle
from policy_make import (DAY, FIRMS, NOW, STATES, firm_lines, make_request,
                         make_set, request_lines, set_lines, stamp)

HERE = os.path.dirname(os.path.abspath(__file__))
QUESTIONS = 25  # requests to a set
ENOUGH = 10     # of each outcome in a hundred atoms


PACKAGE = '@cedar-policy/cedar-wasm'


def flags():
    """V8 of node 20 falls over when it takes back what it made of a call of
    WebAssembly: so it is to make nothing of it, where it knows the word."""
    said = subprocess.run(['node', '--v8-options'], capture_output=True,
                          text=True, check=True).stdout
    name = 'turbo-inline-js-wasm-calls'
    return ['--no-' + name] if '--' + name in said else []


class Cedar:
    def __init__(self, folder):
        self.process = subprocess.Popen(
            ['node', *flags(), os.path.join(HERE, 'cedar.mjs'), folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, name, value=None):
        self.process.stdin.write(json.dumps({name: value}) + '\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if line == '':
            sys.exit('node ended')
        return json.loads(line)


# What a permit allows that writes no caps.
MODEST = {'rate': '24/day', 'uses': 'none', 'life': '30d', 'keep': '30d',
          'profiling': 'none', 'automated': 'no', 'training': 'no',
          'gatekeeper': 'no', 'action': 'read', 'onward': []}
MODEST_ITEM = {'detail': 'mean/1h', 'window': '90d', 'delay': '0s'}
WORDS = {'true': 'yes', 'false': 'no'}


def corner(rng, rule, home):
    """A request of just what a permit allows."""
    request = {'home': home, **MODEST, 'channels': []}
    request.update((key, rule[key]) for key in MODEST
                   if key in rule and key not in ('action', 'onward'))
    request.update((key, WORDS.get(request[key], request[key]))
                   for key in ('automated', 'training', 'gatekeeper'))
    request['action'] = rule.get('action', ['read'])[-1]
    if request['action'] == 'once':
        request['uses'] = '1'
    if isinstance(rule.get('onward'), list):
        request['onward'] = [(name, 'GB', 'controller')
                             for name in rule['onward'] if ' ' not in name]
    if 'until' in rule:
        request['life'] = '1d'
    places = cedar_text.listed(rule.get('where', 'home'))
    request['where'] = [place if len(place) == 2 else home or 'GB'
                        for place in places][:1]
    request['purposes'] = [(
        rng.choice(rule.get('purpose', ['service.billing'])),
        cedar_text.listed(rule.get('basis', 'consent'))[0])]
    if request['action'] == 'contact':
        return dict(request, items=[], channels=rule['channels'])
    item = {'n': 1, 'needed': False, 'round': None, 'for': [],
            'data': rng.choice(rule.get('data', ['energy.electricity'])),
            'every': (rule.get('every', '10s')
                      if request['action'] == 'live' else None)}
    item.update((key, rule.get(key, usual))
                for key, usual in MODEST_ITEM.items())
    return dict(request, items=[item])


def disturb(rng, request, other):
    """Take a thing or two from another request."""
    for key in rng.sample(sorted(MODEST), rng.choice([0, 0, 1, 2])):
        if key != 'action':
            request[key] = other[key]
    if request['items'] and other['items'] and rng.random() < 0.5:
        key = rng.choice(['data', *MODEST_ITEM])
        request['items'][0][key] = other['items'][0][key]
    if rng.random() < 0.1:
        request['purposes'] = other['purposes'][:1]


def make_question(rng, home, rules):
    """What policy.py asks; more often just what a rule permits, or nearly: else
    little would be permitted."""
    request = make_request(rng, home)
    firm = {'name': rng.choice(FIRMS), 'state': rng.choice(STATES)}
    permits = [rule for rule in rules if rule['effect'] == 'permit']
    if permits and rng.random() < 0.8:
        rule, other = rng.choice(permits), request
        firm['name'] = rng.choice(rule.get('firm', FIRMS))
        request = corner(rng, rule, home)
        disturb(rng, request, other)
    for item in request['items']:
        item['round'] = None
    return firm, request, NOW + rng.choice([-1, 0, 0, 0, 1, 60 * DAY])


def atoms(request):
    """Purpose with its basis, and item, as the oracle lists them."""
    for i, purpose in enumerate(request['purposes']):
        if request['action'] == 'contact':
            yield purpose, None
        for item in request['items']:
            if not item['for'] or i in item['for']:
                yield purpose, item


def outcomes(answer):
    """Of each atom of an answer to `brief`."""
    return [atom.split()[1] for line in answer
            for atom in line.split(' | ')[1:]]


class Comparison:
    def __init__(self, oracle, cedar, control):
        self.oracle, self.cedar = oracle, cedar
        self.control = control
        self.seen = collections.Counter()
        self.differs = 0

    def texts(self, policy, home):
        found = cedar_text.policies(policy, home)
        if self.control:
            found = {name: text.replace('<=', '<')
                     for name, text in found.items()}
        return found

    def run(self, rng):
        """One set, and questions to it."""
        home = rng.choice(['GB', 'DE'] * 5 + [None])
        policy = cedar_text.plain(make_set(rng))
        made = [make_question(rng, home, policy['rules'])
                for _ in range(QUESTIONS)]
        lines = ['home ' + (home or 'none')] + set_lines(policy, 1)
        for firm, request, now in made:
            lines += firm_lines(firm) + ['now ' + stamp(now)]
            lines += request_lines(request) + ['brief', 'end']
        answers = self.oracle.ask(lines)
        if answers[0] != ['ok']:
            sys.exit('no set: %s' % answers[0])
        self.cedar.call('policies', self.texts(policy, home))
        for one, answer in zip(made, answers[1:]):
            if not answer[0].startswith('malformed'):
                self.compare(policy, one, answer)

    def compare(self, policy, made, answer):
        firm, request, now = made
        questions = [cedar_text.question(firm, request, purpose, item, now)
                     for purpose, item in atoms(request)]
        ours = outcomes(answer)
        theirs = self.cedar.call('ask', questions)
        for question, our, their in zip(questions, ours, theirs, strict=True):
            self.seen[our] += 1
            if (our == 'permit') == (their == 'allow'):
                continue
            self.differs += 1
            if not self.control:
                print('\n'.join(set_lines(policy, 1) + request_lines(request)))
                print(json.dumps(question))
                print('engine: %s, Cedar: %s' % (our, their))


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument('oracle')
    parser.add_argument('--packages',
                        default=os.environ.get('VAULT_TEST_PACKAGES'))
    parser.add_argument('--fetched', action='store_true')
    parser.add_argument('--cases', type=int, default=2000)
    parser.add_argument('--seed', type=int, default=int(
        os.environ.get('VAULT_TEST_SEED', time.time_ns() % 2**31)))
    parser.add_argument('--version', default='4')
    parser.add_argument('--control', action='store_true')
    return parser.parse_args()


def run(args, folder):
    fetch(folder, '%s@%s' % (PACKAGE, args.version))
    rng = random.Random(args.seed)
    comparison = Comparison(Oracle(args.oracle), Cedar(folder), args.control)
    versions = comparison.cedar.call('versions')
    print('VAULT_TEST_SEED=%d, Cedar %s, node %s' % (
        args.seed, versions['cedar'], versions['node']), flush=True)
    while (sum(comparison.seen.values()) < args.cases
           and (args.control or comparison.differs == 0)):
        comparison.run(rng)
    count = sum(comparison.seen.values())
    told = ', '.join('%d %s' % (n, word)
                     for word, n in sorted(comparison.seen.items()))
    if args.control:
        print('turned round, %d of %d differ' % (comparison.differs, count))
        return 0 if comparison.differs > 0 else 1
    if min(comparison.seen['permit'], comparison.seen['deny']) * 100 < \
            ENOUGH * count and args.cases >= 1000:
        print('too few of one outcome: ' + told)
        return 1
    print('%d atoms, %d differ (%s)' % (count, comparison.differs, told))
    return 0 if comparison.differs == 0 else 1


def main():
    args = options()
    skip_without_node()
    if args.fetched and (args.packages is None or missing_of(
            args.packages, [PACKAGE + '@'])):
        print('SKIP VAULT_TEST_PACKAGES has no ' + PACKAGE)
        return SKIPPED
    if args.packages:
        return run(args, os.path.abspath(args.packages))
    with tempfile.TemporaryDirectory(prefix='vault-cedar-') as folder:
        return run(args, folder)


if __name__ == '__main__':
    sys.exit(main())
