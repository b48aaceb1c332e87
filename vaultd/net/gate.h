/*
 * gate: who is let in at accept, before a byte is read.
 *
 * A stranger is a connection that has not proved who it is.  Strangers are
 * limited in all and by address (IPv4 /32, IPv6 /64); from a quarter of their
 * limit on some are dropped by chance, 30 % rising to all of them, so that a
 * flood cannot hold every place (security.md, 2).  The owner's socket proves
 * its peer at accept: no stranger, and it has a few places of its own above the
 * total.
 *
 * Addresses on loopback are counted like any other; the HTTP listener, where
 * every local program has the same one, passes no address.
 *
 * Pure but for its counters.  Threads: one.
 */
#ifndef GATE_H
#define GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct sockaddr_storage;
struct gate;

enum {
    GATE_OWNER_PLACES = 8, /* above the total, for the owner's socket only */
};

/* What of an address counts; all zero: it is not looked at. */
struct gate_address {
    uint8_t family; /* 4 or 6; 0: none */
    uint8_t at[8];  /* IPv4 in the first 4 bytes; the first 8 of IPv6 */
};

struct gate_limits {
    unsigned total;       /* connections, strangers or not */
    unsigned strangers;   /* at least 1 */
    unsigned per_address; /* strangers of one address; at least 1 */
};

enum gate_kind {
    GATE_OWNER,    /* proved at accept */
    GATE_STRANGER, /* has still to prove itself */
};

enum gate_verdict {
    GATE_IN,
    GATE_FULL,      /* connections in all */
    GATE_STRANGERS, /* strangers in all */
    GATE_ADDRESS,   /* strangers of this address */
    GATE_EARLY,     /* dropped by chance */
    GATE_VERDICTS,
};

/* The caller owns *out and frees it with gate_free().  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status gate_new(const struct gate_limits *limits,
                                      struct gate **out);
/* NULL is allowed. */
void gate_free(struct gate *gate);

/* What counts of a peer's address; IPv4 mapped into IPv6 counts as IPv4. */
struct gate_address gate_address_of(const struct sockaddr_storage *peer);

/* May one more come in?  dice is a random number of 0 to 99.  On GATE_IN it is
 * counted until gate_leave(). */
enum gate_verdict gate_enter(struct gate *gate, enum gate_kind kind,
                             const struct gate_address *address, unsigned dice);

/* A stranger has proved who it is: it counts in the total only. */
void gate_known(struct gate *gate, const struct gate_address *address);

/* One is gone.  stranger: it had come in as one and gate_known() was not
 * called for it. */
void gate_leave(struct gate *gate, bool stranger,
                const struct gate_address *address);

/* Chance in percent that a stranger is dropped when so many are inside. */
unsigned gate_early_percent(unsigned inside, unsigned limit);

#endif
