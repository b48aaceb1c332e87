"""The unit of packaging/systemd: what it leaves the service, as systemd sees it.

usage: units.py FOLDER, in which the unit lies as it is installed
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import ws
from vault import skip

THRESHOLD = '20'  # tenths
if shutil.which('systemd-analyze') is None:
    skip('systemd-analyze is not there')
with open(os.path.join(sys.argv[1], 'vaultd.service')) as file:
    unit = file.read()


def judged(text, *words):
    """(exit code, what is said) of systemd-analyze for a unit."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'vaultd.service')
        with open(path, 'w') as file:
            file.write(text)
        done = subprocess.run(['systemd-analyze', *words, path],
                              capture_output=True, timeout=ws.GUARD)
        return done.returncode, (done.stdout + done.stderr).decode()


def exposed(text):
    return judged(text, 'security', '--offline=true',
                  '--threshold=' + THRESHOLD)


def it_exposes_little():
    code, said = exposed(unit)
    assert code == 0, said
    print(said.splitlines()[-1])


def a_unit_that_gives_more_is_found():
    for line in ('CapabilityBoundingSet=', 'RestrictNamespaces=yes',
                 'User=vaultd'):
        assert '\n%s\n' % line in unit, line
        code, said = exposed(unit.replace('\n%s\n' % line, '\n'))
        assert code != 0, (line, said)


def it_has_no_mistake():
    text = re.sub(r'(?m)^ExecStart=\S+', 'ExecStart=/bin/true', unit)
    code, said = judged(text, 'verify')
    assert code == 0 and said == '', said


def a_mistake_is_found():
    text = re.sub(r'(?m)^ExecStart=\S+', 'ExecStart=/bin/true', unit)
    _, said = judged(text.replace('PrivateTmp=', 'PrivateTemp='), 'verify')
    assert 'PrivateTemp' in said, said


def its_program_and_its_words_are_where_they_are_installed():
    assert re.search(r'(?m)^ExecStart=/\S+/bin/vaultd run --dir ', unit), unit
    assert '@' not in re.sub(r'@system-service|@privileged|@resources', '',
                             unit)


ws.run([it_exposes_little, a_unit_that_gives_more_is_found, it_has_no_mistake,
        a_mistake_is_found,
        its_program_and_its_words_are_where_they_are_installed])
