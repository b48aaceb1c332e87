#define _GNU_SOURCE /* close_range(), pipe2() */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main/confine.h"
#include "main/main_internal.h"
#include "store/store.h"
#include "util/log.h"

/*
 * A request is one message: a path with its zero, and the end of a pipe that
 * holds the backup's key, which the warden itself never reads.  The answer is
 * one message: a byte, 1 where the child ended with EXIT_DONE, 2 where there
 * was none, it did not end by itself or could not do it (EXIT_NOT_RUN), 0 where
 * it ended otherwise; and what it said.
 */
enum {
    SAYS = 4096,
    GOOD = 1,
    BAD = 0,
    NOT_RUN = 2,
    KEY_FD = 3, /* in the child */
};

/* ---- in the warden ---- */

struct request {
    char path[STORE_PATH_MAX + 1];
    int key; /* -1: none */
};

/* Room for one descriptor, aligned. */
union control {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(sizeof(int))];
};

/* False: the daemon has gone.  The key may not have come: key is -1. */
static bool
take_request(int fd, struct request *out)
{
    union control control;
    struct iovec part = { .iov_base = out->path, .iov_len = sizeof out->path };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = control.bytes,
                              .msg_controllen = sizeof control.bytes };
    ssize_t len;

    do {
        len = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    } while (len < 0 && errno == EINTR);
    out->key = -1;
    struct cmsghdr *head = len > 0 ? CMSG_FIRSTHDR(&message) : NULL;

    if (head != NULL && head->cmsg_level == SOL_SOCKET &&
        head->cmsg_type == SCM_RIGHTS &&
        head->cmsg_len == CMSG_LEN(sizeof(int))) {
        memcpy(&out->key, CMSG_DATA(head), sizeof out->key);
    }
    if (len > 0) {
        out->path[len - 1] = '\0'; /* as it is */
    }
    return len > 0;
}

/* The child becomes this very program. */
static void
become_reader(const struct request *request, int out)
{
    static char name[] = "vaultd";
    static char verb[] = "verify";
    static char flag[] = "--key-fd";
    static char number[] = "3";
    char path[sizeof request->path];
    char *words[] = { name, verb, flag, number, path, NULL };
    char *none[] = { NULL };
    struct sigaction usual = { .sa_handler = SIG_DFL };
    int key = fcntl(request->key, F_DUPFD, KEY_FD + 1);
    int to = fcntl(out, F_DUPFD, KEY_FD + 1);

    memcpy(path, request->path, sizeof path);
    (void)sigaction(SIGTERM, &usual, NULL);
    (void)sigaction(SIGINT, &usual, NULL);
    (void)sigaction(SIGHUP, &usual, NULL);
    if (key < 0 || to < 0 || dup2(to, STDOUT_FILENO) < 0 ||
        dup2(to, STDERR_FILENO) < 0 || dup2(key, KEY_FD) < 0) {
        _exit(EXIT_NOT_RUN);
    }
    (void)close_range(KEY_FD + 1, ~0U, 0);
    (void)execve("/proc/self/exe", words, none);
    _exit(EXIT_NOT_RUN);
}

struct answer {
    size_t len; /* of what is said, behind its first byte */
    char bytes[1 + SAYS];
};

/* Read what the child says until it has ended; what is too long is left out.
 * False: the daemon has gone. */
static bool
listen_to(int from, int daemon, struct answer *answer)
{
    struct pollfd ends[] = { { .fd = from, .events = POLLIN },
                             { .fd = daemon, .events = 0 } };
    char more[512];

    for (;;) {
        if (poll(ends, 2, -1) < 0 && errno != EINTR) {
            return false;
        }
        if ((ends[1].revents & (POLLHUP | POLLERR)) != 0) {
            return false;
        }
        if ((ends[0].revents & (POLLIN | POLLHUP)) == 0) {
            continue;
        }
        ssize_t len = read(from, more, sizeof more);

        if (len == 0 || (len < 0 && errno != EINTR)) {
            return true;
        }
        for (ssize_t i = 0; i < len && answer->len < SAYS; i++) {
            answer->bytes[1 + answer->len++] = more[i];
        }
    }
}

static int
wait_for(pid_t child)
{
    int how = -1;

    while (waitpid(child, &how, 0) < 0 && errno == EINTR) {
    }
    return how;
}

static char
kind_of(int how)
{
    if (!WIFEXITED(how) || WEXITSTATUS(how) == EXIT_NOT_RUN) {
        return NOT_RUN;
    }
    return WEXITSTATUS(how) == EXIT_DONE ? GOOD : BAD;
}

/* Have a child read it, if there can be one.  False: the daemon has gone. */
static bool
have_read(const struct request *request, int daemon, struct answer *answer)
{
    int ends[2];

    if (request->key < 0 || pipe2(ends, O_CLOEXEC) != 0) {
        return true;
    }
    pid_t child = fork();

    if (child == 0) {
        become_reader(request, ends[1]);
    }
    (void)close(ends[1]);
    bool there = child < 0 || listen_to(ends[0], daemon, answer);

    (void)close(ends[0]);
    if (child < 0) {
        return true;
    }
    if (!there) {
        (void)kill(child, SIGTERM); /* it clears away what it has made */
    }
    answer->bytes[0] = kind_of(wait_for(child));
    return there;
}

/* One request; false: the daemon has gone. */
static bool
serve(const struct request *request, int daemon)
{
    struct answer answer = { .bytes = { NOT_RUN } };
    bool there = have_read(request, daemon, &answer);

    if (request->key >= 0) {
        (void)close(request->key);
    }
    return there &&
           send(daemon, answer.bytes, 1 + answer.len, MSG_NOSIGNAL) >= 0;
}

static void
be_warden(int fd, const struct confine_places *places)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct request request;
    int null = open("/dev/null", O_RDWR);

    /* It ends when the daemon does, and not before. */
    (void)sigaction(SIGTERM, &ignore, NULL);
    (void)sigaction(SIGINT, &ignore, NULL);
    (void)sigaction(SIGHUP, &ignore, NULL);
    (void)prctl(PR_SET_NAME, "vaultd-warden", 0, 0, 0);
    if (null >= 0) {
        (void)dup2(null, STDIN_FILENO);
    }
    (void)dup2(fd, KEY_FD);
    (void)close_range(KEY_FD + 1, ~0U, 0);
    (void)fcntl(KEY_FD, F_SETFD, FD_CLOEXEC);
    if (confine_warden(places) != VLT_OK) {
        _exit(EXIT_FAILED); /* the daemon is told when it asks */
    }
    while (take_request(KEY_FD, &request) && serve(&request, KEY_FD)) {
    }
    _exit(EXIT_DONE);
}

/* ---- in the daemon ---- */

enum vlt_status
warden_start(const struct confine_places *places, struct warden *out)
{
    int ends[2];

    *out = (struct warden){ .fd = -1 };
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        complain("run: no socket: %s", strerror(errno));
        return VLT_E_STORAGE;
    }
    out->pid = fork();
    if (out->pid == 0) {
        be_warden(ends[1], places);
    }
    (void)close(ends[1]);
    if (out->pid < 0) {
        complain("run: no process can be made: %s", strerror(errno));
        (void)close(ends[0]);
        return VLT_E_STORAGE;
    }
    out->fd = ends[0];
    return VLT_OK;
}

/* A pipe that holds the key: its end to read.  -1: none. */
static int
pipe_of_key(const struct vlt_secret *key)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -1;
    }
    ssize_t put = write(ends[1], vlt_secret_peek(key), vlt_secret_len(key));

    (void)close(ends[1]);
    if (put != (ssize_t)vlt_secret_len(key)) {
        (void)close(ends[0]);
        return -1;
    }
    return ends[0];
}

static bool
send_request(int fd, const char *path, int key)
{
    union control control = { .bytes = { 0 } };
    char copy[STORE_PATH_MAX + 1];
    size_t len = strlen(path) + 1;
    struct iovec part = { .iov_base = copy, .iov_len = len };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = control.bytes,
                              .msg_controllen = sizeof control.bytes };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    if (len > sizeof copy) {
        return false;
    }
    memcpy(copy, path, len);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &key, sizeof key);
    return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)len;
}

enum vlt_status
warden_verify(void *ctx, const char *path, const struct vlt_secret *key,
              struct vlt_buf *says, bool *good)
{
    const struct warden *warden = ctx;
    char answer[1 + SAYS];
    ssize_t len = 0;
    int from = pipe_of_key(key);

    if (from < 0) {
        return VLT_E_STORAGE;
    }
    bool sent = send_request(warden->fd, path, from);

    (void)close(from);
    while (sent && (len = recv(warden->fd, answer, sizeof answer, 0)) < 0 &&
           errno == EINTR) {
    }
    while (len > 1 && answer[len - 1] == '\n') {
        len--;
    }
    if (len > 1) {
        vlt_buf_put(says, answer + 1, (size_t)len - 1);
    }
    if (!sent || len < 1 || answer[0] == NOT_RUN) {
        log_error("main", "a backup could not be verified");
        return VLT_E_STORAGE;
    }
    *good = answer[0] == GOOD;
    return VLT_OK;
}

void
warden_cancel(struct warden *warden)
{
    if (warden->fd >= 0) {
        (void)shutdown(warden->fd, SHUT_RDWR);
    }
}

void
warden_stop(struct warden *warden)
{
    if (warden->fd < 0) {
        return;
    }
    (void)close(warden->fd);
    warden->fd = -1;
    (void)wait_for(warden->pid);
}
