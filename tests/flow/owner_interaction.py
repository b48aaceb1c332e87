"""The owner's notes of dealings with firms: by call, and by command."""
import json
import time

import ws
from vault import Vault, refused, stamp, ulid

NOW = int(time.time())
MANY = 1300
IN_FLIGHT = 8
vault = Vault()
owner = vault.owner()


def add(firm, **params):
    return owner.change('interaction.add', firm=firm, **params)


def nps(raw):
    return {'scale': 'nps', 'raw': raw}


def a_record_keeps_what_was_said():
    global first
    got = add('fernhill', t_event=stamp(NOW - 9 * 86400), channel='phone',
              direction='firm-person', subject='they called back', weight=1,
              perceived=nps(8))
    record = got['record']
    first = got['id']
    assert got['rev'] == record['rev'] == 1 and record['id'] == first
    assert record['t_event'] == stamp(NOW - 9 * 86400)
    assert record['channel'] == 'phone' and record['weight'] == 1
    assert record['direction'] == 'firm-person'
    assert record['perceived']['q'] == 800
    assert owner.call('interaction.list')['interactions'] == [record]


def what_is_out_of_range_is_refused_by_name():
    for at, params in (('weight', {'weight': 4}),
                       ('channel', {'channel': 'owl'}),
                       ('perceived.raw', {'perceived': nps(11)}),
                       ('perceived.q', {'perceived': {**nps(5), 'q': 400}}),
                       ('t_event', {'t_event': stamp(NOW + 3 * 86400)}),
                       ('practices', {'practices': []})):
        got = refused(add, 'fernhill', **params)
        assert (got.reason, got.data['at']) == ('params', at), got


def a_score_is_in_thousandths_and_its_parts_in_billionths():
    add('fernhill', t_event=stamp(NOW - 4 * 86400), perceived=nps(3))
    add('fernhill', weight=2, perceived=nps(9), t_event=stamp(NOW - 60))
    waits = add('fernhill')
    score = owner.call('interaction.score', firm='fernhill')
    assert (score['S'], score['L'], score['n']) == (136520, 772000, 3), score
    assert score['last'] == stamp(NOW - 60)
    assert score['class'] == 'better' and not score['settled']
    assert [p['d'] for p in score['contributions']] == [300, -290, 397]
    assert sum(p['delta'] for p in score['contributions']) == 136520 * 10**6
    assert score['excluded'] == [{'id': waits['id'], 'why': 'not rated'}]
    assert score['version'] == 'ix-1'
    rated = owner.change('interaction.rate', id=waits['id'], raw=5)
    assert rated['q'] == 500 and rated['rev'] == 2
    score = owner.call('interaction.score', firm='fernhill')
    assert score['S'] == rated['score'] and score['n'] == 4
    assert score['contributions'][-1]['d'] == rated['d']


def a_firm_without_a_rating_has_no_score():
    score = owner.call('interaction.score', firm='newcomer')
    assert (score['S'], score['n'], score['last']) == (0, 0, None), score


def what_this_release_lacks_is_refused():
    for method, params in (('interaction.score', {'role': 'payer'}),
                           ('interaction.score', {'at': stamp(NOW)}),
                           ('interaction.score', {'from': stamp(NOW)}),
                           ('interaction.list', {'kind': 'critical'})):
        got = refused(owner.call, method, firm='fernhill', **params)
        assert got.reason == 'params', got


def commands_tell_the_same_in_points():
    code, out, err = vault.ctl('interaction', 'score', 'fernhill')
    score = owner.call('interaction.score', firm='fernhill')
    assert code == 0, err
    assert '%+d, better' % round(score['S'] / 1000) in out, (out, score)
    assert '%d of 1000' % round(score['L'] / 1000) in out, (out, score)
    code, out, err = vault.ctl('interaction', 'rate', first, '2', '--scale',
                               'likert-5', '--json')
    assert code == 0 and json.loads(out)['q'] == 250, (out, err)
    code, out, err = vault.ctl('interaction', 'add', 'fernhill', '--practice',
                               'informing')
    assert code == 2 and 'does not have it yet' in err, err


def many_are_told_in_pages():
    """More than one message takes; a score, its newest parts."""
    ids, waiting = [], []
    for i in range(MANY):
        waiting.append(owner.send(
            'interaction.add', idem=ulid(), firm='busy', channel='app',
            t_event=stamp(NOW - 86400 + i // 2), subject='n%d' % i,
            **({'perceived': nps(i % 11)} if i % 2 else {})))
        if len(waiting) == IN_FLIGHT:
            ids.append(owner.answer(waiting.pop(0))['id'])
    ids += [owner.answer(number)['id'] for number in waiting]
    got, cursor, pages = [], {}, 0
    while cursor is not None:
        page = owner.call('interaction.list', firm='busy', **cursor)
        got += page['interactions']
        cursor = {'cursor': page['cursor']} if 'cursor' in page else None
        pages += 1
    assert pages > 1 and sorted(r['id'] for r in got) == sorted(ids), pages
    keys = [(r['t_event'], r['id']) for r in got]
    assert keys == sorted(keys)
    score = owner.call('interaction.score', firm='busy')
    assert score['n'] == MANY // 2 and score['settled'], score['n']
    assert score['contributions'][-1]['id'] == [
        r['id'] for r in got if 'perceived' in r][-1]
    code, out, err = vault.ctl('interaction', 'list', 'busy', '--json')
    assert code == 0 and json.loads(out)['interactions'] == got, err
    got = refused(owner.call, 'interaction.list', cursor='x')
    assert got.reason == 'params' and got.data['at'] == 'cursor', got
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([a_record_keeps_what_was_said, what_is_out_of_range_is_refused_by_name,
        a_score_is_in_thousandths_and_its_parts_in_billionths,
        a_firm_without_a_rating_has_no_score,
        what_this_release_lacks_is_refused, commands_tell_the_same_in_points,
        many_are_told_in_pages])
