"""Nine tenths of the quota are for rows; the rest is for what takes back.  The
configuration's word stands above that of init."""
import os
import time

import ws
from poster import post_at
from vault import Refusal, Vault, refused, ulid

NS = 10**9
NOW = int(time.time())
MIB = 1 << 20

vault = Vault(ready=False)
kept = 0


def make(*options):
    return vault.command('init', '--dir', vault.dir, '--passphrase-file',
                         vault.path('pass'), '--key-file', vault.path('key'),
                         *options)


def append(count):
    """Texts that do not pack."""
    global kept
    rows = [[(NOW + kept + i) * NS, os.urandom(2000).hex()] for i in range(count)]
    owner.append('notes', rows, columns=['text'])
    kept += count


def warned():
    return {w['code'] for w in owner.call('vault.status')['warnings']}


def a_size_that_is_none_is_refused():
    for size, code in (('much', 2), ('15MiB', 2), ('2TiB', 2), ('16', 2)):
        got, _, err = make('--quota', size)
        assert got == code and ('quota' in err), (size, got, err)


def rows_stop_at_nine_tenths():
    global owner
    assert make('--quota', '16MiB')[0] == 0
    vault.start()
    owner = vault.owner()
    owner.create('notes', text='text')
    status = owner.call('vault.status')
    assert status['bytes']['free'] == 16 * MIB - status['bytes']['used']
    for _ in range(1000):
        try:
            append(40)
        except Refusal as refusal:
            assert refusal.reason == 'storage', refusal
            assert 'quota' in refusal.message, refusal
            break
    status = owner.call('vault.status')
    used = status['bytes']['used']
    assert 16 * MIB * 9 // 10 <= used <= 16 * MIB, used
    assert warned() >= {'quota'} and 'disk' not in warned()


def what_takes_back_goes_on():
    owner.create('another')
    global token
    token = owner.change('source.add', name='house', streams=['push/**'],
                         auto=True)['token']
    owner.call('vault.lock')
    owner.call('vault.unlock', passphrase=open(vault.path('pass')).read()[:-1])
    assert len(owner.query('notes').rows) == kept
    assert refused(append, 1).reason == 'storage'


def the_setting_outlives_a_restart():
    global owner
    owner.close()
    vault.restart()
    owner = vault.owner()
    assert refused(append, 1).reason == 'storage'
    assert 'quota' in warned()


def the_configuration_raises_it():
    global owner
    owner.close()
    config = vault.write('config', 'quota: 64MiB\n')
    vault.stop()
    vault.start('--config', config)
    owner = vault.owner()
    assert 'quota' not in warned()
    append(40)
    free = owner.call('vault.status')['bytes']['free']
    assert 40 * MIB < free < 64 * MIB, free


def without_its_word_the_setting_is_in_force_again():
    """What came meanwhile waits, under the token that it came with."""
    global owner
    body = 'air value=1 %d' % NOW
    address = owner.call('vault.status')['http']
    owner.call('vault.lock')
    assert post_at(address, token, body)[0] == 204
    owner.close()
    vault.restart()
    owner = vault.owner()
    assert refused(append, 1).reason == 'storage'
    assert len(owner.query('notes').rows) == kept
    until = time.monotonic() + ws.GUARD
    while 'the inbox waits' not in vault.said():
        assert time.monotonic() < until, vault.said()
        time.sleep(0.01)
    said = refused(owner.change, 'source.token', source='house')
    assert said.reason == 'busy' and 'source.block' in said.message, said
    owner.close()
    vault.stop()
    vault.start('--config', vault.path('config'))
    owner = vault.owner()
    while owner.call('vault.status')['bytes']['inbox']:
        pass
    assert len(owner.query('push/air').rows) == 1
    assert owner.change('source.token', source='house')['token']
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([a_size_that_is_none_is_refused, rows_stop_at_nine_tenths,
        what_takes_back_goes_on, the_setting_outlives_a_restart,
        the_configuration_raises_it,
        without_its_word_the_setting_is_in_force_again])
