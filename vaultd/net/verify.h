/*
 * verify: how many signatures of strangers are checked.
 *
 * A check costs the vault about as much as its making costs the stranger, so
 * it is rationed: so many a second in all and by address, and each wrong one
 * doubles the time that its address has to wait, 1 s to 10 min.  A ration is a
 * bucket of four seconds' worth, so that a reconnect storm behind one address
 * gets through.  Addresses from which somebody was let in within a day have a
 * quarter as much again to themselves, so that a flood of wrong signatures from
 * everywhere does not keep out who has been here before.
 *
 * Addresses are kept in a table of fixed size; of those that share a corner of
 * it the one that has been quiet longest is forgotten.
 *
 * Pure but for its counters; times are values.  Threads: one.
 */
#ifndef VERIFY_H
#define VERIFY_H

#include "gate.h"

struct verify;

struct verify_limits {
    unsigned total;       /* a second; at least 1 */
    unsigned per_address; /* a second; at least 1 */
    uint64_t seed;        /* random: places in the table are nobody's guess */
};

/* The caller owns *out and frees it with verify_free().  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status verify_new(const struct verify_limits *limits,
                                        struct verify **out);
/* NULL is allowed. */
void verify_free(struct verify *verify);

/* May a signature of this address be checked now?  If so it is counted.
 * now_ms never goes back. */
bool verify_allowed(struct verify *verify, const struct gate_address *address,
                    int64_t now_ms);

/* Whoever comes from there was let in. */
void verify_good(struct verify *verify, const struct gate_address *address,
                 int64_t now_ms);

/* Its signature was wrong. */
void verify_wrong(struct verify *verify, const struct gate_address *address,
                  int64_t now_ms);

#endif
