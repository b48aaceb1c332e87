"""The table of features names tests that there are, and states that mean
something.

usage: features.py TABLE BUILD [--control]

--control: the table with faults of each kind is refused.
"""
import subprocess
import sys

STATES = ('tested', 'partly', 'missing')


def read(path):
    with open(path, encoding='utf-8') as file:
        return [(number, line.rstrip('\n').split('\t'))
                for number, line in enumerate(file, 1)
                if not line.startswith('#')]


def tests_of(build):
    done = subprocess.run(['ctest', '--test-dir', build, '-N'], check=True,
                          capture_output=True, text=True)
    return {line.split(': ', 1)[1].strip()
            for line in done.stdout.splitlines() if ' Test ' in line}


def faults(rows, tests):
    """What is wrong, a sentence each."""
    seen = set()
    for number, row in rows:
        if len(row) != 3 or not all(row):
            yield '%d: not three fields with a tab between' % number
            continue
        feature, names, state = row
        if feature in seen:
            yield '%d: "%s" stands there twice' % (number, feature)
        seen.add(feature)
        if state not in STATES:
            yield '%d: "%s" is none of %s' % (number, state, ', '.join(STATES))
        if (state == 'missing') != (names == '-'):
            yield '%d: what is missing has no test, all else has' % number
        for name in names.split(' ') if names != '-' else ():
            if name not in tests:
                yield '%d: there is no test %s' % (number, name)


def control(rows, tests):
    """Each fault is seen."""
    good = ['a feature', min(tests), 'tested']
    bad = (['a feature', 'no.test', 'tested'], ['a feature', '-', 'tested'],
           ['a feature', min(tests), 'missing'], [rows[0][1][0]] + good[1:],
           ['a feature', min(tests), 'done'], ['a feature', min(tests)])
    assert not list(faults(rows + [(0, good)], tests))
    for row in bad:
        assert list(faults(rows + [(0, row)], tests)), row


def main():
    rows, tests = read(sys.argv[1]), tests_of(sys.argv[2])
    if '--control' in sys.argv:
        control(rows, tests)
        return 0
    found = list(faults(rows, tests))
    for fault in found:
        print(sys.argv[1] + ':' + fault)
    counts = [sum(row[2] == state for _, row in rows) for state in STATES]
    print(', '.join('%d %s' % pair for pair in zip(counts, STATES)))
    return 1 if found or not rows else 0


if __name__ == '__main__':
    sys.exit(main())
