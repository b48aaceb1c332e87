"""What a firm's questions cost is counted in records that are opened for them:
beyond its share its answers wait and it may ask no further, while others are
answered."""
import time

import ws
from firm import Firm
from vault import Refusal, Vault, ulid

NS = 10**9
NOW = int(time.time())
SHARE, STREAMS = 64, 900  # records a second; and of each stream there is one
AT_ONCE = 2 * 16  # pages that are made together, and those made meanwhile

vault = Vault(ready=False)
vault.init()
vault.start('--config', vault.write(
    'conf', 'firm_chunks: %d\nfirm_hourly: 1GiB\n' % SHARE))
owner = vault.owner()
names = ['home/log%d' % i for i in range(STREAMS)]
for name in names:
    owner.create(name, 'device.state', value='text')
for i in range(0, STREAMS, 100):
    owner.call('data.append', idem=ulid(), streams=[
        {'stream': name, 'rows': [[(NOW - 3600) * NS, name]]}
        for name in names[i:i + 100]])
greedy, other = (Firm(vault, owner, name) for name in ('greedy', 'other'))
grant, its = greedy.given(), other.given()


def ask_all(firm, grant, **params):
    return firm.query('**', grant=grant, form='json', **params)


def a_firm_whose_questions_open_too_much_waits():
    """Each page opens a record; the answer comes whole, but not sooner than
    they may be opened."""
    number = greedy.send('data.query', streams=['**'], grant=grant,
                         form='json', credit=1024)
    greedy.answer(number)
    pages = [greedy.page(number)]
    begun = time.monotonic()
    meanwhile = 0
    while not pages[-1].final:
        # Another firm and the owner are answered as if nothing were.
        if len(pages) % 100 == 0:
            assert len(ask_all(other, its, limit=2).rows) == 2
            assert len(owner.query('**', limit=2).rows) == 2
            meanwhile += 1
        pages.append(greedy.page(number))
    took = time.monotonic() - begun
    assert sum(len(page.rows) for page in pages) == len(pages) == STREAMS
    print('    %d pages in %.1f s, %d answers of others meanwhile' % (
        len(pages), took, meanwhile))
    # What is beyond ten seconds' worth takes as long as it takes to come.
    assert took >= (STREAMS - 10 * SHARE - AT_ONCE) / SHARE, took


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
        assert len(owner.query('**', form='json').rows) == STREAMS


def the_vault_is_whole_after_all_this():
    assert owner.call('audit.verify')['ok']
    assert 'ERROR' not in vault.said()
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([a_firm_whose_questions_open_too_much_waits,
        it_may_ask_no_further_by_any_session, the_owner_is_not_counted,
        the_vault_is_whole_after_all_this])
