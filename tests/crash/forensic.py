"""What was erased is gone from the disk itself.

usage: forensic.py BIN [--seeded NAME]

A vault on a file system of its own, in a loop image where one can be mounted
(ext4), else in a folder whose files are looked at.  Two streams are filled and
one is erased.  Before, everything is looked for in the raw bytes and has to be
found: the stripes of the erase secret, a keyring that opens, records that open
under the stream's keys.  Afterwards nothing of it may be, with all that
passphrase and key file still give: nor may a record that opens hold a key.
--seeded: the daemon has a planted fault (VAULT_SEED), and the run is good only
if something is found.
"""
import argparse
import base64
import contextlib
import glob
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '../flow/lib')]
sys.dont_write_bytecode = True
import nodes  # noqa: E402
import vault as flow  # noqa: E402
from at_rest import Secrets, reader  # noqa: E402

MIB = 192
T0 = 1764072000
NS = 10**9
ROWS = 100000  # two chunks and more
PARTS = 8  # at most of so many rows, until some are packed; all of one lane
STRIPE = 32
BLOCK = 4096
NOTHING = (0, 0, 0, 0, 0)


def without_holes(file):
    blocks = iter(lambda: file.read(BLOCK), b'')
    return b''.join(block for block in blocks if any(block))


class Place:
    """Where the vault lies, and the bytes that a thief would have."""

    def __init__(self, folder):
        self.image = os.path.join(folder, 'image')
        self.mount = os.path.join(folder, 'mount')
        os.mkdir(self.mount)
        with open(self.image, 'wb') as file:
            file.truncate(MIB << 20)
        self.raw = subprocess.run(['mkfs.ext4', '-q', self.image],
                                  capture_output=True).returncode == 0
        self.raw = self.raw and self.attach()
        if not self.raw:
            print('SKIP the raw image: no loop device; its files are looked at')

    def attach(self):
        return subprocess.run(['mount', '-o', 'loop', self.image, self.mount],
                              capture_output=True).returncode == 0

    def detach(self):
        if self.raw:
            subprocess.run(['umount', self.mount], check=True)

    def bytes(self):
        """All of it, unmounted."""
        if self.raw:
            with open(self.image, 'rb') as file:
                return without_holes(file)
        parts = []
        for name in glob.glob(self.mount + '/v/**', recursive=True):
            if os.path.isfile(name):
                with open(name, 'rb') as file:
                    data = file.read()
                # As on a disk, each file begins at a block.
                parts.append(data + bytes(-len(data) % BLOCK))
        return b''.join(parts)


class Evidence:
    """What must be there before, and not after."""

    def __init__(self, opened, folder, stream):
        with open('%s/erase.%d' % (folder, opened.n), 'rb') as file:
            stripes = file.read()
        self.stripes = [stripes[i:i + STRIPE]
                        for i in range(0, len(stripes), STRIPE)]
        self.keys = {kid: entry for kid, entry in opened.ring.items()
                     if entry[0] == reader.LANE and entry[2] == stream}
        self.n = opened.n
        assert self.keys


def places(raw, what):
    at = raw.find(what)
    while at >= 0:
        yield at
        at = raw.find(what, at + 1)


def keyrings(raw, wrap):
    """Every entry of every keyring that opens, wherever it lies."""
    found = {}
    for at in places(raw, b'vdkeyr01'):
        n, _, entries = struct.unpack_from('<QQI', raw, at + 8)
        if entries > 262144:
            continue
        file = raw[at:at + 96 + 64 * entries + 16]
        try:
            found.update(reader.open_keyring(file, wrap(n), n)[1])
        except reader.Wrong:
            pass
    return found


def in_records(raw, left, evidence, vault_id):
    """Keys that lie in records which what is left opens, wherever records lie:
    also in pages that are free."""
    texts = [nodes.texts(raw, kid, entry, vault_id)
             for kid, entry in left.ring.items()]
    forms = [{key[3], key[3].hex().encode(), base64.b64encode(key[3])}
             for key in evidence.keys.values()]
    return sum(any(form in text for some in texts for text in some
                   for form in key) for key in forms)


def look(raw, left, evidence, vault_id):
    """(stripes, plain keys, keys out of keyrings, records that open, keys in
    records)."""
    # Files begin at blocks, so stripes do at multiples of their length.
    there = {raw[at:at + STRIPE] for at in range(0, len(raw), STRIPE)}
    stripes = sum(stripe in there for stripe in evidence.stripes)
    plain = sum(entry[3] in raw for entry in evidence.keys.values())
    ring = {kid: entry for kid, entry in keyrings(raw, left.wrap).items()
            if kid in evidence.keys}
    opened = any(opens(raw[at:at + 20000], entry, vault_id)
                 for kid, entry in ring.items()
                 for at in places(raw, b'\1' + kid))
    return (stripes, plain, len(ring), int(opened),
            in_records(raw, left, evidence, vault_id))


def opens(sealed, entry, vault_id):
    """Does a chunk begin here, of any length in whole pages and any number that
    a vault of this size gives?"""
    for size in (4080, 8176, 12272, 16368):
        for position in range(1, 400):
            aad = b'vd1\x01' + struct.pack(
                '<BBH16s16siIQQ', reader.CHUNK, 0, 0, vault_id, entry[2],
                entry[1], size - 49, position, 0)
            if reader.unseal(entry[3], sealed[9:33], aad,
                             sealed[33:size]) is not None:
                return True
    return False


def fill(owner, name, part=0):
    if part == 0:
        owner.create(name, 'home.climate')
    for at in range(part * ROWS, (part + 1) * ROWS, 2000):
        owner.append(name, [[(T0 + at + i) * NS, (at + i) * 7919 % 10007 / 7.0]
                            for i in range(2000)])


def stream_id(owner, name):
    return bytes.fromhex(owner.call('stream.show', name=name)['stream']['id'])


def wait_complete(owner, erase):
    for _ in range(1200):
        for item in owner.call('stream.erasures')['erasures']:
            if item['erase'] == erase and item['state'] == 'complete':
                return
        time.sleep(0.1)
    raise AssertionError('the erase is not complete')


class Run:
    def __init__(self, folder, seed):
        self.place = Place(folder)
        self.env = {'VAULT_SEED': seed} if seed else None
        self.vault = flow.Vault(ready=False)
        self.vault.dir = self.folder = os.path.join(self.place.mount, 'v')
        self.vault.init()
        with open(self.vault.path('key'), 'rb') as file:
            self.secret = file.read()

    def start(self):
        if not os.path.exists(self.folder):
            assert self.place.attach()
        self.vault.start(env=self.env)
        return self.vault.owner()

    def stop(self, owner):
        """Locked and unmounted: all bytes, and what is left to open them."""
        owner.close()
        self.vault.stop()
        left = Secrets(self.folder, self.secret)
        self.place.detach()
        return self.place.bytes(), left

    def open(self):
        with open(os.devnull, 'w') as nowhere, \
                contextlib.redirect_stdout(nowhere):
            return reader.Vault(self.folder, reader.CREDENTIAL, self.secret)


def prefixes(opened, evidence):
    """Records of the database under a key that is gone."""
    with open(os.path.join(opened, 'data.mdb'), 'rb') as file:
        data = file.read()
    return sum(data.count(b'\1' + kid) for kid in evidence.keys)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('bin')
    parser.add_argument('--seeded', metavar='NAME')
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix='vault-forensic-')
    run = Run(folder, args.seeded)
    try:
        if args.seeded == 'erase-unlink-only' and not run.place.raw:
            print('SKIP: what is unlinked is seen on a raw image alone')
            return 77
        return judge(run, args.seeded)
    finally:
        run.vault.remove()
        subprocess.run(['umount', run.place.mount], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def look_before(run, evidence, vault_id):
    """Chunks are made beside the turns: on a busy machine none may be there yet
    when the last row is."""
    for part in range(1, PARTS):
        owner = run.start()
        found = look(*run.stop(owner), evidence, vault_id)
        if found[3] == 1:
            break
        owner = run.start()
        fill(owner, 'erased', part)
        owner.close()
        run.vault.stop()
        run.place.detach()
    return found


def judge(run, seeded):
    owner = run.start()
    fill(owner, 'kept')
    fill(owner, 'erased')
    stream = stream_id(owner, 'erased')
    owner.close()
    run.vault.stop()
    opened = run.open()
    evidence = Evidence(opened, run.folder, stream)
    before = look_before(run, evidence, opened.id)
    print('before: %d stripes, %d keys in the clear, %d in keyrings, records '
          'open: %d, %d keys in records' % before)
    assert before[0] == 4000 and before[1] == 0, before
    assert before[2] == len(evidence.keys) and before[3] == 1, before
    wrapped = seeded == 'wrapped-key-in-lmdb'
    assert before[4] == (len(evidence.keys) if wrapped else 0), before

    owner = run.start()
    done = owner.change('stream.erase', name='erased')
    assert done['state'] == 'keys_destroyed', done
    assert done['in_place'] is True, done
    after = look(*run.stop(owner), evidence, opened.id)
    print('keys destroyed: %d stripes, %d keys in the clear, %d in keyrings, '
          'records open: %d, %d keys in records' % after)
    if not seeded:
        # What is left is explained by its tombstone, also to a stranger.
        assert run.place.attach() if run.place.raw else True
        left = run.open()
        with open(os.devnull, 'w') as nowhere, \
                contextlib.redirect_stdout(nowhere):
            left.check()
        assert left.buried == set(evidence.keys)
        run.place.detach()
    if seeded:
        print('found' if any(after) else 'not found')
        return 0 if any(after) else 1
    assert after == NOTHING, after

    owner = run.start()
    wait_complete(owner, done['erase'])
    assert len(owner.query('kept').rows) == ROWS
    assert look(*run.stop(owner), evidence, opened.id) == NOTHING
    owner = run.start()
    left = prefixes(run.folder, evidence)
    print('complete: %d sealed records of it in the database' % left)
    owner.close()
    run.vault.stop()
    run.vault.check()
    assert left == 0
    return 0


if __name__ == '__main__':
    sys.exit(main())
