"""One hour of a meter, a row a second: in, and out again."""
import json
import time

import ws
from vault import FINAL, page_of_block, page_of_json, stamp, ulid

ROWS = 3600
BEGIN = 1764072000  # on the grid of an hour
NS = 10**9


def rows_of_hour():
    """Tenths of a watt, stamps late by up to 3 ms."""
    return [[(BEGIN + i) * NS + i * 7919 % 3000 * 1000,
             230 + i * 104729 % 9000 / 10] for i in range(ROWS)]


def frames_of(stream, batches):
    """Calls that append the hour, made before the clock runs."""
    rows, size = rows_of_hour(), ROWS // batches
    return [ws.frame(ws.TEXT, json.dumps(
        {'jsonrpc': '2.0', 'id': i + 1, 'method': 'data.append', 'params': {
            'idem': ulid(), 'streams': [
                {'stream': stream, 'rows': rows[i * size:(i + 1) * size]}]}}))
        for i in range(batches)]


def ingest(owner, stream, batches):
    """Seconds until the last batch was acknowledged, each sent when the one
    before was."""
    owner.create(stream, 'energy.electricity')
    frames = frames_of(stream, batches)
    begun = time.perf_counter()
    for frame in frames:
        owner.wire.send(frame)
        answer = json.loads(owner.wire.frame()[1])
        assert answer.get('result', {}).get('accepted') == ROWS // batches, \
            answer
    return time.perf_counter() - begun


def pages(owner, number):
    """Frames of an answer up to the last, as they come."""
    while True:
        opcode, data = owner.wire.frame()
        if opcode == ws.TEXT and b'"data.page"' not in data[:64]:
            answer = json.loads(data)
            assert 'error' not in answer, answer
            continue
        yield opcode, data
        # The member is a page's last, or the flags are in its header.
        if (data[2] & FINAL if opcode == ws.BINARY
                else b'"final":true' in data[-256:]):
            return
        owner.tell('flow.credit', ref=number, pages=1)


def query(owner, stream, **params):
    """Seconds until the last page was here; pages are read afterwards, so
    that it is not this program's reading which is measured."""
    begun = time.perf_counter()
    number = owner.send('data.query', streams=[stream], **params)
    got = list(pages(owner, number))
    seconds = time.perf_counter() - begun
    rows = sum(len((page_of_block(data) if opcode == ws.BINARY else
                    page_of_json(json.loads(data)['params'])).rows)
               for opcode, data in got)
    return seconds, rows


WHOLE = {'from': stamp(BEGIN), 'to': stamp(BEGIN + ROWS)}
QUERIES = (('blocks', ROWS, {'form': 'blocks'}),
           ('json', ROWS, {'form': 'json'}),
           ('1min', ROWS // 60, {'form': 'json', 'every': '1min',
                                 'stats': ['mean'], **WHOLE}))


def bytes_used(owner):
    return owner.call('vault.status')['bytes']['used']


def measure(owner, number, table, limits):
    """One round: an hour into two streams of its own, then out of both, as
    they do not lie alike.  Bytes stand against 16 of a bare row."""
    for name, batches in (('1x3600', 1), ('60x60', 60)):
        stream = 'hour/%s/%d' % (name, number)
        used = bytes_used(owner)
        seconds = ingest(owner, stream, batches)
        used = bytes_used(owner) - used
        table.add('hour.in.' + name, ROWS / seconds, 'rows/s', 'lmdb',
                  ROWS / batches * limits.commits)
        table.add('hour.bytes.' + name, used, 'B', 'raw', 16 * ROWS)
        for form, want, params in QUERIES:
            took, rows = query(owner, stream, **params)
            assert rows == want, (form, rows)
            table.add('hour.out.%s.%s' % (name, form), took * 1000, 'ms',
                      'lws', 1000 / limits.echo)
