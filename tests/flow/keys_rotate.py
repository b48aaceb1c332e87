"""Another root key: all that opens the vault is made anew, and all is there."""
import os
import struct

import ws
from slots import NOW, OTHER, files, fresh, key_of, nowhere, opens, prove
from slots import sealed, types
from vault import PASSPHRASE, Vault, refused, ulid


def rotating_makes_all_anew():
    vault, owner, first = fresh()
    owner.create('home/t')
    owner.append('home/t', [[NOW, 21.5]])
    before = files(vault)
    done = prove(owner, 'key.rotate', recovery=first, new_key=key_of(vault))
    assert done == {'gone': 0, 'slots': 3, 'words': None}, done
    after = files(vault)
    assert sorted(n for n in after if n.startswith(
        ('header', 'erase', 'keyring'))) == ['erase.2', 'header.2',
                                             'keyring.2']
    nowhere(vault, *(sealed(before['header.1'], n) for n in range(3)),
            before['erase.1'][:32], before['keyring.1'][96:160])
    assert len(owner.query('home/t').rows) == 1
    owner.append('home/t', [[NOW + 1, 22.5]])
    for how in ({'passphrase': PASSPHRASE}, {'recovery': first},
                {'key': key_of(vault)}):
        assert opens(vault, owner, **how), how
    # What was opened with the old root key opens nothing now.
    vault.stop()
    vault.check()
    vault.start()
    owner = vault.owner()
    assert len(owner.query('home/t').rows) == 2
    done = prove(owner, 'key.rotate', new_recovery=True)
    assert done['gone'] == 1 and len(done['words'].split()) == 24, done
    assert types(owner) == ['passphrase', 'recovery']
    assert refused(owner.change, 'key.rotate', passphrase=PASSPHRASE,
                   recovery='not words').reason == 'params'
    owner.call('vault.lock')
    assert refused(owner.call, 'vault.unlock',
                   key=key_of(vault)).reason == 'reauth'
    assert refused(owner.call, 'vault.unlock',
                   recovery=first).reason == 'reauth'
    owner.call('vault.unlock', recovery=done['words'])
    vault.stop()


def rotating_keeps_the_anchor():
    vault = Vault(ready=False)
    vault.init()
    os.mkdir(vault.path('anchor'))
    anchor = ('--anchor', vault.path('anchor'))
    vault.start(*anchor)
    owner = vault.owner()
    prove(owner, 'key.rotate', new_key=key_of(vault))
    vault.kill()
    vault.start(*anchor)
    assert vault.owner().call('vault.status')['hold'] is None
    vault.stop()


def the_words_may_take_the_place_of_a_passphrase():
    vault, owner, first = fresh()
    done = owner.change('key.rotate', passphrase=first, new_passphrase=OTHER)
    assert (done['slots'], done['gone']) == (2, 1), done
    owner.call('vault.lock')
    owner.call('vault.unlock', passphrase=OTHER)
    owner.call('vault.lock')
    owner.call('vault.unlock', recovery=first)
    vault.stop()


def what_the_disk_refuses_is_not_done_and_can_be_repeated():
    vault, owner, first = fresh()
    for method, blocked, params, slots in (
            ('key.add', 'header.1.tmp', {'type': 'recovery'}, 4),
            ('key.rotate', 'keyring.2.tmp', {'new_recovery': True}, 2)):
        blocker = os.path.join(vault.dir, blocked)
        asked = {'idem': ulid(), 'passphrase': PASSPHRASE, **params}
        before = owner.call('key.list')
        os.mkdir(blocker)  # a folder where a file is to be
        no = refused(owner.call, method, **asked)
        assert no.reason == 'storage' and 'as it was' in no.message, no
        assert owner.call('key.list') == before
        os.rmdir(blocker)
        done = owner.call(method, **asked)
        assert len(done['words'].split()) == 24, done
        assert len(types(owner)) == slots
        again = owner.call(method, **asked)
        assert again == {**done, 'words': None}, again
        assert len(types(owner)) == slots
    vault.stop()
    code, _, err = vault.command('check', '--dir', vault.dir,
                                 '--unlock-file', vault.path('pass'))
    assert code == 0, err


def costs(owner):
    return [s['memory_kib'] for s in owner.call('key.list')['slots']
            if s['type'] == 'passphrase']


def what_a_try_costs_stays_as_it_was_chosen():
    vault, owner, _ = fresh()
    assert costs(owner) == [64 << 10], costs(owner)
    prove(owner, 'key.rotate')
    assert costs(owner) == [64 << 10], costs(owner)
    prove(owner, 'key.add', type='passphrase', new_passphrase=OTHER)
    assert costs(owner) == [64 << 10] * 2, costs(owner)
    path = vault.path('a.backup')
    owner.call('backup.create', file=path, passphrase=PASSPHRASE)
    vault.stop()
    vault.write('pass', PASSPHRASE + '\n')
    code, _, err = vault.command('restore', '--dir', vault.path('again'), path,
                                 '--passphrase-file', vault.path('pass'))
    assert code == 0, err
    (name,) = (n for n in os.listdir(vault.path('again'))
               if n.startswith('header.'))
    with open(vault.path('again/' + name), 'rb') as file:
        header = file.read()
    memory = {struct.unpack_from('<I', header, 96 + 224 * i + 8)[0]
              for i in range(8) if header[96 + 224 * i] == 1}
    assert memory == {64 << 10}, memory


ws.run([rotating_makes_all_anew, rotating_keeps_the_anchor,
        what_a_try_costs_stays_as_it_was_chosen,
        what_the_disk_refuses_is_not_done_and_can_be_repeated,
        the_words_may_take_the_place_of_a_passphrase])
