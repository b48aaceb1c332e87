"""A client on somebody else's WebSocket: python3-websockets or
python3-autobahn, over the owner's socket.

    foreign.py websockets|autobahn SOCKET

It makes a stream, fills it with a message of some size, reads it back as
blocks, and hears one row as it comes.  Prints what it got, as JSON.
"""
import asyncio
import json
import secrets
import struct
import sys
import time

ROWS = 35000
CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'


def ulid():
    number = int(time.time() * 1000) << 80 | secrets.randbits(80)
    return ''.join(CROCKFORD[number >> 5 * i & 31] for i in range(25, -1, -1))


class Calls:
    """JSON-RPC over send(text) and an iterator of messages."""

    def __init__(self, send, messages):
        self.send, self.messages, self.count = send, messages, 0
        self.answers, self.pages = {}, []

    async def take(self):
        message = await self.messages()
        if isinstance(message, bytes):
            _, kind, flags, _, ref, _ = struct.unpack('<BBHIQQ', message[:24])
            self.pages.append((kind, flags & 1, ref,
                               struct.unpack('<I', message[28:32])[0]))
        else:
            said = json.loads(message)
            self.answers[said.get('id')] = said

    async def call(self, method, **params):
        self.count += 1
        await self.send(json.dumps({'jsonrpc': '2.0', 'id': self.count,
                                    'method': method, 'params': params}))
        while self.count not in self.answers:
            await self.take()
        return self.answers.pop(self.count)['result']

    async def page(self):
        while not self.pages:
            await self.take()
        return self.pages.pop(0)


async def work(calls, name):
    at, out = int(time.time()) * 10**9, {}
    out['role'] = (await calls.call('session.info'))['role']
    await calls.call('stream.create', idem=ulid(), name=name,
                     columns=[{'name': 'value', 'type': 'i64'}])
    out['accepted'] = 0
    for first in range(0, ROWS, 7000):  # below the 256 KiB of a message
        got = await calls.call('data.append', idem=ulid(), streams=[
            {'stream': name, 'rows': [[at - 10**9 * (ROWS - i), i % 97]
                                      for i in range(first, first + 7000)]}])
        out['accepted'] += got['accepted']
    await calls.call('data.query', streams=[name],
                     **{'from': at - 10**9 * ROWS, 'to': at, 'credit': 1024})
    out['rows'], final = 0, 0
    while not final:
        _, final, _, rows = await calls.page()
        out['rows'] += rows
    await calls.call('data.subscribe', streams=[name])
    await calls.call('data.append', idem=ulid(),
                     streams=[{'stream': name, 'rows': [[at, 1]]}])
    kind, _, _, out['live'] = await calls.page()
    assert kind == 3, kind
    print(json.dumps(out))


async def by_websockets(path):
    import websockets
    async with websockets.unix_connect(
            path, 'ws://localhost/', subprotocols=['vault.v1'],
            compression=None, max_size=1 << 20) as wire:
        await work(Calls(wire.send, wire.recv), 'foreign/websockets')


async def by_autobahn(path):
    from autobahn.asyncio.websocket import (WebSocketClientFactory,
                                            WebSocketClientProtocol)
    came, opened = asyncio.Queue(), asyncio.Event()

    class Protocol(WebSocketClientProtocol):
        def onOpen(self):
            opened.set()

        def onMessage(self, payload, is_binary):
            came.put_nowait(payload if is_binary else payload.decode())

        def onClose(self, was_clean, code, reason):
            opened.set()
            came.put_nowait('{"id":null,"closed":%s}' % json.dumps(reason))

    factory = WebSocketClientFactory('ws://localhost/', protocols=['vault.v1'])
    factory.protocol = Protocol
    _, wire = await asyncio.get_running_loop().create_unix_connection(
        factory, path)
    await opened.wait()

    async def send(text):
        wire.sendMessage(text.encode())

    await work(Calls(send, came.get), 'foreign/autobahn')
    wire.sendClose(1000)


if __name__ == '__main__':
    which, socket_path = sys.argv[1:]
    try:
        __import__(which)
    except ImportError:
        sys.exit(77)
    asyncio.run({'websockets': by_websockets,
                 'autobahn': by_autobahn}[which](socket_path))
