"""The firm's commands as they are typed: vaultfirm as a process, beside the
owner's."""
import base64
import json
import os
import subprocess
import sys
import time

import ws
from typist import patiently, types_at
from vault import GUARD, Vault, stamp

BIN = sys.argv[1]
HOUR = 3600
vault = Vault()
owner = vault.owner()
NOW = int(time.time())

TERMS = {
    'controller': {'name': 'Fernhill Repairs', 'contact': 'mailto:p@f.example',
                   'address': '4 Lower Street, York', 'country': 'GB'},
    'notice': {'uri': 'https://f.example/privacy', 'sha256': 'ab' * 32,
               'lang': 'en'},
    'authority': "Information Commissioner's Office",
    'rights': 'mailto:p@f.example',
    'purposes': [{'id': 'service.repair', 'text': 'We look what is slow.',
                  'lang': 'en', 'basis': 'consent',
                  'if_denied': 'A technician comes.'}],
    'items': [{'n': 1, 'data': 'device.state', 'stats': ['mean'],
               'bucket_s': 60, 'window_s': 2 * HOUR, 'delay_s': 120}],
    'action': 'read', 'rate': None, 'uses': None, 'life_s': 86400,
    'keep_s': 86400, 'onward': [], 'where': ['GB'], 'profiling': 'none',
    'automated': False, 'training': False, 'gatekeeper': False}


def run_firm(*args):
    done = subprocess.run(
        [os.path.join(BIN, 'vaultfirm'), *args], capture_output=True,
        timeout=GUARD, stdin=subprocess.DEVNULL,
        env={**os.environ, 'VAULTFIRM_IDENTITY': vault.path('firm')})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def firm(*args, code=0):
    """(stdout, stderr) of a vaultfirm command, which must end with code."""
    got, out, err = patiently(lambda: run_firm(*args))
    assert got == code, (args, got, out, err)
    return out, err


def ctl(*args):
    code, out, err = vault.ctl(*args)
    assert code == 0, (args, code, out, err)
    return out


def fails(code, *args):
    """What a command says on stderr, one sentence, which ends with code."""
    got, out, err = vault.ctl(*args)
    assert (got, out, err.count('\n')) == (code, '', 1), (args, got, out, err)
    return err


# ---- the owner is asked ----

def state_of_firm():
    return owner.call('firm.show', firm='fernhill')['firm']['state']


def a_firm_that_has_not_enrolled_is_not_confirmed():
    global url
    owner.create('home/load', 'device.state')
    at = NOW // 60 * 60 - HOUR
    owner.append('home/load', [[stamp(at), 1.0], [stamp(at + 60), 2.0],
                               [stamp(at + 61), 4.0]])
    url = json.loads(ctl('firm', 'invite', 'fernhill', '--json'))['url']
    for how in ([], ['--yes'], ['--fingerprint', 'x']):
        err = fails(3, 'firm', 'confirm', 'fernhill', *how)
        assert "'fernhill' has not enrolled yet" in err, err
        assert 'vaultfirm enrol URL' in err, err
    err = fails(3, 'firm', 'confirm', 'nobody')
    assert "no firm 'nobody'" in err and 'enrol' not in err, err


def a_firm_is_confirmed_by_what_is_compared_or_shown():
    print_of = json.loads(firm('init', 'fernhill', '--json')[0])['fingerprint']
    firm('enrol', url)
    err = fails(2, 'firm', 'confirm', 'fernhill')
    assert '--yes' in err and '--fingerprint TEXT' in err, err
    ask = b'let in? [y/N] '
    code, shown = types_at(vault, 'firm', 'confirm', 'fernhill',
                           answers=[(ask, 'n')])
    assert code == 1 and print_of in shown and 'pending' in shown, shown
    assert state_of_firm() == 'pending'
    code, shown = types_at(vault, 'firm', 'confirm', 'fernhill',
                           answers=[(ask, 'y')])
    assert code == 0 and state_of_firm() == 'confirmed', (code, shown)
    for how in (['--yes'], ['--fingerprint', print_of]):
        ctl('firm', 'confirm', 'fernhill', *how)
    err = fails(6, 'firm', 'confirm', 'fernhill', '--fingerprint', 'x')
    assert print_of in err, err


def submitted(terms):
    path = vault.write('request.json', json.dumps(terms))
    return json.loads(firm('request', path, '--json')[0])['request']


def states():
    return {r['id']: r['state']
            for r in owner.call('request.list', state='pending')['requests']}


def what_is_not_named_is_shown_and_asked_about():
    one = submitted(TERMS)
    ask = b'Grant this? [y/N] '
    err = fails(2, 'request', 'approve', one)
    assert '--yes' in err and '--only' in err and '--all' in err, err
    code, shown = types_at(vault, 'request', 'approve', one,
                           answers=[(ask, 'n')])
    assert code == 1 and 'nothing was done' in shown, shown
    for says in ('fernhill', 'service.repair', 'home/load', 'We look what'):
        assert says in shown, (says, shown)
    assert states() == {one: 'pending'}
    code, shown = types_at(vault, 'request', 'approve', one, '--life', '1h',
                           answers=[(b'your options take away? [y/N] ', 'y')])
    assert code == 0 and 'active' in shown and states() == {}, shown
    two = submitted(TERMS)
    assert json.loads(ctl('request', 'approve', two, '--yes', '--json'))[
        'state'] == 'active'
    fails(3, 'request', 'approve', '01M80XBAVGRFVVVX9QRHKJ8E9C')
    ctl('grant', 'revoke', '--all', '--yes')


def of_several_parts_each_is_asked_about():
    both = submitted({**TERMS, 'items': TERMS['items'] + [
        {**TERMS['items'][0], 'n': 2, 'data': 'home.climate'}]})
    for how in ([], ['--yes']):
        err = fails(2, 'request', 'approve', both, *how)
        assert 'several parts' in err and '--only' in err, err
    code, shown = types_at(
        vault, 'request', 'approve', both,
        answers=[(b'service.repair:1: yes? [y/N] ', 'n'),
                 (b'service.repair:2: yes? [y/N] ', 'y')])
    assert code == 0 and shown.count('We look what') == 1, shown
    grant, = owner.call('grant.list')['grants']
    assert [i['n'] for i in owner.call('grant.show', grant=grant['id'])[
        'grant']['items']] == [2]
    ctl('grant', 'revoke', '--all', '--yes')


def a_pattern_that_names_nothing_is_refused_with_what_there_is():
    one = submitted(TERMS)
    for patterns in (['home/lood'], ['home/*', 'home/lood'], ['garden/**']):
        err = fails(2, 'request', 'approve', one, '--all', '--streams',
                    *patterns)
        assert "is named '%s'; there are: home/load" % patterns[-1] in err, err
    owner.create('home/warm', 'home.climate')
    err = fails(2, 'request', 'approve', one, '--all', '--streams',
                'home/warm')
    assert err.endswith("is named 'home/warm'; there are: home/load\n"), err
    assert states() == {one: 'pending'}
    ctl('request', 'approve', one, '--all', '--streams', 'home/*')
    ctl('grant', 'revoke', '--all', '--yes')


# ---- what would leave ----

def preview(*args):
    return json.loads(ctl('request', 'preview', *args, '--json'))


def log_of_firm():
    return owner.call('audit.head', firm='fernhill')['size']


def what_would_leave_is_what_leaves():
    """The same rows as the firm's own query gets, before it has a grant."""
    global request
    request = submitted(TERMS)
    before = log_of_firm()
    got = preview(request)
    part, = got['parts']
    stream, = part['streams']
    assert (part['purpose'], part['gives'], part['min_readings']) == (
        'service.repair', True, 2), part
    assert (stream['stream'], stream['shown'], stream['columns']) == (
        'home/load', 'home/load', ['value.mean']), stream
    assert (stream['rows'], stream['more']) == (1, False), stream
    assert part['grant']['id'] == '0' * 26, part
    # Nothing was made of it, and the firm's log has not a word.
    assert owner.call('grant.list')['grants'] == []
    assert states() == {request: 'pending'} and log_of_firm() == before
    shown = ctl('request', 'preview', request)
    assert 'home/load, the last 1 of 1' in shown and '3' in shown, shown
    # Narrower, as approve takes it.
    for narrower in (['--window', '10min'], ['--delay', '2h']):
        less, = preview(request, *narrower)['parts'][0]['streams']
        assert less['rows'] == 0 and less['newest'] == [], (narrower, less)
    less, = preview(request, '--detail', 'mean/4w')['parts'][0]['streams']
    assert less['rows'] == 0, less
    less, = preview(request, '--names', 'hide')['parts'][0]['streams']
    assert less['shown'] == 'device.state/1', less
    less, = preview(request, '--round', '2')['parts'][0]['streams']
    assert [row[1] for row in less['newest']] == [2.0], less
    for code, how in ((2, ['--only', 'marketing:1']), (6, ['--delay', '1s']),
                      (2, ['--streams', 'home/none']), (2, ['--rows', '0'])):
        fails(code, 'request', 'preview', request, *how)
    fails(3, 'request', 'preview', '01M80XBAVGRFVVVX9QRHKJ8E9C')
    would = preview(request, '--only', 'service.repair:1')
    assert would['parts'][0]['streams'] == [stream], would
    # What it gets then.
    granted = json.loads(ctl('request', 'approve', request, '--all',
                             '--json'))['grant']
    out = firm('query', 'home/load', '--grant', granted, '--from', '2h',
               '--every', '1min', '--json')[0]
    series, = json.loads(out)['series']
    assert series['rows'] == stream['newest'], (series, stream)
    fails(6, 'request', 'preview', request)
    ctl('grant', 'revoke', '--all', '--yes')


# ---- what a grant gives ----

def a_grant_is_asked_for_and_given():
    global grant, request
    request = submitted(TERMS)
    shown = ctl('request', 'show', request)
    assert 'a bucket of fewer than 2 readings gives nothing' in shown, shown
    grant = json.loads(ctl('request', 'approve', request, '--all',
                           '--json'))['grant']
    assert owner.call('grant.show', grant=grant)['grant']['obligations'][
        'min_readings'] == 2
    shown = ctl('grant', 'show', grant)
    assert 'a bucket of fewer than 2 readings gives nothing' in shown, shown


def a_bucket_with_too_few_readings_is_told():
    out, err = firm('query', 'home/load', '--grant', grant, '--from', '2h',
                    '--every', '1min')
    assert '(1 row)' in out and err == '', (out, err)
    assert 'buckets of fewer than 2 readings are left out' in out, out
    data = firm('query', 'home/load', '--grant', grant, '--from', '2h',
                '--every', '1min', '--csv')[0]
    assert data.splitlines()[0].startswith('time,value'), data
    assert len(data.splitlines()) == 2, data


def no_rows_come_with_what_may_be_the_reason():
    for options in ([], ['--json']):
        out, err = firm('query', 'home/load', '--grant', grant, '--from',
                        '10min', '--to', '5min', '--every', '1min', *options)
        for says in ('no rows', 'older than 2h', 'newer than 2min',
                     'buckets of 1min', 'fewer than 2 readings'):
            assert says in err, (says, err)
    assert json.loads(out) == {'series': []}, out


def what_exceeds_the_grant_is_named():
    for what, options in (('every', ['--every', '1h']), ('every', []),
                          ('stats', ['--every', '1min', '--stat', 'max'])):
        err = firm('query', 'home/load', '--grant', grant, '--from', '2h',
                   *options, code=4)[1]
        assert 'what exceeds it: ' + what in err and 'see' not in err, err
    err = firm('watch', 'home/load', '--grant', grant, code=4)[1]
    assert 'what exceeds it: live' in err, err


# ---- receipts ----

def kept(code=0):
    """The newest receipts, in a file."""
    path = vault.path('receipt.json')
    firm('receipt', 'get', grant, '--out', path, code=code)
    return path


def record():
    """(name, content) of what the firm remembers of the vault."""
    folder = vault.path('firm/vaults')
    name, = os.listdir(folder)
    with open(os.path.join(folder, name)) as file:
        return name.rpartition('.')[0], json.load(file)


def how_a_receipt_is_read_is_told_with_it():
    out, err = firm('receipt', 'get', grant)
    assert json.loads(out)['receipts'] and 'receipt verify FILE' in err, err
    assert firm('receipt', 'get', grant, '--json')[1] == ''


def a_receipt_holds_by_name_address_and_key():
    path = kept()
    name, knows = record()
    place = owner.call('vault.status')['vault']
    for ways in ([], [name], [place], [place.partition('@')[0]],
                 [knows['receipt']]):
        args = ['--vault', *ways] if ways else []
        out, err = firm('receipt', 'verify', path, *args)
        assert out.startswith('holds\n') and grant in out, (ways, out)
    for other in ('nobody', 'vd1:' + 'a' * 52):
        err = firm('receipt', 'verify', path, '--vault', other, code=3)[1]
        assert other in err, err
    key = base64.urlsafe_b64encode(bytes(32)).decode().rstrip('=')
    out, err = firm('receipt', 'verify', path, '--vault', key, code=1)
    assert out.startswith('does not hold: ') and grant not in out, out


def of_a_damaged_one_nothing_is_shown():
    with open(kept()) as file:
        whole = json.load(file)
    head, payload, signature = whole['receipts'][-1]['receipt'].split('.')
    lie = base64.urlsafe_b64decode(payload + '==').replace(
        b'Fernhill', b'Vernhill')
    lie = base64.urlsafe_b64encode(lie).decode().rstrip('=')
    whole['receipts'][-1]['receipt'] = '.'.join((head, lie, signature))
    path = vault.write('damaged.json', json.dumps(whole))
    out, err = firm('receipt', 'verify', path, code=1)
    assert out.startswith('does not hold: ') and 'ernhill' not in out, out
    got = json.loads(firm('receipt', 'verify', path, '--json', code=1)[0])
    assert not got['ok'] and not got['genuine'] and 'payload' not in got, got
    assert got['grant'] is None and got['event'] is None, got


def one_of_a_grant_that_ended_is_genuine_and_says_so():
    before = kept()
    os.rename(before, vault.path('before.json'))
    ctl('grant', 'revoke', grant, '--yes')
    path = kept(code=8)
    out, err = firm('receipt', 'verify', path, code=8)
    assert out.startswith('genuine; the grant was withdrawn at 2'), out
    assert grant in out
    got = json.loads(firm('receipt', 'verify', path, '--json', code=8)[0])
    assert (got['ok'], got['genuine'], got['event'], got['grant']) == (
        False, True, 'withdrawn', grant), got
    # What was true before is still what the vault signed then.
    firm('receipt', 'verify', vault.path('before.json'))
    with open(path) as file:
        whole = json.load(file)
    whole['receipts'][-1]['proof'] = whole['receipts'][0]['proof']
    path = vault.write('damaged.json', json.dumps(whole))
    out, err = firm('receipt', 'verify', path, code=1)
    assert out.startswith('does not hold: '), out


ws.run([a_firm_that_has_not_enrolled_is_not_confirmed,
        a_firm_is_confirmed_by_what_is_compared_or_shown,
        what_is_not_named_is_shown_and_asked_about,
        of_several_parts_each_is_asked_about,
        a_pattern_that_names_nothing_is_refused_with_what_there_is,
        what_would_leave_is_what_leaves,
        a_grant_is_asked_for_and_given, a_bucket_with_too_few_readings_is_told,
        no_rows_come_with_what_may_be_the_reason,
        what_exceeds_the_grant_is_named,
        how_a_receipt_is_read_is_told_with_it,
        a_receipt_holds_by_name_address_and_key,
        of_a_damaged_one_nothing_is_shown,
        one_of_a_grant_that_ended_is_genuine_and_says_so])
