"""A firm signs for what it was given, and for nothing else."""
import base64
import ctypes
import hashlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import time

import ws
from firm import TERMS, live_terms
from hostile import Hostile
from vault import GUARD, PASSPHRASE, Refusal, Vault, refused, ulid
import handshake  # where vault.py says

NS = 10**9
NOW = int(time.time())
sodium = handshake.sodium()


def sha(data):
    return hashlib.sha256(data).digest()


class Tap:
    """A wire, and what came of pages and evidence over it."""

    def __init__(self, wire):
        self.wire, self.text, self.close = wire, wire.text, wire.close
        self.digests, self.evidence = {}, {}

    def frame(self):
        opcode, payload = self.wire.frame()
        if opcode == ws.BINARY:
            ref, seq = struct.unpack('<QQ', payload[8:24])
            self.digests.setdefault(ref, {})[seq] = sha(payload)
        elif opcode == ws.TEXT:
            message = json.loads(payload)
            audit = message.get('audit')
            if message.get('method') == 'data.page':
                at = message['params']
                self.digests.setdefault(at['ref'], {})[at['seq']] = sha(payload)
            elif message.get('method') == 'audit.head':
                audit = message['params']
            if audit:
                self.evidence.setdefault(audit['ref'], []).append(
                    json.loads(audit['detail']))
        return opcode, payload


class Signing(Hostile):
    def connect(self):
        super().connect()
        self.wire = Tap(self.wire)
        return self

    def what(self, ref, last=None, **other):
        """What it got of an answer, by its own digests."""
        of = self.wire.digests[ref]
        seqs = sorted(of)[:last]
        detail = self.wire.evidence[ref][-1]
        word = 'use' if 'use' in detail else 'span'
        return {'grant': detail['grant'], word: detail[word],
                'last_seq': seqs[-1],
                'sha256': sha(b''.join(of[seq] for seq in seqs)).hex(),
                **other}

    def token(self, what, seed=None, **header):
        return self.sign(json.dumps(what), seed,
                         **{'typ': 'vault-ack+jwt', **header})

    def ack(self, what):
        return self.call('grant.ack', ack=self.token(what))


def public(firm):
    with open(firm.key) as file:
        return base64.urlsafe_b64decode(json.load(file)['x'] + '==')


def entries(firm):
    """What the owner's log has of its acknowledgements."""
    return [json.loads(entry['detail']) for entry in owner.call(
        'audit.list', firm=firm.name, types=['ack'])['entries']]


def shown(grant):
    return owner.call('grant.show', grant=grant)['grant']['acknowledged']


def no(firm, token, says='', reason='params'):
    error = refused(firm.call, 'grant.ack', ack=token)
    assert error.data == {'reason': reason, 'at': 'ack'}, error
    assert says in error.message, error


vault = Vault()
owner = vault.owner()
owner.create('home/host/load', 'device.state')
for first in (5000, 2500):
    owner.append('home/host/load', [[(NOW - i) * NS, i / 4]
                                    for i in range(first, first - 2500, -1)])
firm = Signing(vault, owner, 'brightgrid')
other = Signing(vault, owner, 'other')
grant = firm.given()
live = firm.given(live_terms())


def append():
    owner.append('home/host/load', [[time.time_ns(), 1.0]])


def query(by=firm, form='blocks', **more):
    number = by.count + 1
    answer = by.query('**', grant=grant, form=form, **more)
    return number, answer


def an_answer_of_many_pages_is_signed_for_once():
    for form in ('json', 'blocks'):
        number, answer = query(form=form)
        assert form != 'json' or len(answer.pages) > 1, len(answer.pages)
        what = firm.what(number)
        before = len(entries(firm))
        said = firm.ack(what)
        assert said['use'] == what['use'] and said['grant'] == grant, said
        assert firm.ack(what) == said  # the same again
        last = entries(firm)
        assert len(last) == before + 1, last
        last = last[-1]
        assert {name: last[name] for name in what} == what, last
        text, _, signature = last['ack'].rpartition('.')
        assert sodium.crypto_sign_ed25519_verify_detached(
            base64.urlsafe_b64decode(signature + '=='), text.encode(),
            ctypes.c_ulonglong(len(text)), public(firm)) == 0
        at = shown(grant)
        assert at == {'count': before + 1, 'last': said['acknowledged']}, at
    held = {at['grant']: at for at in
            owner.call('firm.show', firm='brightgrid')['held']}
    assert held[grant]['acknowledged'] == 2, held
    mine = [at for at in firm.call('grant.list')['grants']
            if at['id'] == grant]
    assert mine[0]['acknowledged']['count'] == 2, mine
    assert owner.call('audit.verify')['ok']


def a_latest_is_signed_for_by_its_result():
    number = firm.send('data.latest', streams=['**'], grant=grant)
    firm.answer(number)
    detail = firm.wire.evidence[number][0]
    firm.ack({'grant': grant, 'use': detail['use'], 'last_seq': 1,
              'sha256': sha(bytes.fromhex(detail['sha256'])).hex()})


def another_key_type_or_member_is_refused():
    what = firm.what(query()[0])
    before = shown(grant)
    good = firm.token(what)
    with open(other.key) as file:
        theirs = base64.urlsafe_b64decode(json.load(file)['d'] + '==')
    no(firm, firm.token(what, seed=theirs), 'not that of the session')
    no(firm, other.token(what), 'not that of the session')
    no(firm, good[:-2] + ('A' if good[-2] != 'A' else 'B') + good[-1])
    for typ in ('vault-countersign+jwt', 'vault-receipt+jwt', 'JWT'):
        no(firm, firm.token(what, typ=typ), 'no JWS of type')
    for odd in ({**what, 'x': 1}, {**what, 'span': what['use']},
                {**what, 'last_seq': 0}, {**what, 'last_seq': '1'},
                {**what, 'sha256': what['sha256'][:-1]}, [], {}):
        no(firm, firm.token(odd), 'no JWS of type')
    for odd in ('x', 'a.b.c', good + '.'):
        no(firm, odd, 'no JWS of type')
    assert shown(grant) == before
    firm.ack(what)


def nothing_but_what_left_is_taken():
    number = query(form='json')[0]
    what = firm.what(number)
    for odd in (firm.what(number, last_seq=what['last_seq'] + 1),
                firm.what(number, last=1),
                {**what, 'sha256': '00' * 32}):
        no(firm, firm.token(odd), 'another')
    no(firm, firm.token({**what, 'use': ulid()}), 'no such use')
    no(firm, firm.token({**what, 'grant': live}), 'no such use')
    # An answer that is not over, by what came of it.
    number = firm.send('data.query', streams=['**'], grant=grant,
                       form='json', credit=1)
    firm.answer(number)
    firm.page(number)
    no(firm, firm.token(firm.what(number)), 'not over')
    firm.tell('flow.credit', ref=number, pages=100)
    while not firm.page(number).final:
        pass
    firm.ack(firm.what(number))


def anothers_grant_is_like_one_that_is_not_there():
    what = firm.what(query()[0])
    said = [other.error('grant.ack', ack=other.token(odd)) for odd in (
        what, {**what, 'grant': ulid()}, {**what, 'last_seq': 9})]
    assert len(set(said)) == 1 and b'"reason":"denied"' in said[0], said
    assert shown(grant)['count'] == len(
        [at for at in entries(firm) if at['grant'] == grant])
    firm.ack(what)


def two_at_once_are_one():
    token = firm.token(firm.what(query()[0]))
    before = len(entries(firm))
    numbers = [firm.send('grant.ack', ack=token) for _ in range(4)]
    said = []
    for number in numbers:
        try:
            said.append(firm.answer(number)['acknowledged'])
        except Refusal as refusal:
            assert refusal.reason == 'busy', refusal
    assert said and len(set(said)) == 1, said
    assert len(entries(firm)) == before + 1


def a_span_is_signed_for_when_it_is_over():
    sub = firm.call('data.subscribe', streams=['**'], grant=live)[
        'subscription']
    append()
    firm.page(sub)
    what = firm.what(sub)
    no(firm, firm.token(what), 'not over')
    firm.call('data.unsubscribe', subscription=sub)
    said = firm.ack(what)
    assert said['span'] == what['span'] and shown(live)['count'] == 1, said
    # The same after another handshake.
    firm.wire.close()
    firm.connect()
    assert firm.ack(what) == said


def what_came_before_the_end_is_signed_for_behind_it():
    what = firm.what(query()[0])
    owner.change('grant.revoke', grant=grant)
    firm.ack(what)
    held = [at for at in owner.call('firm.show', firm='brightgrid')['held']
            if at['grant'] == grant]
    assert held[0]['acknowledged'] == shown(grant)['count'], held


# ---- the firm's own program ----

def firm_program(*args, **more):
    return subprocess.Popen(
        [os.path.join(sys.argv[1], 'vaultfirm'), *args],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env={**os.environ, 'VAULTFIRM_IDENTITY': vault.path('keys')}, **more)


def firm_says(*args, code=0):
    process = firm_program(*args)
    out, err = process.communicate(timeout=GUARD)
    assert process.returncode == code, (args, process.returncode, out, err)
    return out.decode(), err.decode()


def vaultfirm_signs_by_itself():
    url = owner.change('firm.invite', name='fernhill')['url']
    firm_says('init', 'fernhill')
    firm_says('enrol', url)
    owner.change('firm.confirm', firm='fernhill')
    given = []
    for terms in (TERMS, live_terms()):
        path = vault.write('request.json', json.dumps(terms))
        request = json.loads(firm_says('request', path, '--json')[0])[
            'request']
        given.append(owner.change('request.approve', request=request)['grant'])
    out, err = firm_says('query', 'home/host/load', '--grant', given[0],
                         '--limit', '3', '--ndjson')
    assert len(out.splitlines()) == 3 and err == '', (out, err)
    assert shown(given[0])['count'] == 1
    watch = firm_program('watch', 'home/host/load', '--grant', given[1],
                         '--json')
    while not select.select([watch.stdout], [], [], 0.2)[0]:
        append()  # until it is subscribed
    watch.stdout.readline()
    watch.send_signal(signal.SIGINT)
    out, err = watch.communicate(timeout=GUARD)
    assert watch.returncode == 130 and err == b'', (watch.returncode, err)
    assert shown(given[1])['count'] == 1, shown(given[1])
    code, out, err = vault.ctl('grant', 'show', given[0])
    assert code == 0 and 'uses it signed for' in out, (out, err)
    code, out, err = vault.ctl('grant', 'held-by', 'fernhill')
    assert code == 0, (out, err)
    lines = [line for line in out.splitlines() if line.startswith(given[0])]
    assert len(lines) == 1 and lines[0].endswith('1 signed for'), out


def a_lock_forgets_what_was_not_signed_for():
    sub = firm.call('data.subscribe', streams=['**'], grant=live)[
        'subscription']
    append()
    firm.page(sub)
    what = firm.what(sub)
    firm.call('data.unsubscribe', subscription=sub)
    owner.call('vault.lock')
    owner.call('vault.unlock', passphrase=PASSPHRASE)
    firm.connect()
    no(firm, firm.token(what), 'too long ago')
    assert shown(live)['count'] == 1


ws.run([an_answer_of_many_pages_is_signed_for_once,
        a_latest_is_signed_for_by_its_result,
        another_key_type_or_member_is_refused, nothing_but_what_left_is_taken,
        anothers_grant_is_like_one_that_is_not_there, two_at_once_are_one,
        a_span_is_signed_for_when_it_is_over,
        what_came_before_the_end_is_signed_for_behind_it,
        vaultfirm_signs_by_itself, a_lock_forgets_what_was_not_signed_for])
