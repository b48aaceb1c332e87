#!/usr/bin/env python3
"""What a device signs and seals, once more and from the description alone.

Reads tests/vectors/envelope/*.hex, computes header and envelope from the inputs
that stand there, and compares.  It shares no code with the vault: HMAC and
SHA-256 are Python's own, XChaCha20-Poly1305 is libsodium through ctypes.

    envelope.py FOLDER            compare
    envelope.py FOLDER --print    print what the files should hold

A file has one field a line, `name value`, where bytes are hex, the counter is
decimal, and method, target and header stand as they are; # begins a comment.
"""

import base64
import ctypes
import hashlib
import hmac
import pathlib
import struct
import sys

from handshake import read, sodium

COMPUTED = ("k_mac", "mac", "header", "k_enc", "aad", "envelope")


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def header(secret, head, method, target, body):
    """The value of VD1-Device; head is (device, boot, counter)."""
    device, boot, counter = head
    proof = mac(mac(secret, b"vd1 mac"), b"vd1 ingest\0", method, b"\0",
                target, b"\0", boot, struct.pack(">Q", counter),
                hashlib.sha256(body).digest())
    text = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
    return "%s.%s.%d.%s" % (device.hex(), boot.hex(), counter, text)


def bound(head, target):
    """(the head's first 32 bytes, what the text is bound to)"""
    device, boot, counter = head
    first = b"VDE\x01\x01\0\0\0" + device + boot + struct.pack(">Q", counter)
    return first, first + struct.pack(">H", len(target)) + target


def envelope(library, secret, head, nonce, target, body):
    first, aad = bound(head, target)
    out = ctypes.create_string_buffer(len(body) + 16)
    library.crypto_aead_xchacha20poly1305_ietf_encrypt(
        out, None, body, ctypes.c_ulonglong(len(body)), aad,
        ctypes.c_ulonglong(len(aad)), None, nonce, mac(secret, b"vd1 enc"))
    return first + nonce + out.raw


def compute(library, fields):
    get = lambda name: bytes.fromhex(fields[name])
    secret, body = get("secret"), get("body")
    head = get("device"), get("boot"), int(fields["counter"])
    method, target = fields["method"].encode(), fields["target"].encode()
    said = header(secret, head, method, target, body)
    proof = base64.urlsafe_b64decode(said.rpartition(".")[2] + "=")
    sealed = envelope(library, secret, head, get("nonce"), target, body)
    values = (mac(secret, b"vd1 mac").hex(), proof.hex(), said,
              mac(secret, b"vd1 enc").hex(), bound(head, target)[1].hex(),
              sealed.hex())
    return dict(zip(COMPUTED, values))


def main():
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.hex"))
    library = sodium()
    wrong = 0
    for path in files:
        fields = read(path)
        for name, value in compute(library, fields).items():
            if sys.argv[2:] == ["--print"]:
                print(path.name, name, value)
            elif fields.get(name) != value:
                print("%s: %s should be %s" % (path.name, name, value))
                wrong += 1
    print("%d files, %d wrong" % (len(files), wrong))
    sys.exit(1 if wrong or not files else 0)


if __name__ == "__main__":
    main()
