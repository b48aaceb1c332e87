"""Locking while workers sign for sessions that go on asking, and while the vault
is being unlocked."""
import base64
import random
import threading
import time

import ws
from vault import PASSPHRASE, Refusal, Vault

ROUNDS = 60
LAST_WORDS = 64
SLOW = 8  # of so many one is by the passphrase, which takes its time
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


def settle(session, number):
    """What came of it."""
    try:
        return session.answer(number)['state']
    except Refusal as refusal:
        return refusal.reason


def the_owners_last_word_stands():
    """A lock may come at any moment of an unlock; afterwards it is locked, and
    can be unlocked."""
    session = vault.owner()
    seen = set()
    spans = {'key': 0.0, 'passphrase': 0.0}
    for i in range(LAST_WORDS):
        how = 'passphrase' if i % SLOW == 0 else 'key'
        secret = {how: KEY if how == 'key' else PASSPHRASE}
        owner.call('vault.lock')
        unlock = session.send('vault.unlock', **secret)
        time.sleep(random.uniform(0, 1.1 * spans[how]))
        lock = session.send('vault.lock')
        assert settle(session, lock) == 'locked'
        seen.add(settle(session, unlock))
        assert owner.call('vault.status')['state'] == 'locked', (i, how)
        began = time.monotonic()
        assert owner.call('vault.unlock', **secret)['state'] == 'unlocked'
        spans[how] = spans[how] or time.monotonic() - began
    session.close()
    assert seen <= {'unlocked', 'conflict'}, seen


def it_ends_well():
    owner.close()
    vault.stop()


ws.run([the_daemon_outlives_locks_beside_signers, the_owners_last_word_stands,
        it_ends_well])
