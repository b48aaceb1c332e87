"""Subscribers of one scope: what comes is encoded once for all of them, and
decided, logged and cut for each."""
import json
import time

import ws
from firm import live_terms
from hostile import Hostile, Tap, item
from vault import Vault

NS = 10**9
EACH = 5  # subscriptions of a firm in each scope

vault = Vault()
owner = vault.owner()
owner.create('home/host/load', 'device.state')
owner.append('home/host/load', [[time.time_ns() - 60 * NS, 0.25]])
firms = [Hostile(vault, owner, name) for name in ('fernhill', 'brightgrid')]
ROUNDED = {**live_terms(), **item(**live_terms()['items'][0], round='0.5')}


def append(value, at=None):
    owner.append('home/host/load', [[at or time.time_ns(), value]])


def counts():
    live = owner.call('vault.status')['live']
    return live['pages'], live['encoded']


def spans(firm):
    """The grants of which the owner's log has a span that was opened."""
    entries = owner.call('audit.list', firm=firm.name, types=['span.open'],
                         limit=1000)['entries']
    return {json.loads(entry['detail'])['grant'] for entry in entries}


subs = []  # (firm, grant, scope, subscription)


def begin(firm, terms, scope, **more):
    grant = firm.given(terms)
    subs.append((firm, grant, scope, firm.call(
        'data.subscribe', streams=['**'], grant=grant, credit=1024,
        **more)['subscription']))


def rows(sub):
    """Of its next page."""
    return [row[1] for row in sub[0].page(sub[3]).rows]


def many_subscribe():
    for firm in firms:
        firm.wire = Tap(firm.wire)
        for _ in range(EACH):
            begin(firm, live_terms(), 'blocks')
            begin(firm, ROUNDED, 'rounded')
        begin(firm, live_terms(), 'json', form='json')


def what_comes_is_encoded_once_for_each_scope():
    pages, encoded = counts()
    append(1.75)
    for sub in subs:
        assert rows(sub) == [1.5 if sub[2] == 'rounded' else 1.75], sub[2]
    now = counts()
    assert now == (pages + len(subs), encoded + 3), ((pages, encoded), now)
    for firm in firms:  # and is decided and logged for each
        assert spans(firm) == {sub[1] for sub in subs if sub[0] is firm}


def the_same_bytes_come_under_each_ones_own_head():
    for scope in ('blocks', 'rounded'):
        frames = [sub[0].wire.blocks[sub[3]][-1] for sub in subs
                  if sub[2] == scope]
        assert len({frame[24:] for frame in frames}) == 1, scope
        assert all(frame[8:16] == sub[3].to_bytes(8, 'little')
                   for frame, sub in zip(frames, [
                       sub for sub in subs if sub[2] == scope]))


def a_revoked_one_is_silent_and_no_other():
    firm, grant, scope, ref = gone = subs[0]
    owner.change('grant.revoke', grant=grant)
    before = len(firm.wire.blocks[ref])
    pages, encoded = counts()
    append(2.25)
    for sub in subs[1:]:
        assert rows(sub) == [2.0 if sub[2] == 'rounded' else 2.25], sub[2]
    assert counts() == (pages + len(subs) - 1, encoded + 3)
    firm.call('session.info')
    assert len(firm.wire.blocks[ref]) == before
    assert not [page for page in firm.pages if page.ref == ref]
    subs.remove(gone)


def rows_that_come_late_come_to_each():
    append(3.25, at=time.time_ns() - 30 * NS)
    for sub in subs:
        page = sub[0].page(sub[3])
        assert page.late and [row[1] for row in page.rows] == [
            3.0 if sub[2] == 'rounded' else 3.25], (sub[2], page.rows)


def all_is_well_in_the_end():
    assert owner.call('audit.verify')['ok']
    owner.close()
    for firm in firms:
        firm.wire.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([many_subscribe, what_comes_is_encoded_once_for_each_scope,
        the_same_bytes_come_under_each_ones_own_head,
        a_revoked_one_is_silent_and_no_other,
        rows_that_come_late_come_to_each, all_is_well_in_the_end])
