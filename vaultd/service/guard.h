/*
 * guard: the only way to a transaction.
 *
 * Deciding, counting, logging and doing happen in one transaction, so nothing
 * is released that was not logged, and no revocation is raced.  Every call
 * with a `commit` step comes through guard_call(); every page of a firm's rows
 * through guard_page() (service/page_internal.h), which alone makes a release.
 *
 * Threads: the commit thread.
 */
#ifndef GUARD_H
#define GUARD_H

#include "audit/audit.h"
#include "base/status.h"
#include "consent/consent.h"
#include "exec/job.h"
#include "identity/identity.h"
#include "service/method.h"
#include "store/store.h"

/* One batch of jobs and its commit. */
struct turn;

/* The turn's effective time: max(wall clock, highest ever written).
 * VLT_E_LOCKED, VLT_E_STORAGE as guard_txn(). */
VLT_MUST_USE enum vlt_status guard_now(struct turn *turn, int64_t *out);

/*
 * The turn's transaction, begun at its first use: borrowed.
 * VLT_E_LOCKED   no keys
 * VLT_E_STORAGE  no space to reserve
 */
VLT_MUST_USE enum vlt_status guard_txn(struct turn *turn,
                                       struct store_txn **out);

/* The turn's transaction for the inbox: one without keys while there are none.
 * VLT_E_STORAGE as guard_txn(). */
VLT_MUST_USE enum vlt_status guard_keyless(struct turn *turn,
                                           struct store_txn **out);

struct service *guard_service(struct turn *turn);

/* The commit step of every call: who may, once only, do, log what is refused.
 */
enum vlt_status guard_call(struct job *job, struct turn *turn);

/* What an event concerns, beside its type and details. */
struct guard_event {
    enum audit_type type;
    const uint8_t *subject;  /* grant or request, 16 bytes; NULL: none */
    const struct firm *firm; /* NULL: none */
    bool of_grant;           /* count it in the grant's gapless seq */
    uint64_t seq; /* its number there if it has one already, else 0 */
    struct vlt_slice firm_detail;
    struct vlt_slice owner_detail;
};

/* Log it.  mark may be NULL. */
VLT_MUST_USE enum vlt_status guard_log(struct turn *turn,
                                       const struct guard_event *event,
                                       struct audit_mark *mark);

/* What this job put is not to be committed: so the turn, if it did, is not. */
void guard_undo(struct turn *turn);

/* Why a turn takes no rows, said of the call that brings them (NULL: none).
 * VLT_E_STORAGE: it takes none; as guard_txn(). */
VLT_MUST_USE enum vlt_status guard_rows(struct turn *turn, struct call *call);

/* By what a repetition of a call is known. */
struct guard_once {
    bool has; /* else it is not */
    uint8_t principal[VLT_ID_LEN];
    uint8_t idem[VLT_ID_LEN];
    uint8_t asked[16]; /* digest of method and parameters */
};

struct guard_once guard_once_of(const struct call *call);

/* Keep the first answer, one JSON value or nothing.
 * VLT_E_CONFLICT: there is one. */
VLT_MUST_USE enum vlt_status guard_once_keep(struct turn *turn,
                                             const struct guard_once *once,
                                             struct vlt_slice result);

/*
 * Carry out what consent changed: receipts, entries, and for the loop silence
 * and notifications, which go onto *after.  Frees the changes.
 */
VLT_MUST_USE enum vlt_status guard_carry(struct turn *turn,
                                         struct consent_changes *changes,
                                         struct after **after);

/* A notice to the owner's sessions, once the turn has committed. */
struct guard_notice {
    const char *kind;       /* of WIRE.md, 7 */
    const uint8_t *subject; /* 16 bytes; NULL: none */
    const char *says;
};
void guard_notice(struct turn *turn, struct after **list,
                  const struct guard_notice *notice);

/*
 * Do what has no transaction once this turn's has committed, so that the log
 * knows of it before it happens, and before anything of the turn is answered.
 * Only of a call with METHOD_ALONE.  VLT_E_UNKNOWN from it is the turn's; what
 * else it fails with it keeps for the call's own `done`.  When it has succeeded
 * the first answer to the call's idem is kept, and `!root` knows the keyring.
 */
void guard_then(struct turn *turn, struct call *call,
                enum vlt_status (*then)(struct call *call));

/* A firm as consent wants it, from identity.  Borrowed from firm. */
struct consent_firm guard_firm(const struct firm *firm);

/* The streams as consent wants them; the second from any thread. */
struct consent_world guard_world(struct turn *turn);
struct consent_world guard_world_of(struct service *service);

#endif
