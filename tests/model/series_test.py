#!/usr/bin/env python3
"""Rows that the house packed are read by the text of the format alone, and are
those that were put, in order.

    series_test.py PROBE [SEED...]
"""

import contextlib
import io
import os
import subprocess
import sys
import tempfile

import vault
import zstd_frame

HERE = os.path.dirname(os.path.abspath(__file__))
READER = os.path.join(HERE, "vault.py")
KEY_FILE = b"key-file-key-file-key-file-key-f"
ENOUGH = {"chunk": 40, "head": 5, "roll": 5, "lane": 8, "dedup": 3}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=250,
                          check=False)
    if done.returncode == 77:
        print(done.stdout, end="")
        sys.exit(77)
    if done.returncode != 0:
        sys.exit(f"FAILED: {command}: {done.stdout[-300:]}{done.stderr}")
    return done.stdout.splitlines()


def must(holds, what):
    if not holds:
        sys.exit(f"FAILED: {what}")
    print(f"ok: {what}")


def kept(rows):
    """What the vault keeps: of rows that are equal one, in order of time."""
    seen = set()
    out = []
    for row in rows:
        if row not in seen:
            seen.add(row)
            out.append(row)
    return sorted(out, key=lambda row: int(row.split()[0]))


def said(function, *args):
    """The lines that it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        function(*args)
    return out.getvalue().splitlines()


def make(probe, path, seed):
    """(streams' ids, rows that were put) by name."""
    streams, put = {}, {}
    for line in run(probe, path, seed):
        word, name, rest = line.split(" ", 2)
        if word == "stream":
            streams[name] = rest
        else:
            put.setdefault(name, []).append(rest)
    return streams, put


def check(probe, seed, scratch):
    path = os.path.join(scratch, f"vault-{seed}")
    streams, put = make(probe, path, seed)
    opened = vault.Vault(path, vault.CREDENTIAL, KEY_FILE)
    listing = said(opened.check)
    for kind, least in ENOUGH.items():
        count = sum(line.startswith(kind + " ") for line in listing)
        must(count >= least, f"seed {seed}: {count} records {kind}")
    total = 0
    for name in sorted(streams):
        expected = kept(put[name])
        total += len(expected)
        must(said(opened.print_rows, name) == expected,
             f"seed {seed}: {name} has the {len(expected)} rows that were put")
    counts = [int(line.split()[1]) for line in said(opened.print_sources)]
    must(sum(counts) == total and len(counts) == 3,
         f"seed {seed}: the sources' counts are those of the rows")
    return path, streams[name], expected


def check_command(scratch, path, stream, expected):
    key = os.path.join(scratch, "key")
    with open(key, "wb") as file:
        file.write(KEY_FILE)
    must(run(sys.executable, READER, path, "--key-file", key, "--rows",
             stream) == expected, "the reader prints a stream by its id")


def main():
    if zstd_frame.missing():
        print(f"SKIP: {zstd_frame.missing()}")
        return 77
    with tempfile.TemporaryDirectory() as scratch:
        for seed in sys.argv[2:] or ["1"]:
            made = check(sys.argv[1], seed, scratch)
        check_command(scratch, *made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
