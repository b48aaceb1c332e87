"""Real series, in by `vaultctl import` with a map and out by `vaultctl data
query`: nothing is lost or bent.  Figures are those of the files themselves."""
import calendar
import csv
import json
import math
import statistics
import time

import ws
from vault import Vault, data_file, nanoseconds

NS = 10**9
MAP = '''\
format: csv
time: {from: timestamp, format: "%%Y-%%m-%%d %%H:%%M:%%S", zone: UTC}
streams:
  - {name: real/%s, from: value, column: value, type: %s, category: %s}
'''
AMBIENT, TAXI, AMZN = ('ambient_temperature_system_failure', 'nyc_taxi',
                       'Twitter_volume_AMZN')
# name: type, category, rows; then, where known: mean (4 digits), sum, least,
# most; and of the steps over four times the median: how many, the longest.
FILES = {
    AMBIENT: ('f64', 'home.climate', 7267, 71.2424, None, 57.45840559,
              86.22321261, 8, 626400),
    TAXI: ('i64', 'unsorted', 10320, 15137.5694, None, None, None, 0, None),
    AMZN: ('i64', 'unsorted', 15831, 53.2985, 843768, None, None, None, None),
    'Twitter_volume_FB': ('i64', 'unsorted', 15833, None, 282006, None, None,
                          None, None),
    'Twitter_volume_UPS': ('i64', 'unsorted', 15866, None, 86570, None, None,
                           None, None),
    'rogue_agent_key_hold': ('f64', 'unsorted', 1882, None, None, None,
                             0.8950121529999999, None, None),
    'TravelTime_387': ('i64', 'unsorted', 2500, None, 812734, 9, 5059, None,
                       None),
    'speed_7578': ('i64', 'unsorted', 1127, None, 72183, None, None, None,
                   None),
    'occupancy_6005': ('f64', 'unsorted', 2380, None, None, None, 22.28, None,
                       None),
}
vault = Vault()


def path_of(name):
    return data_file('timeseries-nab/%s.csv' % name)


def ctl(*args):
    """What a command of vaultctl printed, which must have succeeded."""
    code, out, err = vault.ctl(*args)
    assert code == 0 and err == '', (args, code, err)
    return out


def imported(name):
    """The result of `vaultctl import`."""
    kind, category = FILES[name][:2]
    mapping = vault.write(name + '.yaml', MAP % (name, kind, category))
    return json.loads(ctl('import', path_of(name), '--map', mapping, '--json'))


def queried(name, *options):
    """Columns and rows [time in ns, cell…], as the command printed them."""
    series, = json.loads(ctl('data', 'query', 'real/' + name, '--json',
                             *options))['series']
    assert series['stream'] == 'real/' + name, series['stream']
    return series['columns'], [[nanoseconds(row[0])] + row[1:]
                               for row in series['rows']]


def lines_of(name):
    """The file's own rows, read by nothing of ours; in the order of time."""
    number = int if FILES[name][0] == 'i64' else float
    with open(path_of(name), newline='') as file:
        return sorted(
            [calendar.timegm(time.strptime(line['timestamp'],
                                           '%Y-%m-%d %H:%M:%S')) * NS,
             number(line['value'])] for line in csv.DictReader(file))


def gaps(rows):
    """Steps over four times the median, in seconds."""
    steps = [(b[0] - a[0]) / NS for a, b in zip(rows, rows[1:])]
    usual = statistics.median(steps)
    return [s for s in steps if s > 4 * usual]


def has_figures(name, rows):
    """All that is known of a file holds for these rows."""
    _, _, count, mean, total, least, most, breaks, longest = FILES[name]
    values = [row[1] for row in rows]
    got = (len(values), round(math.fsum(values) / len(values), 4),
           math.fsum(values), min(values), max(values), len(gaps(rows)),
           max(gaps(rows), default=None))
    want = (count, mean, total, least, most, breaks, longest)
    assert all(w is None or g == w for g, w in zip(got, want)), (name, got)


def each_file_comes_in_whole():
    for name, facts in FILES.items():
        got = imported(name)
        assert got == {'file': path_of(name), 'accepted': facts[2],
                       'duplicates': 0, 'quarantined': 0, 'errors': []}, got


def each_file_comes_out_bit_for_bit():
    for name in FILES:
        columns, rows = queried(name)
        assert columns == ['time', 'value'], columns
        assert [r[0] for r in rows] == sorted(r[0] for r in rows), name
        assert sorted(rows) == lines_of(name), name
        has_figures(name, rows)


def the_vault_adds_up_the_same():
    """Over all buckets of four weeks."""
    for name, (_, _, count, mean, total, least, most, _, _) in FILES.items():
        columns, rows = queried(name, '--every', '4w', '--stat',
                                'count,sum,min,max')
        at = {column: [row[i] for row in rows]
              for i, column in enumerate(columns)}
        got = (sum(at['value.count']), math.fsum(at['value.sum']),
               min(at['value.min']), max(at['value.max']))
        assert got[0] == count, (name, got)
        assert mean is None or round(got[1] / count, 4) == mean, (name, got)
        for found, known in zip(got[1:], (total, least, most)):
            assert known is None or found == known, (name, got)


def the_same_again_stores_nothing():
    for name, facts in FILES.items():
        got = imported(name)
        assert (got['accepted'], got['duplicates']) == (0, facts[2]), got
        assert len(queried(name)[1]) == facts[2]


def blocks_give_the_same_rows():
    owner = vault.owner()
    for name in FILES:
        got = owner.query('real/' + name, form='blocks').rows
        assert got == queried(name)[1], name
    owner.close()


def a_restart_bends_nothing():
    before = ctl('data', 'query', 'real/*', '--json')
    vault.restart()
    assert ctl('data', 'query', 'real/*', '--json') == before
    vault.stop()
    assert 'all is well' in vault.check()


for each in FILES:
    path_of(each)
ws.run([each_file_comes_in_whole, each_file_comes_out_bit_for_bit,
        the_vault_adds_up_the_same, the_same_again_stores_nothing,
        blocks_give_the_same_rows, a_restart_bends_nothing])
