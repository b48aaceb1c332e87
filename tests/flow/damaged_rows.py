"""Rows that do not open: what is made of them fails, and is never taken for an
answer without rows.  The owner hears of an error, a firm of a refusal."""
import os
import random
import time

import ws
from firm import TERMS, Firm, live_terms, node
from vault import Vault, refused
import lmdb_file  # of the models, where vault looks for them

NS = 10**9
QUARTER = 900
NOW = int(time.time()) // QUARTER * QUARTER
COUNT = 20000  # more than stay outside chunks, which are opened when asked for

node()
vault = Vault()
owner = vault.owner()
for name in ('home/good', 'home/host/load'):
    owner.create(name, 'device.state')
    for first in range(COUNT, 0, -2000):
        owner.append(name, [[(NOW - i) * NS, random.random()]
                            for i in range(first, first - 2000, -1)])
firm = Firm(vault, owner, 'brightgrid')
firm.paced = True


def terms(base=TERMS, **item):
    return {**base, 'items': [{**base['items'][0], **item}]}


MEANS = {'stats': ['mean'], 'bucket_s': QUARTER}
grants = {
    'raw': firm.given(),
    'rounded': firm.given(terms(round='0.5')),
    'means': firm.given(terms(**MEANS)),
    'live': firm.given(live_terms())}
ASKED = {'means': {'every': '15min', 'stats': ['mean']}}


def they_are_given_as_long_as_they_open():
    for name, grant in grants.items():
        got = firm.query('**', grant=grant, **ASKED.get(name, {}))
        assert got.of('home/host/load'), name


def spoil():
    """The seal of each chunk of rows, by a bit of it."""
    global owner
    firm.wire.close()
    owner.close()
    vault.stop()
    path = os.path.join(vault.dir, 'data.mdb')
    with open(path, 'rb') as file:
        data = bytearray(file.read())
    there = lmdb_file.File(bytes(data))
    spoiled = 0
    for _, value in there.records('chunk'):
        at = data.find(value)
        while at >= 0:
            data[at + len(value) - 1] ^= 1
            spoiled += 1
            at = data.find(value, at + 1)
    assert spoiled > 0, there.names()
    with open(path, 'wb') as file:
        file.write(data)
    vault.start()
    owner = firm.owner = vault.owner()
    firm.connect()


def the_owner_is_told_that_it_failed():
    spoil()
    for more in ({}, {'every': '15min', 'stats': ['mean']}):
        got = refused(owner.query, '**', **more)
        assert got.reason == 'storage', got
    assert owner.pages == [], owner.pages


def the_firm_is_refused_and_not_told_that_there_is_nothing():
    said = set()
    for name, grant in grants.items():
        got = refused(firm.query, '**', grant=grant, **ASKED.get(name, {}))
        assert got.reason == 'denied', (name, got)
        said.add(str(got))
    assert len(said) == 1 and firm.pages == [], (said, firm.pages)


def no_use_was_taken_of_it():
    for grant in grants.values():
        got = owner.call('grant.show', grant=grant)['grant']
        before = got['last_use']
        refused(firm.query, '**', grant=grant)
        got = owner.call('grant.show', grant=grant)['grant']
        assert got['last_use'] == before and got['state'] == 'active', got


def it_is_in_the_log_and_told_to_the_owner():
    told = [e['detail'] for e in owner.call('audit.list', newest=True,
                                            limit=100)['entries']
            if e['type'] == 'denied']
    assert any('does not open' in detail for detail in told), told
    assert 'ERROR' in vault.said() and 'chunk' in vault.said(), vault.said()


ws.run([they_are_given_as_long_as_they_open, the_owner_is_told_that_it_failed,
        the_firm_is_refused_and_not_told_that_there_is_nothing,
        no_use_was_taken_of_it, it_is_in_the_log_and_told_to_the_owner])
