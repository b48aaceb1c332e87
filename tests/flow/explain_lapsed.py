"""A request whose time is over waits no more, whether that is written down yet
or not."""

import ws
from firm import TERMS, Firm, node
from skewed import SKEWED, set_clock, vault

DAY = 86400

node()


def later(seconds):
    """The daemon's clock, which the kernel calls right, from now."""
    set_clock(seconds, True)


def explained(ident):
    return '\n'.join(owner.call('policy.explain', request=ident)['text'])


def what_nobody_answered_in_time_is_told_as_asked_again():
    """The vault writes it down some seconds later; before that it is so."""
    asked = firm.ask(TERMS)['request']
    text = explained(asked)
    assert 'waits for your answer, and lapses on 20' in text, text
    assert "a change of rules does not answer it, unless" in text, text
    later(8 * DAY)
    text = explained(asked)
    assert 'service.repair lapsed' in text, text
    state = owner.call('request.show', request=asked)['request']['state']
    assert state != 'pending' or 'lapsed, with no answer by 20' in text, text
    assert "a change of rules" not in text, text
    assert "asked again now, " in text, text


def the_vault_is_whole():
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


later(0)
vault.start(env=SKEWED)
owner = vault.owner()
firm = Firm(vault, owner, 'brightgrid')
ws.run([what_nobody_answered_in_time_is_told_as_asked_again,
        the_vault_is_whole])
