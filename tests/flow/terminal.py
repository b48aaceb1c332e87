"""What a device wrote cannot move, hide or turn anything on a terminal; a file
or a pipe gets it byte for byte."""
import csv
import io
import json
import os
import pty
import subprocess
import sys
import time

from vault import Vault
from ws import GUARD, run

NASTY = ('\x1b]0;owned\x07\x1b[31mred\u009b31m \u202egnp.exe\u2066\u200bzw\u00ad'
         '\u2028ls\u2029ps\u3164\u2800\ufeff\U000e0041tag\r\nforged line')
vault = Vault()
owner = vault.owner()
owner.create('s', 'device.state', value='f64', note='text')
owner.append('s', [[time.time_ns(), 1.0, NASTY]], columns=['value', 'note'])


def on_terminal(*args):
    """What a terminal gets of a command, without the vault's own colours."""
    here, there = pty.openpty()
    process = subprocess.Popen(
        [os.path.join(sys.argv[1], 'vaultctl'), '--socket', vault.socket,
         *args], stdin=subprocess.DEVNULL, stdout=there, stderr=there,
        env={**os.environ, 'LANG': 'C.UTF-8', 'TERM': 'dumb'})
    os.close(there)
    out = b''
    try:
        while True:
            out += os.read(here, 65536)
    except OSError:
        pass  # the other end is closed
    os.close(here)
    assert process.wait(GUARD) == 0, out
    return out.decode().replace('\r\n', '\n')


def in_pipe(*args):
    code, out, err = vault.ctl(*args)
    assert code == 0 and err == '', (args, code, err)
    return out


def bad(text):
    return sorted({'U+%04X' % ord(c) for c in text
                   if (c < ' ' and c != '\n') or '\x7f' <= c <= '\x9f' or
                   c in NASTY[2:] and ord(c) in (
                       0xad, 0x200b, 0x202e, 0x2066, 0x2028, 0x2029, 0x3164,
                       0x2800, 0xfeff, 0xe0041)})


def nothing_on_a_terminal_moves_it():
    for args in (['data', 'query', 's'], ['data', 'latest', 's'],
                 ['data', 'query', 's', '--csv'],
                 ['data', 'query', 's', '--json'],
                 ['data', 'query', 's', '--ndjson'],
                 ['data', 'latest', 's', '--json']):
        said = on_terminal(*args)
        assert 'owned' in said and bad(said) == [], (args, bad(said), said)
        assert '\nforged' not in said, (args, said)


def json_on_a_terminal_is_the_same_json():
    for args in (['data', 'query', 's', '--json'],
                 ['data', 'query', 's', '--ndjson']):
        assert json.loads(on_terminal(*args)) == json.loads(in_pipe(*args))


def a_pipe_gets_it_byte_for_byte():
    rows = list(csv.reader(io.StringIO(in_pipe('data', 'query', 's', '--csv'),
                                       newline='')))
    assert rows[0] == ['time', 'value', 'note'] and rows[1][2] == NASTY, rows
    got = json.loads(in_pipe('data', 'query', 's', '--json'))
    assert got['series'][0]['rows'][0][2] == NASTY, got


run([nothing_on_a_terminal_moves_it, json_on_a_terminal_is_the_same_json,
     a_pipe_gets_it_byte_for_byte])
