#define _GNU_SOURCE /* pipe2(), F_SETPIPE_SZ */

#include "store/copier.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/env.h"
#include "util/log.h"
#include "util/thread.h"

enum {
    PIPE = 1 << 20 /* bytes, where that is allowed: what LMDB writes at once */
};

struct copier {
    MDB_env *env;
    int from, to; /* ends of the pipe; -1: closed */
    int code;     /* LMDB's, once `to` is closed */
    struct thread *thread;
};

/* The thread.  Its closing of `to` tells the reader that code is there. */
static void
copy(void *ctx)
{
    struct copier *copier = ctx;
    int to = copier->to;

    copier->code = mdb_env_copyfd2(copier->env, to, MDB_CP_COMPACT);
    (void)close(to);
}

static enum vlt_status
open_pipe(struct copier *copier)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) {
        log_error("store", "no pipe: %s", strerror(errno));
        return VLT_E_STORAGE;
    }
    (void)fcntl(ends[1], F_SETPIPE_SZ, PIPE); /* fewer turns, if it may be */
    copier->from = ends[0];
    copier->to = ends[1];
    return VLT_OK;
}

/* Wait for its end, after the last byte was read or the pipe was broken. */
static enum vlt_status
join(struct copier *copier)
{
    thread_join(copier->thread);
    copier->thread = NULL;
    return env_status(copier->code, "copy data.mdb");
}

static void
wait_for_byte(const struct copier *copier)
{
    struct pollfd ready = { .fd = copier->from, .events = POLLIN };

    while (poll(&ready, 1, -1) < 0 && errno == EINTR) {
    }
}

enum vlt_status
copier_begin(MDB_env *env, struct copier **out)
{
    struct copier *copier = calloc(1, sizeof *copier);
    enum vlt_status st;

    if (copier == NULL) {
        return VLT_E_NOMEM;
    }
    copier->env = env;
    copier->from = -1;
    copier->to = -1;
    st = open_pipe(copier);
    if (st == VLT_OK) {
        st = thread_start("copy", copy, copier, &copier->thread);
        if (st != VLT_OK) {
            (void)close(copier->to);
        }
    }
    if (st != VLT_OK) {
        copier_free(copier);
        return st;
    }
    wait_for_byte(copier);
    *out = copier;
    return VLT_OK;
}

/* One read() of the pipe; -1 where it fails. */
static ssize_t
read_some(struct copier *copier, uint8_t *at, size_t len)
{
    ssize_t some;

    do {
        some = read(copier->from, at, len);
    } while (some < 0 && errno == EINTR);
    if (some < 0) {
        log_error("store", "read from a pipe: %s", strerror(errno));
    }
    return some;
}

enum vlt_status
copier_read(struct copier *copier, uint8_t *at, size_t len, size_t *got)
{
    ssize_t some = 1;

    *got = 0;
    if (copier->thread == NULL) {
        return env_status(copier->code, "copy data.mdb");
    }
    while (*got < len && some > 0) {
        some = read_some(copier, at + *got, len - *got);
        *got += some > 0 ? (size_t)some : 0;
    }
    if (some < 0) {
        return VLT_E_STORAGE;
    }
    return *got > 0 ? VLT_OK : join(copier);
}

void
copier_free(struct copier *copier)
{
    if (copier == NULL) {
        return;
    }
    /* LMDB's next write fails, and it ends. */
    if (copier->from >= 0) {
        (void)close(copier->from);
    }
    thread_join(copier->thread);
    free(copier);
}
