"""What the fixture vault of format 1 holds: rows from fixed inputs.

tests/cases/vaults/format-1 was made of this by make_format_1.py, once, and is
never made again: what was written then must be read for ever.
"""
import hashlib
import json
import random

T0 = 1764072000 * 10**9  # 2025-11-25T12:00:00Z
NS = 10**9
PASSPHRASE = 'a passphrase of format one'


def load():
    """Doubles that do not pack: several chunks, with heads and roll-ups."""
    dice = random.Random(1)
    return [[T0 + 41 * NS * i, dice.random() * 1000] for i in range(5000)]


def counter():
    """Integers, with one late row and two at one time."""
    rows = [[T0 + 60 * NS * i, 7 * i] for i in range(400)]
    return rows + [[T0 + 30 * NS, -1], [T0 + 60 * NS, 8]]


def log():
    """Texts, some absent, and a bool."""
    return [[T0 + 3600 * NS * i, None if i % 5 == 3 else 'line %d é' % i,
             i % 3 == 0] for i in range(120)]


STREAMS = {
    'home/load': ({'value': 'f64'}, load),
    'home/counter': ({'value': 'i64'}, counter),
    'home/log': ({'text': 'text', 'night': 'bool'}, log),
}


def in_order(rows):
    """As a query gives them: by time, of one time as they came."""
    return sorted(rows, key=lambda row: row[0])


def digest(rows):
    """Of rows as a query gives them, bit for bit."""
    text = json.dumps([list(row) for row in rows], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
