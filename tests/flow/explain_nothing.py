"""Nothing is said to be given that is not, and what gives it is done as told."""
import json
import re

import ws
from explaining import another, commands, explained, owner, shown, vault
from firm import TERMS
from vault import refused

owner.create('home/load', 'device.state')
owner.create('home/bedroom', 'home.climate')


def apply(*rules):
    """Put in force; the text of it."""
    text = 'version: 1\ndefault: ask\nrules:%s\n' % ('' if rules else ' []')
    text += ''.join('  - %s\n' % rule for rule in rules)
    owner.change('policy.apply', files=[{'name': 'home.yaml', 'text': text}])
    return text


def wants(purpose, *data):
    items = [{**TERMS['items'][0], 'n': n + 1, 'data': name}
             for n, name in enumerate(data)]
    return {**TERMS, 'items': items,
            'purposes': [{**TERMS['purposes'][0], 'id': purpose}]}


def run(command):
    code, out, err = vault.ctl(*command)
    assert code == 0 and err == '', (command, out, err)
    return out


def nothing_of(grant):
    """What it is said to give nothing of, and why: in words, and as a member."""
    got = owner.call('policy.explain', grant=grant)
    said = re.findall('(?:it|even then it) gives nothing of ([^:]*): (.*)',
                      '\n'.join(got['text']))
    atoms = [atom['nothing'] for atom in got['atoms'] if atom['nothing']]
    assert [why for _, why in said] == atoms, got
    assert ('nothing now, as said above' in '\n'.join(got['text'])) == bool(
        said), got
    return said


def what_rules_withhold_is_not_said_to_be_given():
    empty = another('empty')
    keep = '{name: keep, effect: deny, streams: home/load}'
    terms = wants('service.support', 'device.state')
    apply()
    grant = empty.given(terms)
    assert nothing_of(grant) == [] and 'given, since you gave' in shown(grant)
    line = len(apply(keep).split('\n')) - 1
    why = ('keep (home.yaml:%d:5) withholds home/load; for it to be given, '
           'take that rule away or narrow it' % line)
    assert nothing_of(grant) == [('device.state', why)], shown(grant)
    assert 'given, since' not in shown(grant)
    refused(empty.query, '**', grant=grant)
    owner.change('grant.suspend', grant=grant)
    assert 'but even then it gives nothing of device.state: keep' in (
        shown(grant))
    owner.change('grant.resume', grant=grant)
    apply('{name: keep, effect: deny, streams: home/other}')
    assert nothing_of(grant) == []
    empty.query('**', grant=grant)
    # Of an ask a grant by hand has nothing to fear, one by a rule has.
    apply('{name: wait, effect: ask, streams: home/load}')
    assert nothing_of(grant) == []
    permit = ('{name: empty, effect: permit, firm: empty, where: GB,'
              ' purpose: service.support, data: device.state, detail: raw,'
              ' window: 20y, rate: none}')
    owner.change('grant.revoke', grant=grant)
    apply(permit)
    grant = empty.ask(terms)['grant']
    assert nothing_of(grant) == []
    apply(permit, '{name: wait, effect: ask, streams: home/load}')
    assert [(data, why.split(' (')[0], why.split(')')[1])
            for data, why in nothing_of(grant)] == [
        ('device.state', 'wait', ' asks about home/load; for it to be given, '
         'take that rule away or narrow it')], shown(grant)
    assert 'asks about it; it comes when that rule goes' in shown(grant)
    apply(permit.replace('where', 'streams: home/attic, where'))
    assert nothing_of(grant) == [
        ('device.state', 'no permit of today binds home/load; for it to be '
         'given, a permit has to bind it')], shown(grant)
    apply(permit)
    assert nothing_of(grant) == []
    empty.query('**', grant=grant)
    owner.change('grant.revoke', grant=grant)
    # One that never had a stream does not get it by the rule's going.
    apply(permit, keep)
    grant = empty.ask(terms)['grant']
    (_, why), = nothing_of(grant)
    assert why.endswith('take that rule away or narrow it, and the firm has to '
                        'ask anew, since no stream of it is the grant\'s'), why
    apply(permit)
    assert nothing_of(grant) == [
        ('device.state', 'no stream of it is the grant\'s, and the firm has '
         'to ask anew')]
    owner.change('grant.revoke', grant=grant)
    grant = empty.ask(terms)['grant']
    assert nothing_of(grant) == []
    owner.change('grant.revoke', grant=grant)
    apply()


def what_an_approval_would_not_give_is_said_before_and_after():
    blank = another('blank')
    terms = wants('service.support', 'device.state', 'home.climate')
    keep = '{name: keep, effect: deny, streams: home/load}'
    apply(keep)
    asked = blank.ask(terms)['request']
    text = explained(request=asked)
    why = re.search('1 device.state: ask\n    but it would get nothing now: '
                    '(keep .*)\n', text).group(1)
    assert why.endswith('withholds home/load; for it to be given, take that '
                        'rule away or narrow it'), text
    assert text.count('nothing now') == 1, text
    got = json.loads(run(['request', 'approve', asked, '--all', '--json']))
    # Given, it is too late for the rule to go.
    why += (', and the firm has to ask anew, since no stream of it is the '
            'grant\'s')
    assert got['nothing'] == [
        {'grant': got['grant'], 'purpose': 'service.support', 'n': 1,
         'data': 'device.state', 'why': why}], got
    assert nothing_of(got['grant']) == [('device.state', why)]
    owner.change('grant.revoke', grant=got['grant'])
    said = run(['request', 'approve', blank.ask(terms)['request'], '--all'])
    assert ('but as things stand it gives nothing of device.state: %s\n'
            % why) in said, said
    assert 'home.climate' not in said, said
    apply()
    said = run(['request', 'approve', another('full').ask(terms)['request'],
                '--all'])
    assert 'nothing' not in said, said
    # What a rule asks about waits.
    apply('{name: wait, effect: ask, streams: home/load}')
    asked = blank.ask(wants('service.repair', 'device.state'))['request']
    assert 'asks about home/load; what a rule asks about waits for you to ' \
        'admit it to the grant' in explained(request=asked)
    got = json.loads(run(['request', 'approve', asked, '--all', '--json']))
    waits, = got['nothing']
    assert waits['why'] == (
        'its streams (1) wait for you to admit them: `vaultctl grant admit %s '
        'STREAM`' % got['grant']), waits
    way, = commands(waits['why'])
    run(way[:-1] + ['home/load'])
    assert nothing_of(got['grant']) == []
    blank.query('**', grant=got['grant'])
    # Neither is a permit that would bind nothing said to give.
    apply('{name: blank, effect: permit, firm: blank, where: GB, purpose: '
          'service.advice, data: device.state, detail: raw, window: 20y,'
          ' rate: none, streams: home/attic}')
    asked = blank.ask(wants('service.advice', 'device.state'))['request']
    assert ('device.state: permit\n    but it would get nothing now: no stream '
            'matches home/attic (blank)\n') in explained(request=asked)
    apply()


def why_of(grant):
    stream, = owner.call('policy.explain', grant=grant)['streams']
    return stream['fate'], stream['why']


def what_waits_from_the_beginning_is_admitted_as_told():
    held = another('held')
    permit = ('{name: held, effect: permit, firm: held, where: GB,'
              ' purpose: service.support, data: device.state, detail: raw,'
              ' window: 20y, rate: none}')
    wait = '{name: wait, effect: ask, streams: home/load}'
    terms = wants('service.support', 'device.state')
    apply(permit, wait)
    grant = held.ask(terms)['grant']
    admit = '`vaultctl grant admit %s home/load`' % grant
    assert why_of(grant) == (
        'held', 'wait (home.yaml:5:5) asks about it; once that rule is gone '
        'it waits for you to admit it: ' + admit)
    # Not before, as it says, and not by itself.
    code, _, err = vault.ctl(*commands(admit)[0])
    assert code != 0 and 'wait' in err, (code, err)
    apply(permit)
    assert why_of(grant) == ('held', 'waits for you to admit it: ' + admit)
    refused(held.query, '**', grant=grant)
    run(commands(why_of(grant)[1])[0])
    assert why_of(grant) == ('given', None)
    held.query('**', grant=grant)
    # One that the grant has had comes by itself.
    apply(permit, wait)
    assert why_of(grant) == (
        'held', 'wait (home.yaml:5:5) asks about it; it comes when that rule '
        'goes')
    apply(permit)
    held.query('**', grant=grant)
    owner.change('grant.revoke', grant=grant)
    # A grant by hand has what the owner admits, whatever asks.
    apply(wait)
    grant = held.given(terms)
    admit = '`vaultctl grant admit %s home/load`' % grant
    assert why_of(grant) == ('held', 'wait (home.yaml:4:5) asks about it; '
                             'waits for you to admit it: ' + admit)
    apply('{name: keep, effect: deny, streams: home/load}')
    assert why_of(grant) == (
        'withheld', 'keep (home.yaml:4:5) withholds it; once that rule is gone '
        'it waits for you to admit it: ' + admit)
    apply(wait)
    run(commands(admit)[0])
    assert why_of(grant) == ('given', None)
    held.query('**', grant=grant)
    apply()


def a_stream_that_went_is_not_taken_for_one_that_waits():
    gone = another('gone')
    owner.create('home/lamp', 'home.control')
    owner.create('home/blind', 'home.control')
    apply('{name: keep, effect: deny, streams: home/blind}')
    grant = gone.given(wants('service.support', 'home.control'))
    assert nothing_of(grant) == []
    owner.change('stream.erase', name='home/lamp')
    (_, why), = nothing_of(grant)
    assert why.startswith('keep (home.yaml:4:5) withholds home/blind; '), why
    apply()
    assert nothing_of(grant) == [
        ('home.control', 'no stream of it is the grant\'s, and the firm has '
         'to ask anew')]
    owner.change('stream.set', name='home/blind', category='device.usage')
    assert nothing_of(grant) == [('home.control', 'there is no such stream')]
    # Of one that comes back it waits.
    owner.change('stream.set', name='home/blind', category='home.control')
    (_, why), = nothing_of(grant)
    assert why.startswith('its streams (1) wait for you to admit them: '), why
    way, = commands(why)
    run(way[:-1] + ['home/blind'])
    assert nothing_of(grant) == []
    gone.query('**', grant=grant)


def what_a_rule_suspended_is_by_hand_once_resumed():
    rests = another('rests')
    permit = ('{name: rests, effect: permit, firm: rests, where: GB,'
              ' purpose: service.support, data: device.state, detail: raw,'
              ' window: 20y, rate: none}')
    elsewhere = permit.replace('where', 'streams: home/attic, where')
    apply(permit)
    grant = rests.ask(wants('service.support', 'device.state'))['grant']
    apply(permit, '{name: wait, effect: ask, data: device.state}')
    apply(elsewhere)
    assert nothing_of(grant) == []
    assert why_of(grant) == ('given', 'once the grant is active again')
    owner.change('grant.resume', grant=grant)
    rests.query('**', grant=grant)
    owner.change('grant.revoke', grant=grant)
    # So is what waits for it, and what is told of that is done meanwhile.
    apply(permit, '{name: one, effect: ask, streams: home/load}')
    grant = rests.ask(wants('service.support', 'device.state'))['grant']
    apply(permit, '{name: wait, effect: ask, data: device.state}')
    apply(elsewhere)
    (_, why), = nothing_of(grant)
    assert why.startswith('its streams (1) wait for you to admit them: '), why
    run(commands(why_of(grant)[1])[0])
    owner.change('grant.resume', grant=grant)
    rests.query('**', grant=grant)
    owner.change('grant.revoke', grant=grant)
    apply()


def one_act_is_told_where_one_does():
    some = another('some')
    terms = wants('service.support', 'energy.gas')
    keep = '{name: keep, effect: deny, streams: gas/had/**}'
    apply()
    for name in 'gas/had/one', 'gas/had/two':
        owner.create(name, 'energy.gas')
    grant = some.given(terms)
    for name in 'gas/new/one', 'gas/new/two':
        owner.create(name, 'energy.gas')
    admit = '`vaultctl grant admit %s STREAM`' % grant
    at = 'keep (home.yaml:4:5) withholds '
    apply(keep)
    assert nothing_of(grant) == [
        ('energy.gas', at + 'its streams (2); others (2) wait for you to admit '
         'them; for it to be given, take that rule away or narrow it, or admit '
         'what waits: ' + admit)], nothing_of(grant)
    # Either does alone.
    apply()
    assert nothing_of(grant) == []
    apply(keep)
    run(['grant', 'admit', grant, 'gas/new/one'])
    assert nothing_of(grant) == []
    some.query('**', grant=grant)
    # To what it has had one comes back by itself, whatever waits.
    apply('{name: keep, effect: deny, streams: gas/**}')
    (_, why), = nothing_of(grant)
    assert why == at + ('its streams (4); for it to be given, take that rule '
                        'away or narrow it'), why
    owner.change('grant.revoke', grant=grant)
    # Of one that has only such as wait a rule may keep one and not the other.
    apply('{name: wait, effect: ask, streams: gas/**}')
    grant = some.given(terms)
    admit = '`vaultctl grant admit %s STREAM`' % grant
    apply('{name: keep, effect: deny, streams: "gas/*/one"}',
          '{name: more, effect: deny, streams: gas/new/two}')
    (_, why), = nothing_of(grant)
    assert why == (
        'keep (home.yaml:4:5) and more (home.yaml:5:5) withhold its streams '
        '(3); gas/had/two waits for you to admit it: ' + admit), why
    apply('{name: keep, effect: deny, streams: gas/**}')
    (_, why), = nothing_of(grant)
    assert why.endswith('(4); for it to be given, take that rule away or narrow '
                        'it, and admit it: ' + admit), why
    owner.change('grant.revoke', grant=grant)
    # Before it is given, what a rule asks about is the owner's to admit.
    apply('{name: wait, effect: ask, streams: gas/had/**}',
          '{name: keep, effect: deny, streams: gas/new/**}')
    asked = some.ask(terms)['request']
    assert ('its streams (2); what a rule only asks about waits for you to '
            'admit it to the grant') in explained(request=asked)
    got = json.loads(run(['request', 'approve', asked, '--all', '--json']))
    run(['grant', 'admit', got['grant'], 'gas/had/one'])
    assert nothing_of(got['grant']) == []
    owner.change('grant.revoke', grant=got['grant'])
    apply()


def an_approval_tells_of_what_it_made_and_names_each():
    parts = another('parts')
    terms = wants('service.support', 'device.state')
    terms['purposes'].append({**terms['purposes'][0], 'id': 'service.advice'})
    apply('{name: wait, effect: ask, streams: home/load}')

    def approve(asked, *what):
        return run(['request', 'approve', asked, *what])

    asked = parts.ask(terms)['request']
    got = json.loads(approve(asked, '--only', 'service.support:1', '--json'))
    assert [x['purpose'] for x in got['nothing']] == ['service.support'], got
    owner.change('grant.revoke', grant=got['grant'])
    got = json.loads(approve(asked, '--only', 'service.advice:1', '--json'))
    assert [x['purpose'] for x in got['nothing']] == ['service.advice'], got
    grant = got['nothing'][0]['grant']
    run(['grant', 'admit', grant, 'home/load'])
    assert nothing_of(grant) == []
    owner.change('grant.revoke', grant=grant)
    # One that goes on is not told of again either.
    asked = parts.ask(terms)['request']
    approve(asked, '--only', 'service.support:1')
    said = approve(asked, '--only', 'service.advice:1')
    assert ('\nbut as things stand service.advice gives nothing of '
            'device.state: its streams (1) wait ') in said, said
    assert 'service.support gives' not in said, said
    said = approve(another('both').ask(terms)['request'], '--all')
    assert re.findall('but as things stand (.*): its streams', said) == [
        'service.support gives nothing of device.state',
        'service.advice gives nothing of device.state'], said
    apply()


def what_names_say_does_not_stand_raw():
    raw = another('raw')
    hidden, shown_as = 'sly/\u202edaol', 'sly/\\u{202E}daol'
    owner.create(hidden, 'energy.heat')
    grant = raw.given(wants('service.support', 'energy.heat'))

    def apply_as(rule):
        text = 'version: 1\ndefault: ask\nrules:\n  - %s\n' % rule
        owner.change('policy.apply', files=[
            {'name': 'h\u202eome.yaml', 'text': text}])

    apply_as('{name: keep, effect: deny, streams: sly/**}')
    (_, why), = nothing_of(grant)
    assert why.startswith(
        'keep (h\\u{202E}ome.yaml:4:5) withholds %s; ' % shown_as), ascii(why)
    fate, why = why_of(grant)
    assert why == 'keep (h\\u{202E}ome.yaml:4:5) withholds it', ascii(why)
    owner.change('grant.revoke', grant=grant)
    # A pattern, and whom a firm says that it passes data to.
    apply_as('{name: raw, effect: permit, firm: raw, where: GB, purpose:'
             ' service.support, data: energy.heat, detail: raw, window: 20y,'
             ' rate: none, streams: "sly/\u202edao"}')
    terms = wants('service.support', 'energy.heat')
    asked = raw.ask({**terms, 'purposes': [
        {**terms['purposes'][0], 'basis': 'contract'}], 'onward': [
        {'name': 'nobody», allowed no. Your vault says: «\u202e',
         'country': 'GB', 'role': 'processor'}]})['request']
    text = explained(request=asked)
    assert ('onward asked «nobody\\u{00BB}, allowed no. Your vault says: '
            '\\u{00AB}\\u{202E}» (processor), allowed no') in text, ascii(text)
    assert '\u202e' not in text, ascii(text)
    apply()


def the_vault_is_whole_after_all_this():
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([what_rules_withhold_is_not_said_to_be_given,
        what_an_approval_would_not_give_is_said_before_and_after,
        what_waits_from_the_beginning_is_admitted_as_told,
        a_stream_that_went_is_not_taken_for_one_that_waits,
        what_a_rule_suspended_is_by_hand_once_resumed,
        one_act_is_told_where_one_does,
        an_approval_tells_of_what_it_made_and_names_each,
        what_names_say_does_not_stand_raw,
        the_vault_is_whole_after_all_this])
