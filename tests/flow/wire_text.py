"""Two clients that were written from WIRE.md alone do the main job together: an
owner's in Python over the unix socket, a firm's in Node over wss; and clients
that others wrote (python3-websockets, python3-autobahn of Debian, where they
are installed) speak with the owner's socket."""
import base64
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, 'wire'))

import receipt  # noqa: E402
import ws  # noqa: E402
from firm import live_terms, node  # noqa: E402
from owner import Owner, Refused  # noqa: E402
from vault import Vault, stamp  # noqa: E402

NS = 10**9
NOW = int(time.time()) // 3600 * 3600
COLUMNS = [('level', 'f64'), ('odd', 'f64'), ('count', 'i64'), ('on', 'bool'),
           ('word', 'text'), ('note', 'json'), ('long', 'text')]
FIRM = os.path.join(HERE, 'wire', 'firm.mjs')

node()
vault = Vault()
owner = Owner(vault.socket)


def a_row(i):
    """Of each coding something: decimals with one that is none, absent cells,
    words that repeat, texts that zstd gets."""
    return [(NOW - 7000 + 7 * i + (i % 5 == 0)) * NS, (500 - i) / 8,
            1 / 3 if i == 99 else i * 0.1, (-1)**i * 3**(i % 40), i % 3 == 0,
            'abc'[i % 3], {'i': i} if i % 2 else None,
            'line %d of what is long and much alike' % i]


def sent(row):
    """What goes out: JSON would round a whole number beyond 2^53."""
    return [str(cell) if type(cell) is int and abs(cell) > 1 << 53 and i
            else cell for i, cell in enumerate(row)]


ROWS = [a_row(i) for i in range(1000)]


def a_stream_is_made_and_filled():
    owner.change('stream.create', name='home/host/load',
                 category='device.state',
                 columns=[{'name': n, 'type': t} for n, t in COLUMNS])
    got = owner.change('data.append', streams=[
        {'stream': 'home/host/load', 'columns': [n for n, _ in COLUMNS],
         'rows': [sent(row) for row in ROWS]}])
    assert got['accepted'] == len(ROWS), got


def blocks_are_decoded_bit_for_bit():
    got = owner.query(streams=['home/host/load'], **{
        'from': stamp(NOW - 7200), 'to': stamp(NOW + 3600)})
    assert got == ROWS, [pair for pair in zip(got, ROWS)
                         if pair[0] != pair[1]][:2]
    # Numbers without a pattern, which go as planes.
    owner.change('stream.create', name='noise',
                 columns=[{'name': 'value', 'type': 'f64'}])
    rows = [[(NOW + i) * NS, (i * 7919 % 1009)**0.5] for i in range(300)]
    owner.change('data.append', streams=[{'stream': 'noise', 'rows': rows}])
    got = owner.query(streams=['noise'], **{'from': stamp(NOW),
                                            'to': stamp(NOW + 300)})
    assert got == rows, (got[:3], rows[:3])


def what_is_refused_is_refused_by_its_word():
    try:
        owner.call('data.query', streams=['no/such'], **{
            'from': stamp(NOW), 'to': stamp(NOW + 1)})
        raise AssertionError('not refused')
    except Refused as refused:
        assert refused.args[0] == 'params', refused


def rows_are_heard_as_they_come():
    hears = Owner(vault.socket)
    subscribed = hears.call('data.subscribe', streams=['noise'])
    for i in range(1, 4):
        row = [(NOW + 1000 + i) * NS, i / 2]
        owner.change('data.append', streams=[{'stream': 'noise',
                                              'rows': [row]}])
        assert hears.live(subscribed, i) == [row]
        hears.call('data.ack', subscription=subscribed['subscription'], seq=i)


class Firm:
    """The Node program, and what it says."""

    def __init__(self):
        self.key = vault.path('wire.jwk')
        url = owner.change('firm.invite', name='brightgrid')['url']
        done = subprocess.run([node(), FIRM, self.key, 'enrol', url],
                              capture_output=True, timeout=ws.GUARD)
        self.id, status = done.stdout.decode().split()
        assert self.id.startswith('vf1:') and status == '2', done

    def live(self):
        status = owner.call('vault.status')
        place = '%s@%s' % (status['vault'].partition('@')[0],
                           status['listen'])
        terms = vault.write('terms.json', json.dumps(live_terms()))
        self.process = subprocess.Popen(
            [node(), FIRM, self.key, 'live', place, terms, stamp(NOW - 7200),
             stamp(NOW)], stdout=subprocess.PIPE)
        self.pinned = base64.urlsafe_b64decode(self.says('pinned') + '=')

    def says(self, what):
        line = self.process.stdout.readline()
        assert line, 'the firm ended before it said "%s"' % what
        (name, value), = json.loads(line).items()
        assert name == what, line
        return value


def a_firm_enrols_and_asks():
    global firm, request
    firm = Firm()
    listed, = owner.call('firm.list')['firms']
    assert listed['id'] == firm.id and listed['state'] == 'pending'
    owner.change('firm.confirm', firm='brightgrid',
                 fingerprint=listed['fingerprint'])
    firm.live()
    request = firm.says('asked')
    asked, = owner.call('request.list')['requests']
    assert asked['id'] == request and asked['state'] == 'pending'


def the_grant_is_given_and_its_receipt_holds():
    global grant
    grant = owner.change('request.approve', request=request)['grant']
    given = firm.says('granted')
    assert given['grant'] == grant and given['event'] == 'given', given
    assert given['inForce'] and given['count'] == 1
    claims, in_force = receipt.verify(
        owner.call('grant.receipt', grant=grant, **{'from': 1}), firm.pinned,
        time.time())
    assert in_force and claims['aud'] == firm.id


def both_forms_give_the_same_rows():
    want = [row for row in ROWS if row[0] < NOW * NS]
    blocks = firm.says('blocks')
    # Whole numbers of 64 bits come as text, since JSON would round them.
    assert [[int(row[0])] + row[1:3] + [int(row[3])] + row[4:]
            for row in blocks] == want, blocks[:2]
    told = firm.says('json')
    assert [row[1:3] + [int(row[3])] + row[4:] for row in told] == [
        row[1:] for row in want], told[:2]


def rows_reach_the_firm_as_they_come():
    firm.says('listens')
    for i in range(3):
        row = [(NOW + i) * NS] + a_row(i)[1:]
        owner.change('data.append', streams=[
            {'stream': 'home/host/load', 'columns': [n for n, _ in COLUMNS],
             'rows': [sent(row)]}])
        got, = firm.says('live')
        assert [int(got[0]), got[1]] == row[:2], got


def what_is_revoked_is_seen_to_be():
    owner.change('grant.revoke', grant=grant)
    assert firm.says('ended') == 'withdrawn'
    assert firm.says('refused') == 'ended'
    told = firm.says('receipts')
    assert told['event'] == 'withdrawn' and told['count'] == 2, told
    assert not told['inForce']
    claims, in_force = receipt.verify(
        owner.call('grant.receipt', grant=grant, **{'from': 1}), firm.pinned,
        time.time())
    assert not in_force and claims['event'] == 'withdrawn'
    assert firm.says('again') == 'conflict'
    assert firm.says('closed')[0] == 1000
    assert firm.process.wait(ws.GUARD) == 0


def a_changed_receipt_does_not_hold():
    answer = owner.call('grant.receipt', grant=grant, **{'from': 1})
    head, payload, signature = answer['receipts'][0]['receipt'].split('.')
    turned = signature[:10] + ('A' if signature[10] != 'A' else 'B') + (
        signature[11:])
    for name, value in (
            ('receipt', '.'.join([head, payload, turned])),
            ('proof', answer['receipts'][1]['proof'])):
        changed = json.loads(json.dumps(answer))
        changed['receipts'][0][name] = value
        try:
            receipt.verify(changed, firm.pinned, time.time())
        except (AssertionError, ValueError):
            continue
        raise RuntimeError('it holds with another ' + name)


def clients_of_others_speak_with_it():
    for name in ('websockets', 'autobahn'):
        done = subprocess.run(
            ['/usr/bin/python3', os.path.join(HERE, 'wire', 'foreign.py'),
             name, vault.socket], capture_output=True, timeout=ws.GUARD)
        if done.returncode == 77:
            print('      python3-%s is not installed' % name)
            continue
        assert done.returncode == 0, (name, done.stderr.decode())
        got = json.loads(done.stdout)
        assert got == {'role': 'owner', 'accepted': 35000,
                       'rows': 35000, 'live': 1}, (name, got)


def the_vault_ends_well():
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([a_stream_is_made_and_filled, blocks_are_decoded_bit_for_bit,
        what_is_refused_is_refused_by_its_word, rows_are_heard_as_they_come,
        a_firm_enrols_and_asks, the_grant_is_given_and_its_receipt_holds,
        both_forms_give_the_same_rows, rows_reach_the_firm_as_they_come,
        what_is_revoked_is_seen_to_be, a_changed_receipt_does_not_hold,
        clients_of_others_speak_with_it, the_vault_ends_well])
