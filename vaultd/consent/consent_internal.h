/*
 * consent_internal: requests, grants and the policy set in memory.
 *
 * The ledger is two maps of counted values under one lock: what is committed.
 * A turn that changes something puts the new value into maps of its own, where
 * the commit thread finds it first; at the end of the turn they go into the
 * committed ones, or away.
 */
#ifndef CONSENT_INTERNAL_H
#define CONSENT_INTERNAL_H

#include "consent/consent.h"
#include "store/record.h"
#include "util/atomic.h"
#include "util/lock.h"
#include "util/map.h"
#include "util/pool.h"
#include "util/ref.h"
#include "json/json.h"

enum {
    RECENT_MAX = 1000,        /* use times that a rate needs */
    HELD_MAX = CONSENT_BOUND, /* streams that a grant holds back by name */
};

/* A counter-offer that was made. */
struct kept_offer {
    char *jws;                 /* owned */
    struct vlt_json *document; /* owned: its payload */
    struct terms terms;        /* borrows from document */
    int64_t until;             /* ns */
    bool by_hand;
};

/* A request as it is kept; counted. */
struct kept_request {
    struct ref ref;
    size_t place;                   /* in its firm's book, once committed */
    struct consent_request request; /* its slices lie in the next two */
    char *jws;                      /* owned */
    struct vlt_json *document;      /* owned: the payload */
    struct terms_request terms;     /* borrows from document */
    uint8_t kid[STORE_KID_LEN];
    char *reason[TERMS_PURPOSES];             /* owned; NULL: none */
    char *decided[TERMS_PURPOSES];            /* likewise */
    struct kept_offer *offer[TERMS_PURPOSES]; /* likewise */
};

/* The counted box around a grant, of the pool.  What each use looks at comes
 * first, in five lines of the processor's cache: two, and behind the seldom
 * `onward` of the terms three more (fetch_grant()).  A live use, and one of a
 * grant with a rate, look at live_hour and at `recent` besides. */
struct grant_box {
    struct ref ref;
    bool agreement; /* the request names one: each use looks, at the grant alone
                     */
    struct grant grant;
    int64_t live_hour; /* hour of the last live use; INT64_MIN: none */
    size_t recent_count;
    int64_t *recent; /* owned: times of uses within the rate's window, and room
                        for one more */
    size_t place;    /* in its firm's book, once committed */
    struct kept_request *request; /* held: texts of the terms lie there */
    int part;
    struct grant_bound *bound;         /* owned */
    struct grant_bound *held;          /* owned */
    struct grant_rule *rule;           /* owned */
    struct grant_gap *gap;             /* owned; NULL: none */
    struct grant_kept *kept;           /* owned; NULL: none */
    struct grant_exception *exception; /* likewise */
    char *ruled;                       /* likewise */
    size_t aliases; /* the highest number that one was given */
};

/* What a short name meant when the files were applied: rules stay with the
 * key, whatever the name means later. */
struct named_firm {
    char name[64];
    uint8_t id[POLICY_FIRM_LEN];
};

struct set_box {
    struct consent_set set; /* first */
    size_t named_count;
    struct named_firm *named; /* owned */
    struct ref ref;
    struct policy_set *owned;
    struct consent_file *file; /* owned, and its texts */
};

struct consent_policy {
    struct set_box *box;
};

struct consent_at; /* lifecycle.h */

struct consent {
    struct store *store;
    struct pool *pool; /* of all boxes of grants */
    struct lock *lock; /* over the next seven */
    struct map *requests;
    struct map *grants; /* of the pool */
    struct set_box *set;
    struct map *books;   /* the same by firm (book.c); owned */
    struct map *waiting; /* of the requests those that wait for an answer */
    size_t in_force;     /* of the grants */
    struct policy_decision *spare; /* for who only asks; owned, or NULL */
    struct atomic epoch;           /* committed */

    /* The commit thread's. */
    uint64_t turn_epoch;
    struct map *turn_requests; /* newer values than the committed, held */
    struct map *turn_grants;
    struct set_box *turn_set; /* NULL: as committed */
    struct policy_decision *decision;
    struct policy_decision *of_part; /* one a purpose, of what is decided */
    struct terms offered[TERMS_PURPOSES]; /* likewise, of what is offered */
    struct kept_request *offering; /* held: names in `offered` lie there */
};

/* ---- ledger.c ---- */

struct kept_request *request_hold(struct kept_request *request);
void request_release(struct kept_request *request);
struct grant_box *box_of(const struct grant *grant);

/* Committed, or as the turn sees it: held; NULL: none. */
struct kept_request *ledger_request(struct consent *consent,
                                    const uint8_t id[VLT_ID_LEN], bool now);
struct grant_box *ledger_grant(struct consent *consent,
                               const uint8_t id[VLT_ID_LEN], bool now);

/* What `offered` borrows from lasts to the end of the turn, or until the next
 * offer: keeping one part's puts a newer value of the request in its place. */
void ledger_offering(struct consent *consent, struct kept_request *request);

/* Put a new value into the turn, and its record into the store.  Takes a hold
 * of its own. */
VLT_MUST_USE enum vlt_status ledger_put_request(struct consent *consent,
                                                struct store_txn *txn,
                                                struct kept_request *request);
VLT_MUST_USE enum vlt_status ledger_put_grant(struct consent *consent,
                                              struct store_txn *txn,
                                              struct grant_box *grant);

/* All, committed or as the turn sees them: held, in a list that the caller
 * frees with free() after releasing each. */
VLT_MUST_USE enum vlt_status ledger_all_grants(struct consent *consent,
                                               bool now,
                                               struct grant_box ***out,
                                               size_t *count);
VLT_MUST_USE enum vlt_status ledger_all_requests(struct consent *consent,
                                                 bool now,
                                                 struct kept_request ***out,
                                                 size_t *count);

/* The same of one firm, without looking at those of others. */
VLT_MUST_USE enum vlt_status
ledger_firm_grants(struct consent *consent, const uint8_t firm[VLT_ID_LEN],
                   bool now, struct grant_box ***out, size_t *count);
VLT_MUST_USE enum vlt_status
ledger_firm_requests(struct consent *consent, const uint8_t firm[VLT_ID_LEN],
                     bool now, struct kept_request ***out, size_t *count);

/* How many parts of requests wait, and how many grants are in force, of a firm
 * and of all, as the turn sees them (commit thread). */
struct ledger_waiting {
    size_t requests; /* of which some part waits */
    size_t parts;
};
struct ledger_waiting ledger_waiting(struct consent *consent, int64_t now);
void ledger_in_force(struct consent *consent, const uint8_t firm[VLT_ID_LEN],
                     size_t *of_firm, size_t *all);

/* Put a value among what is committed, which has the hold from now on, in the
 * place of an older one, which is released.  VLT_E_NOMEM: it is a new one, and
 * the hold stays the caller's. */
VLT_MUST_USE enum vlt_status ledger_keep_grant(struct consent *consent,
                                               struct grant_box *grant);
VLT_MUST_USE enum vlt_status ledger_keep_request(struct consent *consent,
                                                 struct kept_request *request);

void ledger_turn_end(struct consent *consent, bool committed);
void ledger_clear(struct consent *consent);

/* The set that the turn sees: borrowed. */
const struct set_box *ledger_set_now(const struct consent *consent);

/* ---- book.c: under the lock ---- */

/* Note a value that is committed; old is the one before (NULL: it is new).
 * VLT_E_NOMEM: it is new, and is not noted. */
VLT_MUST_USE enum vlt_status book_keep_grant(struct consent *consent,
                                             const struct grant_box *old,
                                             struct grant_box *grant);
VLT_MUST_USE enum vlt_status book_keep_request(struct consent *consent,
                                               const struct kept_request *old,
                                               struct kept_request *request);
void book_clear(struct consent *consent);

/* ---- records: pure, but for memory ---- */

/* A copy with its own parts; the caller releases it.  NULL: no memory. */
struct kept_request *request_copy(const struct kept_request *from);

/* A new one from its signed bytes.  VLT_E_FORMAT: they do not parse. */
VLT_MUST_USE enum vlt_status request_make(struct vlt_slice jws,
                                          struct kept_request **out);
void request_record_put(struct vlt_buf *out,
                        const struct kept_request *request);
VLT_MUST_USE enum vlt_status request_record_get(const uint8_t id[VLT_ID_LEN],
                                                struct vlt_slice json,
                                                struct kept_request **out);

/* The words of a grant's states from CONSENT_ACTIVE on; NULL behind them. */
extern const char *const grant_states[];

/* Room for `count` of a thing, at least one, zeroed; NULL: no memory. */
void *grant_room_for(size_t count, size_t size);

/* Room for times of `count` uses (no fewer than there are) and one more. */
VLT_MUST_USE enum vlt_status grant_recent_room(struct grant_box *box,
                                               size_t count);

struct grant_box *grant_box_copy(const struct grant_box *from);
struct grant_box *grant_box_new(struct pool *pool, struct kept_request *request,
                                int part);
void grant_record_put(struct vlt_buf *out, const struct grant_box *box);
VLT_MUST_USE enum vlt_status grant_record_get(struct consent *consent,
                                              const uint8_t id[VLT_ID_LEN],
                                              struct vlt_slice json,
                                              struct grant_box **out);

/* ---- change.c ---- */

/* Add a change; takes a hold of grant (NULL: none). */
VLT_MUST_USE enum vlt_status change_add(struct consent_changes *changes,
                                        const struct consent_change *change);

/* ---- bind.c ---- */

/* The streams that an item's category and the rules bind, with aliases; those
 * that a rule has wait for the owner are held. */
struct granting;
VLT_MUST_USE enum vlt_status bind_streams(struct grant_box *box,
                                          const struct granting *granting);

/* The number of an alias; 0: it has none. */
size_t alias_number(const char *alias);

/* Does the stream's category equal the item's or stand below it? */
bool bind_covers(int item, int category);

/* One more in a list of a box, bound or held.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status bind_add(struct grant_bound **list, size_t *count,
                                      const struct grant_bound *bound);

/* ---- past.c ---- */

/* What a firm has and what it was denied, for the vault's own rules about
 * requests. */
struct past_spurned; /* past.c */
struct past {
    size_t held_count;
    struct policy_held *held; /* owned */
    size_t quiet_count;
    struct policy_quiet *quiet;   /* owned */
    bool overdue;                 /* a statement is */
    struct past_spurned *spurned; /* owned: offers that it did not take */
};

/* For which request it is wanted, at which time, and whether as the turn under
 * way sees it (else as committed). */
struct past_of {
    const struct kept_request *request;
    int64_t now;
    bool in_turn;
    bool again; /* as if it came now once more: that it was denied counts */
    bool own;   /* what it was given itself counts */
};

/*
 * Of the firm of the request, but for what the request itself brought (unless
 * `own`): the items of its grants in force, without the grant that the request
 * replaces; and what the owner denied in the 90 days before, by the time that
 * the request came.  The caller ends *out with past_free(). VLT_E_NOMEM,
 * VLT_E_LIMIT (never of a sound vault).
 */
VLT_MUST_USE enum vlt_status
past_take(struct consent *consent, const struct past_of *of, struct past *out);

/* Let the firm have that past: borrowed. */
void past_into(const struct past *past, struct policy_firm *firm);

/* Harmless on { 0 }. */
void past_free(struct past *past);

/* ---- offer.c ---- */

/* NULL is allowed. */
void offer_free(struct kept_offer *offer);

/* One from its signed bytes.  VLT_E_FORMAT. */
VLT_MUST_USE enum vlt_status offer_make(struct vlt_slice jws,
                                        struct kept_offer **out);

/* Put it to a part of a request of the turn's, which owns it from now on. */
void offer_into(struct kept_request *request, size_t part,
                struct kept_offer *offer);

/* The payload of a JWS that was verified, or made here. */
VLT_MUST_USE enum vlt_status jws_payload(struct vlt_slice jws,
                                         struct vlt_buf *out);

/* ---- refuse.c ---- */

/* consent_part_waits() of it. */
bool part_waits(const struct kept_request *request, size_t part, int64_t now);

/* How many parts of it do. */
size_t parts_wait(const struct kept_request *request, int64_t now);

/* The firm did not take an offer: it is not to ask for more again soon. */
void offer_missed(struct kept_request *request, size_t part, int64_t now);

/* A copy of a request that this turn may change.  The caller releases *out.
 * VLT_E_NOT_FOUND. */
VLT_MUST_USE enum vlt_status answer_begin(struct consent *consent,
                                          const uint8_t id[VLT_ID_LEN],
                                          struct kept_request **out);

/* ---- end.c ---- */

/* End a grant in the turn, with its row. */
struct ending {
    enum consent_state state;
    enum consent_event event;
    enum consent_by by;
    enum consent_row row;
};
VLT_MUST_USE enum vlt_status end_grant(struct consent *consent,
                                       struct store_txn *txn,
                                       struct grant_box *grant,
                                       const struct ending *how, int64_t now,
                                       struct consent_changes *changes);

/* What rules say of a grant by now. */
struct ruling {
    enum policy_use use; /* POLICY_USE_ASK suspends it, POLICY_USE_NO ends it */
    const struct policy_decision *decision; /* of the set of the turn */
};

/* Do that, and note by which rules (rows 20 and 26). */
VLT_MUST_USE enum vlt_status
rule_grant(struct consent *consent, struct store_txn *txn,
           const struct grant_box *grant, const struct ruling *ruling,
           int64_t now, struct consent_changes *changes);

/* Note these words of a box that is a copy; empty: none.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status grant_note_ruled(struct grant_box *copy,
                                              struct vlt_slice words);

/* The receipt of a row that leaves the state as it is: none while the grant is
 * suspended, and the firm knows it, since receipts of it say that it is in
 * force; the one of its resuming has what became of it. */
enum consent_event event_of(const struct grant *grant,
                            enum consent_event event);

/* The receipt of a suspension, or of its end: none of a grant that is active,
 * and none where the firm is told nothing of it. */
enum consent_event event_of_pause(const struct grant *grant,
                                  enum consent_event event);

/* Put an altered copy of a grant, which stays the caller's, with its row.
 * Where how->state is another than it had, it is changed by how->by at now. */
VLT_MUST_USE enum vlt_status alter_grant(struct consent *consent,
                                         struct store_txn *txn,
                                         struct grant_box *copy,
                                         const struct ending *how, int64_t now,
                                         struct consent_changes *changes);

/* Is the owner to hear now of uses, of which there are some since last? */
bool tell_due(const struct grant *grant, enum policy_notify how, int64_t now);

/* Note in a copy, which the caller puts, that the owner has heard, and add
 * ROW_TOLD. */
VLT_MUST_USE enum vlt_status tell_uses(struct grant_box *copy, int64_t now,
                                       struct consent_changes *changes);

/* ---- held.c ---- */

/* Note in a copy that its newest use was delivered then.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status held_note(struct grant_box *copy,
                                       int64_t delivered);

/* Is the firm to be asked now to delete, or the owner to hear that it did not
 * say so? */
bool held_due(const struct grant *grant, int64_t now);

/* Put the rows of that. */
VLT_MUST_USE enum vlt_status held_tell(struct consent *consent,
                                       struct store_txn *txn,
                                       const uint8_t id[VLT_ID_LEN],
                                       int64_t now,
                                       struct consent_changes *changes);

/* The successor of a grant that was suspended is suspended too, since then and
 * by the same (rows 18 to 20). */
VLT_MUST_USE enum vlt_status
suspend_successor(struct consent *consent, struct store_txn *txn,
                  struct grant_box *successor, const struct grant *old,
                  int64_t now, struct consent_changes *changes);

/* ---- clock.c ---- */

/* Does it name an agreement that is not recorded?  Until then it gives nothing.
 * Nothing records one yet, so each that is named is not. */
bool grant_awaits_agreement(const struct grant_box *box);

/* For so long that it is to end (row 15, by this)? */
bool grant_unrecorded(const struct grant_box *box, int64_t now);
extern const struct ending unrecorded_ending;

/* ---- lifecycle.c ---- */

/* Suspend it, which is active. */
VLT_MUST_USE enum vlt_status
suspend_grant(struct consent *consent, struct store_txn *txn,
              struct grant_box *grant, const struct ending *how, int64_t now,
              struct consent_changes *changes);

/* Rows of a time are withheld.  Where there is no room for one gap more the
 * last one reaches until then: more is withheld, never less.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status grant_add_gap(struct grant_box *box,
                                           struct grant_gap gap);

/* ---- pause.c ---- */

/* The grant with the rows written that its clock brought (18, 22): nothing
 * where there is no such grant. */
VLT_MUST_USE enum vlt_status pause_settle(struct consent *consent,
                                          struct store_txn *txn,
                                          const struct consent_at *at,
                                          struct consent_changes *changes);

/* Note when a part is ended, and by whom. */
void part_note_end(struct kept_request *request, size_t part,
                   enum consent_by by, int64_t now);

/* Note by what the set decided a part.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
part_note_decided(struct kept_request *request, size_t part,
                  const struct policy_set *set,
                  const struct policy_decision *decision);

/* Move a pending part to a state that is none of a grant. */
VLT_MUST_USE enum vlt_status end_part(struct consent *consent,
                                      struct store_txn *txn,
                                      struct kept_request *request, int part,
                                      const struct ending *how,
                                      struct consent_changes *changes);

#endif
