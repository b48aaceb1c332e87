"""A firm that knows nothing but the protocol's text: enrols, is confirmed,
asks, reads, loses its grant."""
import struct
import time

import ws
from firm import TERMS, Firm, NodeWire, live_terms, node, place_of
from vault import Vault, refused, ulid

NS = 10**9
NOW = int(time.time()) // 3600 * 3600

node()
vault = Vault()
owner = vault.owner()
owner.create('home/host/load', 'device.state')
owner.create('home/bedroom', 'home.climate')
rows = [[(NOW - 60 * i) * NS, i / 4] for i in range(100, 0, -1)]
owner.append('home/host/load', rows)
owner.append('home/bedroom', rows)


def a_firm_enrols_and_is_confirmed():
    global firm, place
    firm = Firm(vault, owner, 'brightgrid')
    listed, = owner.call('firm.list')['firms']
    assert listed['id'] == firm.id and listed['state'] == 'confirmed'
    info = firm.call('session.info')
    assert info['role'] == 'firm' and info['id'] == firm.id
    assert info['receipt']['id'].startswith('vr1:')


def an_invitation_is_spent_once():
    url = owner.change('firm.invite', name='late')['url']
    late = Firm.__new__(Firm)
    late.vault, late.owner, late.name = vault, owner, 'late'
    late.key = vault.path('late.jwk')
    owner_invite, owner.change = owner.change, lambda *a, **k: {'url': url}
    try:
        late.id = late.enrol()
        late.key = vault.path('thief.jwk')
        try:
            late.enrol()
            raise AssertionError('spent twice')
        except AssertionError as e:
            assert 'spent twice' not in str(e)
    finally:
        owner.change = owner_invite
    late.key = vault.path('late.jwk')
    try:
        late.connect()
        raise RuntimeError('let in before it was confirmed')
    except ws.Closed:
        pass


def before_a_grant_everything_is_denied_alike():
    some = refused(firm.call, 'data.query', grant=ulid(),
                   streams=['home/host/load'])
    none = refused(firm.call, 'data.query', grant=ulid(), streams=['no/such'])
    assert some.reason == 'denied' and str(some) == str(none)
    for method in ('stream.list', 'firm.list', 'vault.lock', 'audit.verify'):
        assert refused(firm.call, method).reason == 'method', method


def what_is_asked_waits_for_the_owner():
    global grant
    outcome = firm.ask()
    assert outcome['state'] == 'pending', outcome
    asked, = owner.call('request.list')['requests']
    assert asked['id'] == outcome['request'] and asked['firm'] == 'brightgrid'
    shown = owner.call('request.show', request=asked['id'])
    assert TERMS['purposes'][0]['text'] not in shown['words'], shown
    got = owner.change('request.approve', request=asked['id'])
    assert got['state'] == 'active'
    grant = got['grant']
    status = firm.call('request.status', request=asked['id'])
    assert status['state'] == 'granted' and status['grant'] == grant


def a_grant_reads_what_it_covers_and_no_more():
    stream, = [g['streams'][0] for g in firm.call('grant.list')['grants']]
    for form in ('json', 'blocks'):
        got = firm.query(stream, grant=grant, form=form)
        assert got.rows == rows, (form, got.rows[:3], len(got.rows))
    got = refused(firm.query, 'home/bedroom', grant=grant)
    assert got.reason == 'denied', got
    got = refused(firm.query, 'no/such', grant=grant)
    assert got.reason == 'denied', got


def each_answer_is_an_entry():
    before = owner.call('audit.head', firm='brightgrid')['size']
    firm.query('**', grant=grant)
    assert owner.call('audit.head', firm='brightgrid')['size'] > before
    uses = owner.call('audit.list', firm='brightgrid', types=['use'])
    assert uses['entries'][-1]['subject'] == grant


def another_firm_cannot_use_it():
    other = Firm(vault, owner, 'other')
    got = refused(other.query, '**', grant=grant)
    assert got.reason == 'denied', got
    other.wire.close()


def commits():
    """Of the store, by LMDB's own count in its two meta pages."""
    with open(vault.path('v/data.mdb'), 'rb') as file:
        pages = file.read(2 * 4096)
    return max(struct.unpack_from('<Q', pages, at + 144)[0]
               for at in (0, 4096))


def rows_come_live():
    global live, subscription
    live = firm.given(live_terms())
    begun = firm.call('data.subscribe', streams=['**'], grant=live)
    row = [(NOW + 1) * NS, 7.5]
    owner.append('home/host/load', [row])
    page = firm.page(begun['subscription'])
    assert page.seq == 1 and page.rows == [row], page.rows
    subscription = begun['subscription']


def a_page_of_an_open_span_waits_for_no_commit():
    """Its rows were one; the vault's own work may be another, now and then."""
    found = []
    for i in range(3):
        before = commits()
        owner.append('home/host/load', [[(NOW + 2 + i) * NS, i]])
        assert firm.page(subscription).seq == 2 + i
        owner.call('vault.status')
        found.append(commits() - before)
    assert min(found) == 1, found


def a_revoked_grant_is_silent():
    for which in (grant, live):
        got = owner.change('grant.revoke', grant=which)
        assert got['state'] == 'withdrawn' and got['durable'], got
        assert refused(firm.query, '**', grant=which).reason == 'ended'
    owner.append('home/host/load', [[(NOW + 9) * NS, 8.5]])
    firm.call('session.info')
    assert firm.pages == []
    assert [n for n in firm.notes if n['method'] == 'grant.changed'
            and n['params']['state'] == 'withdrawn']


def a_locked_vault_sends_firms_away():
    owner.call('vault.lock')
    try:
        while True:
            firm.take()
    except ws.Closed:
        pass
    try:
        NodeWire(firm.key, place_of(owner))
        raise AssertionError('let in')
    except ws.Closed as closed:
        assert '503' in str(closed), closed
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([a_firm_enrols_and_is_confirmed, an_invitation_is_spent_once,
        before_a_grant_everything_is_denied_alike,
        what_is_asked_waits_for_the_owner,
        a_grant_reads_what_it_covers_and_no_more, each_answer_is_an_entry,
        another_firm_cannot_use_it, rows_come_live,
        a_page_of_an_open_span_waits_for_no_commit,
        a_revoked_grant_is_silent, a_locked_vault_sends_firms_away])
