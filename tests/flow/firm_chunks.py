"""What a firm's questions cost is counted in records that are opened for them:
beyond its share its answers wait and it may ask no further, while others are
answered."""
import os
import time

import ws
from firm import Firm
from vault import Refusal, Vault

NS = 10**9
NOW = int(time.time())
SHARE, TAILS = 64, 54  # records a second; and those that there are

vault = Vault(ready=False)
vault.init()
vault.start('--config', vault.write(
    'conf', 'firm_chunks: %d\nfirm_hourly: 1GiB\n' % SHARE))
owner = vault.owner()
owner.create('home/log', 'device.state', value='text')
for i in range(TAILS):  # a record each; a page of JSON has two of them
    owner.append('home/log', [[(NOW - 3600 + i) * NS, os.urandom(8000).hex()]])
greedy, other = (Firm(vault, owner, name) for name in ('greedy', 'other'))
grant, its = greedy.given(), other.given()


def ask_all(firm, grant, **params):
    return firm.query('**', grant=grant, form='json', **params)


def a_firm_whose_questions_open_too_much_waits():
    """Of one answer each page opens what is left; it comes whole, but not
    sooner than its records may be opened."""
    number = greedy.send('data.query', streams=['**'], grant=grant,
                         form='json', credit=64)
    greedy.answer(number)
    pages = [greedy.page(number)]
    begun = time.monotonic()
    meanwhile = 0
    while not pages[-1].final:
        # Another firm and the owner are answered as if nothing were.
        assert len(ask_all(other, its, limit=2).rows) == 2
        assert len(owner.query('home/log', limit=2).rows) == 2
        meanwhile += 1
        pages.append(greedy.page(number))
    took = time.monotonic() - begun
    assert sum(len(page.rows) for page in pages) == TAILS
    print('    %d pages in %.1f s, %d answers of others meanwhile' % (
        len(pages), took, meanwhile))
    # What is beyond ten seconds' worth takes as long as it takes to come.
    opened = sum(TAILS - 2 * i for i in range(len(pages)))
    assert took >= (opened - 10 * SHARE - TAILS) / SHARE / 2 > 0, took


def it_may_ask_no_further_by_any_session():
    more = Firm.__new__(Firm)
    more.__dict__.update(greedy.__dict__)
    more.connect()
    for one in (greedy, more):
        for _ in range(200):  # its share comes back meanwhile
            told = [refusal(ask, one) for ask in (first_page, latest)]
            if None not in told:
                break
        for no in told:
            assert no.reason == 'rate', no
            assert 'over %d records a second' % SHARE in no.message, no
            assert 1 <= no.data['retry_after_ms'] <= 20000, no.data
        assert one.call('session.info')['role'] == 'firm'
    more.close()


def first_page(firm):
    number = firm.send('data.query', streams=['**'], grant=grant, form='json',
                       credit=1)
    firm.answer(number)
    firm.page(number)


def latest(firm):
    firm.call('data.latest', streams=['**'], grant=grant)


def refusal(ask, firm):
    """What asking ends with, if it is refused."""
    try:
        ask(firm)
    except Refusal as no:
        return no
    return None


def the_owner_is_not_counted():
    for _ in range(2):
        assert len(owner.query('home/log', form='json').rows) == TAILS


def the_vault_is_whole_after_all_this():
    assert owner.call('audit.verify')['ok']
    assert 'ERROR' not in vault.said()
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([a_firm_whose_questions_open_too_much_waits,
        it_may_ask_no_further_by_any_session, the_owner_is_not_counted,
        the_vault_is_whole_after_all_this])
