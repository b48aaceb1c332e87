"""A vault that nobody can dial: it has no listener, and dials its firm; there is
enrolled, asked, read and listened to as anywhere else."""
import json
import os
import re
import select
import socket
import subprocess
import sys

import ws
from firm import live_terms
from vault import PASSPHRASE, Vault, refused

NS = 10**9
NOW = 1764000000

vault = Vault(ready=False)
vault.init()


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as probe:
        return probe.getsockname()[1]


AT = '127.0.0.1:%d' % free_port()
FOLDER = vault.path('firm')


def vaultfirm(*args, **how):
    return subprocess.Popen(
        [os.path.join(sys.argv[1], 'vaultfirm'), '--identity', FOLDER, *args],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how)


def said(process):
    out, err = process.communicate(timeout=ws.GUARD)
    assert process.returncode == 0, (process.returncode, out, err)
    return out


def line_of(stream):
    ready, _, _ = select.select([stream], [], [], ws.GUARD)
    line = stream.readline() if ready else ''
    assert line, 'nothing is said'
    return line


def a_vault_without_a_listener_invites_to_where_it_is_told():
    global owner, url
    vault.start(listen=False)
    owner = vault.owner()
    assert owner.call('vault.status')['listen'] is None
    got = refused(owner.change, 'firm.invite', name='fernhill')
    assert got.reason == 'conflict', got
    url = owner.change('firm.invite', name='fernhill',
                       address='behind.nat:1')['url']
    owner.create('home/host/load', 'device.state')
    owner.append('home/host/load', [[(NOW + i) * NS, i] for i in range(10)])
    owner.close()


def everywhere_is_no_address_to_dial():
    said(vaultfirm('init', 'fernhill'))
    enrol = vaultfirm('enrol', url, '--listen', '0.0.0.0:0')
    told = line_of(enrol.stderr) + enrol.stderr.readline()
    enrol.terminate()
    enrol.communicate(timeout=ws.GUARD)
    assert re.search(r'wss://HOST:\d+/v/[a-z2-7]{26}', told), told
    assert '--as HOST' in told and '0.0.0.0' not in told, told


def it_dials_to_be_enrolled_with():
    global owner, place
    enrol = vaultfirm('enrol', url, '--listen', AT, '--json')
    place = re.search(r'wss://\S+/v/[a-z2-7]{26}', line_of(enrol.stderr))[0]
    assert AT in place
    vault.stop()
    vault.start('--dial', place, listen=False)
    owner = vault.owner()
    got = json.loads(said(enrol))
    assert got['state'] == 'waiting', got
    owner.change('firm.confirm', firm='fernhill')


def it_is_asked_and_read_over_what_it_dialled():
    global grant
    terms = vault.write('terms.json', json.dumps(live_terms()))
    asked = json.loads(said(vaultfirm('request', terms, '--listen', AT,
                                      '--json')))
    grant = owner.change('request.approve', request=asked['request'],
                         all=True)['grant']
    rows = said(vaultfirm('query', 'home/host/load', '--grant', grant,
                          '--from', '2025-01-01', '--to', '2026-01-01',
                          '--ndjson', '--listen', AT)).splitlines()
    assert [list(json.loads(row)['values'].values()) for row in rows] == [
        [i] for i in range(10)], rows


def it_calls_again_after_each_end():
    global listens
    listens = vaultfirm('listen', AT, '--json')
    told = json.loads(line_of(listens.stdout))
    assert told == {'dial': place}, told
    for passed in range(2):
        state = json.loads(line_of(listens.stdout))
        assert state['state'] == 'connected', state
        if passed == 0:
            owner.call('vault.lock')
            state = json.loads(line_of(listens.stdout))
            assert state['state'] == 'gone', state
            owner.call('vault.unlock', passphrase=PASSPHRASE)


def a_blocked_firm_is_refused_where_it_listens_too():
    owner.change('firm.block', firm='fernhill')
    state = json.loads(line_of(listens.stdout))
    assert state['state'] == 'gone', state
    listens.terminate()
    listens.communicate(timeout=ws.GUARD)
    # It is called, and told nothing: the same refusal as at the vault's door.
    grants = vaultfirm('grants', '--listen', AT)
    _, err = grants.communicate(timeout=ws.GUARD)
    assert grants.returncode != 0 and 'refused' in err, (grants, err)


def whoever_else_listens_there_learns_nothing():
    """What answers is no firm of this vault: the vault proves itself, and hears
    a stranger."""
    other = vault.path('other')
    global FOLDER
    FOLDER = other
    said(vaultfirm('init', 'mallory'))
    os.makedirs(os.path.join(other, 'vaults'), exist_ok=True)
    for name in os.listdir(os.path.join(vault.path('firm'), 'vaults')):
        with open(os.path.join(vault.path('firm'), 'vaults', name)) as file:
            record = file.read()
        with open(os.path.join(other, 'vaults', name), 'w',
                  opener=lambda path, flags: os.open(path, flags,
                                                     0o600)) as file:
            file.write(record)
    grants = vaultfirm('grants', '--listen', AT)
    _, err = grants.communicate(timeout=ws.GUARD)
    assert grants.returncode != 0 and 'refused' in err, err


def a_stop_ends_it_well():
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([a_vault_without_a_listener_invites_to_where_it_is_told,
        everywhere_is_no_address_to_dial,
        it_dials_to_be_enrolled_with, it_is_asked_and_read_over_what_it_dialled,
        it_calls_again_after_each_end,
        a_blocked_firm_is_refused_where_it_listens_too,
        whoever_else_listens_there_learns_nothing, a_stop_ends_it_well])
