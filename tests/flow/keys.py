"""What opens a vault is listed, added and removed; dangerous verbs ask for the
passphrase."""
import os
import socket
import stat
import threading

import ws
from slots import (OTHER, ends, files, fresh, key_of, nowhere, opens, prove,
                   sealed, types)
from vault import PASSPHRASE, Refusal, refused, ulid


# ---- asking for the passphrase ----

def dangerous_verbs_ask_for_the_passphrase():
    vault, owner, words = fresh()
    for method, params in (
            ('key.add', {'type': 'recovery'}), ('key.remove', {'slot': 2}),
            ('key.rotate', {}), ('vault.confirm', {'what': 'rollback'})):
        no = refused(owner.change, method, **params)
        assert (no.code, no.reason) == (7, 'reauth'), no
    no = refused(owner.change, 'key.remove', passphrase='wrong', slot=2)
    assert (no.code, no.reason) == (7, 'reauth'), no
    # What is wrong with the others is told first.
    assert refused(owner.change, 'key.add', type='door').reason == 'params'
    assert refused(owner.change, 'key.add', type='recovery',
                   what=1).reason == 'params'
    assert refused(owner.change, 'key.remove', slot=8).reason == 'params'
    # A key file proves nothing, the words do.
    assert refused(owner.change, 'key.add', type='recovery',
                   passphrase=key_of(vault)).reason == 'reauth'
    assert prove(owner, 'key.add', type='recovery',
                 passphrase=words)['slot'] == 3
    assert 'wrong' not in vault.said() and PASSPHRASE not in vault.said()
    vault.stop()


# ---- adding, replacing, removing ----

def a_passphrase_is_changed():
    vault, owner, _ = fresh()
    before = files(vault)['header.1']
    assert types(owner) == ['passphrase', 'recovery', 'credential']
    done = prove(owner, 'key.add', type='passphrase', new_passphrase=OTHER,
                 replace=0)
    assert done == {'slot': 0, 'type': 'passphrase', 'words': None}, done
    assert types(owner) == ['passphrase', 'recovery', 'credential']
    nowhere(vault, sealed(before, 0))
    assert not opens(vault, owner, passphrase=PASSPHRASE)
    assert opens(vault, owner, passphrase=OTHER)
    assert refused(prove, owner, 'key.remove', slot=2).reason == 'reauth'
    vault.restart(unlock=None)
    owner = vault.owner()
    assert refused(owner.call, 'vault.unlock',
                   passphrase=PASSPHRASE).reason == 'reauth'
    owner.call('vault.unlock', passphrase=OTHER)
    said = [e['detail'] for e in owner.call('audit.list')['entries']
            if e['type'] == 'key']
    assert len(said) == 1 and '"event":"replace"' in said[0], said
    vault.stop()
    vault.check()


def a_passphrase_that_went_meanwhile_changes_nothing():
    vault, owner, _ = fresh()
    other = vault.owner()
    first = owner.send('key.add', idem=ulid(), passphrase=PASSPHRASE,
                       type='passphrase', new_passphrase=OTHER, replace=0)
    second = other.send('key.add', idem=ulid(), passphrase=PASSPHRASE,
                        type='recovery')
    # Whichever came first: it was tried while the other was done.
    said = []
    for client, number in ((owner, first), (other, second)):
        try:
            said.append(client.answer(number)['type'])
        except Refusal as no:
            said.append(no.reason)
    assert sorted(said) in (['conflict', 'passphrase'],
                            ['passphrase', 'reauth'],
                            ['conflict', 'recovery']), said
    vault.stop()


def words_are_shown_once_and_open_it():
    vault, owner, first = fresh()
    number = ulid()
    done = owner.call('key.add', idem=number, passphrase=PASSPHRASE,
                      type='recovery')
    assert done['slot'] == 3 and len(done['words'].split()) == 24, done
    # Repeated it gives the first answer, less the words, and adds nothing.
    again = owner.call('key.add', idem=number, passphrase=PASSPHRASE,
                       type='recovery')
    assert again == {'slot': 3, 'type': 'recovery', 'words': None}, again
    assert len(types(owner)) == 4
    assert opens(vault, owner, recovery=done['words'])
    assert opens(vault, owner, recovery=first)
    assert prove(owner, 'key.remove', slot=1) == {'slot': 1}
    assert not opens(vault, owner, recovery=first)
    assert opens(vault, owner, recovery=done['words'])
    vault.stop()
    vault.check()


def a_removed_slot_is_gone_from_the_disk():
    vault, owner, first = fresh()
    before = files(vault)['header.1']
    prove(owner, 'key.remove', slot=1)
    prove(owner, 'key.remove', slot=2)
    nowhere(vault, sealed(before, 1), sealed(before, 2))
    assert types(owner) == ['passphrase']
    no = refused(prove, owner, 'key.remove', slot=0)
    assert no.reason == 'conflict' and 'last' in no.message, no
    no = refused(prove, owner, 'key.remove', slot=5)
    assert no.data['detail'] == 'not_found', no
    names = sorted(n for n in files(vault) if n.startswith(
        ('header', 'erase', 'keyring')))
    assert names == ['erase.1', 'header.1', 'keyring.1'], names
    vault.stop()


def all_slots_may_be_taken_but_no_more():
    vault, owner, _ = fresh()
    for slot in range(3, 8):
        assert prove(owner, 'key.add', type='recovery')['slot'] == slot
    no = refused(prove, owner, 'key.add', type='recovery')
    assert no.reason == 'conflict' and '8 slots' in no.message, no
    assert prove(owner, 'key.add', type='recovery', replace=7)['slot'] == 7
    no = refused(prove, owner, 'key.add', type='credential', new_key='AAAA')
    assert no.reason == 'params', no
    vault.stop()


# ---- vaultctl ----

def the_commands_do_it():
    vault, owner, _ = fresh()
    out, _ = ends(vault, 'key', 'list')
    assert [line.split()[1] for line in out.splitlines()[1:]] == [
        'passphrase', 'recovery', 'credential'], out
    _, err = ends(vault, 'key', 'add', 'recovery', code=2)
    assert '--passphrase-file' in err, err
    proof = ('--passphrase-file', vault.path('pass'))
    out, err = ends(vault, 'key', 'add', 'recovery', *proof)
    assert len(out.split()) == 26 and 'once' in err, (out, err)
    new = vault.write('new', OTHER + '\n')
    ends(vault, 'key', 'add', 'passphrase', '--replace', '0',
         '--new-passphrase-file', new, *proof)
    assert opens(vault, owner, passphrase=OTHER)
    _, err = ends(vault, 'key', 'remove', '1', '--yes', *proof, code=4)
    assert 'opens no slot' in err, err
    proof = ('--passphrase-file', new)
    ends(vault, 'key', 'remove', '1', '--yes', *proof)
    _, err = ends(vault, 'key', 'remove', '1', '--yes', *proof, code=3)
    _, err = ends(vault, 'key', 'add', 'door', *proof, code=2)
    # A key file is made, and read the next time.
    out, err = ends(vault, 'key', 'add', 'credential', '--key-file',
                    vault.path('stick'), *proof)
    assert 'whoever takes the disk has the data' in err, err
    assert stat.S_IMODE(os.stat(vault.path('stick')).st_mode) == 0o400
    assert len(key_of(vault, 'stick')) == 44
    assert opens(vault, owner, key=key_of(vault, 'stick'))
    ends(vault, 'key', 'add', 'credential', '--key-file', vault.path('no'),
         '--passphrase-file', vault.path('pass'), code=4)
    assert not os.path.exists(vault.path('no'))
    # One that was there stays, and so does one that may have been taken.
    ends(vault, 'key', 'add', 'credential', '--key-file', vault.path('stick'),
         '--passphrase-file', vault.path('pass'), code=4)
    assert len(key_of(vault, 'stick')) == 44
    whole, vault.socket = vault.socket, hanging_up(vault)
    _, err = ends(vault, 'key', 'add', 'credential', '--key-file',
                  vault.path('maybe'), *proof, code=7)
    vault.socket = whole
    assert 'may have taken the key' in err, err
    assert len(key_of(vault, 'maybe')) == 44
    out, err = ends(vault, 'key', 'rotate', '--yes', '--key-file',
                    vault.path('stick'), *proof)
    assert len(out.split()) == 28 and 'once' in err, (out, err)
    assert not opens_file(vault, 'key')
    assert opens_file(vault, 'stick')


def hanging_up(vault):
    """A way to the vault that brings one call there, and no answer back."""
    path, whole = vault.path('deaf'), vault.socket
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1)

    def serve():
        near, _ = listener.accept()
        far = socket.socket(socket.AF_UNIX)
        far.connect(whole)
        for one, other in ((near, far), (far, near), (near, far)):
            other.sendall(one.recv(65536))
        near.close()

    threading.Thread(target=serve, daemon=True).start()
    return path


def opens_file(vault, name):
    """Does vaultd start unattended by this file?"""
    vault.stop()
    code, _, _ = vault.command('check', '--dir', vault.dir, '--unlock-file',
                               vault.path(name))
    assert code in (0, 5), code
    vault.start(unlock=name if code == 0 else None)
    return code == 0


ws.run([dangerous_verbs_ask_for_the_passphrase, a_passphrase_is_changed,
        a_passphrase_that_went_meanwhile_changes_nothing,
        words_are_shown_once_and_open_it,
        a_removed_slot_is_gone_from_the_disk,
        all_slots_may_be_taken_but_no_more, the_commands_do_it])
