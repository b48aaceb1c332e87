"""Limits of a session that is open, each reached on a whole vaultd; and the
table of all limits of the door, each with the tests that reach it."""
import json
import os
import re

import ws
from door import Scene
from frames import table

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.join(HERE, '..', '..')
scene = Scene()


def call(number, method):
    return json.dumps({'jsonrpc': '2.0', 'id': number, 'method': method,
                       'params': {}})


def answers(wire, count):
    """Answers by their ids."""
    got = {}
    while len(got) < count:
        opcode, payload = wire.frame()
        message = json.loads(payload)
        if opcode == ws.TEXT and 'id' in message:
            got[message['id']] = message
    return got


def reason_of(message):
    return message.get('error', {}).get('data', {}).get('reason')


def eight_calls_are_under_way_at_most():
    """All in one segment, so that none has ended when the last is read."""
    wire = scene.vault.owner_wire().open()
    wire.send(b''.join(ws.frame(ws.TEXT, call(i, 'audit.verify'))
                       for i in range(12)))
    got = answers(wire, 12)
    assert [reason_of(got[i]) for i in range(12)] == [None] * 8 + ['rate'] * 4
    assert got[11]['error']['data']['retry_after_ms'] == 10
    assert '8 calls are under way' in got[11]['error']['message']
    wire.text(call(20, 'audit.verify'))
    assert reason_of(answers(wire, 1)[20]) is None
    wire.close()


def a_firm_has_ten_requests_a_second_over_all_its_sessions():
    wires = [scene.session(scene.known) for _ in range(2)]
    refused = None
    for i in range(5000):
        wire = wires[i % 2]
        wire.text(call(i, 'session.info'))
        got = answers(wire, 1)[i]
        if 'error' in got:
            refused = got['error']
            break
    assert refused is not None and i >= 50, i
    assert 'Over 10 requests a second' in refused['message'], refused
    assert 1 <= refused['data']['retry_after_ms'] <= 101, refused
    wires[0].close()
    again = scene.session(scene.known)  # a new session fills nothing
    again.text(call(1, 'session.info'))
    again.text(call(2, 'session.info'))
    again.text(call(3, 'session.info'))
    assert 'rate' in [reason_of(m) for m in answers(again, 3).values()]
    for wire in (wires[1], again):
        wire.close()


def every_limit_has_its_test():
    for limit, number, where, tests in table('limits.tsv', 4):
        path, _, name = where.partition(':')
        with open(os.path.join(TREE, path), encoding='utf-8') as file:
            found = re.search(r'\b%s = ([^,;}]+)' % name, file.read())
        assert found and found[1].strip() == number, (limit, where, found)
        for each in tests.split():
            path, _, name = each.partition(':')
            with open(os.path.join(HERE, '..', path), encoding='utf-8') as f:
                assert name.replace('_', ' ') in f.read().replace('_', ' '), (
                    limit, each)


def the_vault_is_whole_after_all_this():
    scene.end()


ws.run([eight_calls_are_under_way_at_most,
        a_firm_has_ten_requests_a_second_over_all_its_sessions,
        every_limit_has_its_test, the_vault_is_whole_after_all_this])
