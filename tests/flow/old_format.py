"""A vault that was made by format 1, and a backup of it, are read: rows,
consents, log; and what is newer than this program is refused by a sentence."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'lib'))
import format_1  # noqa: E402
import ws  # noqa: E402
from vault import Vault  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
KEPT = os.path.join(HERE, '../cases/vaults/format-1')
READER = os.path.join(HERE, '../model/vault.py')


def kept(name):
    return os.path.join(KEPT, name)


def copy():
    """A vault's folder with a copy of it."""
    vault = Vault(ready=False)
    shutil.copytree(kept('vault'), vault.dir)
    os.chmod(vault.dir, 0o700)
    for name in os.listdir(vault.dir):
        os.chmod(os.path.join(vault.dir, name), 0o600)
    shutil.copy(kept('passphrase'), vault.path('pass'))
    os.chmod(vault.path('pass'), 0o600)
    return vault


def told():
    with open(kept('expected.json')) as file:
        return json.load(file)


def holds(vault):
    """What is expected, in a running vault."""
    want = told()
    owner = vault.owner()
    assert owner.call('session.info')['vault'] == want['vault']
    for name, rows in want['rows'].items():
        got = owner.query(name).rows
        assert got == format_1.in_order(format_1.STREAMS[name][1]()), name
        assert [len(got), got[0], got[-1], format_1.digest(got)] == [
            rows['count'], rows['first'], rows['last'], rows['sha256']], name
    for grant, state in want['grants'].items():
        got = owner.call('grant.show', grant=grant)['grant']['state']
        assert got in (state, 'expired'), (grant, got)
        receipts = [r['receipt'] for r in owner.call(
            'grant.receipt', grant=grant, **{'from': 1})['receipts']]
        assert receipts[:len(want['receipts'][grant])] == want[
            'receipts'][grant], grant
    log = [e['entry'] for e in
           owner.call('audit.list', limit=1000)['entries']]
    assert log[:len(want['log'])] == want['log']
    assert owner.call('audit.verify')['ok'] is True
    # It goes on from there.
    owner.append('home/load', [[format_1.T0 + 10**15, 1.5]])
    owner.close()


def check(vault):
    code, out, err = vault.command('check', '--dir', vault.dir,
                                   '--unlock-file', vault.path('pass'))
    assert code == 0 and out.endswith('all is well\n'), (code, out, err)


def the_kept_vault_is_read():
    vault = copy()
    check(vault)
    vault.start(unlock='pass')
    holds(vault)
    vault.stop()
    check(vault)


def it_has_of_each_kind():
    done = subprocess.run([sys.executable, READER, kept('vault'),
                           '--passphrase', format_1.PASSPHRASE],
                          capture_output=True, timeout=ws.GUARD)
    assert done.returncode == 0, done.stdout[-500:]
    lines = {line.split()[0] for line in done.stdout.decode().splitlines()}
    assert {'root', 'tail', 'chunk', 'head', 'roll', 'lane', 'meta', 'audit',
            'node', 'idem'} <= lines, lines
    metas = {line.split()[1] for line in done.stdout.decode().splitlines()
             if line.startswith('meta ')}
    assert {'stream', 'firm', 'request', 'grant', 'setting', 'receipt',
            'backup'} <= metas, metas


def the_kept_backup_is_restored():
    vault = copy()
    shutil.rmtree(vault.dir)
    code, _, err = vault.command('restore', '--dir', vault.dir,
                                 kept('home.backup'), '--passphrase-file',
                                 vault.path('pass'))
    assert code == 0, err
    vault.start(unlock='pass')
    owner = vault.owner()
    assert owner.call('vault.status')['hold'] == 'rollback'
    with open(vault.path('pass')) as file:
        owner.change('vault.confirm', what='rollback',
                     passphrase=file.read().strip())
    owner.close()
    holds(vault)
    vault.stop()
    check(vault)


def newer(path):
    """Say in its header that it is of format 2."""
    with open(path, 'r+b') as file:
        file.seek(8)
        assert file.read(4) == b'\1\0\0\0'
        file.seek(8)
        file.write(b'\2')


def what_is_newer_is_refused():
    vault = copy()
    name, = [n for n in os.listdir(vault.dir) if n.startswith('header.')]
    newer(os.path.join(vault.dir, name))
    for verb in ('run', 'check'):
        code, _, err = vault.command(verb, '--dir', vault.dir,
                                     '--unlock-file', vault.path('pass'))
        assert code == 1 and 'newer format than this program knows' in err, (
            verb, code, err)
    shutil.copy(kept('home.backup'), vault.path('newer'))
    os.chmod(vault.path('newer'), 0o600)
    newer(vault.path('newer'))
    for words in (['verify'], ['restore', '--dir', vault.path('none')]):
        code, _, err = vault.command(*words, vault.path('newer'),
                                     '--passphrase-file', vault.path('pass'))
        assert code == 1 and 'newer format than this program knows' in err, (
            words, code, err)
    assert not os.path.exists(vault.path('none'))


ws.run([the_kept_vault_is_read, it_has_of_each_kind,
        the_kept_backup_is_restored, what_is_newer_is_refused])
