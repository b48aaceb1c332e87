"""What rules say and would say: explain, test, simulate, who-could-see."""
import json
import os
import shutil

import ws
from firm import TERMS, Firm, node
from vault import Vault

node()
vault = Vault()
owner = vault.owner()
owner.create('home/host/load', 'device.state')
owner.create('home/boiler/pump', 'device.state')
owner.create('home/meter', 'energy.electricity')
firm = Firm(vault, owner, 'brightgrid')
REPAIR = ('{name: repair, effect: permit, firm: brightgrid, '
          'purpose: service.repair, data: device.state, where: GB, '
          'detail: raw, window: 20y, rate: none}')
QUIET = '{name: boiler, effect: deny, streams: home/boiler/*}'
WAIT = '{name: wait, effect: ask, streams: home/host/*}'


def rules(name, *lines):
    text = 'version: 1\n' + ('rules:\n' if lines else '')
    return vault.write(name, text + ''.join('  - %s\n' % x for x in lines))


def ctl(*args):
    code, out, err = vault.ctl(*args)
    assert code == 0 and err == '', (args, code, out, err)
    return out


def said(*args):
    return json.loads(ctl(*args, '--json'))


def nobody_sees_what_no_rule_and_no_grant_gives():
    assert ctl('policy', 'who-could-see', 'energy').count('nobody') == 2
    got = said('policy', 'who-could-see', 'home/meter')
    assert (got['grants'], got['rules']) == ([], []), got
    code, out, err = vault.ctl('policy', 'who-could-see', 'energie')
    assert code == 3, (code, out, err)


def whom_a_rule_would_give_it_is_told():
    ctl('policy', 'apply', rules('home.yaml', REPAIR, QUIET))
    got = said('policy', 'who-could-see', 'device')
    assert [(r['rule'], r['firm'], r['purpose'], r['data'], r['detail'])
            for r in got['rules']] == [
        ('repair', 'brightgrid', 'service.repair', 'device.state', 'raw')], got
    assert got['grants'] == [], got
    assert len(said('policy', 'who-could-see', 'home/host/load')['rules']) == 1
    assert said('policy', 'who-could-see', 'home/boiler/pump')['rules'] == []


def who_has_it_is_told():
    grant = firm.ask(TERMS)['grant']
    got = said('policy', 'who-could-see', 'device.state')
    assert [(g['grant'], g['firm'], g['detail']) for g in got['grants']] == [
        (grant, 'brightgrid', 'raw')], got
    got = said('policy', 'who-could-see', 'home/host/load')
    assert [g['grant'] for g in got['grants']] == [grant], got
    assert said('policy', 'who-could-see', 'home/boiler/pump')['grants'] == []
    owner.change('grant.suspend', grant=grant)
    assert said('policy', 'who-could-see', 'device.state')['grants'] == []
    owner.change('grant.resume', grant=grant)


def explaining_names_the_streams_of_a_grant():
    grant = firm.call('grant.list')['grants'][0]['id']
    got = said('policy', 'explain', grant)
    assert got['outcome'] == 'permit', got
    assert [(s['stream'], s['fate'], s['rules']) for s in got['streams']] == [
        ('home/host/load', 'given', []),
        ('home/boiler/pump', 'withheld', ['boiler'])], got
    ctl('policy', 'apply', rules('home.yaml', REPAIR, QUIET, WAIT))
    got = said('policy', 'explain', grant)
    assert [(s['stream'], s['fate'], s['rules']) for s in got['streams']] == [
        ('home/host/load', 'held', ['wait']),
        ('home/boiler/pump', 'withheld', ['boiler'])], got
    said_so = ctl('policy', 'explain', grant)
    assert 'home/host/load' in said_so, said_so
    assert 'home.yaml:3:5): permit, this firm, purpose service' in said_so, (
        said_so)
    assert 'to end it: `vaultctl grant revoke %s`' % grant in said_so, said_so
    assert 'home.yaml:5:5) asks about it; it comes when that rule goes' in (
        said_so), said_so
    assert 'home.yaml:4:5) withholds it' in said_so, said_so


def a_file_of_tests_is_held_against_rules():
    tests = vault.write('expected.yaml', '''version: 1
tests:
  - {name: repair, firm: brightgrid, purpose: service.repair,
     data: device.state, expect: permit, by: repair, asks: {detail: raw}}
  - {name: meter, firm: anyone, purpose: service, data: energy, expect: ask}
''')
    got = said('policy', 'test', tests)
    assert (got['ok'], got['decided'], got['missed']) == (True, 4, 0), got
    code, out, _ = vault.ctl('policy', 'test', tests, '--with',
                             rules('none.yaml'))
    assert code == 1, (code, out)
    folder = os.path.join(os.path.dirname(tests), 'folder')
    os.mkdir(folder)
    shutil.copy(rules('none.yaml'), folder)
    assert vault.ctl('policy', 'test', tests, '--with', folder)[:2] == (
        code, out)
    assert "'repair': device.state for service.repair: expected permit, " in (
        out) and '4 decided, 1 missed' in out, out
    bad = vault.write('bad.yaml', 'version: 1\ntests:\n  - {nam: x}\n')
    code, out, _ = vault.ctl('policy', 'test', bad)
    assert code == 1 and "unknown key 'nam'" in out, (code, out)


def a_set_is_tried_on_what_came():
    got = said('policy', 'simulate', rules('none.yaml'))
    assert [(c['firm'], c['before'], c['after']) for c in got['changes']] == [
        ('brightgrid', 'permit', 'ask')], got
    assert (got['requests'], got['grants'], len(got['ended'])) == (1, 1, 1), got
    got = said('policy', 'simulate', rules(
        'asks.yaml', REPAIR, '{name: ask, effect: ask, data: device}'))
    assert (len(got['ended']), len(got['asked'])) == (0, 1), got
    # Nothing was changed by that.
    assert said('grant', 'list')['grants'][0]['state'] == 'active'


def a_rule_is_listed_with_all_that_it_is_about():
    words = {r['name']: r['line_text'] for r in said('policy', 'list')['rules']}
    assert words['repair'].startswith(
        'permit brightgrid for service.repair, data '), words
    assert words['builtin.quiet'] == (
        'deny for 90 days what you denied to that firm, or it did not take '
        'when it was offered'), words
    assert words['boiler'] == (
        'deny every firm, streams home/boiler/*'), words
    shown = [line for line in ctl('policy', 'list').splitlines()
             if 'builtin.' in line]
    assert shown and all(' 0 ' not in line for line in shown), shown


def two_sets_are_compared():
    less = rules('less.yaml', REPAIR.replace('20y', '30d'), QUIET, WAIT)
    more = rules('more.yaml', REPAIR, WAIT)
    got = said('policy', 'diff', less)
    assert got['widens'] == [] and len(got['narrows']) == 1, got
    assert 'gets device.state for service.repair' in got['narrows'][0], got
    assert len(got['ended']) == 1 and got['changed'] == 1, got
    assert got['narrows'][0].startswith('repair: brightgrid gets'), got
    got = said('policy', 'diff', less, more)
    assert len(got['widens']) == 1 and got['narrows'] == [], got
    assert got['widens'][0].startswith('repair: brightgrid gets'), got
    code, out, err = vault.ctl('policy', 'diff', less, more, '--exit-code')
    assert code == 1 and out.startswith('widens repair: '), (code, out, err)
    assert 'narrows repair: ' in ctl('policy', 'diff', less, '--exit-code')
    code, _, err = vault.ctl('policy', 'diff', rules('bad2.yaml', '{name: 1}'))
    assert code != 0 and 'faults' in err, (code, err)


def what_is_denied_for_good_is_a_rule():
    ctl('policy', 'apply', rules('none.yaml'))
    request = firm.ask(TERMS)
    assert request['state'] == 'pending', request
    same = firm.ask({**TERMS, 'keep_s': 0})
    out = ctl('request', 'deny', request['request'], '--never')
    assert [line.split()[-1] for line in out.splitlines()
            if line.startswith('denied with it')] == [same['request']], out
    said_so = ctl('policy', 'explain', request['request'])
    name = 'cli-%s-1' % request['request'].lower()
    rule, = [r for r in said('policy', 'list')['rules'] if r['part'] == 'cli']
    assert (rule['name'], rule['effect']) == (name, 'deny'), rule
    # Each of the two that keep it from asking again, and what takes it away.
    assert '`vaultctl firm confirm brightgrid` lifts that' in said_so, said_so
    assert '`vaultctl policy forget %s` takes that away' % name in said_so, (
        said_so)
    # This lifts what is quiet, not the rule.
    ctl('firm', 'confirm', 'brightgrid', '--yes')
    again = firm.ask(TERMS)
    assert again['state'] == 'denied', again
    assert [r['name'] for r in said('policy', 'explain', again['request'])[
        'rules']] == [name]
    # Whatever is applied, and after a restart.
    ctl('policy', 'apply', rules('home.yaml', REPAIR))
    assert firm.ask(TERMS)['state'] == 'denied'
    shown = ctl('policy', 'show', '--text')
    assert 'cli-' in shown and 'repair' in shown, shown
    code, _, err = vault.ctl('policy', 'forget', 'repair')
    assert code == 3, (code, err)
    ctl('policy', 'forget', name)
    assert firm.ask(TERMS)['state'] == 'granted'


def a_stream_of_another_category_is_no_longer_given():
    grant = firm.call('grant.list')['grants'][0]['id']
    owner.append('home/host/load', [[1764072000 * 10**9, 1.0]])
    assert firm.query('**', grant=grant).rows
    got = said('stream', 'set', 'home/host/load', '--category', 'unsorted')
    assert got['stream']['category'] == 'unsorted', got
    assert grant in got['grants'], got
    assert firm.query('**', grant=grant).rows == []
    # Back again it is new to it, and waits.
    got = said('stream', 'set', 'home/host/load', '--category',
               'device.state', '--keep', 'all', '--unit', 'kWh')
    assert (got['grants'], got['stream']['unit']) == ([], 'kW.h'), got
    assert firm.query('**', grant=grant).rows == []
    ctl('grant', 'admit', grant, 'home/host/load')
    assert firm.query('**', grant=grant).rows
    # Shorter than rows are old: they are in no answer.
    code, _, err = vault.ctl('stream', 'set', 'home/host/load', '--keep', '1d')
    assert code == 2 and '--yes' in err, err
    ctl('stream', 'set', 'home/host/load', '--keep', '1d', '--yes')
    assert owner.query('home/host/load').rows == []
    for bad in (['--category', 'device'], ['--keep', '1h', '--yes'], []):
        assert vault.ctl('stream', 'set', 'home/meter', *bad)[0] == 2, bad
    assert vault.ctl('stream', 'set', 'home/none', '--unit', 'Cel')[0] == 3


def rules_that_may_not_be_meant_are_told_of():
    owner.append('home/boiler/pump',
                 [[3600 * 10**9 * i, 1.0] for i in (1, 2)])
    path = rules('warned.yaml', REPAIR,
                 '{name: attic, effect: deny, streams: home/attic/*}',
                 '{name: mean, effect: permit, firm: brightgrid, purpose: '
                 'service.billing, data: device.state, detail: mean/1min}')
    code, out, _ = vault.ctl('policy', 'check', path)
    assert code == 0 and 'no faults' in out, out
    assert "warned.yaml:4:5: warning W6: 'home/attic/*' in rule 'attic' " \
        'matches no stream' in out, out
    assert 'warning W7: ' in out and 'nothing of home/boiler/pump' in out, out
    assert 'warning W6' in ctl('policy', 'apply', path)


def what_was_left_out_of_an_offer_is_denied_with_it():
    ctl('policy', 'apply', rules('none.yaml'))
    first = TERMS['items'][0]
    request = firm.ask({**TERMS, 'items': [
        first, {**first, 'n': 2, 'data': 'home.climate'}]})['request']
    owner.change('request.counter', request=request, part='service.repair',
                 items=[1])
    ctl('request', 'deny', request, '--never')
    text = ctl('policy', 'show', '--text')
    assert 'data: [device.state, home.climate]' in text, text


def what_waits_is_listed_whatever_else_is_granted():
    request = firm.ask({**TERMS, 'purposes': [
        {**TERMS['purposes'][0], 'id': each}
        for each in ('service.support', 'service.billing')]})['request']
    owner.change('request.approve', request=request,
                 only=[{'purpose': 'service.support', 'n': 1}])
    listed = owner.call('request.list')['requests']
    assert [r['id'] for r in listed] == [request], listed
    assert owner.call('vault.status')['pending']['requests'] == 1


def what_waits_and_would_be_denied_is_told_before_it_is():
    waits = [r['id'] for r in owner.call('request.list')['requests']]
    # What only the default denies goes on waiting: the owner may still say yes.
    path = vault.write('closed.yaml', 'version: 1\ndefault: deny\n')
    assert said('policy', 'apply', path)['denied'] == []
    assert [r['id'] for r in owner.call('request.list')['requests']] == waits
    path = vault.write('closed.yaml',
                       'version: 1\nrules:\n'
                       '  - {name: nothing, effect: deny}\n')
    got = said('policy', 'apply', path, '--dry-run')
    assert got['applied'] is False and waits and got['denied'] == waits, got
    assert waits[0] in ctl('policy', 'apply', path, '--dry-run')
    assert [r['id'] for r in owner.call('request.list')['requests']] == waits
    got = said('policy', 'apply', path)
    assert got['denied'] == waits, got
    assert owner.call('request.list')['requests'] == []


def the_vault_is_whole_after_all_this():
    owner.close()
    firm.wire.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([nobody_sees_what_no_rule_and_no_grant_gives,
        whom_a_rule_would_give_it_is_told, who_has_it_is_told,
        explaining_names_the_streams_of_a_grant,
        a_file_of_tests_is_held_against_rules, a_set_is_tried_on_what_came,
        a_rule_is_listed_with_all_that_it_is_about, two_sets_are_compared,
        what_is_denied_for_good_is_a_rule,
        a_stream_of_another_category_is_no_longer_given,
        rules_that_may_not_be_meant_are_told_of,
        what_was_left_out_of_an_offer_is_denied_with_it,
        what_waits_is_listed_whatever_else_is_granted,
        what_waits_and_would_be_denied_is_told_before_it_is,
        the_vault_is_whole_after_all_this])
