"""What may be told: delay, window, interval, late rows, rounded values."""
import os
import time

import ws
from firm import TERMS, live_terms
from hostile import Hostile, item
from vault import Vault, raw_append, refused, ulid
import block  # where vault.py says

NS = 10**9
DAY = 86400
FAR = '2100-01-01T00:00:00Z'

vault = Vault()
owner = vault.owner()
firm = Hostile(vault, owner, 'firm')


def now():
    return time.time_ns()


def live(**other):
    return {**TERMS, 'action': 'live',
            **item(**{**live_terms()['items'][0], **other})}


def stream(name, *rows, **columns):
    owner.create(name, 'device.state', **columns)
    put(name, *rows)


def put(name, *rows):
    if rows:
        owner.append(name, [list(row) for row in rows])


def begin(grant, *names, **more):
    """A subscription, in JSON unless said."""
    return firm.call('data.subscribe', streams=list(names), grant=grant,
                     **{'form': 'json', 'credit': 1024, **more})


def end(*subs):
    for sub in subs:
        firm.call('data.unsubscribe', subscription=sub['subscription'])
    firm.pages.clear()


def pages_of(sub):
    return [page for page in firm.pages if page.ref == sub['subscription']]


def rows_of(sub):
    return [row for page in pages_of(sub) for row in page.rows]


def values(sub):
    return [row[1] for row in rows_of(sub)]


def await_rows(sub, count, age=0):
    """Its rows, each at least so many ns old when it comes; none breaks it
    off."""
    seen = len(rows_of(sub))
    while seen < count:
        firm.take()
        assert not any('error' in said for said in firm.answers.values()), \
            firm.answers
        for row in rows_of(sub)[seen:]:
            assert now() - row[0] >= age, (now() - row[0], row)
        seen = len(rows_of(sub))
    return rows_of(sub)


def again(sub):
    """The same subscription, by the cursor behind its newest page."""
    last = pages_of(sub)[-1].seq
    cursor = firm.call('data.ack', subscription=sub['subscription'],
                       seq=last)['cursor']
    end(sub)
    return cursor


# ---- delay ----

def a_row_younger_than_the_delay_waits_and_comes_once():
    stream('slow', [now() - 60 * NS, 0.0], [now() - NS, 1.0])
    grant = firm.given(live(delay_s=4))
    sub = begin(grant, 'slow')
    put('slow', [now(), 2.0])
    put('slow', [now() - 2 * NS, 3.0], [now() - 30 * NS, 4.0])
    rows = await_rows(sub, 4, age=4 * NS)
    assert sorted(row[1] for row in rows) == [1, 2, 3, 4], rows
    assert rows[0][1] == 4, rows  # old enough at once
    cursor = again(sub)
    put('slow', [now() - 40 * NS, 5.0])
    sub = begin(grant, 'slow', cursor=cursor)
    assert [row[1] for row in await_rows(sub, 1)] == [5], rows_of(sub)
    end(sub)


def no_place_is_beyond_what_is_visible():
    stream('ahead', [now() - 2 * DAY * NS, 0.0])
    grant = firm.given(live(delay_s=DAY))
    asked = firm.send('data.query', grant=grant, streams=['ahead'],
                      form='json', **{'from': FAR})
    query = firm.answer(asked)['cursor']
    first = begin(grant, 'ahead', **{'from': FAR})
    subs = [first, begin(grant, 'ahead', cursor=first['cursor']),
            begin(grant, 'ahead', cursor=first['cursor'] + '.0'),
            begin(grant, 'ahead', cursor=query)]
    put('ahead', [now(), 1.0])
    put('ahead', [now() - 3600 * NS, 2.0])
    put('ahead', [now() - 3 * DAY * NS, 3.0])
    for sub in subs[1:3]:
        assert [row[1] for row in await_rows(sub, 1)] == [3], rows_of(sub)
    assert await_rows(subs[3], 2) and set(values(subs[3])) == {0, 3}
    assert values(first) == []
    end(*subs)


# ---- window, keep ----

def wait_until(when):
    while now() < when:
        owner.call('vault.status')


def moves(name, bound):
    """A row that grows too old for the bound before it comes is not told."""
    free = firm.given(live())
    subs = [begin(bound, name), begin(free, 'free')]
    old = now() - NS
    wait_until(old + 4 * NS)
    put(name, [old, 1.0])
    put(name, [now(), 2.0])
    put('free', [now(), 3.0])
    await_rows(subs[1], 1)
    await_rows(subs[0], 1)
    assert values(subs[0]) == [2], rows_of(subs[0])
    end(*subs)


def a_live_window_moves_with_the_clock():
    stream('edge', [now(), 0.0])
    stream('free', [now(), 0.0])
    moves('edge', firm.given(live(window_s=3)))


def rows_that_a_stream_keeps_no_longer_are_not_told_live():
    owner.change('stream.create', name='kept', category='device.state',
                 columns=[{'name': 'value', 'type': 'f64'}], keep='3s')
    put('kept', [now(), 0.0])
    moves('kept', firm.given(live()))


# ---- interval ----

def the_interval_is_kept_for_rows_in_order_and_late_ones():
    """How fast rows come is seen by a subscription without an interval."""
    start = now() - 600 * NS
    stream('paced', [start, 0.0])
    rare = firm.given(live(every_s=3600))
    quick = firm.given(live())
    for step in (NS, -NS):
        for credit in (1024, 1):
            sub = begin(rare, 'paced', credit=credit)
            mark = begin(quick, 'paced')
            for i in range(4):
                start += NS
                put('paced', [start if step > 0 else start - 10**6 * NS, i])
                await_rows(mark, i + 1)
                if i > 0:  # room comes when there is more to be told
                    firm.tell('flow.credit', ref=sub['subscription'], pages=1)
            firm.call('session.info')
            assert values(sub) == [0], (step, credit, rows_of(sub))
            end(sub, mark)


def what_is_forged_is_paced_as_well():
    stream('forged', [now() - 5 * NS, 0.0])
    rare = firm.given(live(every_s=3600))
    quick = firm.given(live())
    first = begin(rare, 'forged', **{'from': FAR})
    sub = begin(rare, 'forged', cursor=first['cursor'])
    mark = begin(quick, 'forged')
    for i in range(3):
        put('forged', [now(), i])
        await_rows(mark, i + 1)
    firm.call('session.info')
    assert values(sub) == [0], rows_of(sub)
    end(first, sub, mark)


def what_came_meanwhile_comes_when_the_interval_is_over():
    stream('rest', [now() - 60 * NS, 0.0])
    grant = firm.given(live(every_s=2))
    sub = begin(grant, 'rest')
    put('rest', [now(), 1.0])
    await_rows(sub, 1)
    took = now()
    put('rest', [now(), 2.0])
    put('rest', [now() - 30 * NS, 3.0])
    await_rows(sub, 3)
    assert now() - took >= 1.5 * NS, now() - took
    assert sorted(values(sub)) == [1, 2, 3], rows_of(sub)
    end(sub)


# ---- late batches ----

def a_late_batch_comes_in_as_many_pages_as_it_takes():
    base = now() - 7200 * NS
    stream('batch', [now(), 0.0])
    grant = firm.given(live())
    for form in ('json', 'blocks'):
        sub = begin(grant, 'batch', form=form)
        base -= 3600 * NS
        wanted = [base + 7 * i for i in range(9000)]
        put('batch', *([t, 1] for t in wanted))
        await_rows(sub, len(wanted))
        assert len(pages_of(sub)) > 1
        assert all(page.late for page in pages_of(sub))
        assert sorted(row[0] for row in rows_of(sub)) == wanted
        end(sub)


def a_cursor_stands_within_a_late_batch():
    base = now() - 10**5 * NS
    stream('within', [now(), 0.0])
    grant = firm.given(live())
    wanted = [base + i for i in range(9000)]
    sub = begin(grant, 'within', credit=1)
    put('within', *([t, 1.0] for t in wanted))
    got = []
    while len(got) < len(wanted):
        await_rows(sub, 1)
        got += [row[0] for row in rows_of(sub)]
        cursor = again(sub)
        sub = begin(grant, 'within', cursor=cursor, credit=1)
    assert got == wanted, (len(got), len(set(got)))
    put('within', [base - 1, 2.0])
    assert await_rows(sub, 1)[0][1] == 2, rows_of(sub)
    end(sub)


def large_late_values_do_not_break_a_page():
    stream('large', t='text')
    owner.append('large', [[now(), 'x']], columns=['t'])
    grant = firm.given(live())
    subs = [begin(grant, 'large', form=form) for form in ('blocks', 'json')]
    base = now() - 3600 * NS
    text = os.urandom(90000).hex()
    for four in range(0, 12, 4):  # as many at once as are let in, and fewer
        sent = [owner.send('data.append', idem=ulid(), streams=[{
            'stream': 'large', 'columns': ['t'],
            'rows': [[base - i * NS, text]]}]) for i in range(four, four + 4)]
        for number in sent:
            owner.answer(number)
    for sub in subs:
        rows = await_rows(sub, 12)
        assert len({row[0] for row in rows}) == 12, len(rows)
        assert all(row[1] == text for row in rows)
    end(*subs)


def a_value_too_large_for_json_goes_out_as_a_block():
    stream('huge', t='text')
    owner.append('huge', [[now() - NS, 'x']], columns=['t'])
    grant = firm.given(live())
    asked = firm.send('data.subscribe', streams=['huge'], grant=grant,
                      form='json')
    sub = firm.answer(asked)
    text = '\x01' * 100000
    at = now()
    raw_append(owner, 'huge', block.encode(
        {0: block.TEXT}, [(at, {0: text.encode()})], lambda these: these[0]))
    no = refused(firm.answer, asked)
    assert no.reason == 'params' and no.data['at'] == 'form', no
    assert no.message.startswith('A row is too large'), no
    asked = firm.send('data.query', grant=grant, streams=['huge'],
                      form='json', cursor=sub['cursor'])
    no = refused(firm.answer, asked)
    assert no.reason == 'params' and no.data['at'] == 'form', no
    no = refused(owner.query, 'huge', form='json')
    assert no.reason == 'params' and no.data['at'] == 'form', no
    asked = owner.send('data.subscribe', streams=['huge'], form='json',
                       **{'from': '1970-01-01T00:00:00Z'})
    owner.answer(asked)
    no = refused(owner.answer, asked)
    assert no.reason == 'params' and no.data['at'] == 'form', no
    gone = refused(firm.call, 'data.unsubscribe',
                   subscription=sub['subscription'])
    assert gone.data['at'] == 'subscription', gone
    sub = begin(grant, 'huge', form='blocks', cursor=sub['cursor'])
    assert await_rows(sub, 1) == [[at, text]]
    end(sub)


# ---- rounding ----

def rounded_raw_values_are_not_summed_by_the_vault():
    start = (now() // NS - 7200) // 3600 * 3600 * NS
    stream('exact', *([start + i * NS, i * 7.3] for i in range(12)))
    grant = firm.given({**TERMS, **item(round='10')})
    rows = firm.query('exact', grant=grant, form='json').rows
    assert [row[1] for row in rows] == [i * 73 // 100 * 10
                                        for i in range(12)], rows
    for every, stats in (('4s', ['sum']), ('12s', ['mean', 'max']),
                         ('2s', ['count'])):
        no = refused(firm.query, 'exact', grant=grant, every=every,
                     stats=stats)
        assert no.reason == 'scope' and no.data['exceeds'] == ['every'], no
    no = refused(firm.call, 'data.latest', grant=grant, streams=['exact'],
                 every='2s')
    assert no.reason == 'scope' and no.data['exceeds'] == ['every'], no


def the_vault_is_whole_after_all_this():
    vault.stop()
    vault.check()


ws.run([a_row_younger_than_the_delay_waits_and_comes_once,
        no_place_is_beyond_what_is_visible,
        a_live_window_moves_with_the_clock,
        rows_that_a_stream_keeps_no_longer_are_not_told_live,
        the_interval_is_kept_for_rows_in_order_and_late_ones,
        what_is_forged_is_paced_as_well,
        what_came_meanwhile_comes_when_the_interval_is_over,
        a_late_batch_comes_in_as_many_pages_as_it_takes,
        a_cursor_stands_within_a_late_batch,
        large_late_values_do_not_break_a_page,
        a_value_too_large_for_json_goes_out_as_a_block,
        rounded_raw_values_are_not_summed_by_the_vault,
        the_vault_is_whole_after_all_this])
