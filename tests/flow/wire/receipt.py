"""A receipt verified offline, written from sdk/wire/WIRE.md, sections 8 and 9,
steps 1 to 7 of 8.4."""
import base64
import ctypes
import ctypes.util
import hashlib
import hmac
import json
import struct


def sha(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def unbase64url(text):
    got = base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))
    assert base64.urlsafe_b64encode(got).rstrip(b'=') == text.encode()
    return got


def holds(pk, message, signature):
    sodium = ctypes.CDLL(ctypes.util.find_library('sodium')
                         or 'libsodium.so.23')
    return len(signature) == 64 and sodium.crypto_sign_verify_detached(
        signature, message, ctypes.c_ulonglong(len(message)), pk) == 0


def opened(text, typ, pk):
    """The payload of a JWS (section 8.1)."""
    header, payload, signature = text.split('.')
    said = json.loads(unbase64url(header))
    x = base64.urlsafe_b64encode(pk).rstrip(b'=')
    kid = sha(b'{"crv":"Ed25519","kty":"OKP","x":"' + x + b'"}')
    assert sorted(said) == ['alg', 'kid', 'typ'] and said['typ'] == typ
    assert said['alg'] in ('Ed25519', 'EdDSA')
    assert unbase64url(said['kid']) == kid, 'another key'
    assert holds(pk, (header + '.' + payload).encode(),
                 unbase64url(signature)), 'signature'
    return unbase64url(payload)


def checkpoint(text, pk):
    """(origin, size, root) (section 9.2)"""
    origin, size, root, empty, line, end = text.split('\n')
    dash, name, blob = line.split(' ')
    blob = base64.b64decode(blob)
    assert (empty, end, dash, name) == ('', '', '\u2014', origin)
    assert blob[:4] == sha(origin.encode(), b'\n\x01', pk)[:4]
    said = ('%s\n%s\n%s\n' % (origin, size, root)).encode()
    assert holds(pk, said, blob[4:]), 'signature of a checkpoint'
    return origin, int(size), base64.b64decode(root)


def fold(leaf, index, size, path):
    """Root that the path leads to, and that of the first index entries."""
    fn, sn, root, before = index, size - 1, leaf, None
    assert index < size
    for p in path:
        assert sn > 0, 'a path too long'
        if fn & 1 or fn == sn:
            root = sha(b'\1', p, root)
            before = sha(b'\1', p, before) if before else p
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = sha(b'\1', root, p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0, 'a path too short'
    return root, before or sha()


def proved(text, pk):
    """(index, detail, origin, root before it) of a tlog-proof."""
    head, _, top = text.partition('\n\n')
    magic, extra, index, *path = head.split('\n')
    assert magic == 'c2sp.org/tlog-proof@v1'
    extra, index = extra.split(' '), index.split(' ')
    assert extra[0] == 'extra' and index[0] == 'index'
    extra, index = base64.b64decode(extra[1]), int(index[1])
    entry, salt, detail = extra[:80], extra[80:112], extra[112:]
    assert struct.unpack('>Q', entry[8:16]) == (index,)
    assert entry[48:] == hmac.digest(salt, b'vd1 audit detail\0' + detail,
                                     'sha256')
    origin, size, root = checkpoint(top, pk)
    got, before = fold(sha(b'\0', entry), index, size,
                       [base64.b64decode(p) for p in path])
    assert got == root, 'inclusion'
    return index, json.loads(detail), origin, before


def verify(answer, pk, now):
    """The claims of the newest receipt, and whether it is in force."""
    before, claims = None, None
    base32 = base64.b32encode(sha(b'vd1 receipt id', pk)).decode()
    for seq, item in enumerate(answer['receipts'], 1):
        payload = opened(item['receipt'], 'vault-receipt+jwt', pk)
        claims = json.loads(payload)
        assert claims['seq'] == seq and claims['prev'] == before
        assert claims['iss'] == 'vr1:' + base32.rstrip('=').lower()
        before = sha(payload).hex()
        index, detail, origin, root = proved(item['proof'], pk)
        log = claims['log']
        assert detail['receipt'] == before and index == log['size']
        assert origin == log['origin']
        assert root == base64.b64decode(log['root'])
    status = json.loads(opened(answer['status'], 'vault-status+jwt', pk))
    assert status['grant'] == answer['grant'] == claims['grant']
    alive = ('given', 'renewed', 'resumed', 'narrowed', 'admitted')
    fresh = now < claims['fresh_until'] or (
        status['state'] == 'active' and now < status['fresh_until'])
    return claims, fresh and claims['event'] in alive and (
        claims['nbf'] <= now < claims['exp'])
