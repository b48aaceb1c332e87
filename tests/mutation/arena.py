"""Where a mutant meets its tests.

The tree and its build are only read.  A mutant is compiled by the command that
the build has for its source, into a folder for scratch; each test is linked by
its own command with that object in front of the room's library, which then has
nothing to add, and with what looks for leaks.  So a mutant costs one file, and
one link for each test that it outlives.
"""
import json
import os
import shlex
import signal
import subprocess
import tempfile
import time

LEAKS = ['-fsanitize=leak']  # what is not freed fails a test as well
SLOWER = 6     # times a clean run: a mutant that takes longer does not end
SECONDS = 3    # and so much more, for a machine that has others to serve
WARM = 300     # a clean run


class Broken(Exception):
    """The build, or a test of what is not changed, does not work."""


def run(argv, folder, seconds, tmp=None):
    """Its exit, None when it took too long; and what it said."""
    env = dict(os.environ, TMPDIR=tmp) if tmp else None
    process = subprocess.Popen(argv, cwd=folder, stdin=subprocess.DEVNULL,
                               env=env,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT,
                               start_new_session=True)
    try:
        said, _ = process.communicate(timeout=seconds)
        return process.returncode, said
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
        return None, said


class Test:
    """A program of the build, and how it is run; {} is the program."""

    def __init__(self, build, target, argv=('{}',)):
        self.build, self.target, self.argv = build, target, argv
        self.limit = WARM
        said = subprocess.run(['ninja', '-C', build, '-t', 'commands', target],
                              check=True, capture_output=True, text=True)
        words = shlex.split(said.stdout.splitlines()[-1])
        words = words[words.index('&&') + 1:]
        self.link = words[:words.index('&&')]

    def name(self):
        return self.target if len(self.argv) == 1 else \
            os.path.basename(self.argv[1])

    def try_with(self, objects, scratch):
        """Did it pass, and in how many seconds?"""
        program = os.path.join(scratch, 'test')
        link = list(self.link)
        link[link.index('-o') + 1] = program
        at = next(i for i, word in enumerate(link) if word.endswith('.o'))
        if not any(word.startswith('-fsanitize') for word in link):
            link += LEAKS
        code, said = run(link[:at] + objects + link[at:], self.build, WARM)
        if code != 0:
            raise Broken('%s is not linked: %s' % (
                self.target, said.decode('utf-8', 'replace')))
        argv = [program if word == '{}' else word for word in self.argv]
        begun = time.monotonic()
        # A test that is killed, or fails, leaves what it had made.
        with tempfile.TemporaryDirectory(dir=scratch) as tmp:
            code, said = run(argv, scratch, self.limit, tmp)
        return code == 0, time.monotonic() - begun, said

    def warm_up(self, scratch):
        passed, seconds, said = self.try_with([], scratch)
        if not passed:
            raise Broken('%s fails as it is: %s' % (
                self.name(), said.decode('utf-8', 'replace')[-2000:]))
        self.limit = SLOWER * seconds + SECONDS
        return seconds


class Source:
    """A file of a room and how it is compiled."""

    def __init__(self, root, build, path):
        self.path, self.whole = path, os.path.join(root, path)
        with open(self.whole, encoding='utf-8') as file:
            self.text = file.read()
        with open(os.path.join(build, 'compile_commands.json'),
                  encoding='utf-8') as file:
            command = next(
                (one for one in json.load(file)
                 if os.path.realpath(one['file']) ==
                 os.path.realpath(self.whole)), None)
        if command is None:
            raise Broken('the build has no command for ' + path)
        self.folder = command['directory']
        self.argv = self.cleaned(shlex.split(command['command']))
        self.clean = None  # the bytes of its object

    def cleaned(self, words):
        """The flags alone: no files, no cache, no list of what it includes."""
        kept, skip = [], False
        for word in words:
            if skip or os.path.basename(word) == 'ccache':
                skip = False
            elif word in ('-o', '-c', '-MT', '-MF'):
                skip = True
            elif word not in ('-MD', '-g', '-Werror'):
                kept.append(word)
        return kept + ['-O1', '-g0', '-w', '-iquote',
                       os.path.dirname(self.whole)]

    def compile(self, text, scratch):
        """The object's path; None: it does not compile."""
        source = os.path.join(scratch, os.path.basename(self.path))
        out = source + '.o'
        with open(source, 'w', encoding='utf-8') as file:
            file.write(text)
        code, _ = run(self.argv + ['-c', source, '-o', out], self.folder, WARM)
        return out if code == 0 else None

    def object_of(self, text, scratch):
        """Path and bytes; None and nothing where it does not compile."""
        out = self.compile(text, scratch)
        if out is None:
            return None, b''
        with open(out, 'rb') as file:
            return out, file.read()

    def same(self, mutant, scratch):
        """(object, is it what the file itself gives?)"""
        if self.clean is None:
            out, self.clean = self.object_of(self.text, scratch)
            if out is None:
                raise Broken(self.path + ' does not compile as it is')
        out, found = self.object_of(mutant.text, scratch)
        return out, found == self.clean


def in_order(tests, path):
    """Those named after the file first, else the quick ones."""
    stem = os.path.splitext(os.path.basename(path))[0]

    def strange(test):
        return stem not in test.target.split('.')[-1]
    return sorted(tests, key=lambda test: (strange(test), test.limit))


def judge(source, mutant, tests, scratch):
    """What became of it, and by whom."""
    out, same = source.same(mutant, scratch)
    if out is None:
        return 'stillborn', ''
    if same:
        return 'identical', ''
    for test in in_order(tests, source.path):
        passed, _, _ = test.try_with([out], scratch)
        if not passed:
            return 'killed', test.name()
    return 'survived', ''
