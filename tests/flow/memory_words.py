"""What is in the daemon's memory of what the owner keeps in the vault: while it
is locked, no key, and no name, unit, word or number.

usage: memory_words.py BIN [--unwiped]

--unwiped: the program leaves what it gives back as it is, and the run is good
only if words are found.
"""
import os
import re
import struct
import sys
import time

sys.path.append(os.path.join(os.path.dirname(__file__), '../crash'))
import markers  # noqa: E402
import ws  # noqa: E402
from at_rest import Secrets  # noqa: E402
from firm import node  # noqa: E402
from peek import skip_if_shadowed, wait_for_rest, written_to  # noqa: E402
from vault import Vault  # noqa: E402

NS = 10**9
T0 = 1764072000
MASK = b'\x01\x02\x03\x04'  # of ws.frame()
unwiped = '--unwiped' in sys.argv

node()
vault = Vault(ready=False)
skip_if_shadowed(vault.program)
vault.init()
vault.start()
owner = vault.owner()
marks = markers.Marks()
numbers = [struct.unpack('<d', os.urandom(6) + b'\xf5\x40')[0]
           for _ in range(12)]


class Run:
    """As markers.py wants it."""
    vault = vault


def pattern(mask):
    """The words as this mask leaves them, and how to undo it."""
    digits = [re.escape(bytes(c ^ mask[i % 4] for c in b'0123456789abcdef'))
              for i in range(4)]
    lead = re.escape(bytes(c ^ mask[i] for i, c in enumerate(b'zq')))
    return re.compile(lead + b''.join(
        b'[%s]' % digits[(2 + i) % 4] for i in range(14)), re.S), mask


# As they are, and as a frame masks them, wherever it began.
PATTERNS = [pattern(bytes(4))] + [
    pattern(MASK[at:] + MASK[:at]) for at in range(4)]


def words_in(part):
    for form, mask in PATTERNS:
        for found in form.findall(part):
            word = bytes(c ^ mask[i % 4]
                         for i, c in enumerate(found)).decode()
            if word in marks.where:
                yield word


def look():
    """({where: how many words}, [number], [key]) that are in memory."""
    words, found, keys = set(), set(), set()
    wait_for_rest(vault.process.pid)
    for part in written_to(vault.process.pid):
        if not part.strip(b'\0'):
            continue
        words.update(words_in(part))
        found.update(n for n in numbers if struct.pack('<d', n) in part)
        keys.update(name for name, key in secrets.items() if key in part)
    counts = {}
    for word in words:
        where = marks.where[word]
        counts[where] = counts.get(where, 0) + 1
    return counts, sorted(found), sorted(keys)


def fill():
    markers.streams(owner, marks)
    markers.packed(owner, marks)
    markers.dealings(Run, owner, marks)
    markers.refusals(owner, marks)
    name = marks.new('name of a stream')
    owner.create(name, 'home.climate')
    owner.append(name, [[(T0 + i) * NS, n] for i, n in enumerate(numbers)])
    assert [row[1] for row in owner.query(name).rows] == numbers


def what_is_there_is_found_while_it_is_unlocked():
    global secrets
    with open(vault.path('key'), 'rb') as file:
        everything = Secrets(vault.dir, file.read()).all()
    # memory_keys.py looks for each of many; here some will do.
    secrets = dict(list(everything.items())[:10])
    words, found, keys = look()
    print('unlocked: words %s, %d numbers, %d keys'
          % (words, len(found), len(keys)))
    assert words.get('name of a stream', 0) >= 90, words
    assert keys, keys


def nothing_of_it_is_left_once_it_is_locked():
    """A worker that is still awake clears up after itself as it rests."""
    assert owner.call('vault.lock')['state'] == 'locked'
    left = look()
    print('locked: words %s, %d numbers, %d keys'
          % (left[0], len(left[1]), len(left[2])))
    if unwiped:
        sys.exit(0 if left[0] else 1)
    assert not any(left), left


def nor_once_something_was_pushed_to_it():
    token, place = pusher
    for i in range(5):
        status, _, _ = markers.post_at(place, token, '%s value="%s" %d\n' % (
            marks.new('pushed'), marks.new('pushed'), T0 + i))
        assert status == 204, status
    left = look()
    assert not any(left), left


def nor_once_it_was_unlocked_and_locked_again():
    with open(vault.path('pass')) as file:
        owner.call('vault.unlock', passphrase=file.read().rstrip('\n'))
    until = time.monotonic() + ws.GUARD
    while owner.call('vault.status')['bytes']['inbox']:
        assert time.monotonic() < until, vault.said()
    nothing_of_it_is_left_once_it_is_locked()


fill()
pusher = (owner.change('source.add', name='pusher', streams=['pushed/**'],
                       auto=True, category='home.climate',
                       window='all')['token'],
          owner.call('vault.status')['http'])
ws.run([what_is_there_is_found_while_it_is_unlocked,
        nothing_of_it_is_left_once_it_is_locked,
        nor_once_something_was_pushed_to_it,
        nor_once_it_was_unlocked_and_locked_again])
