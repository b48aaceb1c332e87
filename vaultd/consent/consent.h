/*
 * consent: requests, decisions, grants, their counters, and the policy set in
 * force (LANGUAGE.md, 3).
 *
 * It decides and keeps; it releases nothing, logs nothing but that there was no
 * memory for a decision (which is a no then), signs nothing and
 * reads no stream: the service brings the facts in and carries every change out
 * (audit entry, receipt, notification, silence).  What a call changed comes
 * back as a list of struct consent_change, one for each row of the
 * lifecycle that was taken; the caller must carry out all of them in the same
 * turn.
 *
 * Time comes in with the question: `now` is always the turn's effective time.
 *
 * Threads: functions with a txn, and turn_end, on the commit thread; the rest
 * on any.  Grants are counted values that never change: a change makes a new
 * one, found by others from the commit on.
 */
#ifndef CONSENT_H
#define CONSENT_H

#include "base/buf.h"
#include "base/status.h"
#include "consent/change.h"
#include "consent/grant.h"
#include "text/policy_text.h"

struct consent;
struct store;
struct store_txn;
struct store_view;
struct terms_fault;

enum {
    CONSENT_GRANTS_FIRM = 64, /* active or suspended */
    CONSENT_GRANTS = 10000,   /* likewise, in all */
    CONSENT_PENDING_FIRM = 8, /* requests */
    CONSENT_PENDING = 64,
    CONSENT_REQUESTS_DAY = 20, /* of a firm in 24 h */
    CONSENT_REASON = 140 * 4,  /* bytes of the owner's reason */
    CONSENT_UNUSED_DAYS = 60,  /* then a grant is suspended */
    CONSENT_AGREED_DAYS = 7, /* then one whose agreement is not recorded ends */
};

/* ---- facts that the service brings ---- */

/* The firm that asks, as identity knows it. */
struct consent_firm {
    uint8_t id[VLT_ID_LEN]; /* principal */
    uint8_t key[32];
    uint8_t vf1[POLICY_FIRM_LEN]; /* its id, by which rules name it */
    uint8_t kid[8];               /* its records are sealed under this */
    const char *name;
    bool confirmed;
    bool blocked;   /* or forgotten */
    bool forgotten; /* says which of the two */
};

/* One stream, as binding needs it. */
struct consent_stream {
    uint8_t id[VLT_ID_LEN];
    struct vlt_slice name;
    int category; /* of the vocabulary; VOCAB_NONE: unsorted or never */
};

/* All streams, in name order.  fn returns false to end. */
typedef bool consent_stream_fn(void *ctx, const struct consent_stream *stream);
struct consent_world {
    void *ctx;
    void (*each)(void *ctx, consent_stream_fn *fn, void *fn_ctx);
};

/* ---- making ---- */

VLT_MUST_USE enum vlt_status consent_new(struct store *store,
                                         struct consent **out);
void consent_free(struct consent *consent); /* NULL is allowed */
VLT_MUST_USE enum vlt_status consent_load(struct consent *consent,
                                          const struct store_view *view);
void consent_clear(struct consent *consent);

/* The turn has ended: publish what it changed (the epoch before anything), or
 * forget it. */
void consent_turn_end(struct consent *consent, bool committed);

/* The consent epoch, committed; an atomic, any thread. */
uint64_t consent_epoch(const struct consent *consent);

/* The epoch as the turn under way will leave it (commit thread). */
uint64_t consent_epoch_now(const struct consent *consent);

/* Count it up in this turn, for changes that are not consent's own (a firm, a
 * stream's name or category). */
VLT_MUST_USE enum vlt_status consent_moved(struct consent *consent,
                                           struct store_txn *txn);

/*
 * The service tells what it made of a change, in the same turn: the seq and
 * payload hash of a grant's receipt, and the signed bytes, which are kept.
 * Receipts of refused parts are kept under the request.
 */
struct consent_receipt {
    const uint8_t *grant; /* NULL: of a refused part */
    const uint8_t *request;
    int part;
    uint64_t seq;
    uint8_t sha256[32];
    uint64_t log_index; /* of its entry in the firm's tree */
    struct vlt_slice jws;
    int64_t time;
};
VLT_MUST_USE enum vlt_status
consent_receipt_put(struct consent *consent, struct store_txn *txn,
                    const struct consent_receipt *receipt);

/* A receipt of a grant: the JWS and the countersignature (may be empty) are
 * appended.  VLT_E_NOT_FOUND. */
VLT_MUST_USE enum vlt_status
consent_receipt_get(struct consent *consent, const struct store_view *view,
                    const uint8_t grant[VLT_ID_LEN], uint64_t seq,
                    struct vlt_buf *jws, struct vlt_buf *countersignature,
                    uint64_t *log_index);

/* The receipt of a part that was refused or lapsed.  VLT_E_NOT_FOUND. */
VLT_MUST_USE enum vlt_status
consent_refusal_get(struct consent *consent, const struct store_view *view,
                    const uint8_t request[VLT_ID_LEN], int part,
                    struct vlt_buf *jws, uint64_t *log_index);

/* The next number of a grant's audit entries: gapless; counts in this turn. */
VLT_MUST_USE enum vlt_status consent_event_seq(struct consent *consent,
                                               struct store_txn *txn,
                                               const uint8_t grant[VLT_ID_LEN],
                                               uint64_t *out);

/* ---- requests ---- */

/*
 * Take a request whose signature, session and schema hold (row 2, 3 or 4 for
 * each part).  Binding looks at the world.
 * VLT_E_QUOTA     too many pending or in 24 h, or too many grants;
 *                 *retry_ms says how long
 * VLT_E_CONFLICT  the id is known with other bytes
 * VLT_E_NOT_FOUND is never returned; the same id with the same bytes is VLT_OK
 *                 with no change
 */
struct consent_submission {
    const struct consent_firm *firm;
    const struct terms_request *request; /* borrowed for the call */
    struct vlt_slice jws;                /* its bytes as signed */
    const struct consent_world *world;
    int64_t now;
};
VLT_MUST_USE enum vlt_status
consent_submit(struct consent *consent, struct store_txn *txn,
               const struct consent_submission *submission,
               struct consent_changes *changes, int64_t *retry_ms);

/*
 * May it come now, where it names a grant to replace?  That must be one of this
 * firm that is in force, and of the request's one purpose; earlier than 14 days
 * before its end it must ask no more (R5).  What becomes of such a request is
 * the grant's successor (row 31), and until then the grant stays as it is.
 * VLT_E_FORMAT: *out says why not (commit thread).
 */
VLT_MUST_USE enum vlt_status
consent_check_replaces(struct consent *consent,
                       const struct consent_submission *submission,
                       struct terms_fault *out);

/* What the owner picked: by part, the items (bit n-1; bit 31: `contact`). */
struct consent_pick {
    bool all; /* every atom that is not explicit-only */
    unsigned items[TERMS_PURPOSES];
};

/* Limits that the owner sets lower; has bits of enum terms_axis, and the
 * obligations.  What is not set is as asked. */
struct consent_narrow {
    unsigned axes; /* 1 << TERMS_DETAIL …: set in limits */
    struct terms_limits limits;
    int64_t until;  /* ns; INT64_MAX: not set */
    size_t streams; /* patterns; 0: all */
    const struct vlt_slice *stream;
    const char *names, *new_streams; /* NULL: not set */
    int ask_each;                    /* -1: not set */
    int notify;                      /* enum policy_notify; -1: not set */
};

/*
 * Approve (row 6), all that is picked or nothing.  VLT_E_NOT_FOUND;
 * VLT_E_CONFLICT: not pending, a deny rule forbids, it would widen, a needed
 * item is left out, or too many grants; VLT_E_LIMIT: `all` with an
 * explicit-only atom, or nothing picked where there is a choice; VLT_E_FORMAT:
 * no such item, or a limit that cannot be set so.  why says which, for the
 * owner.
 */
struct consent_approval {
    uint8_t request[VLT_ID_LEN];
    struct consent_pick pick;
    const struct consent_narrow *narrow; /* NULL: as asked */
    const struct consent_firm *firm;
    const struct consent_world *world;
    int64_t now;
};
VLT_MUST_USE enum vlt_status
consent_approve(struct consent *consent, struct store_txn *txn,
                const struct consent_approval *approval, struct vlt_buf *why,
                struct consent_changes *changes);

/* Deny what is pending of it (row 8).  VLT_E_NOT_FOUND; VLT_E_CONFLICT:
 * nothing is; VLT_E_LIMIT: the reason is over CONSENT_REASON bytes. */
VLT_MUST_USE enum vlt_status consent_deny(struct consent *consent,
                                          struct store_txn *txn,
                                          const uint8_t request[VLT_ID_LEN],
                                          struct vlt_slice reason, int64_t now,
                                          struct consent_changes *changes);

/* The firm takes back what is pending of it (row 10).  VLT_E_NOT_FOUND: there
 * is none of this firm; VLT_E_CONFLICT: nothing is pending. */
VLT_MUST_USE enum vlt_status consent_withdraw(struct consent *consent,
                                              struct store_txn *txn,
                                              const uint8_t request[VLT_ID_LEN],
                                              const uint8_t firm[VLT_ID_LEN],
                                              int64_t now,
                                              struct consent_changes *changes);

struct consent_part {
    int purpose; /* vocabulary */
    enum consent_state state;
    unsigned left_out; /* bit n-1: it is not to be had */
    /* Of those, while the part waits, the items that a rule denied; the others
     * the owner left out of a counter-offer. */
    unsigned ruled_out;
    uint8_t grant[VLT_ID_LEN]; /* when it became one, else zeros */
    struct vlt_slice reason;   /* the owner's; may be empty */
    /* When the owner denied it (ns; 0: did not, or that is lifted), and the
     * items that waited until then (bit n-1): not to be asked for again for 90
     * days. */
    int64_t denied;
    unsigned denied_items;
    /* When it came to its end as a part (denied, lapsed, dropped), and by whom;
     * ns; 0: it did not, or that was not kept yet then. */
    int64_t ended;
    enum consent_by ended_by;
    /* The vault's counter-offer as signed, and until when it stands (ns); empty
     * where there was none. */
    struct vlt_slice offer;
    int64_t offer_until;
    const struct terms *offered; /* what it offers; NULL: there was none */
    bool offered_by_hand;        /* by the owner, else by rules */
    /* By what the rules decided it last, in words (policy_text_decided()): when
     * it came, or since; empty: that was not kept yet. */
    struct vlt_slice decided;
};

/* A request that is kept.  Borrowed for the call that gives it. */
struct consent_request {
    uint8_t id[VLT_ID_LEN];
    uint8_t firm[VLT_ID_LEN];
    uint8_t sha256[32];         /* of the signed payload */
    int64_t received, reply_by; /* ns */
    struct vlt_slice jws;
    const struct terms_request *terms;
    size_t parts; /* as many as purposes */
    struct consent_part part[TERMS_PURPOSES];
};

/* The state over all parts (WIRE.md, 8.2). */
enum consent_state consent_request_state(const struct consent_request *request);

/* Does a part still wait at now (effective): for the owner, or the firm's
 * answer to an offer?  What is over by time alone does not, written down or
 * not. */
bool consent_part_waits(const struct consent_request *request, size_t part,
                        int64_t now);

/* Is any of its parts in this one, whatever the others are? */
bool consent_request_has(const struct consent_request *request,
                         enum consent_state state);

typedef bool consent_request_fn(void *ctx,
                                const struct consent_request *request);

/* Newest first; fn returns false to end.  Any thread. */
void consent_requests(struct consent *consent, consent_request_fn *fn,
                      void *ctx);

/* One: fn is called once, or VLT_E_NOT_FOUND. */
VLT_MUST_USE enum vlt_status
consent_request_find(struct consent *consent, const uint8_t request[VLT_ID_LEN],
                     consent_request_fn *fn, void *ctx);

/* The same as the turn under way sees it (commit thread). */
VLT_MUST_USE enum vlt_status
consent_request_now(struct consent *consent, const uint8_t request[VLT_ID_LEN],
                    consent_request_fn *fn, void *ctx);

/* ---- grants ---- */

/* Held; NULL: none.  find: committed, any thread; now: the turn's. */
const struct grant *consent_grant_find(struct consent *consent,
                                       const uint8_t id[VLT_ID_LEN]);
const struct grant *consent_grant_now(struct consent *consent,
                                      const uint8_t id[VLT_ID_LEN]);

typedef bool consent_grant_fn(void *ctx, const struct grant *grant);
/* Newest first; fn returns false to end.  The second as the turn under way sees
 * them, in no order, and fn may end them (commit thread). */
void consent_grants(struct consent *consent, consent_grant_fn *fn, void *ctx);
VLT_MUST_USE enum vlt_status
consent_grants_now(struct consent *consent, consent_grant_fn *fn, void *ctx);

/* Why a use is refused. */
enum consent_no {
    CONSENT_YES = 0,
    CONSENT_NO_DENIED,    /* none, another's, suspended, a rule: all the same */
    CONSENT_NO_ENDED,     /* it was in force once */
    CONSENT_NO_RATE,      /* *retry_ms */
    CONSENT_NO_PENDING,   /* the owner must say yes to each use */
    CONSENT_NO_AGREEMENT, /* the one that its request names is not recorded */
};

/* A use that was decided. */
struct consent_use {
    enum consent_no no;
    int64_t retry_ms;
    const struct grant *grant; /* held, as after the use; NULL with a no */
    uint8_t id[VLT_ID_LEN];    /* of the use */
    uint64_t seq;              /* of the use in its grant */
    uint64_t event_seq;        /* its entry's number; 0: consent_event_seq() */
    bool by_yes; /* the owner's yes was needed for it, which is spent by that */
    struct policy_duties duties; /* of now, the strictest */
    /* Borrowed until the next use is decided: the owner's explanation; NULL
     * with a no. */
    const struct policy_decision *decision;
};

/*
 * Decide a use again (LANGUAGE.md, 3) and take it, unless
 * `free_of` names a use that this one belongs to: a further page, or the same
 * page again, of a query whose use is at most 600 s old.  That it was a use of
 * this grant is the caller's to know.  It may have been the last, so a grant
 * that is exhausted since still gives them.  Expiry is
 * compared here; a rule that now denies ends the grant: then the change is in
 * *changes, and the use is refused.  What is left of a last use ends likewise
 * with the grant's time or with a rule, but takes no row.
 */
struct consent_asking {
    uint8_t grant[VLT_ID_LEN];
    const struct consent_firm *firm;
    const uint8_t *free_of; /* use id, or NULL */
    bool live;              /* a span, not a query */
    bool said_yes;          /* the owner allows this use, where each is asked */
    bool goes_on;           /* live, and the owner allowed it for this hour */
    bool logged;            /* the next entry of this grant is this use's, which
                               takes its number along where it can */
    int64_t now;
    /* A time that goes on where now stands still, since a clock that was ahead
     * was put right: the rate, the hour of a live use and those 600 s are
     * reckoned by it.  ns; earlier than now: as now. */
    int64_t running;
    int64_t sure; /* the wall clock, where nobody doubts it, else 0: by it a
                     suspension ends by itself */
};
VLT_MUST_USE enum vlt_status consent_use(struct consent *consent,
                                         struct store_txn *txn,
                                         const struct consent_asking *asking,
                                         struct consent_changes *changes,
                                         struct consent_use *out);

/* The same question on what is committed, taking nothing: for the pre-check.
 * out->grant is held unless it is a no.  Any thread. */
void consent_may(struct consent *consent, const struct consent_asking *asking,
                 struct consent_use *out);

/* The same as the turn under way sees it (commit thread): whether a page still
 * is what may leave is asked before its use is taken. */
void consent_may_now(struct consent *consent,
                     const struct consent_asking *asking,
                     struct consent_use *out);

/* The next instant after now at which a decision about this grant may differ
 * by time alone (start, end, a rule's until, the hour): ns. */
int64_t consent_boundary(struct consent *consent, const struct grant *grant,
                         int64_t now);

/*
 * End a grant: withdrawn (owner, row 25), revoked (firm blocked, row 27) or
 * ended (firm, row 28).
 * Pages of the last use of one that is exhausted may still be fetched: then the
 * owner cuts them off, and the state stays.
 * VLT_E_NOT_FOUND; VLT_E_CONFLICT: it is over already.
 */
VLT_MUST_USE enum vlt_status consent_end(struct consent *consent,
                                         struct store_txn *txn,
                                         const uint8_t grant[VLT_ID_LEN],
                                         enum consent_state how, int64_t now,
                                         struct consent_changes *changes);

/* Countersigned (row 14); once it is, it stays as it is.  VLT_E_NOT_FOUND: no
 * such grant or receipt; VLT_E_CONFLICT: the grant is not active. */
VLT_MUST_USE enum vlt_status
consent_countersign(struct consent *consent, struct store_txn *txn,
                    const uint8_t grant[VLT_ID_LEN], uint64_t seq,
                    struct vlt_slice jws, int64_t now);

/* The firm has signed for one more use or span.  VLT_E_NOT_FOUND. */
VLT_MUST_USE enum vlt_status
consent_acknowledged(struct consent *consent, struct store_txn *txn,
                     const uint8_t grant[VLT_ID_LEN], int64_t now);

/* Rows that take effect by time (11, 15, 19, 30) and are due: write them, as
 * many as a turn has room for.  The others are due still. */
enum { CONSENT_CLOCK_ROWS = 64 };
VLT_MUST_USE enum vlt_status consent_clock(struct consent *consent,
                                           struct store_txn *txn, int64_t now,
                                           struct consent_changes *changes);

/* Is anything due at now?  Any thread. */
bool consent_clock_due(struct consent *consent, int64_t now);

/* ---- the policy set ---- */

struct consent_file {
    struct vlt_slice name;
    struct vlt_slice text;
    bool answers; /* part `cli`: rules that answers made, cli-… */
};

/* Faults and warnings, as "file:line:column: …"; pure but for firm names,
 * which `firms` knows.  VLT_E_FORMAT: at least one fault.  Any thread; slow
 * for large files. */
struct consent_files {
    size_t count;
    const struct consent_file *file;
    const struct policy_text_firms *firms; /* short name to id */
    int home;                              /* country, or VOCAB_NONE */
    /* The set that these files are a change of: a name that it knows means
     * whom it meant when that was applied.  NULL: none, all names are those of
     * today. */
    const struct consent_set *before;
};
struct consent_policy; /* a parsed set, ready to be applied */

typedef void consent_fault_fn(void *ctx, const char *file, int line, int column,
                              const char *code, const char *says, bool warning);
VLT_MUST_USE enum vlt_status
consent_policy_read(const struct consent_files *files, consent_fault_fn *fn,
                    void *ctx, struct consent_policy **out);
void consent_policy_free(struct consent_policy *policy);

/* Its rules: borrowed until the free. */
const struct policy_set *
consent_policy_set(const struct consent_policy *policy);

/* The firm of a principal id, as the turn sees it; false: there is none. */
struct consent_facts {
    void *ctx;
    bool (*firm)(void *ctx, const uint8_t id[VLT_ID_LEN],
                 struct consent_firm *out);
};

/*
 * Put it in force.  Grants that it ends (row 26) or suspends (row 20) and
 * pending parts that a rule of it denies (row 9) are in *changes.  policy stays
 * the caller's to free, and is applied once.  VLT_E_LIMIT: its files are too
 * large to be kept together, and the set in force stays.
 */
VLT_MUST_USE enum vlt_status
consent_policy_apply(struct consent *consent, struct store_txn *txn,
                     struct consent_policy *policy,
                     const struct consent_facts *facts, int64_t now,
                     struct consent_changes *changes);

/* The grants of which it would say what fn.use is (POLICY_USE_NO: it would end
 * them, POLICY_USE_ASK: suspend them for the owner), each to fn until it
 * returns false; nothing is changed. */
struct consent_would {
    enum policy_use use;
    consent_grant_fn *fn;
    void *ctx;
};
VLT_MUST_USE enum vlt_status
consent_policy_would(struct consent *consent,
                     const struct consent_policy *policy,
                     const struct consent_facts *facts, int64_t now,
                     const struct consent_would *would);

/* The requests of which a part waits that a rule of it would deny, each to fn
 * once;
 * nothing is changed. */
struct consent_denies {
    void (*fn)(void *ctx, const uint8_t request[VLT_ID_LEN]);
    void *ctx;
};
VLT_MUST_USE enum vlt_status
consent_policy_denies(struct consent *consent,
                      const struct consent_policy *policy,
                      const struct consent_facts *facts, int64_t now,
                      const struct consent_denies *denies);

/* Deny pending parts that a rule denies now (row 9), as after a firm was
 * blocked; the default alone denies none. */
VLT_MUST_USE enum vlt_status consent_review(struct consent *consent,
                                            struct store_txn *txn,
                                            const struct consent_facts *facts,
                                            int64_t now,
                                            struct consent_changes *changes);

/* What is in force (any thread).  Held; ended by consent_policy_release(). */
struct consent_set {
    uint64_t version; /* counts applies; 0: a new vault's empty set */
    uint8_t hash[32];
    int64_t applied; /* ns; 0 */
    const struct policy_set *set;
    size_t files;
    const struct consent_file *file; /* as they were applied */
};
const struct consent_set *consent_set_hold(struct consent *consent);
void consent_set_release(const struct consent_set *set);

/* As the turn under way sees it: borrowed until the turn's end (commit
 * thread). */
const struct consent_set *consent_set_now(const struct consent *consent);

/* Decide a kept request anew, for explain (any thread): fn gets the decision on
 * each part as it was asked, in their order, and the set that made it.  Where
 * nothing of it waits it is as if it came once more: that the owner denied it
 * counts; and what it was given itself, if that is wanted. */
struct consent_anew {
    const uint8_t *request; /* VLT_ID_LEN */
    const struct consent_firm *firm;
    int64_t now;
    bool own; /* what it was given counts */
};
typedef void consent_part_fn(void *ctx, const struct policy_set *set,
                             const struct policy_asking *asking,
                             const struct policy_decision *decision);
VLT_MUST_USE enum vlt_status consent_explain(struct consent *consent,
                                             const struct consent_anew *anew,
                                             consent_part_fn *fn, void *ctx);

#endif
