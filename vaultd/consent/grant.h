/*
 * grant: what a firm may have, for one purpose (WIRE.md, 6.6).
 *
 * A counted value that never changes: a change makes a new one.
 *
 * Threads: any.
 */
#ifndef CONSENT_GRANT_H
#define CONSENT_GRANT_H

#include "base/id.h"
#include "base/slice.h"
#include "engine/policy.h"
#include "terms/terms.h"

enum {
    CONSENT_BOUND = 1024, /* streams an item */
    CONSENT_ALIAS = 80,   /* bytes of "energy.electricity/1024" and 0 */
    CONSENT_RULE = 64,    /* bytes of a rule's name and its zero */
    CONSENT_RULES = 16,   /* that a grant names */
    CONSENT_GAPS = 32,    /* that a grant keeps apart */
    CONSENT_GAPS_NOW = CONSENT_GAPS + 1, /* and the one that goes on */
    CONSENT_KEPT = 63, /* times of delivery that a grant tells apart */
    CONSENT_EXCEPTIONS = 8,
    CONSENT_LAW = 280 * 4, /* bytes of what an exception is by */
};

/* States of a grant, and of a part that is none (yet). */
enum consent_state {
    CONSENT_PENDING_STATE = 1,
    CONSENT_COUNTERED,
    CONSENT_DENIED,
    CONSENT_LAPSED,
    CONSENT_DROPPED,
    CONSENT_ACTIVE, /* from here on a grant */
    CONSENT_SUSPENDED,
    CONSENT_EXPIRED,
    CONSENT_EXHAUSTED,
    CONSENT_WITHDRAWN,
    CONSENT_REVOKED,
    CONSENT_ENDED,
    CONSENT_INVALID,
    CONSENT_REPLACED,
};

/* The state as its word: "pending", "active", … */
const char *consent_state_word(enum consent_state state);

enum consent_by {
    CONSENT_BY_OWNER = 1,
    CONSENT_BY_FIRM,
    CONSENT_BY_VAULT,
    CONSENT_BY_CLOCK,
};

struct grant_bound {
    uint8_t stream[VLT_ID_LEN];
    int n;                     /* item */
    char alias[CONSENT_ALIAS]; /* "energy.electricity/1"; never reused */
};

/* Rows of [from, to), ns, are withheld: the grant was suspended then. */
struct grant_gap {
    int64_t from;
    int64_t to;
    bool hidden; /* the firm is not to notice that there is one */
};

/* Uses behind those of the range before, and when the last of them was
 * delivered (deletion.h). */
struct grant_kept {
    uint64_t to; /* the last use */
    int64_t delivered;
};

/* Uses whose data the firm keeps beyond its time, by its own statement. */
struct grant_exception {
    uint64_t from;
    uint64_t to;
    int64_t until; /* ns */
    char law[CONSENT_LAW + 1];
};

struct grant_rule {
    char name[CONSENT_RULE];
};

/* A grant.  Plain to read, never written to.  Texts in `terms` lie in the
 * grant. */
struct grant {
    /* What each use looks at, in one piece, of whole lines of the processor's
     * cache (consent_internal.h): the state, the times, the grant's own
     * terms.  What live uses and rates go by lies elsewhere. */
    uint8_t firm[VLT_ID_LEN]; /* principal */
    uint8_t firm_key[32];
    int64_t nbf, exp;  /* ns, whole seconds */
    int64_t suspended; /* ns: since when; 0: it is not */
    /* When an active one is suspended by itself, and when that suspension, or
     * the one that it is in, ends by itself: ns; 0: it does not. */
    int64_t pause_from;
    int64_t pause_until;
    uint64_t use_seq; /* of the last use */
    enum consent_state state;
    struct policy_duties duties; /* its own; rules add theirs */
    bool hidden;  /* of that suspension the firm is told nothing */
    bool by_rule; /* else by hand */
    bool cut;     /* exhausted, and the pages of its last use were cut off */
    struct terms terms; /* as granted */

    uint8_t id[VLT_ID_LEN];
    int64_t uses_left; /* or TERMS_UNLIMITED */
    uint8_t firm_kid[8];
    uint8_t request[VLT_ID_LEN];
    uint8_t request_sha256[32];
    uint32_t terms_version;
    bool explicit_only;
    size_t bound_count;
    const struct grant_bound *bound; /* ascending by item, then stream name;
                                        behind them those that joined later */
    size_t held_count;
    const struct grant_bound *held;
    size_t rule_count;
    const struct grant_rule *rule;
    enum consent_by state_by;
    int64_t changed; /* ns */
    uint8_t last_use_id[VLT_ID_LEN];
    int64_t last_use;         /* ns; 0: none */
    uint64_t receipt_seq;     /* of the last receipt */
    uint8_t last_receipt[32]; /* SHA-256 of its payload */
    uint64_t event_seq;       /* of the last audit entry; gapless */
    uint64_t policy_version;
    uint8_t policy_hash[32];
    uint8_t policy_salt[32];
    int64_t countersigned; /* ns; 0: not */
    uint64_t acks;         /* uses and spans that the firm signed for */
    int64_t acked;         /* ns: the last of them; 0: none */
    size_t gap_count;
    const struct grant_gap *gap; /* ascending, apart */
    uint64_t told_seq;           /* the use up to which the owner was told */
    int64_t told;                /* ns: when; 0: never */
    bool renews;                 /* the grant `prev` */
    uint8_t prev[VLT_ID_LEN];
    uint64_t stated;   /* the firm has deleted uses up to this one */
    uint64_t demanded; /* and is to delete those up to this; 0: none */
    /* Of those the ones up to this were asked for before the last asking, and
     * are overdue by then; all, where it was asked once. */
    uint64_t demanded_first;
    int64_t demanded_at; /* ns: since when these are asked for in vain */
    int64_t demanded_by; /* ns: by when they had to go */
    int64_t asked;       /* ns: when it was asked last; 0: never */
    int64_t asked_by;    /* ns: by when those of the last asking had to go */
    bool overdue_told;   /* the owner knows that this is overdue */
    size_t kept_count;   /* behind what is demanded */
    const struct grant_kept *kept; /* ascending */
    size_t exception_count;
    const struct grant_exception *exception;
    /* By what the rules ended or suspended it, in words
     * (policy_text_refused()); empty: they did not, or that was not kept yet.
     */
    struct vlt_slice ruled;
};

const struct grant *grant_hold(const struct grant *grant);
void grant_release(const struct grant *grant); /* NULL is allowed */

/* What the engine decides its uses by; borrows from the grant. */
struct policy_grant grant_as_asked(const struct grant *grant);

/* Has it ended in any way? */
bool grant_over(const struct grant *grant);

/*
 * Is it suspended at that time, whether or not that was written down?  now:
 * effective time, by which a suspension begins; sure: the wall clock, by which
 * it ends, or 0 where that is doubted.  ns; pure.
 */
bool grant_paused(const struct grant *grant, int64_t now, int64_t sure);

/* Is it active, as its firm is told: that it is suspended may be hidden. */
bool grant_shown_active(const struct grant *grant);

/* Is it suspended, and the firm gets no answers for it? */
bool grant_silent(const struct grant *grant, int64_t now, int64_t sure);

/* Times of which rows are withheld, the suspension that it is in, or that is to
 * come, among them: how many.  Pure. */
size_t grant_gaps(const struct grant *grant,
                  struct grant_gap out[CONSENT_GAPS_NOW]);

#endif
