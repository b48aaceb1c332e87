"""What vaultd says, and how it exits, when it cannot start."""
import os
import shutil
import socket
import struct

import ws
from vault import PASSPHRASE, Vault

vault = Vault()
other = Vault(ready=False)


def ends(code, *args, says='', lines=1):
    """That a command exits with code and one sentence for people."""
    got, _, err = vault.command(*args)
    assert got == code, (args, got, err)
    assert len(err.strip().splitlines()) == lines, err
    assert says in err, err
    return err


def run_args(folder, *more):
    return ['run', '--dir', folder.dir, '--socket', folder.path('s'), *more]


def a_vault_has_one_daemon():
    ends(6, 'run', '--dir', vault.dir,
         '--socket', vault.path('s2'))
    ends(6, 'check', '--dir', vault.dir, '--unlock-file', vault.path('key'))
    assert vault.owner().call('vault.status')['state'] == 'unlocked'


def a_wrong_passphrase_is_5():
    vault.stop()
    vault.write('wrong', 'not this one')
    ends(5, *run_args(vault, '--unlock-file', vault.path('wrong')),
         says=vault.path('wrong'))
    ends(5, 'check', '--dir', vault.dir, '--unlock-file', vault.path('wrong'))


def a_missing_secret_is_said():
    for name, text in (('none', None), ('empty', ''), ('long', 'x' * 2000)):
        if text is not None:
            vault.write(name, text)
        ends(1, *run_args(vault, '--unlock-file', vault.path(name)),
             says=vault.path(name))


def a_secret_that_others_can_read_is_complained_of():
    for name in ('key', 'pass'):
        path = vault.path(name)
        for mode, said in ((0o644, True), (0o640, True), (0o600, False)):
            os.chmod(path, mode)
            code, _, err = vault.command('check', '--dir', vault.dir,
                                         '--unlock-file', path)
            assert code == 0, (path, mode, err)
            assert (path in err and 'chmod 600' in err) == said, (path, mode,
                                                                  err)
            assert len(err.splitlines()) == said, err


def a_taken_port_is_said():
    taken = socket.socket()
    taken.bind(('127.0.0.1', 0))
    taken.listen()
    place = '127.0.0.1:%d' % taken.getsockname()[1]
    for option in ('--listen', '--http'):
        ends(1, *run_args(vault, option, place), says=place)
    taken.close()


def an_address_that_is_none_is_usage():
    for option, place in (('--listen', 'nowhere'), ('--listen', '127.0.0.1:x'),
                          ('--listen', '127.0.0.1:70000'),
                          ('--http', '0.0.0.0:0')):
        got, _, err = vault.command(*run_args(vault, option, place))
        assert got in (1, 2) and len(err.splitlines()) == 1, (place, got, err)


def a_socket_path_too_long_is_said():
    long = vault.path('x' * 200)
    got, _, err = vault.command('run', '--dir', vault.dir, '--socket', long)
    assert got in (1, 2) and len(err.splitlines()) == 1, (got, err)


def a_socket_is_not_taken_from_a_file():
    path = vault.write('file', 'mine')
    ends(1, 'run', '--dir', vault.dir, '--socket', path, says=path)
    with open(path) as file:
        assert file.read() == 'mine'


def no_vault_or_half_of_one_is_said():
    os.mkdir(vault.path('hollow'), 0o700)
    shutil.copytree(vault.dir, vault.path('begun.new'))
    open(vault.path('begun.new/MAKING'), 'x').close()
    for name in ('none', 'hollow', 'begun'):
        for args in (['run', '--socket', vault.path('s')],
                     ['check', '--unlock-file', vault.path('key')]):
            err = ends(1, *args, '--dir', vault.path(name),
                       says='no vault in ' + vault.path(name))
            assert 'vaultd init --dir ' + vault.path(name) in err, err
    os.rmdir(vault.path('hollow'))  # still empty
    shutil.rmtree(vault.path('begun.new'))
    for name in sorted(os.listdir(vault.dir)):
        half = vault.path('half')
        shutil.copytree(vault.dir, half)
        os.unlink(os.path.join(half, name))
        got, _, err = vault.command('check', '--dir', half, '--unlock-file',
                                    vault.path('key'))
        needed = name not in ('LOCK', 'ballast', 'lock.mdb')
        assert (got != 0) == needed, (name, got, err)
        assert len(err.splitlines()) == needed, (name, err)
        assert half in err or not needed, (name, err)
        shutil.rmtree(half)


def a_whole_vault_that_is_called_new_is_left_alone():
    away = vault.path('away')
    os.rename(vault.dir, away + '.new')
    before = sorted(os.listdir(away + '.new'))
    ends(1, 'run', '--socket', vault.path('s'), '--dir', away,
         says='mv %s.new %s' % (away, away))
    ends(6, 'init', '--dir', away, '--passphrase-file', vault.path('pass'),
         says=away + '.new')
    vault.command('restore', '--dir', away, vault.path('pass'),
                  '--passphrase-file', vault.path('pass'))
    assert sorted(os.listdir(away + '.new')) == before
    os.rename(away + '.new', vault.dir)
    code, _, err = vault.command('check', '--dir', vault.dir, '--unlock-file',
                                 vault.path('key'))
    assert code == 0, err


def an_existing_folder_is_left_alone():
    before = sorted(os.listdir(vault.dir))
    ends(6, 'init', '--dir', vault.dir, '--passphrase-file',
         vault.path('pass'), says=vault.dir)
    assert sorted(os.listdir(vault.dir)) == before


def an_unwritable_folder_is_said():
    if not os.path.isdir('/proc/self'):
        return
    ends(1, 'init', '--dir', '/proc/vault', '--passphrase-file',
         vault.path('pass'), says='/proc')
    ends(1, 'init', '--dir', vault.path('no/such/folder'),
         '--passphrase-file', vault.path('pass'))


def init_without_a_terminal_names_the_flag():
    ends(2, 'init', '--dir', vault.path('new'), says='--passphrase-file')
    assert not os.path.exists(vault.path('new'))


def a_try_costs_what_init_was_told():
    for said in ('63MiB', '1025MiB', '2TiB', '17592186044416GiB', '0', 'much',
                 ''):
        ends(2, 'init', '--dir', vault.path('new'), '--passphrase-file',
             vault.path('pass'), '--kdf-memory', said, says='64MiB to 1GiB')
        assert not os.path.exists(vault.path('new'))
    ends(0, 'init', '--dir', vault.path('new'), '--passphrase-file',
         vault.path('pass'), '--kdf-memory', '96MiB', lines=0)
    with open(os.path.join(vault.path('new'), 'header.1'), 'rb') as file:
        slot = file.read()[96:96 + 224]
    assert struct.unpack_from('<BBBBIII', slot) == (1, 0, 1, 1, 3, 96 << 10, 1)
    shutil.rmtree(vault.path('new'))


def a_mistyped_flag_is_usage():
    ends(2, 'run', '--dri', vault.dir, says='did you mean --dir?')
    ends(2, 'run', '--dir', says='--dir needs')
    ends(2, 'run', says='--dir')
    ends(2, 'run', '--dir', 'a', '--dir', 'b', says='twice')
    ends(2, 'fly', says="'fly'")
    got, out, _ = vault.command('run', '-h')
    assert got == 0 and '--dir' in out


def a_configuration_fault_has_line_and_column():
    for text, at in (('listen: "127.0.0.1:0"\nlissen: x\n', ':2:1: '),
                     ('workers: many\n', ':1:10: '),
                     ('workers: 1\nworkers: 2\n', ':2:1: '),
                     ('workers: [1\n', ':2:1: ')):
        path = vault.write('conf.yaml', text)
        for args in (['check-config', path],
                     run_args(vault, '--config', path)):
            got, _, err = vault.command(*args)
            assert got == 2, (text, got, err)
            assert path + at in err, (text, err)


def a_good_configuration_is_used():
    vault.write('conf.yaml', 'workers: 1\nlisten: "127.0.0.1:0"\n'
                'unlock_file: "%s"\n' % vault.path('key'))
    assert vault.command('check-config', vault.path('conf.yaml'))[0] == 0
    vault.start('--config', vault.path('conf.yaml'), unlock=None)
    status = vault.owner().call('vault.status')
    assert status['state'] == 'unlocked' and status['listen']


def an_address_holds_as_many_places_as_configured():
    vault.stop()
    vault.write('conf.yaml', 'max_per_address: 2\n')
    vault.start('--config', vault.path('conf.yaml'))
    place = vault.owner().call('vault.status')['listen'].split(':')
    held = [socket.create_connection(tuple(place), ws.GUARD)
            for _ in range(3)]
    held[0].settimeout(ws.GUARD)  # the oldest makes room
    try:
        assert held[0].recv(1) == b''
    except ConnectionResetError:
        pass
    for connection in held[1:]:
        connection.setblocking(False)
        try:
            raise AssertionError(connection.recv(1))
        except BlockingIOError:
            pass  # waits for what we say
        connection.close()


def the_words_are_shown_once_and_nowhere_else():
    out = other.init()
    words = out.split('once:')[1].split()[:24]
    assert len(words) == 24
    code, _, err = other.command('run', '--dir', other.dir, '--socket',
                                 other.path('s'), '--listen', 'bad')
    for text in (other.said() if os.path.exists(other.path('log')) else '',
                 err):
        assert ' '.join(words) not in text and PASSPHRASE not in text
    other.start(unlock=None)
    owner = other.owner()
    got = owner.call('vault.unlock', recovery=' '.join(words))
    assert got['state'] == 'unlocked'
    other.stop()
    assert ' '.join(words) not in other.said()


def a_stale_socket_is_replaced():
    vault.kill()
    assert os.path.exists(vault.socket)
    vault.start()
    vault.stop()
    assert not os.path.exists(vault.socket)


ws.run([a_vault_has_one_daemon, a_wrong_passphrase_is_5,
        a_missing_secret_is_said,
        a_secret_that_others_can_read_is_complained_of, a_taken_port_is_said,
        an_address_that_is_none_is_usage, a_socket_path_too_long_is_said,
        a_socket_is_not_taken_from_a_file, no_vault_or_half_of_one_is_said,
        a_whole_vault_that_is_called_new_is_left_alone,
        an_existing_folder_is_left_alone, an_unwritable_folder_is_said,
        init_without_a_terminal_names_the_flag,
        a_try_costs_what_init_was_told, a_mistyped_flag_is_usage,
        a_configuration_fault_has_line_and_column,
        a_good_configuration_is_used,
        an_address_holds_as_many_places_as_configured,
        the_words_are_shown_once_and_nowhere_else,
        a_stale_socket_is_replaced])
