"""Looking into the memory of a process."""
from vault import skip


def is_shadowed(program):
    """A sanitizer's, which nothing can be preloaded into."""
    with open(program, 'rb') as file:
        text = file.read()
    return b'__tsan_init' in text or b'__asan_init' in text


def skip_if_shadowed(program):
    if is_shadowed(program):
        skip('shadow memory is larger than what can be read')


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
