"""What is to hold of consent whatever is called: methods that read change
nothing, verbs do what they say, nothing but consent makes a grant, and taking
back is no harder than giving."""
import json
import time

import ws
from firm import TERMS, Firm, live_terms, node
from vault import Vault

NS = 10**9
NOW = int(time.time()) // 3600 * 3600

node()
vault = Vault()
owner = vault.owner()
owner.create('home/host/load', 'device.state')
owner.append('home/host/load',
             [[(NOW - 60 * i) * NS, i / 4] for i in range(60, 0, -1)])
firm = Firm(vault, owner, 'brightgrid')
firm.paced = True


def ctl(*args):
    code, out, err = vault.ctl(*args)
    assert code == 0, (args, code, out, err)
    return out


def grants():
    return sorted((g['id'], g['state'])
                  for g in owner.call('grant.list')['grants'])


def entering_and_bringing_data_gives_nothing():
    assert grants() == []
    Firm(vault, owner, 'another')
    ctl('import', vault.write('rows.ndjson', json.dumps(
        {'stream': 'home/new', 'time': '2026-01-01T00:00:00Z',
         'values': {'value': 1.5}}) + '\n'))
    assert grants() == []


def sees():
    """Whether the vault says that the firm sees the stream, and whether it
    does."""
    told = owner.call('policy.who_could_see', stream='home/host/load')
    return [g['grant'] for g in told['grants']]


def each_verb_does_what_it_says():
    request = firm.ask()['request']
    assert sees() == []
    grant = owner.change('request.approve', request=request)['grant']
    assert sees() == [grant] and firm.query('**', grant=grant).rows
    for verb, seen, more in (
            ('suspend', [], {}), ('resume', [grant], {}),
            ('narrow', [grant], {'narrow': {'rate': '2/day'}}),
            ('revoke', [], {})):
        owner.change('grant.' + verb, grant=grant, **more)
        assert sees() == seen, (verb, sees())
    grant = firm.given()
    assert sees() == [grant]
    request = firm.ask()['request']
    owner.change('request.deny', request=request)
    assert sees() == [grant]
    owner.change('firm.confirm', firm='brightgrid')  # it may ask again
    assert sees() == [grant]
    owner.change('grant.revoke', grant=grant)
    assert sees() == []


def what_is_shown():
    """All that the owner can see of consent, beside the log."""
    return [owner.call(method) for method in
            ('grant.list', 'request.list', 'firm.list', 'policy.show')]


def methods_that_read_change_nothing():
    grant = firm.given()
    request = firm.ask()['request']
    before = what_is_shown()
    for method, params in (
            ('grant.show', {'grant': grant}), ('grant.list', {}),
            ('request.show', {'request': request}), ('request.list', {}),
            ('request.preview', {'request': request}),
            ('policy.explain', {'request': request}), ('policy.show', {}),
            ('policy.who_could_see', {'data': 'energy'}),
            ('audit.list', {}), ('firm.list', {}), ('stream.list', {})):
        owner.call(method, **params)
    for method, params in (('grant.list', {}), ('session.info', {}),
                           ('grant.show', {'grant': grant})):
        firm.call(method, **params)
    assert what_is_shown() == before
    firm.change('request.withdraw', request=request)
    owner.change('grant.revoke', grant=grant)


def a_subscription_gives_what_a_query_gives():
    grant = firm.given(live_terms())
    asked = firm.given()
    begun = firm.call('data.subscribe', streams=['**'], grant=grant)
    rows = [[NOW * NS + i, i / 8] for i in range(1, 50)]
    owner.append('home/host/load', rows)
    live = []
    while len(live) < len(rows):
        live += firm.page(begun['subscription']).rows
    kept = firm.query('**', grant=asked, **{'from': NOW * NS + 1}).rows
    assert live == rows == kept, (live, kept)
    for which in (grant, asked):
        owner.change('grant.revoke', grant=which)


def taking_back_is_no_harder_than_giving():
    """Words beside the id, and no confirmation: there is nobody to give
    one."""
    first, second = (firm.ask()['request'] for _ in range(2))
    ctl('request', 'approve', first, '--all')
    ctl('request', 'deny', second)
    (grant,) = [g for g, state in grants() if state == 'active']
    ctl('grant', 'revoke', grant)
    shown = owner.call('grant.show', grant=grant)['grant']
    assert shown['state'] == 'withdrawn', shown


def the_vault_is_whole_after_all_this():
    owner.close()
    firm.wire.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([entering_and_bringing_data_gives_nothing, each_verb_does_what_it_says,
        methods_that_read_change_nothing,
        a_subscription_gives_what_a_query_gives,
        taking_back_is_no_harder_than_giving,
        the_vault_is_whole_after_all_this])
