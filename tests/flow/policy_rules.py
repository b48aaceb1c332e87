"""Rules that permit by themselves: what they allow is given without asking,
held at every use, and what is more is put before the owner."""
import json
import secrets
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
    lines = ['version: 1'] + (['rules:'] if rules else [])
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
    firm.change('request.withdraw', request=outcome['request'])


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
    assert newest <= time.time_ns() - HOUR * NS, newest
    assert newest >= (NOW - HOUR - 60) * NS, newest


def let_go():
    """What a firm has in one detail it does not get in another."""
    for grant in firm.call('grant.list')['grants']:
        owner.change('grant.revoke', grant=grant['id'])


def two_details_of_one_thing_are_asked_about():
    apply(all=LOAD)
    by_rule(wants())
    outcome = firm.ask(wants({'round': '4'}))
    assert outcome['state'] == 'pending', outcome
    shown = owner.call('request.show', request=outcome['request'])
    assert 'builtin.two-details' in [r['name'] for r in shown['rules']], shown
    firm.change('request.withdraw', request=outcome['request'])


def values_are_rounded():
    let_go()
    apply(rough={**LOAD, 'round': '2'})
    put_before_the_owner(wants({'round': '3'}))
    got = firm.query('**', grant=by_rule(wants({'round': '4'})))
    assert got.rows and all(row[1] % 4 == 0 for row in got.rows), got.rows[:5]


def uses_are_counted():
    let_go()
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


def a_rule_binds_its_streams_and_no_others():
    another('parcelbird')
    owner.create('home/boiler/pump', 'device.state')
    owner.append('home/boiler/pump', rows)
    apply(boiler={**LOAD, 'streams': 'home/boiler/*', 'names': 'show'})
    grant = by_rule(wants())
    assert names_of(grant) == ['home/boiler/pump']
    assert refused(firm.query, 'home/host/load', grant=grant)


def a_deny_with_streams_withholds_them_from_every_grant():
    apply(all={**LOAD, 'names': 'show'})
    grant = by_rule(wants())
    assert names_of(grant) == ['home/boiler/pump', 'home/host/load']
    assert firm.query('home/boiler/pump', grant=grant).rows
    deny = {'effect': 'deny', 'streams': 'home/boiler/**'}
    apply(all={**LOAD, 'names': 'show'}, never=deny)
    got = refused(firm.query, 'home/boiler/pump', grant=grant)
    assert got.reason == 'denied', got
    assert firm.query('home/host/load', grant=grant).rows
    assert len(firm.query('**', grant=grant).rows) == len(
        firm.query('home/host/load', grant=grant).rows)
    later = by_rule(wants())
    assert names_of(later) == ['home/host/load']
    apply(all={**LOAD, 'names': 'show'})
    assert firm.query('home/boiler/pump', grant=grant).rows
    assert refused(firm.query, 'home/boiler/pump', grant=later)


def a_deny_with_streams_cuts_what_is_live():
    apply(all={**LOAD, 'action': 'live', 'every': '1s', 'names': 'show'})
    grant = by_rule(live_terms())
    number = firm.send('data.subscribe', streams=['home/boiler/pump'],
                       grant=grant)
    begun = firm.answer(number)
    owner.append('home/boiler/pump', [[(NOW + 3) * NS, 1.5]])
    assert firm.page(begun['subscription']).rows
    apply(all={**LOAD, 'action': 'live', 'every': '1s', 'names': 'show'},
          never={'effect': 'deny', 'streams': 'home/boiler/**'})
    owner.append('home/boiler/pump', [[(NOW + 4) * NS, 2.5]])
    for _ in range(20):
        firm.call('session.info')
    assert [p for p in firm.pages if p.rows] == [], firm.pages
    assert refused(firm.answer, number).reason == 'conflict'


def a_page_behind_a_deny_does_not_come():
    another('quotes')
    owner.create('home/boiler/log', 'device.state', value='text')
    for i in range(12):  # together more than two pages have
        owner.append('home/boiler/log',
                     [[(NOW - 10000 + i * 500 + j) * NS,
                       secrets.token_hex(200)] for j in range(500)])
    apply(all={**LOAD, 'names': 'show'})
    grant = by_rule(wants())
    number = firm.send('data.query', streams=['home/boiler/log'], grant=grant,
                       credit=1)
    firm.answer(number)
    assert not firm.page(number).final
    apply(all={**LOAD, 'names': 'show'},
          never={'effect': 'deny', 'streams': 'home/boiler/**'})
    firm.tell('flow.credit', ref=number, pages=9)
    got = refused(firm.page, number)
    assert got.reason == 'conflict', got


def an_ask_with_streams_has_them_wait():
    ask = {'effect': 'ask', 'streams': 'home/boiler/**'}
    apply(all={**LOAD, 'names': 'show'}, wait=ask)
    grant = by_rule(wants())
    assert names_of(grant) == ['home/host/load']
    shown = str(owner.call('grant.show', grant=grant))
    assert "'held': ['home/boiler/pump']" in shown or (
        'home/boiler/pump' in shown.partition("'held'")[2]), shown
    # The owner cannot admit it past the rule, and is told which.
    got = refused(owner.change, 'grant.admit', grant=grant,
                  stream='home/boiler/pump')
    assert got.reason == 'conflict' and "'wait'" in str(got), got
    # A grant by hand outlives such a rule, one by a rule does not.
    apply(wait=ask)
    asked = firm.ask(wants())['request']
    shown = owner.call('request.show', request=asked)
    assert [b['stream'] for b in shown['binds']] == ['home/host/load'], shown
    firm.change('request.withdraw', request=asked)
    apply()
    hand = firm.given(wants())
    apply(all={**LOAD, 'names': 'show'})
    rule = by_rule(wants())
    apply(all={**LOAD, 'names': 'show'}, wait=ask)
    assert firm.query('home/boiler/pump', grant=hand).rows
    assert refused(firm.query, 'home/boiler/pump', grant=rule)
    assert firm.query('home/host/load', grant=rule).rows


def what_was_denied_is_not_asked_for_again():
    another('nagging')
    apply()
    asked = firm.ask(wants())
    assert asked['state'] == 'pending', asked
    owner.change('request.deny', request=asked['request'])
    again = firm.ask(wants())
    assert again['state'] == 'denied', again
    told = owner.call('policy.explain', request=again['request'])
    assert [r['name'] for r in told['rules']] == ['builtin.quiet'], told
    # The one that the owner denied was not denied by that, but would be.
    told = owner.call('policy.explain', request=asked['request'])
    assert [r['name'] for r in told['rules']] == ['builtin.quiet'], told
    assert 'it was put before you by the default, ask' in str(told), told
    assert 'would be denied; that time it was put before you' in str(told), told
    owner.change('firm.confirm', firm='nagging')
    assert firm.ask(wants())['state'] == 'pending'


def the_log_names_the_rule_that_acted():
    another('logged')
    apply(all=LOAD)
    grant = by_rule(wants())
    apply(all=LOAD, hold={'effect': 'ask', 'data': 'device.state'})
    assert rules_of(grant) == ['hold']
    owner.change('grant.resume', grant=grant)
    apply(all=LOAD, never={'effect': 'deny', 'data': 'device.state'})
    assert rules_of(grant) == ['never']


def rules_of(grant):
    """Of its newest entry, as the owner reads it."""
    details = [json.loads(entry['detail']) for entry in
               owner.call('audit.list', types=['grant'])['entries']]
    return [d for d in details if d.get('grant') == grant][-1]['rules']


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


ws.run([a_delay_is_asked_for_and_kept,
        two_details_of_one_thing_are_asked_about, values_are_rounded,
        uses_are_counted,
        a_rate_is_kept, rows_come_live_where_the_rule_says_so,
        names_are_shown_by_a_rule_and_else_hidden,
        a_bucket_needs_as_many_readings_as_the_rule_says,
        promises_are_held_to, a_rule_binds_its_streams_and_no_others,
        a_deny_with_streams_withholds_them_from_every_grant,
        a_deny_with_streams_cuts_what_is_live,
        a_page_behind_a_deny_does_not_come,
        an_ask_with_streams_has_them_wait,
        what_was_denied_is_not_asked_for_again,
        the_log_names_the_rule_that_acted,
        what_a_rule_gave_ends_with_the_rule])
