"""An unchanged collectd writes the machine's load and memory."""
import os
import shutil
import subprocess
import time

from vault import Vault, skip
from ws import GUARD, run

PLACE = os.path.dirname(os.path.abspath(__file__))
CONF = os.path.join(PLACE, '..', '..', 'packaging', 'demo', 'collectd.conf.in')

program = shutil.which('collectd', path=os.environ['PATH'] + ':/usr/sbin')
if program is None:
    skip('needs collectd')

vault = Vault()
owner = vault.owner()
added = owner.change('source.add', name='host', streams=['home/host/**'],
                     auto=True, category='device.state')


def start():
    with open(CONF) as file:
        conf = file.read()
    for word, value in (('HOST', 'box'), ('DIR', vault.folder),
                        ('TOKEN', added['token']),
                        ('HTTP', owner.call('vault.status')['http'])):
        conf = conf.replace('@%s@' % word, value)
    return subprocess.Popen(
        [program, '-f', '-C', vault.write('collectd.conf', conf)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)


def rows_of(word):
    return [s for s in owner.call('stream.list')['streams']
            if word in s['name'] and s['samples'] >= 6]


def wait_for(what):
    until = time.monotonic() + GUARD
    while not what():
        assert time.monotonic() < until and collectd.poll() is None, (
            open(vault.path('collectd.log')).read(), vault.said())
        time.sleep(0.2)


collectd = start()


def its_values_become_streams():
    wait_for(lambda: rows_of('load') and rows_of('memory'))
    load = owner.query('home/host/**/load')
    memory, = [s for s in rows_of('memory') if 'free' in s['name']] or [None]
    assert load.rows and all(0 <= r[1] < 10000 for r in load.rows), load.rows
    assert memory['category'] == 'device.state', memory
    total = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')
    free = owner.query(memory['name']).rows
    assert all(0 < r[1] <= total for r in free), free


def nothing_of_it_is_in_quarantine():
    assert owner.query('quarantine/**').rows == []


def it_goes_on_after_the_vault_was_away():
    before = owner.call('vault.status')['samples']
    owner.call('vault.lock')
    with open(vault.path('pass')) as file:
        owner.call('vault.unlock', passphrase=file.read().strip())
    wait_for(lambda: owner.call('vault.status')['samples'] > before)


def all_of_it_is_whole():
    collectd.terminate()
    collectd.wait(GUARD)
    assert owner.call('audit.verify')['ok']
    owner.close()
    vault.stop()
    vault.check()


try:
    run([its_values_become_streams, nothing_of_it_is_in_quarantine,
         it_goes_on_after_the_vault_was_away, all_of_it_is_whole])
finally:
    collectd.kill()
