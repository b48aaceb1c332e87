#!/usr/bin/env python3
"""The daemon's engine against a model that shares no code with it.

policy_model.py decides, policy_oracle has the engine behind lines of text.

    policy.py ORACLE [--cases N] [--seed N]

Made at random are sets, requests, states of firms and times, so that bounds
are often met exactly; beside them all sets of up to three of a small list of
rules.  A part of the sets is given twice, the second time in another order and
in several files.  Of each set some requests are decided for 48 states of firms
at six times each, no two alike: forty cases for each of --cases.
"""
import argparse
import collections
import itertools
import os
import random
import subprocess
import sys
import time

from policy_make import (DAY, FIRMS, NOW, SMALL, STATES, STREAMS, bounds_of,
                         firm_lines, make_denied, make_holds, make_request,
                         make_set, request_lines, set_lines, small_requests,
                         stamp)
from policy_model import (AXES, expect_bind, expect_brief, expect_crossed,
                          expect_offer, expect_use, malformed)


# ---- asking the engine ----

class Oracle:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        for firm in FIRMS:
            self.process.stdin.write("known %s\n" % firm)

    def ask(self, lines):
        """Send lines that hold `end` at times; gives an answer for each."""
        count = lines.count("end")
        self.process.stdin.write("\n".join(lines) + "\n")
        self.process.stdin.flush()
        answers = []
        for _ in range(count):
            answer = []
            for line in self.process.stdout:
                if line == ".\n":
                    break
                answer.append(line.rstrip("\n"))
            else:
                sys.exit("the oracle ended")
            answers.append(answer)
        return answers


# What answers were about: outcomes, fates, uses, and caps that failed.  A
# generator that never reaches one of them proves nothing of it.
SEEN = collections.Counter()
TO_BE_SEEN = AXES + ["unnamed", "permit", "offer", "ask", "deny", "out", "default", "give", "hold",
                     "withhold", "duty show", "duty hide", "duty include", "duty yes", "duty each",
                     "duty first", "duty daily", "yes", "no", "+builtin.gpc",
                     "+builtin.quiet", "+builtin.two-details",
                     "+builtin.overdue",
                     "+builtin.unconfirmed"]
ENOUGH = 10000


def note(want):
    for line in want:
        for word in line.split():
            if word.count(",") == 4:  # what the vault does besides
                SEEN.update("duty " + one for one in word.split(","))
            elif word.startswith("-"):
                SEEN.update(word.partition(":")[2].split("+"))
            elif word.startswith("~"):
                SEEN["unnamed"] += 1
            else:
                SEEN[word.rpartition("=")[2]] += 1


def compare(policy, lines, want, got):
    if want == ["malformed"] and got and got[0].startswith("malformed"):
        return
    if want == got:
        return
    print("\n".join(set_lines(policy, 1) + lines))
    print("model :", "\n        ".join(want))
    print("engine:", "\n        ".join(got))
    raise Differs


class Differs(Exception):
    """The engine and the model do not agree."""


class Questions:
    """Questions to one set, with what the model says."""

    def __init__(self):
        self.lines = []
        self.asked = []

    def add_bind(self, policy, firm, request, now, by_rule):
        lines = ["home " + (request["home"] or "none")] + firm_lines(firm) + [
                 "now " + stamp(now)] + request_lines(request) + [
                     "bind %s %s" % ("rule" if by_rule else "hand",
                                     " ".join(STREAMS)), "end"]
        self.lines += lines
        self.asked.append((lines, expect_bind(policy, firm, request, by_rule,
                                              STREAMS, now)))

    def add_offer(self, policy, firm, request, now):
        lines = ["home " + (request["home"] or "none")] + firm_lines(firm) + [
                 "now " + stamp(now)] + request_lines(request) + [
                     "offer", "end"]
        self.lines += lines
        self.asked.append((lines, expect_offer(policy, firm, request, now)))

    def add(self, policy, firm, request, now, grant=None):
        head = ["home " + (request["home"] or "none")] + firm_lines(firm) + [
                "now " + stamp(now)] + request_lines(request)
        if grant is None:
            want = expect_brief(policy, firm, request, now)
            lines = head + ["brief", "end"]
        else:
            want = expect_use(policy, firm, request, grant, now)
            lines = head + ["use %s %s %s" % (
                stamp(grant[0]), stamp(grant[1]),
                "rule" if grant[2] else "hand"), "end"]
        self.lines += lines
        self.asked.append((lines, want))

    def run(self, oracle, policy, home, files=1):
        """The set comes into force, and all that was added is asked."""
        head = ["home " + (home or "none")] + set_lines(policy, files)
        answers = oracle.ask(head + self.lines)
        if answers[0] != ["ok"]:
            print("\n".join(head), "\n", "\n".join(answers[0]))
            sys.exit(1)
        for (lines, want), got in zip(self.asked, answers[1:]):
            note(want)
            compare(policy, lines, want, got)
        return len(self.asked)


def make_firm(rng, request, now):
    return {"name": rng.choice(FIRMS), "state": rng.choice(STATES),
            "holds": make_holds(rng, request),
            "denied": make_denied(rng, request, now),
            "overdue": rng.random() < 0.1}


def random_questions(rng, policy, home, requests):
    questions = Questions()
    for request in requests:
        now = NOW + rng.choice([-1, 0, 0, 0, 1, 60 * DAY])
        firm = make_firm(rng, request, now)
        grant = None
        if rng.random() < 0.3:
            start = now - rng.choice([0, DAY, 29 * DAY])
            grant = (start, now + rng.choice([1, DAY, 60 * DAY, 61 * DAY]),
                     rng.random() < 0.6)
        questions.add(policy, firm, request, now, grant)
        if "offer" in " ".join(questions.asked[-1][1]):
            questions.add_offer(policy, firm, request, now)
        if grant is None and rng.random() < 0.3:
            questions.add_bind(policy, firm, request, now,
                               rng.random() < 0.6)
    return questions


# Of a set the first requests, each of so many firms and at so many times.
CROSSED, FIRMS_CROSSED, TIMES_CROSSED = 7, 48, 6


def distinct(lists):
    return [one for i, one in enumerate(lists) if one not in lists[:i]]


def cross(oracle, rng, policy, request):
    """Under the set that is in force; how many cases that were."""
    times = rng.sample(bounds_of(policy), TIMES_CROSSED)
    holds = [[], make_holds(rng, request), make_holds(rng, request)]
    denied = [[], make_denied(rng, request, rng.choice(times)),
              make_denied(rng, request, rng.choice(times))]
    firms = [{"name": name, "state": state, "holds": had, "denied": no,
              "overdue": overdue}
             for name in FIRMS for state in STATES[-4:] for overdue in (0, 1)
             for had in distinct(holds) for no in distinct(denied)]
    firms = rng.sample(firms, min(len(firms), FIRMS_CROSSED))
    lines = ["home " + (request["home"] or "none")] + request_lines(request)
    asked = [line for now in times for line in ("now " + stamp(now), "brief")]
    for firm in firms:
        lines += firm_lines(firm) + asked
    want = expect_crossed(policy, firms, request, times)
    compare(policy, lines, want, *oracle.ask(lines + ["end"]))
    return len(firms) * len(times)


def run_random(oracle, rng, cases):
    """How many questions, and how many crossed cases."""
    done = crossed = 0
    while done < cases:
        home = rng.choice(["GB", "DE"] * 5 + [None])
        policy = make_set(rng)
        requests = [make_request(rng, home) for _ in range(25)]
        questions = random_questions(rng, policy, home, requests)
        done += questions.run(oracle, policy, home)
        crossed += sum(cross(oracle, rng, policy, request)
                       for request in requests[:CROSSED]
                       if not malformed(request))
        if rng.random() < 0.25:
            rng.shuffle(policy["rules"])
            questions.run(oracle, policy, home, rng.choice([1, 2, 3]))
    return done, crossed


def run_small(oracle):
    """All sets of at most three of the small rules, all small questions."""
    done = 0
    requests = list(small_requests())
    for count in (0, 1, 2, 3):
        for chosen in itertools.combinations(SMALL, count):
            policy = {"default": "ask", "gpc": "on",
                      "rules": [dict(rule, name="r%d" % i)
                                for i, rule in enumerate(chosen)]}
            questions = Questions()
            for request in requests:
                for name in ("acme", "zeta"):
                    for state in ("confirmed", "unconfirmed"):
                        firm = {"name": name, "state": state}
                        questions.add(policy, firm, request, NOW)
            done += questions.run(oracle, policy, "GB")
    return done


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("oracle")
    parser.add_argument("--cases", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=int(
        os.environ.get("VAULT_TEST_SEED", time.time_ns() % 2**31)))
    parser.add_argument("--differs", action="store_true",
                        help="a fault is planted: to agree is to fail")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    oracle = Oracle(options.oracle)

    print("VAULT_TEST_SEED=%d" % options.seed, flush=True)
    try:
        small = 0 if options.differs else run_small(oracle)
        done, crossed = run_random(oracle, rng, options.cases)
    except Differs:
        sys.exit(0 if options.differs else 1)
    if options.differs:
        sys.exit("the fault was not seen")
    missing = [word for word in TO_BE_SEEN if SEEN[word] == 0]
    if options.cases >= ENOUGH and missing:
        sys.exit("never seen: " + " ".join(missing))
    print("%d cases of small sets, %d random ones and %d of each request "
          "crossed with firms and times agree" % (small, done, crossed))


if __name__ == "__main__":
    main()
