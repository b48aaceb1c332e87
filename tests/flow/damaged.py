"""A data file that is short or full of noise: the daemon says so and ends.

It never dies without a word, and never blames the passphrase.
"""
import os
import random
import re
import shutil
import time

from vault import Refusal, Vault
from ws import Closed, run

PAGE = 4096

vault = Vault()
owner = vault.owner()
owner.create('home/note', 'device.state', value='f64', note='text')
owner.append('home/note',
             [[(int(time.time()) - 60 * i) * 10**9, i / 4, 'note %d' % i]
              for i in range(300, 0, -1)], columns=['value', 'note'])
owner.close()
vault.stop()
FILE = os.path.join(vault.dir, 'data.mdb')
shutil.copytree(vault.dir, vault.path('good'))
with open(FILE, 'rb') as file:
    GOOD = file.read()


def put(data):
    """The vault, with this data file."""
    shutil.rmtree(vault.dir)
    shutil.copytree(vault.path('good'), vault.dir)
    with open(FILE, 'wb') as file:
        file.write(data)
    open(vault.path('log'), 'w').close()


def use():
    """Start it and read everything.  None, or what it said and its code."""
    try:
        vault.start()
    except AssertionError:
        return vault.said(), vault.process.returncode
    try:
        owner = vault.owner()
        owner.query('**', form='json')
        owner.call('audit.verify')
        owner.close()
    except (Refusal, Closed, OSError):
        pass
    if vault.process.poll() is None:
        vault.process.terminate()
    code = vault.process.wait(60)
    return None if code == 0 else (vault.said(), code)


def a_short_file_is_named():
    lengths = [n * PAGE for n in range(len(GOOD) // PAGE)]
    lengths += [1, 100, PAGE - 1, PAGE + 1, len(GOOD) // 2 + 77,
                len(GOOD) - PAGE - 1, len(GOOD) - 1]
    for length in sorted(lengths):
        put(GOOD[:length])
        ended = use()
        if ended is None:
            # What is missing is free pages; nothing else may be.
            assert vault.check(), length
            assert length >= len(GOOD) - 4 * PAGE, length
            continue
        said, code = ended
        assert code == 1, (length, ended)
        assert 'data.mdb' in said and len(said.splitlines()) == 1, (length,
                                                                    ended)
        with open(FILE, 'rb') as file:
            assert file.read() == GOOD[:length], length


def noise_is_called_damage():
    ended = 0
    for page in range(2, len(GOOD) // PAGE):
        for seed in range(3):
            noise = random.Random(1000 * page + seed).randbytes(PAGE)
            at = page * PAGE if seed else page * PAGE - PAGE // 2
            put(GOOD[:at] + noise + GOOD[at + PAGE:])
            found = use()
            if found is None:
                continue
            said, code = found
            ended += 1
            if 'Sanitizer' in said:
                # It tells in its own words where LMDB went, or led.
                assert re.search('#[0-3] .*(liblmdb|store/view.c)', said), said
                continue
            # A read that goes astray within memory ends by the signal.
            assert code in (1, -11), (page, seed, found)
            assert 'vaultd check' in said or 'data.mdb' in said, (
                page, seed, said)
            assert vault.path('key') not in said, (page, seed, said)
    assert ended > 10, ended


run([a_short_file_is_named, noise_is_called_damage])
