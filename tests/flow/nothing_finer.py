"""A firm that may know means of quarters of an hour, and asks for them in every
way that there is: nothing comes of it but those means.

What it was granted is a table: of each whole quarter the mean of its readings,
where there are two at least.  Whatever it asks, however it shifts, cuts, sorts,
or filters, each row of each answer is a row of that table.  So all that it can
reckon from all its answers it can reckon from the table."""
import os
import random
import time

import ws
from firm import TERMS, node
from hostile import Hostile, item
from vault import Refusal, Vault, refused, stamp

NS = 10**9
QUARTER = 900
DELAY, WINDOW = 1800, 6 * 3600
SEED = int(os.environ.get('VAULT_TEST_SEED', time.time_ns() % 2**31))
QUESTIONS = 300
rng = random.Random(SEED)
print('VAULT_TEST_SEED=%d' % SEED)

node()
vault = Vault()
owner = vault.owner()
NOW = int(time.time())
FIRST = (NOW - 10 * 3600) // QUARTER * QUARTER
readings = {}
for stream in 'home/a', 'home/b':
    owner.create(stream, 'home.climate')
    rows = []
    for quarter in range(FIRST, NOW, QUARTER):
        # Some quarters are empty, some have one reading: the others more.
        for at in sorted(rng.sample(range(QUARTER), rng.choice(
                [0, 1, 1, 2, 3, 5]))):
            if quarter + at < NOW:
                rows.append([(quarter + at) * NS,
                             rng.randrange(-4000, 4000) / 64])
    readings[stream] = rows
    owner.append(stream, rows)
firm = Hostile(vault, owner, 'pry')


def terms(**other):
    return {**TERMS, **item(data='home.climate', stats=['mean'],
                            bucket_s=QUARTER, window_s=WINDOW, delay_s=DELAY,
                            **other)}


grant = firm.given(terms(), narrow={'names': 'show'})


def table(stream, least=2):
    """Of each quarter that has so many readings its exact mean."""
    found = {}
    for at, value in readings[stream]:
        found.setdefault(at // NS // QUARTER * QUARTER, []).append(value)
    return {start * NS: sum(values) / len(values)
            for start, values in found.items() if len(values) >= least}


TABLES = {stream: table(stream) for stream in readings}


def times():
    """On the grid, beside it, and far from it."""
    at = FIRST + QUARTER * rng.randrange(-8, 48)
    return stamp(at + rng.choice([0, 0, 0, 1, -1, 450, 60, 899]))


def question():
    asked = {'streams': rng.choice([['**'], ['home/*'], ['home/a'],
                                    ['home/a', 'home/b'], ['home/b']])}
    for key, values in (
            ('every', ['15min'] * 6 + ['5min', '30min', '1h', None]),
            ('stats', [['mean']] * 6 + [['max'], ['mean', 'count'], None]),
            ('order', ['asc', 'desc', None]),
            ('limit', [1, 2, 7, 1000, None]),
            ('columns', [['value'], None, None])):
        value = rng.choice(values)
        if value is not None:
            asked[key] = value
    for key in 'from', 'to':
        if rng.random() < 0.6:
            asked[key] = times()
    if rng.random() < 0.4:
        asked['where'] = [{'column': rng.choice(['mean', 'value', 'count']),
                           'op': rng.choice(['>', '<', '=', '>=']),
                           'value': rng.randrange(-4000, 4000) / 64}]
    if rng.random() < 0.3:
        asked['form'] = 'json'
    return asked


def streams_of(page, answer):
    return [s['stream'] for s in answer.result['series']
            if s['ordinal'] == page.ordinal][0]


def check(asked, answer):
    """Each row is one of the table, of a quarter that is old enough."""
    count = 0
    for page in answer.pages:
        for at, *cells in page.rows:
            stream = streams_of(page, answer)
            assert cells == [TABLES[stream].get(at)], (asked, at, cells)
            assert at + QUARTER * NS <= (time.time() - DELAY) * NS, asked
            assert at >= (NOW - WINDOW - QUARTER) * NS, asked
            count += 1
    return count


def all_that_comes_of_questions_is_in_the_table():
    given = refusals = 0
    seen = set()
    for _ in range(QUESTIONS):
        asked = question()
        try:
            answer = firm.query(*asked.pop('streams'), grant=grant, **asked)
        except Refusal as no:
            assert no.reason in ('scope', 'params', 'denied'), (asked, no)
            refusals += 1
            continue
        given += check(asked, answer)
        seen |= {row[0] for row in answer.rows}
    assert given > 40 and refusals > 20 and len(seen) > 8, (
        given, refusals, len(seen))


def off_the_grid_nothing_is_answered():
    """The difference of two windows that are shifted would be a reading."""
    begin = FIRST + 20 * QUARTER
    for shift in (1, 60, 450, 899):
        for key in 'from', 'to':
            got = refused(firm.query, '**', grant=grant, every='15min',
                          stats=['mean'], **{key: stamp(begin + shift)})
            assert got.reason in ('scope', 'params'), (shift, key, got)


def what_overlaps_is_the_same_each_time():
    """Of every run of quarters the rows are those of the quarters."""
    begin = (NOW - WINDOW) // QUARTER * QUARTER + QUARTER
    single = {}
    for start in range(begin, begin + 12 * QUARTER, QUARTER):
        got = firm.query('home/a', grant=grant, every='15min', stats=['mean'],
                         **{'from': stamp(start), 'to': stamp(start + QUARTER)})
        single.update((row[0], row[1]) for row in got.rows)
    for first in range(0, 12, 3):
        for last in range(first + 1, 13, 4):
            got = firm.query('home/a', grant=grant, every='15min',
                             stats=['mean'], **{
                                 'from': stamp(begin + first * QUARTER),
                                 'to': stamp(begin + last * QUARTER)})
            want = [[at, single[at]] for at in sorted(single)
                    if begin + first * QUARTER <= at // NS
                    < begin + last * QUARTER]
            assert got.rows == want, (first, last, got.rows, want)


def a_single_reading_is_no_mean():
    alone = [at for stream in readings for at in table(stream, 1)
             if at not in TABLES[stream]]
    assert alone, 'no quarter has one reading'
    got = firm.query('**', grant=grant, every='15min', stats=['mean'])
    for stream in readings:
        assert {row[0] for row in got.of(stream)} <= set(TABLES[stream])


def a_second_detail_is_the_owners_to_say():
    """No rule gives it, since what two details tell together neither does
    alone."""
    owner.change('policy.apply', files=[{'name': 'home.yaml', 'text': '''
version: 1
rules:
  - {name: climate, effect: permit, firm: pry, data: home.climate, where: GB,
     detail: any/5min, rate: none, window: 1d}
'''}])
    asked = firm.ask({**terms(), **item(
        data='home.climate', stats=['mean'], bucket_s=300,
        window_s=WINDOW, delay_s=DELAY)})
    assert asked['state'] == 'pending', asked
    said = owner.call('policy.explain', request=asked['request'])
    assert [r['name'] for r in said['rules']] == ['builtin.two-details'], said


def filters_see_what_is_given_and_nothing_else():
    """A filter is about the means, so its answers tell of them alone."""
    every = firm.query('home/a', grant=grant, every='15min', stats=['mean'])
    for bound in (-20.0, 0.0, 17.5):
        try:
            got = firm.query('home/a', grant=grant, every='15min',
                             stats=['mean'], where=[
                                 {'column': 'value', 'op': '>',
                                  'value': bound}])
        except Refusal as no:
            assert no.reason == 'scope', no
            continue
        assert got.rows == [r for r in every.rows if r[1] > bound], bound


def the_latest_is_of_the_table_too():
    got = firm.call('data.latest', streams=['**'], grant=grant, every='15min',
                    stats=['mean'])
    for series in got['series']:
        if series['time'] is not None:
            at = [a for a in TABLES[series['stream']]
                  if stamp_of(a) == series['time'][:19]]
            assert at and series['values'] == [
                TABLES[series['stream']][at[0]]], series


def stamp_of(ns):
    return stamp(ns // NS)[:19]


ws.run([all_that_comes_of_questions_is_in_the_table,
        off_the_grid_nothing_is_answered, what_overlaps_is_the_same_each_time,
        a_single_reading_is_no_mean, filters_see_what_is_given_and_nothing_else,
        the_latest_is_of_the_table_too, a_second_detail_is_the_owners_to_say])
