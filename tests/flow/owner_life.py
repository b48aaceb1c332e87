"""The owner's own path: lock and unlock, streams, restarts, signals."""
import os

import ws
from vault import PASSPHRASE, Vault, refused, stamp, ulid

T0 = 1764093600  # 2025-11-25T18:00:00Z
vault = Vault()
owner = vault.owner()


def status_tells_where_the_vault_is():
    status = owner.call('vault.status')
    assert status['state'] == 'unlocked'
    assert status['socket'] == vault.socket
    port = int(status['listen'].rpartition(':')[2])
    assert port > 0 and int(status['http'].rpartition(':')[2]) > 0
    assert status['vault'].endswith('@' + status['listen']), status
    assert (status['streams'], status['samples']) == (0, 0)
    info = owner.call('session.info')
    assert info['role'] == 'owner' and info['state'] == 'ready'
    assert info['vault'] == status['vault'].partition('@')[0]


def only_its_user_may_open_the_socket():
    mode = os.stat(vault.socket).st_mode & 0o777
    assert mode & 0o007 == 0, oct(mode)


def a_stream_is_made_once():
    made = owner.create('home/t', 'home.climate')['stream']
    assert made['name'] == 'home/t' and made['samples'] == 0
    assert made['columns'] == [{'name': 'value', 'type': 'f64', 'id': 0}]
    assert refused(owner.create, 'home/t').reason == 'conflict'
    shown = owner.call('stream.show', name='home/t')['stream']
    assert shown['id'] == made['id']


def the_same_idem_gives_the_same_answer():
    ask = {'name': 'home/twice', 'idem': ulid(), 'columns':
           [{'name': 'value', 'type': 'i64'}]}
    first = owner.call('stream.create', **ask)
    assert owner.call('stream.create', **ask) == first
    ask['name'] = 'home/other'
    assert refused(owner.call, 'stream.create', **ask).reason == 'conflict'


def streams_are_found_by_pattern_and_category():
    names = [s['name'] for s in owner.call('stream.list')['streams']]
    assert names == ['home/t', 'home/twice']
    for ask in ({'match': 'home/t'}, {'category': 'home'}):
        found = owner.call('stream.list', **ask)['streams']
        assert [s['name'] for s in found] == ['home/t'], ask


def a_source_gets_a_token_once():
    added = owner.change('source.add', name='meter',
                         streams=['home/energy/**'], auto=True,
                         category='energy.electricity')
    assert added['token'].startswith('vt1:')
    again = refused(owner.change, 'source.add', name='meter', streams=['x/**'])
    assert again.reason == 'conflict'
    listed, = owner.call('source.list')['sources']
    assert listed['name'] == 'meter' and 'token' not in listed


def a_locked_vault_tells_nothing():
    owner.append('home/t', [[stamp(T0), 21.5]])
    known = owner.call('vault.status')['vault']
    assert owner.call('vault.lock')['state'] == 'locked'
    status = owner.call('vault.status')
    assert status['state'] == 'locked' and status['vault'] == known
    assert status['streams'] is None and status['samples'] is None
    for method, params in (('stream.list', {}), ('source.list', {}),
                           ('data.latest', {'streams': ['**']}),
                           ('data.query', {'streams': ['**']})):
        assert refused(owner.call, method, **params).reason == 'locked'
    assert owner.call('vault.lock')['state'] == 'locked'


def what_is_refused_has_not_begun():
    live = owner.call('data.subscribe', streams=['home/t'])['subscription']
    for method, params in (('vault.lock', {'when': 1}),
                           ('data.unsubscribe', {'subscription': live,
                                                 'why': 1})):
        assert refused(owner.call, method, **params).reason == 'params'
    assert owner.call('vault.status')['state'] == 'unlocked'
    owner.append('home/t', [[stamp(T0 + 1), 22.5]])
    assert owner.page(live).rows == [[(T0 + 1) * 10**9, 22.5]]
    ended = owner.call('data.unsubscribe', subscription=live)
    assert ended['last_seq'] == 1, ended


def only_the_passphrase_unlocks():
    wrong = refused(owner.call, 'vault.unlock', passphrase='wrong')
    assert wrong.reason == 'reauth'
    both = refused(owner.call, 'vault.unlock', passphrase='a', recovery='b')
    assert both.reason == 'params'
    got = owner.call('vault.unlock', passphrase=PASSPHRASE)
    assert got['state'] == 'unlocked'
    again = refused(owner.call, 'vault.unlock', passphrase=PASSPHRASE)
    assert again.reason == 'conflict'
    assert owner.query('home/t').rows == [[T0 * 10**9, 21.5]]
    assert owner.call('data.subscribe', streams=['home/t'])['cursor']


def after_wrong_ones_it_waits():
    owner.call('vault.lock')
    for _ in range(5):
        last = refused(owner.call, 'vault.unlock', passphrase='wrong')
    last = refused(owner.call, 'vault.unlock', passphrase='wrong')
    assert last.reason == 'reauth' and last.data['retry_after_ms'] >= 1


def a_restart_keeps_everything():
    global owner
    owner.close()
    vault.restart(unlock=None)
    owner = vault.owner()
    status = owner.call('vault.status')
    assert status['state'] == 'locked' and status['vault'] is None
    owner.close()
    vault.restart(unlock='pass')
    owner = vault.owner()
    assert owner.query('home/*').rows == [[T0 * 10**9, 21.5],
                                          [(T0 + 1) * 10**9, 22.5]]
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


def a_session_hears_that_the_daemon_stops():
    vault.start()
    owner = vault.owner()
    vault.process.terminate()
    try:
        while True:
            owner.take()
    except ws.Closed:
        pass
    assert [n['params']['reason'] for n in owner.notes
            if n['method'] == 'vault.locking'] == ['stop']
    assert vault.process.wait(60) == 0, vault.said()


ws.run([status_tells_where_the_vault_is, only_its_user_may_open_the_socket,
        a_stream_is_made_once, the_same_idem_gives_the_same_answer,
        streams_are_found_by_pattern_and_category, a_source_gets_a_token_once,
        a_locked_vault_tells_nothing, only_the_passphrase_unlocks,
        what_is_refused_has_not_begun,
        after_wrong_ones_it_waits, a_restart_keeps_everything,
        a_session_hears_that_the_daemon_stops])
