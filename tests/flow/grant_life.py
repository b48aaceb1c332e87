"""What becomes of a grant between its birth and its end: it is suspended and
resumed, narrowed, admits streams that come later, and is marked unlawful."""
import base64
import json
import time

import ws
from firm import TERMS, Firm, live_terms, node
from typist import types_at
from vault import Vault, refused, ulid

NS = 10**9
HOUR = 3600
NOW = int(time.time()) // HOUR * HOUR

node()
vault = Vault()
owner = vault.owner()
owner.create('home/host/load', 'device.state')
owner.append('home/host/load',
             [[(NOW - 60 * i) * NS, i / 4] for i in range(180, 0, -1)])
firm = Firm(vault, owner, 'brightgrid')
firm.paced = True


def told(reason):
    """What the firm is told with this reason; what came before is past."""
    while True:
        while firm.notes:
            note = firm.notes.pop(0)
            if (note['method'] == 'grant.changed' and
                    note['params']['reason'] == reason):
                return note['params']
        firm.call('session.info')


def explained(grant):
    return owner.call('policy.explain', grant=grant)['text'][1]


def a_suspended_grant_gives_nothing_and_is_resumed():
    grant = firm.given()
    rows = firm.query('**', grant=grant).rows
    assert len(rows) == 180, len(rows)
    done = owner.change('grant.suspend', grant=grant)
    assert done == {'grant': grant, 'state': 'suspended'}, done
    assert refused(firm.query, '**', grant=grant).reason == 'denied'
    assert refused(owner.change, 'grant.suspend',
                   grant=grant).reason == 'conflict'
    assert told('suspended')['state'] == 'suspended'
    owner.append('home/host/load', [[time.time_ns(), 99.0]])
    said = explained(grant)
    assert said.startswith('this grant is suspended, by you, since 20'), said
    assert said.endswith('and gives nothing until you resume it'), said
    owner.change('grant.resume', grant=grant)
    assert told('resumed')['state'] == 'active'
    # What was stored for that time is withheld, also as the latest.
    later = time.time_ns()
    owner.append('home/host/load', [[later, 7.5]])
    values = [row[1] for row in firm.query('**', grant=grant).rows]
    assert 99.0 not in values and 7.5 in values, values[-3:]
    shown = owner.call('grant.show', grant=grant)['grant']
    assert len(shown['gaps']) == 1 and shown['suspended'] is None, shown
    assert shown['ended'] is None, shown
    done = owner.change('grant.revoke', grant=grant)
    assert explained(grant).startswith('this grant is withdrawn, by you, since')
    shown = owner.call('grant.show', grant=grant)['grant']
    assert shown['ended'] == {'at': done['ended_at'], 'by': 'owner'}, shown
    assert 'ended' not in firm.call('grant.show', grant=grant)['grant']
    code, out, err = vault.ctl('grant', 'show', grant)
    assert code == 0 and 'ended by' in out and 'owner' in out, (out, err)


def the_latest_is_not_that_of_a_gap():
    grant = firm.given()
    owner.change('grant.suspend', grant=grant)
    owner.append('home/host/load', [[time.time_ns(), 55.0]])
    owner.change('grant.resume', grant=grant)
    got = firm.call('data.latest', streams=['**'], grant=grant)
    assert got['series'][0]['values'] == [7.5], got
    # Given all the same where the owner says so.
    owner.change('grant.suspend', grant=grant)
    owner.append('home/host/load', [[time.time_ns(), 56.0]])
    owner.change('grant.resume', grant=grant, release_gap=True)
    got = firm.call('data.latest', streams=['**'], grant=grant)
    assert got['series'][0]['values'] == [56.0], got
    owner.change('grant.revoke', grant=grant)


def a_row_is_withheld_by_its_own_time_and_not_by_when_it_came():
    before = time.time_ns()
    grant = firm.given()
    owner.change('grant.suspend', grant=grant)
    owner.append('home/host/load', [[before, 131.0], [time.time_ns(), 132.0]])
    owner.change('grant.resume', grant=grant)
    values = [row[1] for row in firm.query('**', grant=grant).rows]
    assert 131.0 in values and 132.0 not in values, values[-3:]
    owner.change('grant.revoke', grant=grant)
    # The help says so.
    code, out, err = vault.ctl('grant', 'resume', '-h')
    assert code == 0 and 'dated between' in out, (out, err)
    assert 'stored meanwhile' not in out, out


def what_is_live_is_cut_before_suspending_is_answered():
    grant = firm.given(live_terms())
    begun = firm.call('data.subscribe', streams=['**'], grant=grant)
    owner.append('home/host/load', [[time.time_ns(), 1.0]])
    assert firm.page(begun['subscription']).rows
    owner.change('grant.suspend', firm='brightgrid')
    owner.append('home/host/load', [[time.time_ns(), 2.0]])
    for _ in range(20):
        firm.call('session.info')
    assert [p for p in firm.pages if p.rows] == [], firm.pages
    owner.change('grant.resume', all=True)
    begun = firm.call('data.subscribe', streams=['**'], grant=grant,
                      cursor=begun['cursor'])
    owner.append('home/host/load', [[time.time_ns(), 3.0]])
    seen, gap = [], False
    while 3.0 not in seen:
        page = firm.page(begun['subscription'])
        seen += [row[1] for row in page.rows]
        gap = gap or page.gap
    assert 2.0 not in seen and gap, (seen, gap)
    owner.change('grant.revoke', grant=grant)


def a_narrowed_grant_gives_less():
    grant = firm.given()
    done = owner.change('grant.narrow', grant=grant,
                        narrow={'window': '2h', 'rate': '2/day',
                                'detail': 'max/1h'})
    assert (done['state'], done['terms']) == ('active', 2), done
    assert told('narrowed')['state'] == 'active'
    assert refused(firm.query, '**', grant=grant).reason == 'scope'
    got = firm.query('**', grant=grant, every='1h', stats=['max'])
    assert 0 < len(got.rows) <= 2, got.rows
    got = refused(owner.change, 'grant.narrow', grant=grant,
                  narrow={'window': '3h'})
    assert got.reason == 'conflict', got
    receipts = firm.call('grant.receipt', grant=grant, **{'from': 1})
    assert [r['seq'] for r in receipts['receipts']] == [1, 2], receipts
    owner.change('grant.revoke', grant=grant)


def a_stream_that_comes_later_waits():
    grant = firm.given(narrow={'names': 'show'})
    owner.create('home/other/load', 'device.state')
    owner.append('home/other/load', [[(NOW - 60) * NS, 4.0]])
    assert refused(firm.query, 'home/other/load', grant=grant)
    shown = owner.call('grant.show', grant=grant)['grant']
    assert shown['held'] == ['home/other/load'], shown
    owner.change('grant.admit', grant=grant, stream='home/other/load')
    assert told('admitted')['grant'] == grant
    assert firm.query('home/other/load', grant=grant).rows
    got = refused(owner.change, 'grant.admit', grant=grant,
                  stream='home/other/load')
    assert got.reason == 'conflict', got
    owner.change('grant.revoke', grant=grant)
    # Or it joins by itself.
    grant = firm.given(narrow={'names': 'show', 'new_streams': 'include'})
    owner.create('home/third/load', 'device.state')
    owner.append('home/third/load', [[(NOW - 60) * NS, 4.0]])
    assert firm.query('home/third/load', grant=grant).rows
    owner.change('grant.revoke', grant=grant)


def only_some_streams_may_be_given():
    grant = firm.given(narrow={'names': 'show',
                               'streams': ['home/third/*']})
    assert firm.query('home/third/load', grant=grant).rows
    assert refused(firm.query, 'home/host/load', grant=grant)
    owner.change('grant.revoke', grant=grant)


def none_is_renewed_early():
    got = refused(owner.change, 'grant.renew', grant=firm.given(
        {**TERMS, 'life_s': 86400 * 30}))
    assert '14 days' in got.message, got.message


def a_grant_is_renewed_by_the_owner():
    grant = firm.given()
    done = owner.change('grant.renew', grant=grant)
    assert done['renews'] == grant and done['grant'] != grant, done
    assert told('replaced')['grant'] == grant
    assert told('renewed')['grant'] == done['grant']
    assert refused(firm.query, '**', grant=grant).reason == 'ended'
    assert firm.query('**', grant=done['grant']).rows
    newest, = firm.call('grant.receipt', grant=grant)['receipts']
    first, = firm.call('grant.receipt', grant=done['grant'])['receipts']
    assert (newest['seq'], first['seq']) == (2, 1), (newest, first)


def claims_of(grant):
    """Of all its receipts."""
    return [json.loads(base64.urlsafe_b64decode(
        each['receipt'].split('.')[1] + '==')) for each in firm.call(
            'grant.receipt', grant=grant, **{'from': 1})['receipts']]


def a_suspended_grant_is_renewed_as_it_is():
    grant = firm.given()
    owner.change('grant.suspend', grant=grant)
    done = owner.change('grant.renew', grant=grant)
    assert (done['renews'], done['state']) == (grant, 'suspended'), done
    assert refused(firm.query, '**', grant=done['grant']).reason == 'denied'
    owner.change('grant.resume', grant=done['grant'])
    assert firm.query('**', grant=done['grant']).rows
    chain = claims_of(done['grant'])
    assert [(c['seq'], c['event']) for c in chain] == [
        (1, 'renewed'), (2, 'suspended'), (3, 'resumed')], chain
    owner.change('grant.revoke', grant=done['grant'])


def each_use_may_be_the_owners_to_allow():
    grant = firm.given(narrow={'ask_each': True})
    got = refused(firm.query, '**', grant=grant)
    assert (got.reason, got.data['waits_for']) == ('pending', 'owner'), got
    assert refused(firm.query, '**', grant=grant).reason == 'pending'
    use, = owner.call('request.list')['uses']
    assert (use['firm'], use['grant']) == ('brightgrid', grant), use
    assert use['says'].startswith('a query of **'), use
    code, out, err = vault.ctl('request', 'list')
    assert code == 0 and use['id'] in out, (out, err)
    # It is allowed as it is, or denied, and could be had of this grant.
    for method, how in (('request.approve', {'all': True}),
                        ('request.approve', {'narrow': {'window': '1h'}}),
                        ('request.approve', {'only': [
                            {'purpose': 'service.repair', 'n': 1}]}),
                        ('request.deny', {'reason': 'no'})):
        got = refused(owner.change, method, request=use['id'], **how)
        assert (got.reason, got.data['at']) == ('params', *how), (got, how)
    seen = owner.call('policy.who_could_see', data='device.state')
    assert grant in [g['grant'] for g in seen['grants']], seen
    # The latest of the same is another question, and so is another stream.
    assert refused(firm.call, 'data.latest', streams=['**'],
                   grant=grant).reason == 'pending'
    code, out, err = vault.ctl('request', 'approve', use['id'])
    assert code == 2 and '--yes' in err, (code, out, err)
    code, shown = types_at(vault, 'request', 'approve', use['id'],
                           answers=[(b'be given this, once? [y/N] ', 'n')])
    assert code == 1 and use['says'] in shown, (code, shown)
    code, out, err = vault.ctl('request', 'approve', use['id'], '--yes',
                               '--json')
    assert code == 0 and '"allowed"' in out, (out, err)
    assert refused(firm.query, 'home/*/load', grant=grant).reason == 'pending'
    assert firm.query('**', grant=grant).rows
    assert refused(firm.query, '**', grant=grant).reason == 'pending'
    # Four wait: one too many.
    got = refused(firm.query, 'home/**', grant=grant)
    assert got.reason == 'rate', got
    for use in owner.call('request.list')['uses']:
        owner.change('request.deny', request=use['id'])
    assert owner.call('request.list')['uses'] == []
    assert refused(firm.query, '**', grant=grant).reason == 'denied'
    # The owner sees all that is asked for, or nobody is asked.
    many = ['home/no-such-thing-%d/load' % i for i in range(30)] + ['**']
    got = refused(firm.query, *many, grant=grant)
    assert (got.reason, got.data['at']) == ('params', 'streams'), got
    assert refused(firm.query, *many[-9:], grant=grant, to=NOW * NS).reason == \
        'pending'
    use, = owner.call('request.list')['uses']
    assert use['says'].startswith('a query to 20'), use
    assert use['says'].endswith(', **'), use
    owner.change('grant.revoke', grant=grant)


def what_has_to_be_named_is_told():
    terms = {**TERMS, 'items': [TERMS['items'][0], {
        **TERMS['items'][0], 'n': 2, 'data': 'health.heart'}]}
    asked = firm.ask(terms)['request']
    shown = owner.call('request.show', request=asked)
    assert shown['explicit'] == [{'purpose': 'service.repair', 'n': 2}], shown
    code, out, err = vault.ctl('request', 'show', asked)
    assert code == 0 and 'to be named' in out, (out, err)
    assert '--only service.repair:2' in out and 'repair:1' not in out, out
    # It is told as long as it waits, with whose it is and its ID.
    says = 'A request of brightgrid waits for your decision.'
    told_of = [(n['subject'], n['says'])
               for n in owner.call('vault.status')['notices']]
    assert (asked, says) in told_of, told_of
    code, out, err = vault.ctl('status')
    assert code == 0 and says in out and asked in out, (out, err)
    # A no would hold for 90 days, also of what others here are given.
    firm.call('request.withdraw', request=asked, idem=ulid())
    notices = owner.call('vault.status')['notices']
    assert says not in [n['says'] for n in notices], notices


def the_owner_hears_of_uses():
    grant = firm.given(narrow={'notify': 'each'})
    firm.query('**', grant=grant)
    firm.query('**', grant=grant)
    owner.call('vault.status')
    heard = [note['params'] for note in owner.notes
             if note['method'] == 'owner.notice' and
             note['params']['subject'] == grant]
    assert [h['kind'] for h in heard] == ['use', 'use'], heard
    assert heard[0]['says'].startswith('brightgrid has used a grant 1 '), heard
    code, out, err = vault.ctl('status')
    assert code == 0 and 'brightgrid has used a grant 1' in out, (out, err)
    newest = owner.call('vault.status')['notices'][0]
    assert (newest['kind'], newest['subject']) == ('use', grant), newest
    owner.change('grant.revoke', grant=grant)


def receipts_are_had_in_the_forms_of_others():
    grant = firm.given()
    for form, version in (('dpv', 'dpv:ConsentReceipt'),
                          ('kantara', 'KI-CR-v1.1.0')):
        code, out, err = vault.ctl('grant', 'receipt', grant, '--as', form)
        assert code == 0 and err == '', (code, err)
        got = json.loads(out)
        assert got.get('@type', got.get('version')) == version, got
        signed = got.get('vault:receipt', got.get('vault_receipt'))
        receipt, = firm.call('grant.receipt', grant=grant)['receipts']
        assert signed['payload'] == receipt['receipt'].split('.')[1], signed
    assert vault.ctl('grant', 'receipt', grant, '--as', 'pdf')[0] == 2
    owner.change('grant.revoke', grant=grant)


def what_was_unlawful_is_marked_so():
    grant = firm.given()
    done = owner.change('grant.invalidate', grant=grant)
    assert done['state'] == 'invalid', done
    assert refused(firm.query, '**', grant=grant).reason == 'ended'
    assert told('invalidated')['grant'] == grant
    code, out, err = vault.ctl('grant', 'suspend', '--all', '--json')
    assert code == 0 and '"suspended"' in out, (out, err)
    code, out, err = vault.ctl('audit', 'verify', '--json')
    assert code == 0, (out, err)
    owner.close()
    firm.wire.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([a_suspended_grant_gives_nothing_and_is_resumed,
        the_latest_is_not_that_of_a_gap,
        a_row_is_withheld_by_its_own_time_and_not_by_when_it_came,
        what_is_live_is_cut_before_suspending_is_answered,
        a_narrowed_grant_gives_less, a_stream_that_comes_later_waits,
        only_some_streams_may_be_given, none_is_renewed_early,
        a_grant_is_renewed_by_the_owner,
        a_suspended_grant_is_renewed_as_it_is,
        each_use_may_be_the_owners_to_allow,
        what_has_to_be_named_is_told, the_owner_hears_of_uses,
        receipts_are_had_in_the_forms_of_others,
        what_was_unlawful_is_marked_so])
