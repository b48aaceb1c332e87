"""Programs under the shim, and the folder that they work in."""
import os
import shutil
import subprocess
import tempfile
import time


def folder():
    """In memory, if there is room: what is there is needed for a moment."""
    memory = '/dev/shm'
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30:
        return tempfile.mkdtemp(prefix='vault-crash-', dir=memory)
    return tempfile.mkdtemp(prefix='vault-crash-')


def seed_of_run():
    seed = int(os.environ.get('VAULT_TEST_SEED') or time.time_ns() % 10**9)
    print('VAULT_TEST_SEED=%d' % seed, flush=True)
    return seed


def run(programs, root, words, **env):
    """words[0] is a program's name; what it does below root is seen."""
    words = [os.path.join(programs, 'crash_' + words[0])] + words[1:]
    env.update(LD_PRELOAD=os.path.join(programs, 'shim.so'),
               ASAN_OPTIONS='verify_asan_link_order=0', CRASH_ROOT=root,
               CRASH_HASTE='1')
    return subprocess.run(words, env={**os.environ, **env}, check=False,
                          stdout=subprocess.PIPE, text=True)
