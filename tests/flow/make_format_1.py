"""Make the fixture vault of format 1 (see lib/format_1.py).

usage: make_format_1.py BIN FOLDER

FOLDER gets vault/ (the files of a vault), home.backup, passphrase and
expected.json.  It was run once, for tests/cases/vaults/format-1.
"""
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'lib'))
import format_1  # noqa: E402
from firm import TERMS, Firm, node  # noqa: E402
from vault import Vault  # noqa: E402

KEPT = ('CURRENT', 'header.', 'erase.', 'keyring.', 'data.mdb')


def fill(owner):
    for name, (columns, rows) in format_1.STREAMS.items():
        owner.create(name, 'device.state', **columns)
        rows = rows()
        for at in range(0, len(rows), 250):
            owner.append(name, rows[at:at + 250], columns=list(columns))


def consent(vault, owner):
    """A grant that is in force and was used, and one that was revoked."""
    firm = Firm(vault, owner, 'brightgrid')
    kept = firm.given(TERMS)
    assert firm.query('home/counter', grant=kept).rows
    ended = firm.given(TERMS)
    owner.change('grant.revoke', grant=ended)
    firm.close()
    return kept, ended


def expected(owner, kept, ended):
    rows = {name: owner.query(name).rows for name in format_1.STREAMS}
    for name, (_, made) in format_1.STREAMS.items():
        assert rows[name] == format_1.in_order(made()), name
    entries = owner.call('audit.list', limit=1000)
    return {
        'vault': owner.call('session.info')['vault'],
        'rows': {name: {'count': len(got), 'first': got[0], 'last': got[-1],
                        'sha256': format_1.digest(got)}
                 for name, got in rows.items()},
        'grants': {kept: 'active', ended: 'withdrawn'},
        'receipts': {grant: [r['receipt'] for r in owner.call(
            'grant.receipt', grant=grant, **{'from': 1})['receipts']]
            for grant in (kept, ended)},
        'log': [entry['entry'] for entry in entries['entries']],
    }


def main():
    out = sys.argv[2]
    node()
    os.makedirs(out)
    vault = Vault(ready=False)
    vault.write('pass', format_1.PASSPHRASE + '\n')
    vault.init()
    vault.start(unlock='pass')
    owner = vault.owner()
    fill(owner)
    told = expected(owner, *consent(vault, owner))
    backup = os.path.join(os.path.abspath(out), 'home.backup')
    owner.call('backup.create', file=backup, passphrase=format_1.PASSPHRASE)
    owner.close()
    vault.stop()
    # A restored vault has no free pages.
    code, _, err = vault.command(
        'restore', '--dir', vault.path('small'), backup, '--passphrase-file',
        vault.path('pass'))
    assert code == 0, err
    os.mkdir(os.path.join(out, 'vault'))
    for name in os.listdir(vault.path('small')):
        if name.startswith(KEPT):
            shutil.copy(os.path.join(vault.path('small'), name),
                        os.path.join(out, 'vault', name))
    with open(os.path.join(out, 'passphrase'), 'w') as file:
        file.write(format_1.PASSPHRASE + '\n')
    with open(os.path.join(out, 'expected.json'), 'w') as file:
        json.dump(told, file, indent=1, ensure_ascii=True)
        file.write('\n')


main()
