"""What a firm was given is to be deleted: the vault asks, the firm says so, and
where it does not, that is overdue.

usage: firm_deletes.py BIN
"""
import json
import os
import subprocess
import sys
import time

import ws
from skewed import SKEWED, set_clock as clock, vault
from vault import GUARD

BIN = sys.argv[1]
NS, DAY = 10**9, 86400
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
    'items': [{'n': 1, 'data': 'device.state', 'stats': 'raw',
               'window_s': 2 * DAY, 'delay_s': 0}],
    'action': 'read', 'rate': None, 'uses': None, 'life_s': 60 * DAY,
    'keep_s': 0, 'onward': [], 'where': ['GB'], 'profiling': 'none',
    'automated': False, 'training': False, 'gatekeeper': False}

RULES = '''version: 1
rules:
  - {name: fernhill, effect: permit, firm: fernhill, purpose: service.repair,
     data: device.state, detail: raw, rate: none, life: 90d, where: GB}
'''


def firm(*args, code=0):
    done = subprocess.run(
        [os.path.join(BIN, 'vaultfirm'), *args], capture_output=True,
        timeout=GUARD, stdin=subprocess.DEVNULL,
        env={**os.environ, **SKEWED, 'VAULTFIRM_IDENTITY': vault.path('firm')})
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == code, (args, done.returncode, out, err)
    return out, err


def ctl(*args):
    code, out, err = vault.ctl(*args)
    assert code == 0, (args, code, out, err)
    return out


def held():
    return json.loads(ctl('grant', 'held-by', 'fernhill', '--json'))['grants']


def events():
    """What the log says of deletion, and the newest detail."""
    got = [json.loads(entry['detail']) for entry in
           owner.call('audit.list', types=['deletion'])['entries']]
    return [d['event'] for d in got], got[-1] if got else None


def wait_for(event):
    """The rows of the clock are written when the vault next looks."""
    end = time.monotonic() + GUARD
    while event not in events()[0]:
        assert time.monotonic() < end, events()
        time.sleep(0.1)


def what_was_given_is_held():
    global owner, grant, path
    clock()
    vault.start(env=SKEWED)
    owner = vault.owner()
    owner.create('home/device', 'device.state')
    owner.append('home/device', [[(NOW - 60) * NS, 1.0]])
    url = json.loads(ctl('firm', 'invite', 'fernhill', '--json'))['url']
    firm('init', 'fernhill')
    firm('enrol', url)
    ctl('firm', 'confirm', 'fernhill', '--yes')
    path = vault.write('request.json', json.dumps(TERMS))
    request = json.loads(firm('request', path, '--json')[0])['request']
    grant = json.loads(ctl('request', 'approve', request, '--all',
                           '--json'))['grant']
    assert ctl('grant', 'held-by', 'fernhill') == 'nothing\n'
    err = firm('deleted', grant, code=6)[1]
    assert 'nothing of this grant is held' in err, err
    firm('query', 'home/device', '--grant', grant, '--from', '1d')
    one, = held()
    assert (one['id'], one['overdue']) == (grant, False), one
    assert [h['uses'] for h in one['held_by_firm']] == [[1, 1]], one


def the_vault_asks_for_a_statement():
    wait_for('asked')
    one, = held()
    assert one['held_by_firm'][0]['demanded'], one
    assert 'to say so' in ctl('grant', 'held-by', 'fernhill')


def without_one_it_is_overdue():
    global pending
    clock(20 * DAY, synchronised=True)
    one, = held()
    assert one['overdue'], one
    listed, = json.loads(ctl('firm', 'list', '--json'))['firms']
    assert listed['overdue'], listed
    ctl('policy', 'apply', vault.write('home.yaml', RULES))
    got = json.loads(firm('request', path, '--json')[0])
    assert got['state'] == 'pending', got
    pending = got['request']
    shown = owner.call('request.show', request=pending)
    assert [r['name'] for r in shown['rules']] == ['builtin.overdue'], shown
    assert 'a statement of deletion overdue' in shown['words'], shown['words']
    wait_for('overdue')
    kinds = [n['kind'] for n in owner.call('vault.status')['notices']]
    assert 'deletion' in kinds, kinds


def a_late_statement_ends_it():
    out, err = firm('deleted', grant, '--except',
                    '1:2035-01-01:Machinery Act, section 9')
    assert 'has the statement' in out, out
    one, = held()
    assert not one['overdue'] and one['held_by_firm'] == [], one
    assert one['exceptions'][0]['uses'] == [1, 1], one
    assert 'Machinery Act' in ctl('grant', 'held-by', 'fernhill')
    said, newest = events()
    assert said == ['asked', 'overdue', 'stated'], said
    assert newest['statement'].count('.') == 2, newest
    firm('deleted', grant, code=6)
    got = json.loads(firm('request', path, '--json')[0])
    assert got['state'] == 'granted', got
    listed, = json.loads(ctl('firm', 'list', '--json'))['firms']
    assert not listed['overdue'], listed


def an_end_names_what_is_held():
    firm('query', 'home/device', '--grant', grant, '--from', '40d')
    ctl('grant', 'revoke', grant, '--yes')
    path = vault.path('receipts.json')
    firm('receipt', 'get', grant, '--out', path, code=8)
    out, err = firm('receipt', 'verify', path, '--json', code=8)
    got = json.loads(out)
    assert got['genuine'] and got['event'] == 'withdrawn', got
    listed, = got['payload']['deletion']
    assert listed['uses'] == [2, 2], listed
    code, out, err = vault.ctl('audit', 'verify', '--json')
    assert code == 0, (out, err)
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([what_was_given_is_held, the_vault_asks_for_a_statement,
        without_one_it_is_overdue, a_late_statement_ends_it,
        an_end_names_what_is_held])
