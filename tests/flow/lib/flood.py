"""Senders of floods, each a process of its own, so that what is measured beside
them waits for no lock of theirs; and callers that measure."""
import heapq
import itertools
import json
import multiprocessing
import os
import select
import socket
import ssl
import threading
import time

import door
import tls13
import ws
from door import CONTEXT, HERE, Hand, Person

ADDRESSES = 100000  # on loopback, that a sender has to itself
fork = multiprocessing.get_context('fork')


class Sender:
    """Waits for go(), then sends until stop().  count: by the words of names,
    as they are by now."""
    names = ()

    def __init__(self, number):
        self.number = number
        self.going, self.stopped = fork.Event(), fork.Event()
        self.count = {name: fork.Value('q', 0) for name in self.names}
        self.process = fork.Process(target=self.main, daemon=True)
        self.process.start()

    def main(self):
        door.numbers = itertools.count(1 + self.number * ADDRESSES)
        self.going.wait()
        self.send()

    def add(self, name, much=1):
        with self.count[name].get_lock():
            self.count[name].value += much

    def go(self):
        self.going.set()

    def stop(self):
        self.stopped.set()
        self.process.join(ws.GUARD)
        assert self.process.exitcode == 0, (type(self).__name__,
                                            self.process.exitcode)

    def said(self):
        return '%s: %s' % (type(self).__name__.lower(), ', '.join(
            '%d %s' % (value.value, name)
            for name, value in self.count.items()))

    def at_rate(self, rate, threads, each):
        """Call each(thread) so often a second, from so many threads, until it
        is over; who is behind leaves out what he missed."""
        begun = time.monotonic()

        def work(thread):
            at = thread
            while not self.stopped.wait(max(0, begun + at / rate
                                            - time.monotonic())):
                each(thread)
                late = (time.monotonic() - begun) * rate - at
                at += threads * max(1, int(late / threads))

        crew = [threading.Thread(target=work, args=(i,))
                for i in range(threads)]
        for one in crew:
            one.start()
        for one in crew:
            one.join()


# ---- connections that come to nothing ----

HELLO = b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(501)
HEAD = ws.upgrade(host=HERE, extra='X-Slow: %s\r\n' % ('a' * 400))
POST = b'POST /api/v2/write HTTP/1.1\r\nHost: localhost\r\nX: ' + b'a' * 400


class Idler:
    """One of them: a hello of TLS, a head within TLS, or one on loopback HTTP,
    of which a byte comes now and then."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE

    def __init__(self, kind, at, source):
        self.text = (HELLO, HEAD, POST)[kind]
        self.sock = socket.socket()
        self.sock.settimeout(ws.GUARD)
        self.sock.bind((source, 0))
        self.sock.connect(at)
        self.sock.setblocking(False)
        self.shaking = kind == 1
        if self.shaking:
            self.sock = self.context.wrap_socket(
                self.sock, do_handshake_on_connect=False)

    def go_on(self):
        """Something can be read, or written; False: it has ended."""
        try:
            if self.shaking:
                self.sock.do_handshake()
                self.shaking = False
            return self.sock.recv(4096) != b''
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return True
        except OSError:
            return False

    def drip(self):
        try:
            if not self.shaking and self.text:
                self.sock.send(self.text[:1])
                self.text = self.text[1:]
        except OSError:
            pass  # told by go_on()


class Slow(Sender):
    """So many at once, a byte every `pause` seconds of each; who is cut comes
    again a second later.  Eight share an address.  When it is over they only
    wait to be cut; outlast: ms that this took."""
    names = ('dialled', 'cut', 'open', 'outlast')

    def __init__(self, number, count, places, pause, wait=True):
        self.many, self.places = count, places
        self.pause, self.wait = pause, wait
        super().__init__(number)

    def dial(self, slot):
        kind = slot % 3
        n = self.number * ADDRESSES + slot // 8
        source = '127.%d.%d.%d' % (1 + n // 40000, n // 200 % 200, 1 + n % 200)
        self.add('dialled')
        try:
            idler = Idler(kind, self.places[kind // 2], source)
        except OSError:  # cut before it was begun
            self.add('cut')
            heapq.heappush(self.due, (time.monotonic() + 1, slot))
            return
        self.idlers[idler.sock.fileno()] = slot, idler
        self.poll.register(idler.sock, select.POLLIN)
        self.count['open'].value = len(self.idlers)

    def serve(self, timeout):
        """Take note of who was cut."""
        for number, _ in self.poll.poll(timeout):
            slot, idler = self.idlers[number]
            if not idler.go_on():
                self.poll.unregister(number)
                del self.idlers[number]
                idler.sock.close()
                self.add('cut')
                heapq.heappush(self.due, (time.monotonic() + 1, slot))
        self.count['open'].value = len(self.idlers)

    def send(self):
        self.poll, self.idlers, drip = select.poll(), {}, 0
        self.due = [(time.monotonic() + i / self.many, i)
                    for i in range(self.many)]
        while not self.stopped.is_set():
            now = time.monotonic()
            while self.due and self.due[0][0] <= now:
                self.dial(heapq.heappop(self.due)[1])
            self.serve(20)
            if now >= drip:
                drip = now + self.pause
                for _, idler in self.idlers.values():
                    idler.drip()
        over = time.monotonic()
        while self.wait and self.idlers and time.monotonic() < over + ws.GUARD:
            self.serve(100)
        self.count['outlast'].value = int(1000 * (time.monotonic() - over))


# ---- handshakes with a wrong signature ----

class Bad(Sender):
    """So many a second, each from an address of its own."""
    names = ('made', 'refused', 'cut')

    def __init__(self, number, place, rate):
        self.place, self.rate, self.person = place, rate, Person()
        super().__init__(number)

    def shake(self):
        tls = tls13.dial(self.place.at, CONTEXT, door.fresh_address())
        try:
            wire = ws.Wire(tls).open(host=HERE)
            hand = Hand(self.place.id, tls.exporter())
            wire.send(ws.frame(ws.BINARY, hand.add(hand.m1())))
            hand.add(wire.frame()[1])
            wire.send(ws.frame(ws.BINARY, hand.m3(
                self.person, sign=lambda _: bytes(64))))
            assert wire.frame()[1][:2] == b'\x04\x01'
        finally:
            tls.close()

    def knock(self, _):
        self.add('made')
        try:
            self.shake()
            self.add('refused')
        except (ws.Closed, OSError):
            self.add('cut')

    def send(self):
        self.at_rate(self.rate, 2 + self.rate // 20, self.knock)


# ---- a firm that asks for too much ----

class Greedy(Sender):
    """A firm that is known, in so many sessions, and asks so often a second:
    session_of() opens one, asked are the methods with their parameters, in
    turn."""
    names = ('asked', 'answered', 'refused', 'ended')

    def __init__(self, number, session_of, asked, rate, sessions=4):
        self.session_of, self.asked = session_of, asked
        self.rate, self.wires = rate, [None] * sessions
        self.ids = itertools.count(1)
        super().__init__(number)

    def ask(self, wire):
        number = next(self.ids)
        method, params = self.asked[number % len(self.asked)]
        wire.text(json.dumps({'jsonrpc': '2.0', 'id': number,
                              'method': method, 'params': params}))
        while True:
            opcode, payload = wire.frame()
            if opcode == ws.CLOSE:
                raise ws.Closed('told to go')
            if opcode == ws.TEXT and b'"id":%d,' % number in payload[:60]:
                return b'"error"' not in payload[:80]

    def turn(self, thread):
        try:
            if self.wires[thread] is None:
                self.wires[thread] = self.session_of()
            self.add('asked')
            self.add('answered' if self.ask(self.wires[thread])
                     else 'refused')
        except (ws.Closed, OSError):
            self.add('ended')
            self.wires[thread] = None

    def send(self):
        self.at_rate(self.rate, len(self.wires), self.turn)
        for wire in self.wires:
            if wire is not None:
                wire.close()


# ---- who measures ----

class Caller(threading.Thread):
    """Calls again and again, so often a second at most, and notes when and how
    long each took."""

    def __init__(self, name, rate, call):
        super().__init__(daemon=True)
        self.name, self.rate, self.call = name, rate, call
        self.took, self.failed = [], []
        self.ended = threading.Event()
        self.start()

    def run(self):
        while not self.ended.is_set():
            begun = time.monotonic()
            try:
                self.call()
                self.took.append((begun, time.monotonic() - begun))
            except Exception as fault:  # judged by who has the figures
                self.failed.append((begun, repr(fault)))
            self.ended.wait(max(0, begun + 1 / self.rate - time.monotonic()))

    def end(self):
        self.ended.set()
        self.join(ws.GUARD)
        assert not self.is_alive(), self.name

    def within(self, since, until):
        """Seconds that each call took that began then, sorted; and how many
        failed."""
        failed = [fault for begun, fault in self.failed
                  if since <= begun < until]
        return sorted(took for begun, took in self.took
                      if since <= begun < until), failed


def at_rank(took, share):
    return took[min(len(took) - 1, int(share * len(took)))]


def descriptors(process):
    return len(os.listdir('/proc/%d/fd' % process.pid))


def resident(process):
    """Bytes."""
    with open('/proc/%d/statm' % process.pid) as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')
