"""A firm is given so much in an hour, over all its sessions: then its answers
break off, and its subscriptions wait."""
import base64
import os
import time

import ws
from firm import TERMS, Firm, live_terms
from poster import post
from vault import Client, Refusal, Vault, refused

NS = 10**9
NOW = int(time.time())
STREAMS = 60
LARGE = 15  # rows of 64 KiB that a firm is given first, and what is then left
ENTRIES = ((1 << 20) - LARGE * 49152) // 2048  # of its hour, in entries

vault = Vault(ready=False)
vault.init()
vault.start('--config', vault.write('conf', 'firm_hourly: 1MiB\n'))
owner = vault.owner()
owner.create('home/log', 'device.state', value='text')


def texts(first, count):
    """Rows of 64 KiB, of which three quarters stay when they are packed."""
    return [[(NOW - first + i) * NS, base64.b64encode(os.urandom(49152)).decode()]
            for i in range(count)]


for part in range(25):
    owner.append('home/log', texts(3600 - 3 * part, 3), columns=['value'])
greedy = Firm(vault, owner, 'greedy')
other = Firm(vault, owner, 'other')
grant = greedy.given()
live = greedy.given(live_terms())


def an_answer_breaks_off_when_the_hour_is_spent():
    number = greedy.send('data.query', streams=['**'], grant=grant)
    greedy.answer(number)
    got = 0
    try:
        while True:
            page = greedy.page(number)
            assert not page.final, 'all of it came'
            got += sum(len(row[1]) for row in page.rows)
            greedy.tell('flow.credit', ref=number, pages=1)
    except Refusal as no:
        assert no.reason == 'rate', no
        assert 'Over 1 MiB of rows an hour' in no.message, no
        assert 1 <= no.data['retry_after_ms'] <= 3600000, no.data
    assert got >= 2 * 65536, got


def it_is_given_nothing_more_by_any_session():
    more = Firm.__new__(Firm)
    more.__dict__.update(greedy.__dict__)
    more.connect()
    for one in (greedy, more):
        for method in ('data.query', 'data.latest'):
            no = refused(one.call, method, streams=['**'], grant=grant)
            assert no.reason == 'rate' and no.data['retry_after_ms'] > 0, no
        assert one.call('session.info')['role'] == 'firm'
        assert one.call('grant.list')['grants']
    more.close()


def a_subscription_waits():
    sub = greedy.call('data.subscribe', streams=['**'], grant=live,
                      credit=8)['subscription']
    owner.append('home/log', [[int(time.time() * NS), 'new']],
                 columns=['value'])
    for _ in range(20):
        greedy.call('session.info')
    assert [p for p in greedy.pages if p.ref == sub] == []
    greedy.call('data.unsubscribe', subscription=sub)


def uses_of(name):
    """How many entries of the log its pages took."""
    count, after = 0, {}
    while True:
        entries = owner.call('audit.list', firm=name, types=['use'],
                             limit=1000, **after)['entries']
        if not entries:
            return count
        count += len(entries)
        after = {'after': entries[-1]['index']}


def pages_of_few_rows_count_their_entries_of_the_log():
    """One row a stream: what fills the vault is the entries."""
    climate = {**TERMS, 'items': [{**TERMS['items'][0],
                                   'data': 'home.climate'}]}
    house = owner.change('source.add', name='house', streams=['house/**'],
                         auto=True, category='home.climate')['token']
    status = post(owner, house, ''.join(
        'air%d v=1 %d\n' % (i, NOW - 60) for i in range(STREAMS)))[0]
    assert status == 204, status
    many = Firm(vault, owner, 'many')
    assert len(many.query('**', grant=many.given(), limit=LARGE).rows) == LARGE
    before = uses_of('many')
    given = many.given(climate)
    rows = 0
    try:
        while rows < 4 * ENTRIES:
            rows += len(many.query('**', grant=given).rows)
    except Refusal as no:
        assert no.reason == 'rate', no
        assert 'of rows an hour' in no.message, no
    used = uses_of('many') - before
    assert ENTRIES - 2 * STREAMS < used <= ENTRIES + 8, (used, rows)
    many.close()


def others_and_the_owner_are_given_theirs():
    rows = other.query('**', grant=other.given(), limit=3).rows
    assert len(rows) == 3
    assert len(owner.query('home/log').rows) == 76


def the_vault_is_whole_after_all_this():
    assert owner.call('audit.verify')['ok']
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([an_answer_breaks_off_when_the_hour_is_spent,
        it_is_given_nothing_more_by_any_session, a_subscription_waits,
        pages_of_few_rows_count_their_entries_of_the_log,
        others_and_the_owner_are_given_theirs,
        the_vault_is_whole_after_all_this])
