/*
 * after: what the loop has to do once a turn has committed, in order.
 *
 * Made on the commit thread, hung onto the job whose commit caused it, run on
 * the loop before that job answers.  What was made in a turn that did not
 * commit, or in a first try of one that is tried again, is never run.
 */
#ifndef AFTER_H
#define AFTER_H

#include "base/buf.h"
#include "base/id.h"
#include "base/status.h"

struct service;
struct turn;

enum after_kind {
    AFTER_SILENCE,      /* cut a grant's queued and live bytes */
    AFTER_BREAK,        /* the same of a grant that goes on, and say so */
    AFTER_NOTIFY_FIRM,  /* a notification to all sessions of a firm */
    AFTER_NOTIFY_OWNER, /* to all sessions of the owner */
    AFTER_CLOSE_FIRM,   /* close all sessions of a firm or source */
};

/* What a cut found. */
struct after_cut {
    bool done;
    uint64_t last_seq; /* the greatest sent of its subscriptions */
    uint64_t rows;     /* sent in its open spans */
    double silence_ms; /* from the commit's end to the last byte stopped */
};

struct after {
    struct after *next;
    enum after_kind kind;
    uint8_t id[VLT_ID_LEN]; /* grant, firm or request */
    struct vlt_buf text;    /* a notification, whole */
    struct vlt_buf kept;    /* of a notice: what vault.status shows; or empty */
    bool asks;              /* it is of a request, whose id is above */
    struct after_cut cut;
    struct after *of_turn; /* the next that was made in the turn */
    bool durable;          /* the turn has committed */
    int64_t committed;     /* then: boot time, ns */
};

/* Add one, of this turn, to the end of a list, which lives until the turn has
 * ended.  NULL: no memory. */
struct after *after_add(struct turn *turn, struct after **list,
                        enum after_kind kind, const uint8_t id[VLT_ID_LEN]);
void after_free(struct after *list);

/* The turn has committed (commit thread). */
void after_durable(struct turn *turn);

/* The first cut of a grant in a list that was run; NULL: none. */
const struct after_cut *after_find_cut(const struct after *list,
                                       const uint8_t grant[VLT_ID_LEN]);

/* Cut a grant now, by nobody's commit; what was found is added to the list
 * (loop).  Without memory for that it is cut all the same. */
void after_silence_now(struct service *service, struct after **list,
                       const uint8_t grant[VLT_ID_LEN]);

/* Run them all (loop). */
void after_run(struct service *service, struct after *list);

#endif
