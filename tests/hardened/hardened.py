"""Release builds are hardened: what the files themselves say, each flag.

usage: hardened.py FILE...

A program is position-independent, its relocations are bound and made read-only
before main(), its stack is not executable and guarded, calls of the C library
are checked where sizes are known, and functions begin where an indirect branch
may land (x86-64).  A library likewise.  No file says where to look for others,
or keeps what a compiler passes on for optimising at the link.
"""
import re
import subprocess
import sys

BRANCH = b'\xf3\x0f\x1e\xfa'  # endbr64


def read(path, *options):
    return subprocess.run(['readelf', '--wide', *options, path], check=True,
                          capture_output=True, text=True).stdout


def faults(path):
    head, dynamic = read(path, '--file-header'), read(path, '--dynamic')
    segments, names = read(path, '--segments'), read(path, '--dyn-syms')
    stack = re.search(r'GNU_STACK.* (R.?.?) +0x', segments)
    if not re.search(r'Type: +DYN', head):
        yield 'it is not position-independent'
    if not re.search(r'BIND_NOW|FLAGS_1.*NOW', dynamic):
        yield 'its functions are bound when they are called'
    if 'GNU_RELRO' not in segments:
        yield 'its relocations stay writable'
    if stack is None or 'E' in stack.group(1):
        yield 'its stack is executable'
    if '__stack_chk_fail' not in names:
        yield 'its stack is not guarded'
    if not re.search(r'__[a-z]+_chk@', names):
        yield 'no call of the C library is checked'
    if re.search(r'R(UN)?PATH|TEXTREL', dynamic):
        yield 'it names folders of libraries, or writes to its text'
    if 'X86-64' in head:
        with open(path, 'rb') as file:
            if file.read().count(BRANCH) < 10:
                yield 'branches may land anywhere'


def passed_on(path):
    if re.search(r'\.gnu\.(debug)?lto_', read(path, '--sections')):
        yield 'it has sections for optimising at the link'


bad = 0
for name in sys.argv[1:]:
    found = [] if name.endswith('.a') else list(faults(name))
    for fault in found + list(passed_on(name)):
        print('%s: %s' % (name, fault))
        bad += 1
print('%d files, %d faults' % (len(sys.argv) - 1, bad))
sys.exit(1 if bad else 0)
