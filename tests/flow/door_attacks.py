"""Attacks on the door of a whole vaultd: somebody in between, what was
recorded, what was changed, frames out of turn, other TLS, web pages.
tests/cases/door/attacks.tsv says which test shows what."""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import tls13
import ws
from door import (CONTEXT, HERE, MALFORMED, REFUSED, Hand, Person, Proxy,
                  Recorded, Scene, Stand, Talk, accept_upgrade, fresh_address,
                  is_refused, masked, spending, text_of, unmasked)
from frames import table

scene = Scene()
place, known, other = scene.place, scene.known, Person()


def firm(*args):
    """(exit code, stderr) of vaultfirm."""
    done = subprocess.run(
        [os.path.join(sys.argv[1], 'vaultfirm'), *args], capture_output=True,
        timeout=ws.GUARD, stdin=subprocess.DEVNULL,
        env={**os.environ, 'VAULTFIRM_IDENTITY': scene.vault.path('firm')})
    return done.returncode, done.stderr.decode()


def comes_to(stand, vault_id, token=bytes(16)):
    """What vaultfirm ends with where this stands in a vault's place."""
    got = firm('enrol', 'vault://%s:%d/%s#%s' % (
        HERE, stand.port, text_of(vault_id), text_of(token)))
    stand.wait()
    return got


def each(tried, cases):
    """Several at a time: most of it is waiting."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tried, cases))


# ---- somebody in between ----

def a_proxy_that_ends_tls_is_found_by_the_firm():
    assert firm('init', 'honest')[0] == 0
    _, token = scene.invite()
    proxy = Proxy(place)
    code, err = comes_to(proxy, place.id, token)
    assert code == 1 and 'somebody stands between' in err, (code, err)
    wire = Recorded(proxy.up.partition(b'\r\n\r\n')[2])
    opcode, m1 = masked(wire)
    assert opcode == ws.BINARY and m1[:1] == b'\x01', m1
    assert len(wire.left) < 100, 'more than a HELLO went to the proxy'
    scene.spend(Person(), token)  # it is open still


def a_proxy_that_ends_tls_is_found_by_the_vault():
    """The same to a client that does not look at the vault's signature."""
    proxy = Proxy(place)
    talk = Talk(place, at=(HERE, proxy.port))
    talk.challenged()
    is_refused(talk.told(talk.hand.m3(known)))
    proxy.wait()


def a_recorded_challenge_is_found_by_the_firm():
    recorded = Talk(place)
    m2 = recorded.challenged()
    recorded.wire.close()

    def serve(stream):
        wire = accept_upgrade(stream)
        masked(wire)
        wire.send(unmasked(m2))
        wire.rest()

    code, err = comes_to(Stand(serve), place.id)
    assert code == 1 and 'somebody stands between' in err, (code, err)


def recorded_messages_are_of_no_use_in_another_session():
    once = Talk(place)
    m1 = once.hand.add(once.hand.m1())
    once.say(m1)
    once.hand.add(once.wire.frame()[1])
    m3, _ = once.ready(known)
    for same in (True, False):
        again = Talk(place)
        if same:
            again.say(m1)
            again.wire.frame()
        else:
            again.challenged()
        is_refused(again.told(m3))
    once.wire.close()
    is_refused(scene.knock(known, sign=lambda _: m3[-64:]))


def a_challenge_that_is_passed_on_is_of_no_use():
    """Three parties: the firm wants the vault of a thief, who passes the
    firm's AUTH on to another vault, under that vault's nonce."""
    thief, passed = Person(), {}

    def serve(stream):
        wire = accept_upgrade(stream)
        hand = Hand(thief.vault_id, stream.exporter())
        hand.add(masked(wire)[1])
        talk = Talk(place)
        m2 = talk.challenged()
        wire.send(unmasked(hand.m2(thief, nonce=m2[34:66])))
        passed['m3'] = masked(wire)[1]
        passed['told'] = talk.told(passed['m3'])
        wire.send(unmasked(passed['told'][0][1]))

    comes_to(Stand(serve), thief.vault_id)
    assert len(passed['m3']) == 103 + 40 and passed['m3'][34] == 1
    is_refused(passed['told'])


def another_vaults_challenge_is_found_by_the_firm():
    def serve(stream):
        wire = accept_upgrade(stream)
        masked(wire)
        talk = Talk(place)
        wire.send(unmasked(talk.challenged()))
        talk.wire.close()
        wire.rest()

    code, err = comes_to(Stand(serve), Person().vault_id)
    assert code == 1 and 'but vd1:' in err, (code, err)


# ---- what is signed over ----

def versions_and_binding_are_signed_over():
    for says, how, hello in (
            ('binding 0', {'binding': 0}, {}),
            ('binding 2', {'binding': 2}, {}),
            ('the vault dialled', {'dialled': 1}, {}),
            ('a version was taken out', {},
             {'signed': lambda m: b'\x01\x02\x01\x02' + m[3:]}),
            ('a version was put in', {},
             {'versions': b'\x01\x02',
              'signed': lambda m: b'\x01\x01\x01' + m[4:]}),
            ('another nonce', {},
             {'signed': lambda m: m[:-1] + bytes([m[-1] ^ 1])}),
            ('another vault', {},
             {'signed': lambda m: m[:3] + other.vault_id + m[35:]})):
        talk = Talk(place, **how)
        talk.challenged(**hello)
        is_refused(talk.told(talk.hand.m3(known)), says)


def every_byte_of_hello_counts():
    """What was signed is another HELLO than the vault has seen; or it is none,
    or for another vault."""
    def tried(at):
        talk = Talk(place)
        m1 = talk.hand.add(talk.hand.m1())
        changed = bytearray(m1)
        changed[at] ^= 0x81
        talk.say(bytes(changed))
        if at < 35:
            told = talk.told()
            assert told in ([], [(ws.CLOSE, b'\x03\xf0no HELLO')]), (at, told)
        else:
            talk.hand.add(talk.wire.frame()[1])
            is_refused(talk.told(talk.hand.m3(known)), at)

    each(tried, range(67))


def every_byte_of_the_challenge_is_signed_over():
    def tried(at):
        talk = Talk(place)
        m1 = talk.hand.add(talk.hand.m1())
        talk.say(m1)
        m2 = bytearray(talk.wire.frame()[1])
        m2[at] ^= 1
        talk.hand.add(bytes(m2))
        is_refused(talk.told(talk.hand.m3(known)), at)

    each(tried, (0, 1, 2, 33, 34, 65, 66, 70, 74, 77, 78, 141))


def every_byte_of_auth_counts():
    form = (0, 1, 34, 35, 36, 37, 38)  # what is no AUTH whoever signed it

    def tried(at):
        talk = Talk(place)
        talk.challenged()
        m3 = bytearray(talk.hand.m3(known))
        m3[at] ^= 0x81
        told = talk.told(bytes(m3))
        assert told == (MALFORMED if at in form else REFUSED), (at, told)

    each(tried, range(103))


# ---- frames ----

def frames_put_in_left_out_or_turned_round_are_refused():
    def tried(order):
        talk = Talk(place)
        if order[0] == 'hello':
            talk.challenged()
            order = order[1:]
        frames = {'hello': ws.frame(ws.BINARY, talk.hand.m1()),
                  'auth': ws.frame(ws.BINARY, talk.hand.m3(known)),
                  'text': ws.frame(ws.TEXT, '{}'),
                  'empty': ws.frame(ws.BINARY)}
        talk.wire.send(b''.join(frames[word] for word in order))
        told = talk.told()
        if order[0] == 'hello':  # its challenge, unless the end overtook it
            told = [each for each in told if each[1][:1] != b'\x02']
        assert told and told[-1][1][:2] == b'\x03\xf0', (order, told)
        assert told[:-1] in ([], REFUSED[:1]), (order, told)

    each(tried, (
        ['auth'], ['auth', 'hello'], ['auth', 'auth'], ['empty'],
        ['empty', 'hello'], ['text', 'hello'], ['hello', 'hello'],
        ['hello', 'hello', 'auth'], ['hello', 'empty'],
        ['hello', 'empty', 'auth'], ['hello', 'text'],
        ['hello', 'text', 'auth'], ['hello', 'auth', 'auth'],
        ['hello', 'auth', 'hello'], ['hello', 'auth', 'empty'],
        ['hello', 'auth', 'text']))


def a_message_cut_anywhere_is_refused():
    def hello(size):
        talk = Talk(place)
        told = talk.told((talk.hand.m1() + b'\0')[:size])
        assert told == [(ws.CLOSE, b'\x03\xf0no HELLO')], (size, told)

    def auth(size):
        talk = Talk(place)
        talk.challenged()
        told = talk.told((talk.hand.m3(known) + b'\0')[:size])
        assert told == MALFORMED, (size, told)

    each(hello, [*range(0, 67, 3), 66, 68])
    each(auth, [*range(0, 103, 3), 101, 104])


# ---- TLS and the web ----

def early_data_tickets_and_older_tls_are_off():
    talk = Talk(place)
    talk.challenged()
    talk.ready(known)
    assert talk.tls.version() == 'TLSv1.3'
    lib, session = tls13.lib, tls13.lib.SSL_get1_session(talk.tls.ssl)
    assert lib.SSL_SESSION_is_resumable(session) == 0
    assert lib.SSL_SESSION_has_ticket(session) == 0
    assert lib.SSL_SESSION_get_max_early_data(session) == 0
    talk.wire.close()
    again = tls13.dial(place.at, CONTEXT, fresh_address(), session)
    assert lib.SSL_session_reused(again.ssl) == 0
    assert again.exporter() != talk.ekm
    again.close()
    try:
        tls13.dial(place.at, tls13.client_context(tls13.TLS_1_2),
                   fresh_address())
    except tls13.Broken as broken:
        assert broken.reason == 1070, broken  # alert 70
    else:
        raise AssertionError('TLS 1.2 is spoken')


def a_web_page_or_a_rebound_name_opens_no_socket():
    for how in ({'extra': 'Origin: https://evil.example\r\n'},
                {'extra': 'Origin: null\r\n'}, {'host': 'evil.example'},
                {'protocol': None}, {'protocol': 'chat'}):
        for wire in (scene.vault.owner_wire(),
                     ws.Wire(tls13.dial(place.at, CONTEXT, fresh_address()))):
            wire.send(ws.upgrade(**{'host': 'localhost', **how}))
            status, _, body = wire.answer()
            assert status == (400 if 'protocol' in how else 403), (how, body)
            wire.close()


def the_vault_is_whole_after_all_this():
    scene.end()


def every_attack_has_its_test():
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
    for attack, _, where, tests in table('attacks.tsv', 4):
        for path, name in zip(where.split(), tests.split(), strict=True):
            with open(os.path.join(here, path), encoding='utf-8') as file:
                assert name in file.read(), (attack, path, name)


ws.run([a_proxy_that_ends_tls_is_found_by_the_firm,
        a_proxy_that_ends_tls_is_found_by_the_vault,
        a_recorded_challenge_is_found_by_the_firm,
        recorded_messages_are_of_no_use_in_another_session,
        a_challenge_that_is_passed_on_is_of_no_use,
        another_vaults_challenge_is_found_by_the_firm,
        versions_and_binding_are_signed_over, every_byte_of_hello_counts,
        every_byte_of_the_challenge_is_signed_over, every_byte_of_auth_counts,
        frames_put_in_left_out_or_turned_round_are_refused,
        a_message_cut_anywhere_is_refused,
        early_data_tickets_and_older_tls_are_off,
        a_web_page_or_a_rebound_name_opens_no_socket,
        the_vault_is_whole_after_all_this, every_attack_has_its_test])
