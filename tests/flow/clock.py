"""A clock that jumps: nothing is shared until it is known to be right, and
nothing that ended comes to life.

usage: clock.py BIN
"""
import json
import mmap
import os
import struct
import sys
import time

import ws
from firm import TERMS, Firm, node
from peek import skip_if_shadowed
from vault import PASSPHRASE, Vault, refused

NS = 10**9
MINUTE, DAY = 60, 86400
NOW = int(time.time())

node()
vault = Vault(ready=False)
skip_if_shadowed(vault.program)  # a sanitizer wants to be loaded first
vault.init()
with open(vault.write('skew', ''), 'r+b') as file:
    file.truncate(4096)
    page = mmap.mmap(file.fileno(), 4096)


def clock(by=0, synchronised=False):
    """Set the daemon's clock: seconds from what it is here."""
    page[:16] = struct.pack('=qq', by * NS, synchronised)


def start():
    vault.start(env={'LD_PRELOAD': os.path.join(sys.argv[1], 'skew.so'),
                     'SKEW': vault.path('skew')})
    return vault.owner()


def asks(grant=None):
    return firm.query('home/device', grant=grant or given).rows


def denied(grant=None):
    return refused(asks, grant).reason == 'denied'


def hold():
    return owner.call('vault.status')['hold']


def a_grant_is_in_force():
    global owner, firm, given, short
    clock()
    owner = start()
    owner.create('home/device', 'device.state')
    owner.append('home/device', [[(NOW - 60) * NS, 1.0]])
    firm = Firm(vault, owner, 'brightgrid')
    given = firm.given({**TERMS, 'life_s': 30 * DAY})
    short = firm.given({**TERMS, 'life_s': DAY})
    assert asks() and asks(short) and hold() is None


def a_clock_that_creeps_is_believed():
    for by in (-4 * MINUTE, 0, DAY - 60, 0, -4 * MINUTE):
        clock(by, synchronised=by == 0)
        assert asks() and hold() is None, by


def a_step_back_puts_sharing_on_hold():
    clock(-4 * MINUTE - 6 * MINUTE)
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
    assert hold() is None
    owner.close()


ws.run([a_grant_is_in_force, a_clock_that_creeps_is_believed,
        a_step_back_puts_sharing_on_hold, a_clock_that_is_synchronised_ends_it,
        a_jump_ahead_waits_for_the_owner, what_ended_does_not_come_to_life,
        a_start_with_a_clock_that_is_behind_is_on_hold])
