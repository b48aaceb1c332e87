"""RFC 6455 at the door: each row of tests/cases/door/frames.tsv, on the
owner's socket, over TLS and at a whole vaultd."""
from concurrent.futures import ThreadPoolExecutor

import ws
from frames import STILL, Coming, Sending, said, table
from vault import Vault
from ws import CLOSE, PING, PONG, TEXT, Closed, Daemon, Firm, frame, upgrade

HERE = '127.0.0.1'
rows = table('frames.tsv', 4)
daemon = Daemon('handshaking=1024', 'address=1024', 'stop_ms=200')
vault_id = daemon.owner().ask('vault')


def closed(wire, payload):
    """A close frame came: answer it, and see that nothing follows."""
    try:
        wire.send(frame(CLOSE, payload[:2]))
    except OSError:
        pass
    left = wire.rest()
    if left:
        return 'close and %r' % left, ''
    return ('close:%d' % int.from_bytes(payload[:2], 'big'),
            payload[2:].decode())


def send(wire, steps, got):
    """Until the end of the steps, or of the connection."""
    try:
        for step in steps:
            if step is None:
                got.append(wire.frame())
            else:
                wire.send(step)
    except (Closed, ConnectionError):
        pass


def ending(wire, coming, got):
    """How it ends; frames up to there go into got."""
    asked = False
    while True:
        if coming.end == 'open' and len(got) >= len(coming.frames) and not asked:
            asked = True
            wire.send(frame(PING, STILL))
        opcode, payload = wire.frame()
        if opcode == CLOSE:
            return closed(wire, payload)
        if (opcode, payload) == (PONG, STILL):
            return 'open', ''
        if not (coming.end == 'cut' and opcode == PONG):
            got.append((opcode, payload))


def alike(got, wanted, exact):
    if got[0] == TEXT and not exact:
        return wanted[0] == TEXT
    if wanted[1] == 'challenge':
        return len(got[1]) == 142 and got[1][:2] == b'\x02\x01'
    return got == wanted


def fault_of(wire, sending, coming, exact=True):
    """What is wrong with what came; None: nothing."""
    got = []
    send(wire, sending.steps, got)
    try:
        end, why = ending(wire, coming, got)
    except (Closed, ConnectionError):
        end, why = 'cut', ''
    wire.close()
    wanted = coming.frames
    if coming.any:
        got, wanted = sorted(got), sorted(wanted)
    if (end, why) == (coming.end, coming.why) and len(got) == len(wanted) and (
            all(alike(g, w, exact) for g, w in zip(got, wanted))):
        return None
    return '%s, %s %s' % (' '.join(said(each) for each in got), end, why)


def opened(wire, sending, **how):
    """Behind the upgrade, with what is sent in one segment with it."""
    wire.send(upgrade(**how) + sending.early)
    status, _ = wire.head()
    assert status == 101, status
    return wire


def faults(where, fault):
    """Each row of these places must have none."""
    chosen = [row for row in rows if row[0] in where]
    assert chosen
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda row: fault(*row[2:]), chosen))
    wrong = ['%s: %s\n    sent   %s\n    wanted %s\n    came   %s' % (
        *row[:2], row[2][:200], row[3][:200], each[:300])
        for row, each in zip(chosen, found) if each]
    assert not wrong, '%d of %d\n%s' % (len(wrong), len(chosen),
                                        '\n'.join(wrong))


def on_the_owners_socket():
    def fault(sent, comes):
        sending = Sending(sent)
        return fault_of(opened(daemon.unix(), sending), sending, Coming(comes))
    faults(('session', 'owner'), fault)


def over_tls_once_it_is_known_who():
    def fault(sent, comes):
        firm = Firm(daemon, vault_id, '11').ready()
        return fault_of(firm, Sending(sent), Coming(comes))
    faults(('session',), fault)


def over_tls_while_it_is_not_known_who():
    hello = b'\x01\x01\x01' + bytes.fromhex(vault_id) + bytes(32)

    def fault(sent, comes):
        sending = Sending(sent, hello)
        return fault_of(opened(daemon.tls(), sending, host=HERE), sending,
                        Coming(comes))
    faults(('stranger',), fault)


def at_a_whole_vaultd():
    """There a text is a call, and is answered by another one; a block belongs
    to a call."""
    vault = Vault()

    def fault(sent, comes):
        sending, coming = Sending(sent), Coming(comes)
        if 'block:' in comes:
            return None
        return fault_of(opened(vault.owner_wire(), sending), sending, coming,
                        exact=False)
    faults(('session', 'owner'), fault)
    assert vault.owner().call('vault.status')['state'] == 'unlocked'
    vault.stop()


def the_daemon_ends_well():
    assert daemon.owner().ask('well') == 'well'
    daemon.stop()


assert len(rows) >= 200 and len({row[1] for row in rows}) > 190
ws.run([on_the_owners_socket, over_tls_once_it_is_known_who,
        over_tls_while_it_is_not_known_who, at_a_whole_vaultd,
        the_daemon_ends_well])
