#!/usr/bin/env python3
"""Make the C tables of the vocabulary from the *.tsv files beside this one.

    generate.py OUT.c

Nothing is guessed: an id twice, a hole in the bits, a parent that is not there
or a word that no table knows ends the build with the file and line.
"""
import hashlib
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
VERSION = "vocab/1"
FILES = ("purposes", "categories", "never", "floors", "caps", "values",
         "countries", "risks")
PREFIXES = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "fin": "https://w3id.org/dpv/sector/finance#",
    "hea": "https://w3id.org/dpv/sector/health#",
    "ai": "https://w3id.org/dpv/ai#",
}
FLAGS = {"X": "VOCAB_EXPLICIT", "G": "VOCAB_GROUP", "S": "VOCAB_SPECIAL"}
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800,
           "y": 31536000}
PLACES = {"top": "VOCAB_TOP", "rule": "VOCAB_RULE", "cap": "VOCAB_CAP",
          "oblige": "VOCAB_OBLIGE"}
SINCE = {"now": "VOCAB_NOW", "later": "VOCAB_LATER",
         "never": "VOCAB_SECOND_WAVE"}
DIRECTIONS = ("at-most", "at-least", "within", "multiple", "detail", "rate",
              "from", "until", "recipients", "least", "most")
KINDS = ("stat", "bucket", "action", "channel", "basis", "profiling", "role")
WHEN = {"always": "VOCAB_ALWAYS", "finer": "VOCAB_WHEN_FINER",
        "raw": "VOCAB_WHEN_RAW", "unrounded": "VOCAB_WHEN_UNROUNDED"}
TO_OWNER = ((r"\bI asked\b", "you asked"), (r"\bit is me\b", "it is you"),
            (r"\bmy\b", "your"), (r"\bme\b", "you"), (r"\bI\b", "you"))


def fail(name, line, what):
    sys.exit(f"{HERE / name}.tsv:{line}: {what}")


def rows(name, columns):
    """The rows of a table, each with its line, without comments."""
    out = []
    text = (HERE / f"{name}.tsv").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#") or not line:
            continue
        cells = line.split("\t")
        if len(cells) != columns:
            fail(name, number, f"{len(cells)} columns, not {columns}")
        out.append((number, cells))
    return out


def c_text(text):
    return "NULL" if text is None else '"' + text.replace('"', '\\"') + '"'


def c_mask(bits):
    value = sum(1 << bit for bit in set(bits))
    low, high = value & (2**64 - 1), value >> 64
    return "{ { UINT64_C(0x%x), UINT64_C(0x%x) } }" % (low, high)


def iri_of(name, line, short):
    if short == "-":
        return None
    prefix, _, rest = short.partition(":")
    if prefix not in PREFIXES or not rest:
        fail(name, line, f"no such prefix: {short}")
    return PREFIXES[prefix] + rest


def read_nodes(name):
    """The nodes of a tree: id to a dict, in the order of bits."""
    nodes = {}
    for line, (bit, ident, flags, also, iris, words) in rows(name, 6):
        if int(bit) != len(nodes) or len(nodes) >= 128:
            fail(name, line, f"bit {bit} is not the next")
        if ident in nodes or len(ident) > 63:
            fail(name, line, f"{ident} is there already, or too long")
        parent = ident.rpartition(".")[0]
        above = [p for p in (parent, also) if p not in ("", "-")]
        for one in above:
            if one not in nodes:
                fail(name, line, f"no {one} above {ident}")
        within = {int(bit)}
        for one in above:
            within |= nodes[one]["within"]
        named = [FLAGS[f] for f in flags if f != "-"]
        if ident.split(".")[0] == "location":
            named.append("VOCAB_LENGTH")
        nodes[ident] = {
            "bit": int(bit), "flags": named, "words": words,
            "parent": nodes[parent]["bit"] if parent else -1,
            "within": within,
            "iris": [iri_of(name, line, i) for i in iris.split(" ")]}
    return nodes


def to_owner(words):
    for pattern, put in TO_OWNER:
        words = re.sub(pattern, put, words)
    return words


def put_nodes(out, name, one, nodes):
    out.append(f"const struct vocab_node vocab_table_{name}[] = {{")
    for ident, node in nodes.items():
        iris = ", ".join(c_text(i) for i in (node["iris"] + [None])[:2])
        out.append(
            "    { %d, %s, %d, %s,\n      %s,\n      %s,\n      %s,\n"
            "      { %s } }," % (
                node["bit"], " | ".join(node["flags"]) or "0",
                node["parent"], c_mask(node["within"]), c_text(ident),
                c_text(node["words"]), c_text(to_owner(node["words"])), iris))
    out.append("};")
    out.append(f"const int vocab_table_{one}_count = {len(nodes)};\n")


def seconds(name, line, text):
    match = re.fullmatch(r"([0-9]+)(s|min|h|d|w|y)", text)
    if not match:
        fail(name, line, f"no duration: {text}")
    return int(match[1]) * SECONDS[match[2]]


def mask_of(name, line, text, nodes):
    bits = []
    for ident in text.split("+"):
        if ident not in nodes:
            fail(name, line, f"no such id: {ident}")
        bits.append(nodes[ident]["bit"])
    return bits


def floor_member(line, which, value, purposes, stats):
    """One line of floors.tsv as members of struct vocab_floor."""
    if which == "purposes":
        return [".purposes = " +
                c_mask(mask_of("floors", line, value, purposes))]
    if which == "stats":
        return [".stats = %d" % sum(stats[s] for s in value.split("+"))]
    if which == "raw":
        return [".raw = true"]
    if which == "action" and value == "once":
        return [".once = true"]
    if which == "rate":
        count, _, period = value.partition("/")
        return [".rate_n = " + count,
                ".rate_s = %d" % {"day": 86400, "week": 604800}[period]]
    if which in ("bucket", "window", "delay", "life"):
        return [".%s_s = %d" % (which, seconds("floors", line, value))]
    return fail("floors", line, f"no such floor: {which}")


def put_floors(out, purposes, categories, stats):
    floors = {}
    for line, (ident, which, value) in rows("floors", 3):
        if ident not in categories:
            fail("floors", line, f"no such category: {ident}")
        members = floors.setdefault(ident, [])
        members += floor_member(line, which, value, purposes, stats)
    out.append("const struct vocab_floor vocab_table_floors[] = {")
    for ident, members in floors.items():
        body = ",\n      ".join([".category = %d" % categories[ident]["bit"]]
                                + members)
        out.append("    { %s }," % body)
    out.append("};")
    out.append(f"const size_t vocab_table_floor_count = {len(floors)};\n")


def put_keys(out):
    found = rows("caps", 9)
    out.append("const struct vocab_key vocab_table_keys[] = {")
    for line, cells in found:
        place, name, kind, least, most, unsaid, since, direction, words = cells
        if direction != "-" and direction not in DIRECTIONS:
            fail("caps", line, f"no such direction: {direction}")
        way = ("VOCAB_NO_DIRECTION" if direction == "-" else
               "VOCAB_" + direction.upper().replace("-", "_"))
        number = [n if n != "-" else "0" for n in (least, most)]
        out.append("    { %s, %s, %s, %s, %s, %s,\n      %s, %s, %s }," % (
            PLACES[place], SINCE[since], way, c_text(name), c_text(kind),
            c_text("" if unsaid == "-" else unsaid), c_text(words), *number))
    out.append("};")
    out.append(f"const size_t vocab_table_key_count = {len(found)};\n")
    caps = [i for i, (_, cells) in enumerate(found)
            if cells[0] == "cap" and cells[6] != "never"]
    if caps != list(range(caps[0], caps[-1] + 1)):
        sys.exit("caps.tsv: the caps of version 1 are not together")
    out.append(f"const size_t vocab_table_first_cap = {caps[0]};")
    out.append(f"const size_t vocab_table_cap_count = {len(caps)};\n")


def put_values(out):
    """The values; gives the statistics back, by name."""
    stats = {}
    found = rows("values", 5)
    out.append("const struct vocab_value vocab_table_values[] = {")
    for line, (kind, value, ident, words, iri) in found:
        if kind not in KINDS:
            fail("values", line, f"no such kind: {kind}")
        if kind == "stat":
            stats[ident] = int(value)
        out.append("    { VOCAB_%s, %s, %s, %s, %s }," % (
            kind.upper(), value, c_text(ident), c_text(words),
            c_text(iri_of("values", line, iri))))
    out.append("};")
    out.append(f"const size_t vocab_table_value_count = {len(found)};\n")
    return stats


def put_never(out, categories):
    found = rows("never", 1)
    for line, (ident,) in found:
        if ident in categories:
            fail("never", line, f"{ident} is a category")
    out.append("const char *const vocab_table_never[] = {")
    out += ["    %s," % c_text(cells[0]) for _, cells in found]
    out.append("};")
    out.append(f"const size_t vocab_table_never_count = {len(found)};\n")


def put_countries(out):
    found = rows("countries", 2)
    codes = [cells[0] for _, cells in found]
    if codes != sorted(set(codes)) or len(codes) > 256:
        sys.exit("countries.tsv: not in order, twice or too many")
    out.append("const struct vocab_place_row vocab_table_countries[] = {")
    out += ["    { %s, %s }," % (c_text(code), "true" if f == "E" else "false")
            for _, (code, f) in found]
    out.append("};")
    out.append(f"const int vocab_table_country_count = {len(found)};\n")


def put_risks(out, categories):
    found = rows("risks", 3)
    out.append("const struct vocab_risk vocab_table_risks[] = {")
    for line, (when, idents, words) in found:
        mask = c_mask(mask_of("risks", line, idents, categories))
        out.append("    { %s, %s,\n      %s }," % (WHEN[when], mask,
                                                   c_text(words)))
    out.append("};")
    out.append(f"const size_t vocab_table_risk_count = {len(found)};\n")


def table_hash():
    """SHA-256 of all tables: of each its name, its length and its bytes."""
    digest = hashlib.sha256()
    for name in FILES:
        text = (HERE / f"{name}.tsv").read_bytes()
        digest.update(f"{name} {len(text)}\n".encode() + text)
    return digest.digest()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    purposes, categories = read_nodes("purposes"), read_nodes("categories")
    out = ["/* Made by generate.py from the tables.  Do not edit. */",
           '#include "vocab/vocab_tables.h"\n',
           f"const char vocab_table_version[] = {c_text(VERSION)};",
           "const uint8_t vocab_table_hash[VOCAB_HASH_LEN] = {"]
    digest = table_hash()
    for at in range(0, 32, 8):
        out.append("    " + " ".join("0x%02x," % b
                                     for b in digest[at:at + 8]))
    out.append("};\n")
    put_nodes(out, "purposes", "purpose", purposes)
    put_nodes(out, "categories", "category", categories)
    stats = put_values(out)
    put_never(out, categories)
    put_floors(out, purposes, categories, stats)
    put_keys(out)
    put_countries(out)
    put_risks(out, categories)
    pathlib.Path(sys.argv[1]).write_text("\n".join(out), encoding="utf-8")


main()
