"""Sources with a key of their own: enrolled once by their token, proved in
every handshake after it, and able to append to their streams and nothing
else."""
import hashlib
import hmac
import os
import struct
import time

import ws
from device import push, request
from door import Person, Scene, Talk, is_refused, spending, unbase32
from peek import is_shadowed
from vault import FINAL, PASSPHRASE, Client, Refusal, ulid
from ws import Closed, run
import block  # where vault.py says

NOW = int(time.time())
SOURCE = 2

scene = Scene()
owner = scene.owner
owner.create('home/meter', 'energy.electricity', value='f64')
owner.create('other/meter', 'energy.electricity', value='f64')


def add(name, **more):
    return owner.change('source.add', name=name, streams=['home/**'],
                        **more)['token']


TOKEN = add('meter', way='key')
meter = Person()


def showing(token, pk=None, th=None):
    """Enrolment data by a token; other values than the session's where they
    are given."""
    ident, secret = (unbase32(part) for part in token[4:].split('.'))

    def data(its_th, its_pk):
        return ident + hmac.new(secret, b'vd1 source use\0' + (th or its_th)
                                + (pk or its_pk), hashlib.sha256).digest()
    return data


def come(person, **m3):
    """(the source's session, M4)"""
    talk = Talk(scene.place)
    talk.challenged()
    _, m4 = talk.ready(person, role=SOURCE, **m3)
    return Client(talk.wire), m4


def rows(first, number=1):
    return [{'stream': 'home/meter', 'rows': [
        [(NOW - 3600 + first + i) * 10**9, first + i] for i in range(number)]}]


def values():
    return [row[1] for row in owner.query('home/meter').rows]


def a_token_lets_a_key_in_and_no_other_after_it():
    thief = Person()
    other = add('other')
    wrong = TOKEN[:-1] + ('a' if TOKEN[-1] != 'a' else 'q')
    strange = 'vt1:' + 'a' * 13 + TOKEN[17:]
    for says, person, m3 in (
            ('another secret', thief, {'data': showing(wrong)}),
            ('an unknown id', thief, {'data': showing(strange)}),
            ("another source's secret", thief,
             {'data': lambda th, pk: showing(TOKEN)(th, pk)[:8]
              + showing(other)(th, pk)[8:]}),
            ("another's key", thief, {'data': showing(TOKEN, pk=meter.pk)}),
            ('another session', thief,
             {'data': showing(TOKEN, th=os.urandom(32))}),
            ('no token', thief, {'data': b'', 'enrol': 0}),
            ("a firm's key", scene.known, {'data': showing(TOKEN)})):
        is_refused(scene.knock(person, **{'role': SOURCE, 'enrol': 1, **m3}),
                   says)
    name, invitation = scene.invite()
    is_refused(scene.knock(thief, role=SOURCE, enrol=1,
                           data=spending(invitation)), name)
    session, m4 = come(meter, enrol=1, data=showing(TOKEN))
    assert m4[26:] == bytes(112), m4
    told = session.call('session.info')
    session.close()
    assert (told['role'], told['name'], told['head']) == (
        'source', 'meter', None), told
    assert told['id'].startswith('vs1:'), told
    is_refused(scene.knock(thief, role=SOURCE, enrol=1, data=showing(TOKEN)))
    is_refused(scene.knock(meter, role=SOURCE, enrol=1, data=showing(other)))
    is_refused(scene.knock(meter))  # as a firm
    come(meter)[0].close()


def the_token_is_of_no_use_elsewhere():
    http = owner.call('vault.status')['http']
    word = 'Authorization: Token %s\r\n' % TOKEN
    assert push(http, request(b'x v=1', fields=word))[0] == 403
    lines = add('lines')
    word = word.replace(TOKEN, lines)
    assert push(http, request(b'meter value=1 1', fields=word))[0] == 400
    is_refused(scene.knock(Person(), role=SOURCE, enrol=1,
                           data=showing(lines)))


def what_it_appends_is_stored_once():
    session, _ = come(meter)
    first = {'seq': 7, 'boot': '00f1c2d3e4a5b697', 'streams': rows(1, 2)}
    told = session.call('data.append', **first)
    assert (told['accepted'], told['duplicate']) == (2, False), told
    assert session.call('data.append', **first)['duplicate']
    session.send('data.append', seq=8, boot=first['boot'], streams=rows(3))
    session.close()  # it hears no answer
    session, _ = come(meter)
    session.call('data.append', seq=8, boot=first['boot'], streams=rows(3))
    session.close()
    assert values() == [1, 2, 3], values()


def a_counter_that_begins_again_without_a_boot_is_told():
    """Its numbers were those of other rows: none is taken for done."""
    session, _ = come(meter)
    session.call('data.append', seq=1000, streams=rows(6))
    for seq in (1, 935):
        try:
            session.call('data.append', seq=seq, streams=rows(7))
            raise AssertionError(seq)
        except Refusal as refusal:
            assert refusal.reason == 'conflict', refusal
            assert 'another boot' in str(refusal), refusal
    told = session.call('data.append', seq=1, boot='0123456789abcdef',
                        streams=rows(7))
    assert told['accepted'] == 1, told
    assert session.call('data.append', seq=1000, streams=rows(6))['duplicate']
    session.close()
    assert values() == [1, 2, 3, 6, 7], values()


def it_may_do_nothing_else():
    session, _ = come(meter)
    told = []
    for stream in ('other/meter', 'other/none', 'quarantine/meter',
                   'home/none'):
        try:
            session.call('data.append', seq=90, streams=[
                {'stream': stream, 'rows': [[NOW * 10**9, 1]]}])
        except Refusal as refusal:
            told.append((refusal.reason, str(refusal)))
    assert len(told) == 4 and len(set(told)) == 1, told
    assert told[0][0] == 'denied', told
    for method, params in (('data.query', {'streams': ['**']}),
                           ('source.list', {}), ('stream.list', {}),
                           ('vault.lock', {}), ('audit.head', {})):
        try:
            session.call(method, **params)
            raise AssertionError(method)
        except Refusal as refusal:
            assert refusal.reason == 'method', (method, refusal)
    for params in ({'streams': rows(4)},
                   {'seq': 91, 'streams': [
                       {'stream': 'home/meter', 'rows': [[0, 1]]}]}):
        try:
            session.call('data.append', **params)
            raise AssertionError(params)
        except Refusal as refusal:
            assert refusal.reason == 'params', refusal
    session.close()
    assert values() == [1, 2, 3, 6, 7]


def push_block(session, seq, data, stream):
    number = session.send('data.append', seq=seq, block=stream)
    session.wire.send(ws.frame(ws.BINARY, struct.pack(
        '<BBHIQQ', 1, 1, FINAL, 0, number, 1) + data))
    return session.answer(number)


def it_is_told_the_form_of_its_streams_alone():
    session, _ = come(meter)
    shown = session.call('stream.show', name='home/meter')
    assert set(shown) == {'stream'}, shown
    assert set(shown['stream']) == {'name', 'id', 'columns', 'unit',
                                    'category'}, shown
    assert [c['name'] for c in shown['stream']['columns']] == ['value'], shown
    told = []
    for stream in ('other/meter', 'other/none', 'home/none'):
        try:
            session.call('stream.show', name=stream)
        except Refusal as refusal:
            told.append((refusal.reason, refusal.message))
    session.close()
    assert len(told) == 3 and len(set(told)) == 1, told
    assert told[0][0] == 'denied', told


def what_it_packs_into_a_block_is_known_alike():
    data = block.encode({0: block.F64}, [
        ((NOW - 7200 + i) * 10**9, {0: block.bits_of(100.0 + i)})
        for i in range(50)], lambda these: these[0])
    session, _ = come(meter)
    told = push_block(session, 1001, data, 'home/meter')
    assert told['accepted'] == 50, told
    assert push_block(session, 1001, data, 'home/meter')['duplicate']
    try:
        push_block(session, 1002, data, 'other/meter')
        raise AssertionError('another stream')
    except Refusal as refusal:
        assert refusal.reason == 'denied', refusal
    session.close()
    assert len(values()) == 55


def again(*options, **how):
    global owner
    owner.close()
    scene.vault.start(*options, **how)
    owner = scene.owner = scene.vault.owner()
    scene.place = type(scene.place)(owner)


def its_day_is_bounded():
    owner.create('home/words', 'unsorted', words='text')
    owner.close()
    scene.vault.stop()
    again('--config', scene.vault.write('conf', 'source_daily: 1MiB\n'))
    session, _ = come(meter)
    told = []
    for seq in range(2000, 2008):
        text = b'%d' % seq * 50000
        try:
            push_block(session, seq, block.encode(
                {0: block.TEXT}, [(NOW * 10**9, {0: text})],
                lambda these: these[0]), 'home/words')
            told.append('taken')
        except Refusal as refusal:
            assert refusal.data['retry_after_ms'] > 0, refusal
            told.append(refusal.reason)
    session.close()
    assert told == ['taken'] * told.count('taken') + ['rate'] * told.count(
        'rate') and told.count('rate') >= 1, told
    assert len(owner.query('home/words').rows) == told.count('taken')


def a_kill_forgets_nothing():
    scene.vault.kill()
    again()
    session, _ = come(meter)
    first = {'seq': 8, 'boot': '00f1c2d3e4a5b697', 'streams': rows(3)}
    assert session.call('data.append', **first)['duplicate']
    session.call('data.append', seq=9, boot=first['boot'], streams=rows(5))
    session.close()
    assert [v for v in values() if v < 100] == [1, 2, 3, 5, 6, 7], values()


def the_list_says_so():
    listed = {s['name']: s for s in owner.call('source.list')['sources']}
    told = listed['meter']
    assert (told['way'], told['over'], told['state'], told['rows']) == (
        'key', ['tls'], 'active', 56), told
    assert told['id'].startswith('vs1:') and listed['other']['id'] is None
    assert any('"event":"source"' in (e['detail'] or '').replace(' ', '')
               for e in owner.call('audit.list', types=['run'],
                                   limit=1000)['entries'])


def locking_ends_its_session():
    session, _ = come(meter)
    owner.call('vault.lock')
    try:
        while True:
            session.call('session.info')
    except (Closed, ConnectionError):
        session.close()
    owner.call('vault.unlock', passphrase=PASSPHRASE)
    come(meter)[0].close()


def is_taken_behind(held, seq, method, **params):
    """Is a row stored that came behind such a change, while the disk hangs at
    the commit before both?"""
    session, _ = come(meter)
    first = scene.vault.owner()
    scene.vault.write('held', '')
    first.send('stream.create', idem=ulid(), name='held/%d' % seq,
               category='unsorted', columns=[{'name': 'value', 'type': 'f64'}])
    first.call('vault.status')
    change = owner.send(method, idem=ulid(), source='meter', **params)
    owner.call('vault.status')
    row = session.send('data.append', seq=seq, streams=[
        {'stream': 'home/meter', 'rows': [[NOW * 10**9, seq]]}])
    told = session.send('session.info')
    try:
        session.answer(told)
        os.unlink(held)
        session.answer(row)
    except Refusal as refusal:
        assert refusal.reason == 'denied', refusal
    except (Closed, ConnectionError):
        pass
    session.close()
    owner.answer(change)
    first.close()
    return seq in values()


def what_changed_in_a_turn_holds_for_what_follows_in_it():
    taken = []
    scene.vault.stop()
    held = scene.vault.path('held')
    again(env={'STUCK_SYNCING': held, 'LD_PRELOAD': os.path.join(
        os.path.dirname(scene.vault.program), 'stuck.so')})
    for seq, (method, params, back) in enumerate((
            ('source.set', {'streams': ['yard/**']}, {'streams': ['home/**']}),
            ('source.block', {}, {'blocked': False}),
            ('source.token', {}, None)), 3000):
        if is_taken_behind(held, seq, method, **params):
            taken.append(method)
        if back:
            owner.change('source.set', source='meter', **back)
    assert not taken, taken


def all_ends():
    scene.end()


run([a_token_lets_a_key_in_and_no_other_after_it,
     the_token_is_of_no_use_elsewhere, what_it_appends_is_stored_once,
     a_counter_that_begins_again_without_a_boot_is_told,
     it_may_do_nothing_else, it_is_told_the_form_of_its_streams_alone,
     what_it_packs_into_a_block_is_known_alike,
     a_kill_forgets_nothing, the_list_says_so, its_day_is_bounded,
     locking_ends_its_session,
     # Nothing can be preloaded into a sanitizer's.
     *([] if is_shadowed(scene.vault.program)
       else [what_changed_in_a_turn_holds_for_what_follows_in_it]), all_ends])
