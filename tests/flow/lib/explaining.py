"""Explanations of a vault, and doing what they tell."""
import re

from firm import Firm, node
from vault import Vault

node()
vault = Vault()
owner = vault.owner()


def another(name):
    """A firm of its own, since one may ask for 20 things a day."""
    out = Firm(vault, owner, name)
    out.paced = True
    return out


def explained(**what):
    return '\n'.join(owner.call('policy.explain', **what)['text'])


def shown(ident):
    code, out, err = vault.ctl('policy', 'explain', ident)
    assert code == 0 and err == '', (code, out, err)
    return out


def commands(text):
    """What it tells to type, in its order."""
    return [words.split()[1:] for words in re.findall('`(vaultctl [^`]*)`',
                                                      text)]
