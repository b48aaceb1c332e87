"""What other people's tools find at the door of a whole vaultd.

    door_tools.py BIN testssl|sslscan|slowhttptest

Skipped where the tool is not installed.  Each is a program of its own, which
the vault knows nothing of."""
import json
import re
import shutil
import subprocess
import sys
import time

import ws
from door import Scene
from flood import Caller, at_rank
from vault import skip

TOOL = sys.argv[2]
# All that testssl looks at but how browsers would do, and its mark.
LOOKS = ('--protocols', '--std', '--fs', '--server-preference',
         '--server-defaults', '--headers', '--vulnerable')
SECONDS = 15  # of each way to be slow
HANGS = 3600  # seconds: a tool that does
# What is so by design, as nobody but the vault's key vouches for it; and what
# the tool says of itself.
OURS = ('cert_trust', 'cert_chain_of_trust', 'cert_revocation', 'OCSP_stapling',
        'cert_validityPeriod', 'certificate_transparency', 'DNS_CAArecord',
        'security_headers', 'HSTS', 'HTTP_status_code', 'engine_problem')

program = shutil.which(TOOL) or skip('%s is not installed' % TOOL)
# One address alone asks: it has the places of all.
scene = Scene(conf='max_per_address: 128\n')
HOST, PORT = scene.place.at


def run(*args, seconds=HANGS):
    done = subprocess.run([program, *args], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=seconds)
    return done.returncode, done.stdout.decode('utf-8', 'replace')


def testssl_finds_nothing():
    path = scene.vault.path('testssl.json')
    begun = time.monotonic()
    _, out = run('--quiet', '--color', '0', '--warnings', 'off', '--jsonfile',
                 path, *LOOKS, '%s:%d' % (HOST, PORT))
    with open(path) as file:
        found = json.load(file)
    grave = [(f['id'], f['severity'], f['finding']) for f in found
             if f['severity'] not in ('OK', 'INFO', 'DEBUG')]
    by = {}
    for each in found:
        by[each['severity']] = by.get(each['severity'], 0) + 1
    print('    %d findings in %.0f s: %s' % (
        len(found), time.monotonic() - begun,
        ', '.join('%d %s' % (count, word) for word, count in
                  sorted(by.items()))))
    for each in grave:
        print('    %s %s: %s' % each)
    wrong = [each for each in grave
             if not any(each[0].startswith(name) for name in OURS)]
    assert len(found) > 50, out[-2000:]
    assert not wrong, wrong


def sslscan_finds_tls_1_3_alone():
    code, out = run('--no-colour', '%s:%d' % (HOST, PORT))
    assert code == 0, out
    offered = re.findall(r'^(SSLv\d|TLSv1\.\d)\s+(enabled|disabled)', out, re.M)
    print('    %s' % ', '.join(' '.join(each) for each in offered))
    assert [name for name, how in offered if how == 'enabled'] == ['TLSv1.3']
    ciphers = re.findall(r'^(?:Preferred|Accepted)\s+(\S+)\s+.*?(TLS_\S+)',
                         out, re.M)
    print('    %s' % ', '.join(name for _, name in ciphers))
    assert ciphers and all(version == 'TLSv1.3' for version, _ in ciphers)


def slow_ways(name, *args):
    """One way to be slow, with callers beside it."""
    callers = [Caller('owner', 20, lambda: scene.owner.call('session.info')),
               Caller('firm anew', 3,
                      lambda: scene.session(scene.known).close())]
    quiet = time.monotonic()
    time.sleep(2)
    begun = time.monotonic()
    _, out = run(*args, '-c', '1000', '-r', '200', '-l', str(SECONDS), '-p',
                 '3', '-i', '3', seconds=10 * SECONDS)
    ended = time.monotonic()
    out = re.sub(r'\x1b\[[0-9;]*m', '', out)
    last = re.findall(r'(initializing|pending|connected|error|closed|service '
                      r'available):\s+(\S+)', out)[-6:]
    print('    %s: %s' % (name, ', '.join(' '.join(each) for each in last)))
    for caller in callers:
        caller.end()
        before, _ = caller.within(quiet, begun)
        during, failed = caller.within(begun, ended)
        pace = (len(during) / (ended - begun)) / (
            len(before) / (begun - quiet))
        print('      %-9s %4d calls, of the quiet rate %.2f, failed %d; 99th '
              'to the quiet time %.1f' % (
                  caller.name, len(during), pace, len(failed),
                  at_rank(during, 0.99) / at_rank(before, 0.99)))
        assert pace >= 0.8, (name, caller.name, pace, failed[:3])


def who_is_slow_harms_nobody():
    tls = 'https://%s:%d/' % (HOST, PORT)
    http = 'http://%s/api/v2/write' % scene.owner.call('vault.status')['http']
    slow_ways('headers, TLS', '-H', '-u', tls)
    slow_ways('body, TLS', '-B', '-s', '8192', '-u', tls)
    slow_ways('reading, TLS', '-X', '-w', '1', '-y', '8', '-z', '1', '-n', '1',
              '-u', tls)
    slow_ways('headers, HTTP', '-H', '-u', http)
    slow_ways('body, HTTP', '-B', '-s', '8192', '-u', http)


def the_vault_is_whole_after_all_this():
    scene.owner.close()  # it was silent for too long
    scene.owner = scene.vault.owner()
    scene.end()


ws.run([{'testssl': testssl_finds_nothing,
         'sslscan': sslscan_finds_tls_1_3_alone,
         'slowhttptest': who_is_slow_harms_nobody}[TOOL],
        the_vault_is_whole_after_all_this])
