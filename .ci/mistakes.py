#!/usr/bin/env python3
"""Find calls that .ci/mistakes forbids in sdk, policies and vaultd.

usage: mistakes.py [--root DIR]

Comments and texts are not looked at: they may name what is not called.
Exit 1 with one line a finding; 2 when the list itself is malformed.
"""
import argparse
import pathlib
import re
import sys

# A comment, a text or a character: blanked out, its line breaks kept.
QUIET = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'
                   r"'(?:\\.|[^'\\\n])*'", re.S)


def read_list(path):
    rows = []
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 4:
            sys.exit(f"{path}:{number}: four columns, apart by tabs")
        pattern, allowed, reason, instead = columns
        places = [] if allowed == "-" else allowed.split(",")
        rows.append((re.compile(pattern), places, reason, instead))
    return rows


def blanked(text):
    return QUIET.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def findings(root, rows):
    # One pass over a file for all rows; most files have nothing.
    every = re.compile("|".join(row[0].pattern for row in rows))
    for top in ("sdk", "policies", "vaultd"):
        for path in sorted((root / top).rglob("*.[ch]")):
            here = path.relative_to(root).as_posix()
            raw = path.read_text(encoding="utf-8")
            if not every.search(raw):
                continue
            quiet = blanked(raw)
            for pattern, places, reason, instead in rows:
                if any(here.startswith(place) for place in places):
                    continue
                # What is looked for in comments is looked for in all.
                text = raw if "TODO" in pattern.pattern else quiet
                for found in pattern.finditer(text):
                    line = text.count("\n", 0, found.start()) + 1
                    yield (f"{here}:{line}: {found.group().strip(' (')}: "
                           f"{reason}; instead: {instead}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).parent.parent)
    root = parser.parse_args().root.resolve()
    found = list(findings(root, read_list(root / ".ci" / "mistakes")))
    print("\n".join(found) if found else "no mistakes of the list")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
