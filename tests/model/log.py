"""An exported log, verified without the vault and without its code.

usage: log.py FILE

FILE is what `vaultctl audit export` writes: a line of JSON for each entry, then
one with the signed head that covers them.  Hashes are RFC 9162, 2.1.1, entries
and commitments WIRE.md, 9.1.  Standard library only; whether the head is signed
by the vault is not looked at, since whoever verifies has its key from elsewhere.
"""
import base64
import hashlib
import hmac
import json
import struct
import sys

SHORT, MASTER = 80, 136
LABEL = b'vd1 audit detail\0'


def sha256(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def node(left, right):
    return sha256(b'\1', left, right)


def split(size):
    """The greatest power of two below size."""
    power = 1
    while 2 * power < size:
        power *= 2
    return power


def root_of(leaves):
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    at = split(len(leaves))
    return node(root_of(leaves[:at]), root_of(leaves[at:]))


def root_from(leaves, first, size, path):
    """The root of a tree of which the leaves from `first` on are known, and of
    those before the inclusion proof of that one: its path, read from the top,
    has whole subtrees at the left, which are all of them."""
    path = list(path)

    def go(begin, end):
        if begin >= first:
            return root_of(leaves[begin - first:end - first])
        at = begin + split(end - begin)
        beside = path.pop()
        if at <= first:
            return node(beside, go(at, end))
        right = root_of(leaves[at - first:end - first])
        assert right == beside, 'the proof is of other entries'
        return node(go(begin, at), right)

    return go(0, size)


def leaf_of(line, master):
    """The hash of an entry, all of whose parts agree."""
    if line['entry'] is None:
        assert line['salt'] is None and line['detail'] is None, line
        leaf = base64.b64decode(line['leaf'], validate=True)
        assert len(leaf) == 32, line
        return leaf
    entry = base64.b64decode(line['entry'], validate=True)
    salt = base64.b64decode(line['salt'], validate=True)
    assert len(entry) == (MASTER if master else SHORT) and len(salt) == 32
    version, _, zero, _, index, _ = struct.unpack('>BBHIQq', entry[:24])
    assert (version, zero, index) == (1, 0, line['index']), line['index']
    said = hmac.new(salt, LABEL + line['detail'].encode(), 'sha256').digest()
    assert entry[48:80] == said, 'entry %d: its detail is another' % index
    return sha256(b'\0', entry)


def head_of(text):
    """(origin, size, root) of a checkpoint."""
    origin, size, root, empty, signature, end = text.split('\n')
    assert origin.startswith('vaultd.invalid/') and empty == end == ''
    assert signature.startswith('\u2014 ' + origin + ' '), signature
    return origin, int(size), base64.b64decode(root, validate=True)


def proof_of(text):
    """(index, path, checkpoint) of a tlog-proof."""
    head, _, checkpoint = text.partition('\n\n')
    lines = head.split('\n')
    assert lines[0] == 'c2sp.org/tlog-proof@v1', lines[0]
    lines = [line for line in lines[1:] if not line.startswith('extra ')]
    assert lines[0].startswith('index '), lines
    return (int(lines[0][6:]),
            [base64.b64decode(line, validate=True) for line in lines[1:]],
            checkpoint)


def check(text):
    """(entries, last line) of an export that holds; else an AssertionError."""
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines, 'an export has a last line'
    entries, last = lines[:-1], lines[-1]
    assert 'checkpoint' in last, 'it is not whole: the last line is missing'
    origin, size, root = head_of(last['checkpoint'])
    first = last['from']
    assert (last['origin'], last['size']) == (origin, size), last
    assert [e['index'] for e in entries] == list(range(first, size)), 'a gap'
    master = set(origin.split('/')[1]) == {'0'}
    leaves = [leaf_of(entry, master) for entry in entries]
    if first == 0:
        assert root_of(leaves) == root, 'the root is another'
    else:
        index, path, checkpoint = proof_of(last['proof'])
        assert (index, checkpoint) == (first, last['checkpoint']), index
        assert root_from(leaves, first, size, path) == root, \
            'the root is another'
    return entries, last


if __name__ == '__main__':
    with open(sys.argv[1]) as file:
        found, end = check(file.read())
    print('whole: %d entries from %d on, of %d'
          % (len(found), end['from'], end['size']))
