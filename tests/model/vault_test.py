#!/usr/bin/env python3
"""A vault that the house made is opened by the text of the format, three
ways; both read the same; and what is changed in it is refused.

    vault_test.py PROBE FIXTURE
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
READER = os.path.join(HERE, "vault.py")
PASSPHRASE = "correct horse"
KEY_FILE = b"key-file-key-file-key-file-key-f"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=50,
                          check=False)


def read(vault, *way):
    done = run(sys.executable, READER, vault, *way)
    if done.returncode == 77:
        print(done.stdout, end="")
        sys.exit(77)
    return done.returncode, done.stdout


def must(holds, what):
    if not holds:
        sys.exit(f"FAILED: {what}")
    print(f"ok: {what.strip()}")


def as_the_house_says(listing):
    """The lines that the house lists too, without what its API hides."""
    lines = [line for line in listing.splitlines()
             if line.startswith(("tail", "chunk", "head", "roll", "lane",
                                 "dedup", "meta", "audit"))]
    lines = [re.sub(r" version \d+", "", line) for line in lines]
    lines = [re.sub(r"^lane [0-9a-f]+", "lane", line) for line in lines]
    return [re.sub(r" key \d", "", line) for line in lines]


def check_ways(vault, words, key):
    listings = []
    for way in (("--passphrase", PASSPHRASE), ("--words", words),
                ("--key-file", key)):
        code, listing = read(vault, *way)
        must(code == 0, f"it opens with {way[0]}")
        listings.append(listing)
    must(listings[0] == listings[1] == listings[2], "each way shows the same")
    must(read(vault, "--passphrase", PASSPHRASE + " ")[0] == 1,
         "a wrong passphrase does not open it")
    return listings[0]


def check_against_the_house(probe, vault, listing):
    done = run(probe, "list", vault)
    must(done.returncode == 0, "the house opens it")
    must(as_the_house_says(listing) == done.stdout.splitlines(),
         f"both read the same {len(done.stdout.splitlines())} records")


def check_changes(vault, key):
    for name in ("CURRENT", "header.1", "erase.1", "keyring.1"):
        path = os.path.join(vault, name)
        with open(path, "rb") as file:
            good = file.read()
        for at in (0, len(good) // 3, len(good) - 1):
            bad = bytearray(good)
            bad[at] ^= 1
            with open(path, "wb") as file:
                file.write(bad)
            code, said = read(vault, "--key-file", key)
            must(code == 1 and "wrong" in said, f"{name}, byte {at}: {said}")
        with open(path, "wb") as file:
            file.write(good)
    must(read(vault, "--key-file", key)[0] == 0, "unchanged it opens again")


def main():
    probe, fixture = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        vault = os.path.join(scratch, "vault")
        key = os.path.join(scratch, "key")
        with open(key, "wb") as file:
            file.write(KEY_FILE)
        made = run(probe, "make", vault)
        must(made.returncode == 0, "the house makes a vault" + made.stderr)
        listing = check_ways(vault, made.stdout.strip(), key)
        check_against_the_house(probe, vault, listing)
        check_changes(vault, key)

        kept = os.path.join(scratch, "kept")
        shutil.copytree(fixture, kept)
        with open(os.path.join(fixture, "words"), encoding="ascii") as file:
            words = file.read().strip()
        os.unlink(os.path.join(kept, "words"))
        os.unlink(os.path.join(kept, "expected"))
        listing = check_ways(kept, words, key)
        with open(os.path.join(fixture, "expected"), encoding="ascii") as file:
            must(listing == file.read(), "the kept vault reads as it did")
        check_against_the_house(probe, kept, listing)
    return 0


if __name__ == "__main__":
    sys.exit(main())
