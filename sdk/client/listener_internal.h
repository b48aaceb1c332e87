/*
 * listener_internal: what a listener holds, for listener.c, which serves it,
 * and listen.c, which makes it.
 */
#ifndef VLT_LISTENER_INTERNAL_H
#define VLT_LISTENER_INTERNAL_H

#include "client/listener.h"

enum { LISTENER_PLACE = 64 };

struct vault_listener {
    int fd;   /* listens */
    int poll; /* epoll: of fd, call, and all guests */
    int call; /* eventfd: readable while a client has a guest to take */
    struct vlt_tls_host *host;
    struct vlt_guest *guests; /* owned */
    size_t guest_count;
    struct vault_client *awaiting; /* borrowed */
    char place[LISTENER_PLACE];
};

#endif
