"""What a source sent that could not be understood is read again, once what
kept it out is mended."""
import json
import subprocess
import time

from vault import PASSPHRASE, Vault, refused, skip
from ws import GUARD, run

T0 = 1764072000
NS = 10**9

try:
    subprocess.run(['curl', '--version'], capture_output=True, check=True)
except OSError:
    skip('needs curl')

vault = Vault()
owner = vault.owner()
token = owner.change('source.add', name='house', streams=['home/**'],
                     window='all')['token']


def post(body, path='/api/v2/write?precision=s', more=()):
    """The answer to a body, as an object."""
    done = subprocess.run(
        ['curl', '-sS', '--noproxy', '*', '--max-time', '30',
         '-H', 'Authorization: Token ' + token, *more, '--data-binary', '@-',
         'http://%s%s' % (owner.call('vault.status')['http'], path)],
        input=body if isinstance(body, bytes) else body.encode(),
        capture_output=True, check=True)
    return json.loads(done.stdout or b'{}')


def ctl(*args, code=0):
    got, out, err = vault.ctl(*args)
    assert got == code, (args, got, out, err)
    return out + err


def parts():
    return owner.query('quarantine/house').rows


def rows(name):
    return [r[:2] for r in owner.query(name).rows]


def replay(**more):
    return owner.change('source.replay', source='house', **more)


def nothing_lies_there():
    got = replay()
    assert (got['released'], got['kept'], got['removed']) == (0, 0, False), got
    got = refused(owner.change, 'source.replay', source='nobody')
    assert got.reason == 'params', got


def what_no_stream_took_is_taken_once_there_is_one():
    told = post('meter value=1 %d\nmeter value=2 %d' % (T0, T0 + 1))
    assert (told['accepted'], told['quarantined']) == (0, 2), told
    got = replay()
    assert (got['released'], got['kept'], got['removed']) == (0, 2, False), got
    assert len(parts()) == 2
    owner.create('home/meter', 'energy.electricity', value='f64')
    got = replay()
    assert (got['released'], got['rows'], got['kept'], got['removed']) == (
        2, 2, 0, True), got
    assert rows('home/meter') == [[T0 * NS, 1.0], [(T0 + 1) * NS, 2.0]]
    assert parts() == []
    got = replay()
    assert (got['released'], got['rows']) == (0, 0), got
    source = owner.call('source.show', source='house')['source']
    assert source['quarantine'] == 0, source


def the_log_says_what_was_released():
    said = [json.loads(e['detail']) for e in owner.call(
        'audit.list', types=['run'], newest=True, limit=20)['entries']]
    told = [(d['released'], d['rows']) for d in said
            if d.get('what') == 'replayed']
    assert told == [(2, 2)], said
    erased = owner.call('audit.list', types=['erase'])['entries']
    assert erased, erased
    assert owner.call('audit.verify')['ok']


def what_is_bad_still_stays_as_it_came():
    post('new value=1 %d\nnew value= 5\nnew value=3 %d' % (T0, T0 + 3))
    before = [r[1:4] for r in parts()]
    assert len(before) == 3, before
    owner.create('home/new', 'energy.electricity', value='f64')
    got = replay()
    assert (got['released'], got['rows'], got['kept']) == (2, 2, 1), got
    assert [r[1:4] for r in parts()] == [r for r in before
                                        if r[2] == 'new value= 5'], parts()
    got = replay()
    assert (got['released'], got['kept']) == (0, 1), got
    ctl('source', 'quarantine', 'house', 'drop', '--yes')


def a_row_that_is_there_is_not_taken_twice():
    """The device sent it again before it was released."""
    post('twice value=7 %d' % T0)
    owner.create('home/twice', 'energy.electricity', value='f64')
    post('twice value=7 %d' % T0)
    got = replay()
    assert (got['released'], got['rows'], got['equal']) == (1, 0, 1), got
    assert rows('home/twice') == [[T0 * NS, 7.0]] and parts() == []


def it_is_read_as_its_body_was():
    """By the precision and the time of then, through a lock and a restart."""
    global owner
    post('ms value=1 %d' % (T0 * 1000 + 5), '/api/v2/write?precision=ms')
    post('now value=2')
    came = time.time_ns()
    owner.close()
    vault.restart()
    owner = vault.owner()
    for name in ('home/ms', 'home/now'):
        owner.create(name, 'energy.electricity', value='f64')
    got = replay()
    assert (got['released'], got['kept']) == (2, 0), got
    assert rows('home/ms') == [[T0 * NS + 5000000, 1.0]]
    (at, value), = rows('home/now')
    assert value == 2.0 and at <= came, (at, came)


def a_wider_window_counts_from_when_it_came():
    owner.change('source.set', source='house', window='48h')
    told = post('meter value=9 %d' % (T0 + 9))
    assert told['quarantined'] == 1, told
    assert replay()['released'] == 0
    owner.change('source.set', source='house', window='all')
    assert replay()['released'] == 1
    assert [(T0 + 9) * NS, 9.0] in rows('home/meter')


def what_came_unread_cannot_be_read_again():
    """The whole of a body that is none, in parts, is shown and no more."""
    owner.call('vault.lock')
    post('not gzip at all', more=('-H', 'Content-Encoding: gzip'))
    owner.call('vault.unlock', passphrase=PASSPHRASE)
    until = time.monotonic() + GUARD
    while owner.call('vault.status')['bytes']['inbox'] > 0:
        assert time.monotonic() < until, vault.said()
        time.sleep(0.05)
    assert len(parts()) >= 1
    got = replay()
    assert got['released'] == 0 and got['unread'] == got['kept'] > 0, got
    ctl('source', 'quarantine', 'house', 'drop', '--yes')


def the_owner_types_it():
    post('typed value=1 %d' % T0)
    owner.create('home/typed', 'energy.electricity', value='f64')
    said = ctl('source', 'quarantine', 'house', 'replay')
    assert '1' in said, said
    got = json.loads(ctl('source', 'quarantine', 'house', 'replay', '--json'))
    assert (got['source'], got['released']) == ('house', 0), got
    assert rows('home/typed') == [[T0 * NS, 1.0]]


def many(word, count):
    post('\n'.join('%s value=%d %d' % (word, i, T0 + i)
                   for i in range(count)))


def what_lies_behind_many_that_stay_is_reached():
    many('never', 2100)
    post('behind value=1 %d' % T0)
    owner.create('home/behind', 'energy.electricity', value='f64')
    got = replay()
    assert (got['released'], got['more']) == (0, True), got
    kept = got['kept']
    while got['more']:
        got = replay(cursor=got['cursor'])
        kept += got['kept']
    assert (got['released'], got['removed'], kept) == (1, True, 2100), got
    assert 'cursor' not in got, got
    assert len(parts()) == 2100
    assert rows('home/behind') == [[T0 * NS, 1.0]]
    for bad in ('x', '1.2', '1..3', '1.-1.3', '3.0.1', '1.0.2.'):
        got = refused(replay, cursor=bad)
        assert got.reason == 'params', (bad, got)


def the_owner_types_it_once_for_all_of_them():
    """Those that stay are put behind, and counted once."""
    post('last value=0 %d' % (T0 - 1))
    post('last value=1 %d\nnever value=1 %d\nlast value=2 %d' % (
        T0, T0 + 9000, T0 + 1))
    many('never', 2100)
    owner.create('home/last', 'energy.electricity', value='f64')
    got = json.loads(ctl('source', 'quarantine', 'house', 'replay', '--json'))
    assert got == {'source': 'house', 'released': 3, 'rows': 3, 'equal': 0,
                   'kept': 4201, 'unread': 0}, got
    assert rows('home/last') == [[(T0 + i) * NS, i + 1.0]
                                 for i in range(-1, 2)], rows('home/last')
    assert len(parts()) == 4201
    ctl('source', 'quarantine', 'house', 'drop', '--yes')


def one_that_finds_no_room_stays_and_the_others_go():
    """A stream has 4,096 rows at one time, and not one more."""
    good = ['room value=%d %d' % (i, T0 + i) for i in range(100)]
    post('\n'.join(good[:50] + ['full value=-1 %d' % T0] + good[50:] +
                   ['full value=5 %d' % (T0 + 1)]))
    for name in ('home/room', 'home/full'):
        owner.create(name, 'energy.electricity', value='f64')
    owner.append('home/full', [[T0 * NS, float(i)] for i in range(4096)])
    got = json.loads(ctl('source', 'quarantine', 'house', 'replay', '--json'))
    assert (got['released'], got['rows'], got['kept']) == (
        101, 101, 1), got
    assert rows('home/room') == [[(T0 + i) * NS, float(i)]
                                 for i in range(100)]
    assert [r[3] for r in parts()] == ['full value=-1 %d' % T0], parts()
    got = json.loads(ctl('source', 'quarantine', 'house', 'replay', '--json'))
    assert (got['released'], got['kept']) == (0, 1), got
    ctl('source', 'quarantine', 'house', 'drop', '--yes')


def the_vault_is_whole():
    owner.close()
    vault.stop()
    vault.check()


run([nothing_lies_there, what_no_stream_took_is_taken_once_there_is_one,
     the_log_says_what_was_released, what_is_bad_still_stays_as_it_came,
     a_row_that_is_there_is_not_taken_twice, it_is_read_as_its_body_was,
     a_wider_window_counts_from_when_it_came,
     what_came_unread_cannot_be_read_again, the_owner_types_it,
     what_lies_behind_many_that_stay_is_reached,
     the_owner_types_it_once_for_all_of_them,
     one_that_finds_no_room_stays_and_the_others_go,
     the_vault_is_whole])
