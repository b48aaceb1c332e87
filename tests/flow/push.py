"""Sources that push over HTTP: curl with line protocol in every shape."""
import gzip
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
owner.create('home/energy/meter', 'energy.electricity', value='f64')
token = owner.change('source.add', name='lines', streams=['home/**'],
                     auto=True, category='energy.electricity',
                     window='all')['token']
narrow = owner.change('source.add', name='narrow',
                      streams=['home/energy/meter'], window='all')['token']
http = owner.call('vault.status')['http']


def post(body, path='/api/v2/write?precision=s', token=None, more=()):
    """(status, body, headers) of a curl that posts a body."""
    word = token or globals()['token']
    done = subprocess.run(
        ['curl', '-sS', '-i', '--noproxy', '*', '--max-time', '30',
         '-H', 'Authorization: Token ' + word, *more, '--data-binary', '@-',
         'http://%s%s' % (http, path)],
        input=body if isinstance(body, bytes) else body.encode(),
        capture_output=True, check=True)
    head, _, rest = done.stdout.decode().partition('\r\n\r\n')
    return int(head.split()[1]), rest, head.lower()


def bad_parts():
    rows = owner.query('quarantine/**').rows
    return len(rows)


def a_line_becomes_a_row():
    status, _, _ = post('energy,room=hall power=12.5,on=true %d' % T0)
    assert status == 204, status
    name, = [s['name'] for s in owner.call('stream.list')['streams']
             if 'hall' in s['name']]
    got = owner.query(name)
    assert got.rows[0][0] == T0 * NS and 12.5 in got.rows[0], got.rows


def both_addresses_and_all_credentials_work():
    for path, more in (
            ('/write?precision=s', ('-u', 'any:' + token)),
            ('/write?precision=s',
             ('-H', 'Authorization: Bearer ' + token)),
            ('/api/v2/write?precision=s&bucket=b&org=o', ())):
        done = subprocess.run(
            ['curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}',
             '--noproxy', '*', *(more or ('-H', 'Authorization: Token '
                                                  + token)),
             '--data-binary', 'way value=%d %d' % (len(path), T0 + len(path)),
             'http://%s%s' % (http, path)], capture_output=True, check=True)
        assert done.stdout == b'204', (path, more, done.stdout)


def gzip_in_any_case_is_inflated():
    for i, word in enumerate(('gzip', 'GZIP', 'Gzip')):
        body = gzip.compress(b'packed value=%d %d' % (i, T0 + i))
        status, _, _ = post(body, more=('-H', 'Content-Encoding: ' + word))
        assert status == 204, (word, status)
    rows = owner.query('home/packed').rows
    assert [r[1] for r in rows] == [0.0, 1.0, 2.0], rows


def precision_is_of_the_number():
    for unit, time in (('ms', T0 * 1000 + 1), ('us', T0 * 10**6 + 2),
                       ('ns', T0 * NS + 3), ('s', T0 + 4)):
        assert post('fine value=1 %d' % time,
                    '/write?precision=' + unit)[0] == 204
    got = sorted(r[0] - T0 * NS for r in owner.query('home/fine').rows)
    assert got == [3, 2000, 1000000, 4 * NS], got
    assert post('fine value=1 1', '/write?precision=fortnight')[0] == 400


def a_bad_line_is_kept_and_the_good_ones_count():
    before = bad_parts()
    status, said, _ = post('fresh value=1 %d\nfresh value= 5\nfresh value=2 %d'
                           % (T0, T0 + 1))
    assert status in (204, 400), (status, said)
    assert [r[1] for r in owner.query('home/fresh').rows] == [1.0, 2.0]
    assert bad_parts() == before + 1


def a_refused_line_widens_no_stream():
    assert post('wide a=1 %d' % T0)[0] == 204
    post('wide b=2,a="text" %d' % (T0 + 1))
    stream = owner.call('stream.show', name='home/wide')
    text = str(stream)
    assert "'a'" in text and "'b'" not in text, stream


def what_the_vault_makes_is_in_the_log():
    entries = owner.call('audit.list', types=['stream'],
                         limit=1000)['entries']
    made = [e['detail'] for e in entries if 'home/wide' in (e['detail'] or '')]
    assert len(made) == 1 and 'created' in made[0], made


def the_list_of_sources_tells_what_came():
    listed = {s['name']: s for s in owner.call('source.list')['sources']}
    lines = listed['lines']
    rows = sum(s['samples'] for s in owner.call('stream.list')['streams']
               if not s['name'].startswith('quarantine/'))
    assert lines['rows'] == rows and lines['quarantine'] == bad_parts(), (
        lines, rows)
    assert lines['last'] and listed['narrow']['rows'] == 0
    assert listed['narrow']['last'] is None


def a_token_opens_its_own_streams_only():
    assert post('other value=1 %d' % T0, token=narrow)[0] in (204, 400, 403)
    names = [s['name'] for s in owner.call('stream.list')['streams']]
    assert not [n for n in names if n.endswith('/other')], names
    for word in ('vt1:' + 'a' * 43, 'wrong', token[:-1] + '!', ''):
        status, said, head = post('x value=1', token=word or ' ')
        assert status == 401 and 'www-authenticate' in head, (word, status)


def a_token_in_the_address_is_refused():
    status, _, _ = post('x value=1 %d' % T0,
                        '/write?u=me&p=' + token.replace(':', '%3A'),
                        more=('-H', 'Authorization:'))
    assert status in (400, 401), status


def what_no_address_is_and_no_method_are_told_apart():
    assert post('x value=1', '/elsewhere')[0] == 404
    assert post('x value=1', '/write', more=('-X', 'GET'))[0] in (400, 405)


def the_same_body_twice_is_the_same_rows():
    body = '\n'.join('same value=%d %d' % (i, T0 + i) for i in range(100))
    assert post(body)[0] == post(body)[0] == 204
    assert len(owner.query('home/same').rows) == 100


def every_refusal_says_why():
    for said, code in (
            (post('x value=1', '/elsewhere'), 'not found'),
            (post('x value=1', token='wrong'), 'unauthorized'),
            (post('x value=1', '/write?precision=fortnight'), 'invalid'),
            (post('q=DROP DATABASE', '/query'), 'invalid'),
            (post(b'no gzip', more=('-H', 'Content-Encoding: gzip')),
             'invalid')):
        status, body, head = said
        assert 400 <= status < 500 and 'application/json' in head, said
        told = json.loads(body)
        assert told['code'] == code, said
        assert told['message'][0].isupper() and told['message'][-1] == '.', told


def the_quarantine_is_the_vaults_own():
    for refusal in (
            refused(owner.change, 'source.add', name='sly', auto=True,
                    streams=['quarantine/**']),
            refused(owner.create, 'quarantine/wide', value='f64')):
        assert 'quarantine/' in refusal.message, refusal
    wide = owner.change('source.add', name='wide', streams=['**'], auto=True,
                        window='all')['token']
    status, body, _ = post('W,domain=quarantine,entity_id=wide raw=1 %d' % T0,
                           token=wide)
    assert status == 400 and json.loads(body)['quarantined'] == 1, body
    assert [r[1] for r in owner.query('quarantine/wide').rows] == ['stream']


def ctl(*args, code=0):
    got, out, err = vault.ctl(*args)
    assert got == code, (args, got, out, err)
    return out if code == 0 else err


def source(name):
    return json.loads(ctl('source', 'show', name, '--json'))['source']


def a_new_token_replaces_the_old_one_at_once():
    old = owner.change('source.add', name='renewed',
                       streams=['home/renewed/*'],
                       auto=True, window='all')['token']
    assert post('r value=1 %d' % T0, token=old)[0] == 204
    assert '--yes' in ctl('source', 'token', 'renewed', code=2)
    device = source('renewed')['device']
    new = json.loads(ctl('source', 'token', 'renewed', '--yes',
                         '--json'))['token']
    assert post('r value=2 %d' % (T0 + 1), token=old)[0] == 401
    assert post('r value=2 %d' % (T0 + 1), token=new)[0] == 204
    assert [r[1] for r in owner.query('home/renewed/r').rows] == [1.0, 2.0]
    assert source('renewed')['device'] != device
    ctl('source', 'token', 'nobody', '--yes', code=3)
    # A locked vault knows no other either.
    owner.call('vault.lock')
    assert post('r value=3 %d' % (T0 + 2), token=old)[0] == 401
    assert post('r value=3 %d' % (T0 + 2), token=new)[0] == 204
    owner.call('vault.unlock', passphrase=PASSPHRASE)


def a_blocked_source_is_let_in_no_more_until_it_is_again():
    word = owner.change('source.add', name='barred',
                        streams=['home/barred/*'],
                        auto=True, window='all')['token']
    assert post('b value=1 %d' % T0, token=word)[0] == 204
    assert 'blocked' in ctl('source', 'block', 'barred')
    assert 'blocked already' in ctl('source', 'block', 'barred', code=6)
    assert source('barred')['state'] == 'blocked'
    assert post('b value=2 %d' % (T0 + 1), token=word)[0] == 403
    owner.call('vault.lock')
    assert post('b value=2 %d' % (T0 + 1), token=word)[0] == 401
    owner.call('vault.unlock', passphrase=PASSPHRASE)
    assert len(owner.query('home/barred/b').rows) == 1
    ctl('source', 'set', 'barred', '--unblock')
    assert source('barred')['state'] == 'active'
    assert post('b value=2 %d' % (T0 + 1), token=word)[0] == 204
    assert 'not blocked' in ctl('source', 'set', 'barred', '--unblock', code=6)
    ctl('source', 'block', 'nobody', code=3)


def what_is_set_is_what_counts():
    word = owner.change('source.add', name='set', streams=['home/s/*'],
                        way='bearer')['token']
    assert post('s/x value=1 %d' % T0, token=word)[0] == 400  # no such stream
    assert 'Nothing was said' in ctl('source', 'set', 'set', code=2)
    got = json.loads(ctl('source', 'set', 'set', '--streams', 'home/t/*',
                         '--auto', '--window', 'all', '--category',
                         'home.climate', '--json'))['source']
    assert (got['streams'], got['auto'], got['window'], got['category']) == (
        ['home/t/*'], True, 'all', 'home.climate'), got
    assert post('x value=1 %d' % T0, token=word)[0] == 204
    shown = owner.call('stream.show', name='home/t/x')['stream']
    assert shown['category'] == 'home.climate', shown
    # The way is fixed until it is said anew.
    ctl('source', 'set', 'set', '--way', 'mac', '--category', 'none')
    assert post('x value=2 %d' % (T0 + 1), token=word)[0] == 403
    ctl('source', 'set', 'set', '--way', 'any')
    assert post('x value=2 %d' % (T0 + 1), token=word)[0] == 204
    assert source('set')['category'] is None
    for bad in (['--streams', 'quarantine/**'], ['--window', '1s'],
                ['--way', 'foot'], ['--category', 'home']):
        ctl('source', 'set', 'set', *bad, code=2)
    # What did not get in was kept, is shown, and goes by its name.
    shown = ctl('source', 'quarantine', 'set', 'list')
    assert 's/x value=1' in shown, shown
    assert 'list, replay' in ctl('source', 'quarantine', 'set', 'sell', code=2)
    ctl('source', 'quarantine', 'set', 'drop', '--yes')
    assert source('set')['quarantine'] == 0
    ctl('source', 'show', 'nobody', code=3)
    # All of it is in the log.
    said = [json.loads(e['detail']) for e in owner.call(
        'audit.list', types=['run'], newest=True, limit=50)['entries']]
    assert [d['what'] for d in said if d.get('source') == 'set'] == [
        'set'] * 3, said


def a_source_makes_a_thousand_streams_and_no_more():
    hacked = owner.change('source.add', name='hacked', streams=['h/**'],
                          auto=True, window='all')['token']
    many = '\n'.join('n%d value=1 %d' % (i, T0) for i in range(1005))
    status, body, _ = post(many, token=hacked)
    told = json.loads(body)
    assert status == 400 and (told['accepted'], told['quarantined']) == (
        1000, 5), told
    known = 'n7 value=2 %d\nnew value=2 %d\n' % (T0 + 1, T0 + 1)
    status, body, _ = post(known, token=hacked)
    told = json.loads(body)
    assert status == 400 and (told['accepted'], told['quarantined']) == (
        1, 1), told
    assert post('n7 value=3 %d' % (T0 + 2), token=hacked)[0] == 204
    assert {r[1] for r in owner.query('quarantine/hacked').rows} == {'quota'}
    assert post('mine value=1 %d' % T0)[0] == 204


def a_locked_vault_takes_it_all_the_same():
    """flow.inbox has the rest of it."""
    owner.call('vault.lock')
    assert post('x value=1 %d' % T0)[0] == 204
    owner.call('vault.unlock', passphrase=PASSPHRASE)
    assert post('back value=1 %d' % T0)[0] == 204
    until = time.monotonic() + GUARD
    while owner.call('vault.status')['bytes']['inbox'] > 0:
        assert time.monotonic() < until, vault.said()
        time.sleep(0.05)


def all_of_it_is_there_after_a_restart():
    global owner
    rows = owner.query('**').rows
    listed = owner.call('source.list')
    owner.close()
    vault.restart()
    owner = vault.owner()
    assert owner.query('**').rows == rows
    assert owner.call('source.list') == listed
    owner.close()
    vault.stop()
    vault.check()


run([a_line_becomes_a_row, both_addresses_and_all_credentials_work,
     gzip_in_any_case_is_inflated, precision_is_of_the_number,
     a_bad_line_is_kept_and_the_good_ones_count,
     a_refused_line_widens_no_stream, what_the_vault_makes_is_in_the_log,
     the_list_of_sources_tells_what_came,
     a_token_opens_its_own_streams_only, a_token_in_the_address_is_refused,
     what_no_address_is_and_no_method_are_told_apart,
     the_same_body_twice_is_the_same_rows, every_refusal_says_why,
     the_quarantine_is_the_vaults_own,
     a_new_token_replaces_the_old_one_at_once,
     a_blocked_source_is_let_in_no_more_until_it_is_again,
     what_is_set_is_what_counts,
     a_source_makes_a_thousand_streams_and_no_more,
     a_locked_vault_takes_it_all_the_same,
     all_of_it_is_there_after_a_restart])
