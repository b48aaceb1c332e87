"""A set of rules as policies of Cedar, and a question as it is put to it.

What is translated has no ask, no obligations, no offers, no streams and no
rounding: permits with caps that compare whole numbers, and denials.  A purpose
is an action and a category a resource, each within what is above it; so what a
selector covers, and what of it is explicit-only, is left to Cedar's own
hierarchy.  Nothing is shared with policy_model.py but reading the vocabulary
and the words of values.
"""
from policy_model import (BUCKETS, COUNTRIES, DATA, DAY, EEA, PURPOSES, STATS,
                          detail, home_places, life_of, rate, seconds, window)

KEYS = ('name', 'effect', 'firm', 'purpose', 'data', 'action', 'channels',
        'detail', 'window', 'delay', 'every', 'rate', 'uses', 'life', 'from',
        'until', 'keep', 'onward', 'where', 'basis', 'profiling', 'automated',
        'training', 'gatekeeper')
PROFILING = ('none', 'service', 'any')
HOLDS = {'once': ['once'], 'read': ['once', 'read'],
         'live': ['once', 'read', 'live'], 'contact': ['contact']}


def plain(policy):
    """The set without what Cedar has no word for."""
    rules = [{key: value for key, value in rule.items() if key in KEYS}
             for rule in policy['rules']
             if rule['effect'] != 'ask' and 'streams' not in rule]
    return {'default': 'deny', 'gpc': policy['gpc'], 'rules': rules}


# ---- policies ----

def quoted(words):
    return '[%s]' % ', '.join('"%s"' % word for word in sorted(words))


def named(kind, words):
    return '[%s]' % ', '.join('%s::"%s"' % (kind, word) for word in words)


def listed(value):
    return value if isinstance(value, list) else [value]


def yes(value):
    return value in ('yes', 'true')


def of_detail(rule):
    cap = detail(rule.get('detail', 'any/1h'))
    if cap is None:
        return []
    fits = [str(one) for one in BUCKETS if one % cap[1] == 0]
    return ['context.contact || (!context.raw && %s.containsAll(context.stats)'
            ' && [%s].contains(context.bucket))' % (quoted(cap[0]),
                                                    ', '.join(fits))]


def of_data(rule):
    return of_detail(rule) + [
        'context.contact || context.window <= %d'
        % window(rule.get('window', '90d')),
        'context.contact || context.delay >= %d'
        % seconds(rule.get('delay', '0s')),
        'context.kind != "live" || context.every >= %d'
        % seconds(rule.get('every', '10s'))]


def of_use(rule):
    said = []
    cap = rate(rule.get('rate', '24/day'))
    if cap is not None:
        said.append('context.rated && context.often <= %d && context.per >= %d'
                    % cap)
    if rule.get('uses', 'none') != 'none':
        said.append('context.counted && context.uses <= %s' % rule['uses'])
    said.append('context.life <= (if context.special then %d else %d)' % (
        min(seconds(rule.get('life', '30d')), 180 * DAY),
        seconds(rule.get('life', '90d'))))
    if 'from' in rule:
        said.append('context.now >= %d' % rule['from'])
    if 'until' in rule:
        said.append('context.end <= %d && context.now < %d'
                    % (rule['until'], rule['until']))
    return said


def of_promises(rule, home):
    said = ['context.keep <= %d' % seconds(rule.get('keep', '30d')),
            '%s.contains(context.basis)' % quoted(listed(rule.get(
                'basis', ['consent', 'contract', 'precontract']))),
            'context.profiling <= %d'
            % PROFILING.index(rule.get('profiling', 'none'))]
    allowed = rule.get('onward', 'no')
    if allowed == 'processors':
        said.append('!context.controllers')
    else:
        said.append('%s.containsAll(context.onward)'
                    % quoted([] if allowed == 'no' else listed(allowed)))
    words = listed(rule.get('where', 'home'))
    if 'any' not in words:
        places = set(words) - {'home', 'EEA'}
        places |= home_places(home) if 'home' in words else set()
        places |= EEA if 'EEA' in words else set()
        said.append('%s.containsAll(context.where)' % quoted(places))
    return said + ['!context.%s' % key
                   for key in ('automated', 'training', 'gatekeeper')
                   if not yes(rule.get(key, 'no'))]


def of_action(rule):
    able = {one for action in listed(rule.get('action', ['once', 'read']))
            for one in HOLDS[action]}
    return ['%s.contains(context.kind)' % quoted(able),
            '%s.containsAll(context.channels)'
            % quoted(listed(rule.get('channels', [])))]


def of_covering(rule):
    """What is explicit-only is given by its own name alone."""
    said = []
    for kind, key, what in (('Action', 'purpose', 'action'),
                            ('Data', 'data', 'resource')):
        if key in rule:
            said.append('!context.explicit_%s || %s.contains(%s)' % (
                key, named(kind, rule[key]), what))
        else:
            said.append('!context.explicit_%s' % key)
    return said


def selectors(rule):
    said = []
    if 'firm' in rule:
        said.append('%s.contains(principal)' % named('Firm', rule['firm']))
    if 'purpose' in rule:
        said.append('action in %s' % named('Action', rule['purpose']))
    if 'data' in rule:
        said.append('resource in %s' % named('Data', rule['data']))
    return said


def policy_text(effect, conditions):
    when = ' && '.join('(%s)' % one for one in conditions) or 'true'
    return '%s (principal, action, resource) when { %s };' % (effect, when)


def rule_text(rule, home):
    said = selectors(rule)
    if rule['effect'] == 'deny':
        return policy_text('forbid', said)
    said += of_covering(rule) + of_use(rule) + of_promises(rule, home)
    return policy_text('permit', said + of_action(rule) + of_data(rule))


def policies(policy, home):
    """{name: text}: the rules, and those that are the vault's own."""
    found = {rule['name']: rule_text(rule, home) for rule in policy['rules']}
    found['builtin.unconfirmed'] = policy_text('forbid', [
        '!context.confirmed'])
    if policy['gpc'] == 'on':
        found['builtin.gpc'] = policy_text('forbid', ['action in %s' % named(
            'Action', ['sell', 'marketing.targeted'])])
    return found


# ---- questions ----

def uid(kind, name):
    return {'type': kind, 'id': name}


def entity(kind, name, tree):
    """A node of the vocabulary, within all that it is below."""
    within = tree[name][1] - {name} if name in tree else ()
    return {'uid': uid(kind, name), 'attrs': {},
            'parents': [uid(kind, above) for above in sorted(within)]}


def of_item(request, item):
    """The part of a context that an item fills."""
    if item is None:
        return {'contact': True, 'raw': False, 'stats': [], 'bucket': 0,
                'window': 0, 'delay': 0, 'every': 0}
    fine = detail(item['detail'])
    return {'contact': False, 'raw': fine is None,
            'stats': sorted(fine[0]) if fine else [],
            'bucket': fine[1] if fine else 0,
            'window': window(item['window']), 'delay': seconds(item['delay']),
            'every': seconds(item['every']) if item['every'] else 0}


def question(firm, request, purpose, item, now):
    """purpose with its basis; item: None of contact."""
    ident, basis = purpose
    data = None if item is None else item['data']
    asked = rate(request['rate'])
    special = ['X' in PURPOSES[ident][0],
               data is not None and 'X' in DATA[data][0]]
    life = life_of(request)
    context = {
        'confirmed': firm['state'] == 'confirmed', 'kind': request['action'],
        'explicit_purpose': special[0], 'explicit_data': special[1],
        'special': any(special), 'now': now, 'end': now + life, 'life': life,
        'rated': asked is not None, 'often': asked[0] if asked else 0,
        'per': asked[1] if asked else 0, 'counted': request['uses'] != 'none',
        'uses': 0 if request['uses'] == 'none' else int(request['uses']),
        'keep': seconds(request['keep']), 'basis': basis,
        'profiling': PROFILING.index(request['profiling']),
        'onward': [name for name, _, _ in request['onward']],
        'controllers': any(role != 'processor'
                           for _, _, role in request['onward']),
        'where': request['where'], 'channels': request['channels'],
        **{key: request[key] == 'yes'
           for key in ('automated', 'training', 'gatekeeper')},
        **of_item(request, item)}
    return {'principal': uid('Firm', firm['name']),
            'action': uid('Action', ident),
            'resource': uid('Data', data or 'contact'), 'context': context,
            'entities': [entity('Action', ident, PURPOSES),
                         entity('Data', data or 'contact', DATA)]}


assert set(STATS) and COUNTRIES and EEA  # the vocabulary was read
