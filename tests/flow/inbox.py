"""What sources push while the vault is locked waits sealed, and is there once
when it is unlocked: through restarts, kills, and a full inbox."""
import base64
import gzip
import os
import signal
import time

import ws
from poster import post_at
from vault import PASSPHRASE, Vault, refused

NS = 10**9
NOW = int(time.time())
MIB = 1 << 20

vault = Vault()
owner = vault.owner()
owner.create('before', 'home.climate')
house = owner.change('source.add', name='house', streams=['house/**'],
                     auto=True)['token']
shed = owner.change('source.add', name='shed', streams=['shed/**'],
                    auto=True)['token']
with open(vault.path('key'), 'rb') as file:
    KEY = base64.b64encode(file.read()).decode()
at = 0


def place():
    return owner.call('vault.status')['http']


def push(token, body, path='/api/v2/write?precision=s', extra=''):
    return post_at(place(), token, body, path, extra)


def line(value, name='air'):
    global at
    at += 1
    return '%s v=%d %d\n' % (name, value, NOW - 3600 + at)


def lock():
    assert owner.call('vault.lock')['state'] == 'locked'


def unlock():
    return owner.call('vault.unlock', passphrase=PASSPHRASE)


def wait_for(what):
    until = time.monotonic() + ws.GUARD
    while not what():
        assert time.monotonic() < until, vault.said()
        time.sleep(0.05)


def drained():
    wait_for(lambda: owner.call('vault.status')['bytes']['inbox'] == 0)


def values(stream):
    return sorted(row[1] for row in owner.query(stream).rows)


def pushes_to_a_locked_vault_are_taken():
    lock()
    assert push(house, line(1) + line(2))[0] == 204
    assert push(shed, line(3))[0] == 204
    body = gzip.compress(line(4).encode())
    assert push(house, body, extra='Content-Encoding: gzip\r\n')[0] == 204
    got = push(house, b'[{"values":[0.25],"dstypes":["gauge"],"dsnames":'
               b'["value"],"time":%d,"interval":10,"host":"desk",'
               b'"plugin":"load","plugin_instance":"","type":"load",'
               b'"type_instance":""}]' % NOW, '/collectd')
    assert got[0] == 200 and b'inbox' in got[2], got
    assert push(house, '')[0] == 204  # a probe
    assert push(house, 'q=CREATE DATABASE x', '/query')[0] == 200


def strangers_and_nonsense_are_not():
    for token in (None, 'vt1:nonsense', house[:-1] + '2' * (house[-1] != '2'),
                  shed[:17] + house[17:]):
        assert push(token, line(9))[0] == 401, token
    assert push(house, line(9), '/api/v2/write?u=any&p=' + house)[0] == 401
    assert push(house, line(9), '/none')[0] == 404
    assert push(house, line(9), '/write?precision=y')[0] == 400


def nothing_of_it_is_readable_on_the_disk():
    assert push(house, 'secret_measurement v=77777 %d\n' % NOW)[0] == 204
    with open(os.path.join(vault.dir, 'data.mdb'), 'rb') as file:
        data = file.read()
    for word in (b'secret_measurement', b'77777', house.encode()[-40:],
                 b'api/v2/write'):
        assert word not in data, word


def unlocking_brings_it_all_once():
    got = unlock()
    assert got['inbox'] == 5, got
    drained()
    assert values('house/air') == [1, 2, 4]
    assert values('shed/air') == [3]
    assert values('house/secret_measurement') == [77777]
    assert len(owner.query('house/desk/**').rows) == 1
    assert owner.query('quarantine/**').rows == []
    wait_for(lambda: any(
        '"event":"inbox"' in (e['detail'] or '') and '"stored":5' in e['detail']
        for e in owner.call('audit.list', types=['run'],
                            limit=1000)['entries']))


def what_cannot_be_read_goes_to_quarantine():
    lock()
    assert push(house, line(5) + 'bad line\n')[0] == 204
    assert push(house, b'\x1f\x8bno gzip',
                extra='Content-Encoding: gzip\r\n')[0] == 204
    assert push(house, 'not json', '/collectd')[0] == 200
    unlock()
    drained()
    assert 5 in values('house/air')
    bad = owner.query('quarantine/house').rows
    assert len(bad) == 3, bad


def what_is_too_much_goes_there_in_parts_and_holds_nobody_up():
    before = len(owner.query('quarantine/house').rows)
    # Over 4,096 rows at one time; then over 4,096 bad parts, of over 64 KiB and
    # with characters of two bytes.
    many = ''.join('many v=%d %d\n' % (i, NOW) for i in range(4097))
    old = ''.join('old,room=küche v=1 %d\n' % i for i in range(5000))
    lock()
    assert push(house, many)[0] == 204
    assert push(house, old)[0] == 204
    assert push(shed, line(70))[0] == 204
    unlock()
    drained()
    assert 70 in values('shed/air')
    assert not [s for s in owner.call('stream.list')['streams']
                if s['name'] == 'house/many']
    parts = [row[3] for row in owner.query('quarantine/house').rows[before:]]
    sizes = [len(part.encode()) for part in parts]
    assert ''.join(parts) == many + old, sizes
    assert len(sizes) >= 4 and max(sizes) <= 65536, sizes
    # While it is open nothing of such a body is taken.
    assert push(house, many)[0] == 413
    assert push(house, line(71, 'more'))[0] == 204
    assert not [s for s in owner.call('stream.list')['streams']
                if s['name'] == 'house/many']


def it_waits_through_a_restart_and_a_kill():
    global owner
    lock()
    assert push(house, line(10))[0] == 204
    owner.close()
    vault.restart(unlock=None)
    owner = vault.owner()
    assert push(house, line(11))[0] == 204
    owner.close()
    vault.kill()
    vault.start(unlock=None)
    owner = vault.owner()
    assert owner.call('vault.status')['state'] == 'locked'
    assert push(house, line(12))[0] == 204
    assert push('vt1:nonsense', line(13))[0] == 401
    assert unlock()['inbox'] == 3
    drained()
    assert values('house/air')[-3:] == [10, 11, 12]


def a_kill_while_it_drains_loses_and_doubles_nothing():
    global owner
    left = []
    for round in range(40):
        if any(0 < n < 60 for n in left) and round > 3:
            break
        lock()
        mine = [1000 * (round + 1) + i for i in range(60)]
        for value in mine:
            assert push(house, line(value, 'kill'))[0] == 204
        owner.call('vault.unlock', key=KEY)
        # Anywhere in it will do: it is told by what is left.
        time.sleep(0.004 * (round % 8))
        vault.process.send_signal(signal.SIGKILL)
        vault.process.wait(ws.GUARD)
        owner.close()
        vault.start(unlock=None)
        owner = vault.owner()
        left.append(owner.call('vault.unlock', key=KEY)['inbox'])
        drained()
        got = [v for v in values('house/kill') if v // 1000 == round + 1]
        assert got == mine, (len(got), len(mine))
    assert any(0 < n < 60 for n in left), left


def a_full_inbox_says_when_to_come_back():
    lock()
    big = 'x' * 1000
    body = ''.join('big s="%s" %d\n' % (big, NOW - 3600 + i)
                   for i in range(900))
    taken = 0
    while True:
        status, fields, said = push(shed, body)
        if status != 204:
            break
        taken += 1
    assert status == 503 and int(fields['Retry-After']) > 0, (status, fields)
    assert b'nothing was stored' in said
    assert 14 * MIB < taken * len(body) <= 16 * MIB, taken  # with padding
    assert push(house, line(20))[0] == 204  # another has room
    unlock()
    drained()
    assert 20 in values('house/air')
    assert len(owner.query('shed/big').rows) == 900


def a_new_source_may_push_and_a_token_of_none_may_not():
    barn = owner.change('source.add', name='barn', streams=['barn/**'],
                        auto=True)['token']
    lock()
    assert push(barn, line(1))[0] == 204
    unlock()
    drained()
    assert values('barn/air') == [1]


def all_of_it_is_whole():
    assert owner.call('audit.verify')['ok']
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([pushes_to_a_locked_vault_are_taken, strangers_and_nonsense_are_not,
        nothing_of_it_is_readable_on_the_disk, unlocking_brings_it_all_once,
        what_cannot_be_read_goes_to_quarantine,
        what_is_too_much_goes_there_in_parts_and_holds_nobody_up,
        it_waits_through_a_restart_and_a_kill,
        a_kill_while_it_drains_loses_and_doubles_nothing,
        a_full_inbox_says_when_to_come_back,
        a_new_source_may_push_and_a_token_of_none_may_not,
        all_of_it_is_whole])
