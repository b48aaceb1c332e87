"""A reader of LMDB 0.9 files of 64-bit little-endian machines.

Only what a check of a vault needs: the newest meta page, named databases, all
records in order.  It reads a file that nobody writes to.
"""

import struct

HEAD = 16
BRANCH, LEAF, OVERFLOW, META = 1, 2, 4, 8
BIG, SUB = 1, 2
MAGIC = 0xBEEFC0DE
NONE = (1 << 64) - 1


class Damaged(Exception):
    """The file is no LMDB file that this reader knows."""


def need(holds, what):
    if not holds:
        raise Damaged(what)


class File:
    """An LMDB file: records(name) yields (key, value) of a database."""

    def __init__(self, bytes_):
        self.bytes = bytes_
        metas = [self._meta(at) for at in self._meta_places()]
        newest = max(metas, key=lambda meta: meta[1])
        self.main = newest[0]

    def _meta_places(self):
        """The two meta pages are the first two; the page size is in each."""
        need(len(self.bytes) >= 8192, "too short")
        size = struct.unpack_from("<I", self.bytes, HEAD + 24)[0]
        need(size in (4096, 8192, 16384, 32768, 65536), "page size")
        self.page = size
        return 0, size

    def _meta(self, at):
        flags = struct.unpack_from("<H", self.bytes, at + 10)[0]
        magic, version = struct.unpack_from("<II", self.bytes, at + HEAD)
        need(flags & META and magic == MAGIC and version == 1, "meta page")
        dbs = at + HEAD + 24
        txn = struct.unpack_from("<Q", self.bytes, dbs + 2 * 48 + 8)[0]
        root = struct.unpack_from("<Q", self.bytes, dbs + 48 + 40)[0]
        return root, txn

    def _nodes(self, number):
        at = number * self.page
        need(at + self.page <= len(self.bytes), "page number")
        page_no, _, flags, lower = struct.unpack_from("<QHHH", self.bytes, at)
        need(page_no == number, "page is another's")
        count = (lower - HEAD) // 2
        places = struct.unpack_from(f"<{count}H", self.bytes, at + HEAD)
        return flags, [at + place for place in places]

    def _walk(self, number):
        flags, nodes = self._nodes(number)
        need(flags & (BRANCH | LEAF), "kind of page")
        for at in nodes:
            low, high, bits, key_len = struct.unpack_from(
                "<HHHH", self.bytes, at)
            if flags & BRANCH:
                yield from self._walk(low | high << 16 | bits << 32)
                continue
            key = self.bytes[at + 8:at + 8 + key_len]
            data = at + 8 + key_len
            size = low | high << 16
            if bits & BIG:
                where = struct.unpack_from("<Q", self.bytes, data)[0]
                data = where * self.page + HEAD
            need(data + size <= len(self.bytes), "length of a value")
            yield key, self.bytes[data:data + size], bool(bits & SUB)

    def records(self, name=None):
        """All records of a named database, or of the unnamed one without the
        names of the others."""
        if self.main == NONE:
            return
        for key, value, sub in self._walk(self.main):
            if name is None and not sub:
                yield key, value
            if name is not None and sub and key == name.encode():
                root = struct.unpack_from("<Q", value, 40)[0]
                if root != NONE:
                    for k, v, _ in self._walk(root):
                        yield k, v

    def names(self):
        """Of all databases but the unnamed."""
        return [key.decode() for key, _, sub in self._walk(self.main) if sub]
