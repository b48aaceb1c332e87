"""From the owner's word to the silence of a live subscription."""
import statistics
import time

from firm import Firm, live_terms

FIRMS = 4
GRANTS = 5  # of each firm
PAGES = FIRMS * GRANTS  # that one subscription may get at most
STREAM = 'home/host/load'
NS = 10**9


def subscribed(vault, owner, name):
    """A firm in a session, and its (grant, subscription) pairs."""
    firm = Firm(vault, owner, name)
    grants = [firm.given(live_terms()) for _ in range(GRANTS)]
    return firm, [(grant, firm.call('data.subscribe', streams=['**'], grant=grant,
                              credit=PAGES)['subscription'])
                  for grant in grants]


def revoke(owner, grant):
    """(the vault's own figure in ms, ms from sending to the answer)"""
    begun = time.perf_counter()
    got = owner.change('grant.revoke', grant=grant)
    seconds = time.perf_counter() - begun
    assert got['durable'] is True, got
    return got['silence_ms'], seconds * 1000


def measure(vault, owner, table, limits):
    """A row goes through all that are left before each is revoked, so it is
    seen to be live."""
    owner.create(STREAM, 'device.state')
    firms = [subscribed(vault, owner, 'firm%d' % i) for i in range(FIRMS)]
    left = [(firm, *pair) for firm, pairs in firms for pair in pairs]
    figures = []
    while left:
        owner.append(STREAM, [[int(time.time() * 1000) * 10**6, len(left)]])
        for firm, _, subscription in left:
            assert firm.page(subscription).rows[0][1] == len(left)
        figures.append(revoke(owner, left.pop(0)[1]))
    for firm, _ in firms:
        firm.close()
    commit = 1000 / limits.commits
    for name, values in zip(('silence', 'answer'), zip(*figures)):
        for which, pick in (('median', statistics.median), ('most', max)):
            table.add('revoke.%s.%s' % (name, which), pick(values), 'ms',
                      'lmdb', commit)
