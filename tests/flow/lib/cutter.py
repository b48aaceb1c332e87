"""A relay that cuts: each connection ends after some bytes or some time, both
drawn at random, in the middle of whatever is going on.  Every other one ends
deaf: what comes still arrives for a moment, and what is said to it is lost, as
an acknowledgement would be."""
import random
import socket
import threading
import time


class Cutter:
    """Listens on a port of loopback, or at path; leads to `to`, a port's
    address or a socket's path.  calm: does not cut."""

    def __init__(self, to, seed, path=None, longest=2.0, deaf=0.05):
        family = socket.AF_UNIX if path else socket.AF_INET
        self.listener = socket.socket(family)
        self.listener.bind(path or ('127.0.0.1', 0))
        self.listener.listen(16)
        self.port = None if path else self.listener.getsockname()[1]
        self.to, self.longest, self.deaf = to, longest, deaf
        self.random = random.Random(seed)
        self.calm, self.cuts = True, 0
        self.pairs = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.socket(
                socket.AF_UNIX if isinstance(self.to, str) else socket.AF_INET)
            try:
                far.connect(self.to)
            except OSError:
                near.close()
                continue
            pair = Pair(self, near, far)
            self.pairs = [p for p in self.pairs if not p.over] + [pair]

    def storm(self):
        """Begin to cut, what is connected already, too."""
        self.calm = False
        for pair in self.pairs:
            pair.draw()

    def stop(self):
        self.calm = True


class Pair:
    def __init__(self, cutter, near, far):
        self.cutter, self.near, self.far = cutter, near, far
        self.over, self.lock = False, threading.Lock()
        self.draw()
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=self.carry, args=(one, other),
                             daemon=True).start()

    def draw(self):
        """How many bytes it has left: from one to a million, each size as
        often as another; and how long."""
        draw = self.cutter.random
        self.left = int(2**draw.uniform(0, 20))
        self.deaf, self.turns_deaf = False, draw.random() < 0.5
        if not self.cutter.calm:
            self.later(draw.uniform(0, self.cutter.longest), self.end)

    @staticmethod
    def later(seconds, what):
        timer = threading.Timer(seconds, what)
        timer.daemon = True
        timer.start()

    def end(self):
        """Its time or its bytes are over."""
        if self.turns_deaf and not self.cutter.calm:
            self.deaf = True
            self.later(self.cutter.deaf, self.cut)
        else:
            self.cut()

    def cut(self):
        with self.lock:
            if self.over:
                return
            self.over = True
            if not self.cutter.calm:
                self.cutter.cuts += 1
        for end in (self.near, self.far):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def carry(self, one, other):
        try:
            while True:
                data = one.recv(4096)
                if not data:
                    break
                if self.deaf and one is self.near:
                    continue
                if not self.cutter.calm and not self.deaf:
                    with self.lock:
                        self.left -= len(data)
                        late = self.left < 0
                    if late and not self.turns_deaf:
                        other.sendall(data[:self.left])
                        break
                    if late:
                        self.end()
                other.sendall(data)
        except OSError:
            pass
        self.cut()


def wait_for(holds, what, seconds=120):
    """Until it holds; as long as that takes, but for a hang."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.02)
