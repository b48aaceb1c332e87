"""What opens a vault, for the tests that change it."""
import base64
import os
import time

from vault import PASSPHRASE, Refusal, Vault

OTHER = 'another passphrase'
NOW = int(time.time()) * 10**9


def fresh(unlock='key'):
    vault = Vault(ready=False)
    words = vault.init().split('once:')[1].split()[:24]
    vault.start(unlock=unlock)
    return vault, vault.owner(), ' '.join(words)


def prove(owner, method, **params):
    """A change with the passphrase."""
    params.setdefault('passphrase', PASSPHRASE)
    return owner.change(method, **params)


def types(owner):
    return [s['type'] for s in owner.call('key.list')['slots']]


def opens(vault, owner, **how):
    """Lock, and unlock by this alone."""
    owner.call('vault.lock')
    try:
        return owner.call('vault.unlock', **how)['state'] == 'unlocked'
    except Refusal as no:
        assert no.reason == 'reauth', no
        owner.call('vault.unlock', key=key_of(vault))
        return False


def key_of(vault, name='key'):
    with open(vault.path(name), 'rb') as file:
        return base64.b64encode(file.read()).decode()


def files(vault):
    found = {}
    for name in os.listdir(vault.dir):
        with open(os.path.join(vault.dir, name), 'rb') as file:
            found[name] = file.read()
    return found


def nowhere(vault, *parts):
    """None of these bytes are in any file of the vault."""
    for name, data in files(vault).items():
        for part in parts:
            assert part not in data, name


def sealed(header, slot):
    """The root key as a slot has it."""
    at = 96 + 224 * slot + 104
    return header[at:at + 48]


def ends(vault, *args, code=0):
    got, out, err = vault.ctl(*args)
    assert got == code, (args, got, out, err)
    return out, err
