#!/usr/bin/env python3
"""Policies, requests and expected decisions, as text.

    policy_cases.py ORACLE FOLDER [--write]

A case is a file *.case of lines for policy_oracle, each answer behind what
asked for it with `> ` in front.  All else but lines that begin with # is sent.
--write puts today's answers into the files, to be read before they are kept.
"""
import difflib
import pathlib
import subprocess
import sys

ASKING = ("apply", "print", "decide", "brief", "use", "say")


def answers(oracle, lines):
    """The case as it ought to look: each command, then its answer."""
    sent = []
    for line in lines:
        sent.append(line)
        if line.split(" ")[0] in ASKING:
            sent.append("end")
    done = subprocess.run([oracle], input="\n".join(sent) + "\n", text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        return None, done.stderr
    blocks = [[]]
    for line in done.stdout.splitlines():
        if line == ".":
            blocks.append([])
        else:
            blocks[-1].append(line)
    out = []
    for line in lines:
        out.append(line)
        if line.split(" ")[0] in ASKING:
            out += ["> " + one for one in blocks.pop(0)]
    return out, ""


def main():
    oracle, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    write = sys.argv[3:] == ["--write"]
    failed, count = 0, 0
    for path in sorted(folder.glob("*.case")):
        text = path.read_text(encoding="utf-8").splitlines()
        asked = [line for line in text if not line.startswith(">")]
        want, why = answers(oracle, asked)
        count += 1
        if write and want is not None:
            path.write_text("\n".join(want) + "\n", encoding="utf-8")
        elif want != text:
            failed += 1
            print("%s: %s" % (path.name, why))
            print("\n".join(difflib.unified_diff(
                text, want or [], "the case", "the engine", lineterm="")))
    print("%d cases, %d differ" % (count, failed))
    sys.exit(1 if failed or count == 0 else 0)


main()
