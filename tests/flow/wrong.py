"""Wrong passphrases cost a wait that outlasts a restart."""
import hashlib
import os
import struct
import time

import ws
from slots import files, fresh, prove
from vault import PASSPHRASE, Refusal, refused


def stamp(count):
    """TRIES as it is written."""
    head = b'vdtries1' + struct.pack('<Q', count)
    return head + hashlib.blake2b(head, digest_size=32).digest()[:16]


def write_tries(vault, count):
    with open(os.path.join(vault.dir, 'TRIES'), 'wb') as file:
        file.write(stamp(count))


def tries(vault):
    data = files(vault)['TRIES']
    count, = struct.unpack('<Q', data[8:16])
    assert data == stamp(count), data
    return count


def wrong_passphrases_cost_a_wait_that_outlasts_a_restart():
    vault, owner, _ = fresh(unlock=None)
    for tried in range(5):
        no = refused(owner.call, 'vault.unlock', passphrase='wrong')
        assert no.reason == 'reauth'
        assert ('retry_after_ms' in no.data) == (tried == 4), (tried, no)
    no = refused(owner.call, 'vault.unlock', passphrase=PASSPHRASE)
    assert no.reason == 'reauth' and 'wait' in no.message, no
    vault.stop()
    assert tries(vault) == 5
    # It begins anew with the daemon; more of them, so that it is not over.
    write_tries(vault, 12)
    vault.start(unlock=None)
    owner = vault.owner()
    no = refused(owner.call, 'vault.unlock', passphrase=PASSPHRASE)
    assert no.reason == 'reauth' and 'wait' in no.message, no
    assert 64000 < no.data['retry_after_ms'] <= 128001, no
    # A key file at the start is none of that.
    vault.restart(unlock='key')
    owner = vault.owner()
    assert owner.call('vault.status')['state'] == 'unlocked'
    no = refused(prove, owner, 'key.add', type='recovery')
    assert no.reason == 'reauth' and 'wait' in no.message, no
    vault.stop()
    write_tries(vault, 5)
    owner = vault.start().owner()
    wait(lambda: prove(owner, 'key.add', type='recovery'))
    # The right one ends it.
    no = refused(owner.change, 'key.remove', slot=1, passphrase='wrong')
    assert 'retry_after_ms' not in no.data, no
    assert tries(vault) == 1
    prove(owner, 'key.remove', slot=1)
    assert tries(vault) == 0
    vault.stop()


def wait(call):
    """Until nothing more is to be waited for."""
    end = time.monotonic() + ws.GUARD
    while True:
        try:
            return call()
        except Refusal as no:
            again = no.data.get('retry_after_ms')
            assert again and time.monotonic() < end, no
            time.sleep(again / 1000)


def many_at_once_are_tried_one_by_one():
    vault, owner, _ = fresh(unlock=None)
    others = [vault.owner() for _ in range(4)]
    asked = [(o, o.send('vault.unlock', passphrase='wrong %d' % n))
             for o in others for n in range(2)]
    said = []
    for other, number in asked:
        no = refused(other.answer, number)
        said.append('Too many' in no.message)
    assert said.count(False) == 5, said
    vault.stop()


ws.run([wrong_passphrases_cost_a_wait_that_outlasts_a_restart,
        many_at_once_are_tried_one_by_one])
