"""What vaultctl doctor finds, each thing by making it wrong."""
import json
import os
import re

import ws
from vault import PASSPHRASE, Vault

NAMES = ['destroyed', 'rollback', 'anchor', 'words', 'backup', 'key-file',
         'folder', 'confined', 'user', 'core', 'memory', 'swap', 'clock',
         'quota', 'disk', 'ballast', 'reserve', 'owed', 'home']
vault = Vault(ready=False)
vault.init()
vault.start()


def doctor():
    """({name: (state, says)}, exit code)"""
    code, out, err = vault.ctl('doctor', '--json')
    said = json.loads(out)
    found = {c['name']: (c['state'], c['says']) for c in said['checks']}
    assert list(found) == NAMES, found
    assert all(says[0].isupper() and says.endswith('.')
               for _, says in found.values()), found
    assert said['ok'] == (code == 0), (code, out, err)
    assert code in (0, 1), err
    return found, code


def fact(path, name):
    with open(path) as file:
        for line in file:
            if line.startswith(name):
                return line.split()[1:]


def what_is_well_is_said_to_be():
    found, code = doctor()
    assert code == 0
    for name in ('destroyed', 'rollback', 'words', 'folder', 'core', 'owed'):
        assert found[name][0] == 'well', (name, found[name])


def what_the_machine_is_like_is_told_as_it_is():
    found, _ = doctor()
    swap = int(fact('/proc/meminfo', 'SwapTotal:')[0])
    assert swap == 0 or found['swap'][0] in ('well', 'warning')
    assert swap > 0 or found['swap'][0] == 'well', found['swap']
    assert found['user'][0] == ('warning' if os.geteuid() == 0 else 'well')
    with open(vault.program, 'rb') as file:
        unconfined = b'nothing confines it' in file.read()
    if unconfined:
        assert found['confined'][0] == 'warning'
        assert 'for tests' in found['confined'][1]
    else:
        lacks = 'no Landlock' in vault.said()
        assert found['confined'][0] == ('warning' if lacks else 'well')


def a_key_file_beside_the_vault_is_warned_of():
    found, _ = doctor()
    assert found['key-file'][0] == 'warning', found['key-file']
    vault.stop()
    vault.start(unlock=None)
    found, _ = doctor()
    assert found['key-file'][0] == 'well', found['key-file']


def what_cannot_be_told_while_it_is_locked_is_said_so():
    found, code = doctor()
    assert found['backup'][0] == 'unknown' and code == 0
    assert found['home'][0] == 'unknown', found['home']
    vault.owner().call('vault.unlock', passphrase=PASSPHRASE)


def a_backup_that_is_missing_is_asked_for():
    found, _ = doctor()
    assert found['backup'][0] == 'warning'
    vault.owner().call('backup.create', file=vault.path('b'),
                       passphrase=PASSPHRASE)
    found, _ = doctor()
    assert found['backup'][0] == 'well'


def a_home_that_rules_mean_is_asked_for():
    permit = ('version: 1\nrules:\n  - {name: p, effect: permit, firm: %s, '
              'data: energy%s}\n')
    firm = 'vf1:' + 'a' * 52

    def found(where):
        done = vault.owner().change('policy.apply', files=[
            {'name': 'p.yaml', 'text': permit % (firm, where)}])
        return doctor()[0]['home'], [w['code'] for w in done['warnings']]

    (state, says), warned = found('')
    assert (state, 'W9' in warned) == ('warning', True), (state, warned)
    assert says.startswith('Of your permits 1 ') and 'home: GB' in says, says
    (state, says), warned = found(', where: GB')
    assert (state, 'W9' in warned) == ('well', False), (state, warned)
    vault.owner().change('policy.apply', files=[
        {'name': 'p.yaml', 'text': 'version: 1\n'}])


def an_anchor_is_asked_for():
    assert doctor()[0]['anchor'][0] == 'warning'


def words_that_are_missing_are_asked_for():
    owner = vault.owner()
    slots = owner.call('key.list')['slots']
    number, = [s['slot'] for s in slots if s['type'] == 'recovery']
    owner.change('key.remove', passphrase=PASSPHRASE, slot=number)
    state, says = doctor()[0]['words']
    assert state == 'warning' and 'vaultctl key add recovery' in says


def a_folder_that_others_can_open_is_a_fault():
    os.chmod(vault.dir, 0o755)
    found, code = doctor()
    assert code == 1 and found['folder'][0] == 'fault'
    assert 'mode 755' in found['folder'][1], found['folder']
    os.chmod(vault.dir, 0o700)
    assert doctor()[1] == 0


def where_memory_cannot_be_locked_it_has_to_be_said():
    """Not for root, who may lock what it likes, unless that is taken away."""
    wrap = ['prlimit', '--memlock=0:0']
    if os.geteuid() == 0:
        wrap = ['setpriv', '--bounding-set=-ipc_lock', *wrap]
    conf = vault.write('conf', 'allow_unlocked_memory: true\n')
    vault.stop()
    try:
        vault.start(wrap=wrap)
    except AssertionError as refused:
        assert 'allow_unlocked_memory: true' in str(refused), refused
    else:  # a sanitizer locks nothing, and says that it did
        with open(vault.program, 'rb') as file:
            assert re.search(rb'__[atm]san_init', file.read()), vault.said()
        return
    vault.start('--config', conf, wrap=wrap)
    found, _ = doctor()
    assert found['memory'][0] == 'warning', found['memory']
    assert 'allow_unlocked_memory' in found['memory'][1], found['memory']
    vault.stop()
    vault.start()
    assert doctor()[0]['memory'][0] == 'well'


def it_reads_as_a_table():
    code, out, _ = vault.ctl('doctor')
    lines = out.splitlines()
    assert code == 0 and len(lines) == 1 + len(NAMES), out
    for name, line in zip(NAMES, lines[1:]):
        assert line.split()[1] == name and line.endswith('.'), line


def without_a_daemon_it_is_not_reached():
    vault.stop()
    code, out, err = vault.ctl('doctor')
    assert code == 7 and out == '' and 'is vaultd running' in err, (code, err)


ws.run([what_is_well_is_said_to_be, what_the_machine_is_like_is_told_as_it_is,
        a_key_file_beside_the_vault_is_warned_of,
        what_cannot_be_told_while_it_is_locked_is_said_so,
        a_backup_that_is_missing_is_asked_for,
        a_home_that_rules_mean_is_asked_for, an_anchor_is_asked_for,
        words_that_are_missing_are_asked_for,
        a_folder_that_others_can_open_is_a_fault,
        where_memory_cannot_be_locked_it_has_to_be_said, it_reads_as_a_table,
        without_a_daemon_it_is_not_reached])
