"""What was measured on: without it no figure says anything."""
import os
import subprocess


def field(path, name):
    """The value of the first line `name : value`."""
    with open(path) as file:
        for line in file:
            key, _, value = line.partition(':')
            if key.strip() == name:
                return value.strip()
    return 'unknown'


def filesystem(folder):
    """Type and device of the mount that the folder lies on."""
    best, device = '', 'unknown'
    real = os.path.realpath(folder)
    with open('/proc/self/mounts') as file:
        for line in file:
            source, place, kind = line.split()[:3]
            inside = real == place or real.startswith(place.rstrip('/') + '/')
            if inside and len(place) >= len(best):
                best, device = place, '%s on %s' % (kind, source)
    return device


def library(name):
    done = subprocess.run(['pkg-config', '--modversion', name],
                          capture_output=True, text=True)
    return done.stdout.strip() or 'unknown'


def build_type(build):
    with open(os.path.join(build, 'CMakeCache.txt')) as file:
        for line in file:
            if line.startswith('CMAKE_BUILD_TYPE:'):
                return line.partition('=')[2].strip()
    return 'unknown'


def describe(folder, build):
    """Pairs of name and value."""
    memory = int(field('/proc/meminfo', 'MemTotal').split()[0]) / 2**20
    return [
        ('cpu', field('/proc/cpuinfo', 'model name')),
        ('cores', str(len(os.sched_getaffinity(0)))),
        ('memory', '%.1f GiB' % memory),
        ('filesystem', filesystem(folder)),
        ('kernel', os.uname().release),
        *[(name, library(name)) for name in
          ('libsodium', 'lmdb', 'libwebsockets')],
        ('build', build_type(build)),
        ('load', ' '.join('%.2f' % x for x in os.getloadavg())),
    ]
