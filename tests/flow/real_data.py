"""Real series, in by rows and out by a query: nothing is lost or bent."""
import csv
import math
import statistics
import time

import ws
from vault import Vault, data_file

NS = 10**9
vault = Vault()
owner = vault.owner()


def seconds(text):
    import calendar
    return calendar.timegm(time.strptime(text, '%Y-%m-%d %H:%M:%S'))


def store(name):
    """Put a file's rows into the stream of its name; returns the rows."""
    with open(data_file('timeseries-nab/%s.csv' % name), newline='') as file:
        rows = [[seconds(r['timestamp']) * NS, float(r['value'])]
                for r in csv.DictReader(file)]
    stream = 'real/' + name
    owner.create(stream)
    taken = 0
    for at in range(0, len(rows), 5000):
        got = owner.append(stream, rows[at:at + 5000])
        taken += got['accepted'] + got['duplicates']
    assert taken == len(rows)
    return rows


def whole(name, rows):
    """That both forms give the rows bit for bit; returns them."""
    want = sorted({(t, v) for t, v in rows})
    for form in ('json', 'blocks'):
        got = owner.query('real/' + name, form=form).rows
        assert sorted(map(tuple, got)) == want, form
        assert [r[0] for r in got] == sorted(r[0] for r in got)
    return got


def stats(name):
    """count, sum, mean, min, max over all buckets of 4 weeks."""
    got = owner.query('real/' + name, every='4w',
                      stats=['count', 'sum', 'min', 'max'])
    rows = [dict(zip(['time'] + got.result['columns'], r)) for r in got.rows]
    count = sum(r['value.count'] for r in rows)
    total = math.fsum(r['value.sum'] for r in rows)
    return (count, total, total / count, min(r['value.min'] for r in rows),
            max(r['value.max'] for r in rows))


def gaps(rows):
    """Steps over four times the median, in seconds."""
    steps = [(b[0] - a[0]) // NS for a, b in zip(rows, rows[1:])]
    return [s for s in steps if s > 4 * statistics.median(steps)]


def ambient_temperature_has_its_gaps():
    name = 'ambient_temperature_system_failure'
    got = whole(name, store(name))
    count, _, mean, least, most = stats(name)
    assert len(got) == count == 7267
    assert (least, most) == (57.45840559, 86.22321261)
    assert round(mean, 4) == 71.2424, mean
    assert len(gaps(got)) == 8 and max(gaps(got)) == 626400, gaps(got)


def taxi_rides_are_without_a_gap():
    got = whole('nyc_taxi', store('nyc_taxi'))
    count, total, mean, _, _ = stats('nyc_taxi')
    assert len(got) == count == 10320 and gaps(got) == []
    assert total == sum(r[1] for r in got) and round(mean, 4) == 15137.5694


def tweets_sum_up_exactly():
    got = whole('Twitter_volume_AMZN', store('Twitter_volume_AMZN'))
    count, total, mean, _, _ = stats('Twitter_volume_AMZN')
    assert len(got) == count == 15831
    assert total == 843768 and round(mean, 4) == 53.2985, (total, mean)


def the_same_again_stores_nothing():
    with open(data_file('timeseries-nab/nyc_taxi.csv'), newline='') as file:
        rows = [[seconds(r['timestamp']) * NS, float(r['value'])]
                for r in csv.DictReader(file)]
    for at in range(0, len(rows), 5000):
        got = owner.append('real/nyc_taxi', rows[at:at + 5000])
        assert got['accepted'] == 0, got
    assert stats('nyc_taxi')[0] == 10320


def a_restart_bends_nothing():
    global owner
    before = owner.query('real/*').rows
    owner.close()
    vault.restart()
    owner = vault.owner()
    assert owner.query('real/*').rows == before
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


data_file('timeseries-nab/nyc_taxi.csv')
ws.run([ambient_temperature_has_its_gaps, taxi_rides_are_without_a_gap,
        tweets_sum_up_exactly, the_same_again_stores_nothing,
        a_restart_bends_nothing])
