/*
 * gate: who is let in at accept, before a byte is read.
 *
 * A stranger is a connection that has not proved who it is.  Strangers are
 * limited in all and by address (IPv4 /32, IPv6 /64).  When all their places,
 * or all of an address, are taken it is not the newcomer who is refused, since
 * those who hold the places need not do anything: one of the address makes
 * room, or one of the address that holds the most.  Requests on loopback HTTP
 * never prove who they are; they have places of their own, so that idle ones
 * shut nobody out of the TLS door; those of plain HTTP on the network are
 * strangers as others there are.  The owner's socket proves its peer at accept:
 * no stranger, and it has a few places of its own above the total.
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
    unsigned strangers;   /* of TLS, and as many of HTTP; at least 1 */
    unsigned per_address; /* strangers of one address; at least 1 */
};

enum gate_kind {
    GATE_OWNER,    /* proved at accept */
    GATE_STRANGER, /* has still to prove itself */
    GATE_LOCAL,    /* a request on loopback: a stranger all its time */
    GATE_KNOWN,    /* was a stranger, until gate_known() */
};

enum gate_verdict {
    GATE_IN,
    GATE_FULL,    /* connections in all */
    GATE_CROWDED, /* strangers of its kind in all: one may make room */
    GATE_ADDRESS, /* strangers of this address: likewise one of them */
    GATE_VERDICTS,
};

/* The caller owns *out and frees it with gate_free().  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status gate_new(const struct gate_limits *limits,
                                      struct gate **out);
/* NULL is allowed. */
void gate_free(struct gate *gate);

/* Do they count as one? */
bool gate_same(const struct gate_address *a, const struct gate_address *b);

/* What counts of a peer's address; IPv4 mapped into IPv6 counts as IPv4. */
struct gate_address gate_address_of(const struct sockaddr_storage *peer);

/* May one more come in?  On GATE_IN it is counted until gate_leave(). */
enum gate_verdict gate_enter(struct gate *gate, enum gate_kind kind,
                             const struct gate_address *address);

/* How many places the strangers of one address hold, at most: one of an address
 * that holds so many is to make room.  0 where addresses are not looked at. */
unsigned gate_most(const struct gate *gate, enum gate_kind kind);

/* How many those of this address hold; likewise 0. */
unsigned gate_held(const struct gate *gate, enum gate_kind kind,
                   const struct gate_address *address);

/* A stranger has proved who it is: it is of kind GATE_KNOWN from now on, and
 * counts in the total only. */
void gate_known(struct gate *gate, enum gate_kind kind,
                const struct gate_address *address);

/* One is gone that was of this kind in the end. */
void gate_leave(struct gate *gate, enum gate_kind kind,
                const struct gate_address *address);

#endif
