"""Rules that permit by themselves: what they allow is given without asking,
held at every use, and what is more is put before the owner."""
import time

import ws
from firm import TERMS, Firm, live_terms, node
from vault import Vault, refused

NS = 10**9
HOUR = 3600
NOW = int(time.time()) // HOUR * HOUR

node()
vault = Vault()
owner = vault.owner()
owner.create('home/host/load', 'device.state')
owner.create('home/meter', 'energy.electricity')
rows = [[(NOW - 60 * i) * NS, i / 4] for i in range(180, 0, -1)]
owner.append('home/host/load', rows)
# One reading in the oldest hour, 60 in each of the two behind it.
owner.append('home/meter', [r for r in rows if r[0] >= (NOW - 2 * HOUR) * NS])
owner.append('home/meter', [[(NOW - 3 * HOUR) * NS, 1.0]])
firm = Firm(vault, owner, 'brightgrid')

LOAD = {'effect': 'permit', 'purpose': 'service.repair',
        'data': 'device.state', 'where': 'GB', 'detail': 'raw',
        'window': '20y', 'rate': 'none'}


def apply(**rules):
    """Put these rules in force; what was there before goes."""
    lines = ['version: 1', 'rules:']
    for name, rule in rules.items():
        cells = ', '.join('%s: %s' % pair for pair in rule.items())
        lines.append('  - {name: %s, %s}' % (name, cells))
    done = owner.change('policy.apply', files=[
        {'name': 'main.yaml', 'text': '\n'.join(lines) + '\n'}])
    assert done['applied'], done


def wants(item=(), **common):
    return {**TERMS, **common, 'items': [{**TERMS['items'][0], **dict(item)}]}


def by_rule(terms):
    """The grant that a rule gives."""
    outcome = firm.ask(terms)
    assert outcome['state'] == 'granted', outcome
    return outcome['grant']


def put_before_the_owner(terms):
    outcome = firm.ask(terms)
    assert outcome['state'] == 'pending', outcome
    owner.change('request.deny', request=outcome['request'])


def another(name):
    """A firm has 20 requests a day."""
    global firm
    firm.wire.close()
    firm = Firm(vault, owner, name)


def a_delay_is_asked_for_and_kept():
    apply(late={**LOAD, 'delay': '1h'})
    put_before_the_owner(wants({'delay_s': HOUR - 1}))
    got = firm.query('**', grant=by_rule(wants({'delay_s': HOUR})))
    newest = max(row[0] for row in got.rows)
    assert newest < (int(time.time()) - HOUR) * NS, newest
    assert newest >= (NOW - HOUR - 60) * NS, newest


def values_are_rounded():
    apply(rough={**LOAD, 'round': '2'})
    put_before_the_owner(wants({'round': '3'}))
    got = firm.query('**', grant=by_rule(wants({'round': '4'})))
    assert got.rows and all(row[1] % 4 == 0 for row in got.rows), got.rows[:5]


def uses_are_counted():
    apply(few={**LOAD, 'uses': '2'})
    put_before_the_owner(wants(uses=3))
    grant = by_rule(wants(uses=2))
    firm.query('**', grant=grant)
    firm.query('**', grant=grant)
    assert refused(firm.query, '**', grant=grant).reason == 'ended'


def a_rate_is_kept():
    apply(slow={**LOAD, 'rate': '1/day'})
    put_before_the_owner(wants(rate={'n': 2, 'per_s': 86400}))
    grant = by_rule(wants(rate={'n': 1, 'per_s': 604800}))
    firm.query('**', grant=grant)
    got = refused(firm.query, '**', grant=grant)
    assert got.reason == 'rate', got


def rows_come_live_where_the_rule_says_so():
    apply(read=LOAD)
    put_before_the_owner(live_terms())
    apply(live={**LOAD, 'action': 'live', 'every': '1s'})
    begun = firm.call('data.subscribe', streams=['**'],
                      grant=by_rule(live_terms()))
    row = [(NOW + 1) * NS, 7.5]
    owner.append('home/host/load', [row])
    page = firm.page(begun['subscription'])
    assert page.rows == [row], page.rows


def names_are_shown_by_a_rule_and_else_hidden():
    apply(hidden=LOAD)
    grant = by_rule(wants())
    assert names_of(grant) == ['device.state/1']
    assert refused(firm.query, 'home/host/load', grant=grant)
    apply(shown={**LOAD, 'names': 'show'})
    grant = by_rule(wants())
    assert names_of(grant) == ['home/host/load']
    assert firm.query('home/host/load', grant=grant).rows


def names_of(grant):
    found, = [g for g in firm.call('grant.list')['grants']
              if g['id'] == grant]
    return found['streams']


def a_bucket_needs_as_many_readings_as_the_rule_says():
    hours = {'data': 'energy.electricity', 'stats': ['count'],
             'bucket_s': HOUR}
    meter = {**LOAD, 'data': 'energy.electricity', 'detail': 'count/1h'}

    def counts(least):
        apply(meter={**meter, 'min_readings': least})
        got = firm.query('**', grant=by_rule(wants(hours)), every='1h',
                         stats=['count'])
        return [row[1] for row in got.rows]

    assert counts(1) == [1, 60, 60], counts(1)
    assert counts(2) == [60, 60], counts(2)
    assert counts(61) == [], counts(61)


def promises_are_held_to():
    another('warmfix')
    for key, value, asked in (
            ('keep', '1h', {'keep_s': HOUR + 1}),
            ('onward', 'processors', {'onward': [
                {'name': 'Sale', 'country': 'GB', 'role': 'controller'}]}),
            ('where', 'EEA', {'where': ['GB']}),
            ('basis', 'law', {}),
            ('profiling', 'service', {'profiling': 'any'}),
            ('automated', 'no', {'automated': True}),
            ('training', 'no', {'training': True}),
            ('gatekeeper', 'no', {'gatekeeper': True})):
        apply(one={**LOAD, 'keep': '10y', key: value})
        put_before_the_owner(wants(**asked))


def what_a_rule_gave_ends_with_the_rule():
    apply(few={**LOAD, 'uses': '5'})
    grant = by_rule(wants(uses=5))
    firm.query('**', grant=grant)
    apply(few={**LOAD, 'uses': '4'})
    assert refused(firm.query, '**', grant=grant).reason == 'ended'
    owner.close()
    firm.wire.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([a_delay_is_asked_for_and_kept, values_are_rounded, uses_are_counted,
        a_rate_is_kept, rows_come_live_where_the_rule_says_so,
        names_are_shown_by_a_rule_and_else_hidden,
        a_bucket_needs_as_many_readings_as_the_rule_says,
        promises_are_held_to, what_a_rule_gave_ends_with_the_rule])
