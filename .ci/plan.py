#!/usr/bin/env python3
"""Hold the tree to the house plan, .ci/house.allow: who may include whom.

usage: plan.py [--root DIR]

Rooms are folders two deep.  `room: rooms` says what a room may include beside
itself (* is all), `<header>: rooms` who alone may know a foreign header.  A
room names only rooms above its own line.  A header *_internal.h is for its own
room and for tests.  Exit 1 with one line a breach; 2 when the plan is broken.
"""
import argparse
import fnmatch
import pathlib
import re
import sys

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)


def read_plan(path):
    """(rooms, gates, faults)"""
    rooms, gates, faults = {}, {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, names = line.partition("#")[0].strip().partition(":")
        if not key:
            continue
        named = set(names.split())
        if key.startswith("<"):
            gates[key.strip("<>")] = named
            faults += [f"{key} names {name}, which is no room"
                       for name in sorted(named - set(rooms))]
        else:
            faults += [f"{key} names {name}, which is not above it"
                       for name in sorted(named - set(rooms) - {"*"})]
            rooms[key] = named
    return rooms, gates, faults


def sources(root, rooms):
    """Every source file below a top folder of the plan, and its room."""
    for top in sorted({room.split("/")[0] for room in rooms}):
        for path in sorted((root / top).rglob("*.[ch]")):
            parts = path.relative_to(root).parts
            yield path, "/".join(parts[:2]) if len(parts) > 2 else top


def owner(root, rooms, path, name):
    """(room, header) that a quoted include means; None: it is not there."""
    beside = (path.parent / name).resolve()
    if beside.is_file():
        parts = beside.relative_to(root).parts
        return "/".join(parts[:2]), beside.name
    if "/" not in name:
        name = "support/" + name
    for room in rooms:
        top, _, folder = room.partition("/")
        if name.split("/")[0] == folder and (root / top / name).is_file():
            return room, name.split("/")[-1]
    return None


def breaches(root, rooms, gates):
    for path, room in sources(root, rooms):
        here = path.relative_to(root)
        allowed = rooms.get(room)
        if allowed is None:
            yield f"{here}: {room} has no line in the plan"
            continue
        if "*" in allowed:
            continue
        text = path.read_text(encoding="utf-8")
        for kind, name in INCLUDE.findall(text):
            if kind == "<" and not name.startswith("vault/"):
                shut = [gate for gate in gates if fnmatch.fnmatch(name, gate)
                        and room not in gates[gate]]
                if shut:
                    yield f"{here}: {room} may not know <{name}>"
                continue
            if name.startswith("vault/"):
                found = ("sdk/include", name)
            else:
                found = owner(root, rooms, path, name)
            if found is None:
                yield f'{here}: "{name}" is not in the tree'
            elif found[0] != room and found[0] not in allowed:
                yield f"{here}: {room} may not include {found[0]} ({name})"
            elif found[0] != room and found[1].endswith("_internal.h"):
                yield f"{here}: {name} is internal to {found[0]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).parent.parent)
    root = parser.parse_args().root.resolve()
    rooms, gates, faults = read_plan(root / ".ci" / "house.allow")
    if faults:
        print("\n".join(faults))
        return 2
    found = list(breaches(root, rooms, gates))
    print("\n".join(found) if found else f"the plan holds: {len(rooms)} rooms")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
