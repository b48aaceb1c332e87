#include "client/dial.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "client/resolve.h"

void
vlt_dial_init(struct vlt_dial *dial)
{
    *dial = (struct vlt_dial){ .fd = -1 };
}

void
vlt_dial_end(struct vlt_dial *dial)
{
    if (dial->fd >= 0) {
        close(dial->fd);
        dial->fd = -1;
    }
    vlt_resolve_end(dial->resolve);
    dial->resolve = NULL;
    if (dial->list != NULL) {
        freeaddrinfo(dial->list);
    }
    dial->list = NULL;
    dial->next = NULL;
    dial->left = 0;
}

static void
say(struct vlt_dial *dial, const char *what, int error)
{
    char text[96];

    if (strerror_r(error, text, sizeof text) != 0) {
        snprintf(text, sizeof text, "error %d", error);
    }
    snprintf(dial->says, sizeof dial->says, "%s: %s", what, text);
}

/* Open a socket and begin to connect it. */
static enum vlt_status
begin(struct vlt_dial *dial, int family, const struct sockaddr *at,
      socklen_t len)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0) {
        say(dial, "no socket", errno);
        return VLT_E_NOT_FOUND;
    }
    if (family != AF_UNIX) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    if (connect(fd, at, len) != 0 && errno != EINPROGRESS && errno != EINTR) {
        say(dial, "cannot connect", errno);
        close(fd);
        return VLT_E_NOT_FOUND;
    }
    dial->fd = fd;
    return VLT_OK;
}

enum vlt_status
vlt_dial_socket(struct vlt_dial *dial, const char *path)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    size_t len = strlen(path);

    vlt_dial_end(dial);
    if (len == 0 || len >= sizeof at.sun_path) {
        snprintf(dial->says, sizeof dial->says,
                 "the socket's path is empty or over %zu bytes",
                 sizeof at.sun_path - 1);
        return VLT_E_NOT_FOUND;
    }
    memcpy(at.sun_path, path, len);
    return begin(dial, AF_UNIX, (const struct sockaddr *)&at, sizeof at);
}

enum vlt_status
vlt_dial_host(struct vlt_dial *dial, const char *host, uint16_t port,
              unsigned turn)
{
    vlt_dial_end(dial);
    dial->turn = turn;
    enum vlt_status st = vlt_resolve_new(host, port, &dial->resolve);

    if (st != VLT_OK) {
        snprintf(dial->says, sizeof dial->says, "no thread to look up %.60s",
                 host);
        return VLT_E_NOT_FOUND;
    }
    return VLT_OK;
}

/* Try addresses until one does not fail at once. */
static enum vlt_status
begin_next(struct vlt_dial *dial)
{
    while (dial->left > 0) {
        struct addrinfo *at = dial->next;

        dial->next = at->ai_next != NULL ? at->ai_next : dial->list;
        dial->left--;
        if (begin(dial, at->ai_family, at->ai_addr, at->ai_addrlen) == VLT_OK) {
            return VLT_OK;
        }
    }
    return VLT_E_NOT_FOUND;
}

/* Begin with the one whose turn it is. */
static enum vlt_status
begin_list(struct vlt_dial *dial)
{
    dial->left = 0;
    for (struct addrinfo *at = dial->list; at != NULL; at = at->ai_next) {
        dial->left++;
    }
    dial->next = dial->list;
    for (unsigned i = 0; dial->left > 0 && i < dial->turn % dial->left; i++) {
        dial->next = dial->next->ai_next;
    }
    return begin_next(dial);
}

enum vlt_status
vlt_dial_list(struct vlt_dial *dial, struct addrinfo *list, unsigned turn)
{
    vlt_dial_end(dial);
    dial->list = list;
    dial->turn = turn;
    return begin_list(dial);
}

static enum vlt_status
take_addresses(struct vlt_dial *dial)
{
    int error = 0;

    if (!vlt_resolve_done(dial->resolve, &error, &dial->list)) {
        return VLT_E_BUSY;
    }
    vlt_resolve_end(dial->resolve);
    dial->resolve = NULL;
    if (error != 0) {
        snprintf(dial->says, sizeof dial->says, "the host has no address: %s",
                 gai_strerror(error));
        return VLT_E_NOT_FOUND;
    }
    return begin_list(dial);
}

enum vlt_status
vlt_dial_step(struct vlt_dial *dial, int *fd)
{
    if (dial->resolve != NULL) {
        enum vlt_status st = take_addresses(dial);

        if (st != VLT_OK) {
            return st;
        }
    }
    while (dial->fd >= 0) {
        struct pollfd at = { .fd = dial->fd, .events = POLLOUT };
        int error = 0;
        socklen_t len = sizeof error;

        if (poll(&at, 1, 0) <= 0) {
            return VLT_E_BUSY;
        }
        if (getsockopt(dial->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0) {
            error = errno;
        }
        if (error == 0) {
            *fd = dial->fd;
            dial->fd = -1;
            vlt_dial_end(dial);
            return VLT_OK;
        }
        say(dial, "cannot connect", error);
        close(dial->fd);
        dial->fd = -1;
        if (begin_next(dial) != VLT_OK) {
            return VLT_E_NOT_FOUND;
        }
    }
    return VLT_E_NOT_FOUND;
}

int
vlt_dial_fd(const struct vlt_dial *dial)
{
    return dial->resolve != NULL ? vlt_resolve_fd(dial->resolve) : dial->fd;
}

short
vlt_dial_events(const struct vlt_dial *dial)
{
    return dial->resolve != NULL ? POLLIN : POLLOUT;
}
