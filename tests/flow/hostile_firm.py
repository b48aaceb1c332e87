"""A firm that pries and helps itself, and an owner who looks away."""
import json
import time

import ws
from firm import TERMS, live_terms
from hostile import Hostile, item
from vault import Refusal, Vault, refused, stamp, ulid

NS = 10**9
NOW = int(time.time())
OWNERS_ONLY = (
    'vault.status vault.unlock vault.lock stream.create stream.list '
    'stream.show stream.set source.add source.list source.show source.set '
    'source.token source.block request.preview data.append firm.invite firm.list '
    'firm.show firm.confirm firm.block request.list request.show '
    'request.approve request.deny grant.revoke policy.check policy.apply '
    'policy.list policy.show policy.explain audit.verify interaction.add '
    'interaction.list interaction.rate interaction.score').split()

vault = Vault()
owner = vault.owner()
owner.create('home/host/load', 'device.state', value='f64', note='text')
owner.create('home/bedroom', 'home.climate')
rows = [[(NOW - 60 * i) * NS, i / 4] for i in range(600, 0, -1)]
owner.append('home/host/load', rows)
owner.append('home/bedroom', rows)
evil = Hostile(vault, owner, 'evil')
good = Hostile(vault, owner, 'good')
grant = good.given()
live = good.given(live_terms())
short = evil.given({**TERMS, 'life_s': 60})
short_until = time.time() + 60


# ---- what is another's ----

def what_is_anothers_is_like_what_is_not_there():
    theirs = good.ask()['request']
    jws = good.call('grant.receipt', grant=grant)['receipts'][0]['receipt']
    begun = good.call('data.subscribe', streams=['**'], grant=live)
    sub = begun['subscription']
    for method, name, ids, more in (
            ('grant.show', 'grant', (grant, live), {}),
            ('grant.receipt', 'grant', (grant, live), {}),
            ('grant.receipt', 'grant', (grant, live), {'from': 1}),
            ('grant.end', 'grant', (grant, live), {'idem': ulid}),
            ('grant.countersign', 'grant', (grant, live),
             {'seq': 1, 'countersignature': jws}),
            ('grant.countersign', 'grant', (grant,),
             {'seq': 1, 'countersignature': 'x'}),
            ('data.query', 'grant', (grant, live), {'streams': ['**']}),
            ('data.query', 'grant', (grant,), {'streams': ['device.state/1'],
                                               'every': '15min'}),
            ('data.latest', 'grant', (grant, live), {'streams': ['**']}),
            ('data.subscribe', 'grant', (grant, live), {'streams': ['**']}),
            ('request.status', 'request', (theirs,), {}),
            ('request.withdraw', 'request', (theirs,), {'idem': ulid}),
            ('data.ack', 'subscription', (sub,), {'seq': 1}),
            ('data.unsubscribe', 'subscription', (sub,), {})):
        for there in ids:
            absent = 99 if isinstance(there, int) else ulid()
            said = [evil.error(method, **{name: which}, **{
                k: v() if callable(v) else v for k, v in more.items()})
                for which in (there, absent)]
            assert said[0] == said[1], (method, said)
    mine = [g['id'] for g in evil.call('grant.list')['grants']]
    assert mine == [short], mine
    assert evil.call('audit.list')['origin'] != good.call('audit.list')[
        'origin']
    good.call('data.unsubscribe', subscription=sub)
    good.change('request.withdraw', request=theirs)


def a_stream_outside_is_like_one_that_is_not_there():
    hidden = good.given(live_terms(), narrow={'names': 'hide'})
    assert good.query('device.state/1', grant=hidden).rows
    for method in ('data.query', 'data.latest', 'data.subscribe'):
        said = {good.error(method, streams=streams, **more, grant=hidden)
                for streams, more in (
                    (['home/bedroom'], {}), (['home/host/load'], {}),
                    (['no/such'], {}), (['home/*'], {}), (['no/**'], {}),
                    (['home.climate/1'], {}), (['device.state/2'], {}),
                    (['device.state/1', 'home/bedroom'], {}),
                    (['device.state/1', 'no/such'], {}),
                    (['home/bedroom'], {'columns': ['x']}),
                    (['home/bedroom'], {'every': '15min'}))}
        assert len(said) == 1, (method, said)
        assert b'"reason":"denied"' in said.pop()


def methods_of_the_owner_are_none_of_a_firms():
    said = {evil.error(method) for method in OWNERS_ONLY}
    said |= {evil.error(method, idem=ulid(), grant=grant)
             for method in OWNERS_ONLY}
    said.add(evil.error('no.such'))
    assert len(said) == 1 and b'"reason":"method"' in said.pop()
    assert owner.call('grant.show', grant=grant)['grant']['state'] == 'active'
    assert owner.call('vault.status')['state'] == 'unlocked'


# ---- more than was given ----

def asking_for_more_is_named_and_gives_nothing():
    begin = (NOW - 7200) // 3600 * 3600
    means = {**TERMS, **item(stats=['mean'], bucket_s=900, window_s=7200)}
    small = good.given(means)
    before = owner.call('grant.show', grant=small)['grant']['last_use']
    quarter = {'every': '15min'}
    for what, more, *only in (
            ('every', {}), ('every', {'every': '5min'}),
            ('every', {'every': '1h'}),
            ('stats', {**quarter, 'stats': ['max']}),
            ('stats', {**quarter, 'stats': ['mean', 'count']}),
            ('columns', {**quarter, 'columns': ['note']}),
            ('columns', {**quarter, 'columns': ['no_such']}),
            ('columns', {**quarter, 'where': [
                {'column': 'no_such', 'op': '>', 'value': 0}]}, 'data.query'),
            ('columns', {**quarter, 'where': [
                {'column': 'value', 'op': '>', 'value': 0}]}, 'data.query')):
        for method in only or ('data.query', 'data.latest'):
            got = refused(good.call, method, grant=small, streams=['**'],
                          **more)
            assert got.reason == 'scope' and got.data['exceeds'] == [what], (
                method, more, got)
    got = refused(good.call, 'data.subscribe', grant=small, streams=['**'],
                  every='15min')
    assert got.data.get('exceeds') == ['live'], got
    after = owner.call('grant.show', grant=small)['grant']['last_use']
    assert before is after is None and good.pages == []
    got = good.query('**', grant=small, every='15min',
                     **{'from': stamp(begin - 86400 // 900 * 900)})
    assert got.rows and min(r[0] for r in got.rows) >= (NOW - 7200) * NS


def a_filter_that_lets_nothing_through_ends():
    '''In slices, each an entry, with pages of no rows between.'''
    owner.create('home/host/long', 'device.state', value='f64')
    rows = [[(NOW - 7200) * NS + i * 10**7, float(i)] for i in range(200000)]
    for at in range(0, len(rows), 5000):
        owner.append('home/host/long', rows[at:at + 5000])
    wide = good.given()
    for value, want in ((1e9, []), (199998.5, rows[-1:])):
        got = good.query('**', grant=wide, form='json', where=[
            {'column': 'value', 'op': '>', 'value': value}])
        assert got.rows == want, (value, got.rows[:3])
        assert len(got.pages) > 1 and got.pages[-1].final


def a_window_moves_on_from_under_a_cursor():
    fresh = [[int(time.time() * NS), 1.0]]
    owner.append('home/host/load', fresh, columns=['value'])
    narrow = good.given({**TERMS, **item(window_s=4)})
    got = good.query('**', grant=narrow)
    assert [r[:2] for r in got.rows] == fresh, got.rows
    time.sleep(4.5)
    for more in ({}, {'order': 'desc', 'form': 'json'}, {'from': stamp(0)}):
        again = good.query('**', grant=narrow, cursor=got.result['cursor'],
                           **more)
        assert again.rows == [], (more, again.rows)
    again = good.query('**', grant=narrow,
                       cursor=got.result['cursor'] + '.0')
    assert again.rows == [], again.rows


def rows_wait_for_their_delay_whatever_the_cursor():
    now = int(time.time() * NS)
    owner.append('home/host/load', [[now, 3.0]], columns=['value'])
    late = live_terms()
    late['items'] = [{**late['items'][0], 'delay_s': 3600}]
    late = good.given(late)
    begun = good.call('data.subscribe', streams=['**'], grant=late)
    for more in ({}, {'order': 'desc', 'form': 'json'}):
        got = good.query('**', grant=late, cursor=begun['cursor'], **more)
        assert all(r[0] <= now - 3600 * NS for r in got.rows), got.rows[:2]
    good.call('data.unsubscribe', subscription=begun['subscription'])


def no_session_has_more_than_64_subscriptions():
    def begin():
        return good.call('data.subscribe', streams=['**'], grant=live)

    subs = [begin()['subscription'] for _ in range(64)]
    got = refused(begin)
    assert got.reason == 'rate' and got.data['retry_after_ms'] >= 1, got
    for sub in subs:
        good.call('data.unsubscribe', subscription=sub)
    good.call('data.unsubscribe', subscription=begin()['subscription'])


# ---- rate, uses, life ----

def the_use_after_the_last_is_refused_even_after_a_kill():
    global few, slow
    few = good.given({**TERMS, 'uses': 3})
    slow = good.given({**TERMS, 'rate': {'n': 2, 'per_s': 3600}})
    for which in (few, slow):
        assert good.query('**', grant=which).rows
    again()
    for which in (few, slow):
        good.call('data.latest', streams=['**'], grant=which)
    got = refused(good.query, '**', grant=slow)
    assert got.reason == 'rate', got
    assert 0 < got.data['retry_after_ms'] <= 3600000, got
    again()
    assert refused(good.query, '**', grant=slow).reason == 'rate'
    left = good.call('grant.show', grant=few)['grant']['uses_left']
    assert left == 1, left
    good.query('**', grant=few)
    again()
    got = refused(good.query, '**', grant=few)
    assert got.reason == 'ended', got
    got = owner.call('grant.show', grant=few)['grant']
    assert got['state'] == 'exhausted' and got['uses_left'] == 0, got


def again():
    """Kill the daemon in the middle, begin anew."""
    global owner
    vault.kill()
    vault.start()
    owner = vault.owner()
    for firm in (evil, good):
        firm.wire.close()
        firm.owner = owner
        firm.connect()


# ---- cursors ----

def a_cursor_is_of_its_firm_and_grant_and_untouched():
    other = good.given()
    own = evil.given()
    asked = {'streams': ['**'], 'limit': 5}
    cursor = good.call('data.query', grant=grant, **asked)['cursor']

    def no(firm, which, text):
        got = refused(firm.call, 'data.query', grant=which, cursor=text,
                      **asked)
        assert (got.reason, got.data['at']) == ('params', 'cursor'), got
        return got.message

    said = {no(evil, own, cursor), no(good, other, cursor),
            no(good, live, cursor), no(evil, own, 'AAAA')}
    for i in range(20):
        at = i * (len(cursor) - 1) // 19
        for letter in 'A', 'B', '-', '=', ' ':
            if letter != cursor[at]:
                said.add(no(good, grant, cursor[:at] + letter
                            + cursor[at + 1:]))
                break
        said.add(no(good, grant, cursor[:at]) if at else no(
            good, grant, cursor[1:]))
    for end in ('.2', '.99', '.18446744073709551615', '.18446744073709551616',
                '.-1', '.', '.x', '.1.1', '.01x', '. 1'):
        said.add(no(good, grant, cursor + end))
    assert len(said) == 1, said
    got = refused(evil.call, 'data.query', grant=grant, cursor=cursor, **asked)
    assert got.reason == 'denied' or got.data.get('at') == 'cursor', got


def a_cursor_goes_on_behind_any_page_of_a_query():
    first = good.query('**', grant=grant, limit=5)
    every = good.query('**', grant=grant).rows
    cursor = first.result['cursor']
    for end, left in (('', every), ('.0', every), ('.1', every[5:])):
        got = good.query('**', grant=grant, cursor=cursor + end).rows
        assert got == left and first.rows == every[:5], (end, got[:3])


def a_page_that_was_lost_comes_again_and_takes_no_use():
    once = good.given({**TERMS, 'uses': 1})
    first = good.query('**', grant=once, limit=400)
    cursor = first.result['cursor']
    for end, rows in (('', first.rows), ('.0', first.rows)):
        assert good.query('**', grant=once, limit=400,
                          cursor=cursor + end).rows == rows
    for other in ({'limit': 401}, {'limit': 400, 'form': 'json'},
                  {'limit': 400, 'columns': ['value']}, {}):
        got = refused(good.query, '**', grant=once, cursor=cursor, **other)
        assert got.reason == 'ended', (other, got)
    uses = [e for e in owner.call('audit.list', grant=once, types=['use'],
                                  firm='good')['entries']]
    assert len({json.loads(e['detail'])['use'] for e in uses}) == 1, uses


def the_owner_cuts_off_what_is_left_of_a_last_use():
    once = good.given({**TERMS, 'uses': 1})
    number = good.send('data.query', streams=['**'], grant=once, form='json',
                       credit=1)
    cursor = good.answer(number)['cursor']
    assert not good.page(number).final
    state = owner.call('grant.show', grant=once)['grant']['state']
    assert state == 'exhausted', state
    assert owner.change('grant.revoke', grant=once)['state'] == 'exhausted'
    again = refused(owner.change, 'grant.revoke', grant=once)
    assert again.reason == 'conflict', again
    good.tell('flow.credit', ref=number, pages=8)
    got = refused(good.query, '**', grant=once, cursor=cursor, form='json')
    assert got.reason == 'ended', got
    assert [p for p in good.pages if p.ref == number] == []


def another_session():
    other = Hostile.__new__(Hostile)
    other.__dict__.update(good.__dict__)
    return other.connect()


def a_fifth_session_of_a_firm_is_closed():
    more = [another_session() for _ in range(3)]
    assert all(o.call('session.info')['role'] == 'firm' for o in more)
    try:
        another_session().call('session.info')
        raise AssertionError('a fifth session is open')
    except ws.Closed as closed:
        assert 'too many sessions' in str(closed), closed
    for other in more:
        other.close()


def as_many_uses_are_had_as_were_granted_whoever_races():
    racer = Hostile(vault, owner, 'racer')
    sessions = [racer]
    for _ in range(3):
        sessions.append(Hostile.__new__(Hostile))
        sessions[-1].__dict__.update(racer.__dict__)
        sessions[-1].connect()
    for terms, reason in (({'uses': 7}, 'ended'),
                          ({'rate': {'n': 7, 'per_s': 86400}}, 'rate')):
        grant = racer.given({**TERMS, **terms})
        asked = [(each, each.send('data.query', streams=['**'], grant=grant,
                                  limit=1, form='json'))
                 for _ in range(4) for each in sessions]
        said = [outcome(*each) for each in asked]
        assert said.count('yes') == 7 and set(said) == {'yes', reason}, said
        uses = owner.call('audit.list', grant=grant, types=['use'],
                          firm='racer')['entries']
        assert len(uses) == 7, uses
    for each in sessions:
        each.close()


def outcome(who, number):
    try:
        who.answer(number)
        return 'yes'
    except Refusal as no:
        return no.reason


def too_much_text_ends_the_session():
    heavy = Hostile(vault, owner, 'heavy')
    text = '{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":[%s]}}' % (
        ','.join(['{}'] * 80000))
    for _ in range(30):
        heavy.wire.text(text)
        opcode, said = heavy.wire.frame()
        if opcode == ws.CLOSE:
            break
    assert said[2:] == b'too much text', said[:80]


# ---- lists ----

def walk(method, member, **params):
    """All ids of a list, page by page, and how many pages there were."""
    ids, pages = [], 0
    while True:
        got = owner.call(method, **params)
        ids += [each['id'] for each in got[member]]
        pages += 1
        assert pages < 50 and (got[member] or 'cursor' not in got), got
        if 'cursor' not in got:
            return ids, pages
        params['cursor'] = got['cursor']


def cursors_of_lists_walk_the_whole_list():
    for i in range(300):
        owner.create('wide/%s/%d' % ('/'.join(['x' * 60] * 3), i),
                     'energy.electricity')
    wide = Hostile(vault, owner, 'wide')
    terms = {**TERMS, **item(data='energy.electricity')}
    made = [wide.given(terms, narrow={'names': 'show'}) for _ in range(6)]
    ids, pages = walk('grant.list', 'grants', firm='wide')
    assert sorted(ids) == sorted(made) and pages > 1, (pages, ids, made)
    everyone, _ = walk('grant.list', 'grants')
    assert len(everyone) == len(set(everyone)) and set(made) < set(everyone)
    asked = [wide.ask()['request'] for _ in range(7)]
    ids, _ = walk('request.list', 'requests', firm='wide')
    assert sorted(ids) == sorted(asked), ids
    seen = []
    size = owner.call('audit.head')['size']
    while True:
        got = owner.call('audit.list', limit=37,
                         **({'after': seen[-1]} if seen else {}))['entries']
        if not got:
            break
        seen += [entry['index'] for entry in got]
    assert seen[:size] == list(range(size)), (size, seen[:50])
    wide.wire.close()


# ---- who may come in ----

def shut_out(firm):
    try:
        firm.connect()
    except ws.Closed:
        return
    raise RuntimeError('let in')


def whoever_is_not_confirmed_gets_nothing():
    new = Hostile.__new__(Hostile)
    new.vault, new.owner, new.name = vault, owner, 'new'
    new.key = vault.path('new.jwk')
    new.id = new.enrol()
    shut_out(new)
    shown = owner.call('firm.show', firm='new')
    assert shown['firm']['state'] == 'pending', shown
    assert shown['grants'] == shown['requests'] == []


def a_blocked_firm_gets_nothing_after_a_restart_either():
    global blocked
    blocked = Hostile(vault, owner, 'blocked')
    held = blocked.given(live_terms())
    blocked.call('data.subscribe', streams=['**'], grant=held)
    asked = blocked.ask()['request']
    got = owner.change('firm.block', firm='blocked')
    assert held in got['grants'], got
    owner.append('home/host/load', [[int(time.time() * NS), 9.0]],
                 columns=['value'])
    try:
        got = refused(blocked.query, '**', grant=held)
        assert got.reason in ('denied', 'ended'), got
        refused(blocked.call, 'request.status', request=asked)
        refused(blocked.ask)
    except ws.Closed:
        pass
    assert blocked.pages == [], 'rows after the block'
    shut_out(blocked)
    try:
        owner.change('request.approve', request=asked)
        raise AssertionError('a grant for a blocked firm')
    except Refusal as no:
        assert no.reason == 'conflict', no
    again()
    blocked.owner = owner
    shut_out(blocked)
    assert owner.call('grant.list', firm='blocked')['grants'] == []


def a_revoked_grant_stays_dead_after_a_restart():
    gone = good.given()
    good.query('**', grant=gone)
    cursor = good.call('data.query', streams=['**'], grant=gone)['cursor']
    owner.change('grant.revoke', grant=gone)
    for _ in range(2):
        for more in ({}, {'cursor': cursor}):
            got = refused(good.query, '**', grant=gone, **more)
            assert got.reason in ('ended', 'params'), got
        for method in ('data.latest', 'data.subscribe'):
            got = refused(good.call, method, streams=['**'], grant=gone)
            assert got.reason == 'ended', got
        got = refused(good.change, 'grant.end', grant=gone)
        assert got.reason == 'ended', got
        again()


def a_grant_dies_with_its_life():
    time.sleep(max(0, short_until + 1 - time.time()))
    for method in ('data.query', 'data.latest'):
        got = refused(evil.call, method, streams=['**'], grant=short)
        assert got.reason == 'ended', got
    until = time.monotonic() + ws.GUARD
    while owner.call('grant.show', grant=short)['grant']['state'] != 'expired':
        assert time.monotonic() < until, 'the clock does not end it'
        time.sleep(0.5)


def the_vault_is_whole_after_all_this():
    assert owner.call('audit.verify')['ok']
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([what_is_anothers_is_like_what_is_not_there,
        a_stream_outside_is_like_one_that_is_not_there,
        methods_of_the_owner_are_none_of_a_firms,
        asking_for_more_is_named_and_gives_nothing,
        a_filter_that_lets_nothing_through_ends,
        a_window_moves_on_from_under_a_cursor,
        rows_wait_for_their_delay_whatever_the_cursor,
        no_session_has_more_than_64_subscriptions,
        the_use_after_the_last_is_refused_even_after_a_kill,
        a_cursor_is_of_its_firm_and_grant_and_untouched,
        a_cursor_goes_on_behind_any_page_of_a_query,
        the_owner_cuts_off_what_is_left_of_a_last_use,
        a_fifth_session_of_a_firm_is_closed,
        as_many_uses_are_had_as_were_granted_whoever_races,
        too_much_text_ends_the_session,
        a_page_that_was_lost_comes_again_and_takes_no_use,
        cursors_of_lists_walk_the_whole_list,
        whoever_is_not_confirmed_gets_nothing,
        a_blocked_firm_gets_nothing_after_a_restart_either,
        a_revoked_grant_stays_dead_after_a_restart,
        a_grant_dies_with_its_life, the_vault_is_whole_after_all_this])
