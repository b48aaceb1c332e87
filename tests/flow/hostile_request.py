"""Requests of a firm that are forged, malformed or out of range."""
import base64
import json
import time

import ws
from firm import TERMS
from hostile import ITEM, LACKS, Hostile, base64url, item, purpose
from vault import Vault, refused, ulid

STATES = ('pending', 'countered', 'granted', 'denied', 'lapsed', 'dropped')

vault = Vault()
owner = vault.owner()
owner.create('home/host/load', 'device.state')
evil = Hostile(vault, owner, 'evil')
good = Hostile(vault, owner, 'good')


def stored():
    """The ids of all requests that there are."""
    return {r['id'] for state in STATES
            for r in owner.call('request.list', state=state)['requests']}


def bad_entries(firm):
    return len(owner.call('audit.list', firm=firm.name, limit=1000,
                          types=['request.bad'])['entries'])


def a_bad_signature_is_refused():
    before = stored(), bad_entries(evil)
    text = evil.sign(evil.payload())
    head, body, signature = text.split('.')
    flipped = base64.urlsafe_b64decode(signature + '==')
    wrong = [
        evil.sign(evil.payload(), seed=b'7' * 32),
        '.'.join((head, base64url(evil.payload().encode()), signature)),
        '.'.join((head, body, base64url(
            flipped[:-1] + bytes([flipped[-1] ^ 1])))),
        '.'.join((head, body, base64url(bytes(64)))),
        '.'.join((head, body, '')), '.'.join((head, body)), text + '.',
        text + '=', ' ' + text, 'x', '..',
        evil.sign(evil.payload(), alg='none'),
        evil.sign(evil.payload(), alg='HS256'),
        evil.sign(evil.payload(), typ='vault-receipt+jwt'),
        evil.sign(evil.payload(), kid=base64url(bytes(32))),
        evil.sign(evil.payload(), jwk={'kty': 'OKP'}),
        good.sign(good.payload())]
    for text in wrong:
        got = evil.refused_submit(text)
        assert (got.reason, got.data['at']) == ('params', 'request'), got
    assert stored() == before[0]
    assert bad_entries(evil) == before[1] + len(wrong)


def a_request_for_another_ear_or_time_is_refused():
    before = stored()
    now = int(time.time())
    for at, other in (('iss', good.id), ('aud', good.aud), ('iss', evil.aud),
                      ('aud', evil.id), ('iss', ''), ('aud', None),
                      ('iat', now - 400), ('iat', now + 400), ('iat', 0),
                      ('iat', -1), ('iat', 2**63 - 1), ('iat', 1e300),
                      ('iat', '2026-01-01T00:00:00Z'), ('iat', now + 0.5),
                      ('v', 2), ('v', '1'), ('jti', 'x'),
                      ('jti', '8' + 'Z' * 25)):
        got = evil.refused_submit(evil.sign(evil.payload(**{at: other})))
        assert (got.reason, got.data['at']) == ('params', at), (at, other, got)
    assert stored() == before


def what_is_unknown_missing_or_doubled_is_refused():
    before = stored()
    for at in ('v', 'jti', 'iss', 'aud', 'iat', *TERMS):
        if at in ('life_s', 'keep_s'):
            continue
        got = evil.refused_submit(evil.sign(evil.payload(**{at: LACKS})))
        assert (got.reason, got.data['at']) == ('params', at), (at, got)
    whole = evil.payload()
    for text, at in ((evil.payload(more=1), 'more'),
                     (evil.payload(auto_renew=True), 'auto_renew'),
                     (evil.payload(**item(more=1)), 'items[0].more'),
                     (evil.payload(**purpose(more=1)), 'purposes[0].more')):
        got = evil.refused_submit(evil.sign(text))
        assert (got.reason, got.data['at']) == ('params', at), (at, got)
    for text in (whole[:-1] + ',"v":1}', whole[:-1] + ',"uses":1}', whole[1:],
                 whole[:-1], '', '[]', 'null', whole + ' x', '[' * 60,
                 whole.replace('Leeds', '\\ud800'),
                 whole.replace('Leeds', '\\u0000')):
        got = evil.refused_submit(evil.sign(text))
        assert got.reason == 'params', (text, got)
    assert stored() == before


def what_is_out_of_range_is_refused():
    before = stored()
    many = [{**ITEM, 'n': i} for i in range(1, 10)]
    bucket = {'stats': ['mean'], 'bucket_s': 900}
    for other in (
            item(n=0), item(n=9), item(n=1.5), item(n=LACKS), item(data='x'),
            item(data='device'), item(stats=[]), item(stats=['p99']),
            item(stats=['mean']), item(stats='raw', bucket_s=900),
            item(**{**bucket, 'bucket_s': 0}),
            item(**{**bucket, 'bucket_s': -900}),
            item(**{**bucket, 'stats': ['mean', 'mean']}), item(window_s=-1),
            item(window_s=630720001), item(window_s='old'),
            item(delay_s=-1), item(delay_s=31536001), item(every_s=1),
            item(needed=1), item(needed_why='because'), item(round='x'),
            item(**{'for': ['service.billing']}), item(**{'for': []}),
            {'items': many}, {'items': []}, {'items': [ITEM, ITEM]},
            {'items': {}}, {'items': LACKS, 'action': 'read'},
            {'action': 'write'}, {'action': None},
            {'rate': {'n': 0, 'per_s': 60}}, {'rate': {'n': 1001,
                                                       'per_s': 60}},
            {'rate': {'n': 1, 'per_s': 61}}, {'rate': {'n': 1}},
            {'uses': 0}, {'uses': 1000001}, {'uses': 2, 'action': 'once'},
            {'life_s': 59}, {'life_s': 31536001}, {'life_s': 2**62},
            {'keep_s': -1}, {'keep_s': 315360001}, {'where': []},
            {'where': ['XX']}, {'where': ['GB'] * 9}, {'where': ['gb']},
            {'onward': [{'name': 'x', 'country': 'GB', 'role': 'friend'}]},
            {'profiling': 'some'}, {'automated': 1}, {'training': None},
            {'reply_by_s': 86399}, {'reply_by_s': 604801},
            {'replaces': 'x'}, {'agreement': {'id': 'x'}},
            {'channels': ['email']}, {'purposes': []},
            {'purposes': TERMS['purposes'] * 5}, purpose(id='x'),
            purpose(text='x' * 301),
            purpose(text=''), purpose(basis='whim'),
            purpose(if_denied='x' * 301), purpose(benefit='x' * 141),
            {'controller': {**TERMS['controller'], 'name': 'x' * 121}},
            {'controller': {**TERMS['controller'], 'contact': 'x'}},
            {'controller': {**TERMS['controller'], 'country': 'ZZ'}},
            {'notice': {**TERMS['notice'], 'uri': 'http://bg.example'}},
            {'notice': {**TERMS['notice'], 'sha256': 'AB' * 32}},
            {'authority': 'x' * 121}, {'rights': 'javascript:1'}):
        got = evil.refused_submit(evil.sign(evil.payload(**other)))
        assert got.reason == 'params', (other, got)
        assert got.data['at'].startswith(tuple(other)), (other, got)
    assert stored() == before


def what_is_too_large_is_refused():
    before = stored()
    space = evil.payload() + ' '
    room = 16384 * 3 // 4
    for text in (evil.sign(space.ljust(room)), evil.sign(space.ljust(40000)),
                 'x' * 16385, '', 7, None, {}, ['x']):
        got = evil.refused_submit(text)
        assert (got.reason, got.data['at']) == ('params', 'request'), got
    got = refused(evil.call, 'request.submit')
    assert (got.reason, got.data['at']) == ('params', 'request'), got
    got = refused(evil.call, 'request.submit', request='x', more=1)
    assert got.reason == 'params', got
    assert stored() == before
    big = Hostile(vault, owner, 'big')
    try:
        big.call('request.submit', request='x' * 262144)
        raise AssertionError('taken')
    except ws.Closed:
        pass
    assert evil.call('session.info')['state'] == 'ready'


def a_jti_is_used_once():
    text = evil.payload()
    jws = evil.sign(text)
    first = evil.call('request.submit', request=jws)
    count = len(stored())
    assert evil.call('request.submit', request=jws) == first
    other = json.loads(text)
    got = evil.refused_submit(evil.sign(json.dumps({**other, 'uses': 7})))
    assert got.reason == 'conflict', got
    assert len(stored()) == count
    shown = owner.call('request.show', request=first['request'])
    assert shown['terms']['uses'] is None, shown
    evil.change('request.withdraw', request=first['request'])


def a_withdrawn_request_is_told_and_stays_so():
    asked = evil.ask()['request']
    got = evil.change('request.withdraw', request=asked)
    assert got['state'] == 'dropped', got
    assert evil.call('request.status', request=asked)['state'] == 'dropped'
    listed = owner.call('request.list', state='dropped')['requests']
    assert asked in [r['id'] for r in listed]
    assert asked not in [r['id']
                         for r in owner.call('request.list')['requests']]
    got = refused(evil.change, 'request.withdraw', request=asked)
    assert got.reason == 'conflict', got
    for method in ('request.approve', 'request.deny'):
        got = refused(owner.change, method, request=asked)
        assert got.reason == 'conflict', got


def one_use_has_what_there_was_when_it_was_taken():
    """Its pages may be fetched again, but bring nothing that came since."""
    for more in ({'action': 'once', 'uses': 1},
                 {'rate': {'n': 1, 'per_s': 604800}}):
        grant = evil.given({**TERMS, **more})
        owner.append('home/host/load', [[time.time_ns(), 1.0]])
        first = evil.query('**', grant=grant, form='json')
        cursor = first.result['cursor']
        ends = set()
        for end in ('', '.0', '.1'):
            owner.append('home/host/load', [[time.time_ns(), 2.0]])
            again = evil.query('**', grant=grant, form='json',
                               cursor=cursor + end)
            ends.add(again.result['scope']['to'])
            assert 2.0 not in [row[1] for row in again.rows], again.rows
        assert len(ends) == 1, ends
        refused(evil.query, '**', grant=grant, form='json')
        owner.change('grant.revoke', grant=grant)
        owner.change('stream.erase', name='home/host/load')
        owner.create('home/host/load', 'device.state')


def the_vault_is_whole_after_all_this():
    assert owner.call('audit.verify')['ok']
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([a_bad_signature_is_refused,
        a_request_for_another_ear_or_time_is_refused,
        what_is_unknown_missing_or_doubled_is_refused,
        what_is_out_of_range_is_refused, what_is_too_large_is_refused,
        a_jti_is_used_once, a_withdrawn_request_is_told_and_stays_so,
        one_use_has_what_there_was_when_it_was_taken,
        the_vault_is_whole_after_all_this])
