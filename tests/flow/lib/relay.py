"""Between a firm and the vault, where reading can be stopped."""
import array
import fcntl
import socket
import termios
import threading


class Recorder:
    """A relay between a firm and the vault that can stop to read, and knows
    every byte that came from the vault."""

    def __init__(self, to):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.to = to
        self.reading = threading.Event()
        self.reading.set()
        self.seen = 0
        self.ended = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        self.firm, _ = self.listener.accept()
        self.vault = socket.socket()
        self.vault.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        self.vault.connect(self.to)
        threading.Thread(target=self.up, daemon=True).start()
        try:
            while True:
                self.reading.wait()
                data = self.vault.recv(4096)
                if not data:
                    break
                self.seen += len(data)
                self.firm.sendall(data)
        except OSError:
            pass
        self.ended.set()
        self.firm.close()

    def up(self):
        try:
            while True:
                data = self.firm.recv(4096)
                if not data:
                    break
                self.vault.sendall(data)
        except OSError:
            pass

    def arrived(self):
        """Bytes that the vault's machine has sent us, read or not."""
        waiting = array.array('i', [0])
        fcntl.ioctl(self.vault, termios.FIONREAD, waiting)
        return self.seen + waiting[0]
