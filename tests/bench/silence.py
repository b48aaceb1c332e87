"""From the owner's word to the silence of a live subscription."""
import shutil
import statistics
import time

from firm import Firm, live_terms

GRANTS = 6  # of each firm
NS = 10**9


def subscribed(firm):
    """A new grant of a firm, and a subscription under it."""
    grant = firm.given(live_terms())
    return firm, grant, firm.call('data.subscribe', streams=['silence/**'],
                                  grant=grant, credit=1024)['subscription']


def p99(values):
    return sorted(values)[len(values) * 99 // 100]


def revoke(owner, grant):
    """(the vault's own figure in ms, ms from sending to the answer)"""
    begun = time.perf_counter()
    got = owner.change('grant.revoke', grant=grant)
    seconds = time.perf_counter() - begun
    assert got['durable'] is True, got
    return got['silence_ms'], seconds * 1000


def measure(vault, owner, table, limits, firms):
    """Each row is of another stream, as a stream gives a live page a second at
    most; it goes through all subscriptions before the grant of one is revoked,
    so each is seen to be live.  Another takes its place: all are live at each
    revoke."""
    if shutil.which('node') is None:
        print('# revoke: node is not installed, so there is no firm')
        return
    for i in range(firms * GRANTS):
        owner.create('silence/%d' % i, 'device.state')
    firms = [Firm(vault, owner, 'firm%d' % i) for i in range(firms)]
    for firm in firms:
        firm.paced = True
    live = [subscribed(firm) for _ in range(GRANTS) for firm in firms]
    figures = []
    for i in range(len(live)):
        owner.append('silence/%d' % i, [[int(time.time() * 1000) * 10**6, i]])
        for firm, _, subscription in live:
            assert firm.page(subscription).rows[0][1] == i
        firm, grant, _ = live.pop(0)
        figures.append(revoke(owner, grant))
        live.append(subscribed(firm))
    for firm in firms:
        firm.close()
    commit = 1000 / limits.commits
    for name, values in zip(('silence', 'answer'), zip(*figures)):
        for which, pick in (('median', statistics.median), ('p99', p99),
                            ('most', max)):
            table.add('revoke.%s.%s' % (name, which), pick(values), 'ms',
                      'lmdb', commit)
