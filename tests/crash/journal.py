"""What a crash harness sent, and how to see whether it happened."""
import json

from vault import ulid

NS = 10**9
T0 = 1764072000 * NS
STREAMS = ['crash/a', 'crash/b', 'crash/c']
SHOWN = 'crash/c'  # the one that firms may see


class Lost(Exception):
    """What the vault broke of its promise."""


def need(holds, *what):
    if not holds:
        raise Lost(' '.join(map(str, what))[:400])


class Batch:
    """One append: the same until it is known to be stored."""

    method = 'data.append'

    def __init__(self, random, first):
        self.idem = ulid()
        self.stream = random.choice(STREAMS)
        self.rows = [[T0 + first + i, first + i]
                     for i in range(random.choice([1, 1, 1, 7, 300]))]
        self.acknowledged = False

    def params(self):
        return {'idem': self.idem, 'streams': [
            {'stream': self.stream, 'rows': self.rows}]}


class Change:
    """One change of the owner's, and how to see that it happened."""

    def __init__(self, random, number):
        self.idem = ulid()
        self.name = 'n%d' % number
        self.method = random.choice(['stream.create', 'source.add'])
        self.acknowledged = False

    def params(self):
        if self.method == 'stream.create':
            return {'idem': self.idem, 'name': 'made/' + self.name,
                    'columns': [{'name': 'value', 'type': 'i64'}]}
        return {'idem': self.idem, 'name': self.name,
                'streams': ['from/%s/**' % self.name]}

    def count(self, owner):
        if self.method == 'stream.create':
            return len(owner.call('stream.list',
                                  match='made/' + self.name)['streams'])
        return sum(s['name'] == self.name for s in all_sources(owner))


class Erase:
    """A stream with rows that is erased: it is there whole, or not at all."""

    method = 'stream.erase'
    rows = 50

    def __init__(self, name):
        self.idem = ulid()
        self.name = name
        self.acknowledged = False

    def params(self):
        return {'idem': self.idem, 'name': self.name}

    def count(self, owner):
        there = owner.call('stream.list', match=self.name)['streams']
        need(not there or there[0]['samples'] == self.rows, 'half erased',
             there)
        return int(not there)


def all_sources(owner):
    got, more = [], {}
    while True:
        page = owner.call('source.list', **more)
        got += page['sources']
        if not page.get('cursor'):
            return got
        more = {'cursor': page['cursor']}


class Consent:
    """One yes, or one revoke of what it gave."""

    def __init__(self, firm, request, grant=None):
        self.idem = ulid()
        self.firm, self.request, self.grant = firm, request, grant
        self.method = 'grant.revoke' if grant else 'request.approve'
        self.acknowledged = False

    def params(self):
        if self.grant:
            return {'idem': self.idem, 'grant': self.grant}
        return {'idem': self.idem, 'request': self.request}

    def count(self, owner):
        """Once, or not; and the log says the same."""
        if self.grant:
            got = owner.call('grant.show', grant=self.grant)['grant']
            there, subject = got['state'] == 'withdrawn', self.grant
            kind, member, word = 'grant', 'event', 'withdrawn'
        else:
            got = owner.call('request.show', request=self.request)['request']
            there, subject = got['state'] == 'granted', self.request
            kind, member, word = 'decision', 'state', 'active'
        logged = sum(e['subject'] == subject
                     and json.loads(e['detail'])[member] == word
                     for e in entries(owner, self.firm, [kind]))
        need(logged == there, self.method, subject, 'is', got['state'],
             'and has', logged, 'entries')
        return int(there)

    def revoke(self, owner):
        """The end of what this yes gave; None when it is one itself."""
        if self.grant:
            return None
        got = owner.call('request.show', request=self.request)['request']
        grants = [part['grant'] for part in got['parts'] if 'grant' in part]
        need(len(grants) == 1, 'grants of one request', grants)
        return Consent(self.firm, self.request, grants[0])


def entries(owner, firm, types, after=None):
    """Entries of these types in the firm's tree, behind one of them."""
    got = []
    while True:
        more = {} if after is None else {'after': after}
        page = owner.call('audit.list', firm=firm, types=types,
                          **more)['entries']
        if not page:
            return got
        got += page
        after = page[-1]['index']
