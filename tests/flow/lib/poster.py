"""What a source pushes over HTTP, and what it is told."""
import socket

import ws


def post(owner, token, body, path='/api/v2/write?precision=s', extra=''):
    """(status, fields, body) of one POST to the vault that owner is of."""
    at = owner.call('vault.status')['http']
    return post_at(at, token, body, path, extra)


def post_at(at, token, body, path='/api/v2/write?precision=s', extra=''):
    host, _, port = at.rpartition(':')
    if isinstance(body, str):
        body = body.encode()
    wire = ws.Wire(socket.create_connection((host, int(port)), ws.GUARD))
    head = ('POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n'
            % (path, len(body)))
    if token is not None:
        head += 'Authorization: Token %s\r\n' % token
    wire.send((head + extra + '\r\n').encode() + body)
    answer = wire.answer()
    wire.close()
    return answer
