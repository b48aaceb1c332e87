"""When a daemon is killed."""
import threading

WORK = 0.4   # seconds within which the moment lies
LATER = 1.6  # seconds after that until it is killed without the event
FLIGHT = 0.003


class Killer:
    """Kills at a random moment, or at the first event of a kind after it.

    The time between an acknowledgement and its commit, were they in this
    order, is a small part of the whole: a moment alone finds it in one kill of
    three or four.  A kill that the acknowledgement itself sets off is there
    within some 0.1 ms.  Events: `answer` and `page` have come, `consent` has
    been answered; `flight` is a random time after a consent was sent.
    """

    def __init__(self, process, random, event):
        self.process, self.event = process, event
        self.ready = self.sent = False
        self.flight = random.uniform(0, FLIGHT)
        moment = random.uniform(0, WORK)
        self.timers = [threading.Timer(moment, self.come),
                       threading.Timer(moment + LATER, process.kill)]

    def begin(self):
        for timer in self.timers:
            timer.start()

    def come(self):
        self.ready = True
        if self.event == 'moment':
            self.process.kill()

    def saw(self, event):
        if self.ready and event == self.event:
            self.process.kill()

    def wants_consent(self):
        """Is a consent to be sent now, for the kill to meet?"""
        return (self.ready and not self.sent
                and self.event in ('consent', 'flight'))

    def consent_sent(self):
        self.sent = True
        if self.event == 'flight':
            self.timers.append(threading.Timer(self.flight,
                                               self.process.kill))
            self.timers[-1].start()

    def end(self):
        for timer in self.timers:
            timer.cancel()
