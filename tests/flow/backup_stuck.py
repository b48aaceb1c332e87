"""A backup whose disk hangs: what stays in memory when the vault is locked."""
import importlib.util
import os
import time

import ws
from peek import skip_if_shadowed, written_to
from vault import PASSPHRASE, Refusal, Vault

MODEL = os.path.join(os.path.dirname(__file__), '../model')
NS = 10**9
T0 = int(time.time()) // 3600 * 3600 - 86400


def reader():
    """The independent reader of a vault's files."""
    spec = importlib.util.spec_from_file_location(
        'reader', os.path.join(MODEL, 'vault.py'))
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def stored(name):
    with open(os.path.join(vault.dir, name), 'rb') as file:
        return file.read()


def keys_of_the_vault():
    """Its root key and its data keys."""
    n = model.read_current(stored('CURRENT'))
    root = model.open_header(stored('header.%d' % n), model.PASSPHRASE,
                             PASSPHRASE.encode())
    opened = model.Vault(vault.dir, model.PASSPHRASE, PASSPHRASE.encode())
    return [root], [entry[3] for entry in opened.ring.values()]


def found(keys):
    """How many of the keys are in the daemon's memory."""
    here = set()
    for part in written_to(vault.process.pid):
        here |= {key for key in keys if key in part}
    return len(here)


def a_backup_is_stuck():
    global vault, owner, model, held, number, path
    vault = Vault(ready=False)
    skip_if_shadowed(vault.program)
    model = reader()
    held = vault.path('held')
    vault.write('pass', PASSPHRASE + '\n')
    vault.init()
    vault.start(unlock='pass', env={
        'LD_PRELOAD': os.path.join(os.path.dirname(vault.program), 'stuck.so'),
        'STUCK_WHILE': held, 'STUCK_MAKING': vault.path('making')})
    owner = vault.owner()
    owner.create('home/device', 'device.state', value='i64')
    for part in range(8):  # more than a piece
        owner.append('home/device', [[(T0 + 60 + part * 2000 + i) * NS,
                                      int.from_bytes(os.urandom(7), 'big')]
                                     for i in range(2000)])
    vault.write('held', '')
    path = vault.path('stuck.backup')
    number = owner.send('backup.create', file=path, passphrase=PASSPHRASE)
    end = time.monotonic() + ws.GUARD
    while not (os.path.exists(path + '.part')
               and os.path.getsize(path + '.part') >= 4096):
        assert time.monotonic() < end
        time.sleep(0.01)


def while_it_is_made_the_root_key_is_not_there():
    roots, keys = keys_of_the_vault()
    assert found(keys) == len(keys), 'keys that are there are not found'
    assert found(roots) == 0


def locking_wipes_all_keys_though_the_disk_hangs():
    roots, keys = keys_of_the_vault()
    with open(path + '.part', 'rb') as file:
        own = model.open_header(file.read(4096), model.PASSPHRASE,
                                PASSPHRASE.encode(), backup=True)
    assert found([own]) == 1
    other = vault.owner()
    assert other.call('vault.lock')['state'] == 'locked'
    other.close()
    assert (found(roots), found(keys), found([own])) == (0, 0, 0)


def the_backup_is_broken_off():
    os.unlink(held)
    try:
        owner.answer(number)
    except Refusal as refusal:
        assert refusal.reason == 'busy', refusal
    else:
        raise AssertionError('it was made')
    assert not os.path.exists(path) and not os.path.exists(path + '.part')
    owner.call('vault.unlock', passphrase=PASSPHRASE)
    made = owner.call('backup.create', file=path, passphrase=PASSPHRASE)
    assert made['backup']['state'] == 'made'


def while_its_file_is_not_made_all_else_goes_on():
    """A commit waits for no disk but the vault's own."""
    vault.write('making', '')
    again = vault.path('again.backup')
    number = owner.send('backup.create', file=again, passphrase=PASSPHRASE)
    other = vault.owner()
    other.append('home/device', [[(T0 + 40000) * NS, 1]])
    assert other.query('home/device', limit=1).rows
    assert other.call('vault.status')['state'] == 'unlocked'
    for _ in range(2):
        assert other.call('vault.lock')['state'] == 'locked'
        other.call('vault.unlock', passphrase=PASSPHRASE)
    assert other.call('vault.lock')['state'] == 'locked'
    os.unlink(vault.path('making'))
    try:
        owner.answer(number)
    except Refusal as refusal:
        assert refusal.reason in ('busy', 'locked'), refusal
    else:
        raise AssertionError('it was made of a locked vault')
    assert not os.path.exists(again) and not os.path.exists(again + '.part')
    other.close()
    owner.close()
    vault.stop()


ws.run([a_backup_is_stuck, while_it_is_made_the_root_key_is_not_there,
        locking_wipes_all_keys_though_the_disk_hangs,
        the_backup_is_broken_off,
        while_its_file_is_not_made_all_else_goes_on])
