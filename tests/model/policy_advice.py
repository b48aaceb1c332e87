#!/usr/bin/env python3
"""What an explanation advises has the effect that it tells.

    policy_advice.py ORACLE [--cases N] [--seed N]

Of sets, requests and states of firms made at random, the explanation of each
decision is read as its owner reads it: rules are taken away, the rule that it
writes is put into a file, and it is decided again.  The outcome must be the one
that was told, made by the rules that were told.
"""
import argparse
import collections
import random
import re
import sys

from policy import Oracle
from policy_make import (ASK_PURPOSES, NOW, firm_lines, make_holds, make_request, make_set,
                         request_lines, set_lines, stamp)

ATOM = re.compile(r"  (\d+) (\S+): (permit|offer|ask|deny)")
WAY = re.compile(r"    (?:for the next time|or): (.*)")
TAKE = re.compile(r"take (\S+) away or narrow it")
THEN = re.compile(r"(.*) \(then (?:(the default)|(.*?)) decides?: (\w+)\)")
ALLOW = re.compile(r"allow (.*) in (\S+)")
NAME = re.compile(r"name (.*) in (\S+)")
ADD = ("add this rule to your policy file and apply that "
       "(then it decides: permit):")


KINDS = ("ask to permit", "deny to permit", "deny to ask", "permit to ask",
         "permit to deny", "together", "add", "allow", "name", "take")


class Advice:
    """What is told of one atom."""

    def __init__(self, part, number, outcome):
        self.part, self.number, self.outcome = part, number, outcome
        self.ways, self.rule = [], None


def read(lines):
    """The atoms of an explanation, part by part."""
    atoms, part = [], -1
    for line in lines:
        if not line.startswith(" "):
            part += 1
        elif ATOM.match(line):
            number, _, outcome = ATOM.match(line).groups()
            atoms.append(Advice(part, int(number), outcome))
        elif WAY.match(line):
            atoms[-1].ways.append(WAY.match(line).group(1))
        elif line.startswith("      - {name: "):
            atoms[-1].rule = line.strip()
    return atoms


def taken_away(way):
    """The rules that it says to take away, if that is all that it says."""
    names = TAKE.findall(way)
    rest = re.sub(r"^(both|all of): |\(\d\) |; ", "", TAKE.sub("", way)).strip()
    return names if not rest else None


LISTS = "action", "channels", "where", "basis"


def allowed(way):
    """The rule that is to allow more, and its caps; None: it says another
    thing, or of recipients, whose names may have any form."""
    found = ALLOW.fullmatch(way)
    if not found or "onward" in way:
        return None
    caps = {}
    for cell in found.group(1).split(" and "):
        if cell == "any round, by leaving it out,":
            cell = "round any"
        key, value = cell.split(" ", 1)
        if key == "from":
            value = NOW
        if key == "until":
            value = NOW + 20 * 365 * 86400
        caps[key] = re.split(r"\+|, ", value) if key in LISTS else value
    return found.group(2), caps


def named(way):
    """The rule that is to name more, and what: its purposes and categories."""
    found = NAME.fullmatch(way)
    return (found.group(2), found.group(1).split(" and ")) if found else None


def changed(rules, way):
    """The rules with what it says allowed or named in one; None: it says
    nothing of that."""
    more, ids = allowed(way), named(way)
    if more is None and ids is None:
        return None
    out = []
    for rule in rules:
        rule = dict(rule)
        if more is not None and rule["name"] == more[0]:
            for key, value in more[1].items():
                had = rule.get(key, [])
                had = [had] if isinstance(had, str) else had
                rule[key] = (had + [v for v in value if v not in had]
                             if key in LISTS else value)
            if rule.get("round") == "any":
                del rule["round"]
            if "contact" in more[1].get("action", ()):
                rule.setdefault("channels", ["email"])
        if ids is not None and rule["name"] == ids[0]:
            for one in ids[1]:
                key = "purpose" if one in ASK_PURPOSES else "data"
                rule[key] = rule.get(key, []) + [one]
        out.append(rule)
    return out


class Trying:
    """The questions of one set, each tried as it was advised."""

    def __init__(self, oracle, policy, home, request, firm):
        self.oracle, self.policy = oracle, policy
        self.asked = (["reset", "home %s" % (home or "none")] +
                      ["known " + name for name in
                       ("acme", "brightgrid", "zeta")])
        self.about = (firm_lines(firm) + ["now " + stamp(NOW)] +
                      request_lines(request))

    def explained(self):
        return self.oracle.ask(self.asked + set_lines(self.policy, 1) +
                               self.about + ["decide", "end"])[1]

    def decided(self, rules, *written):
        """Atoms by part and number: their outcome and its makers."""
        lines = set_lines(dict(self.policy, rules=rules), 1)
        if written:
            lines[-2:-2] = ["file more.yaml", "|version: 1", "|rules:"] + [
                "|  " + rule for rule in written]
        applied, briefs = self.oracle.ask(self.asked + lines + self.about +
                                          ["brief", "end"])
        assert applied == ["ok"], (applied, written, rules, self.about)
        out = {}
        for part, line in enumerate(briefs):
            for atom in line.split(" | ")[1:]:
                words = atom.split()
                made = [w[1:] for w in words if w.startswith("+")]
                out[part, int(words[0])] = (
                    words[1], ["default"] if "default" in words else made)
        return out


def follow(trying, atom, way):
    """(What came, what was told), or None: it is not about rules alone."""
    rules = trying.policy["rules"]
    if way.endswith(ADD):
        gone = taken_away(way[:-len(ADD)])
        want = "permit", [re.match(r"- {name: ([a-z0-9-]+),",
                                   atom.rule).group(1)]
    elif THEN.match(way):
        way, default, made, outcome = THEN.match(way).groups()
        gone = taken_away(way)
        want = outcome, ["default"] if default else made.split(", ")
    else:
        return None
    if gone is None:
        more = changed(rules, way)
        return more and (trying.decided(more), want)
    left = [r for r in rules if r["name"] not in gone]
    if atom.rule is None or not way.endswith(ADD):
        return gone and (trying.decided(left), want)
    return trying.decided(left, atom.rule), want


def try_together(trying, atoms, seen):
    """All rules that it says to add, and nothing else, in one file."""
    adding = [atom for atom in atoms if atom.ways == [ADD]]
    if len(adding) > 1:
        came = trying.decided(trying.policy["rules"],
                              *[atom.rule for atom in adding])
        seen["together"] += 1
        for atom in adding:
            assert came[atom.part, atom.number][0] == "permit", atom.__dict__


def try_all(trying, seen):
    """Follow each advice that speaks of rules alone."""
    atoms = read(trying.explained())
    try_together(trying, atoms, seen)
    for atom in atoms:
        for way in atom.ways:
            found = follow(trying, atom, way)
            if not found:
                continue
            came, want = found
            outcome, made = came[atom.part, atom.number]
            seen[atom.outcome + " to " + outcome] += 1
            seen[way.split()[0]] += 1
            assert outcome == want[0], (atom.__dict__, way, outcome, made)
            # Three of the makers are named, and how many more there are.
            if " more decide" not in way:
                assert set(want[1]) <= set(made), (way, made)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("oracle")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    oracle = Oracle(args.oracle)
    seen = collections.Counter()
    for _ in range(args.cases):
        home = rng.choice(["GB", "DE", None])
        request = make_request(rng, home)
        firm = {"name": rng.choice(["acme", "brightgrid", "zeta"]),
                "state": "confirmed", "holds": make_holds(rng, request)}
        try_all(Trying(oracle, make_set(rng), home, request, firm), seen)
    print(dict(seen))
    missing = [kind for kind in KINDS if seen[kind] == 0]
    if missing:
        sys.exit("never tried: " + ", ".join(missing))


main()
