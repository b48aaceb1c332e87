"""A firm that reads slowly, and stops in the middle of a frame."""
import json
import secrets
import time

import ws
from firm import TERMS, Firm, NodeWire, live_terms, place_of
from relay import Recorder
from vault import Client, Vault, nanoseconds

NS = 10**9
NOW = int(time.time())
BATCHES, ROWS = 40, 500  # together more than the kernel keeps for a socket
STUCK = 5000  # bytes; the relay asks for room for 8,192
STILL = 50  # calls of the owner's, in which whatever can move has moved

vault = Vault(ready=False)
vault.init()
# What lies in the kernel's buffers counts as given.
vault.start('--config', vault.write('conf', 'firm_hourly: 1GiB\n'))
owner = vault.owner()
owner.create('home/host/log', 'device.state', value='text')
firm = Firm(vault, owner, 'brightgrid')
grant = firm.given(live_terms())


def slow_session():
    """A session of the firm, and what stands between."""
    place, _, port = place_of(owner).rpartition(':')
    relay = Recorder(('127.0.0.1', int(port)))
    session = Client(NodeWire(firm.key, '%s:%d' % (place, relay.port)))
    relay.greeting = relay.arrived()
    return session, relay


def until_it_is_stuck(relay):
    """As much is there, unread, as the kernel keeps for the relay."""
    until = time.monotonic() + ws.GUARD
    while relay.arrived() < relay.greeting + STUCK:
        owner.call('vault.status')
        assert time.monotonic() < until, relay.arrived()
    for _ in range(STILL):
        owner.call('vault.status')


def span_closed():
    """The entry of the span's end, which follows the answer."""
    until = time.monotonic() + ws.GUARD
    while True:
        entries = owner.call('audit.list', firm='brightgrid',
                             types=['span.close'])['entries']
        if entries:
            return entries[-1]
        assert time.monotonic() < until, 'no span is closed'


def what_was_begun_is_finished_for_who_unsubscribes():
    session, relay = slow_session()
    begun = session.call('data.subscribe', streams=['**'], grant=grant,
                         credit=1000)
    relay.reading.clear()
    for i in range(BATCHES):
        owner.append('home/host/log',
                     [[(NOW - 100000 + i * ROWS + j) * NS,
                       secrets.token_hex(200)] for j in range(ROWS)])
    for _ in range(STILL):
        owner.call('vault.status')
    number = session.send('data.unsubscribe',
                          subscription=begun['subscription'])
    for _ in range(STILL):
        owner.call('vault.status')
    relay.reading.set()
    last = session.answer(number)['last_seq']
    assert 0 < last < BATCHES * 2
    assert [page.seq for page in session.pages] == list(range(1, last + 1))
    assert session.call('session.info')['role'] == 'firm'
    said = json.loads(span_closed()['detail'])
    rows = sum(len(page.rows) for page in session.pages)
    assert (said['rows'], said['last_seq']) == (rows, last), (said, rows)
    session.close()


def what_a_rule_withholds_leaves_no_more_once_it_is_applied():
    """A frame that is half written neither, so its connection is closed."""
    session, relay = slow_session()
    begun = session.call('data.subscribe', streams=['**'], grant=grant,
                         credit=1000)
    relay.reading.clear()
    for i in range(BATCHES):
        owner.append('home/host/log',
                     [[(NOW - 50000 + i * ROWS + j) * NS,
                       secrets.token_hex(200)] for j in range(ROWS)])
    cut_by(session, relay, 'streams: home/host/log')


def cut_by(session, relay, denied):
    cut(session, relay, 'policy.apply', files=[{'name': 'p.yaml', 'text':
        'version: 1\nrules:\n'
        '  - {name: no-log, effect: deny, %s}\n' % denied}])
    owner.change('policy.apply', files=[{'name': 'p.yaml',
                                         'text': 'version: 1\n'}])


def cut(session, relay, method, **params):
    """Nothing comes behind its answer of what was not read by then, when all
    that can be sent had been."""
    until_it_is_stuck(relay)
    owner.change(method, **params)
    most = relay.arrived()
    relay.reading.set()
    try:
        session.call('session.info')
    except ws.Closed:
        pass
    assert relay.seen < most + 4096, (method, relay.seen, most)
    session.close()


def uses_of(grant):
    return owner.call('audit.list', firm='brightgrid', types=['use'],
                      grant=grant, limit=1000)['entries']


def asks_for_all(grant):
    """A firm that does not read what it asked for, once it is given some."""
    session, relay = slow_session()
    relay.reading.clear()
    number = session.send('data.query', streams=['**'], grant=grant,
                          credit=1000)
    until = time.monotonic() + ws.GUARD
    while not uses_of(grant):
        if time.monotonic() > until:
            relay.reading.set()
            raise AssertionError('its use is not taken: %r'
                                 % session.answer(number))
    return session, relay


def no_verb_of_the_owner_lets_out_more():
    for method, params in (
            ('grant.revoke', {}), ('grant.suspend', {}),
            ('grant.narrow', {'narrow': {'rate': '2/day'}})):
        grant = firm.given()
        cut(*asks_for_all(grant), method, grant=grant, **params)
    cut(*asks_for_all(firm.given()), 'firm.block', firm='brightgrid')


def times_of(detail):
    """Of the one stream that an entry of a use names."""
    given, = json.loads(detail)['streams']
    return given['rows'], nanoseconds(given['from']), nanoseconds(given['to'])


def each_page_of_an_answer_has_an_entry_of_its_own():
    """Several of them are made, and logged, at once."""
    grant, rows = firm.given(), 1200
    session = Client(NodeWire(firm.key, place_of(owner)))
    ref = session.send('data.query', streams=['home/host/log'], grant=grant,
                       form='json', limit=rows, credit=1000)
    pages = []
    while not pages or not pages[-1].final:
        pages.append(session.page(ref))
    session.close()
    assert len(pages) > 9 and sum(len(p.rows) for p in pages) == rows, pages
    assert [page.seq for page in pages] == list(range(1, len(pages) + 1))
    assert [times_of(entry['detail']) for entry in uses_of(grant)] == [
        (len(page.rows), page.rows[0][0], page.rows[-1][0] + 1)
        for page in pages]


def nor_does_the_last_use_of_a_grant():
    """It is exhausted already; what its use gives may be under way still."""
    for denied in ('data: device.state', 'streams: home/host/log'):
        once = firm.given({**TERMS, 'uses': 1})
        session, relay = asks_for_all(once)
        state = owner.call('grant.show', grant=once)['grant']['state']
        assert state == 'exhausted', state
        cut_by(session, relay, denied)


def who_takes_no_page_is_told_that_more_came_meanwhile():
    owner.create('noise')
    rows = iter([[(NOW - 1000 + i) * NS, i] for i in range(1000)])
    for form in ('blocks', 'json'):
        slow = vault.owner()
        ref = slow.call('data.subscribe', streams=['noise'], credit=1,
                        form=form)['subscription']

        def came(count):
            more = [next(rows) for _ in range(count)]
            for row in more:
                owner.append('noise', [row])
            return more

        first = came(1)
        page = slow.page(ref)
        assert (page.rows, page.gap) == (first, False), form
        missed = came(3)
        slow.tell('flow.credit', ref=ref, pages=9)
        got = []
        while len(got) < len(missed):
            page = slow.page(ref)
            assert page.gap == (not got), (form, got)
            got += page.rows
        assert got == missed, (form, got)
        assert [slow.page(ref).gap for row in came(1)] == [False], form
        slow.close()


ws.run([what_was_begun_is_finished_for_who_unsubscribes,
        what_a_rule_withholds_leaves_no_more_once_it_is_applied,
        each_page_of_an_answer_has_an_entry_of_its_own,
        nor_does_the_last_use_of_a_grant, no_verb_of_the_owner_lets_out_more,
        who_takes_no_page_is_told_that_more_came_meanwhile])
