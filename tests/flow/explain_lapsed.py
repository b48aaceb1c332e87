"""A request whose time is over waits no more, whether that is written down yet
or not."""
import mmap
import os
import struct
import sys

import ws
from firm import TERMS, Firm, node
from peek import skip_if_shadowed
from vault import Vault

NS = 10**9
DAY = 86400

node()
vault = Vault(ready=False)
skip_if_shadowed(vault.program)  # a sanitizer wants to be loaded first
vault.init()
with open(vault.write('skew', ''), 'r+b') as file:
    file.truncate(4096)
    page = mmap.mmap(file.fileno(), 4096)


def later(seconds):
    """The daemon's clock, which the kernel calls right, from now."""
    page[:16] = struct.pack('=qq', seconds * NS, True)


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
    assert "a change of rules" not in text, text
    assert "asked again now, " in text, text


def the_vault_is_whole():
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


later(0)
vault.start(env={'LD_PRELOAD': os.path.join(sys.argv[1], 'skew.so'),
                 'SKEW': vault.path('skew')})
owner = vault.owner()
firm = Firm(vault, owner, 'brightgrid')
ws.run([what_nobody_answered_in_time_is_told_as_asked_again,
        the_vault_is_whole])
