"""A sensor whose lines end while the vault is away: its last rows are stored
once it is back.

    outage.py BIN [--seconds N]

--seconds: that it is away, 2 unless said.  The longer it is, the longer a
client rests between two tries: up to 5 minutes."""
import os
import subprocess
import sys
import time

import ws
from cutter import wait_for
from vault import Vault

ROWS = 50
RESTS = 400  # seconds: more than a client rests, and its deadline
SECONDS = (int(sys.argv[sys.argv.index('--seconds') + 1])
           if '--seconds' in sys.argv else 2)
FIRST = int(time.time()) - 1000
vault = Vault()


def stored(owner):
    return owner.call('stream.show', name='home/meter')['stream']['samples']


def the_last_rows_wait_for_the_vault():
    owner = vault.owner()
    owner.create('home/meter')
    push = subprocess.Popen(
        [os.path.join(sys.argv[1], 'examples', 'sensor_push'), vault.socket,
         'home/meter', 'value'], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def line(i):
        push.stdin.write(b'%d %d\n' % (FIRST + i, i))
        push.stdin.flush()

    line(0)
    wait_for(lambda: stored(owner) == 1, 'the first row is not stored')
    owner.close()
    vault.kill()
    for i in range(1, ROWS):
        line(i)
    push.stdin.close()
    push.stdin = None
    time.sleep(SECONDS)
    assert push.poll() is None, push.stderr.read()
    vault.start()
    said, wrong = push.communicate(timeout=RESTS)
    assert (push.returncode, said, wrong) == (0, b'%d rows\n' % ROWS, b'')
    owner = vault.owner()
    assert stored(owner) == ROWS, stored(owner)
    owner.close()


def the_vault_ends_well():
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([the_last_rows_wait_for_the_vault, the_vault_ends_well])
