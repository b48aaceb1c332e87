"""Bodies of one source, however many and however much they hold packed, keep
nobody else waiting for long."""
import gzip
import socket
import time

import ws
from device import Device
from poster import post
from vault import Vault

NOW = int(time.time())
BODIES, ROWS = 16, 8000

vault = Vault()
owner = vault.owner()
host, _, port = owner.call('vault.status')['http'].rpartition(':')


def source(name):
    return owner.change('source.add', name=name, streams=[name + '/**'],
                        auto=True, category='device.state')['token']


chatty, quiet, bomber = source('chatty'), source('quiet'), source('bomber')


def rows_of(name, part, count):
    """A body of so many rows, packed; of no two parts a row is the same."""
    first = (NOW - 86400) * 1000 + part * count
    return gzip.compress(''.join('%s,at=x w=%d %d\n' % (name, i % 10, first + i)
                                 for i in range(count)).encode())


def begin(token, body, last=True):
    """A POST whose answer is not waited for; last: whether its last byte is
    sent."""
    wire = ws.Wire(socket.create_connection((host, int(port)), ws.GUARD))
    wire.send(('POST /api/v2/write?precision=ms HTTP/1.1\r\nHost: localhost\r\n'
               'Content-Length: %d\r\nContent-Encoding: gzip\r\n'
               'Authorization: Token %s\r\n\r\n' % (len(body), token)).encode()
              + (body if last else body[:-1]))
    return wire


def bodies_of_one_source_keep_nobody_waiting():
    """They are whole at once; one of another source, which comes behind them,
    is answered when few of them are."""
    post(owner, chatty, 'chatty,at=x w=1 %d\n' % (NOW - 2))
    post(owner, quiet, 'quiet,at=x w=1 %d\n' % (NOW - 2))
    bodies = [rows_of('chatty', part, ROWS) for part in range(BODIES)]
    wires = [begin(chatty, body, last=False) for body in bodies]
    for wire, body in zip(wires, bodies):
        wire.send(body[-1:])
    status, _, said = post(owner, quiet, 'quiet,at=x w=2 %d\n' % (NOW - 1))
    assert status == 204, (status, said)
    answered = 0
    for wire in wires:
        wire.sock.setblocking(False)
        try:
            answered += wire.sock.recv(1, socket.MSG_PEEK) != b''
        except BlockingIOError:
            pass
        wire.sock.settimeout(ws.GUARD)
    print('    %d of %d were answered before' % (answered, BODIES))
    assert answered <= BODIES // 2, answered
    for wire in wires:
        status, _, said = wire.answer()
        assert status == 204, (status, said)
        wire.close()


def more_than_16_at_once_are_told_to_come_again():
    bodies = [rows_of('chatty', BODIES + part, 2 * ROWS)
              for part in range(BODIES + 4)]
    told_to_come_again([begin(chatty, body, last=False) for body in bodies],
                       [body[-1:] for body in bodies])


def a_device_is_counted_once_it_has_proved_itself():
    """Its bodies have no place before, and 16 as any other's after it."""
    device = Device(owner.change('source.add', name='device', way='mac',
                                 streams=['device/**'], auto=True,
                                 category='device.state')['token'])
    bodies = [device.signed(rows_of('device', part, ROWS),
                            '/api/v2/write?precision=ms')
              for part in range(BODIES + 4)]
    wires = [ws.Wire(socket.create_connection((host, int(port)), ws.GUARD))
             for _ in bodies]
    for wire, body in zip(wires, bodies):
        wire.send(body[:-1])
    told_to_come_again(wires, [body[-1:] for body in bodies])


def told_to_come_again(wires, last):
    """Those of them that are more than 16, when all are whole at once."""
    for wire, byte in zip(wires, last):
        wire.send(byte)
    answers = [wire.answer() for wire in wires]
    many = [fields['Retry-After'] for status, fields, body in answers
            if status == 429 and b'16 bodies' in body]
    told = {status for status, _, _ in answers}
    assert told == {204, 429}, told
    assert 1 <= len(many) <= 4 and set(many) == {'1'}, many
    for wire in wires:
        wire.close()


def what_a_source_inflates_is_counted_by_the_second():
    """Small bodies that grow beyond what is taken: none is stored, and after 64
    MiB of them the source is told to wait."""
    bomb = gzip.compress(bytes(64 << 20))
    assert len(bomb) < 100000
    told = []
    while len(told) < 100 and (not told or told[-1] == 413):
        status, fields, body = post(owner, bomber, bomb,
                                    extra='Content-Encoding: gzip\r\n')
        told.append(status)
    assert told[-1] == 429 and b'8 MiB a second' in body, (told, body)
    assert 8 <= len(told) < 100 and int(fields['Retry-After']) >= 1, told
    print('    %d of them were inflated' % (len(told) - 1))
    assert post(owner, quiet, 'quiet,at=x w=3 %d\n' % NOW)[0] == 204


def the_vault_is_whole_after_all_this():
    assert 'ERROR' not in vault.said()
    owner.close()
    vault.stop()
    assert 'all is well' in vault.check()


ws.run([bodies_of_one_source_keep_nobody_waiting,
        more_than_16_at_once_are_told_to_come_again,
        a_device_is_counted_once_it_has_proved_itself,
        what_a_source_inflates_is_counted_by_the_second,
        the_vault_is_whole_after_all_this])
