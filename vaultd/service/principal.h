/*
 * principal: who is asking, and how that was proved.
 *
 * A plain value, made by the door when a peer has proved itself and copied
 * into every job.  It says who a peer was when it proved itself; whether that
 * is still enough is decided anew by the guard, for every action.
 */
#ifndef PRINCIPAL_H
#define PRINCIPAL_H

#include "base/id.h"

enum role {
    ROLE_OWNER = 1 << 0,  /* the unix socket */
    ROLE_SOURCE = 1 << 1, /* may append to its own streams */
    ROLE_FIRM = 1 << 2,   /* may ask */
};

enum way {
    WAY_SOCKET, /* unix socket, by peer uid */
    WAY_KEY,    /* handshake over TLS */
    WAY_BEARER, /* a source's token over HTTP */
    WAY_MAC,    /* a message that its device signed (wire/envelope.h) */
    WAY_SEALED, /* one that its device sealed */
};

struct principal {
    enum role role;
    enum way way;
    uint8_t id[VLT_ID_LEN]; /* of the firm or source; zero for the owner */
    uint8_t key[32];        /* Ed25519 public key; zero without */
    uint8_t token[8];       /* public half of the token that a source had then;
                             * zero for others */
    uint64_t session;       /* of the connection; never used twice */
    uint8_t handshake[16];  /* its session id (WAY_KEY); zero without */
};

/*
 * Whom its jobs make wait (exec/job.h): a firm or source is one waiter over all
 * its sessions, so that none gets more turns by opening more of them; the
 * owner's sessions are one each.
 */
uint64_t principal_waiter(const struct principal *who);

/* The same of a firm or source by its id. */
uint64_t principal_waiter_of(const uint8_t id[VLT_ID_LEN]);

#endif
