#!/usr/bin/env python3
"""What the readers of lane, head, roll and dedup records take and refuse."""

import copy
import struct
import sys

import block
import lanes
import pieces

EPOCH, DAY_NO = 655, 19675
T = 1700000000 * 10**9
STREAM = b"stream-of-sixtee"
VALUE = block.bits_of(21.5)


def entry(no, rows=1, level=0, flags=0, first=T, last=T, arrival=0):
    return struct.pack("<QIBBHqqQ", no, rows, level, flags, 0, first, last,
                       arrival)


def summary(n=1, nan=0, first=T, last=T, sides=(VALUE,) * 4, flags=0, e=-1,
            m=b"\x2b"):
    return struct.pack("<IIqqQQQQBBhH", n, nan, first, last, *sides, flags, 0,
                       e, len(m)) + m


NOTHING = summary(0, 5, 0, 0, (0, 0, 0, 0), 0, 0, b"")


def lane(shorts=(), heads=(), rolls=(), rows=1, first=T, last=T):
    return struct.pack("<BBHHHQQqQqq", 1, 0, len(shorts), len(heads),
                       len(rolls), 1, 2, T, rows, first, last) + \
        b"".join([*shorts, *heads, *rolls]) + bytes(24)


def head_ref(no, first=T, last=T, chunks=1):
    return struct.pack("<QqqII", no, first, last, chunks, 0)


def roll_ref(no, day=DAY_NO):
    return struct.pack("<QiI", no, day, 0)


def head(*entries, columns=(0,)):
    return struct.pack("<BBHI", 1, len(columns), len(entries), 0) + \
        bytes(columns).ljust((len(columns) + 7) // 8 * 8, b"\0") + \
        b"".join(entries) + bytes(9)


def roll(*summaries, columns=(0,), mask=1 << 22, day=DAY_NO):
    return struct.pack("<BBHiII", 1, len(columns), 0, day, mask, 0) + \
        bytes(columns).ljust((len(columns) + 7) // 8 * 8, b"\0") + \
        b"".join(summaries) + bytes(9)


def dedup(*boots, rows=1, newest=T, past=()):
    return struct.pack("<BBH4xQq", 2 if past else 1, len(boots), len(past),
                       rows, newest) + \
        b"".join(struct.pack("<8sQQ", *boot) for boot in boots) + \
        b"".join(past) + bytes(8)


def changed(plain, at, value):
    return plain[:at] + bytes([value]) + plain[at + 1:]


def read_lane(plain):
    return pieces.read_lane(plain, EPOCH)


FULL_LANE = lane([entry(1), entry(2, flags=2, arrival=9)],
                 [head_ref(4, chunks=2)], [roll_ref(5)], rows=4)
FULL_HEAD = head(entry(6, flags=1) + summary() + NOTHING,
                 entry(7, flags=1) + summary() + NOTHING, columns=(0, 63))
FULL_ROLL = roll(summary(), NOTHING, NOTHING, summary(), columns=(3, 4),
                 mask=1 << 22 | 1)
FULL_DEDUP = dedup((b"boot-one", 9, 5), (b"boot-two", 9, 5))
GOOD = [
    (read_lane, FULL_LANE),
    (read_lane, lane(rows=0, first=0, last=0)),
    (pieces.read_head, FULL_HEAD),
    (pieces.read_head, head(entry(6), columns=())),
    (pieces.read_roll, FULL_ROLL),
    (pieces.read_dedup, FULL_DEDUP),
    (pieces.read_dedup, dedup(rows=0, newest=0)),
    (pieces.read_dedup, dedup((b"boot-one", 9, 5), past=(b"boot-two",))),
    (pieces.read_head, head(entry(6) + summary(m=b"\x81\0"))),
    (pieces.read_head, head(entry(6) + summary(m=b"\x7f\xff"))),
    (pieces.read_head, head(entry(6) + summary(e=0, m=b"\x80"))),
    (pieces.read_head, head(entry(6) + summary(e=0, m=b""))),
]
BAD = [
    ("a lane's version", read_lane, changed(FULL_LANE, 0, 2)),
    ("a lane's version", read_lane, changed(FULL_LANE, 1, 1)),
    ("a roll-up's entry", read_lane, changed(FULL_LANE, 6, 2)),
    ("not zero behind it", read_lane, changed(FULL_LANE, len(FULL_LANE) - 1, 1)),
    ("not zero behind it", read_lane, lane([entry(1)])[:-24] + b"\1"),
    ("a lane without rows", read_lane, lane(rows=0)),
    ("a lane without rows", read_lane, lane([entry(1)], rows=0, first=0, last=0)),
    ("a lane's times", read_lane, lane(first=0)),
    ("a chunk's times", read_lane, lane([entry(1, first=0)])),
    ("a chunk's times", read_lane, lane([entry(1, first=T + 1)])),
    ("a chunk's zeros", read_lane, changed(lane([entry(1)]), 56 + 14, 1)),
    ("a chunk's number", read_lane, lane([entry(0)])),
    ("a chunk's number", read_lane, lane([entry(1, rows=0)])),
    ("a chunk's flags", read_lane, lane([entry(1, flags=4)])),
    ("a chunk's greatest", read_lane, lane([entry(1, flags=2)])),
    ("a chunk's greatest", read_lane, lane([entry(1, arrival=2)])),
    ("a head's entry", read_lane, lane(heads=[head_ref(0)])),
    ("a head's entry", read_lane, lane(heads=[head_ref(1, chunks=0)])),
    ("a head's times", read_lane, lane(heads=[head_ref(1, last=T - 1)])),
    ("a roll-up's entry", read_lane, lane(rolls=[roll_ref(0)])),
    ("a roll-up's day", read_lane, lane(rolls=[roll_ref(1, EPOCH * 30 - 1)])),
    ("a roll-up's day", read_lane, lane(rolls=[roll_ref(1, EPOCH * 30 + 30)])),
    ("two roll-ups", read_lane, lane(rolls=[roll_ref(1), roll_ref(2)])),
    ("a head's version", pieces.read_head, changed(FULL_HEAD, 4, 1)),
    ("a head's version", pieces.read_head, head()),
    ("column ids' zeros", pieces.read_head, changed(FULL_HEAD, 15, 1)),
    ("column ids", pieces.read_head, changed(FULL_HEAD, 9, 64)),
    ("column ids", pieces.read_head, changed(FULL_HEAD, 9, 0)),
    ("a head's order", pieces.read_head,
     head(entry(6) + summary(), entry(7, first=T - 1) + summary())),
    ("a summary's flags", pieces.read_head, head(entry(6) + summary(flags=4))),
    ("a summary's times", pieces.read_head,
     head(entry(6) + summary(first=T + 1))),
    ("not in its shortest", pieces.read_head,
     head(entry(6) + summary(m=b"\x2b\0"))),
    ("not in its shortest", pieces.read_head,
     head(entry(6) + summary(m=b"\x81\xff"))),
    ("a sum of zero", pieces.read_head, head(entry(6) + summary(e=0, m=b"\0"))),
    ("a sum of zero", pieces.read_head, head(entry(6) + summary(e=1, m=b""))),
    ("a sum that is even", pieces.read_head,
     head(entry(6) + summary(e=-2, m=b"\x56"))),
    ("a summary of nothing", pieces.read_head,
     head(entry(6) + summary(n=0, e=0, m=b""))),
    ("a roll-up's version", pieces.read_roll, changed(FULL_ROLL, 2, 1)),
    ("a roll-up's version", pieces.read_roll, changed(FULL_ROLL, 12, 1)),
    ("a roll-up's hours", pieces.read_roll, roll(mask=0)),
    ("a roll-up's hours", pieces.read_roll, changed(FULL_ROLL, 11, 1)),
    ("cut short", pieces.read_roll, roll(summary(), mask=7)),
    ("a source's version", pieces.read_dedup, changed(FULL_DEDUP, 0, 2)),
    ("a source's version", pieces.read_dedup, changed(FULL_DEDUP, 0, 3)),
    ("a source's version", pieces.read_dedup, changed(FULL_DEDUP, 3, 2)),
    ("a source's version", pieces.read_dedup, changed(FULL_DEDUP, 7, 1)),
    ("a source's version", pieces.read_dedup, changed(FULL_DEDUP, 1, 5)),
    ("a source's newest", pieces.read_dedup, dedup(rows=0)),
    ("a boot id twice", pieces.read_dedup,
     dedup((b"boot-one", 9, 5), past=(b"boot-one",))),
    ("a boot id twice", pieces.read_dedup,
     dedup((b"boot-one", 9, 5), (b"boot-one", 8, 5))),
]


def must_refuse(rule, call):
    try:
        call()
    except (pieces.Refused, lanes.Unfit) as refused:
        if rule not in str(refused):
            sys.exit(f"FAILED: {rule}: {refused}")
        return
    sys.exit(f"FAILED: taken: {rule}")


def check_readers():
    for read, plain in GOOD:
        read(plain)
        used = len(plain.rstrip(b"\0"))
        for end in range(used):
            must_refuse("", lambda end=end, r=read, p=plain: r(p[:end]))
    for rule, read, plain in BAD:
        must_refuse(rule, lambda r=read, p=plain: r(p))


# ---- lanes that fit ----

def cells(count, offset=0):
    return [(T + (offset + i) * 10**9, {0: VALUE, 1: b"text"})
            for i in range(count)]


def chunk_of(rows):
    kinds = {0: block.F64, 1: block.TEXT}
    return block.encode(kinds, rows, lambda choices: list(choices)[0])


def summaries(rows):
    return b"".join(lanes.summary(kind, [(t, c[i]) for t, c in rows])
                    for i, kind in enumerate((block.F64, block.TEXT)))


def fitting():
    """One lane: chunks 1 and 2 full and in head 3 and roll-up 4, 5 short."""
    found = lanes.Lanes()
    place = STREAM, EPOCH
    parts = {1: cells(3), 2: cells(4, 3), 5: cells(2, 5)}
    made = {}
    for no, rows in parts.items():
        found.add_chunk(no, place, chunk_of(rows) + bytes(7))
        made[no] = entry(no, len(rows), 0, 0 if no == 5 else 1, rows[0][0],
                         rows[-1][0])
    found.heads[3] = place, pieces.read_head(head(
        made[1] + summaries(parts[1]), made[2] + summaries(parts[2]),
        columns=(0, 1)))
    found.rolls[4] = place, pieces.read_roll(roll(
        summaries(parts[1] + parts[2]), columns=(0, 1)))
    found.lanes[place] = read_lane(lane(
        [made[5]], [head_ref(3, T, parts[2][-1][0], 2)], [roll_ref(4)], 9, T,
        parts[2][-1][0]))
    return found


def with_lane(**fields):
    def change(found):
        place = STREAM, EPOCH
        found.lanes[place] = found.lanes[place]._replace(**fields)
    return change


def with_head(position, **fields):
    def change(found):
        entries = found.heads[3][1].entries
        chunk, its = entries[position]
        entries[position] = chunk._replace(**fields), its
    return change


def with_summary(where):
    def change(found):
        its = where(found)
        its[0] = its[0].replace(b"\x10", b"\x11")[:-1] + b"\x0d"
    return change


def moved(kind):
    def change(found):
        records = getattr(found, kind)
        no = min(records)
        records[no] = (STREAM, EPOCH + 1), records[no][1]
    return change


def gone(kind):
    return lambda found: getattr(found, kind).popitem()


UNFIT = [
    ("is missing", gone("chunks")),
    ("is missing", gone("heads")),
    ("is missing", gone("rolls")),
    ("of no lane", gone("lanes")),
    ("another lane's", moved("chunks")),
    ("another lane's", moved("heads")),
    ("another lane's", moved("rolls")),
    ("named twice", with_head(1, no=1)),
    ("one number", lambda found: found.heads.update({1: found.heads[3]})),
    ("never came", with_lane(done=(1, 101, T))),
    ("a lane's rows", with_lane(rows=8)),
    ("a lane's rows", with_lane(first=T + 1)),
    ("not as its entry", with_head(0, rows=2)),
    ("not as its lane", with_head(0, first=T + 1)),
    ("late rows", with_head(0, flags=3, arrival=1)),
    ("in no roll-up", with_lane(rolls=[])),
    ("summary", with_summary(lambda found: found.heads[3][1].entries[0][1])),
    ("summary", with_summary(lambda found: found.rolls[4][1].hours[22])),
    ("hours of roll-ups",
     lambda found: found.rolls[4][1].hours.update({23: []})),
    ("summary", with_head(0, flags=0)),
]


def check_lanes():
    fitting().fit(100)
    for rule, change in UNFIT:
        found = copy.deepcopy(fitting())
        change(found)
        must_refuse(rule, lambda f=found: f.fit(100))


def main():
    check_readers()
    check_lanes()
    print(f"{len(GOOD)} taken, {len(BAD) + len(UNFIT)} refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
