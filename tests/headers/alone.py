#!/usr/bin/env python3
"""Compile each public header alone, twice in one source.

usage: alone.py --root ROOT (--cc COMPILER | --cxx COMPILER)

With --cc all headers of all rooms, as C17, and those of sdk/include as C11;
with --cxx those of sdk/include as C++17.  Internal headers are their room's.
Exit 1 when one does not compile, 77 when there is no such compiler.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]
OF_C = ["-Wconversion", "-Wstrict-prototypes", "-Wmissing-prototypes",
        "-Wcast-qual", "-D_POSIX_C_SOURCE=200809L"]


def headers(root, tops):
    for top in tops:
        for path in sorted((root / top).glob("*/*.h")):
            if not path.name.endswith("_internal.h"):
                yield path.relative_to(root / top).as_posix()


def fault(compiler, words, header, quotes):
    """What the compiler says of a header alone; empty: nothing."""
    line = f"#include {quotes[0]}{header}{quotes[1]}\n"
    done = subprocess.run(
        [compiler, *words, "-fsyntax-only", "-"], input=line * 2, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout if done.returncode else ""


def groups(root, args):
    """(words for the compiler, headers, how they are quoted)"""
    abi = list(headers(root / "sdk", ["include"]))
    if args.cxx:
        yield (["-x", "c++", "-std=c++17", f"-I{root}/sdk/include",
                *WARNINGS], abi, "<>")
        return
    yield (["-x", "c", "-std=c11", f"-I{root}/sdk/include", *WARNINGS, *OF_C],
           abi, "<>")
    rooms = [h for h in headers(root, ["sdk", "policies", "vaultd"])
             if not h.startswith("include/")]
    yield (["-x", "c", "-std=c17", *WARNINGS, *OF_C,
            f"-I{root}/sdk/include",
            *(f"-I{root}/{top}" for top in ("sdk", "policies", "vaultd"))],
           rooms, '""')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--cc")
    parser.add_argument("--cxx")
    args = parser.parse_args()
    compiler = args.cc or args.cxx
    if not shutil.which(compiler):
        print(f"SKIP no compiler {compiler}")
        return 77
    count = failed = 0
    for words, names, quotes in groups(args.root.resolve(), args):
        for name in names:
            says = fault(compiler, words, name, quotes)
            count += 1
            if says:
                failed += 1
                print(f"{name} does not compile alone:\n{says}")
    print(f"{count} headers, {failed} faults")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
