#define _GNU_SOURCE

#include "client/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/client_internal.h"
#include "client/listener_internal.h"

enum {
    PIECE = 16384,
    ACCEPTS = 16, /* at a time */
};

void
vlt_guest_free(struct vlt_guest *guest)
{
    if (guest == NULL) {
        return;
    }
    if (guest->fd >= 0) {
        close(guest->fd);
    }
    vlt_tls_free(guest->tls);
    vlt_buf_free(&guest->plain);
    vlt_buf_free(&guest->out);
    free(guest);
}

/* ---- the clients that wait ---- */

void
vlt_listener_await(struct vault_client *client)
{
    struct vault_listener *listener = client->target.listener;

    client->next_awaiting = listener->awaiting;
    listener->awaiting = client;
}

/* So that whoever it is for looks: every client that waits is polled for the
 * same descriptor. */
static void
call_out(struct vault_listener *listener)
{
    uint64_t one = 1;
    uint64_t old;
    bool waits = false;

    for (struct vault_client *at = listener->awaiting; at != NULL;
         at = at->next_awaiting) {
        waits = waits || at->guest != NULL;
    }
    ssize_t done = waits ? write(listener->call, &one, sizeof one)
                         : read(listener->call, &old, sizeof old);

    (void)done; /* it is as it should be already */
}

void
vlt_listener_leave(struct vault_client *client)
{
    struct vault_listener *listener = client->target.listener;
    struct vault_client **at;

    if (listener == NULL) {
        return;
    }
    for (at = &listener->awaiting; *at != NULL && *at != client;
         at = &(*at)->next_awaiting) {
        continue;
    }
    if (*at != NULL) {
        *at = client->next_awaiting;
    }
    vlt_guest_free(client->guest);
    client->guest = NULL;
    call_out(listener);
}

void
vlt_listener_taken(struct vault_listener *listener)
{
    call_out(listener);
}

static struct vault_client *
who_awaits(const struct vault_listener *listener,
           const uint8_t rendezvous[VLT_RENDEZVOUS])
{
    for (struct vault_client *at = listener->awaiting; at != NULL;
         at = at->next_awaiting) {
        if (at->guest == NULL &&
            vlt_equal(at->target.rendezvous, rendezvous, VLT_RENDEZVOUS)) {
            return at;
        }
    }
    return NULL;
}

/* ---- guests ---- */

static void
drop(struct vault_listener *listener, struct vlt_guest *guest)
{
    struct vlt_guest **at = &listener->guests;

    while (*at != guest) {
        at = &(*at)->next;
    }
    *at = guest->next;
    listener->guest_count--;
    (void)epoll_ctl(listener->poll, EPOLL_CTL_DEL, guest->fd, NULL);
}

/* Bytes that came, through TLS.  False: it is gone, or makes no sense. */
static bool
receive(struct vlt_guest *guest)
{
    uint8_t piece[PIECE];
    ssize_t len = recv(guest->fd, piece, sizeof piece, 0);

    if (len < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    return len > 0 &&
           vlt_tls_feed(guest->tls, vlt_slice_of(piece, (size_t)len)) == VLT_OK;
}

/* Its bytes of TLS on their way.  A handshake is shorter than what a socket
 * takes at once, so what does not go is given up. */
static bool
flush(struct vlt_guest *guest)
{
    if (vlt_tls_take(guest->tls, &guest->out) != VLT_OK) {
        return false;
    }
    size_t len = guest->out.len;
    bool sent = len == 0 || send(guest->fd, guest->out.at, len, MSG_NOSIGNAL) ==
                                (ssize_t)len;

    vlt_buf_clear(&guest->out);
    return sent;
}

/* Go on.  VLT_E_BUSY: more bytes are wanted. */
static enum vlt_status
listen_to(struct vlt_guest *guest)
{
    if (!receive(guest)) {
        return VLT_E_FORMAT;
    }
    enum vlt_status st = vlt_tls_handshake(guest->tls);

    if (!flush(guest)) {
        return VLT_E_FORMAT;
    }
    if (st == VLT_OK) {
        st = vlt_tls_read(guest->tls, &guest->plain);
    }
    return st == VLT_OK
               ? vlt_knock_read(vlt_buf_slice(&guest->plain), &guest->knock)
               : st;
}

/* True: it stays among the guests. */
static bool
serve(struct vault_listener *listener, struct vlt_guest *guest, int64_t now)
{
    enum vlt_status st = listen_to(guest);

    if (st == VLT_E_BUSY) {
        return now < guest->deadline_ms;
    }
    if (st != VLT_OK) {
        return false;
    }
    struct vault_client *client = who_awaits(listener, guest->knock.rendezvous);

    if (client == NULL) {
        return false; /* nobody's, or a second call: it dials again */
    }
    drop(listener, guest);
    client->guest = guest;
    call_out(listener);
    return true;
}

static void
welcome(struct vault_listener *listener, int fd, int64_t now)
{
    struct epoll_event event = { .events = EPOLLIN };
    struct vlt_guest *guest = listener->guest_count < LISTENER_GUESTS
                                  ? calloc(1, sizeof *guest)
                                  : NULL;
    int on = 1;

    if (guest == NULL ||
        vlt_tls_accept(listener->host, &guest->tls) != VLT_OK ||
        epoll_ctl(listener->poll, EPOLL_CTL_ADD, fd, &event) != 0) {
        if (guest != NULL) {
            vlt_tls_free(guest->tls);
        }
        free(guest);
        close(fd);
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    vlt_buf_init(&guest->plain, VLT_LIMIT_BEFORE_READY);
    guest->fd = fd;
    guest->deadline_ms = now + 2 * VLT_LIMIT_STEP_MS; /* TLS, and the head */
    guest->next = listener->guests;
    listener->guests = guest;
    listener->guest_count++;
}

void
vlt_listener_step(struct vault_listener *listener)
{
    int64_t now = vlt_client_now_ms();
    struct vlt_guest *next;

    for (int i = 0; i < ACCEPTS; i++) {
        int fd =
            accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            break;
        }
        welcome(listener, fd, now);
    }
    for (struct vlt_guest *at = listener->guests; at != NULL; at = next) {
        next = at->next;
        if (!serve(listener, at, now)) {
            drop(listener, at);
            vlt_guest_free(at);
        }
    }
}

int
vlt_listener_fd(const struct vault_listener *listener)
{
    return listener->poll;
}

int64_t
vlt_listener_due(const struct vault_listener *listener)
{
    int64_t due = INT64_MAX;

    for (const struct vlt_guest *at = listener->guests; at != NULL;
         at = at->next) {
        due = at->deadline_ms < due ? at->deadline_ms : due;
    }
    return due;
}
