"""A clock that jumps: nothing is shared until it is known to be right, and
nothing that ended comes to life.

usage: clock.py BIN
"""
import json
import secrets
import time

import ws
from firm import TERMS, Firm, live_terms, node
from skewed import SKEWED, set_clock as clock, vault
from vault import PASSPHRASE, refused

NS = 10**9
MINUTE, HOUR, DAY = 60, 3600, 86400
NOW = int(time.time())

node()


def start():
    vault.start(env=SKEWED)
    return vault.owner()


def asks(grant=None):
    return firm.query('home/device', grant=grant or given).rows


def denied(grant=None):
    return refused(asks, grant).reason == 'denied'


def hold():
    return owner.call('vault.status')['hold']


def uses():
    """What the log says was given."""
    return len(owner.call('audit.list',
                          types=['use', 'span.open'])['entries'])


def a_grant_is_in_force():
    global owner, firm, given, short, late, live
    clock()
    owner = start()
    owner.create('home/device', 'device.state')
    owner.create('home/log', 'device.state', value='text')
    for i in range(12):  # together more than two pages have
        owner.append('home/log', [[(NOW - i * 500 - j) * NS,
                                   secrets.token_hex(200)]
                                  for j in range(500)])
    owner.append('home/device', [[(NOW - 2 * HOUR) * NS, 2.0],
                                 [(NOW - 60) * NS, 1.0]])
    firm = Firm(vault, owner, 'brightgrid')
    given = firm.given({**TERMS, 'life_s': 30 * DAY})
    short = firm.given({**TERMS, 'life_s': DAY})
    late = firm.given({**TERMS, 'life_s': 30 * DAY, 'items': [
        {**TERMS['items'][0], 'delay_s': HOUR}]})
    live = firm.given({**live_terms(), 'life_s': 30 * DAY})
    assert asks() and asks(short) and hold() is None


def a_clock_that_creeps_is_believed():
    for by in (-4 * MINUTE, 0, DAY - 60, 0, -4 * MINUTE):
        clock(by, synchronised=by == 0)
        assert asks() and hold() is None, by


def a_step_back_puts_sharing_on_hold():
    """And stops what is under way: a query's next page, and what is live."""
    clock(0)
    query = firm.send('data.query', grant=given, streams=['home/log'],
                      credit=1)
    firm.answer(query)
    assert not firm.page(query).final
    sub = firm.send('data.subscribe', grant=live, streams=['home/device'])
    begun = firm.answer(sub)['subscription']
    owner.append('home/device', [[NOW * NS, 3.0]])
    assert firm.page(begun).rows == [[NOW * NS, 3.0]]
    taken = uses()
    clock(-6 * MINUTE)
    owner.append('home/device', [[(NOW - HOUR) * NS, 4.0]])
    firm.tell('flow.credit', ref=query, pages=9)
    for number in (query, sub):
        while number not in firm.answers:
            firm.take()
            assert firm.pages == [], firm.pages
        assert refused(firm.answer, number).reason == 'denied'
    assert uses() == taken  # nor was any page given, and then held back
    assert denied()
    status = owner.call('vault.status')
    assert status['hold'] == 'clock', status
    assert 'clock' in [w['code'] for w in status['warnings']], status
    assert owner.query('home/device').rows  # the owner reads
    code, out, _ = vault.ctl('doctor', '--json')
    check, = [c for c in json.loads(out)['checks'] if c['name'] == 'clock']
    assert code == 1 and check['state'] == 'fault', check
    assert denied()  # it does not go by itself


def a_clock_that_is_synchronised_ends_it():
    clock(0, synchronised=True)
    assert asks() and hold() is None


def a_jump_ahead_waits_for_the_owner():
    clock(2 * DAY)
    assert denied() and hold() == 'clock'
    assert refused(owner.change, 'vault.confirm', what='clock').reason == \
        'reauth'
    assert refused(owner.change, 'vault.confirm', what='rollback',
                   passphrase=PASSPHRASE).reason == 'conflict'
    code, out, err = vault.ctl('confirm', 'clock', '--yes',
                               '--passphrase-file', vault.path('pass'))
    assert code == 0, (out, err)
    assert asks() and hold() is None
    said = [(d['hold'], d['event']) for d in (
        json.loads(entry['detail']) for entry in
        owner.call('audit.list', types=['hold'])['entries'])]
    assert said == [('clock', 'begun'), ('clock', 'synchronised'),
                    ('clock', 'begun'), ('clock', 'confirmed')], said


def what_ended_does_not_come_to_life():
    assert refused(asks, short).reason == 'ended'
    clock(0, synchronised=True)
    assert refused(asks, short).reason == 'ended' and asks()
    assert hold() is None


def what_is_too_young_stays_so_when_the_clock_is_put_right():
    """Effective time is two days from now, and there is no hold."""
    rows = asks(late)
    assert [row[1] for row in rows] == [2.0, 4.0], rows
    assert len(asks()) == 4


def a_start_with_a_clock_that_is_behind_is_on_hold():
    global owner
    firm.close()
    owner.close()
    vault.stop()
    clock(0)
    owner = start()
    assert hold() == 'clock'
    firm.owner = owner
    try:
        firm.connect()
        assert denied()
    except ws.Closed:
        pass
    firm.close()
    owner.close()
    vault.stop()
    clock(5 * DAY)
    owner = start()
    assert hold() == 'clock'  # it outlasts what nobody can reckon
    owner.change('vault.confirm', what='clock', passphrase=PASSPHRASE)
    assert hold() is None
    owner.close()
    vault.stop()
    owner = start()
    assert hold() is None
    owner.close()


ws.run([a_grant_is_in_force, a_clock_that_creeps_is_believed,
        a_step_back_puts_sharing_on_hold, a_clock_that_is_synchronised_ends_it,
        a_jump_ahead_waits_for_the_owner, what_ended_does_not_come_to_life,
        what_is_too_young_stays_so_when_the_clock_is_put_right,
        a_start_with_a_clock_that_is_behind_is_on_hold])
