#!/usr/bin/env python3
"""What a decision costs, beside Cedar and casbin.

usage: peers.py FOLDER [--rules N...] [--rounds N] [--ms N]

FOLDER gets what npm fetches, a copy of the tree and its build, and keeps them
for the next time.  On demand: nothing of it is in the tree, and nothing is
asserted but that the three decide alike.

Of ten rules six permit a firm of their own, three permit any firm a purpose,
one denies one; each permit has a cap of the window.  100 questions by firms of
the set are asked in turns.  A set of the vault has 1,000 rules at most; the
limit is raised in the copy, so that 10,000 can be measured beside the others.
Cedar and casbin run in node, in one process and one thread as the engine does;
Cedar gets two entities with each question, as its interface has it, and parses
its policies once.  casbin compares the window alone and has no cap besides; the
engine also says of each permit that failed by which caps.
"""
import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, '../..')
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, 'tests/model'))

import cedar_text  # noqa: E402
from cedar import Cedar  # noqa: E402
from packages import fetch, skip_without_node  # noqa: E402
from policy_make import NOW, firm_lines, request_lines, stamp  # noqa: E402
from policy_model import DATA, FLOORS, PURPOSES  # noqa: E402

CEDAR, CASBIN = '@cedar-policy/cedar-wasm@4', 'casbin@5'
QUESTIONS = 100
FIRMS = 60  # an oracle knows 64 names at most
FILES = 10  # of a set
SEED = 20261201
MODEL = '''
[request_definition]
r = firm, purpose, data, window
[policy_definition]
p = firm, purpose, data, window, eft
[role_definition]
g = _, _
g2 = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = (p.firm == "*" || r.firm == p.firm) && (p.purpose == "*" || g(r.purpose, p.purpose)) && (p.data == "*" || g2(r.data, p.data)) && (p.window == "*" || r.window <= p.window)
'''


# ---- rules and questions ----

def usual(tree):
    """Nodes that are neither a group nor explicit-only, and have no floor."""
    return [name for name, (flags, _) in tree.items()
            if 'X' not in flags and 'G' not in flags and name not in FLOORS]


def make_rules(rng, count):
    rules = []
    for number in range(count):
        kind = number % 10
        rule = {'name': 'rule-%05d' % number, 'effect': 'permit'}
        if kind == 9:
            rule['effect'] = 'deny'
        if kind < 6:
            rule['firm'] = ['firm%d' % (number % FIRMS)]
        else:
            rule['purpose'] = [rng.choice(usual(PURPOSES))]
        if kind >= 6 or number % 2 == 0:
            rule['data'] = [rng.choice(usual(DATA))]
        if rule['effect'] == 'permit':
            rule['window'] = '%dd' % rng.randrange(1, 90)
        rules.append(rule)
    return rules


def make_questions(rng, rules):
    made = []
    for _ in range(QUESTIONS):
        item = {'n': 1, 'data': rng.choice(usual(DATA)), 'detail': 'mean/1h',
                'window': '%dd' % rng.randrange(1, 90), 'delay': '0s',
                'every': None, 'needed': False, 'for': [], 'round': None}
        request = {'home': 'GB', 'action': 'read', 'rate': '4/day',
                   'uses': 'none', 'life': '30d', 'keep': '30d', 'onward': [],
                   'where': ['GB'], 'profiling': 'none', 'automated': 'no',
                   'training': 'no', 'gatekeeper': 'no', 'channels': [],
                   'purposes': [(rng.choice(usual(PURPOSES)), 'consent')],
                   'items': [item]}
        firm = {'name': 'firm%d' % rng.randrange(min(FIRMS, rules)),
                'state': 'confirmed'}
        made.append((firm, request))
    return made


# ---- the three ----

class Engine:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        for number in range(FIRMS):
            self.process.stdin.write('known firm%d\n' % number)

    def ask(self, lines):
        self.process.stdin.write('\n'.join(lines + ['end', '']))
        self.process.stdin.flush()
        answer = []
        for line in self.process.stdout:
            if line == '.\n':
                return answer
            answer.append(line.rstrip('\n'))
        sys.exit('the oracle ended')

    def apply(self, rules):
        lines = ['home GB', 'now ' + stamp(NOW)]
        for at in range(FILES):
            lines += ['file part%d.yaml' % at, '|version: 1']
            lines += ['|default: deny'] if at == 0 else []
            mine = rules[at::FILES]
            lines += ['|rules:'] if mine else []
            for rule in mine:
                lines.append('|  - {%s}' % ', '.join(
                    '%s: %s' % (key, value if isinstance(value, str)
                                else '[%s]' % ', '.join(value))
                    for key, value in rule.items()))
        answer = self.ask(lines + ['apply'])
        if answer != ['ok']:
            sys.exit('no set: %s' % answer[:3])

    def decide(self, made):
        out = []
        for firm, request in made:
            answer = self.ask(firm_lines(firm) + request_lines(request)
                              + ['brief'])
            out.append('allow' if answer[0].startswith('permit') else 'deny')
        return out

    def spend(self, made, each):
        times = []
        for firm, request in made:
            answer = self.ask(firm_lines(firm) + request_lines(request)
                              + ['spend %d' % each])
            times.append(float(answer[0]))
        return statistics.mean(times)


def of_casbin(rules, made):
    lines = []
    for rule in rules:
        lines.append([rule.get('firm', ['*'])[0], rule.get('purpose', ['*'])[0],
                      rule.get('data', ['*'])[0],
                      int(rule['window'][:-1]) if 'window' in rule else '*',
                      'allow' if rule['effect'] == 'permit' else 'deny'])
    lines.append(['*', 'sell', '*', '*', 'deny'])
    lines.append(['*', 'marketing.targeted', '*', '*', 'deny'])
    groups = {key: [[name, above] for name, (_, within) in tree.items()
                    for above in sorted(within)]
              for key, tree in (('g', PURPOSES), ('g2', DATA))}
    questions = [[firm['name'], request['purposes'][0][0],
                  request['items'][0]['data'],
                  int(request['items'][0]['window'][:-1])]
                 for firm, request in made]
    return {'model': MODEL, 'rules': lines, 'groups': groups}, questions


# ---- measuring ----

def left_behind(folder, names):
    """What is no part of the tree: a build, and what else is made."""
    root = os.path.samefile(folder, ROOT)
    return {name for name in names if name in ('.git', '__pycache__')
            or (root and name.startswith('build'))}


def build(folder):
    """policy_oracle of a copy in which a set may have more rules."""
    tree, made = os.path.join(folder, 'tree'), os.path.join(folder, 'build')
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(ROOT, tree, ignore=left_behind)
    path = os.path.join(tree, 'policies/engine/policy.h')
    with open(path, encoding='utf-8') as file:
        text = file.read()
    assert 'POLICY_RULES = 1000,' in text
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text.replace('POLICY_RULES = 1000,',
                                'POLICY_RULES = 10000,'))
    subprocess.run(['cmake', '-S', tree, '-B', made, '-G', 'Ninja',
                    '-DCMAKE_BUILD_TYPE=Release'], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run(['ninja', '-C', made, 'policy_oracle'], check=True,
                   stdout=subprocess.DEVNULL)
    return os.path.join(made, 'tests/model/policy_oracle')


def times_in(ms, cost):
    """How often something of so many ns fits."""
    return max(1, int(ms * 1e6 / cost))


def measure(engine, node, rules, made, options):
    """Nanoseconds of a decision of each: a list of rounds."""
    engine.apply(rules)
    node.call('policies', cedar_text.policies(
        {'rules': rules, 'gpc': 'on'}, 'GB'))
    casbin, questions = of_casbin(rules, made)
    node.call('casbin', casbin)
    ours = engine.decide(made)
    cedars = node.call('ask', [cedar_text.question(
        firm, request, request['purposes'][0], request['items'][0], NOW)
        for firm, request in made])
    assert ours == cedars, 'Cedar decides otherwise'
    assert ours == node.call('enforce', questions), 'casbin decides otherwise'
    rounds = []
    for _ in range(options.rounds):
        one = engine.spend(made, 10)
        rounds.append((
            engine.spend(made, times_in(options.ms / QUESTIONS, one)),
            node.call('spend', times_in(options.ms, node.call('spend', 10))),
            node.call('casbinSpend',
                      times_in(options.ms, node.call('casbinSpend', 10)))))
    return rounds, ours.count('allow')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse
                                     .RawDescriptionHelpFormatter)
    parser.add_argument('folder')
    parser.add_argument('--rules', type=int, nargs='+',
                        default=[10, 1000, 10000])
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--ms', type=int, default=500)
    options = parser.parse_args()
    folder = os.path.abspath(options.folder)
    skip_without_node()
    os.makedirs(folder, exist_ok=True)
    fetch(folder, CEDAR, CASBIN)
    engine, node = Engine(build(folder)), Cedar(folder)
    print('# %s' % ', '.join('%s %s' % pair
                             for pair in node.call('versions').items()))
    print('rules\tpermitted\tengine ns\tCedar ns\tcasbin ns\tCedar / engine'
          '\tcasbin / engine', flush=True)
    for count in options.rules:
        rng = random.Random(SEED)
        rounds, permitted = measure(engine, node, make_rules(rng, count),
                                    make_questions(rng, count), options)
        middle = [statistics.median(side) for side in zip(*rounds)]
        ratios = [statistics.median(one[side] / one[0] for one in rounds)
                  for side in (1, 2)]
        print('%d\t%d of %d\t%.0f\t%.0f\t%.0f\t%.1f\t%.1f' % (
            count, permitted, QUESTIONS, *middle, *ratios), flush=True)


if __name__ == '__main__':
    main()
