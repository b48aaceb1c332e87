"""What the vault says of sets of rules is what trying everything says.

Small sets are made at random.  A model that shares no code with the engine
(tests/model/policy_model.py) decides all that could be asked: simulate and diff
are held against its outcomes of each request that came, who-could-see against
each purpose, category, firm and step of a grid below which no cap lies."""
import itertools
import os
import random
import sys
import time

import ws
from firm import TERMS, Firm, node
from vault import Vault
import policy_model as model  # of the models, where vault looks for them

SEED = int(os.environ.get('VAULT_TEST_SEED', time.time_ns() % 2**31))
PAIRS = int(sys.argv[sys.argv.index('--pairs') + 1]
            if '--pairs' in sys.argv else 1000)
DAY = 86400
rng = random.Random(SEED)
print('VAULT_TEST_SEED=%d' % SEED)

node()
vault = Vault()
owner = vault.owner()
firms = {name: Firm(vault, owner, name) for name in ('brightgrid', 'zeta')}
PURPOSES = 'service.billing', 'service.support'
DATA = 'energy.electricity', 'energy.gas', 'health.heart'
WINDOWS, DELAYS, KEEPS = (DAY, 30 * DAY, 31 * DAY), (0, 3600), (7 * DAY,
                                                               30 * DAY)


# ---- sets ----

def make_rules():
    rules = []
    for number in range(rng.randrange(4)):
        rule = {'name': 'r%d' % number,
                'effect': rng.choice(['permit'] * 3 + ['deny', 'ask']),
                'purpose': [rng.choice(['service', 'service.billing'])],
                'data': rng.choice([['energy'], ['energy.gas', 'health.heart'],
                                    ['health.heart']])}
        if rng.random() < 0.5:
            rule['firm'] = ['brightgrid']
        if rule['effect'] == 'permit':
            rule.update(window='%ds' % rng.choice(WINDOWS), where=['GB'],
                        delay='%ds' % rng.choice(DELAYS),
                        keep='%ds' % rng.choice(KEEPS))
        rules.append(rule)
    return {'default': rng.choice(['ask', 'deny']), 'gpc': 'on',
            'rules': rules}


def text_of(policy):
    lines = ['version: 1', 'default: ' + policy['default']]
    lines += ['rules:'] * bool(policy['rules'])
    for rule in policy['rules']:
        lines.append('  - {%s}' % ', '.join(
            '%s: %s' % (key, '[%s]' % ', '.join(value)
                        if isinstance(value, list) else value)
            for key, value in rule.items()))
    return [{'name': 'home.yaml', 'text': '\n'.join(lines) + '\n'}]


# ---- requests, as they are sent and as the model has them ----

def asked_of(purpose, data, window, delay, keep):
    return {'home': 'GB', 'action': 'read', 'rate': '4/day', 'uses': 'none',
            'life': '1d', 'keep': '%ds' % keep, 'onward': [], 'where': ['GB'],
            'profiling': 'none', 'automated': 'no', 'training': 'no',
            'gatekeeper': 'no', 'channels': [],
            'purposes': [(purpose, 'consent')],
            'items': [{'n': 1, 'data': data, 'detail': 'mean/1h',
                       'window': '%ds' % window, 'delay': '%ds' % delay,
                       'every': None, 'needed': False, 'for': []}]}


def terms_of(purpose, data, window, delay, keep):
    return {**TERMS, 'rate': {'n': 4, 'per_s': DAY}, 'keep_s': keep,
            'purposes': [{**TERMS['purposes'][0], 'id': purpose}],
            'items': [{'n': 1, 'data': data, 'stats': ['mean'],
                       'bucket_s': 3600, 'window_s': window,
                       'delay_s': delay}]}


def outcome(policy, name, asked):
    said, = model.expect_brief(policy, {'name': name, 'state': 'confirmed'},
                               asked, int(time.time()))
    return said.split(' ')[0]


requests = {}  # by id: the firm's name, and what was asked


def requests_come():
    """Of each kind one; what no rule decides waits, and is denied to make
    room."""
    for name, firm in firms.items():
        for purpose, data in itertools.product(PURPOSES, DATA):
            shape = (purpose, data, rng.choice(WINDOWS), rng.choice(DELAYS),
                     rng.choice(KEEPS))
            sent = firm.ask(terms_of(*shape))
            requests[sent['request']] = (name, asked_of(*shape))
    assert len(requests) == 12


def simulating_is_deciding_each_of_them_twice():
    changed = 0
    for _ in range(PAIRS):
        before, after = make_rules(), make_rules()
        got = owner.call('policy.diff', files=text_of(after),
                         old=text_of(before))
        want = {}
        for request, (name, asked) in requests.items():
            outcomes = [outcome(policy, name, asked)
                        for policy in (before, after)]
            if outcomes[0] != outcomes[1]:
                want[request] = outcomes
        assert {c['request']: [c['before'], c['after']]
                for c in got['changes']} == want, (before, after, got, want)
        assert got['changed'] == len(want)
        changed += len(want)
    assert changed > PAIRS, changed


def simulating_is_the_same_with_the_set_in_force():
    before = make_rules()
    owner.change('policy.apply', files=text_of(before))
    for _ in range(20):
        after = make_rules()
        got = owner.call('policy.simulate', files=text_of(after))
        want = {request: [outcome(p, name, asked) for p in (before, after)]
                for request, (name, asked) in requests.items()}
        assert {c['request']: [c['before'], c['after']]
                for c in got['changes']} == {
            r: two for r, two in want.items() if two[0] != two[1]}, (
                before, after, got)


# ---- who could see ----

GRID = [(window, delay, keep) for window in WINDOWS for delay in DELAYS
        for keep in KEEPS]
LEAVES = [data for data, (flags, within) in model.DATA.items()
          if 'G' not in flags and within & {'energy', 'health.heart'}]
NAMED = [purpose for purpose, (flags, within) in model.PURPOSES.items()
         if 'G' not in flags and 'service' in within]


def could_see(policy):
    """Whom anything that could be asked would be given to without a question:
    firm (None: one that no rule names), purpose, category."""
    found = set()
    for name, purpose, data in itertools.product(('brightgrid', None), NAMED,
                                                 LEAVES):
        firm = {'name': name or 'nobody', 'state': 'confirmed'}
        when = (NOW, NOW, NOW + DAY)
        for window, delay, keep in GRID:
            asked = asked_of(purpose, data, window, delay, keep)
            one = {**asked, 'purpose': purpose}
            said = model.decide_atom(policy, firm, one, 'consent',
                                     asked['items'][0], when)[0]
            if said == 'permit':
                found.add((name, purpose, data))
            if said != policy['default']:
                break  # a deny or an ask is one whatever is asked for
    return found


NOW = int(time.time())


def who_could_see_is_whom_trying_finds():
    seen = 0
    for _ in range(max(1, PAIRS // 50)):
        policy = make_rules()
        owner.change('policy.apply', files=text_of(policy))
        said = [row for data in ('energy', 'health.heart')
                for row in owner.call('policy.who_could_see',
                                      data=data)['rules']]
        want = could_see(policy)
        got = {(row['firm'], row['purpose'], row['data']) for row in said}
        # A rule for everybody is for a firm that one names, too.
        got |= {('brightgrid', p, d) for name, p, d in got if name is None
                and ('brightgrid', p, d) in want}
        assert got == want, (policy, got ^ want)
        seen += bool(want)
    assert seen > 0


ws.run([requests_come, simulating_is_deciding_each_of_them_twice,
        simulating_is_the_same_with_the_set_in_force,
        who_could_see_is_whom_trying_finds])
