"""What explaining says of a request's or a grant's own state."""
import re
import time

import ws
from firm import TERMS, Firm, node
from vault import Vault, stamp

node()
vault = Vault()
owner = vault.owner()
owner.create('home/host/load', 'device.state')
firm = Firm(vault, owner, 'brightgrid')
firm.paced = True
REPAIR = ('  - {name: repair, effect: permit, firm: brightgrid, '
          'purpose: service.repair, data: device.state, where: GB, '
          'detail: raw, window: 20y, rate: none%s}\n')


def apply(rules=''):
    text = 'version: 1\n' + ('rules:\n' + rules if rules else '')
    owner.change('policy.apply',
                 files=[{'name': 'home.yaml', 'text': text}])


def explain(**what):
    return owner.call('policy.explain', **what)


def head(**what):
    """What stands before what today's rules say."""
    lines = explain(**what)['text']
    end, = [i for i, line in enumerate(lines) if "today's rules" in line]
    assert end + 1 < len(lines), lines
    return ' '.join(lines[:end])


def restart():
    global owner
    owner.close()
    firm.wire.close()
    vault.restart()
    owner = vault.owner()
    firm.owner = owner
    firm.connect()


def what_waits_is_said_to_wait_and_until_when():
    asked = firm.ask()['request']
    kept = owner.call('request.show', request=asked)['request']
    said = head(request=asked)
    assert re.match(r'\w+ asked on 20\S+Z for device\.state raw, for '
                    r'service\.repair ', said), said
    assert ('service.repair waits for your answer, and lapses on %sZ: `vaultctl '
            'request approve %s`, or `deny`' % (
                kept['reply_by'].partition('.')[0], asked)) in said, said
    assert said.endswith('it was put before you by the default, ask (built '
                         'in; no file says one)'), said
    owner.change('request.counter', request=asked, part='service.repair',
                 narrow={'window': '1d'})
    assert 'was offered less, which the firm may take, and lapses on 20' in head(
        request=asked)
    firm.change('request.answer', request=asked, part='service.repair',
                accept=False)
    said = head(request=asked)
    assert 'offered less and declined, by the firm, on 20' in said, said
    # What it did not take, and until when that counts.
    text = '\n'.join(explain(request=firm.ask()['request'])['text'])
    assert 'the firm did not take an offer of this on 20' in text, text
    assert "was denied, by the vault's rule builtin.quiet, on" in text, text
    owner.change('firm.confirm', firm='brightgrid')


def what_was_denied_says_when_by_whom_and_why():
    asked = firm.ask()['request']
    owner.change('request.deny', request=asked, reason='Not now.')
    said = head(request=asked)
    assert 'was denied, by you, on 20' in said, said
    assert ', with the reason: Not now. ' in said, said
    assert 'it was put before you by the default, ask' in said, said
    assert said.endswith('it may not ask for this again (builtin.quiet); '
                         '`vaultctl firm confirm brightgrid` lifts that, and '
                         'every other such pause of the firm'), said
    again = firm.ask()['request']
    assert "was denied, by the vault's rule builtin.quiet, on 20" in head(
        request=again)
    text = '\n'.join(explain(request=again)['text'])
    assert 'you denied this to the firm on 20' in text, text
    # It is known after a restart, and when the firm was confirmed anew.
    restart()
    owner.change('firm.confirm', firm='brightgrid')
    assert head(request=asked) == said.partition('     until ')[0]
    waits = firm.ask()['request']
    apply('  - {name: never, effect: deny, data: device}\n')
    said = head(request=waits)
    assert 'was denied, by your rule never (home.yaml:3:5), on 20' in said, said
    assert 'would be denied, as that time' in str(explain(request=waits)['text'])
    apply()
    assert 'before you; that time it was denied' in str(
        explain(request=waits)['text'])
    back = firm.ask()['request']
    firm.change('request.withdraw', request=back)
    assert 'was taken back, by the firm, on 20' in head(request=back)


def what_was_granted_says_which_grant_and_how_it_is():
    asked = firm.ask()['request']
    grant = owner.change('request.approve', request=asked)['grant']
    said = head(request=asked)
    assert 'became grant %s, by you, on 20' % grant in said, said
    assert '; it is active ' in said, said
    shown = owner.call('grant.show', grant=grant)['grant']
    assert head(grant=grant) == (
        '%s was given on %s device.state raw, for service.repair this grant is '
        'active until %s   you gave it: of the rules only one that denies ends '
        'it   to end it: `vaultctl grant revoke %s`   it was never used' % (
            firm.name, shown['nbf'], shown['exp'], grant))
    text = explain(grant=grant)['text']
    assert text[-1] == ('  1 device.state: given, since you gave it and no '
                        'rule denies it'), text
    firm.query('**', grant=grant)
    owner.change('grant.revoke', grant=grant)
    assert 'it is withdrawn, by you, since 20' in head(request=asked)
    assert explain(grant=grant)['streams'] == []
    said = head(grant=grant)
    assert ' this grant is withdrawn, by you, since 20' in said, said
    assert ', and gives nothing   it was used once, on 20' in said, said
    assert 'revoke' not in str(explain(grant=grant)['text']), said


def a_suspension_says_until_when():
    grant = firm.given()
    owner.change('grant.suspend', grant=grant)
    said = head(grant=grant)
    assert ' this grant is suspended, by you, since 20' in said, said
    assert ('gives nothing until you resume it   to go on: `vaultctl grant '
            'resume %s`   to end it' % grant) in said, said
    got, = explain(grant=grant)['streams']
    assert (got['fate'], got['why']) == (
        'given', 'once the grant is active again'), got
    owner.change('grant.resume', grant=grant)
    begin, end = (stamp(int(time.time()) + hours * 3600) for hours in (1, 2))
    owner.change('grant.suspend', grant=grant, until=end)
    said = head(grant=grant)
    assert 'until %s, when that ends by itself ' % end in said, said
    owner.change('grant.resume', grant=grant)
    owner.change('grant.suspend', grant=grant, until=end, hide=True)
    assert ' (the firm is not told) ' in head(grant=grant)
    owner.change('grant.resume', grant=grant)
    owner.change('grant.suspend', **{'grant': grant, 'from': begin})
    said = head(grant=grant)
    assert 'will be suspended from %s until you resume it' % begin in said
    owner.change('grant.suspend', **{'grant': grant, 'from': begin,
                                     'until': end})
    assert 'from %s until %s' % (begin, end) in head(grant=grant)
    owner.change('grant.revoke', grant=grant)


def a_grant_that_binds_no_stream_says_why():
    apply(REPAIR % ", streams: ['home/attic/*', home/cellar/*]")
    grant = firm.ask()['grant']
    said = head(grant=grant)
    assert said.endswith(
        'but it gives nothing of device.state: no stream matches '
        'home/attic/* (repair) or home/cellar/* (repair)'), said
    assert ('it was given by repair (home.yaml:3:5), and ends sooner when no rule '
            'permits it' in said), said
    # One that comes waits.
    owner.create('home/attic/fan', 'device.state')
    said = head(grant=grant)
    assert said.endswith('(1) wait for you to admit them: `vaultctl grant '
                         'admit %s STREAM`' % grant), said
    got, = explain(grant=grant)['streams']
    assert (got['fate'], got['why']) == (
        'held', 'waits for you to admit it: `vaultctl grant admit %s '
        'home/attic/fan`' % grant), got
    owner.change('grant.admit', grant=grant, stream='home/attic/fan')
    assert 'gives nothing' not in head(grant=grant)
    got, = explain(grant=grant)['streams']
    assert (got['fate'], got['why']) == ('given', None), got
    owner.change('grant.revoke', grant=grant)
    apply(REPAIR % '' + '  - {name: none, effect: deny, streams: "**"}\n')
    grant = firm.ask()['grant']
    assert head(grant=grant).endswith(
        'none (home.yaml:4:5) withholds its streams (2); for it to be given, '
        'take that rule away or narrow it, and the firm has to ask anew, since '
        'no stream of it is the grant\'s')
    got = {s['stream']: (s['fate'], s['rules'], s['why'])
           for s in explain(grant=grant)['streams']}
    assert got == {name: ('withheld', ['none'], 'none (home.yaml:4:5) '
                          'withholds it') for name in
                   ('home/host/load', 'home/attic/fan')}, got
    owner.change('grant.revoke', grant=grant)
    apply()
    grant = firm.given({**TERMS, 'items': [
        {**TERMS['items'][0], 'data': 'energy.heat'}]})
    assert head(grant=grant).endswith(
        'gives nothing of energy.heat: there is no such stream')
    owner.change('grant.revoke', grant=grant)


def what_a_rule_suspended_is_known_after_a_restart():
    apply(REPAIR % '')
    grant = firm.ask()['grant']
    apply(REPAIR % '' + '  - {name: wait, effect: ask, data: device}\n')
    said = head(grant=grant)
    assert 'is suspended, by your rule wait (home.yaml:4:5), which asks, since 20' in said
    restart()
    assert head(grant=grant) == said
    apply('  - {name: never, effect: deny, data: device}\n')
    said = head(grant=grant)
    assert 'is revoked, by your rule never (home.yaml:3:5), which denies, since 20' in said
    restart()
    assert head(grant=grant) == said
    owner.change('firm.confirm', firm='brightgrid')


def a_stream_that_its_permit_binds_no_more_says_what_gave_it():
    apply(REPAIR % '')
    grant = firm.ask()['grant']
    fates = {s['stream']: s for s in explain(grant=grant)['streams']}
    assert fates['home/host/load']['fate'] == 'given', fates
    apply(REPAIR % ', streams: home/attic/*')
    fates = {s['stream']: s for s in explain(grant=grant)['streams']}
    got = fates['home/host/load']
    assert (got['fate'], got['rules'], got['why']) == (
        'withheld', [], 'no permit of today binds it; given by repair'), got
    code, out, _ = vault.ctl('policy', 'explain', grant)
    assert code == 0 and 'no permit of today binds it' in out, out
    owner.change('grant.revoke', grant=grant)


def the_firm_learns_nothing_of_this():
    apply()
    asked = firm.ask()
    said = str(firm.call('request.status', request=asked['request']))
    owner.change('request.deny', request=asked['request'])
    said += str(firm.call('request.status', request=asked['request']))
    assert 'ended' not in said and 'by you' not in said, said
    owner.close()
    firm.wire.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([what_waits_is_said_to_wait_and_until_when,
        what_was_denied_says_when_by_whom_and_why,
        what_was_granted_says_which_grant_and_how_it_is,
        a_suspension_says_until_when, a_grant_that_binds_no_stream_says_why,
        what_a_rule_suspended_is_known_after_a_restart,
        a_stream_that_its_permit_binds_no_more_says_what_gave_it,
        the_firm_learns_nothing_of_this])
