/*
 * intake_internal: what the files of intake share.
 */
#ifndef INTAKE_INTERNAL_H
#define INTAKE_INTERNAL_H

#include "service/guard_internal.h"
#include "service/intake.h"
#include "store/inbox.h"

/* The loop's. */
struct intake {
    bool known;    /* the gate is that of this lock */
    uint64_t lock; /* how often the vault was locked: which gate it is */
    struct store_gate gate; /* who may come in; none while unlocked */
    /* Bytes, in the gate's order: of each by its token, and of what only says
     * that it is of its device; and of all such.  Nobody can tell what was in
     * the inbox already: it counts to the last. */
    uint64_t taken[STORE_GATE_MAX];
    uint64_t unproved[STORE_GATE_MAX];
    uint64_t unproved_all;
    bool draining;    /* a job is under way */
    int64_t due;      /* boot time, ns: to drain on; INT64_MAX */
    uint64_t next;    /* number to look from */
    uint64_t stored;  /* entries, since this drain began */
    uint64_t refused; /* that are nobody's, or damaged */
    uint64_t missing; /* numbers that were not there */
    bool waits;       /* an entry cannot be stored: it was said */
};

/* What a body takes of the inbox. */
struct intake_charge {
    size_t source; /* at the gate */
    bool proved;   /* by its token */
    uint64_t bytes;
    uint64_t lock; /* whose gate that is; set by intake_charge() */
};

/* May the source bring so much more?  Then it is counted to it. */
bool intake_charge(struct intake *intake, struct intake_charge *charge);

/* It did not get in, and is not counted.  When the vault was unlocked and
 * locked since, nothing is: all is counted anew then, and the place at the gate
 * may be another's. */
void intake_give_back(struct intake *intake,
                      const struct intake_charge *charge);

struct http_claim; /* service/http_internal.h */

/* The source at the gate that a claim says it is of, or STORE_GATE_MAX.  A
 * token proves it; what a device signed or sealed is proved when it is drained,
 * since its key is not there while the vault is locked. */
size_t intake_find(const struct intake *intake, const struct http_claim *claim);

#endif
