"""Races of one owner and his firms: a revoke against queries and live rows.

Several of these race beside each other in one vault, each with streams and
firms of its own; what one may hold a page to is in revoke_race.py.
"""
import concurrent.futures
import contextlib
import itertools
import json
import threading
import time

import ws
from firm import TERMS, live_terms
from journal import need
from racer import Racer
from vault import Refusal, ulid

NS = 10**9
T0 = int(time.time()) // 3600 * 3600 - 86400
ASKS = 20    # a firm may ask so often a day
FIRMS = 20   # at a time, so that some have rested
ROWS = 4000  # three pages of JSON
MARKERS = 400  # in a stream: each is a record of its own, and slow to read
# A stream gives a live page a second at most, so each row is of the next one.
LIVE = 40


class Race:
    def __init__(self, vault, name, random):
        self.vault, self.name, self.random = vault, name, random
        self.owner, self.writer = vault.owner(), vault.owner()
        self.marker, *self.spread = [
            self.stream('live/%s' % kind) for kind in ('marker', *range(LIVE))]
        self.firms = []
        self.stop = threading.Event()
        self.span = 0.01  # seconds that an answer takes
        self.next = 0  # row
        self.fill()
        self.count = dict.fromkeys(
            ('firms', 'answered', 'cut', 'live', 'connections'), 0)

    def stream(self, name):
        """A new one."""
        name = '%s/%s' % (self.name, name)
        self.owner.create(name, 'device.state', value='i64')
        return name

    def fill(self):
        """A stream for queries; numbers: of the rows in it."""
        self.rows = self.stream('rows/%d' % self.next)
        self.numbers = [self.next + i for i in range(1, ROWS + 1)]
        self.next += ROWS
        self.writer.append(self.rows, [[T0 * NS + i, i]
                                       for i in self.numbers])

    def given(self, terms):
        """A fresh grant of the firm that has rested longest, now self.firm."""
        if not self.firms or (self.firms[0].rests() > 0
                              and len(self.firms) < FIRMS):
            self.count['firms'] += 1
            self.firms.insert(0, Racer(self.vault, self.owner, '%s-%d' % (
                self.name, self.count['firms'])))
        self.firm = self.firms.pop(0)
        self.firm.asks += 1
        time.sleep(self.firm.rests())
        return self.firm.given(terms)

    def ended(self):
        """A firm that has asked as often as it may is not used again."""
        if self.firm.asks == ASKS:
            self.firm.take_for(0, lambda: False)
            need(not self.firm.pages, 'pages of a grant that is over')
            self.firm.close()
        else:
            self.firms.append(self.firm)

    def write(self, stream):
        """One row more; its value is its number."""
        self.next += 1
        self.writer.append(stream, [[T0 * NS + self.next, self.next]])
        return self.next

    def keep_writing(self):
        for stream in itertools.cycle(self.spread):
            if self.stop.is_set():
                return
            self.write(stream)

    def logged(self, grant):
        """The log ends with the end of the grant, and has every page; nothing
        came to those of the firm's that had ended before."""
        listed = self.firm.new_entries()
        need(not self.firm.over.intersection(e['subject'] for e in listed),
             'an entry of a grant that is over')
        self.firm.over.add(grant)
        mine = [e for e in listed if e['subject'] == grant]
        last = [json.loads(e['detail']).get('event') for e in mine]
        need(last.count('withdrawn') == 1, 'ends of a grant:', last)
        need(last[-1] == 'withdrawn', 'an entry of a use behind the end:',
             mine[-1]['detail'])
        uses = {json.loads(e['detail']).get('sha256') for e in mine}
        digests, self.firm.digests = self.firm.digests, []
        if not any(e['type'] == 'span.open' for e in mine):
            need(uses.issuperset(digests), 'a page without its entry')

    def in_order(self, pages, got):
        """Numbered from 1; and where the answer was cut, up to last_seq."""
        seqs = [p.seq for p in pages]
        need(seqs == list(range(1, len(seqs) + 1)), 'seqs', seqs)
        if seqs and not pages[-1].final:
            need(seqs[-1] <= got['last_seq'], 'pages after the revoke:', seqs,
                 got)

    def settled(self, grant, waiting=()):
        """Wait until no more may come; how many queries were answered?"""
        try:
            answered = sum(self.outcome(number) for number in waiting)
            self.refused(grant)
            return answered
        except ws.Closed:
            self.cut_off(grant)
            return 0

    def judged(self, grant, asked, marker, got):
        """The pages that came, by what asked for them: none may be behind the
        answer that the revoke got."""
        pages, self.firm.pages = self.firm.pages, []
        by = {number: [p for p in pages if p.ref == number]
              for number in asked}
        need(sum(map(len, by.values())) == len(pages), 'pages of nothing:',
             asked, [p.ref for p in pages])
        need(not any(row[1] >= marker for p in pages for row in p.rows),
             'a row that was read or written after the revoke')
        for mine in by.values():
            self.in_order(mine, got)
        self.logged(grant)
        return by

    def cut_off(self, grant):
        """A page that was half sent when the grant ended took its connection
        along: that is the only way to be silent."""
        self.count['connections'] += 1
        pages = self.firm.pages
        self.firm.close()
        self.firm.connect()
        self.refused(grant)
        self.firm.pages = pages + self.firm.pages

    def refused(self, grant):
        """Whatever was on its way is there: a question that goes the same way
        through workers and log was answered, by a no."""
        need(not self.outcome(self.ask(grant, '**', self.next)),
             'an answer after the revoke')

    def ask(self, grant, streams, since):
        """For the rows from that one on."""
        return self.firm.send(
            'data.query', grant=grant, streams=[streams], form='json',
            credit=64, **{'from': T0 * NS + since})

    def outcome(self, number):
        """Was it answered?"""
        try:
            self.firm.answer(number)
            return True
        except Refusal as refusal:
            need(refusal.reason == 'ended', refusal)
            return False

    def query(self):
        """Revoke under queries, of few rows or many, of one stream or all."""
        grant = self.given(TERMS)
        rows = round(ROWS ** self.random.uniform(0.6, 1))
        asked = self.random.choice(
            3 * [(self.rows, self.numbers[-rows])]
            + [(self.name + '/**', self.next - rows)])
        waiting = [self.ask(grant, *asked)]
        self.wait(waiting[0], rows)
        revoke = self.owner.send('grant.revoke', grant=grant, idem=ulid())
        with contextlib.suppress(ws.Closed):  # cut already: seen by who reads
            waiting.append(self.ask(grant, *asked))
        got = self.owner.answer(revoke)
        marker = self.write(self.rows)
        self.count['answered'] += self.settled(grant, waiting)
        pages = self.judged(grant, waiting, marker, got)
        self.count['cut'] += sum(bool(mine and not mine[-1].final)
                                 for mine in pages.values())
        self.numbers.append(marker)
        if len(self.numbers) == ROWS + MARKERS:
            self.fill()

    def wait(self, number, rows):
        """A part of the time that an answer takes, or half as long again; a
        third of them is there before that is over."""
        firm = self.firm

        def whole():
            return any(p.final and p.ref == number for p in firm.pages)
        much = 1 + rows / ROWS
        firm.take_for(self.random.uniform(0, 1.5 * self.span * much), whole)
        self.span *= 0.9 if whole() else 1.05

    @contextlib.contextmanager
    def writing(self):
        """Rows come meanwhile, and end with it, whatever happens."""
        self.stop.clear()
        with concurrent.futures.ThreadPoolExecutor(1) as one:
            writer = one.submit(self.keep_writing)
            try:
                yield
            finally:
                self.stop.set()
            writer.result()

    def live(self):
        """Revoke under live rows."""
        grant = self.given(live_terms())
        number = self.firm.call(
            'data.subscribe', grant=grant, streams=[self.name + '/live/**'],
            credit=1024)['subscription']
        some = self.random.choice((0, 1, 1, 1, 2))
        with self.writing():
            self.firm.take_for(ws.GUARD, lambda: len(self.firm.pages) >= some)
            need(len(self.firm.pages) >= some, 'no live row in time')
            self.firm.take_for(self.random.uniform(0, 0.02), lambda: False)
            got = self.owner.change('grant.revoke', grant=grant)
        marker = self.write(self.marker)
        self.settled(grant)
        need(got['durable'] and got['state'] == 'withdrawn', got)
        pages = self.judged(grant, [number], marker, got)
        self.count['live'] += len(pages[number])

    def close(self):
        for firm in self.firms:
            firm.close()
        self.writer.close()
        self.owner.close()
