"""Planted faults are in test builds alone: no other program names them.

usage: no_seeds.py BIN [--seeds] [--unfenced]

--seeds: this is a test build, where vaultd must name them; so the search is
seen to find what it looks for.  --unfenced: it has no table of system calls.
"""
import os
import sys

FENCE = b'is not in the table'
WORDS = (b'VAULT_SEED', b'ack-before-commit', b'check-outside-txn',
         b'decision-cached', b'set-hash-skipped', b'no-dir-fsync',
         b'sync-error-ignored', b'enospc-acked', b'unchecked-malloc',
         b'wrapped-key-in-lmdb', b'name-in-key', b'value-in-log',
         b'anchor-ignored', b'key-not-wiped', b'reason-leaks', b'call-unknown',
         b'no-accept-limit', b'audit-per-stranger', FENCE)
wanted = '--seeds' in sys.argv
if '--unfenced' in sys.argv:
    WORDS = tuple(word for word in WORDS if word != FENCE)
for name in ('vaultd', 'vaultctl', 'vaultfirm'):
    path = os.path.join(sys.argv[1], name)
    if not os.path.exists(path):
        continue
    with open(path, 'rb') as file:
        data = file.read()
    found = [word for word in WORDS if word in data]
    expected = list(WORDS) if wanted and name == 'vaultd' else []
    assert found == expected, (name, found)
