"""Who comes to the door without being known: other keys, other signatures,
invitations that are not theirs.  All are told the same."""
import json
import os

import ws
from door import (CLIENT_AUTH, REFUSED, SERVER_AUTH, SPACES, Person, Scene,
                  Talk, is_refused, spending)
from vault import refused

scene = Scene()
known, other = scene.known, Person()
knock = scene.knock
# Points of small order, and one that is not reduced.
SMALL = [bytes.fromhex(text) for text in (
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')]
ORDER = 2**252 + 27742317777372353535851937790883648493


# ---- keys and signatures ----

def a_key_comes_under_one_name_alone():
    _, token = scene.invite()
    is_refused(knock(known, enrol=1, data=spending(token)))
    scene.spend(Person(), token)  # it is open still


def a_key_that_is_not_held_is_not_taken():
    _, token = scene.invite()
    for pk in (known.pk, Person().pk):
        is_refused(knock(other, pk=pk))
        is_refused(knock(other, pk=pk, enrol=1, data=spending(token)))
    scene.session(known).close()
    scene.spend(Person(), token)


def keys_of_small_order_are_refused():
    for pk in SMALL:
        for signature in (pk + bytes(32), SMALL[0] + bytes(32), bytes(64)):
            is_refused(knock(other, pk=pk, sign=lambda _: signature), pk)


def a_signature_has_one_form():
    def malleable(text):
        whole = known.sign(text)
        s = int.from_bytes(whole[32:], 'little') + ORDER
        return whole[:32] + s.to_bytes(32, 'little')

    def flipped(bit):
        return lambda text: (int.from_bytes(known.sign(text), 'little')
                             ^ 1 << bit).to_bytes(64, 'little')

    is_refused(knock(known, sign=malleable))
    for bit in (0, 255, 256, 511):
        is_refused(knock(known, sign=flipped(bit)), bit)


def a_signature_for_something_else_is_refused():
    for says, text in (
            ('no spaces', lambda d: CLIENT_AUTH + d),
            ('63 spaces', lambda d: SPACES[1:] + CLIENT_AUTH + d),
            ('the digest alone', lambda d: d),
            ("the vault's part", lambda d: SPACES + SERVER_AUTH + d),
            ('no zero behind it', lambda d: SPACES + CLIENT_AUTH[:-1] + d),
            ('a head', lambda d: b'vd1 head\0' + d),
            ('a token', lambda d: b'eyJhbGciOiJFZDI1NTE5In0.' + d),
            ('a checkpoint', lambda d: b'vaultd.invalid/' + d + b'\n'),
            ('TLS', lambda d: SPACES
             + b'TLS 1.3, client CertificateVerify\0' + d)):
        is_refused(knock(known, text=text), says)


def the_vaults_own_signature_does_not_come_back():
    talk = Talk(scene.place)
    m2 = talk.challenged()
    is_refused(talk.told(talk.hand.m3(known, pk=m2[2:34],
                                      sign=lambda _: m2[78:])))


# ---- invitations ----

def guessing_an_invitation_gives_nothing():
    _, token = scene.invite()
    right, wrong = spending(token), spending(os.urandom(16))
    for says, data in (
            ('another token', wrong),
            ('its name, another MAC',
             lambda th, pk: right(th, pk)[:8] + wrong(th, pk)[8:]),
            ('its MAC, another name',
             lambda th, pk: wrong(th, pk)[:8] + right(th, pk)[8:]),
            ('a bit of the MAC', lambda th, pk: right(th, pk)[:-1]
             + bytes([right(th, pk)[-1] ^ 1])),
            ('of another session', spending(token, th=bytes(32))),
            ('for another key', spending(token, pk=known.pk)),
            ('zeros', bytes(40))):
        is_refused(knock(Person(), enrol=1, data=data), says)
    scene.spend(Person(), token)
    is_refused(knock(Person(), enrol=1, data=right))


def an_invitation_that_was_taken_shows_another_fingerprint():
    name, token = scene.invite()
    thief, honest = Person(), Person()
    scene.spend(thief, token)
    is_refused(knock(honest, enrol=1, data=spending(token)))
    is_refused(knock(thief))
    got = refused(scene.owner.change, 'firm.confirm', firm=name,
                  fingerprint=honest.fingerprint())
    assert got.reason == 'conflict' and 'do not confirm' in got.message, got
    is_refused(knock(thief))
    scene.block(name)
    is_refused(knock(thief))


# ---- who is enrolled ----

def who_is_enrolled_is_told_to_nobody():
    pending, blocked, spent = Person(), Person(), Person()
    scene.enrol(pending, confirm=False)
    scene.block(scene.enrol(blocked))
    _, token = scene.invite()
    scene.spend(spent, token)
    wrong = {'sign': lambda text: bytes(64)}
    again = {'enrol': 1, 'data': spending(token)}
    for says, person, how in (
            ('nobody', Person(), {}), ('pending', pending, {}),
            ('blocked', blocked, {}), ('just enrolled', spent, {}),
            ('known, a wrong signature', known, wrong),
            ('nobody, a wrong signature', Person(), wrong),
            ('pending, a wrong signature', pending, wrong),
            ('blocked, a wrong signature', blocked, wrong),
            ('known, as a source', known, {'role': 2}),
            ("known, as an owner's device", known, {'role': 3}),
            ('nobody, as a source', Person(), {'role': 2}),
            ("nobody, as an owner's device", Person(), {'role': 3}),
            ('known, an invitation that is spent', known, again),
            ('blocked, an invitation that is spent', blocked, again),
            ('nobody, an invitation that is spent', Person(), again),
            ('nobody, by name', Person(),
             {'enrol': 2, 'data': b'\x04Some\x00'})):
        told = knock(person, **how)
        assert told == REFUSED, (says, told)


def a_name_comes_once_in_what_is_asked():
    """A second one could be read otherwise by another parser."""
    for text in ('{"jsonrpc":"2.0","id":1,"id":2,"method":"session.info"}',
                 '{"jsonrpc":"2.0","id":1,"method":"session.info",'
                 '"method":"vault.lock"}',
                 '{"jsonrpc":"2.0","id":1,"method":"session.info",'
                 '"params":{},"params":{}}'):
        for wire in (scene.vault.owner().wire, scene.session(known)):
            wire.text(text)
            opcode, said = wire.frame()
            assert opcode == ws.TEXT, said
            assert json.loads(said)['error']['code'] == -32700, said
            wire.close()
    assert scene.owner.call('vault.status')['state'] == 'unlocked'


def strangers_are_one_entry_of_the_log():
    """Not one each: the sum is written each minute, and at the end."""
    scene.restart()
    sums = [json.loads(entry['detail']) for entry in scene.owner.call(
        'audit.list', types=['run'])['entries']]
    sums = [each for each in sums if each['event'] == 'strangers']
    assert 1 <= len(sums) <= 3, sums
    assert sum(each['refused'] for each in sums) >= 60, sums


def the_vault_is_whole_after_all_this():
    scene.end()


ws.run([a_key_comes_under_one_name_alone, a_key_that_is_not_held_is_not_taken,
        keys_of_small_order_are_refused, a_signature_has_one_form,
        a_signature_for_something_else_is_refused,
        the_vaults_own_signature_does_not_come_back,
        guessing_an_invitation_gives_nothing,
        an_invitation_that_was_taken_shows_another_fingerprint,
        who_is_enrolled_is_told_to_nobody, a_name_comes_once_in_what_is_asked,
        strangers_are_one_entry_of_the_log, the_vault_is_whole_after_all_this])
