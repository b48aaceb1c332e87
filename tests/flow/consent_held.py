"""What is to hold of consent whatever is called: methods that read change
nothing, verbs do what they say, nothing but consent makes a grant, and taking
back is no harder than giving."""
import datetime
import json
import time

import ws
from firm import TERMS, Firm, live_terms, node
from vault import Vault, refused, stamp
import log  # of the models, where vault looks for them

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
    global other
    assert grants() == []
    other = Firm(vault, owner, 'another')
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


def item(base, **other):
    return {**base, 'items': [{**base['items'][0], **other}]}


def instant(ns):
    """As text, which no reader of JSON rounds."""
    return '%s.%09dZ' % (stamp(ns // NS)[:19], ns % NS)


def one_and_the_other(stream, rows, more=None, asked=None, columns=('value',)):
    """Rows as they come, of a subscription and of a query of the same terms
    and the same filter."""
    live, kept = (firm.given(item(base, **(more or {})))
                  for base in (live_terms(), TERMS))
    begun = firm.call('data.subscribe', streams=[stream], grant=live,
                      **(asked or {}))
    for at in range(0, len(rows), 7):
        owner.append(stream, rows[at:at + 7], columns=columns)
    came = []
    while len(came) < len(rows):
        came += firm.page(begun['subscription']).rows
    got = firm.query(stream, grant=kept, **{
        'from': instant(rows[0][0]), 'to': instant(rows[-1][0] + 1)},
        **(asked or {})).rows
    for which in (live, kept):
        owner.change('grant.revoke', grant=which)
    return came, got


def a_subscription_gives_what_a_query_gives():
    came, got = one_and_the_other(
        'home/host/load', [[NOW * NS + i, i / 8] for i in range(1, 50)])
    assert came == got and len(got) == 49, (came, got)


def so_it_does_around_each_turn_of_the_clock():
    """The last and the first instant of minutes, hours, days, and of a leap
    day, are of one side alone."""
    turns = [NOW - 86400 * 400 + by for by in (0, 60, 3600)]
    turns += [t // 86400 * 86400 for t in turns[:1]]
    turns += [calendar(t) for t in ('2024-02-29', '2024-03-01', '2025-01-01')]
    rows = [[turn * NS + by, i + by / 4]
            for i, turn in enumerate(sorted(turns)) for by in (-1, 0, 1)]
    owner.create('home/turns', 'device.state')
    came, got = one_and_the_other('home/turns', rows)
    assert came == got == rows, (came, got)


def so_it_does_of_columns_and_rounded():
    """The same column alone, and each value the same step."""
    owner.create('home/both', 'device.state', a='f64', b='i64')
    rows = [[NOW * NS + i, i / 7 - 3, i * 3 - 20] for i in range(30)]
    came, got = one_and_the_other('home/both', rows, {'round': '0.5'},
                                  {'columns': ['a']}, ['a', 'b'])
    assert came == got and len(got) == 30, (came, got)
    assert all(len(row) == 2 and row[1] % 0.5 == 0 for row in got), got


def calendar(day):
    return int(datetime.datetime.fromisoformat(day).replace(
        tzinfo=datetime.timezone.utc).timestamp())


def a_stream_of_another_category_is_cut_before_the_answer():
    """Like any change of what is given: not a row of it comes afterwards."""
    grant = firm.given(live_terms())
    number = firm.send('data.subscribe', streams=['home/host/load'],
                       grant=grant)
    begun = firm.answer(number)
    owner.append('home/host/load', [[NOW * NS + 100, 1.0]])
    assert firm.page(begun['subscription']).rows
    for category, lost in (('home.climate', [grant]), ('unsorted', [])):
        got = owner.change('stream.set', name='home/host/load',
                           category=category)
        assert got['grants'] == lost, got
        assert sees() == [], category
    owner.append('home/host/load', [[NOW * NS + 101, 2.0]])
    while number not in firm.answers:
        firm.take()
    assert firm.answers.pop(number)['error']['data']['reason'] == 'conflict'
    assert firm.pages == [], firm.pages
    assert refused(firm.call, 'data.subscribe',
                   streams=['home/host/load'], grant=grant).reason == 'denied'
    owner.change('stream.set', name='home/host/load', category='device.state')
    assert sees() == []  # it waits
    owner.change('grant.admit', grant=grant, stream='home/host/load')
    assert sees() == [grant]
    owner.change('grant.revoke', grant=grant)


def equal_rows_are_given_and_counted_each():
    """As of a meter that stands still, and of two that show the same."""
    hour = NOW - 2 * 3600
    rows = [[(hour + 60 * i) * NS, 7.5] for i in range(5)]
    for name in ('home/equal/a', 'home/equal/b'):
        owner.create(name, 'device.state')
        owner.append(name, rows)
    grant = firm.given()
    got = firm.query('home/equal/*', grant=grant).rows
    assert sorted(got) == sorted(rows * 2), got
    got = firm.query('home/equal/*', grant=grant, every='1h', stats=['count'],
                     **{'from': hour * NS, 'to': (hour + 3600) * NS}).rows
    assert [row[1] for row in got] == [5, 5], got
    owner.change('grant.revoke', grant=grant)


def entries(who, **params):
    """All of a list of the log."""
    said = {'size': 1}
    found = []
    while len(found) < said['size']:
        said = who.call('audit.list', limit=100, **params, **(
            {'after': found[-1]['index']} if found else {}))
        found += said['entries']
        if 'types' in params or not said['entries']:
            return found
    return found


def the_owner_sees_all_that_a_firms_tree_holds():
    mine = entries(firm)
    assert [e['index'] for e in mine] == list(range(len(mine)))
    told = [(e['entry'], e['salt'], e['detail']) for e in mine]
    assert told == [(e['entry'], e['salt'], e['detail']) for e in
                    entries(owner, firm='brightgrid')]
    every = entries(owner)
    assert [e['index'] for e in every] == list(range(len(every)))
    owners = {(e['type'], e['time'], e['subject'], e['seq']) for e in every}
    missing = [e for e in mine if (e['type'], e['time'], e['subject'],
                                   e['seq']) not in owners]
    assert not missing and any(e['type'] == 'use' for e in mine), missing


def a_firms_tree_tells_of_nobody_else():
    """Neither how much there is of others, nor when."""
    before = firm.call('audit.list', newest=True), firm.call(
        'audit.prove', index=0)
    grant = other.given()
    assert other.query('**', grant=grant).rows
    owner.create('home/third', 'device.state')
    owner.change('grant.revoke', grant=grant)
    after = firm.call('audit.list', newest=True), firm.call(
        'audit.prove', index=0)
    assert after == before, (before, after)


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


def a_firms_log_goes_out_alone():
    size = owner.call('audit.head', firm='brightgrid')['size']
    for first in (0, size // 2):
        entries, last = log.check(ctl('audit', 'export', '--firm',
                                      'brightgrid', '--from-index',
                                      str(first)))
        assert (len(entries), last['size']) == (size - first, size), last
        assert 'rules' not in entries[0]['detail'], entries[0]


def the_vault_is_whole_after_all_this():
    owner.close()
    firm.wire.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([entering_and_bringing_data_gives_nothing, each_verb_does_what_it_says,
        methods_that_read_change_nothing,
        a_subscription_gives_what_a_query_gives,
        so_it_does_around_each_turn_of_the_clock,
        so_it_does_of_columns_and_rounded,
        a_stream_of_another_category_is_cut_before_the_answer,
        equal_rows_are_given_and_counted_each,
        the_owner_sees_all_that_a_firms_tree_holds,
        a_firms_tree_tells_of_nobody_else,
        taking_back_is_no_harder_than_giving,
        a_firms_log_goes_out_alone, the_vault_is_whole_after_all_this])
