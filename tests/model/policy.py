#!/usr/bin/env python3
"""Decisions on consent, once more and from their description alone.

An evaluator of LANGUAGE.md, section 3, for the keys of this release, and the
lint of requests as far as it refuses; compared with the daemon's engine behind
policy_oracle.  It shares nothing with it but the vocabulary's tables.

    policy.py ORACLE [--cases N] [--seed N]

Made at random are sets, requests, states of firms and times, so that bounds
are often met exactly; beside them all pairs of a small list of rules.  Each
set is given twice, the second time in another order and in several files.
"""
import argparse
import itertools
import os
import pathlib
import random
import subprocess
import sys
import time

from policy_make import (FIRMS, NOW, SMALL, STATES, make_request, make_set,
                         request_lines, set_lines, small_requests, stamp)

VOCAB = pathlib.Path(__file__).resolve().parents[2] / "policies" / "vocab"
DAY = 86400
UNITS = {"s": 1, "min": 60, "h": 3600, "d": DAY, "w": 7 * DAY, "y": 365 * DAY}
AXES = ("action channels detail round window delay every rate uses life from "
        "until keep onward where basis profiling automated training "
        "gatekeeper").split()
STATS = "mean sum min max count first last".split()
PERIODS = {"min": 60, "h": 3600, "day": DAY, "week": 7 * DAY}
EEA = set()


# ---- the vocabulary ----

def table(name):
    for line in (VOCAB / f"{name}.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def tree(name):
    """Of each id: its flags, and what it is within."""
    nodes = {}
    for _, ident, flags, also, _, _ in table(name):
        within = {ident}
        for above in (ident.rpartition(".")[0], also):
            if above in nodes:
                within |= nodes[above][1]
        nodes[ident] = (flags, within)
    return nodes


PURPOSES = tree("purposes")
DATA = tree("categories")
EEA.update(code for code, flag in table("countries") if flag == "E")
FLOORS = {}
for _ident, _which, _value in table("floors"):
    FLOORS.setdefault(_ident, {})[_which] = _value


def explicit(purpose, data):
    return ("X" in PURPOSES[purpose][0] or
            (data is not None and "X" in DATA[data][0]))


def seconds(text):
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(digits) * UNITS[text[len(digits):]]


def detail(text):
    """None for raw, else statistics and a bucket in seconds."""
    if text == "raw":
        return None
    stats, bucket = text.split("/")
    names = set(STATS) if stats == "any" else set(stats.split("+"))
    return names, seconds(bucket)


def rate(text):
    """None for no limit, else n and seconds."""
    if text == "none":
        return None
    count, period = text.split("/")
    return int(count), PERIODS[period]


def window(text):
    return -1 if text == "new" else seconds(text)


# ---- lint ----

def life_of(request):
    if request["life"] is not None:
        return seconds(request["life"])
    return 30 * DAY if any_explicit(request) else 90 * DAY


def any_explicit(request):
    return (any(explicit(p, None) for p, _ in request["purposes"]) or
            any(explicit("service", i["data"]) for i in request["items"]))


def beyond_floor(request, item, purposes):
    floor = FLOORS.get(item["data"], {})
    fine = detail(item["detail"])
    if "purposes" in floor:
        allowed = floor["purposes"].split("+")
        if any(p not in allowed for p in purposes):
            return True
    if "raw" in floor and fine is not None:
        return True
    if "stats" in floor:
        if fine is None or not fine[0] <= set(floor["stats"].split("+")):
            return True
    if "bucket" in floor and fine[1] % seconds(floor["bucket"]) != 0:
        return True
    if "window" in floor and window(item["window"]) > seconds(floor["window"]):
        return True
    if "delay" in floor and seconds(item["delay"]) < seconds(floor["delay"]):
        return True
    if "life" in floor and life_of(request) > seconds(floor["life"]):
        return True
    if "action" in floor and request["action"] != floor["action"]:
        return True
    if "rate" in floor:
        asked, least = rate(request["rate"]), rate(floor["rate"])
        if asked is None or asked[0] > least[0] or asked[1] < least[1]:
            return True
    return False


def malformed(request):
    """Would the lint refuse it?  Only what the generator can do wrong."""
    ids = [p for p, _ in request["purposes"]]
    if len(set(ids)) != len(ids) or any("G" in PURPOSES[p][0] for p in ids):
        return True
    if any_explicit(request) and life_of(request) > 180 * DAY:
        return True
    if request["action"] == "once" and request["uses"] != "1":
        return True
    if request["action"] == "contact":
        return False
    for item in request["items"]:
        mine = [p for i, p in enumerate(ids)
                if not item["for"] or i in item["for"]]
        if "G" in DATA[item["data"]][0]:
            return True
        if beyond_floor(request, item, mine):
            return True
    return any(all(item["for"] and i not in item["for"]
                   for item in request["items"]) for i in range(len(ids)))


# ---- decisions ----

def home_places(home):
    places = {home} if home else set()
    return places | EEA if home in EEA else places


def failed_caps(rule, request, basis, item, when):
    """The axes on which a permit's caps fail for this atom, in order."""
    start, now, end = when
    contact = item is None
    special = explicit(request["purpose"], None if contact else item["data"])
    life = 30 * DAY if special else 90 * DAY
    fine = None if contact else detail(item["detail"])
    cap = detail(rule.get("detail", "any/1h"))
    asked_rate = rate(request["rate"])
    failed = set()

    if request["action"] not in ("once", "read"):
        failed.add("action")
    if contact:
        failed.add("channels")
    if not contact and cap is not None:
        if (fine is None or not fine[0] <= cap[0] or
                fine[1] % cap[1] != 0):
            failed.add("detail")
    if not contact and window(item["window"]) > window(
            rule.get("window", "90d")):
        failed.add("window")
    if request["action"] == "live" and seconds(item["every"]) < 10:
        failed.add("every")
    if asked_rate is None or asked_rate[0] > 24 or asked_rate[1] < DAY:
        failed.add("rate")
    if end - start > life:
        failed.add("life")
    if "until" in rule and (end > rule["until"] or now >= rule["until"]):
        failed.add("until")
    if seconds(request["keep"]) > 30 * DAY:
        failed.add("keep")
    if request["onward"]:
        failed.add("onward")
    if not set(request["where"]) <= home_places(request["home"]):
        failed.add("where")
    if basis not in ("consent", "contract", "precontract"):
        failed.add("basis")
    for key, least in (("profiling", "none"), ("automated", "no"),
                       ("training", "no"), ("gatekeeper", "no")):
        if request[key] != least:
            failed.add(key)
    return [axis for axis in AXES if axis in failed]


def matches(rule, firm, purpose, data):
    if "firm" in rule and firm["name"] not in rule["firm"]:
        return False
    if "purpose" in rule and not PURPOSES[purpose][1] & set(rule["purpose"]):
        return False
    if "data" in rule:
        return data is not None and bool(DATA[data][1] & set(rule["data"]))
    return True


def covered(rule, purpose, data):
    if ("X" in PURPOSES[purpose][0] and
            purpose not in rule.get("purpose", ())):
        return False
    return not (data is not None and "X" in DATA[data][0] and
                data not in rule.get("data", ()))


BUILTIN = [
    {"name": "builtin.gpc", "effect": "deny",
     "purpose": ["sell", "marketing.targeted"]},
]


def decide_atom(policy, firm, request, basis, item, when):
    """Outcome, by default?, duties, determining rules, failed caps."""
    purpose = request["purpose"]
    data = None if item is None else item["data"]
    found = {"deny": [], "ask": [], "permit": []}
    failed = []
    touched = False
    rules = policy["rules"] + BUILTIN

    if firm["state"] != "confirmed":
        rules = rules + [{"name": "builtin.unconfirmed", "effect": "deny"}]
    for rule in sorted(rules, key=lambda r: r["name"]):
        if not matches(rule, firm, purpose, data):
            continue
        if rule["effect"] != "permit":
            found[rule["effect"]].append(rule["name"])
            continue
        if not covered(rule, purpose, data):
            continue
        touched = True
        axes = failed_caps(rule, request, basis, item, when)
        if not axes:
            found["permit"].append(rule["name"])
        elif "firm" in rule or "data" in rule:
            failed.append((rule["name"], axes))
    duties = "weekly,no,2,hide,hold" if touched else "weekly,no,1,show,include"
    for outcome in ("deny", "ask", "permit"):
        if found[outcome]:
            return outcome, False, duties, found[outcome], failed
    return policy["default"], True, duties, [], failed


def decide_part(policy, firm, request, basis, items, when):
    atoms = [(item, decide_atom(policy, firm, request, basis, item, when))
             for item in items]
    denied = [a[0] == "deny" for _, a in atoms]
    if all(denied) or any(d and item is not None and item["needed"]
                          for d, (item, _) in zip(denied, atoms)):
        return "deny", atoms, False
    worst = "ask" if any(a[0] == "ask" for _, a in atoms) else "permit"
    return worst, atoms, True


def brief(policy, firm, request, basis, items, when):
    outcome, atoms, cut = decide_part(policy, firm, request, basis, items,
                                      when)
    out = outcome
    for item, (one, by_default, duties, rules, failed) in atoms:
        out += " | %d %s%s%s %s" % (
            0 if item is None else item["n"], one,
            " default" if by_default else "",
            " out" if cut and one == "deny" else "", duties)
        out += "".join(" +" + name for name in rules)
        out += "".join(" -%s:%s" % (name, "+".join(axes))
                       for name, axes in failed)
    return out


def use(policy, firm, request, basis, items, when, by_rule):
    worst = "yes"
    for item in items:
        outcome, by_default, _, _, _ = decide_atom(policy, firm, request,
                                                   basis, item, when)
        if outcome == "deny" and not by_default:
            return "no"
        if by_rule and outcome != "permit":
            if by_default:
                return "no"
            worst = "ask"
    return worst


def parts(request):
    """Each part: purpose, basis, items (of contact: one that is None)."""
    for i, (purpose, basis) in enumerate(request["purposes"]):
        one = dict(request, purpose=purpose)
        items = [item for item in request["items"]
                 if not item["for"] or i in item["for"]]
        yield one, basis, items if request["action"] != "contact" else [None]


def expect_brief(policy, firm, request, now):
    if malformed(request):
        return ["malformed"]
    when = (now, now, now + life_of(request))
    return [brief(policy, firm, one, basis, items, when)
            for one, basis, items in parts(request)]


def expect_use(policy, firm, request, grant, now):
    start, end, by_rule = grant
    if malformed(request):
        return ["malformed"]
    return [use(policy, firm, one, basis, items, (start, now, end), by_rule)
            for one, basis, items in parts(request)]


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


def compare(policy, lines, want, got):
    if want == ["malformed"] and got and got[0].startswith("malformed"):
        return
    if want == got:
        return
    print("\n".join(set_lines(policy, 1) + lines))
    print("model :", "\n        ".join(want))
    print("engine:", "\n        ".join(got))
    sys.exit(1)


class Questions:
    """Questions to one set, with what the model says."""

    def __init__(self):
        self.lines = []
        self.asked = []

    def add(self, policy, firm, request, now, grant=None):
        head = ["home " + (request["home"] or "none"),
                "firm %s %s" % (firm["name"], firm["state"]),
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
        head = ["home " + (home or "none")] + set_lines(policy, files)
        answers = oracle.ask(head + self.lines)
        if answers[0] != ["ok"]:
            print("\n".join(head), "\n", "\n".join(answers[0]))
            sys.exit(1)
        for (lines, want), got in zip(self.asked, answers[1:]):
            compare(policy, lines, want, got)
        return len(self.asked)


def random_questions(rng, policy, home, count):
    questions = Questions()
    for _ in range(count):
        request = make_request(rng, home)
        firm = {"name": rng.choice(FIRMS), "state": rng.choice(STATES)}
        now = NOW + rng.choice([-1, 0, 0, 0, 1, 60 * DAY])
        grant = None
        if rng.random() < 0.3:
            start = now - rng.choice([0, DAY, 29 * DAY])
            grant = (start, now + rng.choice([1, DAY, 60 * DAY, 61 * DAY]),
                     rng.random() < 0.6)
        questions.add(policy, firm, request, now, grant)
    return questions


def run_random(oracle, rng, cases):
    done = 0
    while done < cases:
        home = rng.choice(["GB", "DE"] * 5 + [None])
        policy = make_set(rng)
        questions = random_questions(rng, policy, home, 25)
        done += questions.run(oracle, policy, home)
        if rng.random() < 0.25:
            rng.shuffle(policy["rules"])
            questions.run(oracle, policy, home, rng.choice([1, 2, 3]))
    return done


def run_small(oracle):
    """All sets of at most two of the small rules, all small questions."""
    done = 0
    requests = list(small_requests())
    for count in (0, 1, 2):
        for chosen in itertools.combinations(SMALL, count):
            policy = {"default": "ask",
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
    options = parser.parse_args()
    rng = random.Random(options.seed)
    oracle = Oracle(options.oracle)

    print("VAULT_TEST_SEED=%d" % options.seed, flush=True)
    small = run_small(oracle)
    done = run_random(oracle, rng, options.cases)
    print("%d cases of small sets and %d random ones agree" % (small, done))


if __name__ == "__main__":
    main()
