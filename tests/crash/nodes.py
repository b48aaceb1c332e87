"""Sealed records in raw bytes, by the nodes of LMDB that they lie in.

A node is u16 ‖ u16 length, u16 flags, u16 length of the key ‖ key ‖ value; that
gives all of a record's place, so that it can be opened wherever it lies: in a
page that is in force, or in one that is free.  Values of more than half a page
lie elsewhere and are not found so.
"""
import struct

from at_rest import reader

HEAD = 8
# kind: (bytes of the key, bytes in the clear in front of the seal)
SHAPES = {
    reader.ROOT: (5, 8), reader.TAIL: (8, 0), reader.CHUNK: (8, 0),
    reader.HEAD: (8, 0), reader.ROLL: (8, 0), reader.LANE_STATE: (8, 8),
    reader.META: (17, 8), reader.DEDUP: (16, 8), reader.IDEM: (16, 8),
    reader.AUDIT: (24, 32),
}


def place(kind, key, clear, entry):
    """(meta type, subject, epoch, position, version) of a record."""
    version = struct.unpack('<Q', clear)[0] if len(clear) == 8 else 0
    if kind in (reader.TAIL, reader.CHUNK, reader.HEAD, reader.ROLL):
        return 0, entry[2], entry[1], struct.unpack('>Q', key)[0], 0
    if kind == reader.LANE_STATE:
        return 0, entry[2], entry[1], 0, version
    if kind == reader.META:
        return key[0], key[1:], 0, 0, version
    if kind == reader.AUDIT:
        return 0, key[:16], 0, struct.unpack('>Q', key[16:])[0], 0
    return 0, key if len(key) == 16 else bytes(16), 0, 0, version


def open_at(raw, at, kind, entry, vault_id):
    """The text of the record whose seal begins at `at`, if it is of a kind."""
    key_len, clear_len = SHAPES[kind]
    value = at - clear_len
    node = value - key_len - HEAD
    if node < 0:
        return None
    low, high, flags, length = struct.unpack_from('<4H', raw, node)
    size = low | high << 16
    if flags or length != key_len or size < clear_len + 49:
        return None
    key, sealed = raw[value - key_len:value], raw[at:value + size]
    meta, subject, epoch, position, version = place(
        kind, key, raw[value:at], entry)
    aad = b'vd1\x01' + struct.pack('<BBH16s16siIQQ', kind, meta, 0, vault_id,
                                   subject, epoch, len(sealed) - 49, position,
                                   version)
    return reader.unseal(entry[3], sealed[9:33], aad, sealed[33:])


def texts(raw, kid, entry, vault_id):
    """All that opens under one key, as texts."""
    seal = b'\1' + kid
    got, at = [], raw.find(seal)
    while at >= 0:
        for kind in SHAPES:
            text = open_at(raw, at, kind, entry, vault_id)
            if text is not None:
                got.append(text)
        at = raw.find(seal, at + 1)
    return got
