"""Packages of npm for tests that compare with others: fetched on demand, and
never into the tree."""
import os
import shutil
import subprocess
import sys

SKIPPED = 77


def missing_of(folder, packages):
    return [one for one in packages if not os.path.exists(os.path.join(
        folder, 'node_modules', one.rpartition('@')[0], 'package.json'))]


def fetch(folder, *packages):
    """Put what is not there into the folder's node_modules."""
    os.makedirs(folder, exist_ok=True)
    missing = missing_of(folder, packages)
    if missing:
        subprocess.run(['npm', 'install', '--prefix', folder, '--no-audit',
                        '--no-fund', '--ignore-scripts', '--silent',
                        *missing], check=True)


def skip_without_node():
    for tool in ('node', 'npm'):
        if shutil.which(tool) is None:
            print('SKIP there is no ' + tool)
            sys.exit(SKIPPED)
