"""The first pages of an answer come together: decided in one turn, of one use,
and made anew where what they were made of was erased meanwhile."""
import json
import secrets
import threading
import time

import ws
from firm import TERMS, Firm
from vault import Vault

NS = 10**9
ROWS, BATCH, TEXT = 3000, 500, 100
CREDIT, TOGETHER = 64, 14  # pages of these rows that one turn takes at least
ASKED = 40  # answers while a row is erased
WITHIN = 2000  # rows that fit into those pages
BEGIN = int(time.time()) - 100000

vault = Vault()
owner = vault.owner()
owner.create('home/host/log', 'device.state', value='text')
for first in range(0, ROWS, BATCH):
    owner.append('home/host/log', [[(BEGIN + first + i) * NS,
                                    secrets.token_hex(TEXT)]
                                   for i in range(BATCH)])
firm = Firm(vault, owner, 'brightgrid')
firm.paced = True


def uses_of(grant):
    return owner.call('audit.list', grant=grant, firm='brightgrid',
                      types=['use'], limit=1000)['entries']


def pages_of_one_turn_are_of_one_use():
    grant = firm.given({**TERMS, 'uses': 2})
    got = firm.query('**', grant=grant, form='json', credit=CREDIT)
    uses = uses_of(grant)
    assert TOGETHER < len(got.pages) == len(uses), (len(got.pages), len(uses))
    times = [e['time'] for e in uses]
    assert len(set(times[:TOGETHER])) == 1, times
    assert len({json.loads(e['detail'])['use'] for e in uses}) == 1, uses
    assert len(got.rows) == ROWS, len(got.rows)
    again = firm.query('**', grant=grant, form='json', credit=CREDIT)
    assert again.rows == got.rows


def who_has_credit_for_one_page_gets_one():
    grant = firm.given()
    number = firm.send('data.query', streams=['**'], grant=grant, form='json',
                       credit=1)
    firm.answer(number)
    firm.page(number)
    assert len(uses_of(grant)) == 1, uses_of(grant)


def a_cursor_begins_where_its_answer_does():
    grant = firm.given()
    got = firm.query('**', grant=grant, form='json', credit=CREDIT)
    at = 0
    for seq, page in enumerate(got.pages):
        if seq in (0, 1, TOGETHER - 1, TOGETHER, len(got.pages) - 1):
            again = firm.query('**', grant=grant, form='json', credit=CREDIT,
                               cursor='%s.%d' % (got.result['cursor'], seq))
            assert again.rows == got.rows[at:], seq
        at += len(page.rows)
    whole = firm.query('**', grant=grant, form='json', credit=CREDIT,
                       cursor=got.result['cursor'])
    assert whole.rows == got.rows


def erase(eraser, row):
    at = (BEGIN + row) * NS
    eraser.change('stream.erase', name='home/host/log',
                  **{'from': at, 'to': at + 1})


def an_answer_is_whole_though_a_row_is_erased_while_it_is_made():
    grant = firm.given()
    eraser = vault.owner()
    for gone in range(ASKED):
        going = threading.Thread(target=erase, args=(eraser, 7 * gone))
        going.start()
        got = firm.query('**', grant=grant, form='json', credit=CREDIT,
                         limit=WITHIN)
        going.join()
        times = [row[0] for row in got.rows]
        assert times == sorted(set(times)), 'a row came twice'
        assert len(times) == WITHIN, len(times)
        left = {(BEGIN + 7 * i) * NS for i in range(gone)}
        assert not left & set(times), 'what was erased before it'


ws.run([pages_of_one_turn_are_of_one_use,
        who_has_credit_for_one_page_gets_one,
        a_cursor_begins_where_its_answer_does,
        an_answer_is_whole_though_a_row_is_erased_while_it_is_made])
