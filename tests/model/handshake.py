#!/usr/bin/env python3
"""The handshake, once more and from its description alone.

Reads tests/vectors/handshake/*.hex, computes every message from the inputs
that stand there, and compares.  It shares no code with the vault: Ed25519 is
libsodium through ctypes, hashes are hashlib's.

    handshake.py FOLDER            compare
    handshake.py FOLDER --print    print what the files should hold

A file has one field a line, `name value`, where bytes are hex, numbers are
decimal and texts stand as they are; # begins a comment.
"""

import ctypes
import ctypes.util
import hashlib
import hmac
import pathlib
import struct
import sys

COMPUTED = ("vault_pk", "vault_id", "client_pk", "client_id", "m1", "m2",
            "m3", "m4", "th0", "th1", "th2", "th3")


def sodium():
    for name in ("libsodium.so.23", ctypes.util.find_library("sodium")):
        try:
            library = ctypes.CDLL(name)
        except (OSError, TypeError):
            continue
        if library.sodium_init() >= 0:
            return library
    print("SKIP libsodium is not to be had")
    sys.exit(77)


def key_pair(library, seed):
    pk = ctypes.create_string_buffer(32)
    sk = ctypes.create_string_buffer(64)
    library.crypto_sign_seed_keypair(pk, sk, seed)
    return pk.raw, sk.raw


def sign(library, sk, message):
    out = ctypes.create_string_buffer(64)
    library.crypto_sign_detached(out, None, message,
                                 ctypes.c_ulonglong(len(message)), sk)
    return out.raw


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def framed(message):
    return struct.pack(">I", len(message)) + message


def read(path):
    fields = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.split("#", 1)[0].strip()
        if line:
            name, _, value = line.partition(" ")
            fields[name] = value.strip()
    return fields


def enrolment(fields, th2, pk):
    """Data of M3 by the way of section 3.4 and 3.5."""
    kind = fields["enrol_with"]
    if kind == "none":
        return b""
    if kind == "open":
        name = fields["open_name"].encode()
        contact = fields.get("open_contact", "").encode()
        return bytes([len(name)]) + name + bytes([len(contact)]) + contact
    token = bytes.fromhex(fields["token"])
    if kind == "invite":
        label = b"vd1 invite use"
        ident = sha(b"vd1 invite id", token)[:8]
    else:
        label = b"vd1 source use"
        ident = bytes.fromhex(fields["token_id"])
    return ident + hmac.new(token, label + b"\0" + th2 + pk,
                            hashlib.sha256).digest()


def compute(library, fields):
    get = lambda name: bytes.fromhex(fields[name])
    num = lambda name: int(fields[name])
    vault_pk, vault_sk = key_pair(library, get("vault_seed"))
    client_pk, client_sk = key_pair(library, get("client_seed"))
    role, status = num("role"), num("status")
    label = {1: b"vd1 firm id", 2: b"vd1 source id", 3: b"vd1 owner id"}[role]
    vault_id = sha(b"vd1 vault id", vault_pk)
    client_id = sha(label, client_pk)

    th0 = sha(b"vd1 handshake v1\0", bytes([1, num("dialled")]), get("ekm"))
    m1 = b"\x01\x01\x01" + vault_id + get("nc")
    th1 = sha(th0, framed(m1))
    m2 = b"\x02\x01" + vault_pk + get("nv") + struct.pack(
        ">III", num("text"), num("binary"), num("calls"))
    m2 += sign(library, vault_sk,
               b" " * 64 + b"vd1 server auth\0" + sha(th1, framed(m2)))
    th2 = sha(th1, framed(m2))
    data = enrolment(fields, th2, client_pk)
    way = {"none": 0, "invite": 1, "source": 1, "open": 2}
    m3 = (bytes([3, role]) + client_pk + bytes([way[fields["enrol_with"]]]) +
          struct.pack(">H", len(data)) + data + b"\0\0")
    m3 += sign(library, client_sk,
               b" " * 64 + b"vd1 client auth\0" + sha(th2, framed(m3)))
    th3 = sha(th2, framed(m3))

    if status == 1:
        m4 = b"\x04\x01" + bytes(136)
    else:
        m4 = bytes([4, status]) + th3[:16] + struct.pack(">q", num("now"))
        if role == 2:
            m4 += bytes(48 + 64)
        else:
            m4 += (struct.pack(">Q", num("head_size")) + get("head_root") +
                   struct.pack(">q", num("head_time")))
            m4 += sign(library, vault_sk, b"vd1 head\0" + vault_id +
                       client_id + m4[26:74])
    assert len(m2) == 142 and len(m4) == 138
    values = (vault_pk, vault_id, client_pk, client_id, m1, m2, m3, m4, th0,
              th1, th2, th3)
    return dict(zip(COMPUTED, (value.hex() for value in values)))


def main():
    folder = pathlib.Path(sys.argv[1])
    library = sodium()
    files = sorted(folder.glob("*.hex"))
    wrong = 0
    for path in files:
        fields = read(path)
        for name, value in compute(library, fields).items():
            if "--print" in sys.argv:
                print(f"{path.name}: {name} {value}")
            elif fields.get(name) != value:
                print(f"{path.name}: {name} differs, should be {value}")
                wrong += 1
    print(f"{len(files)} handshakes, {wrong} fields differ")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
