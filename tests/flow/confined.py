"""What the daemon cannot do once it has started.

Builds with seeded faults make a forbidden call then, by VAULT_SEED; the kernel
must end them, or refuse.
"""
import os
import sys
import tempfile

import ws
from vault import PASSPHRASE, Vault, refused, skip

NEVER = ('call-execve', 'call-ptrace', 'thread-execve')
UNLISTED = ('call-unknown', 'map-code', 'dial')
SIGSYS = 31

with open(os.path.join(sys.argv[1], 'vaultd'), 'rb') as file:
    program = file.read()
if b'nothing confines it' in program:
    skip('this build is not confined')
seeded = b'call-unknown' in program

vault = Vault(ready=False)
vault.init()


def fields(path):
    with open(path) as file:
        return dict(line.rstrip('\n').split(':\t', 1) for line in file
                    if ':\t' in line)


def warden(pid):
    with open('/proc/%d/task/%d/children' % (pid, pid)) as file:
        child, = file.read().split()
    return int(child)


def threads(pid):
    return ['/proc/%d/task/%s/status' % (pid, task)
            for task in os.listdir('/proc/%d/task' % pid)]


def every_thread_is_under_the_filter():
    vault.start()
    owner = vault.owner()
    owner.create('home/a')
    owner.append('home/a', [[1764072000 * 10**9, 1.0]])
    assert owner.query('home/a').rows
    owner.close()
    found = threads(vault.process.pid)
    assert len(found) >= 3, found
    for path in found + threads(warden(vault.process.pid)):
        said = fields(path)
        assert said['Seccomp'] == '2' and said['NoNewPrivs'] == '1', said


def a_reader_of_a_backup_runs_all_the_same():
    owner = vault.owner()
    path = vault.path('one.backup')
    owner.call('backup.create', file=path, passphrase=PASSPHRASE)
    assert owner.call('backup.verify', file=path)['ok'] is True
    owner.close()


def elsewhere_no_backup_is_written():
    with tempfile.TemporaryDirectory() as other:
        path = os.path.join(other, 'two.backup')
        owner = vault.owner()
        refusal = refused(owner.call, 'backup.create', file=path,
                          passphrase=PASSPHRASE)
        owner.close()
        assert refusal.reason == 'storage', refusal
        assert '`backups`' in refusal.message, refusal
        assert os.listdir(other) == []
        vault.stop()
        vault.write('config', 'backups: [%s]\n' % other)
        vault.start('--config', vault.path('config'))
        owner = vault.owner()
        owner.call('backup.create', file=path, passphrase=PASSPHRASE)
        assert owner.call('backup.verify', file=path)['ok'] is True
        refusal = refused(owner.call, 'backup.create',
                          file=vault.path('three.backup'),
                          passphrase=PASSPHRASE)
        assert refusal.reason == 'storage', refusal
        owner.close()
    vault.stop()


def ends_with(seed):
    """Its exit code, and what it said."""
    try:
        vault.start(env={'VAULT_SEED': seed})
    except AssertionError:
        return vault.process.returncode, vault.said()
    vault.stop()
    return 0, vault.said()


def what_an_intruder_would_call_ends_it():
    for seed in NEVER:
        code, _ = ends_with(seed)
        assert code == -SIGSYS, (seed, code)


def what_is_not_in_the_table_ends_a_test_build():
    for seed in UNLISTED:
        os.truncate(vault.path('log'), 0)
        code, said = ends_with(seed)
        assert code == 1 and 'is not in the table' in said, (seed, code, said)


def no_other_file_can_be_opened():
    code, said = ends_with('open-elsewhere')
    if 'no Landlock' in said:
        assert 'seed: open: done' in said, said
        skip('this kernel has no Landlock')
    assert code == 0 and 'seed: open: refused' in said, (code, said)


tests = [every_thread_is_under_the_filter,
         a_reader_of_a_backup_runs_all_the_same, elsewhere_no_backup_is_written]
if seeded:
    tests += [what_an_intruder_would_call_ends_it,
              what_is_not_in_the_table_ends_a_test_build,
              no_other_file_can_be_opened]
ws.run(tests)
