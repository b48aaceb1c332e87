"""What the owner erases is nowhere, and nothing else is missing."""
import base64
import json
import os
import time

import ws
from firm import Firm
from vault import Vault, refused, stamp, ulid

T0 = 1764072000
NS = 10**9
vault = Vault()
owner = vault.owner()


def wait_for(state, erase):
    for _ in range(1200):
        for item in owner.call('stream.erasures')['erasures']:
            if item['erase'] == erase and item['state'] == state:
                return item
        time.sleep(0.1)
    raise AssertionError('%s is not %s' % (erase, state))


def fill(name, count=400, start=T0, step=60, category='home.climate'):
    owner.create(name, category)
    for at in range(0, count, 200):
        owner.append(name, [[stamp(start + step * i), float(i)]
                            for i in range(at, min(at + 200, count))])


def times(name):
    return [row[0] // NS for row in owner.query(name).rows]


def names():
    return [s['name'] for s in owner.call('stream.list')['streams']]


def a_stream_that_is_erased_is_not_there():
    fill('home/a')
    fill('home/b')
    done = owner.change('stream.erase', name='home/a')
    assert done['state'] == 'keys_destroyed', done
    assert done['rows'] == 400 and done['whole'] is True, done
    assert names() == ['home/b']
    assert refused(owner.query, 'home/a').reason == 'params'
    assert len(times('home/b')) == 400


def its_receipt_is_signed_by_the_key_of_the_log():
    fill('home/c', 10)
    done = owner.change('stream.erase', name='home/c')
    head, body, signature = done['receipt'].split('.')
    said = json.loads(base64.urlsafe_b64decode(body + '=='))
    assert json.loads(base64.urlsafe_b64decode(head + '==')) == {
        'alg': 'Ed25519', 'typ': 'vault-erasure+jwt',
        'kid': json.loads(base64.urlsafe_b64decode(head + '=='))['kid']}
    assert said['stream'] == 'home/c' and said['rows'] == 10
    assert said['state'] == 'keys_destroyed' and said['v'] == 1
    assert said['backups'] == done['backups'] == []
    assert said['backups_all'] == done['backups_all'] == 0
    assert len(base64.urlsafe_b64decode(signature + '==')) == 64


def the_rows_of_a_time_go_and_the_others_stay():
    fill('home/d', 1000)
    done = owner.change('stream.erase', name='home/d',
                        **{'from': stamp(T0 + 6000), 'to': stamp(T0 + 12000)})
    assert done['rows'] == 100 and done['whole'] is False, done
    left = [T0 + 60 * i for i in range(1000) if not 100 <= i < 200]
    assert times('home/d') == left
    again = owner.append('home/d', [[stamp(T0 + 6000), -1.0]])
    assert again['accepted'] == 1
    assert len(times('home/d')) == 901


def a_repeated_call_erases_nothing_more():
    fill('home/e', 10)
    idem = ulid()
    first = owner.call('stream.erase', name='home/e', idem=idem)
    fill('home/e', 10)
    again = owner.call('stream.erase', name='home/e', idem=idem)
    assert again['erase'] == first['erase']
    assert again['state'] == 'pending'  # of the first moment
    assert 'home/e' in names()


def what_is_wrong_is_said():
    assert refused(owner.change, 'stream.erase',
                   name='home/none').reason == 'params'
    fault = refused(owner.change, 'stream.erase', name='home/b',
                    **{'from': stamp(T0), 'to': stamp(T0)})
    assert fault.data['at'] == 'to', fault


def a_firm_gets_nothing_of_it_and_keeps_the_rest():
    fill('shed/one', 300, category='device.state')
    fill('shed/two', 300, category='device.state')
    firm = Firm(vault, owner, 'eraser')
    grant = firm.given()
    before = firm.query('shed/**', grant=grant)
    assert len(before.rows) == 600, len(before.rows)
    owner.change('stream.erase', name='shed/one')
    after = firm.query('shed/**', grant=grant)
    assert len(after.rows) == 300, len(after.rows)


def it_is_complete_after_a_while_and_the_file_is_smaller():
    owner.create('home/big', 'home.climate')
    for at in range(0, 20000, 1000):
        owner.append('home/big', [[stamp(T0 + i), (i * 7919 % 10007) / 7.0]
                                  for i in range(at, at + 1000)])
    before = os.path.getsize(os.path.join(vault.dir, 'data.mdb'))
    erase = owner.change('stream.erase', name='home/big')['erase']
    wait_for('complete', erase)
    after = os.path.getsize(os.path.join(vault.dir, 'data.mdb'))
    assert after < before, (before, after)
    assert len(times('home/b')) == 400


def a_range_may_have_one_end():
    fill('home/g', 100)
    owner.change('stream.erase', name='home/g', to=stamp(T0 + 600))
    owner.change('stream.erase', name='home/g', **{'from': stamp(T0 + 4800)})
    assert times('home/g') == [T0 + 60 * i for i in range(10, 80)]


def listed(**params):
    return owner.call('stream.erasures', **params)


def by_pages():
    told, cursor = [], {}
    while cursor is not None:
        page = listed(limit=2, **cursor)
        assert len(page['erasures']) == 2 or 'cursor' not in page
        told += page['erasures']
        cursor = {'cursor': page['cursor']} if 'cursor' in page else None
    return told


def whole_and_by_pages():
    """Both, of one state: an erasure becomes complete whenever it is."""
    for _ in range(100):
        whole, told = listed(), by_pages()
        if listed() == whole:
            return whole, told
    raise AssertionError('the erasures changed at every look')


def what_was_erased_is_told_by_pages_and_named_while_it_is_there():
    whole, told = whole_and_by_pages()
    assert 'cursor' not in whole
    ids = [item['erase'] for item in whole['erasures']]
    assert ids == sorted(ids, reverse=True) and len(ids) > 5, ids
    assert told == whole['erasures']
    for item in whole['erasures']:
        assert (item['stream'] is None) == item['whole'], item
    assert {item['stream'] for item in whole['erasures']} == {
        None, 'home/d', 'home/g'}, whole
    assert refused(listed, cursor='x').data['at'] == 'cursor'
    assert refused(listed, limit=0).data['at'] == 'limit'


def all_of_it_is_so_after_a_restart():
    global owner
    streams = {name: times(name) for name in names()}
    vault.restart()
    owner = vault.owner()
    assert {name: times(name) for name in names()} == streams
    what_was_erased_is_told_by_pages_and_named_while_it_is_there()
    assert owner.call('audit.verify')['ok'] is True


def the_command_line_asks_for_the_name():
    code, out, err = vault.ctl('stream', 'erase', 'home/b')
    assert code == 2 and '--yes' in err, (code, err)
    code, out, err = vault.ctl('stream', 'erase', 'home/b', '--yes', '--json')
    assert code == 0, err
    assert json.loads(out)['state'] == 'keys_destroyed'
    code, out, err = vault.ctl('stream', 'erasures')
    assert code == 0 and 'keys_destroyed' in out, (out, err)


def all_is_well_on_disk():
    owner.close()
    vault.stop()
    vault.check()


ws.run([a_stream_that_is_erased_is_not_there,
        its_receipt_is_signed_by_the_key_of_the_log,
        the_rows_of_a_time_go_and_the_others_stay,
        a_repeated_call_erases_nothing_more, what_is_wrong_is_said,
        a_firm_gets_nothing_of_it_and_keeps_the_rest,
        it_is_complete_after_a_while_and_the_file_is_smaller,
        a_range_may_have_one_end,
        what_was_erased_is_told_by_pages_and_named_while_it_is_there, all_of_it_is_so_after_a_restart,
        the_command_line_asks_for_the_name,
        all_is_well_on_disk])
