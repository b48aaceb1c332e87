"""While data.mdb is copied to be compacted, everything else goes on."""
import os
import sys
import time

from vault import GUARD, Vault, skip, stamp
import ws

T0 = 1764072000
HELD = {'VAULT_SEED': 'compaction-held'}  # a copy waits while a file is there

with open(os.path.join(sys.argv[1], 'vaultd'), 'rb') as program:
    if HELD['VAULT_SEED'].encode() not in program.read():
        skip('this build has no seams')
vault = Vault(ready=False)
vault.init()
vault.start(env=HELD)
owner = vault.owner()
rows = 0


def wait_for(what):
    end = time.monotonic() + GUARD
    while not what():
        assert time.monotonic() < end, vault.said()
        time.sleep(0.05)


def state(erase):
    return [item['state'] for item in owner.call('stream.erasures')['erasures']
            if item['erase'] == erase][0]


def append(count):
    """One by one, so that each waits for a commit of its own."""
    global rows
    for _ in range(count):
        done = owner.append('home/kept', [[stamp(T0 + rows), float(rows)]])
        assert done['accepted'] == 1, done
        rows += 1


def copied():
    return os.path.exists(os.path.join(vault.dir, 'compact/held'))


def go_on():
    os.unlink(os.path.join(vault.dir, 'compact/held'))


def erase_some(name):
    owner.create(name, 'home.climate')
    for at in range(0, 20000, 1000):
        owner.append(name, [[stamp(T0 + i), (i * 7919 % 10007) / 7.0]
                            for i in range(at, at + 1000)])
    return owner.change('stream.erase', name=name)['erase']


def values():
    return [row[1] for row in owner.query('home/kept').rows]


def what_is_written_during_the_copy_is_acknowledged_and_stays():
    owner.create('home/kept', 'home.climate')
    append(10)
    erase = erase_some('home/gone')
    wait_for(copied)
    before = os.stat(os.path.join(vault.dir, 'data.mdb'))
    append(100)
    owner.create('home/new', 'home.climate')
    assert values() == [float(i) for i in range(rows)]
    assert state(erase) == 'keys_destroyed' and copied()
    go_on()
    append(100)
    wait_for(lambda: state(erase) == 'complete')
    after = os.stat(os.path.join(vault.dir, 'data.mdb'))
    assert after.st_ino != before.st_ino
    assert not os.path.exists(os.path.join(vault.dir, 'compact'))
    append(10)
    assert values() == [float(i) for i in range(rows)]
    assert owner.call('audit.verify')['ok'] is True


def an_erase_during_the_copy_lets_both_be_complete_later():
    first = erase_some('home/one')
    wait_for(copied)
    second = erase_some('home/two')
    # The copy had rows of both: it is given up, and another is made.
    wait_for(lambda: state(second) == 'keys_destroyed' and not copied())
    assert state(first) == 'keys_destroyed'
    wait_for(copied)
    go_on()
    wait_for(lambda: state(second) == 'complete')
    assert state(first) == 'complete'


def a_stop_does_not_wait_for_the_copy():
    global owner
    erase = erase_some('home/three')
    wait_for(copied)
    owner.close()
    vault.stop()
    assert not os.path.exists(os.path.join(vault.dir, 'compact'))
    vault.start()
    owner = vault.owner()
    assert values() == [float(i) for i in range(rows)]
    wait_for(lambda: state(erase) == 'complete')
    assert values() == [float(i) for i in range(rows)]


def all_is_well_on_disk():
    owner.close()
    vault.stop()
    vault.check()


ws.run([what_is_written_during_the_copy_is_acknowledged_and_stays,
        an_erase_during_the_copy_lets_both_be_complete_later,
        a_stop_does_not_wait_for_the_copy,
        all_is_well_on_disk])
