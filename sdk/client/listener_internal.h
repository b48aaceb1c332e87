/*
 * listener_internal: what a listener holds, for listener.c, which serves its
 * guests, listener_await.c, which leads them to clients, and listen.c, which
 * makes it.
 */
#ifndef VLT_LISTENER_INTERNAL_H
#define VLT_LISTENER_INTERNAL_H

#include "client/listener.h"

enum { LISTENER_PLACE = 64 };

struct vault_listener {
    int fd;   /* listens */
    int poll; /* epoll: of fd, and all guests */
    struct vlt_tls_host *host;
    struct vlt_guest *guests; /* owned */
    size_t guest_count;
    struct vault_client *awaiting; /* borrowed; the first leads */
    char place[LISTENER_PLACE];
};

/* Who awaits a guest of this rendezvous, and has none; NULL. */
struct vault_client *vlt_listener_who(const struct vault_listener *listener,
                                      const uint8_t rendezvous[VLT_RENDEZVOUS]);

/* Takes guest: it waits for the client's next step. */
void vlt_listener_give(struct vault_client *client, struct vlt_guest *guest);

/* Turn away those that were not taken. */
void vlt_listener_expire(struct vault_listener *listener, int64_t now);

#endif
