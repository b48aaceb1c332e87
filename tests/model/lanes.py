"""Do the lanes of a vault fit the chunks, heads and roll-ups that are there?

Written from the format's text alone (format 1, section 6).  What a head or a
roll-up says of rows is worked out again from the blocks, except where a block
is compressed and there is no libzstd.
"""

import block
import stat_test
import zstd_frame
from pieces import DAY, LATE, ROLLED

HOUR = DAY // 24
KIND = {block.F64: "f", block.I64: "i", block.BOOL: "i"}


class Unfit(Exception):
    """What does not fit."""


def need(holds, what):
    if not holds:
        raise Unfit(what)


def summary(kind, cells):
    """The bytes for (time, cell) of one column."""
    if kind in KIND:
        return bytes.fromhex(
            stat_test.expected(KIND[kind], cells).split()[-1])
    bare = stat_test.expected("i", [(time, 0) for time, _ in cells])
    return bytes.fromhex(bare.split()[-1])


class Lanes:
    """All of them, gathered record by record; fit() at the end."""

    def __init__(self):
        self.chunks = {}  # no: (place, (kinds, rows), or None where unread)
        self.heads = {}   # no: (place, Head)
        self.rolls = {}   # no: (place, Roll)
        self.lanes = {}   # (stream, epoch): Lane

    def add_chunk(self, no, place, plain):
        try:
            self.chunks[no] = place, block.decode(plain, block.DISK)
        except block.Refused as refused:
            need(zstd_frame.missing() and "zstd" in str(refused),
                 f"chunk {no}: {refused}")
            self.chunks[no] = place, None

    def fit(self, arrival):
        """Next arrival: root's."""
        left = {"chunk": set(self.chunks), "head": set(self.heads),
                "roll": set(self.rolls)}
        numbers = [no for nos in left.values() for no in nos]
        need(len(numbers) == len(set(numbers)), "one number for two records")
        for place, lane in self.lanes.items():
            self.fit_lane(place, lane, arrival, left)
        for kind, nos in left.items():
            need(not nos, f"{kind} {sorted(nos)[:5]} of no lane")

    def take(self, kind, records, no, place, left):
        """A record that a lane names: it is the lane's, and named once."""
        need(no in records, f"{kind} {no} is missing")
        need(records[no][0] == place, f"{kind} {no} is another lane's")
        need(no in left[kind], f"{kind} {no} is named twice")
        left[kind].remove(no)
        return records[no][1]

    def fit_lane(self, place, lane, arrival, left):
        need(max(lane.done[:2]) <= arrival, "rows done that never came")
        entries = list(lane.shorts)
        for ref in lane.heads:
            head = self.take("head", self.heads, ref.no, place, left)
            full = [entry for entry, _ in head.entries]
            need((ref.first, ref.last, ref.chunks) ==
                 (full[0].first, max(e.last for e in full), len(full)),
                 f"head {ref.no} is not as its lane says")
            entries += full
        blocks = {}
        for entry in entries:
            blocks[entry.no] = self.take("chunk", self.chunks, entry.no, place,
                                         left)
            self.fit_chunk(entry, blocks[entry.no])
        if entries:
            need((lane.rows, lane.first, lane.last) ==
                 (sum(e.rows for e in entries), min(e.first for e in entries),
                  max(e.last for e in entries)), "a lane's rows or times")
        else:
            need(lane.rows == 0, "a lane's rows")
        for ref in lane.heads:
            self.fit_head(self.heads[ref.no][1], blocks)
        self.fit_rolls(place, lane, entries, blocks, left)

    def fit_chunk(self, entry, decoded):
        if decoded is None:
            return
        kinds, rows = decoded
        need((entry.rows, entry.first, entry.last) ==
             (len(rows), rows[0][0], rows[-1][0]),
             f"chunk {entry.no} is not as its entry says")
        need((block.ARRIVAL in kinds) == bool(entry.flags & LATE),
             f"chunk {entry.no}: late rows")
        late = [cells.get(block.ARRIVAL, 0) for _, cells in rows]
        need(max(late) == entry.arrival, f"chunk {entry.no}: late arrival")

    def fit_head(self, head, blocks):
        for entry, summaries in head.entries:
            if blocks[entry.no] is None:
                continue
            kinds, rows = blocks[entry.no]
            need(set(kinds) - {block.ARRIVAL} <= set(head.columns),
                 f"chunk {entry.no} has a column that its head has not")
            for column, said in zip(head.columns, summaries):
                cells = [(t, c[column]) for t, c in rows if column in c]
                need(said == summary(kinds.get(column, block.I64), cells),
                     f"chunk {entry.no}, column {column}: summary")

    def fit_rolls(self, place, lane, entries, blocks, left):
        """Roll-ups are of the marked chunks, and of nothing else."""
        rolls = {}
        for ref in lane.rolls:
            roll = self.take("roll", self.rolls, ref.no, place, left)
            need(roll.day == ref.day, f"roll-up {ref.no} is of another day")
            rolls[ref.day] = roll
        marked = [e.no for e in entries if e.flags & ROLLED]
        for entry in entries:
            if entry.flags & ROLLED:
                need(entry.first // DAY in rolls and entry.last // DAY in rolls,
                     f"chunk {entry.no} is marked, but in no roll-up")
        if any(blocks[no] is None for no in marked):
            return
        kinds = {}
        rows = []
        for no in sorted(marked):
            kinds.update(blocks[no][0])
            rows += blocks[no][1]
        rows.sort(key=lambda row: row[0])
        hours = {}
        for time, cells in rows:
            hours.setdefault(time // HOUR, []).append((time, cells))
        need(set(hours) == {roll.day * 24 + hour for roll in rolls.values()
                            for hour in roll.hours},
             "hours of roll-ups that are not those of the rows")
        for day, roll in rolls.items():
            for hour, summaries in roll.hours.items():
                for column, said in zip(roll.columns, summaries):
                    cells = [(t, c[column])
                             for t, c in hours[day * 24 + hour] if column in c]
                    need(said == summary(kinds.get(column, block.I64), cells),
                         f"day {day}, hour {hour}, column {column}: summary")
