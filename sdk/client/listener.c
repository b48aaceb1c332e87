#define _GNU_SOURCE

#include "client/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
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
    struct vault_client *client =
        vlt_listener_who(listener, guest->knock.rendezvous);

    if (client == NULL) {
        return false; /* nobody's, or a second call: it dials again */
    }
    drop(listener, guest);
    guest->deadline_ms = now + VLT_LIMIT_STEP_MS; /* to be taken */
    vlt_listener_give(client, guest);
    return true;
}

/* Where it comes from: an IPv4 address, or the /64 of one of IPv6. */
static void
note_host(struct vlt_guest *guest, const struct sockaddr_storage *from)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    memcpy(&in, from, sizeof in);
    memcpy(&in6, from, sizeof in6);
    if (from->ss_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
        memcpy(guest->host, &in6.sin6_addr, sizeof guest->host);
    } else if (from->ss_family == AF_INET6) {
        memcpy(guest->host, (const uint8_t *)&in6.sin6_addr + 12, 4);
    } else {
        memcpy(guest->host, &in.sin_addr, 4);
    }
}

/* Guests of this one's host; *oldest is that of them which came first. */
static size_t
count_of_host(struct vault_listener *listener, const struct vlt_guest *guest,
              struct vlt_guest **oldest)
{
    size_t count = 0;

    /* The newest stand first. */
    for (struct vlt_guest *at = listener->guests; at != NULL; at = at->next) {
        if (memcmp(at->host, guest->host, sizeof at->host) == 0) {
            count++;
            *oldest = at;
        }
    }
    return count;
}

/* One host must not keep the others out: over its share its own oldest guest
 * goes, and where there is no room at all, the oldest of the host that has
 * most. */
static void
make_room(struct vault_listener *listener, const struct vlt_guest *guest)
{
    struct vlt_guest *goes = NULL;
    size_t most = 0;

    if (count_of_host(listener, guest, &goes) < LISTENER_HOST) {
        goes = NULL;
    }
    if (goes == NULL && listener->guest_count == LISTENER_GUESTS) {
        for (struct vlt_guest *at = listener->guests; at != NULL;
             at = at->next) {
            struct vlt_guest *oldest = NULL;
            size_t count = count_of_host(listener, at, &oldest);

            if (count > most) {
                most = count;
                goes = oldest;
            }
        }
    }
    if (goes != NULL) {
        drop(listener, goes);
        vlt_guest_free(goes);
    }
}

static void
welcome(struct vault_listener *listener, int fd,
        const struct sockaddr_storage *from, int64_t now)
{
    struct epoll_event event = { .events = EPOLLIN };
    struct vlt_guest *guest = calloc(1, sizeof *guest);
    int on = 1;

    if (guest == NULL) {
        close(fd);
        return;
    }
    vlt_buf_init(&guest->plain, VLT_LIMIT_BEFORE_READY);
    guest->fd = fd;
    guest->deadline_ms = now + 2 * VLT_LIMIT_STEP_MS; /* TLS, and the head */
    note_host(guest, from);
    make_room(listener, guest);
    if (vlt_tls_accept(listener->host, &guest->tls) != VLT_OK ||
        epoll_ctl(listener->poll, EPOLL_CTL_ADD, fd, &event) != 0) {
        vlt_guest_free(guest);
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
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
        struct sockaddr_storage from = { 0 };
        socklen_t len = sizeof from;
        int fd = accept4(listener->fd, (struct sockaddr *)&from, &len,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            break;
        }
        welcome(listener, fd, &from, now);
    }
    for (struct vlt_guest *at = listener->guests; at != NULL; at = next) {
        next = at->next;
        if (!serve(listener, at, now)) {
            drop(listener, at);
            vlt_guest_free(at);
        }
    }
    vlt_listener_expire(listener, now);
}
