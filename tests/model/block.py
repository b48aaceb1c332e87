"""A reader of blocks, and a writer that takes any valid coding.

Written from the format's text alone (format 1, section 5): it shares no code
with the programs and is not fast.  Rows are a list of (time, cells), where
cells maps a column's id to an integer of 64 bits (f64, i64, bool) or to bytes
(text, json).  A block that breaks a rule raises Refused.
"""

import struct

import zstd_frame

F64, I64, BOOL, TEXT, JSON = range(5)
ARRIVAL = 255
WIRE, DISK = "wire", "disk"

MAX_BYTES = 1048552
MAX_ROWS = 65536
MAX_DECODED = 8 << 20
MAX_VALUE = 262144
TIME_MIN, TIME_MAX = -(1 << 62), 1 << 62
WORD = (1 << 64) - 1


class Refused(Exception):
    """The rule that a block breaks."""


def need(holds, rule):
    if not holds:
        raise Refused(rule)


def signed(word):
    return word - (1 << 64) if word >> 63 else word


def zigzag(word):
    return ((word << 1) ^ (WORD if word >> 63 else 0)) & WORD


def unzigzag(word):
    return (word >> 1) ^ (WORD if word & 1 else 0)


def bits_of(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def unsqueeze(data, size):
    need(size <= MAX_DECODED, "decoded size")
    try:
        return zstd_frame.read(data, size)
    except zstd_frame.Bad as bad:
        raise Refused(f"zstd: {bad}") from None


class Bytes:
    """What is left to read of a payload."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        need(len(self.data) - self.at >= count, "cut short")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, count):
        return int.from_bytes(self.take(count), "little")

    def rest(self):
        return self.take(len(self.data) - self.at)

    def end(self):
        need(self.at == len(self.data), "not used to its last byte")


def bits_at(data, count):
    """The first count bits; the others must be zero."""
    whole = int.from_bytes(data, "little")
    need(whole >> count == 0, "unused bits not zero")
    return [whole >> i & 1 for i in range(count)]


def unpack(payload, count):
    out = []
    while len(out) < count:
        m = min(128, count - len(out))
        width = payload.number(1)
        need(width <= 56 or width == 64, "width")
        whole = payload.number((m * width + 7) // 8)
        need(whole >> (m * width) == 0, "unused bits not zero")
        mask = (1 << width) - 1
        out += [whole >> (j * width) & mask for j in range(m)]
    return out


def read_times(payload, coding, unit, rows, t0):
    if rows == 0:
        return []
    if coding == 0:
        steps = []
    elif coding == 1:
        steps = [payload.number(8)] * (rows - 1)
    elif coding == 2:
        base = payload.number(8)
        steps = [(base + x) & WORD for x in unpack(payload, rows - 1)]
    else:
        steps = [payload.number(8)]
        for x in unpack(payload, rows - 2):
            steps.append((steps[-1] + unzigzag(x)) & WORD)
    times = [t0]
    for step in steps:
        # A step beyond int64 is one back in time, or overflows.
        time = times[-1] + step * unit
        need(time < TIME_MAX, "time out of range")
        times.append(time)
    return times


def read_integers(payload, coding, n):
    """Codings 1 and 2, up to the words."""
    first = payload.number(8)
    if coding == 2:
        return [(first + x) & WORD for x in unpack(payload, n)]
    out = [first]
    for x in unpack(payload, n - 1):
        out.append((out[-1] + unzigzag(x)) & WORD)
    return out


def read_decimals(payload, coding, scale, patched, n):
    mantissas = [signed(m) for m in read_integers(payload, coding, n)]
    need(all(abs(m) <= 1 << 53 for m in mantissas), "mantissa")
    out = [bits_of(float(m) / float(10**scale)) for m in mantissas]
    if patched:
        count = payload.number(4)
        need(count <= MAX_ROWS, "patch count")
        last = -1
        for _ in range(count):
            index = payload.number(4)
            word = payload.number(8)
            need(last < index < n, "patch index")
            out[index] = word
            last = index
    return out


def read_planes(payload, n):
    planes = unsqueeze(payload.rest(), 8 * n)
    out, last = [], 0
    for i in range(n):
        last ^= int.from_bytes(planes[i::n], "little")
        out.append(last)
    return out


def read_numbers(payload, kind, coding, scale, patched, n):
    if kind == BOOL:
        if coding == 1:
            return bits_at(payload.take((n + 7) // 8), n)
        value = payload.number(1)
        need(value <= 1, "bool")
        return [value] * n
    if coding == 0:
        return [payload.number(8)] * n
    if coding == 3:
        return [payload.number(8) for _ in range(n)]
    if coding == 4:
        return read_planes(payload, n)
    if kind == F64:
        return read_decimals(payload, coding, scale, patched, n)
    return read_integers(payload, coding, n)


def read_strings(payload, count, squeezed=False):
    lengths = unpack(payload, count)
    need(all(length <= MAX_VALUE for length in lengths), "value too long")
    if squeezed:
        payload = Bytes(unsqueeze(payload.rest(), sum(lengths)))
    out = [payload.take(length) for length in lengths]
    for text in out:
        try:
            need("\0" not in text.decode("utf-8"), "U+0000")
        except UnicodeDecodeError:
            raise Refused("not UTF-8") from None
    return out


def read_texts(payload, coding, n):
    need(coding != 0, "no coding")
    if coding in (1, 2):
        return read_strings(payload, n, coding == 2)
    count = payload.number(2)
    need(1 <= count <= 4096, "dictionary")
    strings = read_strings(payload, count)
    indexes = unpack(payload, n)
    need(all(index < count for index in indexes), "index")
    return [strings[index] for index in indexes]


CODINGS = {F64: 5, I64: 4, BOOL: 2, TEXT: 4, JSON: 4}


def read_entry(head, mode, last):
    column, kind_coding, scale, flags, length = struct.unpack(
        "<BBBBI", head.take(8)
    )
    kind, coding = kind_coding >> 4, kind_coding & 15
    need(kind in CODINGS and coding < CODINGS[kind], "type or coding")
    need(column <= 63 or column == ARRIVAL, "column id")
    need(column != ARRIVAL or (mode == DISK and kind == I64), "arrival column")
    need(column > last, "columns not ascending")
    scaled = kind == F64 and coding in (1, 2)
    need(scale <= (15 if scaled else 0), "scale")
    need(flags <= 3 and (scaled or flags & 2 == 0), "flags")
    return column, kind, coding, scale, flags, length


def read_column(payload, entry, rows):
    _, kind, coding, scale, flags, _ = entry
    present = [1] * rows
    if flags & 1:
        present = bits_at(payload.take((rows + 7) // 8), rows)
    n = sum(present)
    if n == 0:
        need(coding == 0, "coding without values")
        values = []
    elif kind in (TEXT, JSON):
        values = read_texts(payload, coding, n)
    else:
        values = read_numbers(payload, kind, coding, scale, flags & 2, n)
    payload.end()
    values = iter(values)
    return [next(values) if there else None for there in present]


def decode(data, mode):
    """(kinds by column id, rows) of a block."""
    need(mode == DISK or len(data) <= MAX_BYTES, "too long")
    head = Bytes(data)
    mark, flags, columns, time, rows, t0, time_len, _ = struct.unpack(
        "<BBBBIqII", head.take(24)
    )
    need(mark == 0xB1 and flags == 0, "no block")
    need(columns <= 65, "columns")
    need(rows <= MAX_ROWS, "rows")
    need(rows > 0 or (t0 == 0 and mode == WIRE), "no rows")
    need(rows * columns * 8 <= MAX_DECODED, "decoded size")
    coding, k = time & 15, time >> 4
    need(coding <= 3, "time coding")
    need((coding == 0) == (rows <= 1), "time coding for so many rows")
    need(coding > 0 or k == 0, "time unit not used")
    need(TIME_MIN <= t0 < TIME_MAX, "time out of range")
    entries = []
    for _ in range(columns):
        last = entries[-1][0] if entries else -1
        entries.append(read_entry(head, mode, last))
    length = 24 + 8 * columns + time_len + sum(e[5] for e in entries)
    need(length <= MAX_BYTES, "too long")
    need(length <= len(data), "cut short")
    need(not any(data[length:]), "not zero behind it")
    need(mode == DISK or len(data) == length, "bytes behind it")

    payload = Bytes(head.take(time_len))
    times = read_times(payload, coding, 10**k, rows, t0)
    payload.end()
    out = [(time, {}) for time in times]
    size = rows * columns * 8
    for entry in entries:
        cells = read_column(Bytes(head.take(entry[5])), entry, rows)
        for row, cell in zip(out, cells):
            if cell is not None:
                row[1][entry[0]] = cell
                size += len(cell) if isinstance(cell, bytes) else 0
        need(size <= MAX_DECODED, "decoded size")
    return {e[0]: e[1] for e in entries}, out


# ---- a writer: each choice that the format leaves open is the caller's ----


def pack(words, width=None):
    """Groups of 128; width: another than the least."""
    out = b""
    for at in range(0, len(words), 128):
        group = words[at : at + 128]
        least = max(w.bit_length() for w in group)
        bits = width or (least if least <= 56 else 64)
        whole = sum(w << (j * bits) for j, w in enumerate(group))
        out += bytes([bits]) + whole.to_bytes((len(group) * bits + 7) // 8, "little")
    return out


def word(value):
    return struct.pack("<Q", value & WORD)


def deltas(words):
    return [(b - a) & WORD for a, b in zip(words, words[1:])]


def write_times(times, coding, k):
    steps = [d // 10**k for d in deltas(times)]
    if coding == 0:
        return b""
    if coding == 1:
        return word(steps[0])
    if coding == 2:
        return word(min(steps)) + pack([s - min(steps) for s in steps])
    return word(steps[0]) + pack([zigzag(d) for d in deltas(steps)])


def write_integers(words, coding):
    if coding == 1:
        return word(words[0]) + pack([zigzag(d) for d in deltas(words)])
    least = min(signed(w) for w in words)
    return word(least) + pack([(w - least) & WORD for w in words])


def mantissa(bits, scale):
    """m with (double) m / 10^scale of these very bits; None: there is none."""
    value = struct.unpack("<d", word(bits))[0]
    if value != value or abs(value) > 1 << 53:
        return None
    m = round(value * 10**scale)
    for near in (m, m - 1, m + 1):
        if abs(near) <= 1 << 53 and bits_of(near / float(10**scale)) == bits:
            return near
    return None


def write_decimals(words, coding, scale):
    """Payload, and whether it is patched."""
    mantissas = [mantissa(w, scale) for w in words]
    patches = [i for i, m in enumerate(mantissas) if m is None]
    last = next((m for m in mantissas if m is not None), 0)
    for i, m in enumerate(mantissas):
        last = last if m is None else m
        mantissas[i] = last & WORD
    out = write_integers(mantissas, coding)
    if patches:
        out += struct.pack("<I", len(patches))
        out += b"".join(struct.pack("<I", i) + word(words[i]) for i in patches)
    return out, bool(patches)


def squeeze(data, pick):
    """A frame with or without a window's byte, better or worse packed."""
    how = {"level": pick([1, 3, 19]), "window_log": pick([10, 17, 22])}
    return zstd_frame.write(data, **how)


def write_planes(words, pick):
    mixed = [a ^ b for a, b in zip([0] + words, words)]
    packed = b"".join(word(x) for x in mixed)
    return squeeze(b"".join(packed[p::8] for p in range(8)), pick)


def write_texts(texts, coding, pick):
    if coding == 1:
        return pack([len(t) for t in texts]) + b"".join(texts)
    if coding == 2:
        return pack([len(t) for t in texts]) + squeeze(b"".join(texts), pick)
    strings = sorted(set(texts))
    return (
        struct.pack("<H", len(strings))
        + pack([len(s) for s in strings])
        + b"".join(strings)
        + pack([strings.index(t) for t in texts])
    )


def write_values(kind, values, pick):
    """(coding, scale, patched, payload) for values that are there."""
    if not values:
        return 0, 0, False, b""
    if kind in (TEXT, JSON):
        coding = pick([1, 2, 3] if len(set(values)) <= 4096 else [1, 2])
        return coding, 0, False, write_texts(values, coding, pick)
    same = len(set(values)) == 1
    if kind == BOOL:
        coding = pick([0, 1] if same else [1])
        if coding == 0:
            return 0, 0, False, bytes([values[0]])
        whole = sum(v << i for i, v in enumerate(values))
        return 1, 0, False, whole.to_bytes((len(values) + 7) // 8, "little")
    codings = [1, 2, 3, 4] if kind == F64 else [1, 2, 3]
    coding = pick([0] + codings if same else codings)
    if coding == 0:
        return 0, 0, False, word(values[0])
    if coding == 3:
        return 3, 0, False, b"".join(word(v) for v in values)
    if coding == 4:
        return 4, 0, False, write_planes(values, pick)
    if kind == I64:
        return coding, 0, False, write_integers(values, coding)
    scale = pick(range(16))
    payload, patched = write_decimals(values, coding, scale)
    return coding, scale, patched, payload


def encode(kinds, rows, pick, ordinal=0):
    """A block of sorted rows; pick(choices) decides what the format leaves
    open."""
    times = [time for time, _ in rows]
    steps = deltas(times)
    coding, k = 0, 0
    if steps:
        fits = [j for j in range(16) if all(s % 10**j == 0 for s in steps)]
        k = pick(fits)
        coding = pick([1, 2, 3] if len(set(steps)) == 1 else [2, 3])
    payloads = [write_times(times, coding, k)]
    entries = b""
    for column in sorted(kinds):
        cells = [row.get(column) for _, row in rows]
        values = [c for c in cells if c is not None]
        nulls = len(values) < len(rows) or pick([False, True])
        how, scale, patched, payload = write_values(kinds[column], values, pick)
        if nulls:
            whole = sum((c is not None) << i for i, c in enumerate(cells))
            payload = whole.to_bytes((len(rows) + 7) // 8, "little") + payload
        payloads.append(payload)
        entries += struct.pack(
            "<BBBBI",
            column,
            kinds[column] << 4 | how,
            scale,
            nulls | patched << 1,
            len(payload),
        )
    head = struct.pack(
        "<BBBBIqII",
        0xB1,
        0,
        len(kinds),
        coding | k << 4,
        len(rows),
        times[0] if times else 0,
        len(payloads[0]),
        ordinal,
    )
    return head + entries + b"".join(payloads)
