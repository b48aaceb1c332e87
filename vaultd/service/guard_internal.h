/*
 * guard_internal: the turn, for the files that make guard.
 */
#ifndef GUARD_INTERNAL_H
#define GUARD_INTERNAL_H

#include "service/service_internal.h"

struct page;

struct turn {
    struct service *service;
    struct store_txn *txn; /* NULL until somebody needs it */
    int64_t now;           /* effective time, ns; 0 until there is a txn */
    int64_t running;       /* service_running(), then */
    int64_t sure;          /* service_sure(), then */
    uint64_t put;          /* records, by the jobs that ran */
    bool control;          /* half of the reserve will do */
    bool keyless;          /* the transaction is the inbox's alone */
    bool lock_after;       /* lock when this has committed */
    bool unlocks;          /* it is undone: lock again */
    bool anchors;          /* it holds what the anchor must know at once */
    bool hold_logged;      /* hold_clock_log() */
    unsigned hold_ends;   /* enum hold: the owner confirmed, with this commit */
    struct page *pages;   /* whose evidence is signed at the end */
    struct after *afters; /* what its jobs leave to the loop */
    struct call *then_of; /* whose `then` follows the commit; NULL: none's */
    enum vlt_status (*then)(struct call *call);
};

/* The first answer to the call's idem, if there was one: into its result, with
 * `repeated` set.  VLT_E_FORMAT: it was to another request. */
VLT_MUST_USE enum vlt_status guard_first_answer(struct turn *turn,
                                                struct call *call);

/* Keep the call's result as that. */
VLT_MUST_USE enum vlt_status guard_keep_answer(struct turn *turn,
                                               const struct call *call);

/* The entry of a use that was refused, in the firm's tree; why is for the
 * owner's. */
enum vlt_status guard_log_denied(struct turn *turn, const struct firm *firm,
                                 const char *method, const char *why);

#endif
