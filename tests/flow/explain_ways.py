"""What explaining tells to do is done, as it is told, and has that effect."""
import copy
import json
import os
import re
import subprocess
import sys
import time

import ws
from explaining import another, commands, explained, owner, shown, vault
from firm import TERMS
from typist import patiently
from vault import GUARD, refused, stamp

BIN = sys.argv[1]
DAY = 86400
for name, category in (('home/load', 'device.state'),
                       ('home/meter', 'energy.electricity'),
                       ('home/bedroom', 'home.climate'),
                       ('body/heart', 'health.heart')):
    owner.create(name, category)
RULES = [
    '{name: no-ads, effect: deny, purpose: improve.training}',
    '{name: health-ask, effect: ask, data: health}',
    '{name: bill, effect: permit, firm: ways, purpose: service.billing,'
    ' data: energy, detail: mean/15min, where: GB, rate: none}',
    '{name: advice, effect: permit, firm: ways, purpose: service.advice,'
    ' data: energy, detail: mean/1h, where: GB, rate: none}',
    '{name: later, effect: permit, firm: ways, purpose: service.repair,'
    ' data: home.climate, where: GB, rate: none, from: "%s"}' % stamp(
        int(time.time()) + 20 * DAY)]
USE = {'every': '1h', 'stats': ['mean']}


def apply(*more, text=None):
    """The rules, and more; or the text of them."""
    text = text or 'version: 1\ndefault: ask\nrules:\n' + ''.join(
        '  - %s\n' % rule for rule in RULES + list(more))
    owner.change('policy.apply', files=[{'name': 'home.yaml', 'text': text}])
    return text


def wants(purpose, data, bucket=None, **other):
    terms = copy.deepcopy({**TERMS, **other})
    terms['purposes'][0]['id'] = purpose
    terms['items'][0]['data'] = data
    if bucket is not None:
        terms['items'][0].update(stats=['mean'], bucket_s=bucket,
                                 window_s=30 * DAY)
    return terms


def run(command):
    if command[:2] == ['firm', 'confirm'] or command[:2] == ['firm', 'forget']:
        command = command + ['--yes']
    code, out, err = vault.ctl(*command)
    assert code == 0, (command, out, err)
    return out


def rule_of(text):
    """The rule that it writes."""
    line, = [line.strip() for line in text.split('\n')
             if line.startswith('      - {name: ')]
    return line[2:]


def the_rule_that_it_writes_permits_it():
    for terms in (wants('service.support', 'device.state'),
                  wants('service.repair', 'energy.gas', 900, keep_s=400 * DAY,
                        life_s=100 * DAY, where=['GB', 'US'],
                        training=True)):
        apply()
        first = firm.ask(terms)
        assert first['state'] == 'pending', first
        text = explained(request=first['request'])
        assert 'by your default, ask (home.yaml:2:1)' in text, text
        assert ('add this rule to your policy file and apply that (then it decides: '
                'permit):') in text, text
        apply(rule_of(text))
        again = firm.ask(terms)
        assert again['state'] == 'granted', (again, text)
        assert rule_of(text).split(',')[0].split()[-1] in explained(
            grant=again['grant'])
        owner.change('grant.revoke', grant=again['grant'])
        owner.change('request.deny', request=first['request'])
    apply()


def a_rule_that_asks_goes_and_another_comes():
    terms = wants('care.diagnosis', 'health.heart', 3600)
    text = explained(request=firm.ask(terms)['request'])
    assert ('for the next time: both: (1) take health-ask away or narrow it; '
            '(2) add this rule to your policy file and apply that (then it '
            'decides: permit):\n') in text, text
    whole = apply(rule_of(text))
    apply(text='\n'.join(line for line in whole.split('\n')
                         if 'health-ask' not in line))
    assert firm.ask(terms)['state'] == 'granted'
    apply()


def what_a_permit_lacks_is_allowed_in_it():
    terms = wants('service.billing', 'energy.electricity', 900, keep_s=90 * DAY)
    text = explained(request=firm.ask(terms)['request'])
    assert ('keep asked 90d, allowed 30d; it offers no less, since it has no '
            '`offer: yes`') in text, text
    assert 'allow keep 90d in bill (then bill decides: permit)' in text, text
    apply(text=apply().replace('mean/15min', 'mean/15min, keep: 90d'))
    got = firm.ask(terms)
    assert got['state'] == 'granted', got
    owner.change('grant.revoke', grant=got['grant'])
    apply()
    terms = wants('service.repair', 'home.climate', 3600)
    text = explained(request=firm.ask(terms)['request'])
    assert 'or later, when later begins (then later decides: permit)' in text
    assert 'asks for less' not in text and 'asks for what' not in text, text
    since = re.search(r'allow from (\S+) in later', text).group(1)
    whole = apply()
    apply(text=re.sub('from: "[^"]*"', 'from: "%s"' % since, whole))
    assert firm.ask(terms)['state'] == 'granted'
    apply()


def two_details_names_the_grant_and_what_helps():
    first = firm.ask(wants('service.billing', 'energy.electricity', 900))
    assert first['state'] == 'granted', first
    terms = wants('service.advice', 'energy.electricity', 3600)
    asked = firm.ask(terms)
    assert asked['state'] == 'pending', asked
    text = explained(request=asked['request'])
    assert 'as mean/15min by grant %s' % first['grant'] in text, text
    # In the detail that it has the default would ask: that does not help.
    assert 'which it has' not in text, text
    way, = [c for c in commands(text) if c[0] == 'grant']
    assert '(then advice decides: permit)' in text, text
    run(way)
    again = firm.ask(terms)
    assert again['state'] == 'granted', again
    # No use of a grant is asked about for that.
    assert 'two-details' not in explained(grant=again['grant'])


def what_was_denied_by_hand_is_lifted_as_told():
    nagging = another('nagging')
    terms = wants('service.support', 'device.state')
    asked = nagging.ask(terms)['request']
    owner.change('request.deny', request=asked)
    assert nagging.ask(terms)['state'] == 'denied'
    text = explained(request=asked)
    assert 'today\'s rules say:' in text and 'you approve' not in text
    run(commands(text)[0])
    back = nagging.ask(terms)
    assert back['state'] == 'pending', (back, text)
    # For good: two things keep it, and both are told.
    run(['request', 'deny', back['request'], '--never'])
    told = commands(explained(request=back['request']))
    assert [c[:2] for c in told[:2]] == [['firm', 'confirm'],
                                         ['policy', 'forget']], told
    run(told[0])
    assert nagging.ask(terms)['state'] == 'denied'
    run(told[1])
    assert nagging.ask(terms)['state'] == 'pending'


def what_a_rule_suspends_goes_on_as_told():
    held = another('held')
    apply('{name: given, effect: permit, firm: held, data: home.climate,'
          ' where: GB, rate: none}')
    grant = held.ask(wants('service.support', 'home.climate', 3600))['grant']
    whole = apply('{name: given, effect: permit, firm: held, data: home.climate,'
                  ' where: GB, rate: none}',
                  '{name: climate-ask, effect: ask, data: home.climate}')
    text = shown(grant)
    line = whole.split('\n').index([x for x in whole.split('\n')
                                    if 'climate-ask' in x][0]) + 1
    assert ('this grant is suspended, by your rule climate-ask (home.yaml:%d:5)'
            ', which asks, since' % line) in text, text
    assert 'no permit of today' not in text and 'you approve' not in text, text
    got, = owner.call('policy.explain', grant=grant)['streams']
    assert (got['fate'], got['why']) == (
        'given', 'once the grant is active again'), got
    assert refused(held.query, '**', grant=grant, **USE).reason == 'denied'
    resume, end = commands(text)
    run(resume)
    held.query('**', grant=grant, **USE)
    assert 'given, since you gave it and no rule denies it' in shown(grant)
    run(end)
    text = shown(grant)
    assert '\nthis grant is withdrawn, by you, since' in text, text
    assert 'it was used once, on' in text and 'grant revoke' not in text, text
    # Of one that a rule ends it is that rule.
    apply('{name: given, effect: permit, firm: held, data: home.climate,'
          ' where: GB, rate: none}')
    grant = held.ask(wants('service.support', 'home.climate', 3600))['grant']
    apply('{name: no-climate, effect: deny, data: home.climate}')
    text = shown(grant)
    assert 'this grant is revoked, by your rule no-climate (home.yaml:' in text
    assert 'it was never used' in text, text
    # Where none does, it is that.
    apply('{name: given, effect: permit, firm: held, data: home.climate,'
          ' where: GB, rate: none}')
    grant = held.ask(wants('service.support', 'home.climate', 3600))['grant']
    apply()
    text = shown(grant)
    assert ('\nthis grant is revoked, as no rule permits it any more, since '
            '20') in text, text


def uses_that_wait_are_counted():
    each = another('each')
    apply('{name: each, effect: permit, firm: each, data: home.climate,'
          ' where: GB, rate: none, ask_each: yes}')
    grant = each.ask(wants('service.support', 'home.climate', 3600))['grant']
    assert 'use waits' not in shown(grant).replace('each use waits', '')
    assert refused(each.query, '**', grant=grant, **USE).reason == 'pending'
    text = shown(grant)
    assert 'each use waits for your yes' in text, text
    assert '1 use waits for your yes, since 20' in text, text
    listed, = [c for c in commands(text) if c[0] == 'request']
    assert 'each' in run(listed), listed
    waiting = owner.call('grant.show', grant=grant)['grant']['uses_waiting']
    assert waiting['count'] == 1, waiting
    code, out, _ = vault.ctl('grant', 'show', grant)
    assert code == 0 and 'uses that wait for you' in out, out
    apply()


def a_blocked_firm_comes_anew_as_told():
    gone = another('gone')
    grant = gone.given(wants('service.support', 'device.state'))
    waits = gone.ask(wants('service.repair', 'device.state'))['request']
    owner.change('firm.block', firm='gone')
    text = explained(grant=grant)
    assert ('\nthis grant is revoked, as you blocked the firm, since 20'
            ) in text, text
    assert 'you blocked gone on 20' in text, text
    forget, invite = commands(text)
    assert [forget, invite] == commands(explained(request=waits)), text
    run(forget)
    url = json.loads(run(invite + ['--json']))['url']
    assert url.startswith('vault'), url
    os.remove(gone.key)
    subprocess.run(['node', os.path.join(os.path.dirname(__file__),
                                         'node_firm.mjs'), gone.key, 'enrol',
                    url], check=True, capture_output=True, timeout=GUARD)
    owner.change('firm.confirm', firm='gone')
    gone.connect()
    assert gone.ask(wants('service.repair', 'device.state'))['state'] == (
        'pending')


def offered(*args):
    """vaultfirm as the firm fern."""
    return patiently(lambda: (lambda done: (
        done.returncode, done.stdout.decode(), done.stderr.decode()))(
            subprocess.run([os.path.join(BIN, 'vaultfirm'), *args],
                           capture_output=True, timeout=GUARD,
                           stdin=subprocess.DEVNULL,
                           env={**os.environ, 'VAULTFIRM_IDENTITY':
                                vault.path('fern')})))


def an_accepted_offer_says_what_was_given():
    offered('init', 'fern')
    offered('enrol', owner.change('firm.invite', name='fern')['url'])
    owner.change('firm.confirm', firm='fern')
    _, asked = offers_fern('service.advice')
    text = explained(request=asked)
    assert 'was offered less, which the firm may take, and lapses on 20' in (
        text), text
    assert 'it was offered by your rule fern (home.yaml:' in text, text
    assert ('the offer was less: energy.gas detail mean/1h (asked mean/15min)'
            ) in text, text
    offered('answer', asked, 'service.advice', 'accept')
    text = explained(request=asked)
    assert ', as the firm accepted what it was offered by your rule fern (' in (
        text), text
    assert ('it was given less: energy.gas detail mean/1h (asked '
            'mean/15min)') in text, text
    # Asked again as it was asked, it is offered the less again.
    assert ("asked again now, service.advice would be put before you, by the "
            "vault's rule builtin.two-details\nif what it was given had ended, "
            "it would be offered less, as that time\n") in text, text
    assert 'service.advice: offer\n' in text and 'may accept' in text, text
    # What the owner offered does not count as what was asked.
    path = vault.write('ask.json', json.dumps(
        wants('service.repair', 'device.state')))
    asked = json.loads(offered('request', path, '--json')[1])['request']
    owner.change('request.counter', request=asked, part='service.repair',
                 narrow={'window': '1d'})
    offered('answer', asked, 'service.repair', 'accept')
    text = explained(request=asked)
    assert 'device.state window 1d (asked 3650d)' in text, text
    assert 'window: 3650d' in rule_of(text), text
    apply(rule_of(text))
    again = json.loads(offered('request', path, '--json')[1])
    assert again['state'] == 'granted', (again, text)
    apply()


def an_item_that_was_left_out_and_is_given_now_is_named():
    left = another('left')
    permit = ('{name: left, effect: permit, firm: left, purpose: '
              'service.billing, data: energy, detail: mean/15min, where: GB,'
              ' rate: none}')
    apply(permit, '{name: no-heat, effect: deny, data: energy.heat}')
    terms = wants('service.billing', 'energy.electricity', 900)
    terms['items'].append({**terms['items'][0], 'n': 2, 'data': 'energy.heat'})
    asked = left.ask(terms)
    assert asked['state'] == 'granted', asked
    text = explained(request=asked['request'])
    assert 'service.billing would be permitted, as that time\n' in text, text
    apply(permit)
    text = explained(request=asked['request'])
    assert ('would be permitted, as that time, but for other items: energy.heat '
            'too\n') in text, text
    apply(permit, '{name: no-power, effect: deny, data: energy.electricity}')
    text = explained(request=asked['request'])
    assert (', but for other items: without energy.electricity, energy.heat '
            'too\n') in text, text
    apply()


def how_a_grant_ended_is_said():
    ended = another('ended')
    grant = ended.given(wants('service.support', 'device.state', uses=1))
    ended.query('**', grant=grant)
    text = shown(grant)
    assert ('\nthis grant is exhausted, as its uses were spent, since 20'
            ) in text, text
    assert 'it was used once, on 20' in text, text
    grant = ended.given(wants('service.support', 'device.state'))
    ended.change('grant.end', grant=grant)
    text = shown(grant)
    assert '\nthis grant is ended, by the firm, since 20' in text, text
    asked = owner.call('grant.show', grant=grant)['request']
    assert 'became grant %s, by you, on 20' % grant in shown(asked)
    assert 'it is ended, by the firm, since 20' in shown(asked)


def what_today_would_deny_cannot_be_approved():
    asked = another('waits').ask(wants('service.support', 'device.state'))
    apply(text='version: 1\ndefault: deny\n')
    text = explained(request=asked['request'])
    assert '; it cannot be approved while that is so\n' in text, text
    refused(owner.change, 'request.approve', request=asked['request'])
    apply(rule_of(text))
    owner.change('request.approve', request=asked['request'])
    apply()


def offers_fern(purpose):
    """A rule that offers it less for this, and a request that it is offered:
    both."""
    rule = ('{name: fern, effect: permit, firm: fern, purpose: %s,'
            ' data: energy.gas, detail: mean/1h, where: GB, rate: none,'
            ' offer: yes}' % purpose)
    apply(rule)
    path = vault.write('ask.json', json.dumps(
        wants(purpose, 'energy.gas', 900)))
    return rule, json.loads(offered('request', path, '--json')[1])['request']


def what_denies_an_offer_is_not_said_to_have_offered_it():
    rule, asked = offers_fern('service.support')
    assert 'it was offered by your rule fern (' in explained(request=asked)
    apply(rule, '{name: no-gas, effect: deny, data: energy.gas}')
    text = explained(request=asked)
    assert 'was denied, by your rule no-gas (' in text, text
    assert '    a rule offered it\n' in text, text
    assert 'would be denied, as that time\n' in text, text
    apply()


def an_offer_of_a_rule_that_is_gone_is_not_told_as_the_owners():
    _, asked = offers_fern('service.delivery')
    apply()
    offered('answer', asked, 'service.delivery', 'accept')
    text = explained(request=asked)
    assert 'what it was offered by your rule fern (' in text, text
    assert 'by you' not in text.split('today')[0].replace('by your', ''), text
    grant = re.search(r'became grant (\w{26})', text).group(1)
    assert '\n  a rule offered it, which was gone when the firm accepted\n' in (
        explained(grant=grant))


def items_stand_with_what_they_are_asked_for():
    two = another('purposes')
    terms = wants('service.billing', 'energy.gas', 900)
    terms['purposes'].append({**terms['purposes'][0], 'id': 'service.repair'})
    terms['items'][0]['for'] = ['service.billing']
    terms['items'].append({**terms['items'][0], 'n': 2, 'data': 'device.state',
                           'for': ['service.repair'], 'needed': True,
                           'needed_why': 'to see what is broken'})
    asked = two.ask(terms)['request']
    assert explained(request=asked).split('\n')[0].endswith(
        'for energy.gas mean/15min, for service.billing; and for device.state '
        'mean/15min (which it needs), for service.repair')


def the_same_by_another_rule_is_not_said_to_be_otherwise():
    asked = another('same').ask(wants('service.repair', 'device.state'))
    assert asked['state'] == 'pending', asked
    text = explained(request=asked['request'])
    assert text.split('\n')[0].endswith(
        'Z for device.state raw, for service.repair'), text
    assert "\ndecided now, service.repair would be put before you, as that time\n" in (
        text), text
    apply('{name: repair-ask, effect: ask, purpose: service.repair}')
    text = explained(request=asked['request'])
    assert ('put before you, as that time, when it was by your default, ask ('
            ) in text, text
    apply('{name: same, effect: permit, firm: same, purpose: service.repair,'
          ' data: device.state, detail: raw, window: 20y, where: GB,'
          ' rate: none}')
    text = explained(request=asked['request'])
    assert 'permitted; that time it was put before you\n' in text, text
    apply()


def another_detail_goes_with_its_grant_and_a_rule():
    two = another('twofold')
    terms = wants('service.support', 'energy.gas', 900)
    held = two.given(terms)
    terms['items'][0]['bucket_s'] = 3600
    asked = two.ask(terms)
    text = explained(request=asked['request'])
    assert ('for the next time: both: (1) `vaultctl grant revoke %s`; (2) add '
            'this rule' % held) in text, text
    owner.change('grant.revoke', grant=held)
    apply(rule_of(text))
    assert two.ask(terms)['state'] == 'granted', text
    apply()


def what_an_answer_denies_for_ever_names_its_request():
    never = another('never')
    terms = wants('service.repair', 'device.state')
    first = never.ask(terms)['request']
    # Another time to keep it, and it is another request.
    other = never.ask({**terms, 'keep_s': 0})['request']
    owner.change('request.deny', request=first, never=True)
    assert ('deny, this firm, purpose service.repair, data device.state, as '
            'you answered `deny --never` to request %s\n' % first) in (
        explained(request=other))


def the_vault_is_whole_after_all_this():
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


firm = another('ways')
ws.run([the_rule_that_it_writes_permits_it,
        a_rule_that_asks_goes_and_another_comes,
        what_a_permit_lacks_is_allowed_in_it,
        two_details_names_the_grant_and_what_helps,
        what_was_denied_by_hand_is_lifted_as_told,
        what_a_rule_suspends_goes_on_as_told, uses_that_wait_are_counted,
        a_blocked_firm_comes_anew_as_told,
        an_accepted_offer_says_what_was_given,
        an_item_that_was_left_out_and_is_given_now_is_named,
        how_a_grant_ended_is_said,
        what_today_would_deny_cannot_be_approved,
        what_denies_an_offer_is_not_said_to_have_offered_it,
        an_offer_of_a_rule_that_is_gone_is_not_told_as_the_owners,
        items_stand_with_what_they_are_asked_for,
        the_same_by_another_rule_is_not_said_to_be_otherwise,
        another_detail_goes_with_its_grant_and_a_rule,
        what_an_answer_denies_for_ever_names_its_request,
        the_vault_is_whole_after_all_this])
