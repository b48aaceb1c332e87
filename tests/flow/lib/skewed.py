"""A vault whose daemon has another clock than this machine."""
import mmap
import os
import struct
import sys

from peek import skip_if_shadowed
from vault import Vault

NS = 10**9

vault = Vault(ready=False)
skip_if_shadowed(vault.program)  # a sanitizer wants to be loaded first
vault.init()
with open(vault.write('skew', ''), 'r+b') as _file:
    _file.truncate(4096)
    _page = mmap.mmap(_file.fileno(), 4096)

# What a program needs in its environment to have that clock.
SKEWED = {'LD_PRELOAD': os.path.join(sys.argv[1], 'skew.so'),
          'SKEW': vault.path('skew')}


def set_clock(by=0, synchronised=False):
    """Seconds from what it is here, and what the kernel says of it."""
    _page[:16] = struct.pack('=qq', by * NS, synchronised)
