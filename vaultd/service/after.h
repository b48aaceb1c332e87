/*
 * after: what the loop has to do once a turn has committed, in order.
 *
 * Made on the commit thread, hung onto the job whose commit caused it, run on
 * the loop before that job answers.
 */
#ifndef AFTER_H
#define AFTER_H

#include "base/buf.h"
#include "base/id.h"
#include "base/status.h"

struct service;

enum after_kind {
    AFTER_SILENCE,      /* cut a grant's queued and live bytes */
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
    uint8_t id[VLT_ID_LEN]; /* grant, or firm */
    struct vlt_buf text;    /* a notification, whole */
    struct after_cut cut;
    struct after *stamp; /* the next in the turn that waits for the same */
    int64_t committed;   /* boot time, ns, at which the turn was durable */
};

/* Add one to the end of a list.  NULL: no memory. */
struct after *after_add(struct after **list, enum after_kind kind,
                        const uint8_t id[VLT_ID_LEN]);
void after_free(struct after *list);

/* The first cut of a grant in a list; NULL: none. */
const struct after_cut *after_find_cut(const struct after *list,
                                       const uint8_t grant[VLT_ID_LEN]);

/* Run them all (loop). */
void after_run(struct service *service, struct after *list);

#endif
