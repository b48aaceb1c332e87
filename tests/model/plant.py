"""Plant a fault into a copy of a source: plant.py FAULT TREE OUT

A fault is a text in a source and what is put in its place.  The text must be
there, or the fault is none any more and has to be written anew.
"""

import sys

FAULTS = {
    # -0 equals 0, and goes through as its mantissa.
    "neg-zero-lost": (
        "sdk/wire/decimal.c",
        "return give(*out, power) == bits;",
        "return vlt_f64_of(give(*out, power)) == vlt_f64_of(bits);"),
    # A patch is copied as a double would be by arithmetic.
    "nan-quieted": (
        "sdk/wire/block_number_put.c",
        "block_put_u64(out, values[patches->at[i]]);",
        "block_put_u64(out, vlt_bits_of(vlt_f64_of(values[patches->at[i]])"
        " + 0.0));"),
    # A group is as wide as it needs to be, even if no such width exists.
    "width-57": (
        "sdk/wire/block_integer.c",
        "unsigned width = vlt_pack_width_of(all);",
        "unsigned width ="
        " all == 0 ? 0 : 64 - (unsigned)__builtin_clzll(all);"),
    # The last time is not held against the end of time.
    "time-overflow": (
        "sdk/wire/block_time.c",
        "if (sum > room / unit) {",
        "if (sum > UINT64_MAX / unit && room > 0) {"),
}


def main():
    fault, tree, out = sys.argv[1:]
    path, was, planted = FAULTS[fault]
    with open(f"{tree}/{path}", encoding="utf-8") as source:
        text = source.read()
    if was not in text:
        print(f"{path} has no place for the fault {fault}: {was}")
        return 1
    with open(out, "w", encoding="utf-8") as copy:
        copy.write(text.replace(was, planted))
    return 0


if __name__ == "__main__":
    sys.exit(main())
