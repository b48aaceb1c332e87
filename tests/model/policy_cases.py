#!/usr/bin/env python3
"""Policies, requests and expected decisions, as text.

    policy_cases.py ORACLE FOLDER [--write]

A case is a file *.case of lines for policy_oracle, each answer behind what
asked for it with `> ` in front.  All else but lines that begin with # is sent;
`library NAME` stands for that file of policies/library.
--write puts today's answers into the files, to be read before they are kept.
"""
import difflib
import pathlib
import subprocess
import sys

ASKING = ("apply", "print", "decide", "brief", "use", "say", "bind", "test",
          "offer")


LIBRARY = pathlib.Path(__file__).resolve().parents[2] / "policies/library"


def library(line):
    """A line as it is sent."""
    word, _, name = line.partition(" ")
    if word != "library":
        return [line]
    text = (LIBRARY / name).read_text(encoding="utf-8")
    return ["file " + name] + ["|" + one for one in text.splitlines()]


def speak(oracle, cases):
    """The answers to all cases, one list of lines for each that asks."""
    sent = []
    for lines in cases:
        sent.append("reset")
        for line in lines:
            sent += library(line)
            if line.split(" ")[0] in ASKING:
                sent.append("end")
    done = subprocess.run([oracle], input="\n".join(sent) + "\n", text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    blocks = [[]]
    for line in done.stdout.splitlines():
        if line == ".":
            blocks.append([])
        else:
            blocks[-1].append(line)
    return blocks


def with_answers(lines, blocks):
    """The case as it ought to look; takes its answers from blocks."""
    out = []
    for line in lines:
        out.append(line)
        if line.split(" ")[0] in ASKING:
            out += ["> " + one for one in blocks.pop(0)]
    return out


def main():
    oracle, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    write = sys.argv[3:] == ["--write"]
    paths = sorted(folder.glob("*.case"))
    texts = [path.read_text(encoding="utf-8").splitlines() for path in paths]
    asked = [[line for line in text if not line.startswith(">")]
             for text in texts]
    blocks = speak(oracle, asked)
    failed = 0
    for path, text, lines in zip(paths, texts, asked):
        want = with_answers(lines, blocks)
        if write:
            path.write_text("\n".join(want) + "\n", encoding="utf-8")
        elif want != text:
            failed += 1
            print("\n".join(difflib.unified_diff(
                text, want, path.name, "the engine", lineterm="")))
    print("%d cases, %d differ" % (len(paths), failed))
    sys.exit(1 if failed or not paths else 0)


main()
