"""With a keyring that has room for no other key, what is past its keep is
erased all the same: nothing else makes room."""
import mmap
import os
import struct
import sys
import time

import ws
from peek import skip_if_shadowed
from vault import Vault, refused, skip

NS = 10**9
MINUTE, DAY = 60, 86400
EPOCH = 30 * DAY  # of row time, for which a stream has one key
FULL = {'VAULT_SEED': 'keyring-full'}

vault = Vault(ready=False)
skip_if_shadowed(vault.program)  # a sanitizer wants to be loaded first
with open(vault.program, 'rb') as program:
    if FULL['VAULT_SEED'].encode() not in program.read():
        skip('this build has no seams')
vault.init()
with open(vault.write('skew', ''), 'r+b') as file:
    file.truncate(4096)
    page = mmap.mmap(file.fileno(), 4096)

# Where keys of the next epoch are made: half a day before it.
now = (int(time.time()) // EPOCH + 1) * EPOCH - DAY // 2
ahead = now - int(time.time())


def clock(since_start=0):
    page[:24] = struct.pack('=qqq', ahead * NS, True, since_start * NS)


def start(env):
    vault.start(env={'LD_PRELOAD': os.path.join(sys.argv[1], 'skew.so'),
                     'SKEW': vault.path('skew'), **env})
    return vault.owner()


def erasures():
    return owner.call('stream.erasures')['erasures']


def rows_come_now_and_long_ago():
    global owner
    clock()
    owner = start({})
    owner.change('stream.create', name='home/short', category='home.climate',
                 columns=[{'name': 'value', 'type': 'f64'}], keep='60d')
    owner.append('home/short', [[(now - 200 * DAY) * NS, 1.0],
                                [(now - 60) * NS, 2.0]])
    assert erasures() == []
    owner.close()
    vault.stop()


def no_key_has_room():
    global owner
    owner = start(FULL)
    owner.create('home/other', 'home.climate')
    no = refused(owner.append, 'home/other', [[(now - 60) * NS, 1.0]])
    assert no.reason == 'params' and 'limit' in no.message, no


def what_is_past_its_keep_is_erased():
    clock(since_start=5 * MINUTE)
    until = time.monotonic() + ws.GUARD
    while not erasures():
        assert time.monotonic() < until, vault.said()
        assert 'are not erased' not in vault.said(), vault.said()
        time.sleep(0.05)
    erased, = erasures()
    assert erased['by_age'] and erased['rows'] == 1, erased


def the_vault_is_whole():
    assert owner.call('audit.verify')['ok']
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([rows_come_now_and_long_ago, no_key_has_room,
        what_is_past_its_keep_is_erased, the_vault_is_whole])
