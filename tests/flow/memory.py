"""What stays in the daemon's memory of secrets that its sockets carried."""
import json
import os
import socket

import ws
from peek import skip_if_shadowed, wait_for_rest, written_to
from vault import Vault, refused, ulid

PASSPHRASE = 'sunflower-%s' % os.urandom(8).hex()
WRONG = 'nightshade-%s' % os.urandom(8).hex()
MASK = b'\x01\x02\x03\x04'  # of ws.frame()

vault = Vault(ready=False)
skip_if_shadowed(vault.program)
vault.write('pass', PASSPHRASE + '\n')
vault.init()
vault.start(unlock=None)
owner = vault.owner()


def forms(text):
    """A text as it is, and as a frame masks it, wherever it begins there."""
    plain = text.encode()
    yield plain
    for at in range(4):
        yield bytes(c ^ MASK[(at + i) % 4] for i, c in enumerate(plain))


def times(*texts):
    """How often each text is in the daemon's memory, in any form."""
    found = dict.fromkeys(texts, 0)
    for part in written_to(vault.process.pid):
        for text in texts:
            found[text] += sum(part.count(form) for form in forms(text))
    return found


def gone(*texts):
    wait_for_rest(vault.process.pid)
    found = times(*texts)
    assert not any(found.values()), found.values()


def what_is_there_is_found():
    assert times(vault.socket)[vault.socket] > 0


def a_passphrase_is_wiped_once_it_was_tried():
    refused(owner.call, 'vault.unlock', passphrase=WRONG)
    done = owner.call('vault.unlock', passphrase=PASSPHRASE)
    assert done['state'] == 'unlocked'
    gone(WRONG, PASSPHRASE)


def answer_to(method, **params):
    """The bytes of an answer, and what it says."""
    number = owner.send(method, idem=ulid(), **params)
    opcode, payload = owner.wire.frame()
    said = json.loads(payload)
    assert opcode == ws.TEXT and said['id'] == number and 'result' in said, said
    return payload.decode(), said['result']


def an_answer_is_wiped_once_it_was_written():
    # Its beginning may be written over by who has the memory now.
    for answer, _ in (
            answer_to('firm.invite', name='bright'),
            answer_to('source.add', name='meter', streams=['home/**'])):
        gone(answer[16:])


def what_opens_the_vault_is_wiped_once_it_was_changed():
    new = 'larkspur-%s' % os.urandom(8).hex()
    answer_to('key.add', passphrase=PASSPHRASE, type='passphrase',
              new_passphrase=new)
    _, added = answer_to('key.add', passphrase=PASSPHRASE, type='recovery')
    gone(PASSPHRASE, new, added['words'], added['words'][40:80])
    refused(owner.change, 'key.add', passphrase=WRONG, type='passphrase',
            new_passphrase=new)
    gone(WRONG, new)


def a_sources_token_is_wiped_once_it_was_shown():
    _, added = answer_to('source.add', name='other', streams=['other/**'],
                         auto=True, category='home.climate')
    token = added['token']
    padding = 'x' * 3000  # the head grows out of its first room
    place = owner.call('vault.status')['http']
    wire = ws.Wire(socket.create_connection(tuple(place.split(':')), ws.GUARD))
    wire.send(('POST /api/v2/write HTTP/1.1\r\nHost: %s\r\n'
               'Authorization: Bearer %s\r\n' % (place, token)).encode())
    wire.send(('X-Padding: %s\r\nContent-Length: 13\r\n\r\nother value=1'
               % padding).encode())
    status, _, _ = wire.answer()
    assert status == 204, status
    gone('Bearer ' + token)


ws.run([what_is_there_is_found, a_passphrase_is_wiped_once_it_was_tried,
        an_answer_is_wiped_once_it_was_written,
        what_opens_the_vault_is_wiped_once_it_was_changed,
        a_sources_token_is_wiped_once_it_was_shown])
