"""What a person types at vaultctl: passphrases, twice where they are new, and
the word that destroys."""
import ws
from slots import OTHER, ends, fresh, types
from typist import program_at, types_at
from vault import PASSPHRASE


NEW, AGAIN, PROOF = (b'the new passphrase: ', b'again: ',
                     b"the vault's passphrase: ")


def a_new_passphrase_is_typed_twice():
    vault, owner, _ = fresh()
    code, shown = types_at(vault, 'key', 'add', 'passphrase',
                           answers=[(NEW, OTHER), (AGAIN, OTHER + 'r')])
    assert code == 1 and 'not the same' in shown, (code, shown)
    assert len(types(owner)) == 3
    code, shown = types_at(vault, 'key', 'add', 'passphrase',
                           answers=[(NEW, OTHER), (AGAIN, OTHER),
                                    (PROOF, PASSPHRASE)])
    assert code == 0 and 'slot 3' in shown, (code, shown)
    assert OTHER not in shown and PASSPHRASE not in shown, shown
    owner.call('vault.lock')
    assert owner.call('vault.unlock', passphrase=OTHER)
    vault.stop()


def the_word_that_destroys_is_typed():
    vault, owner, _ = fresh()
    word = b'to destroy its keys: '
    code, shown = types_at(vault, 'panic', answers=[(word, 'yes')])
    assert code == 1 and 'nothing was done' in shown, (code, shown)
    assert owner.call('vault.status')['state'] == 'unlocked'
    code, shown = types_at(vault, 'panic', answers=[(word, 'destroy'),
                                                    (PROOF, PASSPHRASE)])
    assert code == 0 and 'destroyed' in shown, (code, shown)
    assert owner.call('vault.status')['state'] == 'locked'
    vault.stop()


LEFT = 'Without it slot 0, a passphrase, is all that opens the vault'


def the_last_but_one_that_opens_it_goes_with_a_warning():
    vault, owner, _ = fresh()
    proof = ('--passphrase-file', vault.path('pass'))
    # Of three one may go.
    shown = types_at(vault, 'key', 'remove', '2',
                     answers=[(b'no more? [y/N] ', 'n')])
    assert shown[0] == 1 and LEFT not in shown[1], shown
    _, err = ends(vault, 'key', 'remove', '2', '--yes', *proof)
    assert err == '', err
    code, shown = types_at(vault, 'key', 'remove', '1',
                           answers=[(b'no more? [y/N] ', 'n')])
    assert code == 1 and LEFT in shown and 'nothing was done' in shown, shown
    _, err = ends(vault, 'key', 'remove', '1', *proof, code=2)
    assert LEFT in err and '--yes' in err and err.count('\n') == 1, err
    assert types(owner) == ['passphrase', 'recovery']
    out, err = ends(vault, 'key', 'remove', '1', '--yes', *proof)
    assert LEFT in err and 'removed' in out, (out, err)
    assert types(owner) == ['passphrase']
    vault.stop()
    what_does_not_open_it_is_told_in_words(vault)


def what_does_not_open_it_is_told_in_words(vault):
    check = ('check', '--dir', vault.dir)
    for secret in ('wrong', 'x' * 32):  # a passphrase, a key
        path = vault.write('other', secret)
        code, out, err = vault.command(*check, '--unlock-file', path)
        assert (code, out, err.count('\n')) == (5, '', 1), (code, out, err)
        assert path + ' does not open this vault: it is neither a ' \
            'passphrase of it, nor its 24 words, nor one of its key files' \
            in err, err
    code, shown = program_at('vaultd', *check,
                             answers=[(b'Passphrase: ', 'wrong')])
    assert code == 5 and 'what was typed does not open this vault' in shown, (
        code, shown)
    assert 'wrong' not in shown, shown


ws.run([a_new_passphrase_is_typed_twice, the_word_that_destroys_is_typed,
        the_last_but_one_that_opens_it_goes_with_a_warning])
