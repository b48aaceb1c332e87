"""From the owner's word to the silence of a live subscription."""
import shutil
import statistics
import time

from firm import Firm, live_terms

GRANTS = 6  # of each firm
NS = 10**9


def subscribed(firm):
    """(grant, subscription) pairs of a firm."""
    grants = [firm.given(live_terms()) for _ in range(GRANTS)]
    return [(grant, firm.call('data.subscribe', streams=['silence/**'],
                              grant=grant, credit=64)['subscription'])
            for grant in grants]


def revoke(owner, grant):
    """(the vault's own figure in ms, ms from sending to the answer)"""
    begun = time.perf_counter()
    got = owner.change('grant.revoke', grant=grant)
    seconds = time.perf_counter() - begun
    assert got['durable'] is True, got
    return got['silence_ms'], seconds * 1000


def measure(vault, owner, table, limits, firms):
    """Each row is of another stream, as a stream gives a live page a second at
    most; it goes through all that are left before one is revoked, so each is
    seen to be live."""
    if shutil.which('node') is None:
        print('# revoke: node is not installed, so there is no firm')
        return
    for i in range(firms * GRANTS):
        owner.create('silence/%d' % i, 'device.state')
    firms = [Firm(vault, owner, 'firm%d' % i) for i in range(firms)]
    left = [(firm, *pair) for firm in firms for pair in subscribed(firm)]
    figures = []
    for i in range(len(left)):
        owner.append('silence/%d' % i, [[int(time.time() * 1000) * 10**6, i]])
        for firm, _, subscription in left:
            assert firm.page(subscription).rows[0][1] == i
        figures.append(revoke(owner, left.pop(0)[1]))
    for firm in firms:
        firm.close()
    commit = 1000 / limits.commits
    for name, values in zip(('silence', 'answer'), zip(*figures)):
        for which, pick in (('median', statistics.median), ('most', max)):
            table.add('revoke.%s.%s' % (name, which), pick(values), 'ms',
                      'lmdb', commit)
