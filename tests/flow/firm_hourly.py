"""A firm is given so much in an hour, over all its sessions: then its answers
break off, and its subscriptions wait."""
import base64
import os
import time

import ws
from firm import TERMS, Firm, live_terms
from vault import Client, Refusal, Vault, refused

NS = 10**9
NOW = int(time.time())

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
        others_and_the_owner_are_given_theirs,
        the_vault_is_whole_after_all_this])
