"""After a panic nothing opens the vault."""
import os

import ws
from slots import NOW, ends, files, fresh, nowhere, prove
from vault import PASSPHRASE, refused


def a_panic_leaves_nothing_that_opens_it():
    vault, owner, words = fresh()
    owner.create('home/t')
    owner.append('home/t', [[NOW, 21.5]])
    prove(owner, 'key.add', type='recovery')
    before = files(vault)
    _, err = ends(vault, 'panic', '--passphrase-file', vault.path('pass'),
                  code=2)
    assert '--yes' in err, err
    assert refused(owner.call, 'vault.panic').reason == 'reauth'
    assert refused(owner.call, 'vault.panic',
                   passphrase='wrong').reason == 'reauth'
    assert {n: d for n, d in files(vault).items() if n in before
            and '.mdb' not in n} == {n: d for n, d in before.items()
                                     if '.mdb' not in n}
    out, _ = ends(vault, 'panic', '--yes', '--passphrase-file',
                  vault.path('pass'), '--json')
    assert '"state":"destroyed"' in out, out
    after = files(vault)
    assert not [n for n in after if n.startswith(
        ('header', 'erase', 'keyring'))], after.keys()
    for name in ('header.1', 'erase.1', 'keyring.1'):
        data = before[name]
        parts = [data[at:at + 32] for at in range(0, len(data) - 32, 32)
                 if any(data[at:at + 32])]
        nowhere(vault, *parts)
    status = owner.call('vault.status')
    assert status['state'] == 'locked', status
    assert 'destroyed' in [w['code'] for w in status['warnings']], status
    no = refused(owner.call, 'vault.unlock', passphrase=PASSPHRASE)
    assert no.reason == 'storage' and 'destroyed' in no.message, no
    vault.stop()
    code, _, err = vault.command('run', '--dir', vault.dir, '--socket',
                                 vault.socket)
    assert code == 1 and 'destroyed' in err and 'backup' in err, (code, err)


def a_locked_vault_can_be_destroyed():
    vault, owner, words = fresh(unlock=None)
    done = owner.call('vault.panic', passphrase=words)
    assert done['state'] == 'destroyed' and done['took_ms'] >= 0, done
    assert not [n for n in os.listdir(vault.dir) if n.startswith('header')]
    vault.stop()


ws.run([a_panic_leaves_nothing_that_opens_it,
        a_locked_vault_can_be_destroyed])
