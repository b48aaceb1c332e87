/*
 * change: what a call of consent changed, one row of the lifecycle each.
 *
 * A row is carried out by the caller, in the same turn (consent.h).
 */
#ifndef CONSENT_CHANGE_H
#define CONSENT_CHANGE_H

#include "consent/grant.h"

/* The receipt that a row brings. */
enum consent_event {
    CONSENT_NO_RECEIPT = 0,
    CONSENT_GIVEN,
    CONSENT_REFUSED,
    CONSENT_EV_LAPSED,
    CONSENT_EV_EXHAUSTED,
    CONSENT_EV_WITHDRAWN,
    CONSENT_EV_REVOKED,
    CONSENT_EV_ENDED,
    CONSENT_EV_EXPIRED,
    CONSENT_EV_SUSPENDED,
    CONSENT_EV_RESUMED,
    CONSENT_EV_NARROWED,
    CONSENT_EV_ADMITTED,
    CONSENT_EV_INVALIDATED,
    CONSENT_EV_REPLACED,
    CONSENT_EV_RENEWED,
};

const char *consent_event_word(enum consent_event event);

/* The rows of the lifecycle, by their numbers. */
enum consent_row {
    ROW_CUT = 0, /* none: see consent_end() */
    ROW_REFUSED = 2,
    ROW_ASKED = 3,
    ROW_PERMITTED = 4,
    ROW_OFFERED = 5, /* by a rule */
    ROW_APPROVED = 6,
    ROW_COUNTERED = 7, /* by the owner */
    ROW_DENIED = 8,
    ROW_RULED_OUT = 9, /* a pending part, by a rule that denies now */
    ROW_DROPPED = 10,
    ROW_LAPSED = 11,
    ROW_ACCEPTED = 12,
    ROW_LEFT = 13,
    ROW_UNRECORDED = 15, /* by the clock: its agreement is not recorded */
    ROW_EXHAUSTED = 17,
    ROW_SUSPENDED = 18, /* by the owner */
    ROW_UNUSED = 19,    /* by the clock */
    ROW_HELD_UP = 20,   /* by a rule that asks now */
    ROW_RESUMED = 22,
    ROW_NARROWED = 23,
    ROW_ADMITTED = 24, /* by the owner, or as the grant has it for new ones */
    ROW_WITHDRAWN = 25,
    ROW_OVERRULED = 26, /* a grant, by a rule */
    ROW_BLOCKED = 27,
    ROW_ENDED = 28,
    ROW_INVALID = 29,
    ROW_EXPIRED = 30,
    ROW_REPLACED = 31,
    ROW_TOLD = 64,     /* none: the owner is to hear of uses */
    ROW_DEMANDED = 65, /* none: the firm is to delete (deletion.h) */
    ROW_OVERDUE = 66,  /* none: it did not say that it has */
};

/* One row taken. */
struct consent_change {
    enum consent_row row;
    enum consent_event event;
    enum consent_by by;
    uint8_t request[VLT_ID_LEN];
    int part;                  /* index of the request's purpose; -1: none */
    enum consent_state state;  /* now */
    const struct grant *grant; /* held; NULL for a part that is none */
    unsigned left_out;         /* bit n-1: item n was asked and not allowed */
    uint64_t uses;             /* of ROW_TOLD: since the owner heard last */
    /* Of a decision: borrowed until the next request is taken or answered;
     * NULL else. */
    const struct policy_decision *decision;
    /* What is offered, of ROW_OFFERED and ROW_COUNTERED: borrowed likewise. */
    const struct terms *offer;
};

enum {
    CONSENT_AGAIN_S = 600,  /* pages of a use may be fetched again so long */
    CONSENT_CHANGES = 10064 /* a blocked firm, an applied policy: all grants */
};

/* When a use was taken, by its id: ns, to the millisecond.  Pure. */
int64_t consent_use_time(const uint8_t id[VLT_ID_LEN]);

/* Is it exhausted, and may pages of its last use still be under way, or be
 * fetched?  Pure. */
bool consent_has_rest(const struct grant *grant, int64_t now);

/* How many parts of requests wait for an answer, as the turn under way sees
 * them: so many rows may a review bring (commit thread). */
struct consent;
size_t consent_waiting(struct consent *consent, int64_t now);

struct consent_changes {
    size_t count, cap;
    struct consent_change *at; /* owned */
};

/* Release what they hold.  Harmless on { 0 }. */
void consent_changes_free(struct consent_changes *changes);

#endif
