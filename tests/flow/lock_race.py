"""Locking while workers sign for sessions that go on asking."""
import base64
import threading

import ws
from vault import Refusal, Vault

ROUNDS = 60
ASKERS = 4

vault = Vault()
owner = vault.owner()
with open(vault.path('key'), 'rb') as file:
    KEY = base64.b64encode(file.read()).decode()


class Asker(threading.Thread):
    """One session that asks for what is signed, locked or not."""

    def __init__(self, method):
        super().__init__()
        self.method = method
        self.over = False
        self.answered = 0
        self.wrong = []

    def run(self):
        session = vault.owner()
        while not self.over:
            try:
                session.call(self.method)
                self.answered += 1
            except Refusal as refusal:
                if refusal.reason != 'locked':
                    self.wrong.append(refusal)
            except (ws.Closed, OSError) as lost:
                self.wrong.append(lost)
                return
        session.close()


def the_daemon_outlives_locks_beside_signers():
    askers = [Asker(('session.info', 'audit.head')[i % 2])
              for i in range(ASKERS)]
    for asker in askers:
        asker.start()
    try:
        for _ in range(ROUNDS):
            owner.call('vault.lock')
            owner.call('vault.unlock', key=KEY)
    finally:
        for asker in askers:
            asker.over = True
        for asker in askers:
            asker.join()
    assert not any(a.wrong for a in askers), [a.wrong for a in askers]
    assert all(a.answered for a in askers)
    owner.close()
    vault.stop()


ws.run([the_daemon_outlives_locks_beside_signers])
