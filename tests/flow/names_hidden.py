"""Names that a grant hides are in nothing that its firm is sent, whatever else
the firm has and whatever the owner does to the grant."""
import time

import ws
from firm import TERMS, Firm, live_terms, node
from vault import Vault, refused

NS = 10**9
NOW = int(time.time())
SECRET = b'sickbed'

node()
vault = Vault()
owner = vault.owner()


def make(name, category):
    owner.create(name, category)
    owner.append(name, [[(NOW - i) * NS, i / 4] for i in range(30, 0, -1)])


make('home/sickbed/lamp', 'device.state')
make('home/sickbed/pump', 'device.state')
make('home/meter', 'energy.electricity')
firm = Firm(vault, owner, 'brightgrid')
firm.paced = True
frames = []
plain = firm.wire.frame


def frame():
    got = plain()
    frames.append(got[1] if isinstance(got[1], bytes) else str(got[1]).encode())
    return got


firm.wire.frame = frame
HIDES = ('  - {name: repair, effect: permit, firm: brightgrid, '
         'purpose: service.repair, data: device.state, where: GB, '
         'action: live, detail: raw, window: 20y, rate: none, every: 1s}\n')


def apply(*rules):
    owner.change('policy.apply', files=[
        {'name': 'home.yaml', 'text': 'version: 1\nrules:\n' + ''.join(rules)}])


def look():
    """All that the firm can ask about its grants."""
    for grant in firm.call('grant.list')['grants']:
        firm.call('grant.show', grant=grant['id'])
        firm.call('grant.receipt', grant=grant['id'], **{'from': 1})
    firm.call('audit.list')
    firm.call('session.info')


def what_is_given_bears_aliases():
    global hidden, shown, live
    apply(HIDES)
    asked = firm.ask(live_terms())
    hidden = asked['grant']
    firm.call('request.status', request=asked['request'])
    shown = firm.given({**TERMS, 'purposes': [
        {**TERMS['purposes'][0], 'id': 'service.billing'}],
        'items': [{**TERMS['items'][0], 'data': 'energy.electricity'}]})
    # By hand names are shown: of that grant's streams alone.
    assert firm.query('home/meter', grant=shown).rows
    look()
    assert len(firm.query('**', grant=hidden).rows) == 60
    firm.call('data.latest', streams=['**'], grant=hidden)
    live = firm.call('data.subscribe', streams=['**'],
                     grant=hidden)['subscription']
    owner.append('home/sickbed/pump', [[NOW * NS, 1.0]])
    assert firm.page(live).rows


def a_name_that_is_guessed_is_denied_as_any_other():
    said = []
    for name in ('home/sickbed/pump', 'home/nothing/here', 'home/sickbed/*'):
        for grant in (hidden, shown):
            # What the firm says itself is not in the answer either.
            said.append(str(refused(firm.query, name, grant=grant)))
    assert len(set(said)) == 1, said


def what_the_owner_does_to_it_tells_no_name():
    owner.change('grant.narrow', grant=hidden,
                 narrow={'streams': ['home/sickbed/*'], 'window': '1y'})
    make('home/sickbed/bell', 'device.state')
    owner.change('grant.admit', grant=hidden, stream='home/sickbed/bell')
    look()
    owner.change('stream.set', name='home/sickbed/lamp',
                 category='home.climate')
    owner.change('grant.suspend', grant=hidden)
    owner.change('grant.resume', grant=hidden)
    look()
    assert firm.query('**', grant=hidden).rows
    apply(HIDES, '  - {name: sickbed-private, effect: deny, streams: '
                 '"home/sickbed/pump"}\n')
    look()
    firm.query('**', grant=hidden)


def what_it_asks_for_beside_it_tells_no_name():
    apply(HIDES, '  - {name: sickbed-asks, effect: ask, data: device.state}\n')
    asked = firm.ask()
    firm.call('request.status', request=asked['request'])
    owner.change('request.deny', request=asked['request'])
    firm.call('request.status', request=asked['request'])
    again = firm.ask()
    assert again['state'] == 'denied', again
    # Nor does the name of a rule.
    owner.change('grant.revoke', grant=hidden)
    look()
    assert refused(firm.query, '**', grant=hidden).reason == 'ended'


def no_frame_had_a_hidden_name():
    assert len(frames) > 40, len(frames)
    leaks = [f for f in frames if SECRET in f]
    assert leaks == [], leaks
    assert any(b'home/meter' in f for f in frames)
    assert any(b'device.state/1' in f for f in frames)
    owner.close()
    firm.wire.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([what_is_given_bears_aliases,
        a_name_that_is_guessed_is_denied_as_any_other,
        what_the_owner_does_to_it_tells_no_name,
        what_it_asks_for_beside_it_tells_no_name,
        no_frame_had_a_hidden_name])
