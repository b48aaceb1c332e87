"""Suspensions by a timetable, and those that the firm is not told of.

usage: suspended.py BIN
"""
import base64
import json
import secrets
import time

import ws
from firm import TERMS, Firm, live_terms, node
from skewed import SKEWED, set_clock, vault
from vault import PASSPHRASE, refused

NS = 10**9
MINUTE, HOUR, DAY = 60, 3600, 86400
STREAM = 'home/host/load'

node()
ahead = 0


def clock(by, synchronised=False):
    """Set the daemon's clock: seconds from what it is here."""
    global ahead
    ahead = by
    set_clock(by, synchronised)


def later(seconds):
    clock(ahead + seconds)


def now():
    """The daemon's, ns."""
    return time.time_ns() + ahead * NS


def start():
    global owner, firm
    vault.start(env=SKEWED)
    owner = vault.owner()


def restart():
    firm.close()
    owner.close()
    vault.stop()
    start()
    firm.owner = owner
    firm.connect()


def put(value):
    owner.append(STREAM, [[now(), value]])


def values(grant):
    return [row[1] for row in firm.query('**', grant=grant).rows]


def told(reason, grant):
    """The firm hears of it, whenever the vault writes it down."""
    while True:
        while firm.notes:
            note = firm.notes.pop(0)
            if (note['method'] == 'grant.changed' and
                    note['params']['reason'] == reason and
                    note['params']['grant'] == grant):
                return note['params']
        firm.call('session.info')


def chain(grant):
    """(event, by) of all its receipts."""
    claims = [json.loads(base64.urlsafe_b64decode(
        each['receipt'].split('.')[1] + '==')) for each in firm.call(
            'grant.receipt', grant=grant, **{'from': 1})['receipts']]
    return [(c['event'], c['by']) for c in claims]


def shown(grant):
    return owner.call('grant.show', grant=grant)['grant']


def entries(grant):
    """What the owner's tree says of it, (row, state), oldest first."""
    found = [json.loads(e['detail']) for e in
             owner.call('audit.list', types=['grant'])['entries']]
    return [(d['row'], d['state']) for d in found
            if d.get('grant') == grant]


def of_its_tree():
    """What the firm's own tree says of its grants, but for uses."""
    return [entry['entry'] for entry in
            firm.call('audit.list', types=['grant'], limit=1000)['entries']]


def a_suspension_comes_and_goes_by_itself():
    global firm, grant, lives
    clock(0)
    start()
    owner.create(STREAM, 'device.state')
    firm = Firm(vault, owner, 'brightgrid')
    firm.paced = True
    # While the clock is right: what is signed has to be of now.
    grant = firm.given({**TERMS, 'life_s': 30 * DAY})
    lives = [firm.given({**live_terms(), 'life_s': 30 * DAY})
             for _ in range(2)]
    put(1.0)
    done = owner.change('grant.suspend', grant=grant,
                        **{'from': now() + HOUR * NS},
                        until=now() + 2 * HOUR * NS)
    assert (done['grant'], done['state']) == (grant, 'active'), done
    assert done['from'] < done['until'], done
    assert values(grant) == [1.0]
    assert shown(grant)['suspension']['hidden'] is False
    assert chain(grant) == [('given', 'owner')]  # it is told when it is so
    later(HOUR + MINUTE)
    assert refused(firm.query, '**', grant=grant).reason == 'denied'
    put(2.0)
    assert told('suspended', grant)['state'] == 'suspended'
    assert shown(grant)['state'] == 'suspended'
    later(HOUR)
    assert values(grant) == [1.0]
    put(3.0)
    assert values(grant) == [1.0, 3.0]
    assert told('resumed', grant)['state'] == 'active'
    assert chain(grant) == [('given', 'owner'), ('suspended', 'clock'),
                            ('resumed', 'clock')], chain(grant)
    assert entries(grant)[1:] == [(18, 'active'), (18, 'suspended'),
                                  (22, 'active')], entries(grant)
    assert owner.call('audit.verify')['ok']


def it_comes_while_the_vault_is_off():
    owner.change('grant.suspend', grant=grant,
                 **{'from': now() + HOUR * NS}, until=now() + 2 * HOUR * NS)
    later(HOUR + MINUTE)
    restart()
    assert refused(firm.query, '**', grant=grant).reason == 'denied'
    later(HOUR)
    restart()
    assert values(grant) == [1.0, 3.0]
    assert chain(grant)[-2:] == [('suspended', 'clock'), ('resumed', 'clock')]
    assert len(shown(grant)['gaps']) == 2, shown(grant)


def what_is_live_stops_when_its_time_comes():
    live = lives.pop()
    begun = firm.call('data.subscribe', streams=['**'], grant=live)
    put(4.0)
    assert firm.page(begun['subscription']).rows
    owner.change('grant.suspend', grant=live, **{'from': now() + HOUR * NS})
    put(5.0)
    assert firm.page(begun['subscription']).rows
    later(HOUR + MINUTE)
    put(6.0)
    assert told('suspended', live)
    assert [p for p in firm.pages if p.rows] == [], firm.pages
    owner.change('grant.revoke', grant=live)


def times_that_cannot_be_are_refused():
    for how, at in (({'from': now() - NS}, 'from'),
                    ({'until': now() - NS}, 'until'),
                    ({'from': now() + HOUR * NS,
                      'until': now() + MINUTE * NS}, 'until')):
        got = refused(owner.change, 'grant.suspend', grant=grant, **how)
        assert (got.reason, got.data['at']) == ('params', at), (got, how)
    got = refused(owner.change, 'grant.suspend', grant=grant,
                  **{'from': now() + 60 * DAY * NS})
    assert got.reason == 'conflict', got
    assert shown(grant)['suspension'] is None


def what_was_to_come_is_taken_back():
    owner.change('grant.suspend', grant=grant, **{'from': now() + HOUR * NS})
    assert shown(grant)['suspension']['until'] is None
    done = owner.change('grant.resume', grant=grant)
    assert done['state'] == 'active', done
    assert refused(owner.change, 'grant.resume',
                   grant=grant).reason == 'conflict'
    later(HOUR + MINUTE)
    assert values(grant)


def who_suspends_all_is_obeyed_by_those_that_would_end():
    owner.change('grant.suspend', grant=grant, until=now() + HOUR * NS)
    done = owner.change('grant.suspend', all=True)
    assert {g['grant'] for g in done['grants']} == {grant, *lives}, done
    later(2 * HOUR)
    assert refused(firm.query, '**', grant=grant).reason == 'denied'
    assert shown(grant)['state'] == 'suspended'
    owner.change('grant.resume', all=True)


def those_that_could_not_be_are_named():
    """What is suspended until before that time would be out after it."""
    until, begins = now() + HOUR * NS, now() + 2 * HOUR * NS
    owner.change('grant.suspend', grant=grant, until=until)
    for which in ({'all': True}, {'firm': 'brightgrid'}):
        done = owner.change('grant.suspend', **which, **{'from': begins})
        assert {g['grant'] for g in done['grants']} == {*lives}, done
        assert [(g['grant'], g['state'], g['why']) for g in
                done['left_out']] == [(grant, 'suspended', 'until')], done
    code, out, err = vault.ctl('grant', 'suspend', '--all', '--from', '2d')
    assert code == 1 and grant in err and lives[0] in out, (code, out, err)
    assert 'gives again' in err, err
    code, out, err = vault.ctl('grant', 'suspend', '--all', '--from', '2d',
                               '--json')
    assert code == 1 and json.loads(out)['left_out'], (code, out, err)
    done = owner.change('grant.suspend', all=True,
                        **{'from': now() + 60 * DAY * NS})
    assert done['grants'] == [] and (
        {g['grant']: g['why'] for g in done['left_out']} == {
            grant: 'over', **{each: 'over' for each in lives}}), done
    done = owner.change('grant.suspend', all=True)
    assert done['left_out'] == [], done
    # Twice is once: what stays shut is told, and is no fault.
    code, out, err = vault.ctl('grant', 'suspend', '--all')
    assert code == 0 and 'until it is resumed' in err, (code, out, err)
    assert 'left_out' not in owner.change('grant.resume', all=True)


def the_owner_types_it():
    code, out, err = vault.ctl('grant', 'suspend', grant, '--from', '2d',
                               '--until', '4d', '--json')
    assert code == 0, (out, err)
    said = json.loads(out)
    assert said['state'] == 'active' and said['from'] < said['until'], said
    code, out, err = vault.ctl('grant', 'suspend', grant, '--until', 'never')
    assert code == 2 and 'in eight hours' in err, (out, err)
    code, out, err = vault.ctl('grant', 'show', grant)
    assert code == 0 and 'suspended until' in out, (out, err)
    code, out, err = vault.ctl('grant', 'resume', grant)
    assert code == 0 and 'active' in out, (out, err)


def of_a_hidden_one_the_firm_notices_nothing():
    before, events = firm.call('grant.list')['grants'], chain(grant)
    live = lives.pop()
    begun = firm.call('data.subscribe', streams=['**'], grant=live)
    put(7.0)
    assert firm.page(begun['subscription']).rows
    had, tree = values(grant), of_its_tree()
    for each in (grant, live):
        done = owner.change('grant.suspend', grant=each, hide=True)
        assert done['state'] == 'suspended', done
    del firm.notes[:]
    put(99.0)
    assert values(grant) == had
    got = firm.call('data.latest', streams=['**'], grant=grant)
    assert got['series'][0]['values'] == [7.0], got
    assert firm.call('grant.show', grant=grant)['grant']['state'] == 'active'
    assert [(g['id'], g['state']) for g in
            firm.call('grant.list')['grants']] == [
                (g['id'], 'active') for g in before]
    told_owner = shown(grant)
    assert told_owner['state'] == 'suspended', told_owner
    assert told_owner['suspension']['hidden'] is True, told_owner
    later(MINUTE)
    for each in (grant, live):
        owner.change('grant.resume', grant=each)
    later(MINUTE)
    put(8.0)
    rows = []
    while 8.0 not in rows:
        told_page = firm.page(begun['subscription'])
        rows += [row[1] for row in told_page.rows]
        assert not told_page.gap, rows
    assert 99.0 not in rows and values(grant) == had + [8.0], rows
    assert [n for n in firm.notes if n['method'] == 'grant.changed'] == []
    assert chain(grant) == events and of_its_tree() == tree
    assert entries(grant)[-2:] == [(18, 'suspended'), (22, 'active')]
    assert owner.call('audit.verify')['ok']
    owner.change('grant.revoke', grant=live)


def an_answer_under_way_goes_on_without_those_rows():
    owner.create('home/host/log', 'device.state', value='text')
    owner.change('grant.admit', grant=grant, stream='home/host/log')
    at = now() - MINUTE // 2 * NS  # behind all gaps
    for i in range(12):  # together more than two pages have
        owner.append('home/host/log', [[at + i * 500 + j,
                                        secrets.token_hex(200)]
                                       for j in range(500)])
    query = firm.send('data.query', grant=grant, streams=['**'], credit=1)
    firm.answer(query)
    rows = firm.page(query).rows
    owner.change('grant.suspend', grant=grant, hide=True)
    owner.append('home/host/log', [[now(), 'hidden']])
    firm.tell('flow.credit', ref=query, pages=99)
    final = False
    while not final:
        got = firm.page(query)
        rows, final = rows + got.rows, got.final
    texts = [row[1] for row in rows]
    assert 'hidden' not in texts and len(texts) > 6000, len(texts)
    owner.change('grant.resume', grant=grant)


def a_hidden_one_becomes_known_and_silent():
    owner.change('grant.suspend', grant=grant, hide=True)
    assert values(grant)
    owner.change('grant.suspend', all=True)
    assert refused(firm.query, '**', grant=grant).reason == 'denied'
    assert told('suspended', grant)
    got = refused(owner.change, 'grant.suspend', grant=grant, hide=True)
    assert got.reason == 'conflict', got
    owner.change('grant.resume', grant=grant)


def a_clock_that_was_ahead_ends_none():
    """Effective time is past its end; the clock, put right, is not."""
    owner.change('grant.suspend', grant=grant, until=now() + 2 * DAY * NS)
    right = ahead
    clock(right + 3 * DAY)
    assert refused(firm.query, '**', grant=grant).reason == 'denied'
    assert owner.call('vault.status')['hold'] == 'clock'
    put(9.0)  # that time is written
    clock(right, synchronised=True)
    assert refused(firm.query, '**', grant=grant).reason == 'denied'
    assert owner.call('vault.status')['hold'] is None
    assert refused(firm.query, '**', grant=grant).reason == 'denied'
    assert shown(grant)['state'] == 'suspended'


ws.run([a_suspension_comes_and_goes_by_itself, it_comes_while_the_vault_is_off,
        what_is_live_stops_when_its_time_comes,
        times_that_cannot_be_are_refused, what_was_to_come_is_taken_back,
        who_suspends_all_is_obeyed_by_those_that_would_end,
        those_that_could_not_be_are_named, the_owner_types_it, of_a_hidden_one_the_firm_notices_nothing,
        an_answer_under_way_goes_on_without_those_rows,
        a_hidden_one_becomes_known_and_silent,
        a_clock_that_was_ahead_ends_none])
