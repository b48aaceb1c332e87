#!/usr/bin/env python3
"""The plan check and the list of mistakes are red where they must be.

usage: breaches.py ROOT

Each breach is put into a copy of the tree, the check is run on the copy and
must name it; then it is taken out again.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

# What is said, which check, the file (made where it is not there), the line
# that is added, and what the check must say of it.
BREACHES = [
    ("a room that looks up", "plan", "sdk/base/slice.c",
     '#include "store/store.h"', "sdk/base may not include vaultd/store"),
    ("a room that looks beside itself", "plan",
     "vaultd/interaction/formula.c", '#include "series/series.h"',
     "vaultd/interaction may not include vaultd/series"),
    ("a library behind its room's back", "plan", "vaultd/ingest/line.c",
     "#include <lmdb.h>", "vaultd/ingest may not know <lmdb.h>"),
    ("a library by a pattern", "plan", "sdk/wire/frame.c",
     "#  include <openssl/ssl.h>", "sdk/wire may not know <openssl/ssl.h>"),
    ("another room's inside", "plan", "tests/flow/inside.c",
     '#include "base/time_internal.h"', "tests/flow may not include sdk/base"),
    ("an internal header of a room below", "plan", "vaultd/ingest/line.c",
     '#include "base/time_internal.h"', "time_internal.h is internal"),
    ("the promise, from inside", "plan", "vaultd/ingest/line.c",
     "#include <vault/vault.h>", "vaultd/ingest may not include sdk/include"),
    ("a room without a line", "plan", "vaultd/attic/attic.c",
     "int attic;", "vaultd/attic has no line in the plan"),
    ("a header that is not there", "plan", "sdk/base/slice.c",
     '#include "base/nowhere.h"', '"base/nowhere.h" is not in the tree'),
    ("a plan that names what is further down", "plan", ".ci/house.allow",
     "sdk/late: sdk/later\nsdk/later:", "sdk/late names sdk/later"),
    ("a gate for a room that is none", "plan", ".ci/house.allow",
     "<time.h>: sdk/nowhere", "<time.h> names sdk/nowhere"),
    ("a copy without a length", "mistakes", "vaultd/ingest/line.c",
     "void f(char *a, char *b) { strcpy(a, b); }", "strcpy: it knows no"),
    ("a note for later", "mistakes", "sdk/base/slice.c",
     "/* TODO: all of it */", "TODO: what is missing"),
    ("sockets outside the door", "mistakes", "vaultd/service/jobs.c",
     "void f(void) { lws_callback_on_writable(0); }",
     "lws_callback_on_writable: only the door"),
]

# What looks like a breach and is none.
FINE = [
    ("a call in a text", "mistakes", "sdk/base/slice.c",
     'const char *s = "strcpy(a, b)";'),
    ("a call in a comment", "mistakes", "sdk/base/slice.c",
     "/* unlike strcpy(), which\n   knows no length */"),
    ("a call where it is allowed", "mistakes", "sdk/base/number.c",
     "double f(void) { return strtod(0, 0); }"),
    ("an include in a comment's place", "plan", "sdk/base/slice.c",
     '// #include "store/store.h"'),
]


def run(copy, check):
    done = subprocess.run(
        [sys.executable, str(copy / ".ci" / f"{check}.py"), "--root", copy],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def seeded(copy, check, name, line):
    """What the check says with a line added to a file of the copy."""
    path = copy / name
    old = path.read_text(encoding="utf-8") if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((old or "") + "\n" + line + "\n", encoding="utf-8")
    result = run(copy, check)
    if old is None:
        path.unlink()
    else:
        path.write_text(old, encoding="utf-8")
    return result


def copied(root, into):
    """A copy of the sources and of the checks."""
    for top in (".ci", "sdk", "policies", "vaultd", "tests"):
        shutil.copytree(
            root / top, into / top, ignore=lambda folder, names: [
                n for n in names if not (pathlib.Path(folder, n).is_dir()
                                         or n.endswith((".c", ".h", ".py"))
                                         or "." not in n
                                         or n == "house.allow")])
    return into


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(root, pathlib.Path(folder, "tree"))
        for says, check, name, line, words in BREACHES:
            code, text = seeded(copy, check, name, line)
            good = code != 0 and words in text
            print(("ok      " if good else "UNSEEN  ") + says)
            failed += not good
        before = {check: run(copy, check) for check in ("plan", "mistakes")}
        for says, check, name, line in FINE:
            good = seeded(copy, check, name, line) == before[check]
            print(("ok      " if good else "WRONG   ") + says)
            failed += not good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
