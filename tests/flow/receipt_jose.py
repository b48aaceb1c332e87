"""Receipts are JWS as another library reads them: npm's jose verifies what a
vault signs, by public keys alone.

usage: receipt_jose.py BIN [--fetched]

--fetched: SKIP unless VAULT_TEST_PACKAGES names a folder that has jose; else
npm fetches it, into a scratch folder where none is named.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, os.pardir, 'model'))
from packages import SKIPPED, fetch, missing_of, skip_without_node  # noqa: E402

skip_without_node()
folder = os.environ.get('VAULT_TEST_PACKAGES')
if '--fetched' in sys.argv and (
        folder is None or missing_of(folder, ['jose@5'])):
    print('SKIP jose is not there: VAULT_TEST_PACKAGES names a folder that '
          'has it')
    sys.exit(SKIPPED)
if folder is None:
    scratch = tempfile.TemporaryDirectory(prefix='vault-packages-')
    folder = scratch.name
fetch(folder, 'jose@5')

import ws  # noqa: E402
from firm import TERMS  # noqa: E402
from typist import patiently  # noqa: E402
from vault import GUARD, Vault  # noqa: E402

BIN = sys.argv[1]
VECTORS = os.path.join(HERE, os.pardir, 'vectors', 'receipt')
vault = Vault()
owner = vault.owner()
jose = subprocess.Popen(
    ['node', os.path.join(HERE, 'receipt_jose.mjs'), folder],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def says(**what):
    jose.stdin.write(json.dumps(what) + '\n')
    jose.stdin.flush()
    return json.loads(jose.stdout.readline())


def vector(name):
    with open(os.path.join(VECTORS, name), encoding='utf-8') as file:
        return file.read()


def firm(*args, codes=(0,)):
    done = patiently(lambda: (lambda ran: (
        ran.returncode, ran.stdout.decode(), ran.stderr.decode()))(
            subprocess.run([os.path.join(BIN, 'vaultfirm'), *args],
                           capture_output=True, timeout=GUARD,
                           stdin=subprocess.DEVNULL,
                           env={**os.environ, 'VAULTFIRM_IDENTITY':
                                vault.path('firm')})))
    assert done[0] in codes, (args, done)
    return done[1]


def public_key(seed):
    """Of a seed, as a JWK has it; Ed25519 by openssl."""
    der = bytes.fromhex('302e020100300506032b657004220420') + seed
    out = subprocess.run(['openssl', 'pkey', '-inform', 'DER', '-pubout',
                          '-outform', 'DER'], input=der, capture_output=True,
                         check=True).stdout
    return base64.urlsafe_b64encode(out[-32:]).decode().rstrip('=')


def holds(jws, key, typ):
    """Its payload, the header having three members and the key's kid."""
    said = says(key=key, jws=jws)
    assert said['ok'], said
    head = said['header']
    assert set(head) == {'alg', 'typ', 'kid'}, head
    assert (head['typ'], head['kid']) == (typ, said['kid']), (head, said)
    return said['payload']


VAULT_KEY = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
FIRM_KEY = public_key(bytes(range(32)))


def the_vector_holds_and_so_do_both_its_sides():
    payload = vector('payload.json')
    assert holds(vector('receipt.jws').strip(), VAULT_KEY,
                 'vault-receipt+jwt') == payload
    assert holds(vector('countersignature.jws').strip(), FIRM_KEY,
                 'vault-countersign+jwt') == payload
    both = json.loads(vector('two-sided.json'))
    for key in (VAULT_KEY, FIRM_KEY):
        assert says(key=key, general=both)['payload'] == payload
    assert not says(key=public_key(bytes(32)), general=both)['ok']


def receipts():
    """Those of a vault's grant that it ended, and the firm's pinned key."""
    owner.create('home/load', 'device.state')
    firm('init', 'fern')
    firm('enrol', owner.change('firm.invite', name='fern')['url'])
    owner.change('firm.confirm', firm='fern')
    path = vault.write('ask.json', json.dumps(TERMS))
    said = json.loads(firm('request', path, '--json', codes=(0, 7)))
    grant = owner.change('request.approve', request=said['request'])['grant']
    got = vault.path('got.json')
    firm('receipt', 'get', grant, '--out', got)
    owner.change('grant.revoke', grant=grant)
    firm('receipt', 'get', grant, '--out', got, codes=(0, 8))
    with open(got, encoding='utf-8') as file:
        whole = json.load(file)
    name, = os.listdir(vault.path('firm/vaults'))
    with open(vault.path('firm/vaults/' + name), encoding='utf-8') as file:
        return whole, json.load(file)['receipt']


def all_that_a_grant_brings_holds_and_no_altered_bit_of_it():
    whole, key = receipts()
    events = []
    for one in whole['receipts']:
        payload = json.loads(holds(one['receipt'], key, 'vault-receipt+jwt'))
        events.append(payload['event'])
        parts = one['receipt'].split('.')
        for part in range(3):
            for at in (0, len(parts[part]) // 2):
                wrong = list(parts)
                wrong[part] = (wrong[part][:at] +
                               ('A' if wrong[part][at] != 'A' else 'B') +
                               wrong[part][at + 1:])
                said = says(key=key, jws='.'.join(wrong))
                assert not said['ok'], (part, at, said)
        assert not says(key=FIRM_KEY, jws=one['receipt'])['ok']
    assert events == ['given', 'withdrawn'], events


def the_vault_is_whole_after_all_this():
    jose.stdin.close()
    jose.wait(GUARD)
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([the_vector_holds_and_so_do_both_its_sides,
        all_that_a_grant_brings_holds_and_no_altered_bit_of_it,
        the_vault_is_whole_after_all_this])
