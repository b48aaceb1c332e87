/*
 * lifecycle: what becomes of a grant between its birth and its end, by the
 * owner: suspended and resumed, narrowed, renewed, and streams that come late
 * (LANGUAGE.md, 3; WIRE.md, 6.6).
 *
 * As in consent.h, a call adds what it changed to *changes, and the caller
 * carries that out in the same turn.  VLT_E_CONFLICT and VLT_E_FORMAT say why,
 * for the owner, where there is a `why`.
 *
 * Threads: the commit thread.
 */
#ifndef CONSENT_LIFECYCLE_H
#define CONSENT_LIFECYCLE_H

#include "consent/consent.h"

/* A grant and the turn's time; sure: the wall clock, or 0 where that is doubted
 * (grant.h). */
struct consent_at {
    uint8_t grant[VLT_ID_LEN];
    int64_t now;
    int64_t sure;
};

/* Suspend (row 18): nothing is given until it is resumed.
 * VLT_E_NOT_FOUND; VLT_E_CONFLICT: it is not active. */
VLT_MUST_USE enum vlt_status consent_suspend(struct consent *consent,
                                             struct store_txn *txn,
                                             const struct consent_at *at,
                                             struct consent_changes *changes);

/*
 * The same from a time on, or until one, or both, each in the time to come; and
 * hidden, of which the firm is told nothing: it is answered, without the rows
 * of that time.  What begins later takes the place of what was to; of a grant
 * that is suspended until a time, or hidden, the end is set anew, or the firm
 * told: nothing is let out by it.
 * VLT_E_NOT_FOUND; VLT_E_CONFLICT: it is over by then, or suspended in another
 * way.
 */
struct consent_pause {
    int64_t from;  /* ns; 0: now */
    int64_t until; /* ns; 0: until it is resumed */
    bool hidden;
};
VLT_MUST_USE enum vlt_status consent_pause(struct consent *consent,
                                           struct store_txn *txn,
                                           const struct consent_at *at,
                                           const struct consent_pause *pause,
                                           struct consent_changes *changes);

/* Suspensions that have begun or ended by themselves (rows 18 and 22, by the
 * clock): write them down, CONSENT_CLOCK_ROWS at most.  at->grant is not looked
 * at.  Every decision compares these times itself. */
VLT_MUST_USE enum vlt_status consent_pauses(struct consent *consent,
                                            struct store_txn *txn,
                                            const struct consent_at *at,
                                            struct consent_changes *changes);

/* Is there any?  Any thread. */
bool consent_pauses_due(struct consent *consent, int64_t now, int64_t sure);

/*
 * Resume (row 22), or have it not suspended later on.  What was stored for the
 * time since it was suspended is withheld for ever, unless release_gap.  One
 * that a rule suspended counts as approved by hand from now on, since the owner
 * has said yes to it. VLT_E_NOT_FOUND; VLT_E_CONFLICT: it is not suspended, nor
 * to be.
 */
VLT_MUST_USE enum vlt_status consent_resume(struct consent *consent,
                                            struct store_txn *txn,
                                            const struct consent_at *at,
                                            bool release_gap,
                                            struct consent_changes *changes);

/*
 * Narrow (row 23): the terms get a new version.  A number of uses is in all,
 * those that were taken among them.
 * VLT_E_NOT_FOUND; VLT_E_CONFLICT: it is over, it would widen, or nothing would
 * be left of it; VLT_E_FORMAT: a limit that cannot be set so.
 */
struct consent_narrowing {
    struct consent_at at;
    const struct consent_narrow *narrow;
    const struct consent_world *world;
};
VLT_MUST_USE enum vlt_status
consent_narrow(struct consent *consent, struct store_txn *txn,
               const struct consent_narrowing *narrowing, struct vlt_buf *why,
               struct consent_changes *changes);

/*
 * Renew (row 31): a new grant on the same terms, from now on for as long as the
 * first one was for; that is replaced.  Not before CONSENT_RENEW_DAYS of its
 * end.  Uses begin anew; what a rate has seen, and gaps, go over.  The
 * successor of one that is suspended is suspended as it was, until it is
 * resumed. VLT_E_NOT_FOUND; VLT_E_CONFLICT: it is over, too early, or a deny
 * rule forbids it.
 */
enum { CONSENT_RENEW_DAYS = 14 };
struct consent_renewal {
    struct consent_at at;
    const struct consent_firm *firm;
};
VLT_MUST_USE enum vlt_status
consent_renew(struct consent *consent, struct store_txn *txn,
              const struct consent_renewal *renewal, struct vlt_buf *why,
              struct consent_changes *changes);

/* Give a stream that waits (row 24).  VLT_E_NOT_FOUND: no such grant;
 * VLT_E_CONFLICT: it is over, or no such stream waits, or as many are bound as
 * may be. */
VLT_MUST_USE enum vlt_status consent_admit(struct consent *consent,
                                           struct store_txn *txn,
                                           const struct consent_at *at,
                                           const uint8_t stream[VLT_ID_LEN],
                                           struct consent_changes *changes);

/*
 * A stream has appeared.  Grants in force of its category give it from now on
 * where they were born with new_streams: include (row 24, by the vault), unless
 * a rule holds it; in others it waits for the owner.  *held is how many those
 * are.
 */
struct consent_arrival {
    const struct consent_stream *stream;
    const struct consent_facts *facts;
    int64_t now;
};
VLT_MUST_USE enum vlt_status
consent_stream_new(struct consent *consent, struct store_txn *txn,
                   const struct consent_arrival *arrival, size_t *held,
                   struct consent_changes *changes);

struct consent_losing {
    consent_grant_fn *fn;
    void *ctx;
};

/*
 * A stream has another category from now on.  Grants in force of which no item
 * covers it any more lose it, and fn is told of those that gave it; of those
 * that cover it now it becomes part as a new one would.  Errors as there.
 */
VLT_MUST_USE enum vlt_status
consent_stream_moved(struct consent *consent, struct store_txn *txn,
                     const struct consent_arrival *arrival,
                     const struct consent_losing *lose, size_t *held,
                     struct consent_changes *changes);

/* What the owner denied to the firm may be asked for again (builtin.quiet): the
 * owner confirmed it anew. */
VLT_MUST_USE enum vlt_status consent_lift_quiet(struct consent *consent,
                                                struct store_txn *txn,
                                                const uint8_t firm[VLT_ID_LEN]);

#endif
