/* Which files are followed, and what is written down of them. */
#define _GNU_SOURCE /* O_CLOEXEC, syscall() */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim_internal.h"

enum {
    TRACE_FD = 900, /* out of the program's way */
};

/* Global, since the C library's functions have no argument for it. */
static struct {
    pthread_mutex_t lock;
    char root[PATH_MAX];
    char journal[PATH_MAX];
    int fd; /* of the trace; -1: none is written */
    bool no_dsync;
    bool hastes;
    bool no_exchange;
    bool follows[TRACE_FDS];
    bool journals[TRACE_FDS];
} shim = { .lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1 };

static void
copy_text(char out[PATH_MAX], const char *name)
{
    const char *value = getenv(name);

    (void)snprintf(out, PATH_MAX, "%s", value != NULL ? value : "");
}

__attribute__((constructor)) static void
begin(void)
{
    const char *recorder = getenv("CRASH_RECORDER");
    const char *trace = getenv("CRASH_TRACE");
    struct trace_event event = { .what = TRACE_BEGIN };
    long fd;

    copy_text(shim.root, "CRASH_ROOT");
    copy_text(shim.journal, "CRASH_JOURNAL");
    shim.no_dsync = recorder != NULL && strcmp(recorder, "meta-not-dsync") == 0;
    shim.hastes = getenv("CRASH_HASTE") != NULL;
    shim.no_exchange = getenv("CRASH_NO_EXCHANGE") != NULL;
    if (trace == NULL) {
        return;
    }
    fd = syscall(SYS_openat, AT_FDCWD, trace,
                 O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        return;
    }
    shim.fd = fcntl((int)fd, F_DUPFD_CLOEXEC, TRACE_FD);
    (void)syscall(SYS_close, (int)fd);
    shim_note(&event, NULL);
}

/* ---- paths ---- */

/* Take ".", ".." and doubled slashes out of an absolute path, in place. */
static void
tidy(char *path)
{
    char *out = path;
    const char *in = path;

    while (*in != '\0') {
        size_t len = strcspn(++in, "/");

        if (len == 2 && in[0] == '.' && in[1] == '.') {
            while (out > path && *--out != '/') {
            }
        } else if (len > 0 && !(len == 1 && in[0] == '.')) {
            *out++ = '/';
            memmove(out, in, len);
            out += len;
        }
        in += len;
    }
    *out = '\0';
}

/* The absolute path of a directory's descriptor. */
static bool
path_of(int dir, char out[PATH_MAX])
{
    char link[40];
    ssize_t len;

    if (dir == AT_FDCWD) {
        return getcwd(out, PATH_MAX) != NULL;
    }
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
    len = readlink(link, out, PATH_MAX - 1);
    if (len < 0) {
        return false;
    }
    out[len] = '\0';
    return true;
}

void
shim_resolve(int dir, const char *path, struct shim_path *out)
{
    int error = errno;
    size_t root = strlen(shim.root);
    size_t len = 0;

    out->inner = NULL;
    out->whole[0] = '\0';
    if (root == 0) {
        return;
    }
    if (path[0] != '/') {
        if (!path_of(dir, out->whole)) {
            errno = error;
            return;
        }
        len = strlen(out->whole);
    }
    (void)snprintf(out->whole + len, sizeof out->whole - len, "/%s", path);
    tidy(out->whole);
    if (strncmp(out->whole, shim.root, root) == 0 &&
        (out->whole[root] == '/' || out->whole[root] == '\0')) {
        out->inner = out->whole + root + (out->whole[root] == '/');
    }
    errno = error;
}

static bool
in_table(const bool table[TRACE_FDS], int fd)
{
    return fd >= 0 && fd < TRACE_FDS && table[fd];
}

bool
shim_follows(int fd)
{
    return in_table(shim.follows, fd);
}

bool
shim_is_journal(int fd)
{
    return in_table(shim.journals, fd);
}

bool
shim_no_exchange(void)
{
    return shim.no_exchange;
}

bool
shim_hastes(void)
{
    return shim.hastes;
}

/* ---- events ---- */

void
shim_lock(void)
{
    (void)pthread_mutex_lock(&shim.lock);
}

void
shim_unlock(void)
{
    (void)pthread_mutex_unlock(&shim.lock);
}

static void
put(struct iovec *part, int parts)
{
    while (parts > 0) {
        ssize_t done = syscall(SYS_writev, shim.fd, part, parts);

        if (done < 0) {
            abort(); /* half a trace proves nothing */
        }
        while (parts > 0 && (size_t)done >= part->iov_len) {
            done -= (ssize_t)part->iov_len;
            part++;
            parts--;
        }
        if (parts > 0) {
            part->iov_base = (char *)part->iov_base + done;
            part->iov_len -= (size_t)done;
        }
    }
}

/* What is only read, as iovec wants it. */
static struct iovec
part_of(const void *at, size_t len)
{
    union {
        const void *in;
        void *out;
    } both = { .in = at };

    return (struct iovec){ .iov_base = both.out, .iov_len = len };
}

void
shim_note(const struct trace_event *event, const void *more)
{
    struct iovec part[2] = { part_of(event, sizeof *event),
                             part_of(more, event->more) };
    int error = errno;

    if (shim.fd >= 0) {
        put(part, event->more > 0 ? 2 : 1);
    }
    errno = error;
}

void
shim_opened(int fd, const struct shim_path *path, int flags)
{
    struct trace_event event = { .what = TRACE_OPEN, .fd = fd };

    if (fd < 0 || fd >= TRACE_FDS) {
        return;
    }
    shim.journals[fd] =
        shim.journal[0] != '\0' && strcmp(path->whole, shim.journal) == 0;
    shim.follows[fd] = path->inner != NULL;
    if (path->inner == NULL) {
        return;
    }
    if (shim.no_dsync) {
        flags &= ~O_DSYNC;
    }
    event.flags = (uint32_t)flags;
    event.more = (uint32_t)strlen(path->inner);
    shim_note(&event, path->inner);
}

void
shim_closed(int fd)
{
    struct trace_event event = { .what = TRACE_CLOSE, .fd = fd };

    if (shim_follows(fd)) {
        shim_note(&event, NULL);
    }
    if (fd >= 0 && fd < TRACE_FDS) {
        shim.follows[fd] = false;
        shim.journals[fd] = false;
    }
}

/* The first count bytes of these parts, one behind the other. */
static char *
join(const struct iovec *part, int parts, size_t count)
{
    char *all = malloc(count);
    size_t len = 0;

    if (all == NULL) {
        abort();
    }
    for (int i = 0; i < parts && len < count; i++) {
        size_t more =
            part[i].iov_len < count - len ? part[i].iov_len : count - len;

        memcpy(all + len, part[i].iov_base, more);
        len += more;
    }
    return all;
}

void
shim_wrote(int fd, off_t at, const struct iovec *part, int parts, size_t count)
{
    struct trace_event event = { .what = TRACE_WRITE,
                                 .fd = fd,
                                 .more = (uint32_t)count,
                                 .at = (uint64_t)at };
    char *all;

    if (shim.fd < 0 || count == 0) {
        return;
    }
    if (shim_is_journal(fd)) {
        event.what = TRACE_MARK;
    } else if (at < 0) {
        event.at = (uint64_t)syscall(SYS_lseek, fd, 0, SEEK_CUR) - count;
    }
    all = join(part, parts, count);
    shim_note(&event, all);
    free(all);
}

void
shim_path_event(enum trace_what what, const struct shim_path *a,
                const struct shim_path *b)
{
    struct trace_event event = { .what = what };
    char both[2 * PATH_MAX];
    int len;

    if (a->inner == NULL && (b == NULL || b->inner == NULL)) {
        return;
    }
    if (a->inner == NULL || (b != NULL && b->inner == NULL)) {
        event.what = TRACE_UNKNOWN; /* out of the directory, or into it */
    }
    len = snprintf(both, sizeof both, "%s%c%s", a->inner ? a->inner : "", 0,
                   b != NULL && b->inner ? b->inner : "");
    event.more = (uint32_t)(b == NULL ? len - 1 : len);
    shim_note(&event, both);
}
