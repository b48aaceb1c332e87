#!/usr/bin/env python3
"""Open a vault by the text of its format alone, check it, print its records.

    vault.py DIR --passphrase TEXT | --words TEXT | --key-file FILE
             [--rows STREAM | --sources]
    vault.py BACKUP --passphrase TEXT | --words TEXT [likewise]

With --rows the rows of a stream (its name, or its id in hex) are printed in
order, from tails and chunks, and nothing else: a line each, TIME {COLUMN=CELL},
where a cell is 16 hex digits, or "s" and the hex of a text.  With --sources,
SOURCE ROWS NEWEST of each that has rows.

Written from the description of format 1, as the headers of vaultd/keys and
vaultd/store have it; it shares no code with the programs.  Of
libsodium it uses Argon2id and XChaCha20-Poly1305, by ctypes; BLAKE2b is
Python's, LMDB is read by lmdb_file.py.  Exit 0 the vault is whole, 1 it is
not, 77 there is no libsodium.
"""

import argparse
import base64
import contextlib
import ctypes
import ctypes.util
import hashlib
import io
import json
import os
import struct
import sys

import block
import lanes
import lmdb_file
import pieces

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = os.path.join(HERE, "..", "..", "vaultd", "keys", "words.txt")
PASSPHRASE, RECOVERY, CREDENTIAL = 1, 2, 3
LANE, FIRM, VAULT, IDENTITY, INBOX, BACKUP = 1, 2, 3, 4, 5, 6
ROOT, TAIL, CHUNK, HEAD, ROLL, LANE_STATE = 1, 2, 3, 4, 5, 6
META, DEDUP, IDEM, AUDIT = 7, 8, 9, 10
FREE, OPEN, CLOSED = 0, 1, 2
DATABASES = ["audit", "chunk", "dedup", "head", "idem", "inbox", "lane",
             "meta", "node", "roll", "tail0", "tail1", "tail2", "tail3"]
METAS = ["", "stream", "source", "firm", "request", "grant", "policy", "job",
         "tombstone", "setting", "invitation", "receipt", "backup"]


class Wrong(Exception):
    """What is wrong with the vault."""


def need(holds, what):
    if not holds:
        raise Wrong(what)


def load_sodium():
    name = ctypes.util.find_library("sodium") or "libsodium.so.23"
    try:
        sodium = ctypes.CDLL(name)
    except OSError:
        print("SKIP no libsodium")
        sys.exit(77)
    need(sodium.sodium_init() >= 0, "libsodium does not start")
    return sodium


SODIUM = load_sodium()


# ---- the primitives ----

def h(x, key=b""):
    return hashlib.blake2b(x, digest_size=32, key=key).digest()


def kdf(key, context):
    return hashlib.blake2b(b"", digest_size=32, key=key,
                           salt=struct.pack("<QQ", 1, 0),
                           person=context.encode().ljust(16, b"\0")).digest()


def argon2id(passphrase, salt, t, m_kib):
    out = ctypes.create_string_buffer(32)
    code = SODIUM.crypto_pwhash(
        out, ctypes.c_ulonglong(32), passphrase,
        ctypes.c_ulonglong(len(passphrase)), salt, ctypes.c_ulonglong(t),
        ctypes.c_size_t(m_kib * 1024), ctypes.c_int(2))
    need(code == 0, "no memory for Argon2id")
    return out.raw


def unseal(key, nonce, aad, sealed):
    """The plaintext, or None when it does not open."""
    if len(sealed) < 16:
        return None
    out = ctypes.create_string_buffer(max(1, len(sealed) - 16))
    code = SODIUM.crypto_aead_xchacha20poly1305_ietf_decrypt(
        out, None, None, sealed, ctypes.c_ulonglong(len(sealed)), aad,
        ctypes.c_ulonglong(len(aad)), nonce, key)
    return out.raw[:len(sealed) - 16] if code == 0 else None


def words_to_bytes(text):
    with open(WORDS, encoding="ascii") as file:
        listed = file.read().split()
    number = 0
    for word in text.lower().split():
        number = number << 11 | listed.index(word)
    entropy, check = number >> 8, number & 255
    entropy = entropy.to_bytes(32, "big")
    need(hashlib.sha256(entropy).digest()[0] == check, "words' checksum")
    return entropy


# ---- the key files (2.2 to 2.4) ----

def read_current(bytes_):
    need(len(bytes_) == 32 and bytes_[:8] == b"vdCURR01", "CURRENT")
    need(h(bytes_[:16])[:16] == bytes_[16:], "CURRENT's sum")
    return struct.unpack_from("<Q", bytes_, 8)[0]


def kek_of(slot, kind, secret):
    if kind == PASSPHRASE:
        code, t, m, p = struct.unpack_from("<BIII", slot, 3)
        need(code == 1 and p == 1, "kdf")
        need(3 <= t <= 16 and 65536 <= m <= 1 << 20, "kdf's cost")
        return argon2id(secret, slot[16:32], t, m)
    need(slot[3:16] == bytes(13), "kdf of a random secret")
    label = b"vd1 recovery" if kind == RECOVERY else b"vd1 credential"
    return h(label, secret)


def open_slot(header, slot, kek):
    aad = header[:32] + slot[:48]
    if h(b"vd1 slot commit" + aad, kek) != slot[48:80]:
        return None
    return unseal(h(b"vd1 slot wrap", kek), slot[80:104], aad, slot[104:152])


def open_header(header, kind, secret, backup=False):
    """The root key; of a backup, its own key."""
    magic, context = ((b"vaultbk1", "vd1-bkhd") if backup
                      else (b"vaultd1\0", "vd1-head"))
    need(len(header) == 4096 and header[:8] == magic, "header")
    need(struct.unpack_from("<II", header, 8) == (1, 1), "format")
    need((backup or not any(header[80:96])) and
         not any(header[1888:4032]) and not any(header[4064:]),
         "header's zeros")
    for number in range(8):
        slot = header[96 + 224 * number:96 + 224 * (number + 1)]
        if slot[0] != kind:
            need(slot[0] in (0, 1, 2, 3), "a slot's type")
            continue
        need(slot[1] == number and slot[2] == 1, "a slot's number or suite")
        need(not any(slot[32:48]) and not any(slot[152:]), "a slot's zeros")
        kek = kek_of(slot, kind, secret)
        if backup:
            kek = h(b"vd1 slot backup", kek)
        root_key = open_slot(header, slot, kek)
        if root_key is not None:
            mac = h(header[:4032], kdf(root_key, context))
            need(mac == header[4032:4064], "header's MAC")
            return root_key
    raise Wrong("no slot opens")


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def join_stripes(file):
    need(len(file) == 128000, "erase file")
    stripes = [file[i:i + 32] for i in range(0, len(file), 32)]
    d = bytes(32)
    for k in range(1, 4000):
        d = h(b"vd1 af" + struct.pack("<I", k) + xor(d, stripes[k - 1]))
    return xor(d, stripes[3999])


def open_keyring(file, wrap, n):
    need(file[:8] == b"vdkeyr01", "keyring")
    its_n, g, entries, suite = struct.unpack_from("<QQII", file, 8)
    need(its_n == n and suite == 1, "keyring's N or suite")
    need(h(b"vd1 keyring commit" + file[:64], wrap) == file[64:96],
         "keyring's commit")
    plain = unseal(h(b"vd1 keyring", wrap), file[32:56], file[:64], file[96:])
    need(plain is not None and len(plain) == 64 * entries, "keyring's seal")
    return g, read_entries(plain)


def read_entries(plain):
    ring = {}
    for at in range(0, len(plain), 64):
        kid, kind, state, zero, epoch, subject, key = struct.unpack_from(
            "<8sBBHi16s32s", plain, at)
        need(kind in range(1, 7) and state in (1, 2) and zero == 0, "an entry")
        need(kid not in ring, "a kid twice")
        ring[kid] = (kind, epoch, subject, key)
    return ring


# ---- a backup (12) ----

def open_pieces(key, random, file):
    """The text of all pieces; each is of 65,536 bytes, the last of 1 to so
    many."""
    pieces_ = [file[at:at + 65552] for at in range(0, len(file), 65552)]
    need(pieces_ and len(pieces_[-1]) > 16, "a backup's end")
    texts = []
    for number, piece in enumerate(pieces_):
        last = number == len(pieces_) - 1
        text = unseal(key, random + number.to_bytes(7, "big") + bytes([last]),
                      b"", piece)
        need(text is not None, f"piece {number} of the backup")
        texts.append(text)
    return b"".join(texts)


def read_front(text):
    """(manifest as a dict, the ring, (size, head) of the log, data.mdb)."""
    need(text[:8] == b"vdbkman1" and not any(text[68:96]), "manifest")
    (version, page, id_, time, commit, n, g,
     entries) = struct.unpack_from("<II16sqQQQI", text, 8)
    need(version == 1 and entries <= 262144, "manifest's numbers")
    tree = 96 + 64 * entries
    need(len(text) > tree + 40, "a backup's front")
    size, head = struct.unpack_from("<Q32s", text, tree)
    manifest = {"page": page, "id": id_, "time": time, "commit": commit,
                "n": n, "g": g}
    return (manifest, read_entries(text[96:tree]), (size, head),
            text[tree + 40:])


# ---- records (4, 6.4) ----

class Vault:
    """An open vault; each check raises Wrong."""

    def __init__(self, path, kind, secret):
        self.manifest = self.tree = None  # of a backup
        if os.path.isdir(path):
            data = self.from_folder(path, kind, secret)
        else:
            data = self.from_backup(path, kind, secret)
        self.data = lmdb_file.File(data)
        need(self.data.names() == DATABASES, "databases")
        vault = [e for e in self.ring.values() if e[0] == VAULT]
        need(len(vault) == 1, "the vault key")
        self.set_key = kdf(vault[0][3], "vd1-set0")
        self.set_hash = bytes(32)
        self.found = lanes.Lanes()
        self.batches = []  # (arrival, (stream, epoch), plaintext)
        self.sources = {}  # number: (rows, newest) of tails that are gone
        self.streams = {}  # id: name
        self.buried = self.dead_kids()
        for kid in self.buried:
            self.ring.pop(kid, None)

    def from_folder(self, path, kind, secret):
        def read(name):
            with open(os.path.join(path, name), "rb") as file:
                return file.read()

        self.n = read_current(read("CURRENT"))
        header = read(f"header.{self.n}")
        root_key = open_header(header, kind, secret)
        self.id = header[16:32]
        erase = join_stripes(read(f"erase.{self.n}"))
        wrap = h(b"vd1 kw" + erase + struct.pack("<Q", self.n),
                 kdf(root_key, "vd1-kyrg"))
        self.g, self.ring = open_keyring(read(f"keyring.{self.n}"), wrap,
                                         self.n)
        return read("data.mdb")

    def from_backup(self, path, kind, secret):
        with open(path, "rb") as file:
            header, sealed = file.read(4096), file.read()
        key = open_header(header, kind, secret, backup=True)
        self.id = header[16:32]
        self.manifest, self.ring, self.tree, data = read_front(
            open_pieces(key, header[80:96], sealed))
        self.n, self.g = self.manifest["n"], self.manifest["g"]
        return data

    def dead_kids(self):
        """Of tombstones that are not complete: what lies under these keys
        waits to be swept, and nothing of it is in force."""
        dead = set()
        for key, value in self.data.records("meta"):
            if METAS[key[0]] != "tombstone":
                continue
            plain = self.open(value[8:], META, key[1:], key[0],
                              version=struct.unpack_from("<Q", value)[0])[1]
            tomb = json.loads(plain.rstrip(bytes(1)))
            if tomb.get("state") in ("pending", "destroyed"):
                need(tomb["v"] == 1, "a tombstone's version")
                kids = base64.b64decode(tomb["dead"], validate=True)
                dead |= {kids[i:i + 8] for i in range(0, len(kids), 8)}
        return dead

    def open(self, sealed, kind, subject=bytes(16), meta=0, position=0,
             version=0):
        """(key's entry, plaintext with padding)."""
        need(len(sealed) >= 49 and sealed[0] == 1, "a record's suite")
        entry = self.ring.get(sealed[1:9])
        need(entry is not None, "a record's key")
        epoch = 0
        if kind in (TAIL, CHUNK, HEAD, ROLL, LANE_STATE):
            need(entry[0] == LANE, "a lane's key")
            epoch, subject = entry[1], entry[2]
        elif kind in (META, AUDIT):
            need(entry[0] in (FIRM, VAULT), "a record's kind of key")
        else:
            need(entry[0] == VAULT, "the vault's key")
        aad = b"vd1\x01" + struct.pack(
            "<BBH16s16siIQQ", kind, meta, 0, self.id, subject, epoch,
            len(sealed) - 49, position, version)
        plain = unseal(entry[3], sealed[9:33], aad, sealed[33:])
        need(plain is not None, "a record does not open")
        return entry, plain

    def open_versioned(self, kind, key, value, **place):
        version = struct.unpack_from("<Q", value)[0]
        if kind != ROOT:
            self.set_hash = xor(self.set_hash, h(
                bytes([kind, len(key)]) + key + value[:8], self.set_key))
        entry, plain = self.open(value[8:], kind, version=version, **place)
        return version, entry, plain

    def gate(self, value, drained):
        """Who may push while it is locked: in the clear."""
        version, count, last = struct.unpack_from("<B3xIQ", value)
        entries = [value[i:i + 40] for i in range(16, len(value), 40)]
        need(version == 1 and value[1:4] == bytes(3), "the gate's head")
        need(len(entries) == count and len(value) == 16 + 40 * count,
             "the gate's length")
        need(entries == sorted(set(entries)), "the gate's order")
        need(last == drained, "what the gate says was drained")

    def root(self):
        records = dict(self.data.records())
        need(set(records) | {b"!gate"} == {b"!root", b"!gate"},
             "records of the unnamed database")
        version, _, plain = self.open_versioned(ROOT, b"!root",
                                                records[b"!root"])
        need(len(plain) == 256 and plain[:8] == b"\1" + bytes(7), "root")
        (commit, arrival, no, n, g) = struct.unpack_from("<5Q", plain, 8)
        need(commit == version, "root's version")
        need(n <= self.n and g <= self.g, "the keyring is older than root")
        tails = [struct.unpack_from("<QQQI", plain, 48 + 28 * i)
                 for i in range(4)]
        size = struct.unpack_from("<Q", plain, 192)[0]
        need(self.manifest is None or
             (self.manifest["commit"] == commit and
              self.tree == (size, plain[200:232])),
             "the manifest is of another commit")
        highest, drained = struct.unpack_from("<qQ", plain, 232)
        if b"!gate" in records:
            self.gate(records[b"!gate"], drained)
        print(f"root commit {commit} arrival {arrival} no {no} keyring {n} "
              f"{g} audit {size} {plain[200:232].hex()} time {highest}")
        return arrival, no, tails, plain[160:192]

    def segments(self, arrival, slots):
        """(slot, first, end) of those that are not free, oldest first."""
        ring = []
        opened = [i for i, slot in enumerate(slots) if slot[3] == OPEN]
        need(len(opened) == 1, "one open slot")
        segment, end = slots[opened[0]][0] + 1, arrival
        for i in [(opened[0] - back) % 4 for back in range(4)]:
            its, first, its_end, state = slots[i]
            if state == FREE:
                need((its, first, its_end) == (0, 0, 0), "a free slot")
                segment = 0  # so that none may follow
                continue
            segment -= 1
            need(its == segment > 0 and i == (its - 1) % 4, "a slot's segment")
            if state == OPEN:
                need(i == opened[0] and its_end == 0, "an open slot")
            else:
                need(state == CLOSED and its_end == end, "a closed slot")
                need(first < its_end, "a closed slot without a record")
            need(first >= its and (its > 1 or first == 1), "a first arrival")
            ring.insert(0, (i, first, end))
            end = first
        return ring

    def tails(self, arrival, slots):
        ring = self.segments(arrival, slots)
        for i in set(range(4)) - {i for i, _, _ in ring}:
            need(not list(self.data.records(f"tail{i}")), "a free slot's tails")
        for i, first, end in ring:
            expected = first
            for key, value in self.data.records(f"tail{i}"):
                number = struct.unpack(">Q", key)[0]
                need(number == expected, "an arrival is missing")
                expected += 1
                if value[1:9] in self.buried:
                    print(f"tail {number} under a key that is gone")
                    continue
                entry, plain = self.open(value, TAIL, position=number)
                self.batches.append((number, (entry[2], entry[1]), plain))
                print(f"tail {number} stream {entry[2].hex()} epoch {entry[1]} "
                      f"{len(plain)} bytes {hashlib.sha256(plain).hexdigest()}")
            need(expected == end, "the last arrival")

    def numbered(self, name, kind, next_no):
        """(no, (stream, epoch), plaintext) of what is written once."""
        for key, value in self.data.records(name):
            no = struct.unpack(">Q", key)[0]
            need(0 < no < next_no, f"a number of {name}")
            if len(value) <= 2022:
                need(len(value) % 64 == 0 or len(value) == 2022,
                     "a record's padding")
            else:
                need(len(value) % 4096 == 4096 - 16, "a record's padding")
            if value[1:9] in self.buried:
                print(f"{name} {no} under a key that is gone")
                continue
            entry, plain = self.open(value, kind, position=no)
            print(f"{name} {no} stream {entry[2].hex()} epoch {entry[1]} "
                  f"{len(plain)} bytes {hashlib.sha256(plain).hexdigest()}")
            yield no, (entry[2], entry[1]), plain

    def lanes(self, arrival, next_no):
        found = self.found
        for no, place, plain in self.numbered("chunk", CHUNK, next_no):
            found.add_chunk(no, place, plain)
        for no, place, plain in self.numbered("head", HEAD, next_no):
            found.heads[no] = place, pieces.read_head(plain)
        for no, place, plain in self.numbered("roll", ROLL, next_no):
            found.rolls[no] = place, pieces.read_roll(plain)
        for key, value in self.data.records("lane"):
            if key in self.buried:
                self.set_hash = xor(self.set_hash, h(
                    bytes([LANE_STATE, len(key)]) + key + value[:8],
                    self.set_key))
                print(f"lane {key.hex()} under a key that is gone")
                continue
            version, entry, plain = self.open_versioned(LANE_STATE, key, value)
            need(key == value[9:17], "a lane's key is not its kid")
            lane = pieces.read_lane(plain, entry[1])
            place = entry[2], entry[1]
            need(place not in found.lanes, "two records of one lane")
            found.lanes[place] = lane
            print(f"lane {key.hex()} version {version} "
                  f"stream {entry[2].hex()} epoch {entry[1]} "
                  f"{len(plain)} bytes {hashlib.sha256(plain).hexdigest()}")
        found.fit(arrival)

    def dedups(self):
        for key, value in self.data.records("dedup"):
            need(len(key) == 16 and not any(key[:12]), "a source's key")
            version, _, plain = self.open_versioned(DEDUP, key, value,
                                                    subject=key)
            known = pieces.read_dedup(plain)
            self.sources[int.from_bytes(key, "big")] = known[:2]
            print(f"dedup {int.from_bytes(key, 'big')} version {version} "
                  f"{len(plain)} bytes {hashlib.sha256(plain).hexdigest()}")

    def metas(self):
        for key, value in self.data.records("meta"):
            need(len(key) == 17 and key[0] in range(1, len(METAS)), "meta key")
            version, entry, plain = self.open_versioned(
                META, key, value, meta=key[0], subject=key[1:])
            if METAS[key[0]] == "stream":
                self.streams[key[1:]] = json.loads(
                    plain.rstrip(bytes(1)))["name"]
            print(f"meta {METAS[key[0]]} {key[1:].hex()} version {version} "
                  f"key {entry[0]} {plain.rstrip(bytes(1)).decode()}")

    def idems(self):
        for key, value in self.data.records("idem"):
            need(len(key) == 16, "idem key")
            version, _, plain = self.open_versioned(IDEM, key, value,
                                                    subject=key)
            print(f"idem {key.hex()} version {version} "
                  f"{plain.rstrip(bytes(1)).decode()}")

    def audits(self):
        for key, value in self.data.records("audit"):
            tree, index = struct.unpack(">16sQ", key)
            entry, plain = self.open(value[32:], AUDIT, subject=tree,
                                     position=index)
            body = plain.rstrip(bytes(1))
            print(f"audit {tree.hex()} {index} leaf {value[:32].hex()} "
                  f"key {entry[0]} {body.hex()}")
        for key, value in self.data.records("node"):
            tree, level, index = struct.unpack(">16sBQ", key)
            need(len(value) == 32, "a node's length")
            print(f"node {tree.hex()} {level} {index} {value.hex()}")

    def check(self):
        arrival, no, slots, set_hash = self.root()
        need(not list(self.data.records("inbox")), "inbox is not empty")
        self.tails(arrival, slots)
        self.lanes(arrival, no)
        self.dedups()
        self.metas()
        self.idems()
        self.audits()
        need(self.set_hash == set_hash, "set hash")

    def rows(self, stream):
        """(time, cells) in order: of one time as they arrived, which is in
        order of the chunks' numbers, then of arrival."""
        rows = []
        for _, (place, decoded) in sorted(self.found.chunks.items()):
            if place[0] == stream:
                need(decoded is not None, "a chunk that is not read")
                rows += decoded[1]
        for arrival, place, plain in self.batches:
            if place[0] != stream:
                continue
            lane = self.found.lanes.get(place)
            a0, a, t = lane.done if lane else (0, 0, 0)
            if arrival >= a0:
                rows += [row for row in block.decode(plain[24:], block.DISK)[1]
                         if arrival >= a or row[0] > t]
        return sorted(rows, key=lambda row: row[0])

    def find(self, name):
        ids = [i for i, its in self.streams.items() if name in (its, i.hex())]
        need(len(ids) == 1, "no such stream")
        return ids[0]

    def print_rows(self, name):
        for time, cells in self.rows(self.find(name)):
            print(time, *(f"{column}=" + (
                f"s{cell.hex()}" if isinstance(cell, bytes)
                else f"{cell & block.WORD:016x}")
                for column, cell in sorted(cells.items())
                if column != block.ARRIVAL))

    def print_sources(self):
        counts = {number: known for number, known in self.sources.items()
                  if known[0] > 0}
        for _, _, plain in self.batches:
            source = struct.unpack_from("<I", plain)[0]
            times = [t for t, _ in block.decode(plain[24:], block.DISK)[1]]
            rows, newest = counts.get(source, (0, times[-1]))
            counts[source] = rows + len(times), max(newest, times[-1])
        for source, (rows, newest) in sorted(counts.items()):
            print(source, rows, newest)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dir")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--passphrase")
    way.add_argument("--words")
    way.add_argument("--key-file")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--rows")
    what.add_argument("--sources", action="store_true")
    args = parser.parse_args()
    if args.passphrase is not None:
        kind, secret = PASSPHRASE, args.passphrase.encode()
    elif args.words is not None:
        kind, secret = RECOVERY, words_to_bytes(args.words)
    else:
        with open(args.key_file, "rb") as file:
            kind, secret = CREDENTIAL, file.read()
    try:
        vault = Vault(args.dir, kind, secret)
        if args.rows is None and not args.sources:
            vault.check()
            return 0
        with contextlib.redirect_stdout(io.StringIO()):
            vault.check()
        if args.sources:
            vault.print_sources()
        else:
            vault.print_rows(args.rows)
    except (Wrong, lmdb_file.Damaged, lanes.Unfit,
            block.Refused) as wrong:
        print(f"wrong: {wrong}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
