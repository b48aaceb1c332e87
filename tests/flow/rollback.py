"""An earlier copy is put back: it is found, firms get nothing, the owner reads,
and sharing goes on when the owner says so.

usage: rollback.py BIN [--seeded]

--seeded: the daemon has a planted fault (anchor-ignored), and the run is good
only if what was put back is not found.
"""
import os
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'lib'))
from firm import TERMS, Firm, node  # noqa: E402
import ws  # noqa: E402
from vault import PASSPHRASE, Vault, refused  # noqa: E402

NS = 10**9
T0 = int(time.time()) // 3600 * 3600 - 86400


def make():
    """A vault with an anchor, a firm and a grant that is withdrawn after a
    copy was taken: (vault, owner, firm, grant)."""
    node()
    vault = Vault(ready=False)
    vault.init()
    os.mkdir(vault.path('anchor'))
    start(vault)
    owner = vault.owner()
    owner.create('home/device', 'device.state', value='i64')
    owner.append('home/device', [[T0 * NS + i, i] for i in range(5)])
    firm = Firm(vault, owner, 'brightgrid')
    grant = firm.given(TERMS)
    assert firm.query('**', grant=grant).rows
    vault.pending = firm.ask()['request']
    stop(vault, owner, firm)
    shutil.copytree(vault.dir, vault.path('copy'))
    owner = start(vault).owner()
    owner.change('grant.revoke', grant=grant)
    assert vault.ctl('status')[::2] == (0, '')  # vaultctl keeps its head
    stop(vault, owner)
    return vault, firm, grant


SEED = {'VAULT_SEED': 'anchor-ignored'} if '--seeded' in sys.argv else None


def start(vault):
    return vault.start('--anchor', vault.path('anchor'), env=SEED)


def stop(vault, *clients):
    for client in clients:
        client.close()
    vault.stop()


def back(vault, *names):
    """Put files of the copy back; none: all of them."""
    for name in names or os.listdir(vault.path('copy')):
        shutil.copy2(os.path.join(vault.path('copy'), name), vault.dir)


def asks(firm, owner, grant):
    firm.owner = owner
    firm.connect()
    return firm.query('**', grant=grant).rows


def would_give(vault, owner):
    return owner.call('request.preview',
                      request=vault.pending)['parts'][0]['gives']


def confirm(owner):
    return owner.change('vault.confirm', what='rollback',
                        passphrase=PASSPHRASE)


def what_was_withdrawn_is_not_in_force_again():
    vault, firm, grant = make()
    back(vault)
    owner = start(vault).owner()
    status = owner.call('vault.status')
    assert status['hold'] == 'rollback', status
    assert [w['code'] for w in status['warnings']] == ['rollback'], status
    assert owner.query('home/device').rows  # the owner reads
    assert not would_give(vault, owner)
    assert refused(asks, firm, owner, grant).reason == 'denied'
    # Restarting changes nothing, and the log has both heads.
    stop(vault, owner, firm)
    owner = start(vault).owner()
    assert owner.call('vault.status')['hold'] == 'rollback'
    said = [e['detail'] for e in owner.call('audit.list')['entries']
            if e['type'] == 'hold']
    assert len(said) == 2 and '"anchor":{"commit"' in said[0], said
    # The owner's word.
    assert refused(owner.change, 'vault.confirm', what='clock',
                   passphrase=PASSPHRASE).reason == 'conflict'
    assert refused(owner.change, 'vault.confirm', what='nothing')
    assert refused(owner.change, 'vault.confirm',
                   what='rollback').reason == 'reauth'
    assert confirm(owner) == {'hold': None}
    assert refused(confirm, owner).reason == 'conflict'
    assert asks(firm, owner, grant)  # as it was in that copy
    assert would_give(vault, owner)
    stop(vault, owner, firm)
    owner = start(vault).owner()
    assert owner.call('vault.status')['hold'] is None
    stop(vault, owner)


def data_alone_is_found():
    vault, firm, grant = make()
    back(vault, 'data.mdb')
    owner = start(vault).owner()
    assert owner.call('vault.status')['hold'] == 'rollback'
    assert refused(asks, firm, owner, grant).reason == 'denied'
    stop(vault, owner, firm)


def an_anchor_that_is_gone_is_found():
    vault, firm, grant = make()
    back(vault)
    for name in os.listdir(vault.path('anchor')):
        os.unlink(vault.path('anchor/' + name))
    owner = start(vault).owner()
    assert owner.call('vault.status')['hold'] == 'rollback'
    stop(vault, owner)
    # So is one that is not kept any more.
    owner = vault.start().owner()
    assert owner.call('vault.status')['hold'] == 'rollback'
    assert refused(asks, firm, owner, grant).reason == 'denied'
    assert "the vault's log " in vault.ctl('status')[2]
    code, said, wrong = vault.ctl('confirm', 'rollback', '--yes',
                                  '--passphrase-file', vault.path('pass'))
    assert code == 0, (said, wrong)
    assert vault.ctl('status')[2] == ''  # this is the owner's word for it
    status = owner.call('vault.status')
    assert status['hold'] is None
    assert [w['code'] for w in status['warnings']] == ['anchor'], status
    stop(vault, owner, firm)


def an_anchor_within_the_vault_is_refused():
    vault = Vault(ready=False)
    vault.init()
    os.mkdir(os.path.join(vault.dir, 'anchor'))
    for where in (vault.dir, os.path.join(vault.dir, 'anchor')):
        code, _, said = vault.command(
            'run', '--dir', vault.dir, '--socket', vault.socket,
            '--anchor', where)
        assert code == 2 and 'outside' in said, (code, said)
    code, _, said = vault.command('run', '--dir', vault.dir, '--socket',
                                  vault.socket, '--anchor', vault.path('none'))
    assert code == 2 and 'no directory' in said, (code, said)


def the_last_use_before_a_silence_is_remembered():
    """The anchor follows without another commit."""
    node()
    vault = Vault(ready=False)
    vault.init()
    os.mkdir(vault.path('anchor'))
    owner = start(vault).owner()
    owner.create('home/device', 'device.state', value='i64')
    owner.append('home/device', [[T0 * NS + i, i] for i in range(5)])
    firm = Firm(vault, owner, 'brightgrid')
    grant = firm.given(TERMS)
    for _ in range(3):  # after these the anchor is not due for seconds
        assert firm.query('**', grant=grant).rows
    shutil.copytree(vault.dir, vault.path('copy'))
    (name,) = os.listdir(vault.path('anchor'))

    def anchor():
        with open(os.path.join(vault.path('anchor'), name), 'rb') as file:
            return file.read()

    before = anchor()
    assert firm.query('**', grant=grant).rows
    owner.close()
    firm.close()
    end = time.monotonic() + ws.GUARD
    while anchor() == before:
        assert time.monotonic() < end, 'the anchor was not written'
        time.sleep(0.1)
    vault.kill()
    back(vault)
    owner = start(vault).owner()
    assert owner.call('vault.status')['hold'] == 'rollback'
    stop(vault, owner)


def kept_head(vault):
    folder = vault.path('state/vaultctl/heads')
    (name,) = os.listdir(folder)
    return os.path.join(folder, name)


def what_was_put_back_with_its_anchor_is_seen_by_the_kept_head():
    """Nothing in the vault can tell; what vaultctl was shown can."""
    vault = Vault(ready=False)
    vault.init()
    os.mkdir(vault.path('anchor'))
    owner = start(vault).owner()
    for i in range(3):
        owner.create('home/%d' % i)
    stop(vault, owner)
    for name in ('v', 'anchor'):
        shutil.copytree(vault.path(name), vault.path(name + '.copy'))
    owner = start(vault).owner()
    for i in range(9):
        owner.create('home/later%d' % i)
    assert vault.ctl('status')[::2] == (0, '')
    kept = open(kept_head(vault)).read()
    stop(vault, owner)
    for name in ('v', 'anchor'):
        shutil.rmtree(vault.path(name))
        shutil.move(vault.path(name + '.copy'), vault.path(name))
    owner = start(vault).owner()
    assert owner.call('vault.status')['hold'] is None
    code, _, err = vault.ctl('status')
    assert code == 0 and 'the vault\'s log went back' in err, err
    assert kept_head(vault) in err and 'audit head --accept' in err, err
    code, out, err = vault.ctl('audit', 'verify')
    assert code == 1 and out.startswith(kept_head(vault)), (code, out, err)
    assert 'it was rolled back' in out and 'went back' in err, (out, err)
    assert vault.ctl('audit', 'head')[0] == 1
    # Grown beyond what it was it is another log, and still no good one.
    for i in range(20):
        owner.create('home/other%d' % i)
    code, _, err = vault.ctl('status')
    assert code == 0 and 'does not go on from what it was' in err, err
    code, out, _ = vault.ctl('audit', 'verify', '--json')
    assert code == 1 and 'rewritten' in out, out
    assert open(kept_head(vault)).read() == kept
    # It was the owner who put it back.
    code, _, err = vault.ctl('audit', 'head', '--accept')
    assert (code, err) == (0, ''), err
    assert vault.ctl('status')[::2] == (0, '')
    assert vault.ctl('audit', 'verify', '--require-head')[0] == 0
    stop(vault, owner)


def seeded():
    """With the fault, what was withdrawn is in force again."""
    vault, firm, grant = make()
    back(vault)
    owner = start(vault).owner()
    found = owner.call('vault.status')['hold'] is not None
    given = not found and asks(firm, owner, grant)
    stop(vault, owner, firm)
    print('the hold is missing, and rows of a grant that was withdrawn came'
          if given else 'the planted fault was not found')
    sys.exit(0 if given else 1)


if SEED:
    seeded()
ws.run([the_last_use_before_a_silence_is_remembered,
        what_was_withdrawn_is_not_in_force_again, data_alone_is_found,
        an_anchor_that_is_gone_is_found,
        what_was_put_back_with_its_anchor_is_seen_by_the_kept_head,
        an_anchor_within_the_vault_is_refused])
