"""Texts on the owner's socket that are wrong, one way each."""
import json
import struct

import ws
from vault import (FINAL, PASSPHRASE, Refusal, Vault, refused, stamp,
                   ulid)

vault = Vault()
owner = vault.owner()
owner.create('a')


def error(text):
    """The error object that a text gets, from a session that goes on."""
    answer = json.loads(owner.wire.ask(text))
    assert set(answer) == {'jsonrpc', 'id', 'error'}, answer
    assert owner.call('vault.status')['state'] == 'unlocked'
    return answer['id'], answer['error']


def what_is_no_json_is_a_parse_error():
    for text in ('', 'x', '{', '{"jsonrpc":"2.0","id":1,}', '[' * 40,
                 '{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"x"}',
                 '{"jsonrpc":"2.0","id":1,"method":"\\u0000"}',
                 '{"jsonrpc":"2.0","id":1,"method":"\\ud800"}'):
        number, got = error(text)
        assert number is None and got['code'] == -32700, (text, got)
        assert got['data']['reason'] == 'parse'


def what_is_no_request_is_invalid():
    for text in ('[]', '1', '{}', '{"jsonrpc":"1.0","id":1,"method":"a"}',
                 '{"jsonrpc":"2.0","id":1.5,"method":"a"}',
                 '{"jsonrpc":"2.0","id":-1,"method":"a"}',
                 '{"jsonrpc":"2.0","id":1,"method":7}',
                 '{"jsonrpc":"2.0","id":1,"method":"vault.status",'
                 '"params":[]}',
                 '{"jsonrpc":"2.0","id":1,"method":"vault.status","more":1}'):
        _, got = error(text)
        assert got['code'] == -32600, (text, got)
        assert got['data']['reason'] == 'invalid'


def an_unknown_method_is_said():
    got = refused(owner.call, 'vault.explode')
    assert got.reason == 'method' and got.code == -32601
    got = refused(owner.call, 'request.submit', request='x')
    assert got.reason == 'method', 'a method of firms only'


def an_unknown_parameter_is_named():
    got = refused(owner.call, 'vault.status', verbose=True)
    assert got.reason == 'params' and got.data['at'] == 'verbose', got
    got = refused(owner.query, 'a', fast=True)
    assert got.reason == 'params' and got.data['at'] == 'fast', got
    got = refused(owner.append, 'a', [[stamp(0), 1]], force=True)
    assert got.reason == 'params' and got.data['at'] == 'force', got


def a_missing_or_wrong_one_too():
    for method, params, at in (
            ('stream.create', {'name': 'b'}, 'columns'),
            ('stream.create', {'columns': []}, 'name'),
            ('stream.create', {'name': 'b', 'columns': []}, 'columns'),
            ('stream.create', {'name': '/b', 'columns':
                               [{'name': 'v', 'type': 'f64'}]}, 'name'),
            ('stream.create', {'name': 'b', 'columns':
                               [{'name': 'v', 'type': 'f32'}]},
             'columns[0].type'),
            ('stream.create', {'name': 'b', 'category': 'nonsense', 'columns':
                               [{'name': 'v', 'type': 'f64'}]}, 'category')):
        got = refused(owner.change, method, **params)
        assert got.reason == 'params' and got.data['at'] == at, (params, got)
    for params, at in (({'streams': []}, 'streams'),
                       ({'streams': ['a//b']}, 'streams'),
                       ({'streams': ['a'], 'limit': 0}, 'limit'),
                       ({'streams': ['a'], 'from': 'noon'}, 'from'),
                       ({'streams': ['a'], 'from': stamp(9), 'to': stamp(9)},
                        'to'),
                       ({'streams': ['a'], 'every': '5min', 'stats': ['p99']},
                        'stats'),
                       ({'streams': ['a'], 'cursor': 'AAAA'}, 'cursor'),
                       ({'streams': ['a'], 'where': [
                           {'column': 'value', 'op': '~', 'value': 1}]},
                        'where[0].op')):
        got = refused(owner.call, 'data.query', **params)
        assert got.reason == 'params' and got.data['at'] == at, (params, got)


def a_batch_is_refused_alike_however_it_is_read():
    """One of which all is plain is read without a document; a text as its id
    makes it one that is not."""
    for streams, at in (
            ([{'stream': 'a', 'rows': [[1, True]]}], 'streams[0].rows[0][1]'),
            ([{'stream': 'a', 'rows': [[1, 2, 3]]}], 'streams[0].rows[0]'),
            ([{'stream': 'a', 'rows': [[2 ** 63 - 1, 2]]}],
             'streams[0].rows[0][0]'),
            ([{'stream': 'b', 'rows': [[1, 2]]}], 'streams[0].stream'),
            ([{'stream': 'a', 'rows': [[1, 2]]},
              {'stream': 'b', 'rows': [[1, 2]]}], 'streams[1].stream')):
        got = [error(json.dumps(
            {'jsonrpc': '2.0', 'id': number, 'method': 'data.append',
             'params': {'seq': 1, 'streams': streams}}))
            for number in (7, 'seven')]
        assert [number for number, _ in got] == [7, 'seven'], got
        assert got[0][1] == got[1][1], got
        assert got[0][1]['data']['at'] == at, (streams, got)


def a_method_is_found_by_what_its_escapes_stand_for():
    """However long the message is, and plain its rows."""
    rows = [[i, i] for i in range(200)]
    text = json.dumps({'jsonrpc': '2.0', 'id': 7, 'method': 'vault.explode',
                       'params': {'streams': [{'stream': 'a', 'rows': rows}]}})
    for method in ('method', 'm\\u0065thod'):
        _, got = error(text.replace('"method"', '"%s"' % method))
        assert got['data']['reason'] == 'method', (method, got)
    text = text.replace('vault.explode', 'stream.show')
    whole = [error(text.replace('"method"', '"%s"' % method))[1]
             for method in ('method', 'm\\u0065thod')]
    assert whole[0] == whole[1], whole


def an_idem_is_required():
    got = refused(owner.call, 'stream.create', name='b',
                  columns=[{'name': 'v', 'type': 'f64'}])
    assert got.reason == 'params' and got.data['at'] == 'idem', got


def a_notification_is_never_answered():
    owner.tell('vault.explode')
    owner.tell('vault.status', x=1)
    owner.tell('flow.credit', ref=99, pages=1)
    owner.call('vault.status')
    assert owner.answers == {} and owner.notes == []


def closed(payload, opcode=ws.TEXT):
    """Code and reason with which a session of its own ends."""
    one = vault.owner()
    one.wire.send(ws.frame(opcode, payload))
    return one.wire.closing()


def too_large_a_text_closes():
    assert closed('{' + ' ' * 262144)[0] == 1009


def a_block_that_nobody_announced_closes():
    head = struct.pack('<BBHIQQ', 1, 1, FINAL, 0, 1, 1)
    code, why = closed(head + bytes(24), ws.BINARY)
    assert code == 1008 and why, (code, why)
    assert closed(b'\x02' * 30, ws.BINARY)[0] == 1008


def a_broken_block_is_refused():
    number = owner.send('data.append', idem=ulid(), block='a')
    owner.wire.send(ws.frame(ws.BINARY, struct.pack(
        '<BBHIQQ', 1, 1, FINAL, 0, number, 1) + b'\xb2' + bytes(23)))
    try:
        owner.answer(number)
        raise AssertionError('taken')
    except Refusal as got:
        assert got.reason == 'params' and got.data['at'] == 'block', got


def block_after(sent, **params):
    """The reason for which a request is refused whose block is on its way."""
    number = sent.send('data.append', idem=ulid(), **params)
    sent.wire.send(ws.frame(ws.BINARY, struct.pack(
        '<BBHIQQ', 1, 1, FINAL, 0, number, 1) + b'\xb2' + bytes(23)))
    try:
        sent.answer(number)
    except Refusal as got:
        assert sent.call('session.info')
        return got.reason
    raise AssertionError('taken')


def the_block_of_a_refused_request_is_dropped():
    for _ in range(20):
        assert block_after(owner, block='nowhere') == 'params'
        assert block_after(owner, block='a', color='red') == 'params'
    owner.call('vault.lock')
    assert block_after(owner, block='a') == 'locked'
    owner.call('vault.unlock', passphrase=PASSPHRASE)


def it_is_dropped_once():
    one = vault.owner()
    block_after(one, block='nowhere')
    one.wire.send(ws.frame(ws.BINARY, struct.pack(
        '<BBHIQQ', 1, 1, FINAL, 0, one.count, 1) + b'\xb2' + bytes(23)))
    assert one.wire.closing()[0] == 1008


def one_source_too_many_is_told_how_many_there_may_be():
    for i in range(1024):
        owner.change('source.add', name='s%d' % i, streams=['x/%d' % i])
    got = refused(owner.change, 'source.add', name='more', streams=['more'])
    assert '1024 sources' in got.message, got.message


def nothing_was_stored():
    assert [s['name'] for s in owner.call('stream.list')['streams']] == ['a']
    assert owner.query('**').rows == []
    owner.close()
    vault.stop()


ws.run([what_is_no_json_is_a_parse_error, what_is_no_request_is_invalid,
        an_unknown_method_is_said, an_unknown_parameter_is_named,
        a_missing_or_wrong_one_too,
        a_batch_is_refused_alike_however_it_is_read,
        a_method_is_found_by_what_its_escapes_stand_for, an_idem_is_required,
        a_notification_is_never_answered, too_large_a_text_closes,
        a_block_that_nobody_announced_closes, a_broken_block_is_refused,
        the_block_of_a_refused_request_is_dropped, it_is_dropped_once,
        one_source_too_many_is_told_how_many_there_may_be, nothing_was_stored])
