"""What is in the daemon's memory of the vault's keys: nothing while it is
locked, and nothing at any time of what a core would hold, were one left.

usage: memory_keys.py BIN [--seeded]

--seeded: the daemon has a planted fault (key-not-wiped), and the run is good
only if keys are found.
"""
import sys

import ws
from at_rest import Secrets
from vault import Vault, skip

NS = 10**9
T0 = 1764072000
ROWS = 3000
seeded = '--seeded' in sys.argv

vault = Vault(ready=False)
with open(vault.program, 'rb') as file:
    text = file.read()
    if b'__tsan_init' in text or b'__asan_init' in text:
        skip('shadow memory is larger than what can be read')
vault.init()
with open(vault.path('key'), 'rb') as file:
    KEY = file.read()


def start():
    vault.start(env={'VAULT_SEED': 'key-not-wiped'} if seeded else None)
    return vault.owner()


def spans(pid, dumped):
    """(begin, end) of what may be written; dumped: of what a core has."""
    with open('/proc/%d/smaps' % pid) as lines:
        for line in lines:
            word = line.split()
            if '-' in word[0] and not word[0].endswith(':'):
                span = tuple(int(part, 16) for part in word[0].split('-'))
                written = 'w' in word[1]
            elif word[0] == 'VmFlags:' and written and not (
                    dumped and 'dd' in word):
                yield span


def memory(dumped=False):
    pid = vault.process.pid
    try:
        file = open('/proc/%d/mem' % pid, 'rb', 0)
    except PermissionError:
        skip('not allowed to look into a process')
    with file:
        for begin, end in list(spans(pid, dumped)):
            try:
                file.seek(begin)
                yield file.read(end - begin)
            except OSError:
                pass  # a guard page


def found(what, **where):
    """The names of those whose bytes are there."""
    parts = list(memory(**where))
    return {name for name, piece in what.items()
            if any(piece in part for part in parts)}


def fill(owner):
    """Some lanes, each with its key, that are written, packed, and read."""
    for name in ('home/a', 'home/b', 'home/c'):
        owner.create(name, 'home.climate')
        for at in range(0, ROWS, 1000):
            owner.append(name, [[(T0 + at + i) * NS, i / 7.0]
                                for i in range(1000)])
        assert len(owner.query(name).rows) == ROWS


owner = start()
fill(owner)
keys = Secrets(vault.dir, KEY).all()


def what_is_there_is_found_while_it_is_unlocked():
    there = found(keys)
    assert sum('of type 1' in name for name in there) == 3, there


def a_core_of_the_unlocked_daemon_has_no_key():
    assert not found(keys, dumped=True)


def a_locked_daemon_has_no_key():
    assert owner.call('vault.lock')['state'] == 'locked'
    left = found(keys)
    if seeded:
        print('found:', sorted(left))
        sys.exit(0 if left else 1)
    assert not left, sorted(left)


def it_may_leave_no_core():
    with open('/proc/%d/limits' % vault.process.pid) as file:
        limit = [line.split()[4:6] for line in file
                 if line.startswith('Max core file size')]
    assert limit == [['0', '0']], limit


if seeded:
    a_locked_daemon_has_no_key()
ws.run([what_is_there_is_found_while_it_is_unlocked,
        a_core_of_the_unlocked_daemon_has_no_key, a_locked_daemon_has_no_key,
        it_may_leave_no_core])
