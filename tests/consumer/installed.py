"""libvault as it is installed: what is there, and that a program can be built
on it, by CMake and by pkg-config, wherever it lies; the examples then talk with
a real vault.

    installed.py BUILD SOURCE CC
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

BUILD, SOURCE, CC = sys.argv[1:4]
PROJECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'project')
scratch = tempfile.mkdtemp(prefix='vault-consumer-')
prefix = os.path.join(scratch, 'there')
built = os.path.join(scratch, 'build')


def run(*args, code=0, **env):
    done = subprocess.run(args, capture_output=True, timeout=100, text=True,
                          env={**os.environ, **env}, stdin=subprocess.DEVNULL)
    assert done.returncode == code, (args, done.returncode, done.stdout,
                                     done.stderr)
    return done.stdout


def one(name):
    """The installed file of this name."""
    found = glob.glob(os.path.join(prefix, '**', name), recursive=True)
    assert len(found) == 1, (name, found)
    return found[0]


def it_is_installed():
    """Elsewhere than it was made: no path of the making may be in it."""
    first = os.path.join(scratch, 'here')
    run('cmake', '--install', BUILD, '--component', 'devel', '--prefix', first)
    os.rename(first, prefix)
    for name in ('client', 'firm', 'listener', 'owner', 'page', 'request',
                 'status', 'vault', 'writer'):
        one('include/vault/%s.h' % name)
    for folder, _, names in os.walk(prefix):
        for name in names:
            if name.endswith(('.pc', '.cmake')):
                with open(os.path.join(folder, name)) as file:
                    text = file.read()
                assert not [p for p in (BUILD, SOURCE, '/here') if p in text], (
                    name, text)


def only_its_own_names_are_seen():
    for option, name in (('-D', 'libvault.so'), ('-g', 'libvault.a')):
        listed = run('nm', option, '--defined-only', one(name))
        names = re.findall(r' [A-Z] (\S+)', listed)
        ours = [n for n in names if n.lower().startswith('vault_')]
        assert len(ours) > 40 and ours == names, (name, names)


def the_names_are_those_that_were_promised():
    """libvault.symbols has every name of the library, with the version that it
    came with; a name that goes is another SONAME."""
    listed = run('nm', '-D', '--defined-only', '--with-symbol-versions',
                 one('libvault.so'))
    names = sorted(re.findall(r' T (vault_\w+@@\w+)', listed))
    with open(os.path.join(SOURCE, 'sdk/client/libvault.symbols')) as file:
        told = [line.strip() for line in file
                if line.strip() and not line.startswith('#')]
    assert told == sorted(set(told)), 'not sorted, or one is there twice'
    assert names == told, sorted(set(names) ^ set(told))
    declared = set()
    for path in glob.glob(os.path.join(prefix, 'include/vault/*.h')):
        with open(path) as file:
            declared |= set(re.findall(
                r'VAULT_API[^;{(]*?\b(vault_\w+)\(', file.read()))
    assert declared == {name.partition('@')[0] for name in names}, (
        declared ^ {name.partition('@')[0] for name in names})


def starts(program, **env):
    said = run(program, **env).split(' ', 1)
    assert re.fullmatch(r'\d+\.\d+\.\d+', said[0]), said
    return said[0]


def a_program_is_built_by_cmake():
    run('cmake', '-G', 'Ninja', '-S', PROJECT, '-B', built,
        '-DCMAKE_C_COMPILER=' + CC, '-DCMAKE_PREFIX_PATH=' + prefix)
    run('cmake', '--build', built)
    starts(os.path.join(built, 'consumer'))
    starts(os.path.join(built, 'consumer_static'))
    assert 'libvault' not in run('ldd', os.path.join(built, 'consumer_static'))


def a_program_is_built_by_pkg_config():
    where = {'PKG_CONFIG_PATH': os.path.dirname(one('libvault.pc'))}
    library = os.path.dirname(one('libvault.so'))
    program = os.path.join(scratch, 'by_pkg_config')
    source = os.path.join(PROJECT, 'consumer.c')

    def ask(*options):
        return run('pkg-config', *options, 'libvault', **where).split()

    run(CC, source, '-o', program, *ask('--cflags', '--libs'))
    version = starts(program, LD_LIBRARY_PATH=library)
    assert [version] == ask('--modversion')
    flags = ask('--static', '--cflags', '--libs')
    run(CC, source, '-o', program,
        *[one('libvault.a') if f == '-lvault' else f for f in flags])
    starts(program)


def vaultfirm(vault, *args, code=0):
    return run(os.path.join(BUILD, 'bin/vaultfirm'), '--identity',
               vault.path('firm'), *args, code=code)


def the_examples_read_a_vault():
    sys.argv[1] = os.path.join(BUILD, 'bin')
    sys.path.insert(0, os.path.join(SOURCE, 'tests/flow/lib'))
    from vault import Vault, stamp
    vault = Vault()
    owner = vault.owner()
    owner.create('home/host/load', 'device.state')
    now = int(time.time()) * 10**9
    quarter = now // 10**9 // 900 * 900
    owner.append('home/host/load', [[(quarter - 60 * i) * 10**9, i]
                                    for i in range(10, 0, -1)])
    vaultfirm(vault, 'init', 'fernhill')
    vaultfirm(vault, 'enrol', owner.change('firm.invite',
                                           name='fernhill')['url'])
    owner.change('firm.confirm', firm='fernhill')
    asked = json.loads(vaultfirm(
        vault, 'request', os.path.join(SOURCE, 'packaging/demo/request.json'),
        '--json'))
    grant = owner.change('request.approve', request=asked['request'],
                         all=True)['grant']
    args = [vault.path('firm'), grant, 'home/host/load']
    watch = subprocess.Popen([os.path.join(built, 'firm_watch'), *args],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    row = b''
    while not row:
        now += 10**6
        owner.append('home/host/load', [[now, 0.5]])
        ready = watch.poll() is None
        assert ready, watch.stderr.read()
        row = read_soon(watch.stdout)
    assert row.split()[0] == b'home/host/load' and b'value=0.5' in row, row
    query = [os.path.join(built, 'firm_query'), *args, stamp(quarter - 900),
             stamp(quarter)]
    assert 'value.mean=5.5' in run(*query)
    receipt = vault.path('receipt.json')
    vaultfirm(vault, 'receipt', 'get', grant, '--out', receipt)
    verify = [os.path.join(built, 'verify_receipt'), vault.path('firm'),
              receipt]
    assert 'given' in run(*verify)
    the_owners_examples(vault, owner, quarter)
    owner.change('grant.revoke', grant=grant)
    out, err = watch.communicate(timeout=60)
    assert b'ended: withdrawn' in err and watch.returncode == 0, err
    run(*query, code=1)
    os.remove(receipt)
    vaultfirm(vault, 'receipt', 'get', grant, '--out', receipt, code=8)
    assert 'not in force' in run(*verify, code=1)
    with open(receipt) as file:
        text = file.read()
    with open(receipt, 'w') as file:
        file.write(text.replace('.ey', '.fy', 1))
    run(*verify, code=2)
    owner.close()
    vault.stop()


def the_owners_examples(vault, owner, quarter):
    owner.create('home/meter')
    done = subprocess.run(
        [os.path.join(built, 'sensor_push'), vault.socket, 'home/meter',
         'value'], input='%d 1\n%d 2\n' % (quarter - 20, quarter - 10),
        capture_output=True, text=True, timeout=60)
    assert done.stdout == '2 rows\n', done
    loop = os.path.join(built, 'uv_loop')
    from vault import stamp
    if os.path.exists(loop):
        said = run(loop, vault.socket, 'home/meter', stamp(quarter - 900),
                   stamp(quarter))
        assert said == 'home/meter 2 rows\n', said
    listen = subprocess.Popen(
        [os.path.join(built, 'epoll_loop'), vault.socket, 'home/meter', '3'],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    row, at = b'', quarter * 10**9
    while not row:  # until it is subscribed
        at += 10**9
        owner.append('home/meter', [[at, 1]])
        assert listen.poll() is None, listen.stderr.read()
        row = read_soon(listen.stdout)
    for more in (1, 2):
        owner.append('home/meter', [[at + more * 10**9, 2]])
    rest, err = listen.communicate(timeout=60)
    assert listen.returncode == 0 and len((row + rest).splitlines()) == 3, err


def read_soon(pipe):
    """A line, if one comes within a moment."""
    import select
    return pipe.readline() if select.select([pipe], [], [], 0.2)[0] else b''


tests = [it_is_installed, only_its_own_names_are_seen,
         the_names_are_those_that_were_promised,
         a_program_is_built_by_cmake, a_program_is_built_by_pkg_config]
if os.path.exists(os.path.join(BUILD, 'bin/vaultd')):
    tests.append(the_examples_read_a_vault)
try:
    for test in tests:
        test()
        print('ok    ' + test.__name__)
finally:
    shutil.rmtree(scratch, ignore_errors=True)
