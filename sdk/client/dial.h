/*
 * dial: from a path or a host to a connected descriptor, without waiting.
 *
 * A name is looked up by a helper thread, since getaddrinfo() blocks; what it
 * holds is its own, so a dial can be given up at any moment.  Each address is
 * tried in turn; one that never answers ends with its dial alone, and the next
 * dial begins behind it, by its turn.
 *
 * Threads: a dial belongs to one.
 */
#ifndef VLT_DIAL_H
#define VLT_DIAL_H

#include <netdb.h>

#include "base/status.h"

enum { VLT_DIAL_SAYS = 160 };

struct vlt_resolve;

/* A plain value that begins by vlt_dial_init(). */
struct vlt_dial {
    int fd;                      /* being connected; -1: none */
    struct vlt_resolve *resolve; /* under way; NULL: not */
    struct addrinfo *list;       /* what it found; owned */
    struct addrinfo *next;       /* to be tried next, if any are */
    unsigned left;               /* so many are, round the list */
    unsigned turn;               /* which of them is the first */
    char says[VLT_DIAL_SAYS];    /* why the last address failed */
};

void vlt_dial_init(struct vlt_dial *dial);

/* Begin; what was under way is given up.  VLT_E_NOT_FOUND: says tells why. */
VLT_MUST_USE enum vlt_status vlt_dial_socket(struct vlt_dial *dial,
                                             const char *path);
/* turn: how often it was dialled in vain before, so that each address is the
 * first in turn. */
VLT_MUST_USE enum vlt_status vlt_dial_host(struct vlt_dial *dial,
                                           const char *host, uint16_t port,
                                           unsigned turn);

/* The same where the addresses are known; takes list, for freeaddrinfo(). */
VLT_MUST_USE enum vlt_status
vlt_dial_list(struct vlt_dial *dial, struct addrinfo *list, unsigned turn);

/*
 * Go on.  *fd is connected, non-blocking, closed on exec, and the caller's.
 * VLT_E_BUSY: wait for vlt_dial_fd().  VLT_E_NOT_FOUND: no address answers,
 * and says tells why.
 */
VLT_MUST_USE enum vlt_status vlt_dial_step(struct vlt_dial *dial, int *fd);

/* What to poll, and for what. */
int vlt_dial_fd(const struct vlt_dial *dial);
short vlt_dial_events(const struct vlt_dial *dial);

/* Give up. */
void vlt_dial_end(struct vlt_dial *dial);

#endif
