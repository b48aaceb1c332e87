"""sdk/cli/EXIT.md against the programs: one code for one kind of end."""
import os
import re
import signal
import socket
import subprocess
import sys
import time

import ws
from vault import GUARD, Vault, stamp

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, '../..')
seen = set()
vault = Vault()
owner = vault.owner()


def path(name):
    return vault.path(name)


def write(name, text):
    return vault.write(name, text)


def run(program, *args):
    """(exit code, stderr) of a command, told the owner's socket."""
    done = subprocess.run(
        [os.path.join(sys.argv[1], program), *args], capture_output=True,
        timeout=GUARD, stdin=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, 'VAULTCTL_SOCKET': vault.socket,
             'VAULTFIRM_IDENTITY': path('firm')})
    return done.returncode, (done.stdout + done.stderr).decode()


def ends(code, *command):
    seen.add(code)
    got, said = run(*command)
    assert got == code, (command, got, said)
    return said


def table():
    with open(os.path.join(SOURCE, 'sdk/cli/EXIT.md')) as file:
        return {int(row) for row in re.findall(r'^\| (\d+) \|', file.read(),
                                               re.M)}


def declared(header, prefix):
    with open(os.path.join(SOURCE, header)) as file:
        return {int(value) for value in
                re.findall(r'\b%s_\w+ = (\d+),' % prefix, file.read())
                if int(value) < 256}


def the_table_names_what_the_programs_declare():
    assert declared('sdk/cli/run.h', 'RUN') == table()
    assert declared('vaultd/main/main_internal.h', 'EXIT') <= table()


def a_missing_file_is_1():
    for command in (
            ('vaultctl', 'import', 'none'),
            ('vaultctl', 'import', path('pass'), '--map', 'none'),
            ('vaultctl', 'data', 'put', 'home/t', 'none'),
            ('vaultctl', 'policy', 'check', 'none'),
            ('vaultctl', 'policy', 'apply', 'none'),
            ('vaultctl', 'audit', 'verify', '--with', 'none'),
            ('vaultctl', 'unlock', '--passphrase-file', 'none'),
            ('vaultctl', 'unlock', '--key-file', 'none'),
            ('vaultfirm', 'request', 'none', '--lint'),
            ('vaultfirm', 'receipt', 'verify', 'none'),
            ('vaultd', 'check-config', 'none'),
            ('vaultd', 'run', '--dir', path('none'), '--config', 'none'),
            ('vaultd', 'run', '--dir', path('none'), '--unlock-file', 'none'),
            ('vaultd', 'init', '--dir', path('new'), '--passphrase-file',
             'none')):
        said = ends(1, *command)
        assert 'none' in said or 'secret' in said, (command, said)
        assert said.count('\n') == 1, said


def a_secret_that_is_none_is_1():
    empty = write('empty', '\n')
    for command in (
            ('vaultctl', 'unlock', '--passphrase-file', empty),
            ('vaultctl', 'unlock', '--key-file', empty),
            ('vaultd', 'run', '--dir', path('none'), '--unlock-file', empty)):
        ends(1, *command)


def a_taken_port_or_socket_is_1():
    other = Vault(ready=False)
    other.init()
    taken = socket.create_server(('127.0.0.1', 0))
    place = '127.0.0.1:%d' % taken.getsockname()[1]
    for more in (('--listen', place), ('--http', place)):
        ends(1, 'vaultd', 'run', '--dir', other.dir, '--socket', other.socket,
             *more)
    ends(1, 'vaultd', 'run', '--dir', other.dir, '--socket', vault.socket)
    taken.close()
    assert owner.call('vault.status')['state'] == 'unlocked'


def a_file_with_faults_is_2():
    bad = write('bad.yaml', 'lissen: 1\n')
    csv = write('rows.csv', 't,x\n1,2\n')
    for command in (('vaultctl', 'policy', 'check', bad),
                    ('vaultctl', 'policy', 'apply', bad),
                    ('vaultctl', 'import', csv, '--map', bad),
                    ('vaultfirm', 'request', bad, '--lint'),
                    ('vaultd', 'check-config', bad),
                    ('vaultd', 'run', '--dir', vault.dir, '--config', bad)):
        ends(2, *command)


def what_is_mistyped_is_2():
    for program in ('vaultctl', 'vaultfirm', 'vaultd'):
        for args in ((), ('fly',), ('--fly',)):
            ends(2, program, *args)
    ends(2, 'vaultctl', 'status', '--fly')
    ends(2, 'vaultfirm', 'grants', '--fly')
    ends(2, 'vaultd', 'run', '--fly')


def nobody_to_ask_is_2():
    for command in (('vaultctl', 'confirm', 'clock'),
                    ('vaultctl', 'unlock'),
                    ('vaultd', 'init', '--dir', path('new'))):
        ends(2, *command)


def what_is_not_there_is_3():
    ends(3, 'vaultctl', 'stream', 'show', 'home/none')
    ends(3, 'vaultctl', 'request', 'show', '01M80XE2R06J9ATSEGBABKZVWC')
    ends(0, 'vaultfirm', 'init', 'fernhill')
    ends(3, 'vaultfirm', 'grants')
    ends(3, 'vaultfirm', 'grants', '--vault', 'nobody')


def what_is_there_already_is_6():
    ends(0, 'vaultctl', 'stream', 'create', 'home/t')
    ends(6, 'vaultctl', 'stream', 'create', 'home/t')
    ends(6, 'vaultfirm', 'init', 'fernhill')
    ends(6, 'vaultd', 'init', '--dir', vault.dir, '--passphrase-file',
         path('pass'))
    ends(6, 'vaultd', 'init', '--dir', path('new'), '--passphrase-file',
         path('pass'), '--key-file', path('key'))
    ends(6, 'vaultd', 'run', '--dir', vault.dir, '--socket', path('s2'))
    ends(6, 'vaultd', 'check', '--dir', vault.dir, '--unlock-file',
         path('key'))


def a_firm_without_a_grant_is_4():
    url = owner.change('firm.invite', name='fernhill')['url']
    ends(0, 'vaultfirm', 'enrol', url)
    owner.change('firm.confirm', firm='fernhill')
    ends(4, 'vaultfirm', 'query', 'home/t', '--grant',
         '01M80XE2R06J9ATSEGBABKZVWC')
    ends(4, 'vaultfirm', 'enrol', url)


def rows_that_are_not_taken_are_1():
    lines = write('rows.ndjson', '{"stream":"home/t","time":"%s","value":1}\n'
                  '{"stream":"home/t","time":"never","value":1}\n'
                  % stamp(int(time.time())))
    ends(1, 'vaultctl', 'import', lines)
    ends(1, 'vaultctl', 'data', 'put', 'home/t', lines)


def a_stop_by_hand_is_130():
    seen.add(130)
    process = subprocess.Popen(
        [os.path.join(sys.argv[1], 'vaultctl'), '--socket', vault.socket,
         'data', 'watch', 'home/t'], stdout=subprocess.PIPE)
    while True:
        owner.append('home/t', [[stamp(int(time.time())), time.time()]])
        os.set_blocking(process.stdout.fileno(), False)
        if process.stdout.read():
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(GUARD) == 130
    process.stdout.close()


def a_wrong_secret_is_5_and_so_is_a_locked_vault():
    wrong = write('wrong', 'not this one\n')
    bad_key = write('bad.key', 'x' * 32)
    ends(0, 'vaultctl', 'lock')
    for command in (('stream', 'list'), ('data', 'query', '**'),
                    ('unlock', '--passphrase-file', wrong),
                    ('unlock', '--key-file', bad_key)):
        ends(5, 'vaultctl', *command)
    vault.stop()
    ends(5, 'vaultd', 'check', '--dir', vault.dir, '--unlock-file', wrong)
    ends(5, 'vaultd', 'run', '--dir', vault.dir, '--socket', vault.socket,
         '--unlock-file', wrong)


def nothing_that_answers_is_7():
    ends(7, 'vaultctl', 'status')
    ends(7, 'vaultfirm', 'grants')


def what_cannot_be_looked_at_is_75():
    said = ends(75, 'vaultd', 'verify', path('pass'), '--scratch',
                path('pass'), '--passphrase-file', path('pass'))
    assert 'scratch' in said, said


def every_code_has_been_seen():
    """8 is in firm_cli.py, where there is a receipt."""
    assert table() - {8} <= seen, table() - seen


ws.run([the_table_names_what_the_programs_declare, a_missing_file_is_1,
        a_secret_that_is_none_is_1, a_taken_port_or_socket_is_1,
        a_file_with_faults_is_2, what_is_mistyped_is_2, nobody_to_ask_is_2,
        what_is_not_there_is_3, what_is_there_already_is_6,
        a_firm_without_a_grant_is_4, rows_that_are_not_taken_are_1,
        a_stop_by_hand_is_130, a_wrong_secret_is_5_and_so_is_a_locked_vault,
        nothing_that_answers_is_7, what_cannot_be_looked_at_is_75,
        every_code_has_been_seen])
