"""Looking into the memory of a process."""
import os
import time

from vault import skip
from ws import GUARD


def is_shadowed(program):
    """A sanitizer's, which nothing can be preloaded into."""
    with open(program, 'rb') as file:
        text = file.read()
    return b'__tsan_init' in text or b'__asan_init' in text


def skip_if_shadowed(program):
    if is_shadowed(program):
        skip('shadow memory is larger than what can be read')


def switched(pid, tid):
    """How often a thread that sleeps was switched away from; None: it runs, or
    has ended."""
    try:
        with open('/proc/%d/task/%s/status' % (pid, tid)) as lines:
            said = dict(line.split(':', 1) for line in lines)
    except OSError:
        return None
    if said['State'].split()[0] != 'S':
        return None
    return (int(said['voluntary_ctxt_switches']),
            int(said['nonvoluntary_ctxt_switches']))


def wait_for_rest(pid):
    """Until each thread sleeps: it has done what comes behind an answer.

    Who reads an answer runs while its writer, on a busy machine, has yet to
    return from the call that sent it.  A thread that sleeps in both looks and
    was switched away from no more often in the second has slept between them:
    so there was a moment at which all slept, and nothing was left to do.
    """
    until = time.monotonic() + GUARD
    before, now = None, {}
    while now != before or not now or None in now.values():
        assert time.monotonic() < until, now
        before, now = now, {tid: switched(pid, tid) for tid in
                            os.listdir('/proc/%d/task' % pid)}


def written_to(pid):
    """What the process may write to, region by region."""
    with open('/proc/%d/maps' % pid) as maps:
        spans = [line.split()[0] for line in maps if ' rw' in line]
    try:
        memory = open('/proc/%d/mem' % pid, 'rb', 0)
    except PermissionError:
        skip('not allowed to look into a process')
    with memory:
        for span in spans:
            begin, end = (int(part, 16) for part in span.split('-'))
            try:
                memory.seek(begin)
                yield memory.read(end - begin)
            except OSError:
                pass  # a guard page
