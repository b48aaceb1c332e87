"""A vault on a small file system that fills up: what was acknowledged stays,
refusals still work, and with room again all goes on."""
import os
import subprocess
import tempfile

import ws
from vault import PASSPHRASE, Refusal, Vault, skip, ulid

NS = 10**9
T0 = 1764072000
MIB = 40

place = tempfile.mkdtemp(prefix='vault-full-')
if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=%dm' % MIB, 'tmpfs',
                   place], capture_output=True).returncode != 0:
    os.rmdir(place)
    skip('a small file system cannot be mounted here')

vault = Vault(ready=False)
vault.dir = os.path.join(place, 'v')
ballast = os.path.join(place, 'ballast')
kept = []
at = 0


def batch(count):
    """Rows that do not pack well."""
    global at
    rows = [[(T0 + at + i) * NS, int.from_bytes(os.urandom(6), 'big') / 7]
            for i in range(count)]
    at += count
    return rows


def fill(owner, count):
    """Append until it is refused; returns the refusal and the refused."""
    for _ in range(10000):
        rows, idem = batch(count), ulid()
        try:
            owner.append('a', rows, idem=idem)
        except Refusal as refusal:
            return refusal, rows, idem
        kept.extend(rows)
    raise AssertionError('never full')


def appends_are_refused_when_the_disk_is_full():
    global owner, refused_batch
    vault.init()
    vault.start()
    owner = vault.owner()
    owner.create('a')
    for _ in range(3):
        rows = batch(1000)
        owner.append('a', rows)
        kept.extend(rows)
    with open(ballast, 'wb', buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass
    for count in (2000, 100):
        refusal, *refused_batch = fill(owner, count)
        assert refusal.reason == 'storage', refusal


def what_was_acknowledged_reads():
    got = owner.query('a').rows
    there = {tuple(r) for r in got}
    assert len(there) == len(got)
    assert there == {tuple(r) for r in kept}
    assert vault.process.poll() is None, vault.said()


def changes_of_the_owner_work_without_room():
    made = owner.create('late')['stream']
    assert made['name'] == 'late'


def locking_and_unlocking_work_without_room():
    assert owner.call('vault.lock')['state'] == 'locked'
    got = owner.call('vault.unlock', passphrase=PASSPHRASE)
    assert got['state'] == 'unlocked'
    what_was_acknowledged_reads()


def with_room_again_it_goes_on():
    os.unlink(ballast)
    rows, idem = refused_batch
    got = owner.append('a', rows, idem=idem)
    assert got['accepted'] == len(rows), got
    kept.extend(rows)
    rows = batch(500)
    owner.append('a', rows)
    kept.extend(rows)
    what_was_acknowledged_reads()


def a_restart_finds_all_of_it():
    global owner
    owner.close()
    vault.restart()
    owner = vault.owner()
    what_was_acknowledged_reads()
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


try:
    ws.run([appends_are_refused_when_the_disk_is_full,
            what_was_acknowledged_reads,
            changes_of_the_owner_work_without_room,
            locking_and_unlocking_work_without_room,
            with_room_again_it_goes_on, a_restart_finds_all_of_it])
finally:
    if vault.process is not None and vault.process.poll() is None:
        vault.kill()
    subprocess.run(['umount', '-l', place])
    os.rmdir(place)
