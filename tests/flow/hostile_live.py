"""What a live subscription may tell: delay, window, late rows."""
import os
import time

import ws
from firm import TERMS, live_terms
from hostile import Hostile, item
from vault import Vault, ulid

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
    sent = [owner.send('data.append', idem=ulid(), streams=[{
        'stream': 'large', 'columns': ['t'],
        'rows': [[base - i * NS, text]]}]) for i in range(12)]
    for number in sent:
        owner.answer(number)
    for sub in subs:
        rows = await_rows(sub, 12)
        assert len({row[0] for row in rows}) == 12, len(rows)
        assert all(row[1] == text for row in rows)
    end(*subs)


def the_vault_is_whole_after_all_this():
    vault.stop()
    vault.check()


ws.run([a_row_younger_than_the_delay_waits_and_comes_once,
        no_place_is_beyond_what_is_visible,
        a_live_window_moves_with_the_clock,
        rows_that_a_stream_keeps_no_longer_are_not_told_live,
        a_late_batch_comes_in_as_many_pages_as_it_takes,
        a_cursor_stands_within_a_late_batch,
        large_late_values_do_not_break_a_page,
        the_vault_is_whole_after_all_this])
