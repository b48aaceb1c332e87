#!/usr/bin/env python3
"""The formulas of interactions once more, without a line of the C code.

usage: reference.py VECTORS [--program PATH [--histories N] [--seed S]]

Checks the vectors; with --program also gives random histories to the C code
and compares every number.  VAULT_TEST_SEED replays a seed that was printed.
"""
import argparse
import json
import os
import random
import subprocess
import sys

FIRST, UPDATE, BAND, SETTLED = 500, 300000, 100, 5
RANGES = {"ces1": (1, 5), "nps": (0, 10), "thumb": (0, 1), "q": (0, 1000)}


def rnd(n, m):
    """n / m to the nearest whole number, halves away from zero."""
    whole = (2 * abs(n) + m) // (2 * m)
    return whole if n >= 0 else -whole


def raw_range(scale):
    return RANGES.get(scale) or (1, int(scale.split("-")[1]))


def q_of(scale, raw):
    if scale == "ces1":
        return 1000 - rnd(1000 * (raw - 1), 4)
    if scale in RANGES:
        return raw * (1000 // RANGES[scale][1])
    return rnd(1000 * (raw - 1), raw_range(scale)[1] - 1)


def expect(expected, perceived):
    return expected + rnd((perceived - expected) * UPDATE, 10**6)


def class_of(perceived, expected, desired=None, adequate=None):
    if desired is not None and adequate is not None:
        if perceived > desired:
            return "delight"
        return "failed" if perceived < adequate else "in-zone"
    gap = perceived - expected
    if abs(gap) <= BAND:
        return "as-expected"
    return "better" if gap > 0 else "worse"


def share(newest, weight):
    rest = 10**6
    for _ in range(weight):
        rest = rnd(rest * (10**6 - newest), 10**6)
    return 10**6 - rest


def run(newest, events):
    """events: (t, id, expected or None, perceived, weight), in any order."""
    score, level, unknown, guess, last = 0, 0, 10**9, FIRST, 0
    lines = []
    for n, (t, _, expected, perceived, weight) in enumerate(sorted(
            events, key=lambda event: event[:2])):
        e = guess if expected is None else expected
        a = share(newest, weight)
        d = perceived - e
        score += rnd((1000 * d - score) * a, 10**6)
        level = (1000 * perceived if n == 0
                 else level + rnd((1000 * perceived - level) * a, 10**6))
        unknown = rnd(unknown * (10**6 - a), 10**6)
        for line in lines:
            line[4] = rnd(line[4] * (10**6 - a), 10**6)
        lines.append([e, d, score, level, rnd(d * 10**9 * a, 10**6)])
        guess, last = expect(guess, perceived), t
    return {"count": len(events), "score": score, "level": level,
            "unknown": unknown, "last": last, "expects": guess,
            "settled": int(len(events) >= SETTLED), "lines": lines}


def check_history(case):
    events = [(i, i, *event) for i, event in enumerate(case["events"])]
    result = run(case["newest"], events)
    columns = list(zip(*result["lines"]))
    found = {"scores": list(columns[2]), "levels": list(columns[3]),
             "contributions": list(columns[4]), "unknown": result["unknown"],
             "first_score": columns[2][0], "last_score": columns[2][-1]}
    for key in set(found) & set(case):
        if found[key] != case[key]:
            yield f'{case["name"]}: {key} {found[key]} is not {case[key]}'


def check_vectors(vectors):
    for case in vectors["scales"]:
        if q_of(case["scale"], case["raw"]) != case["q"]:
            yield f"scale: {case}"
    guess = vectors["expectation"]["first"]
    for p, after in zip(vectors["expectation"]["perceived"],
                        vectors["expectation"]["after"]):
        guess = expect(guess, p)
        if guess != after:
            yield f"expectation: {guess} is not {after}"
    for case in vectors["classes"]:
        word = class_of(case["perceived"], case["expected"],
                        case.get("desired"), case.get("adequate"))
        if word != case["class"]:
            yield f"class: {case}"
    for case in vectors["shares"]:
        if share(case["newest"], case["weight"]) != case["share"]:
            yield f"share: {case}"
    for case in vectors["histories"]:
        yield from check_history(case)


def random_history(source):
    """Few times and ids, so that ties are met; ids never twice at one time."""
    seen = {}
    for _ in range(source.randint(0, 12)):
        t, name = source.randint(-3, 9), source.randint(0, 255)
        guessed = source.random() < 0.4
        seen[t, name] = (t, name,
                         None if guessed else source.randint(0, 1000),
                         source.choice((0, 1000, source.randint(0, 1000))),
                         source.randint(1, 3))
    events = list(seen.values())
    source.shuffle(events)
    return source.choice((200000, 50000, 500000,
                          source.randint(50000, 500000))), events


def question_of(newest, events):
    """As the program reads it, an inferred expectation as -1."""
    words = ["h", str(newest), str(len(events))]
    for t, name, e, p, w in events:
        words += [str(x) for x in (t, name, -1 if e is None else e, p, w)]
    return " ".join(words)


def answer_of(result):
    words = [result[key] for key in ("count", "score", "level", "unknown",
                                     "last", "expects", "settled")]
    for line in result["lines"]:
        words += line
    return " ".join(map(str, words))


def small_questions(source):
    """All scales with all their values, and some classes."""
    scales = list(RANGES) + [f"likert-{n}" for n in range(2, 12)]
    for scale in scales:
        low, high = raw_range(scale)
        for raw in range(low, high + 1):
            yield f"q {scale} {raw}", str(q_of(scale, raw))
    for _ in range(2000):
        p, e = source.randint(0, 1000), source.randint(0, 1000)
        adequate, desired = sorted((source.randint(0, 1000),
                                    source.randint(0, 1000)))
        yield f"c {p} {e} -1 -1", class_of(p, e)
        yield (f"c {p} {e} {desired} {adequate}",
               class_of(p, e, desired, adequate))


def compare(program, histories, seed):
    source = random.Random(seed)
    pairs = list(small_questions(source))
    for _ in range(histories):
        newest, events = random_history(source)
        pairs.append((question_of(newest, events),
                      answer_of(run(newest, events))))
    asked = "\n".join(question for question, _ in pairs) + "\n"
    answers = subprocess.run([program], input=asked, text=True, check=True,
                             stdout=subprocess.PIPE).stdout.splitlines()
    if len(answers) != len(pairs):
        yield f"{len(pairs)} questions, {len(answers)} answers"
    for (question, right), answer in zip(pairs, answers):
        if answer != right:
            yield f"asked  {question}\nmodel  {right}\nanswer {answer}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("vectors")
    parser.add_argument("--program")
    parser.add_argument("--histories", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=int(
        os.environ.get("VAULT_TEST_SEED") or random.randrange(2**32)))
    args = parser.parse_args()
    with open(args.vectors, encoding="utf-8") as file:
        faults = list(check_vectors(json.load(file)))
    print("vectors checked")
    if args.program:
        print(f"VAULT_TEST_SEED={args.seed}, {args.histories} histories")
        faults += compare(args.program, args.histories, args.seed)
    for fault in faults[:10]:
        print(fault)
    print(f"{len(faults)} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
