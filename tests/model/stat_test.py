"""Exact sums, means and summaries against fractions and math.fsum.

    stat_test.py PROBE [--values N]

The model is Python's: the sum of doubles as a Fraction, rounded once.
VAULT_TEST_SEED chooses the run.
"""

import argparse
import math
import os
import random
import struct
import subprocess
import sys
from fractions import Fraction

WORD = (1 << 64) - 1
INF = float("inf")
SPECIAL = [
    0.0, -0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-310,
    1e308, -1e308, 1.7976931348623157e308, -1.7976931348623157e308,
    1.0, -1.0, 0.1, 2.0**53, 2.0**53 + 2, 1e16, -1e16,
]


def bits_of(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def double_of(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def signed(word):
    return word - (1 << 64) if word >> 63 else word


def rounded(value):
    """A Fraction to the nearest double; what is too large is infinite."""
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return INF if value > 0 else -INF


def order(bits, kind):
    """Bits as the format orders them: -0 before +0."""
    if kind == "i":
        return signed(bits)
    return bits if bits >> 63 == 0 else (1 << 63) - bits - 1


def total(values, infinite):
    """Sum as a double (of finite values and the infinities beside them)."""
    if INF in infinite and -INF in infinite:
        return float("nan")
    if infinite:
        return infinite[0]
    exact = sum(map(Fraction, values), Fraction(0))
    out = rounded(exact)
    if values and abs(exact) < Fraction(2) ** 1023 and max(map(abs, values)) < 1e300:
        # fsum is the oracle that the format names; it has no room for partial
        # sums over the greatest double.
        fsum = math.fsum(values)
        assert fsum == out, (fsum, out)
    return out


def parts_of(exact, whole):
    """e, and M in two's complement, shortest."""
    if exact == 0:
        return 0, b""
    e = 0
    if not whole:
        e = (exact.numerator & -exact.numerator).bit_length() - 1
        e -= exact.denominator.bit_length() - 1
    m = exact / Fraction(2) ** e
    assert m.denominator == 1 and (whole or m.numerator % 2)
    m = m.numerator
    length = (m if m >= 0 else ~m).bit_length() // 8 + 1
    return e, m.to_bytes(length, "little", signed=True)


def stored(kind, cells, nan, exact, infinite):
    if not cells:
        return struct.pack("<II", 0, nan) + bytes(54)
    least = min(cells, key=lambda c: order(c[1], kind))[1]
    most = max(cells, key=lambda c: order(c[1], kind))[1]
    flags = (INF in infinite) | (-INF in infinite) << 1
    e, m = parts_of(exact, kind == "i")
    return struct.pack(
        "<IIqqQQQQBBhH", len(cells), nan, cells[0][0], cells[-1][0],
        cells[0][1], cells[-1][1], least, most, flags, 0, e, len(m)) + m


def expected(kind, cells):
    """The probe's line for (time, bits) of what is present."""
    nan = 0
    if kind == "f":
        nan = sum(math.isnan(double_of(b)) for _, b in cells)
        cells = [(t, b) for t, b in cells if not math.isnan(double_of(b))]
    values = [double_of(b) if kind == "f" else signed(b) for _, b in cells]
    infinite = [v for v in values if kind == "f" and math.isinf(v)]
    finite = [v for v in values if v not in (INF, -INF)]
    exact = sum(map(Fraction, finite), Fraction(0))
    out = [str(len(cells)), str(nan)]
    summed = total(finite, infinite) if kind == "f" else rounded(exact)
    out.append(f"{bits_of(summed):016x}")
    if not cells:
        mean = "-"
    elif infinite:
        mean = f"{bits_of(summed):016x}"
    else:
        mean = f"{bits_of(rounded(exact / len(cells))):016x}"
        if mean == "0" * 16 and exact < 0:
            mean = f"{bits_of(-0.0):016x}"
    out.append(mean)
    bits = [b for _, b in cells] or [0]
    for one in (min(bits, key=lambda b: order(b, kind)),
                max(bits, key=lambda b: order(b, kind)), bits[0], bits[-1]):
        out.append(f"{one:016x}")
    out.append(str(exact.numerator) if kind == "i" else "-")
    out.append(stored(kind, cells, nan, exact, infinite).hex())
    return " ".join(out)


def make_cells(rng, kind, count):
    shape = rng.choice(["sensor", "narrow", "wide", "any", "special", "cancel"])
    odd = rng.choice([0, 0, 0.02, 0.3])
    out = []
    for i in range(count):
        if kind == "i":
            value = rng.choice([rng.getrandbits(64), rng.randrange(1000), -1 & WORD])
        elif shape == "sensor":
            value = bits_of(round(rng.gauss(20, 5), 1))
        elif shape == "narrow":
            value = bits_of(rng.uniform(1, 15) * rng.choice([1, -1]))
        elif shape == "wide":
            value = bits_of(rng.uniform(-1, 1) * 2.0 ** rng.randrange(-30, 30))
        elif shape == "any":
            value = rng.getrandbits(64)
        elif shape == "cancel" and i % 2 and out and out[-1] is not None:
            value = out[-1] ^ 1 << 63
        else:
            value = bits_of(rng.choice(SPECIAL))
        if kind == "f" and rng.random() < odd:
            value = rng.choice([bits_of(INF), bits_of(-INF), 0x7FF8000000000001,
                                0xFFF0000000000001, bits_of(-0.0), 0])
        out.append(None if rng.random() < 0.05 else value)
    return out


def one_window(ask, rng, most):
    kind = rng.choice("fffi")
    cells = make_cells(rng, kind, rng.randrange(0, most))
    words = []
    for cell in cells:
        words.append("-" if cell is None else f"{cell:016x}")
        if rng.random() < 0.01:
            words.append("|")
    said = ask(" ".join([kind] + words))
    right = expected(kind, [(t, c) for t, c in enumerate(cells) if c is not None])
    # Which NaN a sum of both infinities is, nobody promises.
    said, right = said.split(), right.split()
    for i in (2, 3):
        if said[i] != "-" and math.isnan(double_of(int(said[i], 16))):
            said[i] = "nan"
        if right[i] != "-" and math.isnan(double_of(int(right[i], 16))):
            right[i] = "nan"
    if said != right:
        raise AssertionError(
            f"{kind} {' '.join(words)[:300]}\n program: {said}\n model:   {right}")
    return len(cells)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("--values", type=int, default=100000)
    parser.add_argument("--seeded", action="store_true")
    args = parser.parse_args()
    seed = int(os.environ.get("VAULT_TEST_SEED", random.randrange(2**32)))
    print(f"VAULT_TEST_SEED={seed}")
    rng = random.Random(seed)
    process = subprocess.Popen(
        [args.probe], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return process.stdout.readline()

    values = windows = 0
    try:
        while values < args.values:
            values += one_window(ask, rng, rng.choice([3, 20, 300, 1000]))
            windows += 1
    except AssertionError as found:
        if not args.seeded:
            raise
        process.kill()
        print(f"found: {str(found)[:200]}")
        return 0
    process.stdin.close()
    if args.seeded:
        print("the planted fault was not found")
        return 1
    print(f"{windows} windows, {values} values")
    return process.wait()


if __name__ == "__main__":
    sys.exit(main())
