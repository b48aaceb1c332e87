"""Counter-offers: by a rule, by the owner; accepted, left, and forged."""
import base64
import json
import os
import subprocess
import sys
import time

import ws
from typist import patiently
from vault import GUARD, Vault, refused, stamp

BIN = sys.argv[1]
DAY = 86400
NOW = int(time.time())
vault = Vault()
owner = vault.owner()

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
    'keep_s': 90 * DAY, 'onward': [], 'where': ['GB'], 'profiling': 'none',
    'automated': False, 'training': False, 'gatekeeper': False}

RULES = '''version: 1
rules:
  - {name: fernhill, effect: permit, firm: fernhill, purpose: service.repair,
     data: device.state, detail: mean/1h, rate: none, where: GB, offer: yes}
'''


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


def ctl(*args, code=0):
    got, out, err = vault.ctl(*args)
    assert got == code, (args, got, out, err)
    return out


def ask(code=0):
    return json.loads(firm('request', path, '--json', code=code)[0])


def payload(jws):
    text = jws.split('.')[1]
    return json.loads(base64.urlsafe_b64decode(text + '=' * (-len(text) % 4)))


def events():
    return [json.loads(entry['detail'])['event'] for entry in
            owner.call('audit.list', types=['offer'])['entries']]


def accepted(request, rules):
    """What the owner is shown of a request once the firm took the offer: as if
    it came again, without what it was given by it."""
    got = owner.call('request.show', request=request)
    part, = got['request']['parts']
    assert (got['request']['state'], part['state']) == (
        'granted', 'granted'), got['request']
    assert 'offer' in part and part['grant'], part
    assert [(rule['name'], rule['effect']) for rule in got['rules']] == rules, (
        got['rules'])
    assert [bound['stream'] for bound in got['binds']] == ['home/device'], got
    shown = ctl('request', 'show', request)
    assert 'granted' in shown and 'builtin' not in shown, shown
    for name, _ in rules:
        assert name in shown, shown


def the_owner_offers_what_binds_the_firm():
    global path
    owner.create('home/device', 'device.state')
    at = NOW // 3600 * 3600 - 7200
    owner.append('home/device', [[stamp(at + 60 * i), float(i)]
                                 for i in range(60)])
    url = json.loads(ctl('firm', 'invite', 'fernhill', '--json'))['url']
    firm('init', 'fernhill')
    firm('enrol', url)
    ctl('firm', 'confirm', 'fernhill', '--yes')
    path = vault.write('request.json', json.dumps(TERMS))
    request = ask()['request']
    out = ctl('request', 'counter', request, 'service.repair', '--keep', '7d')
    assert 'countered' in out, out
    assert 'had a counter-offer' in refused(
        owner.change, 'request.counter', request=request,
        part='service.repair', narrow={'keep': '1d'}).message
    out = firm('requests', request)[0]
    assert '90d' in out and '7d' in out and 'countered' in out, out
    out = firm('answer', request, 'service.repair', 'accept', '--json')[0]
    got = json.loads(out)
    assert got['state'] == 'granted', got
    shown = owner.call('grant.show', grant=got['grant'])['grant']
    assert (shown['keep_s'], shown['born']) == (7 * DAY, 'hand'), shown
    assert shown['countersigned'], shown
    firm('query', 'home/device', '--grant', got['grant'], '--from', '1d')
    firm('answer', request, 'service.repair', 'accept', code=6)
    accepted(request, [])
    owner.change('grant.revoke', grant=got['grant'])


def a_rule_offers_by_itself():
    ctl('policy', 'apply', vault.write('home.yaml', RULES))
    got = ask(code=4)
    assert got['state'] == 'countered', got
    offer = payload(got['parts'][0]['offer'])
    assert (offer['by'], offer['keep_s']) == ('rule', 30 * DAY), offer
    assert offer['items'][0]['stats'] == ['mean'], offer
    paths = sorted(one['path'] for one in offer['diff'])
    assert paths == ['1.detail', 'keep'], offer['diff']
    code, out, _ = vault.ctl('policy', 'explain', got['request'], '--json')
    assert json.loads(out)['outcome'] == 'offer', out
    done = json.loads(firm('answer', got['request'], 'service.repair',
                           'accept', '--json')[0])
    accepted(got['request'], [('fernhill', 'permit')])
    shown = owner.call('grant.show', grant=done['grant'])['grant']
    assert (shown['born'], shown['items'][0]['bucket_s']) == (
        'rule', 3600), shown
    out = firm('query', 'device.state/1', '--grant', done['grant'], '--from',
               '1d', '--every', '1h', '--stat', 'mean')[0]
    assert '(1 row)' in out, out
    owner.change('grant.revoke', grant=done['grant'])


def what_is_left_is_final():
    request = ask(code=4)['request']
    got = json.loads(firm('answer', request, 'service.repair', 'leave',
                          '--json')[0])
    assert got['state'] == 'dropped', got
    firm('answer', request, 'service.repair', 'accept', code=6)
    # The same again is nagging; no more than the offer is not.
    assert ask(code=4)['state'] == 'denied'
    less = {**TERMS, 'keep_s': 30 * DAY,
            'items': [{**TERMS['items'][0], 'stats': ['mean'],
                       'bucket_s': 3600}]}
    out = firm('request', vault.write('less.json', json.dumps(less)),
               '--json')[0]
    assert json.loads(out)['state'] == 'granted', out
    assert events() == ['offered', 'accepted'] * 2 + ['offered', 'left'], \
        events()


def a_request_is_withdrawn():
    ctl('policy', 'apply', vault.write('none.yaml', 'version: 1\n'))
    ctl('firm', 'confirm', 'fernhill', '--yes')
    request = ask()['request']
    assert 'dropped' in firm('withdraw', request)[0]
    ctl('request', 'counter', request, 'service.repair', '--keep', '1d',
        code=6)
    firm('withdraw', request, code=6)
    code, out, err = vault.ctl('audit', 'verify', '--json')
    assert code == 0, (out, err)
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([the_owner_offers_what_binds_the_firm, a_rule_offers_by_itself,
        what_is_left_is_final, a_request_is_withdrawn])
