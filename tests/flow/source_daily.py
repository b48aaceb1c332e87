"""A source pushes so much in a day; then it is told when to come again, and
nothing of it is stored."""
import gzip
import time

import ws
from poster import post
from vault import PASSPHRASE, Vault, refused

NOW = int(time.time())

vault = Vault(ready=False)
vault.init()
vault.start('--config', vault.write('conf', 'source_daily: 1MiB\n'))
owner = vault.owner()


def source(name):
    return owner.change('source.add', name=name, streams=[name + '/**'],
                        auto=True, category='device.state')['token']


chatty, packed, quiet = source('chatty'), source('packed'), source('quiet')


def lines(name, first, kib):
    """So many KiB, a line each."""
    return ''.join('%s,at=x text="%s" %d\n' % (
        name, '%04d' % (first + i) * 250, NOW - 3600 + first + i)
        for i in range(kib))


def rows():
    return len(owner.query('**').rows)


def a_days_share_is_pushed_and_no_more():
    for part in range(2):
        status, _, body = post(owner, chatty, lines('chatty', 500 * part, 500))
        assert status == 204, (status, body)
    assert rows() == 1000
    status, _, _ = post(owner, chatty, lines('chatty', 1000, 100))
    assert status == 204  # what is begun goes whole
    for _ in range(3):
        status, fields, body = post(owner, chatty, lines('chatty', 1100, 1))
        assert status == 429 and b'as it may in a day' in body, (status, body)
        assert 1 <= int(fields['Retry-After']) <= 86400, fields
    assert rows() == 1100


def what_is_packed_counts_as_it_is_unpacked():
    body = gzip.compress(lines('packed', 0, 900).encode())
    assert len(body) < 100000
    for wanted in (204, 204, 429):
        status, _, said = post(owner, packed, body,
                               extra='Content-Encoding: gzip\r\n')
        assert status == wanted, (status, said)


def a_quota_of_its_own_counts_rows_and_streams():
    few = owner.change('source.add', name='few', streams=['few/**'],
                       auto=True, quota={'rows': 100, 'streams': 2})['token']
    for part in range(2):
        status, _, body = post(owner, few, lines('few', 60 * part, 60))
        assert status == 204, (status, body)  # what is begun goes whole
    status, fields, body = post(owner, few, lines('few', 200, 1))
    assert status == 429 and b'as it may in a day' in body, (status, body)
    assert 1 <= int(fields['Retry-After']) <= 86400, fields
    # More of it, from the next body on; what was pushed counts.
    code, out, err = vault.ctl('source', 'set', 'few', '--quota', 'rows=1000')
    assert code == 0 and err == '', (code, out, err)
    assert post(owner, few, lines('few', 200, 1))[0] == 204
    code, out, err = vault.ctl('source', 'set', 'few', '--quota',
                               'rows=100,streams=2')
    assert code == 0, (code, out, err)
    assert post(owner, few, lines('few', 201, 1))[0] == 429
    some = owner.change('source.add', name='some', streams=['some/**'],
                        auto=True, quota={'streams': 2})['token']
    status, _, body = post(owner, some, 'a v=1\nb v=1\nc v=1\n')
    assert status == 400 and b'as may' in body, (status, body)
    listed = {s['name']: s['quota']
              for s in owner.call('source.list')['sources']}
    assert listed['few'] == {'rows': 100, 'streams': 2}, listed
    assert listed['some'] == {'streams': 2} and listed['quiet'] is None, listed
    for bad in ({'rows': 0}, {'bytes': 86399}, {'streams': 1001}, {'lanes': 1},
                {'rows': 10**10 + 1}):
        told = refused(owner.change, 'source.add', name='bad',
                       streams=['bad/**'], quota=bad)
        assert told.reason == 'params' and 'quota' in told.data['at'], told


def locked(*pushes):
    """Push them while the vault is locked, and let it store them."""
    owner.call('vault.lock')
    for token, body, extra in pushes:
        assert post(owner, token, body, extra=extra)[0] == 204
    owner.call('vault.unlock', passphrase=PASSPHRASE)
    until = time.monotonic() + ws.GUARD
    while owner.call('vault.status')['bytes']['inbox'] != 0:
        assert time.monotonic() < until, vault.said()
        time.sleep(0.05)


def what_came_while_it_was_locked_counts_once_it_is_stored():
    night = owner.change('source.add', name='night', streams=['night/**'],
                         auto=True, quota={'rows': 100})['token']
    zipped, calm = source('zipped'), source('calm')
    gz = 'Content-Encoding: gzip\r\n'
    body = gzip.compress(b'# %s\n' % (b'x' * 60000) * 10)
    locked((night, lines('night', 0, 60) + 'bad v=\n', ''),
           (night, lines('night', 60, 60), ''),
           (zipped, body, gz), (zipped, body, gz),
           (calm, lines('calm', 0, 60), ''))
    for token, name in ((night, 'night'), (zipped, 'zipped')):
        status, _, said = post(owner, token, lines(name, 200, 1))
        assert status == 429 and b'as it may in a day' in said, (name, status)
    assert post(owner, calm, lines('calm', 200, 1))[0] == 204
    assert len(owner.query('night/**').rows) == 120


def others_push_on():
    status, _, body = post(owner, quiet, lines('quiet', 0, 10))
    assert status == 204, (status, body)


def the_vault_is_whole_after_all_this():
    assert 'ERROR' not in vault.said()
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([a_days_share_is_pushed_and_no_more,
        what_is_packed_counts_as_it_is_unpacked,
        a_quota_of_its_own_counts_rows_and_streams,
        what_came_while_it_was_locked_counts_once_it_is_stored,
        others_push_on,
        the_vault_is_whole_after_all_this])
