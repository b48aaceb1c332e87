"""What a live subscription may tell: late rows."""
import os
import time

import ws
from firm import TERMS, live_terms
from hostile import Hostile, item
from vault import Vault, ulid

NS = 10**9

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


ws.run([a_late_batch_comes_in_as_many_pages_as_it_takes,
        a_cursor_stands_within_a_late_batch,
        large_late_values_do_not_break_a_page,
        the_vault_is_whole_after_all_this])
