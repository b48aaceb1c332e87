"""Backups: made while rows come in, verified, restored; and refused when a byte
of them is another."""
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'lib'))
from firm import TERMS, Firm, node  # noqa: E402
import ws  # noqa: E402
from vault import PASSPHRASE, Vault, refused  # noqa: E402

READER = os.path.join(os.path.dirname(__file__), '../model/vault.py')

NS = 10**9
T0 = int(time.time()) // 3600 * 3600 - 86400
PIECE = 65552
HEADER = 4096


def create(owner, path):
    return owner.call('backup.create', file=path,
                      passphrase=PASSPHRASE)['backup']


def key_of(path):
    """The backup's own key, as the independent reader finds it."""
    spec = importlib.util.spec_from_file_location('reader', READER)
    reader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reader)
    with open(path, 'rb') as file:
        return reader.open_header(file.read(HEADER), reader.PASSPHRASE,
                                  PASSPHRASE.encode(), backup=True)


def verify(path, key=None):
    """(exit code, what it says) of vaultd verify."""
    words = [vault.program, 'verify', path, '--scratch', vault.folder]
    if key is None:
        words += ['--passphrase-file', vault.path('pass')]
        done = subprocess.run(words, capture_output=True, timeout=ws.GUARD)
    else:
        there, here = os.pipe()
        os.write(here, key)
        os.close(here)
        done = subprocess.run([*words, '--key-fd', str(there)],
                              capture_output=True, timeout=ws.GUARD,
                              pass_fds=[there])
        os.close(there)
    left = [n for n in os.listdir(vault.folder) if 'vaultd-verify' in n]
    assert not left, left
    return done.returncode, (done.stdout + done.stderr).decode()


class Ingest(threading.Thread):
    """Batches of ten rows, one after the other, until it is told to stop."""

    def __init__(self):
        super().__init__()
        self.acknowledged = 0
        self.stopped = False

    def run(self):
        owner = vault.owner()
        while not self.stopped:
            at = T0 * NS + 1000 * self.acknowledged
            owner.append('home/load', [[at + i, float(i)] for i in range(10)])
            self.acknowledged += 1
        owner.close()


def rows(owner, name):
    return [tuple(row) for row in owner.query(name).rows]


def whole_batches(got):
    """How many: rows are those of so many batches, each of them whole."""
    assert len(got) % 10 == 0, len(got)
    count = len(got) // 10
    assert got == [(T0 * NS + 1000 * b + i, float(i)) for b in range(count)
                   for i in range(10)]
    return count


def a_backup_is_made_while_rows_come_in():
    global vault, owner, firm, grant, backup, before
    node()
    vault = Vault()
    owner = vault.owner()
    owner.create('home/load', 'device.state')
    owner.create('home/device', 'device.state', value='i64')
    owner.append('home/device', [[T0 * NS + i, i] for i in range(5)])
    for part in range(8):  # more than one piece
        owner.append('home/device', [[(T0 + 60 + part * 2000 + i) * NS,
                                      int.from_bytes(os.urandom(7), 'big')]
                                     for i in range(2000)])
    firm = Firm(vault, owner, 'brightgrid')
    grant = firm.given(TERMS)
    assert firm.query('**', grant=grant).rows
    backup = vault.path('one.backup')
    ingest = Ingest()
    ingest.start()
    while ingest.acknowledged < 20:
        time.sleep(0.01)
    before = ingest.acknowledged
    got = create(owner, backup)
    after = ingest.acknowledged
    ingest.stopped = True
    ingest.join()
    assert got['state'] == 'made' and got['file'] == backup, got
    assert got['bytes'] == os.path.getsize(backup) > 3 * PIECE, got
    assert os.stat(backup).st_mode & 0o777 == 0o600
    assert not os.path.exists(backup + '.part')
    assert before <= after
    listed = owner.call('backup.list')['backups']
    assert listed == [got], listed
    types = [e['type'] for e in owner.call('audit.list')['entries']]
    assert types[-2:] == ['backup', 'backup'], types[-5:]


def it_verifies_by_a_call_and_by_the_command():
    got = owner.call('backup.verify', file=backup)
    assert got['ok'] is True and 'all is well' in got['says'], got
    code, said = verify(backup)
    assert code == 0 and said.endswith('all is well\n'), (code, said)
    code, out, err = vault.ctl('backup', 'verify', backup)
    assert code == 0 and 'all is well' in out, (code, out, err)
    code, out, err = vault.ctl('backup', 'list')
    assert code == 0 and backup in out, (code, out, err)


def an_independent_reader_reads_it():
    done = subprocess.run([sys.executable, READER, backup, '--passphrase',
                           PASSPHRASE], capture_output=True, timeout=ws.GUARD)
    assert done.returncode == 0, done.stdout.decode()[-500:]
    assert b'\nmeta stream ' in done.stdout


def warden():
    """The process that has backups read."""
    with open('/proc/%d/task/%d/children' % (vault.process.pid,
                                             vault.process.pid)) as file:
        (pid,) = map(int, file.read().split())
    return pid


def one_that_cannot_be_looked_at_is_not_called_bad():
    done = subprocess.run([vault.program, 'verify', backup, '--scratch',
                           vault.path('pass'), '--passphrase-file',
                           vault.path('pass')], capture_output=True,
                          timeout=ws.GUARD)
    assert done.returncode == 75, (done.returncode, done.stderr)
    pid = warden()
    few, most = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    for files in (4, 5, 6):  # for the key none, then for the child's words
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (files, most))
        refusal = refused(owner.call, 'backup.verify', file=backup)
        assert refusal.reason == 'storage', refusal
        assert 'says nothing' in refusal.message, refusal
    # With room again it is done, by the same warden.
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (few, most))
    assert owner.call('backup.verify', file=backup)['ok'] is True
    assert warden() == pid


def restore(name, *options, source=None, file='pass'):
    return vault.command('restore', '--dir', vault.path(name),
                         source or backup, '--passphrase-file',
                         vault.path(file), *options)


def a_vault_is_made_out_of_it():
    global words
    code, out, err = restore('restored')
    assert code == 0, (out, err)
    words = out.split('shown once:')[1].split('\n\n')[1].strip()
    assert len(words.split()) == 24, out


def confirm():
    code, out, err = vault.ctl('confirm', 'rollback', '--yes',
                               '--passphrase-file', vault.path('pass'))
    assert code == 0, (out, err)


def the_restored_vault_is_the_same():
    global owner
    assert vault.ctl('status')[::2] == (0, '')  # its head is kept
    head = owner.call('audit.head')
    grants = owner.call('grant.list')['grants']
    device = rows(owner, 'home/device')
    identity = owner.call('session.info')['vault']
    owner.close()
    firm.close()
    vault.stop()
    shutil.move(vault.dir, vault.path('was'))
    shutil.move(vault.path('restored'), vault.dir)
    code, out, err = vault.command('check', '--dir', vault.dir,
                                   '--unlock-file', vault.path('pass'))
    assert code == 0, (out, err)
    vault.start(unlock='pass')
    owner = vault.owner()
    assert owner.call('session.info')['vault'] == identity
    assert rows(owner, 'home/device') == device
    assert whole_batches(rows(owner, 'home/load')) >= before
    assert owner.call('grant.list')['grants'] == grants
    log = owner.call('audit.verify')
    assert log['ok'] and log['size'] > 0, log
    entries = owner.call('audit.list', limit=1000)['entries']
    types = [e['type'] for e in entries]
    at = types.index('restore')
    assert types[at + 1:at + 3] == ['hold', 'run'], types[at:]
    assert '"size":%d' % at in entries[at]['detail'], entries[at]
    assert owner.call('audit.head')['origin'] != head['origin']
    # What was shown before is held against it, and told once, or, if some of
    # it is lost, until the owner says that it is right.
    lost = head['size'] > at
    code, _, err = vault.ctl('audit', 'verify', '--require-head')
    assert code == 1 and 'restored from a backup whose log had %d ' % at in (
        err), (code, err)
    assert '; %d were shown here before' % head['size'] in err, err
    assert ('what came after the backup is lost' in err) == lost, (err, at)
    assert vault.ctl('audit', 'verify')[::2] == ((1, err) if lost else (0, ''))
    # What was revoked since is in force in it: firms wait for the owner's
    # word, and a restart is none.
    owner.close()
    vault.stop()
    vault.start(unlock='pass')
    owner = vault.owner()
    assert owner.call('vault.status')['hold'] == 'rollback'
    firm.owner = owner
    firm.connect()
    assert refused(firm.query, '**', grant=grant).reason == 'denied'
    confirm()
    assert vault.ctl('audit', 'verify', '--require-head')[::2] == (0, '')
    assert firm.query('**', grant=grant).rows
    assert owner.call('vault.status')['hold'] is None
    # The new words open it, the old key file does not.
    assert owner.call('vault.lock')['state'] == 'locked'
    got = owner.call('vault.unlock', recovery=words)
    assert got['state'] == 'unlocked', got


def restoring_needs_what_opened_it_then():
    vault.write('wrong', 'not the passphrase\n')
    code, _, err = restore('again', file='wrong')
    assert code == 5 and 'does not open' in err, (code, err)
    assert not os.path.exists(vault.path('again'))
    assert not os.path.exists(vault.path('again.new'))
    code, said = verify(backup, key=bytes(32))
    assert code == 5, (code, said)
    os.mkdir(vault.path('there'))
    code, _, err = restore('there')
    assert code == 6, (code, err)


def changed(name, change):
    """A copy of the backup with something changed."""
    path = vault.path(name)
    with open(backup, 'rb') as file:
        data = bytearray(file.read())
    data = change(data)
    with open(path, 'wb') as file:
        file.write(data)
    return path


def flip(at):
    def change(data):
        data[at] ^= 0x20
        return data
    return change


def a_changed_byte_is_refused():
    size = os.path.getsize(backup)
    key = key_of(backup)
    spots = [0, 8, 12, 16, 33, 50, 80, 95, 100, 2000, 4031, 4032, 4063, 4064,
             HEADER, HEADER + 40, HEADER + PIECE - 1, HEADER + PIECE,
             HEADER + 2 * PIECE + 7, size - 17, size - 1]
    for at in spots + list(range(5000, size, size // 12)):
        code, said = verify(changed('flipped', flip(at)), key)
        assert code in (1, 5), (at, code, said)
    code, said = verify(changed('flipped', lambda data: data), key)
    assert code == 0, (code, said)


def a_cut_backup_is_refused():
    size = os.path.getsize(backup)
    key = key_of(backup)
    cuts = [0, 1, 100, HEADER - 1, HEADER, HEADER + 16, HEADER + 100,
            HEADER + PIECE, HEADER + PIECE + 16, HEADER + 2 * PIECE, size - 1,
            size - 16]
    for length in cuts:
        code, said = verify(changed('cut', lambda data: data[:length]), key)
        assert code == 1, (length, code, said)
    code, said = verify(changed('longer', lambda data: data + b'\0'), key)
    assert code == 1, (code, said)


def pieces_that_are_swapped_or_doubled_are_refused():
    key = key_of(backup)

    def piece(data, number):
        return data[HEADER + number * PIECE:HEADER + (number + 1) * PIECE]

    def swap(data):
        return (data[:HEADER] + piece(data, 1) + piece(data, 0)
                + data[HEADER + 2 * PIECE:])

    def double(data):
        return (data[:HEADER] + piece(data, 0) + piece(data, 0)
                + data[HEADER + 2 * PIECE:])

    def leave_out(data):
        return data[:HEADER] + data[HEADER + PIECE:]

    for change in (swap, double, leave_out):
        code, said = verify(changed('pieces', change), key)
        assert code == 1 and 'piece' in said, (change, code, said)


def a_bad_backup_leaves_no_vault():
    path = changed('bad', flip(HEADER + 2 * PIECE + 7))
    code, _, err = restore('none', source=path)
    assert code == 1 and 'does not open' in err, (code, err)
    assert not os.path.exists(vault.path('none'))
    assert not os.path.exists(vault.path('none.new'))
    got = owner.call('backup.verify', file=path)
    assert got['ok'] is False and 'piece 2' in got['says'], got
    code, out, _ = vault.ctl('backup', 'verify', path)
    assert code == 1, out


def where_it_may_lie():
    for path, code in (('relative.backup', 'params'),
                       (os.path.join(vault.dir, 'x'), 'conflict'),
                       (backup, 'conflict'),
                       (vault.path('no/such/x'), 'params')):
        refusal = refused(create, owner, path)
        assert refusal.reason == code, (path, refusal)
    vault.write('mine.part', 'not a backup')
    assert refused(create, owner, vault.path('mine')).reason == 'conflict'
    assert owner.call('backup.list')['backups'][-1]['state'] == 'made'
    # What a crash left is written over.
    vault.write('left.part', 'vaultbk1 and so on')
    assert create(owner, vault.path('left'))['state'] == 'made'


def a_kill_while_one_is_made_leaves_none():
    global owner
    path = vault.path('killed')
    number = owner.send('backup.create', file=path, passphrase=PASSPHRASE)
    end = time.monotonic() + ws.GUARD
    while not os.path.exists(path + '.part') and not os.path.exists(path):
        assert time.monotonic() < end
    vault.kill()
    owner.close()
    vault.start(unlock='pass')
    owner = vault.owner()
    whole = os.path.exists(path)
    if whole:
        assert verify(path)[0] == 0
    states = {b['file']: b['state'] for b in
              owner.call('backup.list')['backups']}
    assert states.get(path) in (('begun', 'made') if whole
                                else ('begun', None)), states
    assert number


def a_full_disk_leaves_no_file():
    place = tempfile.mkdtemp(prefix='vault-full-')
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs',
                       place], capture_output=True).returncode != 0:
        os.rmdir(place)
        print('a small file system cannot be mounted here')
        return
    try:
        refusal = refused(create, owner, os.path.join(place, 'full.backup'))
        assert refusal.reason == 'storage', refusal
        assert os.listdir(place) == [], os.listdir(place)
        files = [b['file'] for b in owner.call('backup.list')['backups']]
        assert not any(place in f for f in files), files
    finally:
        subprocess.run(['umount', '-l', place])
        os.rmdir(place)


def an_older_one_that_is_restored_is_noticed():
    """With an anchor that knows a later head, firms get nothing at first."""
    global owner
    owner.close()
    firm.close()
    vault.stop()
    os.mkdir(vault.path('anchor'))
    vault.start('--anchor', vault.path('anchor'), unlock='pass')
    owner = vault.owner()
    path = vault.path('older.backup')
    create(owner, path)
    owner.change('grant.revoke', grant=grant)
    owner.close()
    vault.stop()
    code, _, err = restore('older', source=path)
    assert code == 0, err
    shutil.rmtree(vault.dir)
    shutil.move(vault.path('older'), vault.dir)
    vault.start('--anchor', vault.path('anchor'), unlock='pass')
    owner = vault.owner()
    assert owner.call('vault.status')['hold'] == 'rollback'
    firm.owner = owner
    firm.connect()
    assert refused(firm.query, '**', grant=grant).reason == 'denied'
    confirm()
    assert firm.query('**', grant=grant).rows  # as it was in that copy
    owner.close()
    firm.close()
    vault.stop()


ws.run([a_backup_is_made_while_rows_come_in,
        it_verifies_by_a_call_and_by_the_command,
        one_that_cannot_be_looked_at_is_not_called_bad,
        an_independent_reader_reads_it, a_vault_is_made_out_of_it,
        the_restored_vault_is_the_same, restoring_needs_what_opened_it_then,
        a_changed_byte_is_refused, a_cut_backup_is_refused,
        pieces_that_are_swapped_or_doubled_are_refused,
        a_bad_backup_leaves_no_vault, where_it_may_lie,
        a_kill_while_one_is_made_leaves_none, a_full_disk_leaves_no_file,
        an_older_one_that_is_restored_is_noticed])
