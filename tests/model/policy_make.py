"""Sets, requests and firms made at random or by list, and their lines of text.

For policy.py.  What is made here is data; what it means is decided there.
"""
import datetime

DAY = 86400
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
STATS = "mean sum min max count first last".split()
BUCKETS = "1min 5min 10min 15min 30min 1h 2h 3h 4h 6h 8h 12h 1d 1w 4w".split()
FLOORED = ("finance.transaction", "interaction.view.l1", "interaction.view.l2",
           "interaction.view.l3", "interaction.view.l4",
           "interaction.view.cash")
STATES = ["confirmed"] * 15 + ["unconfirmed", "blocked", "confirmed blocked"]


FIRMS = ("acme", "brightgrid", "zeta")
RULE_PURPOSES = ("service", "service.billing", "service.repair", "personalise",
                 "marketing", "marketing.targeted", "improve",
                 "improve.training", "sell", "research", "judge")
RULE_DATA = ("energy", "energy.electricity", "energy.heat", "health",
             "health.heart", "location", "location.precise", "finance",
             "interaction.view", "device.state", "self.intent")
ASK_PURPOSES = ("service.billing", "service.repair", "service",
                "marketing.targeted", "marketing", "improve.training",
                "personalise.recommend", "research.academic", "sell.data",
                "judge.credit", "service.support", "improve", "research")
ASK_DATA = ("energy.electricity", "energy.heat", "energy.gas", "health.heart",
            "location.precise", "location.region", "device.state",
            "self.intent", "finance.balance", "finance.transaction",
            "interaction.view.l1", "interaction.view.l4", "energy")
NOW = int((datetime.datetime(2026, 12, 1, tzinfo=datetime.timezone.utc) -
           EPOCH).total_seconds())
COUNTRIES = ("GB", "DE", "IS", "US")


def stamp(when):
    return (EPOCH + datetime.timedelta(seconds=when)).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


def make_detail(rng):
    if rng.random() < 0.15:
        return "raw"
    stats = rng.choice([["any"], ["mean"], ["mean", "max"], ["sum", "count"],
                        ["count"], rng.sample(STATS, 3)])
    return "+".join(stats) + "/" + rng.choice(BUCKETS)


def make_rule(rng, name):
    rule = {"name": name,
            "effect": rng.choice(["permit"] * 8 + ["ask", "deny"])}
    often = 0.4 if rule["effect"] == "permit" else 0.8
    if rng.random() < often:
        rule["firm"] = rng.sample(FIRMS, rng.choice([1, 1, 2]))
    if rng.random() < often:
        rule["purpose"] = rng.sample(RULE_PURPOSES, rng.choice([1, 1, 2, 3]))
    if rng.random() < often:
        rule["data"] = rng.sample(RULE_DATA, rng.choice([1, 1, 2, 4]))
    if rng.random() < 0.3:
        rule["streams"] = rng.sample(PATTERNS, rng.choice([1, 1, 2, 4]))
    if rule["effect"] == "permit":
        if rng.random() < 0.5:
            rule["detail"] = make_detail(rng)
        if rng.random() < 0.5:
            rule["window"] = rng.choice(["new", "0s", "1d", "30d", "90d",
                                         "91d", "1y", "20y"])
        if rng.random() < 0.4:
            rule["until"] = NOW + rng.choice(
                [-DAY, 0, 1, DAY] + [30 * DAY, 90 * DAY, 90 * DAY + 1] * 3)
        make_caps(rng, rule)
    if "firm" not in rule:
        rule.pop("offer", None)
    return fit(rule)


PATTERNS = ["**", "*", "home/**", "home/*", "home/*/meter", "**/meter",
            "home/boiler/meter", "car", "home/**/meter", "*/*", "home"]
STREAMS = ("home", "car", "home/boiler", "home/boiler/meter", "home/meter",
           "meter", "home/boiler/old/meter", "house/boiler")

# Values of caps that meet those of requests exactly, or miss them by one.
CAPS = {
    "round": ["0.5", "1", "0.25", "100m", "1km", "300m"],
    "delay": ["0s", "1h", "3599s", "3601s", "3d", "1d"],
    "every": ["1s", "9s", "10s", "11s", "1min"],
    "rate": ["4/day", "24/day", "1/week", "25/day", "1/h", "none", "1000/min",
             "4/week"],
    "uses": ["none", "1", "2", "1000000"],
    "life": ["1d", "30d", "90d", "2591999s", "2592001s", "180d", "181d", "1y"],
    "keep": ["0s", "30d", "31d", "10y", "29d"],
    "onward": ["no", "processors", ["Post"], ["Post", "Sale"], "Sale",
               ["Post Ltd"]],
    "where": ["home", "EEA", "any", ["GB", "DE"], ["home", "US"], "IS"],
    "basis": ["consent", "law", ["consent", "interest"], "precontract",
              ["contract", "vital", "public"]],
    "profiling": ["none", "service", "any"],
    "automated": ["yes", "no", "true", "false"],
    "training": ["yes", "no"],
    "gatekeeper": ["yes", "no"],
    "min_readings": ["1", "2", "3", "1000"],
    "names": ["show", "hide"],
    "new_streams": ["include", "include", "hold"],
    "notify": ["each", "first", "daily", "weekly"],
    "ask_each": ["yes", "no", "no", "true", "false"],
    "offer": ["yes", "yes", "no", "true"],
}
ACTIONS = (["live"], ["read"], ["once"], ["once", "read"], ["contact"],
           ["live", "contact"], ["read", "contact"])
CHANNELS = (["email"], ["email", "chat"], ["chat", "phone"],
            ["email", "chat", "letter"])


def make_caps(rng, rule):
    often = rng.choice([0, 0.1, 0.5])
    for key, values in CAPS.items():
        if rng.random() < often:
            rule[key] = rng.choice(values)
    if rng.random() < 0.3:
        rule["action"] = rng.choice(ACTIONS)
        if "contact" in rule["action"]:
            rule["channels"] = rng.choice(CHANNELS)
    if rng.random() < 0.2:
        rule["from"] = NOW + rng.choice([-DAY, 0, 1, -1, DAY])
        if rule.get("until", rule["from"] + 1) <= rule["from"]:
            del rule["from"]


def fit(rule):
    """Take away what would be a fault (P28)."""
    data = rule.get("data", ())
    if rule["effect"] != "permit" or not set(data) & set(FLOORED):
        return rule
    return {k: v for k, v in rule.items()
            if k not in ("detail", "window", "purpose", "delay", "rate",
                         "life", "action", "channels")}


def make_set(rng):
    names = rng.sample("abcdefghijklmnop", rng.choice([0, 1, 2, 4, 8, 12]))
    return {"default": rng.choice(["ask", "ask", "deny"]),
            "gpc": rng.choice(["on", "on", "off"]),
            "overdue": rng.choice(["ask", "ask", "deny"]),
            "rules": [make_rule(rng, "rule-" + n) for n in names]}


def make_item(rng, n, purposes, live):
    some = [i for i in range(purposes) if rng.random() < 0.7]
    data = rng.choice(ASK_DATA[:-3] * 5 + ASK_DATA)
    item = {"n": n, "data": data, "detail": make_detail(rng),
            "window": rng.choice(["new", "1d", "30d", "90d", "365d", "2y"]),
            "delay": rng.choice(["0s", "1h", "3d"]),
            "every": rng.choice(["1s", "9s", "10s", "1min"]) if live else None,
            "needed": rng.random() < 0.2,
            "round": rng.choice([None] * 3 + make_steps(data)),
            "for": some if rng.random() < 0.3 else []}
    if rng.random() < 0.6:
        item.update(window=rng.choice(["new", "0s", "1d", "30d"]),
                    detail=rng.choice(["mean/1d", "count/1w", "mean/4w",
                                       "mean+max/1h", "sum/12h"]))
    if data in FLOORED and rng.random() < 0.9:
        item.update(window="30d", delay="3d",
                    detail="sum/4w" if data.startswith("finance") else "raw")
    return item


def make_steps(data):
    if data.startswith("location"):
        return ["1km", "100m", "2000m"]
    return ["0.5", "1", "2.5"]


def make_request(rng, home):
    action = rng.choice(["read"] * 6 + ["once", "live", "contact"])
    odd = rng.random() < 0.3
    bases = ["contract", "law", "interest"] if odd else ["precontract"]
    purposes = [(ident, rng.choice(["consent"] * 4 + bases))
                for ident in rng.sample(ASK_PURPOSES[:-1] * 5 + ASK_PURPOSES,
                                        rng.choice([1, 1, 1, 2, 3]))]
    pick = (lambda usual, *others: rng.choice((usual,) * 3 + others)
            if odd else usual)
    count = 0 if action == "contact" else rng.choice([1, 1, 2, 4])
    return {"home": home, "action": action, "purposes": purposes,
            "rate": rng.choice(["4/day", "24/day", "1/week"] * 3 +
                               ["25/day", "1/h", "none"]),
            "uses": "1" if action == "once" else pick("none", "1", "1000000"),
            "life": rng.choice([None, "1d", "30d", "90d", "2591999s",
                                "2592001s"] * 3 + ["180d", "365d"]),
            "keep": pick("30d", "0s", "31d", "10y"),
            "onward": pick([], [("Post", "GB", "processor")],
                           [("Sale", "US", "controller")],
                           [("Post", "GB", "processor"),
                            ("Sale", "GB", "processor")]),
            "channels": [] if action != "contact" else rng.choice(
                [["email", "chat"], ["email"], ["phone"]]),
            "where": sorted(set(rng.sample(COUNTRIES, pick(1, 2)))) if odd
            else [home or "GB"],
            "profiling": pick("none", "service", "any"),
            "automated": pick("no", "yes"), "training": pick("no", "yes"),
            "gatekeeper": pick("no", "yes"),
            "items": [make_item(rng, n + 1, len(purposes), action == "live")
                      for n in range(count)]}


def make_holds(rng, request):
    """What the firm has already: often just what it asks for."""
    if rng.random() < 0.7 or not request["items"]:
        return []
    item = rng.choice(request["items"])
    held = [(item["data"], item["detail"], item["round"])]
    if rng.random() < 0.5:
        held.append((rng.choice(ASK_DATA), make_detail(rng), None))
    if rng.random() < 0.3:
        held.append((item["data"], make_detail(rng), item["round"]))
    return held


def make_denied(rng, request, now):
    """What the owner denied it: often just what it asks for, and until now."""
    if rng.random() < 0.8:
        return []
    asked = [i["data"] for i in request["items"]] or [None]
    return [(rng.choice([p for p, _ in request["purposes"]] * 3 +
                        list(ASK_PURPOSES)),
             rng.choice(asked * 4 + [None] + list(ASK_DATA)),
             now + rng.choice([-1, 0, 1, DAY, 90 * DAY]))
            for _ in range(rng.choice([1, 1, 3]))]


def bounds_of(policy):
    """Times at which a decision may become another, and just around them."""
    at = {NOW, NOW + DAY}
    for rule in policy["rules"]:
        for bound in ("from", "until"):
            if bound in rule:
                at.add(rule[bound])
                at.add(rule[bound] - 30 * DAY)  # a life before it
    return sorted({time + by for time in at for by in (-1, 0, 1)})


SMALL = [
    {"effect": "permit"},
    {"effect": "permit", "firm": ["acme"]},
    {"effect": "permit", "purpose": ["service"], "data": ["energy"]},
    {"effect": "permit", "data": ["health"]},
    {"effect": "permit", "data": ["health.heart"], "detail": "raw"},
    {"effect": "permit", "purpose": ["marketing"], "window": "new"},
    {"effect": "permit", "purpose": ["marketing.political"]},
    {"effect": "permit", "until": NOW + 30 * DAY},
    {"effect": "ask"},
    {"effect": "ask", "data": ["energy"]},
    {"effect": "ask", "firm": ["acme"], "purpose": ["personalise"]},
    {"effect": "deny"},
    {"effect": "deny", "data": ["energy.electricity"]},
    {"effect": "deny", "purpose": ["marketing"]},
    {"effect": "deny", "firm": ["zeta"]},
]


def small_requests():
    base = {"home": "GB", "action": "read", "rate": "4/day", "uses": "none",
            "life": "30d", "keep": "30d", "onward": [], "where": ["GB"],
            "profiling": "none", "automated": "no", "training": "no",
            "gatekeeper": "no", "channels": []}
    item = {"n": 1, "detail": "mean/1h", "window": "30d", "delay": "0s",
            "every": None, "needed": False, "for": []}
    for purpose in ("service.billing", "marketing.political",
                    "marketing.targeted"):
        for data in ("energy.electricity", "health.heart"):
            yield dict(base, purposes=[(purpose, "consent")],
                       items=[dict(item, data=data)])
    yield dict(base, purposes=[("service.billing", "consent")],
               items=[dict(item, data="energy.electricity", needed=True),
                      dict(item, data="health.heart", n=2)])


# ---- speaking to the oracle ----

def firm_lines(firm):
    return ["firm %s %s%s" % (firm["name"], firm["state"],
                              " overdue" if firm.get("overdue") else "")] + [
        "holds %s %s %s" % (data, fine, size or "-")
        for data, fine, size in firm.get("holds", ())] + [
            "denied %s %s %s" % (purpose, data or "contact", stamp(until))
            for purpose, data, until in firm.get("denied", ())]


def rule_line(rule):
    cells = ["name: " + rule["name"], "effect: " + rule["effect"]]
    for key, value in rule.items():
        if key in ("name", "effect"):
            continue
        if key in ("from", "until"):
            value = '"%s"' % stamp(value)
        if key == "streams":
            value = ['"%s"' % one for one in value]
        if isinstance(value, list):
            value = "[%s]" % ", ".join(value)
        cells.append("%s: %s" % (key, value))
    return "|  - {%s}" % ", ".join(cells)


def set_lines(policy, files):
    """The set's rules, dealt to so many files."""
    lines = []
    for at in range(files):
        rules = policy["rules"][at::files]
        lines += ["file part%d.yaml" % at, "|version: 1"]
        if at == 0:
            lines.append("|default: " + policy["default"])
            lines.append("|gpc: " + policy["gpc"])
            lines.append("|overdue: " + policy.get("overdue", "ask"))
        lines += ["|rules:"] + [rule_line(r) for r in rules] if rules else []
    return lines + ["apply", "end"]


def request_lines(request):
    cells = ["action=" + request["action"], "rate=" + request["rate"],
             "uses=" + request["uses"], "keep=" + request["keep"],
             "where=" + ",".join(request["where"]),
             "profiling=" + request["profiling"]]
    if request["life"] is not None:
        cells.append("life=" + request["life"])
    if request["onward"]:
        cells.append("onward=" + ",".join(map(":".join, request["onward"])))
    if request["channels"]:
        cells.append("channels=" + "+".join(request["channels"]))
    cells += ["%s=%s" % (key, request[key])
              for key in ("automated", "training", "gatekeeper")]
    lines = ["request " + " ".join(cells)]
    lines += ["purpose %s %s" % pair for pair in request["purposes"]]
    for item in request["items"]:
        cells = ["%s=%s" % (key, item[key])
                 for key in ("detail", "window", "delay")]
        cells += ["every=" + item["every"]] if item["every"] else []
        cells += ["round=" + item["round"]] if item.get("round") else []
        cells += ["needed=the-meter"] if item["needed"] else []
        if item["for"]:
            cells.append("for=" + "+".join(str(i) for i in item["for"]))
        lines.append("item %s %s" % (item["data"], " ".join(cells)))
    return lines
