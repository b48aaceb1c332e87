"""Readers of what the records of lanes hold: lane, head, roll and dedup.

Written from the format's text alone (format 1, sections 3 and 6.3): it shares
no code with the programs.  Each takes a plaintext with its padding, and raises
Refused where a rule is broken.
"""

import struct
from collections import namedtuple

import block
from block import Refused, need  # noqa: F401  (Refused: for who reads these)

DAY = 86400 * 10**9  # ns
EPOCH = 30 * DAY
ROLLED, LATE = 1, 2  # flags of a chunk's entry

Chunk = namedtuple("Chunk", "no rows level flags first last arrival")
HeadRef = namedtuple("HeadRef", "no first last chunks")
RollRef = namedtuple("RollRef", "no day")
Lane = namedtuple("Lane", "done rows first last shorts heads rolls")
Head = namedtuple("Head", "columns entries")
Roll = namedtuple("Roll", "columns day hours")
Dedup = namedtuple("Dedup", "rows newest boots")


class Bytes(block.Bytes):
    """The same, of a plaintext with its padding."""

    def read(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))

    def end(self):
        """Nothing but padding is left."""
        need(not any(self.data[self.at:]), "not zero behind it")


def within(first, last, begin, length, what):
    need(begin <= first <= last < begin + length, what)


# ---- entries and summaries ----

def read_chunk(data):
    no, rows, level, flags, zero, first, last, arrival = data.read("QIBBHqqQ")
    chunk = Chunk(no, rows, level, flags, first, last, arrival)
    need(zero == 0, "a chunk's zeros")
    need(chunk.no > 0 and chunk.rows > 0, "a chunk's number or rows")
    need(chunk.flags & ~(ROLLED | LATE) == 0, "a chunk's flags")
    need(chunk.first <= chunk.last, "a chunk's times")
    need((chunk.arrival > 0) == bool(chunk.flags & LATE),
         "a chunk's greatest late arrival")
    return chunk


def shortest(m):
    """Is this two's complement in its shortest form?"""
    if len(m) < 2:
        return True
    return not ((m[-1] == 0 and m[-2] < 128) or (m[-1] == 255 and m[-2] > 127))


def read_summary(data):
    """Its bytes, after what can be told from them alone."""
    begin = data.at
    n, _, first, last = data.read("IIqq")
    data.take(32)
    infinite, zero, e, length = data.read("BBhH")
    m = data.take(length)
    need(zero == 0 and infinite < 4, "a summary's flags")
    need(first <= last, "a summary's times")
    need(shortest(m), "a sum that is not in its shortest form")
    value = int.from_bytes(m, "little", signed=True)
    need(value != 0 or (e == 0 and length == 0), "a sum of zero")
    need(e == 0 or value % 2 == 1, "a sum that is even")
    raw = data.data[begin:data.at]
    need(n > 0 or not any(raw[8:]), "a summary of nothing")
    return raw


def read_columns(data, count):
    ids = data.take((count + 7) // 8 * 8)
    need(not any(ids[count:]), "column ids' zeros")
    ids = list(ids[:count])
    need(ids == sorted(set(ids)) and all(i < 64 for i in ids), "column ids")
    return ids


# ---- records ----

def read_lane(plain, epoch):
    data = Bytes(plain)
    version, zero, shorts, heads, rolls = data.read("BBHHH")
    need(version == 1 and zero == 0, "a lane's version")
    done = data.read("QQq")
    rows, first, last = data.read("Qqq")
    entries = [read_chunk(data) for _ in range(shorts)]
    head_refs, roll_refs = [], []
    for _ in range(heads):
        *fields, zero = data.read("QqqII")
        ref = HeadRef(*fields)
        need(zero == 0 and ref.no > 0 and ref.chunks > 0, "a head's entry")
        within(ref.first, ref.last, epoch * EPOCH, EPOCH, "a head's times")
        head_refs.append(ref)
    for _ in range(rolls):
        *fields, zero = data.read("QiI")
        ref = RollRef(*fields)
        need(zero == 0 and ref.no > 0, "a roll-up's entry")
        need(epoch * 30 <= ref.day < (epoch + 1) * 30, "a roll-up's day")
        roll_refs.append(ref)
    data.end()
    for chunk in entries:
        within(chunk.first, chunk.last, epoch * EPOCH, EPOCH, "a chunk's times")
    if rows > 0:
        within(first, last, epoch * EPOCH, EPOCH, "a lane's times")
    else:
        need(shorts == heads == rolls == first == last == 0,
             "a lane without rows")
    days = [ref.day for ref in roll_refs]
    need(len(days) == len(set(days)), "two roll-ups of a day")
    return Lane(done, rows, first, last, entries, head_refs, roll_refs)


def read_head(plain):
    data = Bytes(plain)
    version, columns, count, zero = data.read("BBHI")
    need(version == 1 and zero == 0 and count > 0, "a head's version")
    ids = read_columns(data, columns)
    entries = []
    for _ in range(count):
        chunk = read_chunk(data)
        entries.append((chunk, [read_summary(data) for _ in ids]))
    data.end()
    firsts = [chunk.first for chunk, _ in entries]
    need(firsts == sorted(firsts), "a head's order")
    return Head(ids, entries)


def read_roll(plain):
    data = Bytes(plain)
    version, columns, zero, day, mask, more = data.read("BBHiII")
    need(version == 1 and zero == 0 and more == 0, "a roll-up's version")
    need(0 < mask < 1 << 24, "a roll-up's hours")
    ids = read_columns(data, columns)
    hours = {}
    for hour in range(24):
        if mask >> hour & 1:
            hours[hour] = [read_summary(data) for _ in ids]
    data.end()
    return Roll(ids, day, hours)


def read_dedup(plain):
    data = Bytes(plain)
    version, count, pasts, zeros = data.read("BBH4s")
    need(version in (1, 2) and count <= 4 and not any(zeros)
         and pasts <= 256 and (pasts > 0) == (version == 2),
         "a source's version")
    rows, newest = data.read("Qq")
    need(rows > 0 or newest == 0, "a source's newest row")
    boots = [data.read("8sQQ") for _ in range(count)]
    past = [data.read("8s") for _ in range(pasts)]
    data.end()
    ids = {boot for boot, *_ in boots} | {boot for boot, in past}
    need(len(ids) == count + pasts, "a boot id twice")
    return Dedup(rows, newest, boots)
