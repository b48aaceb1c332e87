"""README.md, By hand and Backups: its commands are run as they stand there."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import ws

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.abspath(os.path.join(HERE, '../..'))
LINES = 32  # a reader types them


def section(title):
    with open(os.path.join(SOURCE, 'README.md')) as file:
        text = file.read()
    return re.search(r'^## %s\n(.*?)(?=^## |\Z)' % title, text,
                     re.M | re.S).group(1)


def script(name='By hand'):
    found, = re.findall(r'^```sh\n(.*?)^```', section(name), re.M | re.S)
    return found


def it_is_short():
    lines = [line for line in script().splitlines()
             if line and not line.startswith('#')]
    assert len(lines) <= LINES, len(lines)


def by_hand_leads_to_a_grant_and_its_end():
    folder = tempfile.mkdtemp(prefix='vault-readme-')
    os.symlink(os.path.join(SOURCE, 'packaging'),
               os.path.join(folder, 'packaging'))
    path = '%s:%s' % (os.path.abspath(sys.argv[1]), os.environ['PATH'])
    # What follows the block is the test's: nothing may stay behind.
    code = ('trap \'kill $! && wait $!\' EXIT\n' + script()
            + script('Backups'))
    try:
        done = subprocess.run(
            ['bash', '-euo', 'pipefail', '-c', code], cwd=folder,
            capture_output=True, timeout=ws.GUARD, stdin=subprocess.DEVNULL,
            env={**os.environ, 'PATH': path})
        out, err = done.stdout.decode(), done.stderr.decode()
        assert done.returncode == 0, (done.returncode, out, err)
        for says in ('24 words', 'unlocked', '1 accepted', 'confirmed',
                     'machine/load', '(1 row)', 'withdrawn', 'all is well',
                     'was restored in restored'):
            assert says in out, (says, out, err)
    finally:
        shutil.rmtree(folder)


def files_that_it_names_are_there():
    with open(os.path.join(SOURCE, 'README.md')) as file:
        text = file.read()
    for name in re.findall(r'\]\(([^)#:]+)\)', text):
        assert os.path.exists(os.path.join(SOURCE, name)), name


ws.run([it_is_short, by_hand_leads_to_a_grant_and_its_end,
        files_that_it_names_are_there])
