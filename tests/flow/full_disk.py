"""A disk that fills up to its last byte: what was acknowledged stays, what
takes back goes on, nothing leaves without its entry, and with room again all
goes on without a restart.

Run on a tmpfs and on an ext4 in a file, as root and as an ordinary user: ext4
keeps a part for root.  full_disk.py BIN runs itself once for each; a mount that
is not allowed is skipped."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

import ws
from vault import PASSPHRASE, Refusal, Vault, refused, skip, ulid

NS = 10**9
MIB = 1 << 20
DISK = 224 * MIB
NOBODY = 65534
NOW = int(time.time()) // 3600 * 3600


# ---- the disks ----

def run_quietly(*args):
    return subprocess.run(args, stdin=subprocess.DEVNULL, capture_output=True)


def mount_tmpfs(place, image):
    return run_quietly('mount', '-t', 'tmpfs', '-o', 'size=%d' % DISK, 'tmpfs',
                       place).returncode == 0


def mount_ext4(place, image):
    """From a raw file, by a loop device."""
    with open(image, 'wb') as file:
        file.truncate(DISK)
    return (run_quietly('mkfs.ext4', '-q', image).returncode == 0
            and run_quietly('mount', '-o', 'loop', image,
                            place).returncode == 0)


def try_all(scratch):
    """How many could be mounted; false: one of them failed."""
    tried, good = 0, True
    image, place = (os.path.join(scratch, n) for n in ('image', 'disk'))
    os.mkdir(place)
    os.chmod(scratch, 0o755)
    for name, mount in (('tmpfs', mount_tmpfs), ('ext4', mount_ext4)):
        for uid in (0, NOBODY):
            if not mount(place, image):
                print('SKIP %s cannot be mounted here' % name)
                continue
            tried += 1
            print('-- %s, uid %d' % (name, uid), flush=True)
            os.chown(place, uid, uid)
            done = subprocess.run(
                ['setpriv', '--reuid=%d' % uid, '--regid=%d' % uid,
                 '--clear-groups', sys.executable, __file__, sys.argv[1],
                 place])
            run_quietly('umount', '-l', place)
            if done.returncode == 77:
                sys.exit(77)  # it said why
            good = done.returncode == 0 and good
    return tried, good


if len(sys.argv) == 2:
    if os.geteuid() != 0:
        skip('a small file system can be mounted by root only')
    scratch = tempfile.mkdtemp(prefix='vault-full-')
    try:
        tried, good = try_all(scratch)
    finally:
        run_quietly('umount', '-l', os.path.join(scratch, 'disk'))
        shutil.rmtree(scratch, ignore_errors=True)
    if not tried:
        skip('no small file system can be mounted here')
    sys.exit(not good)


# ---- one disk, as whoever we are ----

from firm import Firm  # noqa: E402
from poster import post  # noqa: E402

place = sys.argv[2]
filler = os.path.join(place, 'filler')
os.mkdir(os.path.join(place, 'home'), 0o700)
vault = Vault(os.path.join(place, 'home'), ready=False)
kept = []
at = 0


def free():
    about = os.statvfs(place)
    return about.f_bavail * about.f_frsize


def fill_to(left):
    """Take what is free, but for so much."""
    with open(filler, 'ab', buffering=0) as file:
        try:
            while left == 0 or free() > left:
                file.write(bytes(min(MIB, max(4096, free() - left))))
        except OSError:
            pass


def rows_of(count):
    """Rows that do not pack well."""
    global at
    rows = [[(NOW - 86400 + at + i) * NS,
             int.from_bytes(os.urandom(6), 'big') / 7] for i in range(count)]
    at += count
    return rows


def append(count):
    rows = rows_of(count)
    owner.append('host/a', rows)
    kept.extend(rows)


def warned():
    return {w['code'] for w in owner.call('vault.status')['warnings']}


def line():
    global at
    at += 1
    return 'meter v=%d %d' % (at, NOW - 86400 + at)


def pushed():
    return post(owner, token, line())


def start():
    global owner, firm, token, grants, pending
    code, _, err = vault.command(
        'init', '--dir', vault.dir, '--passphrase-file', vault.path('pass'),
        '--key-file', vault.path('key'), '--quota', '1GiB')
    assert code == 0, err
    vault.start()
    owner = vault.owner()
    owner.create('host/a', 'device.state')
    token = owner.change('source.add', name='house', streams=['push/**'],
                         auto=True)['token']
    firm = Firm(vault, owner, 'brightgrid')
    grants = [firm.given() for _ in range(4)]
    pending = [firm.ask()['request'] for _ in range(2)]
    append(1000)
    owner.create('gone', 'home.climate')
    owner.append('gone', rows_of(1000))
    assert pushed()[0] == 204
    assert not warned() & {'disk', 'quota', 'ballast', 'reserve', 'owed'}


def rows_stop_while_there_is_a_margin():
    start()
    fill_to(48 * MIB)
    said = refused(append, 100)
    assert said.reason == 'storage' and 'disk' in said.message, said
    status, fields, body = pushed()
    assert status == 503 and int(fields['Retry-After']) > 0, (status, fields)
    assert b'nothing was stored' in body
    assert 'disk' in warned() and 'ballast' not in warned()
    assert len(firm.query('**', grant=grants[0]).rows) == len(kept)


def what_was_acknowledged_reads():
    got = owner.query('host/a').rows
    assert {tuple(r) for r in got} == {tuple(r) for r in kept}
    assert len(got) == len(kept)
    assert vault.process.poll() is None, vault.said()


def at_the_last_byte_what_takes_back_goes_on():
    fill_to(0)
    assert free() == 0
    got = owner.change('grant.revoke', grant=grants[0])
    assert got['state'] == 'withdrawn' and got['durable'], got
    got = owner.change('request.deny', request=pending[0])
    assert got['state'] == 'denied', got
    assert owner.create('late')['stream']['name'] == 'late'
    assert refused(firm.query, '**', grant=grants[0]).reason == 'ended'
    what_was_acknowledged_reads()


def erasing_works_at_the_last_byte():
    """Its key files are written anew: on the ballast's blocks."""
    got = owner.change('stream.erase', name='gone')
    assert got['state'] == 'keys_destroyed' and got['rows'] == 1000, got
    assert refused(owner.query, 'gone').reason == 'params'
    what_was_acknowledged_reads()


def appends_beside_them_do_not_stop_them():
    """Five sessions at once, so that they share turns."""
    others = [vault.owner() for _ in range(5)]
    asked = []
    for i, other in enumerate(others * 6):
        asked.append((False, other, other.send(
            'data.append', idem=ulid(), streams=[
                {'stream': 'host/a', 'rows': rows_of(10)}])))
        if i == 14:
            asked.append((True, other, other.send(
                'grant.revoke', idem=ulid(), grant=grants[1])))
        if i == 16:
            asked.append((True, other, other.send(
                'request.deny', idem=ulid(), request=pending[1])))
    for control, other, number in asked:
        try:
            got = other.answer(number)
            assert control, 'an append was taken'
            assert got['state'] in ('withdrawn', 'denied'), got
        except Refusal as refusal:
            assert not control and refusal.reason == 'storage', refusal
    for other in others:
        other.close()
    assert refused(firm.query, '**', grant=grants[1]).reason == 'ended'


def locking_and_unlocking_work():
    global firm
    assert owner.call('vault.lock')['state'] == 'locked'
    got = owner.call('vault.unlock', passphrase=PASSPHRASE)
    assert got['state'] == 'unlocked'
    what_was_acknowledged_reads()
    assert owner.call('audit.verify')['ok']
    firm.close()
    firm.connect()


def the_ballast_is_spent_before_anything_fails():
    """Until nothing can be written at all."""
    spent = False
    for i in range(8000):
        try:
            owner.change('stream.create', name='burn/%d' % i,
                         category='unsorted', unit='x' * 64, columns=[
                             {'name': 'column_%03d_%s' % (n, 'y' * 40),
                              'type': 'f64'} for n in range(64)])
        except Refusal as refusal:
            assert refusal.reason == 'storage', refusal
            break
        if free() > 0:
            fill_to(0)  # nobody else gets it either
        spent = spent or 'ballast' in warned()
    else:
        raise AssertionError('never full')
    assert spent and free() == 0


def a_revocation_is_in_force_though_nothing_can_be_written():
    again = {'idem': ulid(), 'grant': grants[2]}
    got = owner.call('grant.revoke', **again)
    assert got['state'] == 'withdrawn' and not got['durable'], got
    assert 'owed' in warned()
    said = refused(firm.query, '**', grant=grants[2])
    assert said.reason in ('denied', 'storage'), said
    globals()['again'] = again


def nothing_leaves_without_its_entry():
    assert refused(firm.query, '**', grant=grants[3]).reason == 'storage'
    assert refused(append, 1).reason == 'storage'


def the_owner_reads_all_the_same():
    other = vault.owner()  # whose first read is to be logged
    got = other.query('host/a').rows
    assert len(got) == len(kept)
    other.close()
    assert 'the owner reads' in vault.said()


def wait_for(what):
    until = time.monotonic() + ws.GUARD
    while not what():
        assert time.monotonic() < until, vault.said()
        time.sleep(0.1)


def with_room_again_it_goes_on():
    os.unlink(filler)
    wait_for(lambda: not warned() & {'owed', 'ballast', 'disk'})
    got = owner.call('grant.show', grant=grants[2])
    assert got['grant']['state'] == 'withdrawn', got
    assert refused(firm.query, '**', grant=grants[2]).reason == 'ended'
    got = owner.call('grant.revoke', **again)
    assert got['durable'] and got['grant'] == grants[2], got
    late = [e for e in owner.call('audit.list', types=['owner'],
                                  limit=1000)['entries']
            if '"late":1' in (e['detail'] or '')]
    assert late, 'a read was not logged'
    append(500)
    assert pushed()[0] == 204
    assert len(firm.query('**', grant=grants[3]).rows) == len(kept)


def a_restart_finds_all_of_it():
    global owner
    assert owner.call('audit.verify')['ok']
    owner.close()
    firm.close()
    vault.restart()
    owner = vault.owner()
    what_was_acknowledged_reads()
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


try:
    ws.run([rows_stop_while_there_is_a_margin, what_was_acknowledged_reads,
            at_the_last_byte_what_takes_back_goes_on,
            appends_beside_them_do_not_stop_them,
            # Both write small files, the first of them on the ballast.
            *[erasing_works_at_the_last_byte,
              locking_and_unlocking_work][::-1 if os.getuid() else 1],
            the_ballast_is_spent_before_anything_fails,
            a_revocation_is_in_force_though_nothing_can_be_written,
            nothing_leaves_without_its_entry, the_owner_reads_all_the_same,
            with_room_again_it_goes_on, a_restart_finds_all_of_it])
finally:
    if vault.process is not None and vault.process.poll() is None:
        vault.kill()
