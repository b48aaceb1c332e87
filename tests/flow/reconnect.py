"""Connections that break at random: what a firm hears and what a sensor stores
is each row, once, also where it comes late.

    reconnect.py BIN [--cuts N] [--seed S] [--side N]

--cuts: of each of the two, 4 unless said; half of that of a source with a key.
--side: that many vaults share them, at once, as who was cut off often waits
for minutes.
"""
import os
import random
import subprocess
import sys
import threading
import time

import ws
from cutter import Cutter, wait_for
from firm import live_terms
from vault import Vault

NS = 10**9


def option(name, usual):
    args = sys.argv[2:]
    return int(args[args.index(name) + 1]) if name in args else usual


CUTS = option('--cuts', 4)
SEED = option('--seed', random.randrange(1 << 32))
GUARD = 400  # seconds until a hang is a failure; a client may wait 300
NOW = int(time.time()) // 3600 * 3600
# Of a source no row may be ahead of its time, nor before its window.
FIRST = NOW - 500 * 3600
EXAMPLES = os.path.join(sys.argv[1], 'examples')

SIDE = option('--side', 1)


def side_by_side():
    """Each has its part of the cuts, and seeds of its own."""
    programs = [
        subprocess.Popen([sys.executable, __file__, sys.argv[1], '--cuts',
                          str(-(-CUTS // SIDE)), '--seed', str(SEED + 3 * i)])
        for i in range(SIDE)]
    sys.exit(any([program.wait() for program in programs]))


if SIDE > 1:
    side_by_side()
print('seed %d' % SEED)
vault = Vault()
owner = vault.owner()


class Reader(threading.Thread):
    """Lines of a program, as they come."""

    def __init__(self, *args, **how):
        super().__init__(daemon=True)
        self.process = subprocess.Popen(args, stdout=subprocess.PIPE, **how)
        self.lines = []
        self.start()

    def run(self):
        for line in self.process.stdout:
            self.lines.append(line.decode().split())


def enrolled(port):
    """A firm that knows the vault by this port, and a live grant of its."""
    folder = vault.path('firm')

    def vaultfirm(*args):
        done = subprocess.run(
            [os.path.join(sys.argv[1], 'vaultfirm'), '--identity', folder,
             *args], capture_output=True, timeout=ws.GUARD)
        assert done.returncode == 0, done
        return done.stdout.decode()

    vaultfirm('init', 'fernhill')
    vaultfirm('enrol', owner.change('firm.invite', name='fernhill',
                                    address='127.0.0.1:%d' % port)['url'])
    owner.change('firm.confirm', firm='fernhill')
    import json
    terms = vault.write('terms.json', json.dumps(live_terms()))
    request = json.loads(vaultfirm('request', terms, '--json'))['request']
    return folder, owner.change('request.approve', request=request,
                                all=True)['grant']


def storm(cutter, cuts):
    """Until there were so many."""
    seen, since = 0, time.monotonic()
    cutter.storm()
    while cutter.cuts < cuts:
        if cutter.cuts > seen:
            seen, since = cutter.cuts, time.monotonic()
        assert time.monotonic() < since + GUARD, (cutter.cuts, 'a hang')
        yield
    cutter.stop()


def a_firm_hears_each_row_once():
    owner.create('home/host/load', 'device.state')
    listen = owner.call('vault.status')['listen'].rpartition(':')
    # A page a second: a deaf end of more than that hears one, and cannot
    # acknowledge it.
    cutter = Cutter((listen[0], int(listen[2])), SEED, deaf=1.1)
    folder, grant = enrolled(cutter.port)
    watch = Reader(os.path.join(EXAMPLES, 'firm_watch'), folder, grant,
                   'home/host/load')
    sent = [0]

    def put(numbers):
        owner.append('home/host/load', [
            [(NOW * 1000 + i) * NS // 1000, i] for i in numbers])

    def more(count):
        put(range(sent[0], sent[0] + count))
        sent[0] += count

    def some_late(count):
        """So many, of which a part comes behind the others."""
        numbers = range(sent[0], sent[0] + count)
        late = [i for i in numbers[:-1] if cutter.random.random() < 0.3]
        put([i for i in numbers if i not in late])
        time.sleep(cutter.random.uniform(0, 0.5))
        if late:
            put(late)
        sent[0] += count

    # From when it is subscribed on; the first row that it hears is the first.
    while not watch.lines:
        more(1)
        time.sleep(0.05)
    first = int(watch.lines[0][2].partition('=')[2])
    for _ in storm(cutter, CUTS):
        assert watch.process.poll() is None, watch.process.poll()
        some_late(cutter.random.randrange(1, 20))
    more(1)

    def heard():
        return [int(line[2].partition('=')[2]) for line in list(watch.lines)]

    wait_for(lambda: sent[0] - 1 in heard(), 'the last row does not come',
             GUARD)
    wait_for(lambda: len(heard()) >= sent[0] - first,
             'not all rows come: %d' % (sent[0] - first - len(heard())))
    got = heard()
    want = list(range(first, sent[0]))
    assert sorted(got) == want, (
        len(got), len(want), sorted(set(want) - set(got))[:3],
        sorted(i for i in set(got) if got.count(i) > 1)[:3])
    # Suspended it rests, over a cut as well, and goes on when it is resumed.
    owner.change('grant.suspend', grant=grant)
    for pair in cutter.pairs:
        pair.cut()
    wait_for(lambda: owner.call('audit.list', firm='fernhill',
                                types=['denied'])['entries'],
             'it does not ask again')
    owner.change('grant.resume', grant=grant)
    more(1)
    wait_for(lambda: sent[0] - 1 in heard(), 'it does not go on')
    assert watch.process.poll() is None
    watch.process.kill()
    print('      %d rows over %d cuts' % (len(got), cutter.cuts))


def a_source_of_the_owners(stream):
    path = vault.path('relay')
    return path, Cutter(vault.socket, SEED + 1, path=path, longest=0.5)


def a_source_with_its_own_key(stream):
    """Over TLS, at a port of the cutter's."""
    status = owner.call('vault.status')
    host, _, port = status['listen'].rpartition(':')
    cutter = Cutter((host, int(port)), SEED + 2, longest=0.5)
    token = owner.change('source.add', name='meter', streams=[stream],
                         way='key', window='30d')['token']
    folder = vault.path('source')
    done = subprocess.run(
        [os.path.join(EXAMPLES, 'source_enrol'), folder, 'meter',
         '%s@127.0.0.1:%d' % (status['vault'].partition('@')[0], cutter.port)],
        input=token.encode() + b'\n', capture_output=True, timeout=ws.GUARD)
    listed, = owner.call('source.list')['sources']
    assert done.stdout.decode().strip() == listed['id'], (done, listed)
    return folder, cutter


def a_sensor_stores_each_row_once():
    stores_each_row_once('home/meter', a_source_of_the_owners, CUTS)


def a_source_stores_each_row_once():
    stores_each_row_once('home/other', a_source_with_its_own_key,
                         (CUTS + 1) // 2)
    listed, = owner.call('source.list')['sources']
    assert (listed['way'], listed['state']) == ('key', 'active'), listed


def stores_each_row_once(stream, begin, cuts):
    owner.create(stream)
    place, cutter = begin(stream)
    push = Reader(os.path.join(EXAMPLES, 'sensor_push'), place, stream,
                  'value', stdin=subprocess.PIPE, stderr=subprocess.PIPE)

    def stored():
        return owner.call('stream.show', name=stream)['stream']['samples']

    def line(i):
        push.process.stdin.write(b'%d %d\n' % (FIRST + i, i))
        push.process.stdin.flush()

    # The row does not wait for the next.
    line(0)
    count = 1
    wait_for(lambda: stored() == 1, 'the first row is not stored')
    for _ in storm(cutter, cuts):
        assert push.process.poll() is None, push.process.stderr.read()
        for _ in range(20):
            line(count)
            count += 1
        if count % 1000 < 20:
            stored()  # who never answers a ping is dropped
        time.sleep(0.02)
    push.process.stdin.close()
    assert push.process.wait(GUARD) == 0, push.process.stderr.read()
    push.join(ws.GUARD)
    assert push.lines == [[str(count), 'rows']], push.lines
    got = owner.query(stream, **{
        'from': FIRST * NS, 'to': (FIRST + count) * NS}).rows
    assert got == [[(FIRST + i) * NS, i] for i in range(count)], len(got)
    print('      %d rows over %d cuts' % (count, cutter.cuts))


def the_vault_ends_well():
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([a_firm_hears_each_row_once, a_sensor_stores_each_row_once,
        a_source_stores_each_row_once,
        the_vault_ends_well])
