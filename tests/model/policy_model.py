"""What consent means, once more and from its description alone.

An evaluator of LANGUAGE.md, sections 3 and 4, and of the lint of requests as
far as the generator can offend it.  It shares nothing with the daemon's engine
but the vocabulary's tables.
"""
import fractions
import functools
import math
import pathlib

VOCAB = pathlib.Path(__file__).resolve().parents[2] / "policies" / "vocab"
DAY = 86400
UNITS = {"s": 1, "min": 60, "h": 3600, "d": DAY, "w": 7 * DAY, "y": 365 * DAY}
AXES = ("action channels detail round window delay every rate uses life from "
        "until keep onward where basis profiling automated training "
        "gatekeeper").split()
STATS = "mean sum min max count first last".split()
PERIODS = {"min": 60, "h": 3600, "day": DAY, "week": 7 * DAY}
EEA = set()
COUNTRIES = set()


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
COUNTRIES.update(code for code, _ in table("countries"))
FLOORS = {}
for _ident, _which, _value in table("floors"):
    FLOORS.setdefault(_ident, {})[_which] = _value


def explicit(purpose, data):
    return ("X" in PURPOSES[purpose][0] or
            (data is not None and "X" in DATA[data][0]))


@functools.cache
def seconds(text):
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(digits) * UNITS[text[len(digits):]]


@functools.cache
def detail(text):
    """None for raw, else statistics and a bucket in seconds."""
    if text == "raw":
        return None
    stats, bucket = text.split("/")
    names = set(STATS) if stats == "any" else set(stats.split("+"))
    return names, seconds(bucket)


@functools.cache
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
    if "raw" in floor and (fine is not None or item.get("round")):
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


def odd_step(item):
    """Places are rounded to lengths, and nothing else is."""
    place = item["data"].split(".")[0] == "location"
    return item.get("round") and step(item["round"])[1] != place


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
        if "G" in DATA[item["data"]][0] or odd_step(item):
            return True
        if beyond_floor(request, item, mine):
            return True
    return any(all(item["for"] and i not in item["for"]
                   for item in request["items"]) for i in range(len(ids)))


# ---- decisions ----

def home_places(home):
    places = {home} if home else set()
    return places | EEA if home in EEA else places


def closed(actions):
    """With the actions that each contains."""
    out = set(actions)
    if "live" in out:
        out.add("read")
    if "read" in out:
        out.add("once")
    return out


@functools.cache
def step(text):
    """A rounding step exactly, and whether it is a length."""
    for unit, scale in (("km", 1000), ("m", 1)):
        if text.endswith(unit):
            return fractions.Fraction(text[:-len(unit)]) * scale, True
    return fractions.Fraction(text), False


def places(words, home):
    out = set()
    for word in words:
        out |= {"home": home_places(home), "EEA": EEA,
                "any": COUNTRIES}.get(word, {word})
    return out


def as_list(value):
    return value if isinstance(value, list) else [value]


def data_caps(rule, request, item):
    """The axes of what data leaves on which a permit's caps fail."""
    failed = set()
    fine, cap = detail(item["detail"]), detail(rule.get("detail", "any/1h"))
    if cap is not None and (fine is None or not fine[0] <= cap[0] or
                            fine[1] % cap[1] != 0):
        failed.add("detail")
    if "round" in rule:
        size, length = step(rule["round"])
        asked = item.get("round")
        if (asked is None or step(asked)[1] != length or
                step(asked)[0] % size != 0):
            failed.add("round")
    if window(item["window"]) > window(rule.get("window", "90d")):
        failed.add("window")
    if seconds(item["delay"]) < seconds(rule.get("delay", "0s")):
        failed.add("delay")
    if (request["action"] == "live" and
            seconds(item["every"]) < seconds(rule.get("every", "10s"))):
        failed.add("every")
    return failed


def use_caps(rule, request, special, when):
    """Likewise of how often and how long."""
    failed = set()
    start, now, end = when
    cap, asked = rate(rule.get("rate", "24/day")), rate(request["rate"])
    if cap is not None and (asked is None or asked[0] > cap[0] or
                            asked[1] < cap[1]):
        failed.add("rate")
    if rule.get("uses", "none") != "none" and (
            request["uses"] == "none" or
            int(request["uses"]) > int(rule["uses"])):
        failed.add("uses")
    life = seconds(rule.get("life", "30d" if special else "90d"))
    if special:
        life = min(life, 180 * DAY)
    if end - start > life:
        failed.add("life")
    if "from" in rule and now < rule["from"]:
        failed.add("from")
    if "until" in rule and (end > rule["until"] or now >= rule["until"]):
        failed.add("until")
    return failed


def promise_caps(rule, request, basis):
    """Likewise of what the firm promises."""
    failed = set()
    if seconds(request["keep"]) > seconds(rule.get("keep", "30d")):
        failed.add("keep")
    allowed = rule.get("onward", "no")
    for name, _, role in request["onward"]:
        if (allowed == "no" or
                (allowed == "processors" and role != "processor") or
                (allowed != "processors" and name not in as_list(allowed))):
            failed.add("onward")
    if not set(request["where"]) <= places(
            as_list(rule.get("where", "home")), request["home"]):
        failed.add("where")
    if basis not in as_list(rule.get(
            "basis", ["consent", "contract", "precontract"])):
        failed.add("basis")
    order = ["none", "service", "any"]
    if (order.index(request["profiling"]) >
            order.index(rule.get("profiling", "none"))):
        failed.add("profiling")
    for key in ("automated", "training", "gatekeeper"):
        if request[key] == "yes" and rule.get(key, "no") in ("no", "false"):
            failed.add(key)
    return failed


def failed_caps(rule, request, basis, item, when):
    """The axes on which a permit's caps fail for this atom, in order."""
    special = explicit(request["purpose"], None if item is None
                       else item["data"])
    failed = use_caps(rule, request, special, when)
    failed |= promise_caps(rule, request, basis)
    if request["action"] not in closed(as_list(
            rule.get("action", ["once", "read"]))):
        failed.add("action")
    if item is not None:
        failed |= data_caps(rule, request, item)
    elif not set(request["channels"]) <= set(as_list(
            rule.get("channels", []))):
        failed.add("channels")
    return [axis for axis in AXES if axis in failed]


def is_of(rule, firm):
    return "firm" not in rule or firm["name"] in rule["firm"]


def matches(rule, purpose, data):
    """Is it, of whatever firm, about this?"""
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


GPC = {"name": "builtin.gpc", "effect": "deny",
       "purpose": ["sell", "marketing.targeted"]}
QUIET = {"name": "builtin.quiet", "effect": "deny"}
OVERDUES = {effect: {"name": "builtin.overdue", "effect": effect}
            for effect in ("ask", "deny")}
TWO_DETAILS = {"name": "builtin.two-details", "effect": "ask"}
UNCONFIRMED = {"name": "builtin.unconfirmed", "effect": "deny"}


def rules_of(policy):
    """All but the vault's own about firms, in the order of names."""
    return sorted([*policy["rules"], *[GPC] * (policy["gpc"] == "on")],
                  key=lambda rule: rule["name"])


def in_another_detail(firm, item):
    """Does the firm have the item's category otherwise already?"""
    def told(fine, size):
        return detail(fine), step(size) if size else None

    return item is not None and any(
        data == item["data"] and
        told(fine, size) != told(item["detail"], item.get("round"))
        for data, fine, size in firm.get("holds", ()))


def nags(firm, purpose, data, now):
    """Does the firm ask again for what the owner denied not long ago?"""
    return any((denied, of) == (purpose, data) and now < until
               for denied, of, until in firm.get("denied", ()))


def strictest(permits):
    """What all these permits together demand of the vault."""
    if not permits:
        return "weekly,no,1,show,include"
    least = max(int(rule.get("min_readings", 2)) for rule in permits)
    show = all(rule.get("names", "hide") == "show" for rule in permits)
    join = all(rule.get("new_streams", "hold") == "include"
               for rule in permits)
    ask = any(rule.get("ask_each", "no") in ("yes", "true")
              for rule in permits)
    heard = min((rule.get("notify", "weekly") for rule in permits),
                key=["each", "first", "daily", "weekly"].index)
    return "%s,%s,%d,%s,%s" % (heard, "yes" if ask else "no", least,
                               "show" if show else "hide",
                               "include" if join else "hold")


BUCKETS = [60, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 28800,
           43200, DAY, 7 * DAY, 28 * DAY]
CHANNELS = "face phone email chat web app letter device community other".split()
CONTAINED = ["once", "read", "live"]  # each with those before it


def both_details(asked, cap, data):
    """The most detail that both allow; None: none."""
    if "raw" in FLOORS.get(data, {}):
        return None
    if asked is None:
        return cap
    stats = asked[0] & cap[0]
    bucket = [b for b in BUCKETS if b % asked[1] == 0 and b % cap[1] == 0]
    return (stats, bucket[0]) if stats and bucket else None


def both_steps(asked, cap, data):
    place = data.split(".")[0] == "location"
    if "raw" in FLOORS.get(data, {}) or cap[1] != place:
        return None
    if asked is None:
        return cap
    if asked[1] != place:
        return None
    a, b = (int(one[0] * 10**9) for one in (asked, cap))
    size = a * b // math.gcd(a, b)
    return ((fractions.Fraction(size, 10**9), place)
            if size <= 9 * 10**18 else None)


def common_of(request, when):
    """What holds for all items, as numbers."""
    return {"action": request["action"], "channels": set(request["channels"]),
            "rate": rate(request["rate"]),
            "uses": None if request["uses"] == "none" else int(
                request["uses"]),
            "life": when[2] - when[0], "keep": seconds(request["keep"]),
            "onward": list(request["onward"]), "where": list(request["where"]),
            "profiling": request["profiling"],
            "automated": request["automated"],
            "training": request["training"],
            "gatekeeper": request["gatekeeper"]}


def item_of(item):
    return None if item is None else {
        "n": item["n"], "data": item["data"], "detail": detail(item["detail"]),
        "round": step(item["round"]) if item.get("round") else None,
        "window": window(item["window"]), "delay": seconds(item["delay"]),
        "every": seconds(item["every"]) if item["every"] else None}


def lower_axis(axis, rule, special, home, when, terms, item):
    """Lower one axis of terms and item in place; False: it cannot be."""
    if axis == "action":
        able = [a for a in CONTAINED if a in closed([terms["action"]]) and
                a in closed(as_list(rule.get("action", ["once", "read"])))]
        if terms["action"] == "contact" or not able:
            return False
        terms["action"] = able[-1]
        terms["uses"] = 1 if able[-1] == "once" else terms["uses"]
    elif axis == "channels":
        terms["channels"] &= set(as_list(rule.get("channels", [])))
        return bool(terms["channels"])
    elif axis == "detail":
        if item is None:
            return False
        item["detail"] = both_details(item["detail"],
                                      detail(rule.get("detail", "any/1h")),
                                      item["data"])
        return item["detail"] is not None
    elif axis == "round":
        if item is None:
            return False
        item["round"] = both_steps(item["round"], step(rule["round"]),
                                   item["data"])
        return item["round"] is not None
    elif axis == "window":
        item["window"] = window(rule.get("window", "90d"))
    elif axis == "delay":
        item["delay"] = seconds(rule.get("delay", "0s"))
    elif axis == "every":
        item["every"] = seconds(rule.get("every", "10s"))
    elif axis == "rate":
        cap, asked = rate(rule.get("rate", "24/day")), terms["rate"]
        terms["rate"] = cap if asked is None else (min(asked[0], cap[0]),
                                                   max(asked[1], cap[1]))
    elif axis == "uses":
        cap = int(rule["uses"])
        terms["uses"] = cap if terms["uses"] is None else min(terms["uses"],
                                                              cap)
    elif axis == "life":
        life = seconds(rule.get("life", "30d" if special else "90d"))
        life = min(life, 180 * DAY) if special else life
        terms["life"] = min(terms["life"], life)
        return life >= 60
    elif axis == "until":
        terms["life"] = min(terms["life"], rule["until"] - when[1])
        return rule["until"] - when[1] >= 60
    elif axis == "keep":
        terms["keep"] = min(terms["keep"], seconds(rule.get("keep", "30d")))
    elif axis == "onward":
        allowed = rule.get("onward", "no")
        terms["onward"] = [
            one for one in terms["onward"]
            if allowed != "no" and (one[2] == "processor"
                                    if allowed == "processors"
                                    else one[0] in as_list(allowed))]
    elif axis == "where":
        able = places(as_list(rule.get("where", "home")), home)
        terms["where"] = [c for c in terms["where"] if c in able]
        return bool(terms["where"])
    elif axis == "profiling":
        terms["profiling"] = min(terms["profiling"],
                                 rule.get("profiling", "none"),
                                 key=["none", "service", "any"].index)
    elif axis in ("automated", "training"):
        terms[axis] = "no"
    else:
        return False  # from, basis and gatekeeper are what they are
    return True


def lower(rule, axes, home, when, terms, item, purpose):
    special = explicit(purpose, None if item is None else item["data"])
    return all(lower_axis(axis, rule, special, home, when, terms, item)
               for axis in AXES if axis in axes)


def offering(policy, failed, request, item, when):
    """Which rule offers less of an atom; None: none does."""
    rules = {rule["name"]: rule for rule in policy["rules"]}
    able = [(len(axes), name) for name, axes in failed
            if rules[name].get("offer") in ("yes", "true") and
            lower(rules[name], axes, request["home"], when,
                  common_of(request, when), item_of(item),
                  request["purpose"])]
    return min(able)[1] if able else None


def offered(policy, request, atoms, when):
    """Terms and items that a part is offered; None: there are none."""
    rules = {rule["name"]: rule for rule in policy["rules"]}
    terms, items = common_of(request, when), []
    for item, (one, _, _, by, failed, _) in atoms:
        if one == "deny":
            continue
        mine = item_of(item)
        items.append(mine)
        if one == "offer" and not lower(rules[by[0]], dict(failed)[by[0]],
                                        request["home"], when, terms, mine,
                                        request["purpose"]):
            return None
    if terms["action"] != "live":
        for mine in items:
            if mine is not None:
                mine["every"] = None
    return terms, items


def own_rules(policy, firm, request, item, when):
    """Those of the vault's own that look at more than what is asked for."""
    own = []
    if firm["state"] != "confirmed":
        own.append(UNCONFIRMED)
    if firm.get("overdue"):
        own.append(OVERDUES[policy.get("overdue", "ask")])
    if firm.get("holds") and in_another_detail(firm, item):
        own.append(TWO_DETAILS)
    if firm.get("denied") and nags(firm, request["purpose"],
                                   item and item["data"], when[1]):
        own.append(QUIET)
    return own


def weigh(policy, request, basis, item, when):
    """The rules that match an atom, were they of its firm, in the order of
    names: each with whether it covers it, and the caps that fail."""
    purpose = request["purpose"]
    data = None if item is None else item["data"]
    for rule in rules_of(policy):
        if not matches(rule, purpose, data):
            continue
        if rule["effect"] != "permit":
            if "streams" not in rule:
                yield rule, True, []
        elif covered(rule, purpose, data):
            yield rule, True, failed_caps(rule, request, basis, item, when)
        else:
            yield rule, False, []


def weighed(policy, request, basis, item, when):
    """The same; once for all firms, where the request has a memory of it (for
    one set): `known`."""
    known = request.get("known")
    key = request["purpose"], item and item["n"], when
    if known is None:
        return list(weigh(policy, request, basis, item, when))
    if key not in known:
        known[key] = list(weigh(policy, request, basis, item, when))
    return known[key]


def decide_atom(policy, firm, request, basis, item, when, offers=False):
    """Outcome, by default?, duties, determining rules, failed caps, and permits
    that do not name what is explicit-only."""
    own = own_rules(policy, firm, request, item, when)
    found = {"deny": [], "ask": [], "permit": []}
    failed, unnamed = [], []
    permits = []

    rules = [one for one in weighed(policy, request, basis, item, when)
             if is_of(one[0], firm)]
    if own:
        rules += [(rule, True, []) for rule in own]
        rules.sort(key=lambda one: one[0]["name"])
    for rule, covers, axes in rules:
        if rule["effect"] != "permit":
            found[rule["effect"]].append(rule["name"])
        elif not covers:
            if rule.keys() & {"firm", "purpose", "data"}:
                unnamed.append(rule["name"])
        else:
            permits.append(rule)
            if not axes:
                found["permit"].append(rule["name"])
            elif "firm" in rule or ("data" if item else "purpose") in rule:
                failed.append((rule["name"], axes))
    duties = strictest(permits)
    for outcome in ("deny", "ask", "permit"):
        if found[outcome]:
            return outcome, False, duties, found[outcome], failed, unnamed
    offer = (offering(policy, failed, request, item, when) if offers
             else None)
    if offer is not None:
        return "offer", False, duties, [offer], failed, unnamed
    return policy["default"], True, duties, [], failed, unnamed


def like(pattern, name):
    """Does a pattern, as a list of segments, match such a name?"""
    if not pattern:
        return not name
    if pattern[0] == "**":
        return any(like(pattern[1:], name[i:]) for i in range(len(name) + 1))
    return bool(name) and pattern[0] in ("*", name[0]) and like(
        pattern[1:], name[1:])


def names(rule, stream):
    return any(like(pattern.split("/"), stream.split("/"))
               for pattern in as_list(rule["streams"]))


def fate(policy, firm, purpose, item, by, by_rule, stream):
    """Sentences 5 and 6; by: the rules that decided."""
    data = None if item is None else item["data"]
    found = {rule["effect"] for rule in rules_of(policy)
             if "streams" in rule and is_of(rule, firm) and
             matches(rule, purpose, data) and names(rule, stream)}
    deciding = [rule for rule in policy["rules"]
                if rule["name"] in by and rule["effect"] == "permit"]
    binds = any("streams" not in rule or names(rule, stream)
                for rule in deciding)
    if "deny" in found or (by_rule and not binds):
        return "withhold"
    return "hold" if "ask" in found else "give"


def decide_part(policy, firm, request, basis, items, when, offers=True):
    atoms = [(item, decide_atom(policy, firm, request, basis, item, when,
                                offers))
             for item in items]
    denied = [a[0] == "deny" for _, a in atoms]
    if all(denied) or any(d and item is not None and item["needed"]
                          for d, (item, _) in zip(denied, atoms)):
        return "deny", atoms, False
    worst = max((a[0] for _, a in atoms if a[0] != "deny"),
                key=["permit", "offer", "ask"].index)
    if worst == "offer" and offered(policy, request, atoms, when) is None:
        return decide_part(policy, firm, request, basis, items, when, False)
    return worst, atoms, True


def brief(policy, firm, request, basis, items, when):
    outcome, atoms, cut = decide_part(policy, firm, request, basis, items,
                                      when)
    out = outcome
    for item, (one, by_default, duties, rules, failed, unnamed) in atoms:
        out += " | %d %s%s%s %s" % (
            0 if item is None else item["n"], one,
            " default" if by_default else "",
            " out" if cut and one == "deny" else "", duties)
        out += "".join(" +" + name for name in rules)
        out += "".join(" -%s:%s" % (name, "+".join(axes))
                       for name, axes in failed)
        out += "".join(" ~" + name for name in unnamed)
    return out


def offer_line(policy, firm, request, basis, items, when):
    """What a part is offered, or what it gets instead."""
    outcome, atoms, _ = decide_part(policy, firm, request, basis, items, when)
    if outcome != "offer":
        return outcome
    terms, items = offered(policy, request, atoms, when)
    out = ("offer %s %s %s %s %d %d %s %s %s %s %s %s" % (
        terms["action"], "+".join(sorted(
            terms["channels"], key=CHANNELS.index)) or "-",
        "%d/%d" % terms["rate"] if terms["rate"] else "none",
        "none" if terms["uses"] is None else terms["uses"], terms["life"],
        terms["keep"], ",".join(one[0] for one in terms["onward"]) or "no",
        ",".join(terms["where"]), terms["profiling"], terms["automated"],
        terms["training"], terms["gatekeeper"]))
    for item in items:
        if item is not None:
            fine, size = item["detail"], item["round"]
            out += " | %d %s %s %d %d %s" % (
                item["n"], "raw" if fine is None else "%s/%d" % (
                    "+".join(s for s in STATS if s in fine[0]), fine[1]),
                "-" if size is None else "%d%s" % (
                    size[0] * 10**9, "m" if size[1] else ""),
                item["window"], item["delay"],
                "-" if item["every"] is None else item["every"])
    return out


def use(policy, firm, request, basis, items, when, by_rule):
    worst = "yes"
    # Those rules are about requests.
    firm = dict(firm, holds=(), denied=(), overdue=False)
    for item in items:
        outcome, by_default, *_ = decide_atom(policy, firm, request, basis,
                                              item, when)
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


def expect_crossed(policy, firms, request, times):
    """A well-formed request of each of these firms, at each of these times.

    What counts of a firm are its name and which of the vault's own rules are
    about it, and of a time which caps fail and what may be offered: for two
    that are alike in these a part is decided once.
    """
    life = life_of(request)
    whens = [(now, now, now + life) for now in times]
    whole = [(one, basis, items,
              [alike(policy, one, basis, items, when) for when in whens])
             for one, basis, items in parts(dict(request, known={}))]
    said, out = {}, []
    for firm in firms:
        about = [about_firm(policy, firm, one, items, whens[0])
                 for one, _, items, _ in whole]
        for at, when in enumerate(whens):
            if firm["denied"]:  # that has an end
                about = [about_firm(policy, firm, one, items, when)
                         for one, _, items, _ in whole]
            for key, (one, basis, items, what) in zip(about, whole):
                key = key, what[at]
                if key not in said:
                    said[key] = brief(policy, firm, one, basis, items, when)
                out.append(said[key])
    return out


def alike(policy, request, basis, items, when):
    """All that makes a part another at another time."""
    found = [weighed(policy, request, basis, item, when) for item in items]
    offers = any("offer" in rule for one in found for rule, _, _ in one)
    return (when if offers else None, *[
        (rule["name"], *axes) for one in found for rule, _, axes in one])


def about_firm(policy, firm, request, items, when):
    """All that makes a part another for another firm."""
    return (firm["name"], request["purpose"], *[
        tuple([rule["name"] for rule in own_rules(policy, firm, request, item,
                                                  when)]) for item in items])


def expect_offer(policy, firm, request, now):
    if malformed(request):
        return ["malformed"]
    when = (now, now, now + life_of(request))
    return [offer_line(policy, firm, one, basis, items, when)
            for one, basis, items in parts(request)]


def expect_use(policy, firm, request, grant, now):
    start, end, by_rule = grant
    if malformed(request):
        return ["malformed"]
    return [use(policy, firm, one, basis, items, (start, now, end), by_rule)
            for one, basis, items in parts(request)]


def expect_bind(policy, firm, request, by_rule, streams, now):
    if malformed(request):
        return ["malformed"]
    when = (now, now, now + life_of(request))
    out = []
    for one, basis, items in parts(request):
        # What a rule offers of an atom is decided with its part.
        _, atoms, _ = decide_part(policy, firm, one, basis, items, when)
        for item, (outcome, _, _, by, *_) in atoms:
            out.append("%d %s" % (0 if item is None else item["n"], outcome) +
                       "".join(" %s=%s" % (name, fate(
                           policy, firm, one["purpose"], item, by, by_rule,
                           name)) for name in streams))
    return out
