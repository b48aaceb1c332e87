"""Many streams of one subscription: their pages are decided together, leave
together, and are told in order, each row once."""
import hashlib
import json
import struct
import time

import ws
from firm import TERMS, live_terms
from hostile import Hostile, Tap
from vault import GUARD, Vault

NS = 10**9
STREAMS = 100
FULL, ROWS = 48, 2000  # streams, and rows each: more than one span takes
SPAN_ROWS = 65536

vault = Vault()
owner = vault.owner()


def sha(data):
    return hashlib.sha256(data).digest()


for i in range(STREAMS):
    owner.create('home/%03d' % i, 'device.state')
firm = Hostile(vault, owner, 'fernhill')
firm.wire = Tap(firm.wire)
grant = firm.given(live_terms())


def name(i):
    return 'home/%03d' % i


def append_all(value):
    """One row of each stream, in one batch."""
    at = time.time_ns()
    owner.call('data.append', streams=[
        {'stream': name(i), 'rows': [[at, value + i / 1000]]}
        for i in range(STREAMS)])


def begin(credit, **more):
    firm.pages.clear()
    return firm.call('data.subscribe', streams=['**'], grant=grant,
                     credit=credit, **more)['subscription']


def give(ref, pages):
    firm.tell('flow.credit', ref=ref, pages=pages)


def await_rows(ref, count):
    while sum(len(page.rows) for page in firm.pages if page.ref == ref) < count:
        firm.take()
    return [page for page in firm.pages if page.ref == ref]


def end(ref):
    return firm.call('data.unsubscribe', subscription=ref)


def values(pages):
    return sorted(round(row[1], 3) for page in pages for row in page.rows)


def each(*rounds):
    return sorted(round(at + i / 1000, 3) for at in rounds
                  for i in range(STREAMS))


def closed(ref):
    """Its spans that are over, in the owner's log."""
    details = [json.loads(entry['detail']) for entry in owner.call(
        'audit.list', firm=firm.name, types=['span.close'],
        limit=1000)['entries']]
    return sorted((span for span in details if span['subscription'] == ref),
                  key=lambda span: span['last_seq'])


def a_row_of_each_stream_comes_once_and_in_order():
    for more in ({}, {'form': 'json'}):
        ref = begin(1024, **more)
        append_all(1)
        pages = await_rows(ref, STREAMS)
        assert [page.seq for page in pages] == list(range(1, STREAMS + 1))
        assert values(pages) == each(1), values(pages)
        assert end(ref)['last_seq'] == STREAMS


def no_more_leave_than_the_caller_takes():
    ref = begin(7)
    append_all(2)
    pages = await_rows(ref, 7)
    firm.call('session.info')
    assert len([page for page in firm.pages if page.ref == ref]) == 7, pages
    append_all(3)  # while the others wait
    give(ref, 1024)
    pages = await_rows(ref, 2 * STREAMS)
    assert values(pages) == each(2, 3)
    end(ref)


def rows_that_come_all_the_time_come_once():
    ref = begin(1024)
    rounds = 25
    for i in range(rounds):
        append_all(i)
    pages = await_rows(ref, rounds * STREAMS)
    assert values(pages) == each(*range(rounds))
    end(ref)


def a_span_that_is_over_says_what_left_in_it():
    ref = begin(1)
    now = time.time_ns()
    for i in range(FULL):
        owner.append(name(i), [[now - (ROWS - j) * 1000, j]
                               for j in range(ROWS)])
    give(ref, 1024)
    await_rows(ref, FULL * ROWS)
    last = end(ref)['last_seq']
    blocks = firm.wire.blocks[ref]
    digests = [sha(block) for block in blocks]
    assert [struct.unpack('<Q', block[16:24])[0] for block in blocks] == list(
        range(1, len(blocks) + 1))
    assert last == len(digests), (last, len(digests))
    until = time.monotonic() + GUARD
    spans = []
    while not spans or spans[-1]['last_seq'] < last:
        assert time.monotonic() < until, spans
        spans = closed(ref)
    assert len(spans) > 1, spans
    assert sum(span['rows'] for span in spans) == FULL * ROWS, spans
    at = 0
    for span in spans:
        assert span['rows'] <= SPAN_ROWS, span
        left = b''.join(digests[at:span['last_seq']])
        assert span['sha256'] == sha(left).hex(), (at, span)
        at = span['last_seq']


def none_comes_beyond(number):
    for _ in range(3):
        firm.call('session.info')
    assert [page for page in firm.pages if page.ref == number] == []


def an_answer_stops_where_its_credit_does():
    """Its pages are too long to leave together."""
    owner.create('long', 'device.state')
    for i in range(20):
        at = time.time_ns() - 10**9
        owner.append('long', [[at + j, at / 3 + j] for j in range(5000)])
    read = firm.given(TERMS)
    for credit in (2, 3, 4):
        number = firm.send('data.query', streams=['long'], grant=read,
                           form='json', credit=credit)
        firm.answer(number)
        for more in (0, 1, 2):
            for seq in range(more or credit):
                assert not firm.page(number).final
            none_comes_beyond(number)
            give(number, more + 1)


def all_is_well_in_the_end():
    assert owner.call('audit.verify')['ok']
    owner.close()
    firm.wire.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([a_row_of_each_stream_comes_once_and_in_order,
        no_more_leave_than_the_caller_takes,
        rows_that_come_all_the_time_come_once,
        a_span_that_is_over_says_what_left_in_it,
        an_answer_stops_where_its_credit_does, all_is_well_in_the_end])
