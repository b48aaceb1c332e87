"""What waits in the inbox may belong beside a record that does not open: then
it goes whole to quarantine, and holds up nobody behind it."""
import os
import random
import sys
import time

import ws
from poster import post
from vault import PASSPHRASE, Vault

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../model'))
import lmdb_file  # noqa: E402

ROWS, BATCHES = 4000, 3  # more than stay unpacked
FIRST = int(time.time()) - 86400
draw = random.Random(7)
vault = Vault()
owner = vault.owner()
house = owner.change('source.add', name='house', streams=['house/**'],
                     auto=True)['token']


def push(body):
    return post(owner, house, body)[0]


def wait_for(what):
    until = time.monotonic() + ws.GUARD
    while not what():
        assert time.monotonic() < until, vault.said()
        assert 'the inbox waits' not in vault.said(), vault.said()
        time.sleep(0.05)


def data():
    with open(os.path.join(vault.dir, 'data.mdb'), 'rb') as file:
        return file.read()


def chunks():
    return [value for _, value in lmdb_file.File(data()).records('chunk')]


def rows_are_packed():
    for batch in range(BATCHES):
        at = FIRST + batch * ROWS
        assert push(''.join('air v=%r %d\n' % (draw.uniform(0, 1e6), at + i)
                            for i in range(ROWS))) == 204
    # What is made beside the turns is put by one that brings rows.
    later = iter(range(FIRST + BATCHES * ROWS, FIRST + 86400))
    wait_for(lambda: push('air v=0 %d\n' % next(later)) == 204 and chunks())


def some_are_pushed_while_it_is_locked():
    owner.call('vault.lock')
    assert push('air v=1 %d\n' % (FIRST - 60)) == 204   # beside nothing
    assert push('air v=2 %d\n' % FIRST) == 204          # at a time that is there
    assert push('well v=3 %d\nair v=4 %d\n' % (FIRST, FIRST + 1)) == 204
    assert push('well v=5 %d\n' % (FIRST + 1)) == 204


def what_is_packed_is_damaged():
    """One bit of each chunk."""
    global owner
    owner.close()
    vault.stop()
    whole = bytearray(data())
    found = chunks()
    for chunk in found:
        assert whole.count(chunk) >= 1
        at = whole.find(chunk)
        while at >= 0:
            whole[at + len(chunk) // 2] ^= 1
            at = whole.find(chunk, at)
    with open(os.path.join(vault.dir, 'data.mdb'), 'r+b') as file:
        file.write(whole)
    vault.start(unlock=None)
    owner = vault.owner()


def the_inbox_drains_all_the_same():
    assert owner.call('vault.unlock', passphrase=PASSPHRASE)['inbox'] == 4
    wait_for(lambda: owner.call('vault.status')['bytes']['inbox'] == 0)


def what_met_damage_is_in_quarantine_whole():
    bad = [row[3] for row in owner.query('quarantine/house').rows]
    assert bad == ['air v=2 %d\n' % FIRST,
                   'well v=3 %d\nair v=4 %d\n' % (FIRST, FIRST + 1)], bad


def what_stood_behind_it_is_stored():
    assert [row[1] for row in owner.query('house/well').rows] == [5]


def the_check_finds_the_damage():
    owner.close()
    vault.stop()
    code, out, err = vault.command('check', '--dir', vault.dir,
                                   '--unlock-file', vault.path('key'))
    assert code == 1 and 'the vault is damaged' in out, (code, out, err)


ws.run([rows_are_packed, some_are_pushed_while_it_is_locked,
        what_is_packed_is_damaged, the_inbox_drains_all_the_same,
        what_met_damage_is_in_quarantine_whole, what_stood_behind_it_is_stored,
        the_check_finds_the_damage])
