"""Devices that sign and seal what they push: every row once, whatever the
network and the power do, and nothing of whoever has not the secret."""
import gzip
import json
import os
import re
import time

import ws
from ws import run
from device import Device, push, push_tls, request
from vault import PASSPHRASE, Vault

NOW = int(time.time())
KNOWN = b'{"duplicate":true}'

vault = Vault()
owner = vault.owner()
at = 0


def add(name, way, **more):
    return Device(owner.change('source.add', name=name, way=way, auto=True,
                               streams=[name + '/**'], **more)['token'])


meter, seal = add('meter', 'mac'), add('seal', 'sealed')
TOKEN = owner.change('source.add', name='plain', streams=['plain/**'],
                     auto=True)['token']


def connect():
    global owner
    owner = vault.owner()


def http():
    return owner.call('vault.status')['http']


def line(value):
    global at
    at += 1
    return b'air v=%d %d\n' % (value, NOW - 3600 + at)


def values(name):
    return sorted(row[1] for row in owner.query(name + '/air').rows)


def bad_parts():
    return len(owner.query('quarantine/**').rows)


def refused_like_a_stranger(*answers):
    """All of them, byte for byte, but for the date."""
    stranger = push(http(), request(line(0)))
    assert stranger[0] == 401, stranger
    for answer in answers:
        assert answer[0] == 401 and answer[2] == stranger[2], answer


def what_a_device_signs_is_stored():
    assert push(http(), meter.signed(line(1) + line(2)))[0] == 204
    assert push(http(), meter.signed(gzip.compress(line(3))))[0] == 204
    assert push(http(), meter.signed(b'[]', '/collectd'))[0] == 200
    assert push(http(), meter.signed(b''))[0] == 204
    assert values('meter') == [1, 2, 3]


def what_a_device_seals_is_stored():
    assert push(http(), request(seal.sealed(line(1))))[0] == 204
    assert push(http(), request(seal.sealed(gzip.compress(line(2)))))[0] == 204
    assert push_tls(owner.call('vault.status')['listen'],
                    request(seal.sealed(line(3)), host='127.0.0.1'))[0] == 204
    assert values('seal') == [1, 2, 3]


def the_list_of_sources_says_the_way():
    plain = 'Authorization: Token %s\r\n' % TOKEN
    assert push(http(), request(line(1), fields=plain))[0] == 204
    listed = {s['name']: s for s in owner.call('source.list')['sources']}
    said = {name: (s['way'], s['over'], s['state'])
            for name, s in listed.items()}
    assert said == {'meter': ('mac', ['loopback'], 'active'),
                    'seal': ('sealed', ['loopback', 'tls'], 'active'),
                    'plain': ('bearer', ['loopback'], 'active')}, said
    assert listed['meter']['device'] == meter.id.hex(), listed['meter']


def the_example_of_the_document_runs():
    with open(os.path.join(os.path.dirname(__file__),
                           '../../vaultd/INGEST.md')) as file:
        example, = re.findall(r'^```python\n(.*?)^```', file.read(),
                              re.M | re.S)
    token = owner.change('source.add', name='sample', way='mac', auto=True,
                         streams=['sample/**'])['token']
    exec(example, {'TOKEN': token, 'HTTP': http()})
    assert values('sample') == [640]


def a_message_that_comes_again_is_stored_once():
    for data in (meter.signed(line(11)), request(seal.sealed(line(11)))):
        assert push(http(), data)[0] == 204
        for _ in range(3):
            got = push(http(), data)
            assert (got[0], got[2]) == (200, KNOWN), got
    assert values('meter').count(11) == values('seal').count(11) == 1


def a_number_is_of_one_message():
    """Another body under it is not stored; the first one was."""
    counter = meter.counter
    got = push(http(), meter.signed(line(12), counter=counter))
    assert (got[0], got[2]) == (200, KNOWN), got
    assert 12 not in values('meter')


def what_overtook_another_is_stored_and_what_is_far_behind_is_told():
    first = meter.signed(line(13))
    last = meter.signed(line(14), counter=meter.counter + 65)
    meter.counter += 65
    assert push(http(), last)[0] == 204
    got = push(http(), first)
    assert got[0] == 409 and b'nobody can tell' in got[2], got
    assert push(http(), meter.signed(line(15),
                                     counter=meter.counter - 64))[0] == 204
    assert 13 not in values('meter') and 15 in values('meter')


def an_old_boot_does_not_come_again():
    """Rows without a time of their own would be new ones each time."""
    token = owner.change('source.add', name='clockless', way='sealed',
                         streams=['clockless/**'], auto=True)['token']
    sent = []
    for value in range(6):
        device = Device(token, os.urandom(8))
        sent.append(request(device.sealed(b'air v=%d\n' % value)))
        assert push(http(), sent[-1])[0] == 204
    told = [push(http(), data)[0] for data in sent]
    assert told == [409, 409, 200, 200, 200, 200], told
    assert values('clockless') == [0, 1, 2, 3, 4, 5]


def no_row_without_a_time_comes_twice():
    data = request(seal.sealed(b'air v=16\n'))
    assert push(http(), data)[0] == 204
    assert push(http(), data)[0] == 200
    assert values('seal').count(16) == 1


def what_is_bad_is_kept_once():
    before = bad_parts()
    for data in (meter.signed(b'air v=\n'), meter.signed(b'air v=\n'
                                                         + line(17))):
        assert push(http(), data)[0] == 400
        assert push(http(), data)[0] == 200
    assert bad_parts() == before + 2 and values('meter').count(17) == 1


def whoever_changes_anything_is_a_stranger():
    kept = values('meter'), values('seal'), bad_parts()
    good, body = meter.signed(line(21)), line(22)
    fields, _, _ = good.partition(b'\r\n\r\n')
    envelope = seal.sealed(body)
    dot = good.index(b'.', good.index(b'VD1'))
    bits = [envelope[:i] + bytes([envelope[i] ^ 1]) + envelope[i + 1:]
            for i in range(0, len(envelope), 5)]
    refused_like_a_stranger(
        push(http(), good.replace(b'v=21', b'v=91')),
        push(http(), good.replace(b'precision=s', b'precision=m')),
        push(http(), good.replace(b'/api/v2/write', b'/write')),
        push(http(), good.replace(b'.%d.' % meter.counter,
                                  b'.%d.' % (meter.counter + 1))),
        push(http(), good[:dot + 1] + b'1' + good[dot + 2:]),
        push(http(), good.replace(meter.id.hex().encode(),
                                  seal.id.hex().encode())),
        push(http(), good.replace(meter.id.hex().encode(), b'ab' * 8)),
        push(http(), fields[:-5] + b'\r\n\r\n' + good[len(fields) + 4:]),
        push(http(), good.replace(b'VD1-Device', b'Authorization: Token %s\r\n'
                                  b'VD1-Device' % TOKEN.encode())),
        push(http(), request(envelope, '/write?precision=s')),
        push(http(), request(envelope, '/collectd')),
        push(http(), request(envelope[:-1])), push(http(), request(envelope
                                                                   + b'x')),
        push(http(), request(envelope[:71])), push(http(), request(envelope[:4]
                                                                   )),
        push(http(), request(b'VDE\x01' + os.urandom(1 << 19))),
        *(push(http(), request(bad)) for bad in bits))
    assert push(http(), request(envelope + bytes(1 << 20)))[0] == 413
    assert (values('meter'), values('seal'), bad_parts()) == kept
    assert push(http(), good)[0] == push(http(), request(envelope))[0] == 204


def nobody_comes_another_way_than_his():
    other = Device(TOKEN)
    word = 'Authorization: Token %s\r\n'
    for data in (request(meter.sealed(line(31))), seal.signed(line(31)),
                 other.signed(line(31)), request(other.sealed(line(31)))):
        assert push(http(), data)[0] == 403
    late = add('late', 'any')
    assert push(http(), late.signed(line(32)))[0] == 204
    assert push(http(), request(late.sealed(line(33))))[0] == 403
    got = owner.change('source.add', name='only', streams=['only/**'],
                       auto=True, way='sealed')['token']
    assert push(http(), request(line(34), fields=word % got))[0] == 403
    assert values('late') == [32]


def a_device_writes_its_own_streams_only():
    before = bad_parts()
    got = push(http(), seal_to('meter').signed(line(35)))
    assert got[0] == 401, got
    assert bad_parts() == before


def seal_to(name):
    """The meter's id with another's secret."""
    thief = Device(TOKEN)
    thief.id = meter.id
    return thief


def after_a_kill_what_was_answered_is_known():
    # One with rows, one of which no row is new, one with nothing good.
    again = line(41)
    told = [meter.signed(again), meter.signed(again),
            meter.signed(b'air v=\n'), request(seal.sealed(line(41)))]
    assert [push(http(), data)[0] for data in told] == [204, 204, 400, 204]
    kept = values('meter'), values('seal'), bad_parts()
    vault.kill()
    vault.start()
    connect()
    assert [push(http(), data)[0] for data in told] == [200] * 4
    assert (values('meter'), values('seal'), bad_parts()) == kept
    assert push(http(), meter.signed(line(42)))[0] == 204


def what_was_erased_does_not_come_back():
    data = request(seal.sealed(line(43)))
    assert push(http(), data)[0] == 204
    owner.change('stream.erase', name='seal/air')
    vault.kill()
    vault.start()
    connect()
    assert push(http(), data)[0] == 200
    assert not [s for s in owner.call('stream.list')['streams']
                if s['name'] == 'seal/air' and s['samples']]


def drained():
    until = time.monotonic() + ws.GUARD
    while owner.call('vault.status')['bytes']['inbox'] != 0:
        assert time.monotonic() < until, vault.said()
        time.sleep(0.05)


def a_locked_vault_takes_it_and_finds_out_later():
    assert owner.call('vault.lock')['state'] == 'locked'
    signed, sealed = meter.signed(line(51)), request(seal.sealed(line(51)))
    packed = request(seal.sealed(gzip.compress(line(52))))
    for data in (signed, sealed, packed):
        assert push(http(), data)[0] == push(http(), data)[0] == 204
    forged = meter.signed(line(53)).replace(b'v=53', b'v=99')
    assert push(http(), forged)[0] == 204  # nobody has its key to look
    stranger = Device(TOKEN)
    stranger.id = os.urandom(8)
    for data in (stranger.signed(line(54)), request(stranger.sealed(b'x'))):
        assert push(http(), data)[0] == 401
    other = Device(TOKEN)  # known, but by its token
    assert push(http(), other.signed(line(55)))[0] == 204
    owner.call('vault.unlock', passphrase=PASSPHRASE)
    drained()
    assert values('seal') == [51, 52]
    assert [v for v in values('meter') if v > 50] == [51]
    assert push(http(), sealed)[0] == 200
    entries = owner.call('audit.list', types=['run'], limit=1000)['entries']
    told = [json.loads(e['detail']) for e in entries
            if 'inbox' in (e['detail'] or '')][-1]
    assert (told['stored'], told['refused']) == (6, 2), told


def whoever_knows_ids_takes_no_room_but_that_of_devices():
    """He hears ids, and sends what nobody can prove while the vault is locked:
    8 MiB for a device, 32 MiB for all; a token's source has its room."""
    thief = Device(TOKEN)
    filling = os.urandom((1 << 20) - 4096)
    heard = [seal] + [add('big%d' % i, 'sealed') for i in range(4)]
    owner.call('vault.lock')
    taken = []
    for device in heard:
        thief.id = device.id
        taken.append(0)
        while True:
            got = push(http(), request(thief.sealed(filling)))
            if got[0] != 204:
                break
            taken[-1] += 1
        assert got[0] == 503 and int(got[1]['Retry-After']) > 0, got
    assert taken == [7, 7, 7, 7, 3], taken  # each is 1 MiB, and 48 bytes
    word = 'Authorization: Token %s\r\n' % TOKEN
    assert push(http(), request(line(58), fields=word))[0] == 204
    assert push(http(), meter.signed(line(58)))[0] == 204
    owner.call('vault.unlock', passphrase=PASSPHRASE)
    drained()
    assert 58 in values('meter') and 58 in values('plain')
    assert push(http(), request(seal.sealed(line(59))))[0] == 204


def on_the_network_only_what_is_sealed_is_taken():
    owner.close()
    vault.stop()
    vault.start('--config', vault.write('conf', 'sealed: 127.0.0.1:0\n'))
    connect()
    there = owner.call('vault.status')['sealed']
    word = 'Authorization: %s\r\n' % ('Token ' + TOKEN)
    told = [push(there, data) for data in (
        request(line(55)), request(line(55), fields=word),
        request(line(55), fields=word.replace(TOKEN, 'x')),
        meter.signed(line(55)), request(b''), request(b'VDE'))]
    assert {answer[0] for answer in told} == {403}, told
    assert len({answer[2] for answer in told}) == 1, told
    assert not [a for a in told if 'www-authenticate' in str(a[1]).lower()]
    data = request(seal.sealed(line(56)))
    assert push(there, data)[0] == 204 and push(there, data)[0] == 200
    assert push(there, data[:-1] + bytes([data[-1] ^ 1]))[0] == 401
    assert values('plain').count(55) == values('meter').count(55) == 0
    assert values('seal').count(56) == 1
    listed = {s['name']: s for s in owner.call('source.list')['sources']}
    assert listed['seal']['over'] == ['loopback', 'tls', 'plain'], listed
    assert push(http(), request(line(57), fields=word))[0] == 204


def the_day_of_a_device_is_told_to_it_alone():
    owner.close()
    vault.stop()
    vault.start('--config', vault.write('conf', 'source_daily: 1MiB\n'))
    connect()
    big = add('big', 'mac')
    body = b'# %s\n' % (b'x' * 60000) * 8
    codes = [push(http(), big.signed(body))[0] for _ in range(3)]
    assert codes == [204, 204, 204], codes
    thief = Device(TOKEN)
    thief.id = big.id
    refused_like_a_stranger(push(http(), thief.signed(line(61))))
    assert push(http(), big.signed(line(62)))[0] == 429


def what_is_replayed_costs_its_device_nothing_of_the_day():
    heard = add('heard', 'mac', quota={'rows': 10})
    data = heard.signed((b'# %s\n' % (b'x' * 60000)) * 8 + b'air v=\n' * 2
                        + line(63))
    packed = heard.signed(gzip.compress(b'# %s\n' % (b'x' * 200000)))
    assert push(http(), data)[0] == 400 and push(http(), packed)[0] == 204
    for _ in range(8):  # 4 MiB, and 24 rows
        for again in (data, packed):
            got = push(http(), again)
            assert (got[0], got[2]) == (200, KNOWN), got
    assert push(http(), heard.signed(line(64)))[0] == 204
    assert values('heard') == [63, 64]


run([what_a_device_signs_is_stored, what_a_device_seals_is_stored,
     the_list_of_sources_says_the_way, the_example_of_the_document_runs,
     a_message_that_comes_again_is_stored_once, a_number_is_of_one_message,
     what_overtook_another_is_stored_and_what_is_far_behind_is_told,
     an_old_boot_does_not_come_again, no_row_without_a_time_comes_twice, what_is_bad_is_kept_once,
     whoever_changes_anything_is_a_stranger,
     nobody_comes_another_way_than_his, a_device_writes_its_own_streams_only,
     after_a_kill_what_was_answered_is_known,
     what_was_erased_does_not_come_back,
     a_locked_vault_takes_it_and_finds_out_later,
     whoever_knows_ids_takes_no_room_but_that_of_devices,
     on_the_network_only_what_is_sealed_is_taken,
     the_day_of_a_device_is_told_to_it_alone,
     what_is_replayed_costs_its_device_nothing_of_the_day])
