/* Calls on an open file: reading, writing, syncing, cutting, reserving. */
#define _GNU_SOURCE /* fallocate(), syscall() */

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim_internal.h"

/* Is it a followed file, and not a number that something else got since? */
static bool
followed_file(int fd)
{
    int error = errno;
    struct stat about;
    bool file = shim_follows(fd) && fstat(fd, &about) == 0 &&
                (S_ISREG(about.st_mode) || S_ISDIR(about.st_mode));

    errno = error;
    return file;
}

/* How many bytes of len a call is to move; false: it is to fail. */
static bool
allowed(int fd, enum shim_class family, size_t *len)
{
    enum shim_verdict verdict =
        followed_file(fd) ? shim_judge(family) : SHIM_GO;

    if (verdict == SHIM_HALF && *len > 1) {
        *len /= 2;
    }
    return verdict != SHIM_FAIL;
}

/* ---- reading ---- */

SHIM_EXPORT ssize_t
read(int fd, void *at, size_t len)
{
    return allowed(fd, SHIM_READ, &len) ? syscall(SYS_read, fd, at, len) : -1;
}

SHIM_EXPORT ssize_t
pread(int fd, void *at, size_t len, off_t from)
{
    return allowed(fd, SHIM_READ, &len)
               ? syscall(SYS_pread64, fd, at, len, from)
               : -1;
}

SHIM_EXPORT ssize_t pread64(int fd, void *at, size_t len, off_t from)
    __attribute__((alias("pread")));

/* ---- writing ---- */

static struct iovec
part_of(const void *at, size_t len)
{
    union {
        const void *in;
        void *out;
    } both = { .in = at };

    return (struct iovec){ .iov_base = both.out, .iov_len = len };
}

/* At an offset, or (-1) where the descriptor stands.  What is not followed is
 * not held up by the lock: it may be a socket that waits. */
static ssize_t
write_one(int fd, const void *at, size_t len, off_t to)
{
    bool noted = shim_is_journal(fd) || followed_file(fd);
    struct iovec part = part_of(at, len);
    ssize_t done;

    if (!allowed(fd, SHIM_WRITE, &len)) {
        return -1;
    }
    if (noted) {
        shim_lock();
    }
    done = to < 0 ? syscall(SYS_write, fd, at, len)
                  : syscall(SYS_pwrite64, fd, at, len, to);
    if (noted) {
        if (done > 0) {
            shim_wrote(fd, to, &part, 1, (size_t)done);
        }
        shim_unlock();
    }
    return done;
}

SHIM_EXPORT ssize_t
write(int fd, const void *at, size_t len)
{
    return write_one(fd, at, len, -1);
}

SHIM_EXPORT ssize_t
pwrite(int fd, const void *at, size_t len, off_t to)
{
    return write_one(fd, at, len, to);
}

SHIM_EXPORT ssize_t pwrite64(int fd, const void *at, size_t len, off_t to)
    __attribute__((alias("pwrite")));

SHIM_EXPORT ssize_t
writev(int fd, const struct iovec *part, int parts)
{
    ssize_t done;

    if (!followed_file(fd)) {
        return syscall(SYS_writev, fd, part, parts);
    }
    switch (shim_judge(SHIM_WRITE)) {
    case SHIM_FAIL:
        return -1;
    case SHIM_HALF:
        parts = parts > 1 ? parts / 2 : parts;
        break;
    case SHIM_GO:
        break;
    }
    shim_lock();
    done = syscall(SYS_writev, fd, part, parts);
    if (done > 0) {
        shim_wrote(fd, -1, part, parts, (size_t)done);
    }
    shim_unlock();
    return done;
}

/* ---- what takes no bytes ---- */

/* Is it left out for haste? */
static bool
spared(const struct trace_event *event)
{
    return shim_hastes() && (event->what == TRACE_SYNC ||
                             (event->what == TRACE_ALLOCATE &&
                              (event->flags & FALLOC_FL_PUNCH_HOLE) == 0));
}

/* A call on a descriptor that gives 0 or -1. */
static long
bare(const struct trace_event *event, long number)
{
    switch ((enum trace_what)event->what) {
    case TRACE_TRUNCATE:
        return syscall(number, event->fd, event->at);
    case TRACE_ALLOCATE:
        return syscall(number, event->fd, event->flags, event->at, event->len);
    default:
        return syscall(number, event->fd);
    }
}

static int
call(const struct trace_event *event, long number, enum shim_class family)
{
    long code;

    if (!followed_file(event->fd)) {
        return (int)bare(event, number);
    }
    if (shim_judge(family) != SHIM_GO) {
        return -1;
    }
    shim_lock();
    code = spared(event) ? 0 : bare(event, number);
    if (code == 0) {
        shim_note(event, NULL);
    }
    shim_unlock();
    return (int)code;
}

SHIM_EXPORT int
fsync(int fd)
{
    struct trace_event event = { .what = TRACE_SYNC, .fd = fd };

    return call(&event, SYS_fsync, SHIM_SYNC);
}

SHIM_EXPORT int
fdatasync(int fd)
{
    struct trace_event event = { .what = TRACE_SYNC, .fd = fd };

    return call(&event, SYS_fdatasync, SHIM_SYNC);
}

SHIM_EXPORT int
ftruncate(int fd, off_t len)
{
    struct trace_event event = { .what = TRACE_TRUNCATE,
                                 .fd = fd,
                                 .at = (uint64_t)len };

    return call(&event, SYS_ftruncate, SHIM_TRUNCATE);
}

SHIM_EXPORT int ftruncate64(int fd, off_t len)
    __attribute__((alias("ftruncate")));

SHIM_EXPORT int
fallocate(int fd, int mode, off_t from, off_t len)
{
    struct trace_event event = { .what = TRACE_ALLOCATE,
                                 .fd = fd,
                                 .flags = (uint32_t)mode,
                                 .at = (uint64_t)from,
                                 .len = (uint64_t)len };

    return call(&event, SYS_fallocate, SHIM_ALLOCATE);
}

SHIM_EXPORT int fallocate64(int fd, int mode, off_t from, off_t len)
    __attribute__((alias("fallocate")));

/* ---- mappings ---- */

/* What is written through a mapping is not seen. */
static void
note_mapping(int fd)
{
    struct trace_event event = { .what = TRACE_MAP, .fd = fd };

    shim_lock();
    shim_note(&event, NULL);
    shim_unlock();
}

SHIM_EXPORT void *
mmap(void *at, size_t len, int protection, int flags, int fd, off_t from)
{
    if (shim_memory_fails()) {
        return MAP_FAILED;
    }
    if ((flags & MAP_ANONYMOUS) == 0 && (flags & MAP_SHARED) != 0 &&
        (protection & PROT_WRITE) != 0 && shim_follows(fd)) {
        note_mapping(fd);
    }
    union {
        long number;
        void *at;
    } out = { .number =
                  syscall(SYS_mmap, at, len, protection, flags, fd, from) };

    return out.at;
}

SHIM_EXPORT void *mmap64(void *at, size_t len, int protection, int flags,
                         int fd, off_t from) __attribute__((alias("mmap")));
