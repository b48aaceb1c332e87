/*
 * replay: what the halves of source.replay share, the reading one on a worker
 * and the storing one on the commit thread.
 */
#ifndef REPLAY_INTERNAL_H
#define REPLAY_INTERNAL_H

#include "service/pour_internal.h"

enum {
    REPLAY_PARTS = 2048, /* read again at once */
};

struct replay {
    char name[IDENTITY_NAME_MAX + 1];
    struct pour *pour;           /* owned; NULL: nothing lies there */
    const struct stream *stream; /* held */
    struct vlt_rows *rows;       /* owned: the parts */
    size_t count;                /* of these, those that are looked at */
    bool *stays;                 /* owned: one a part */
    size_t first, end;           /* the stretch from the first part that is good
                                    now to behind the last */
    size_t good;
    size_t unread;         /* nothing says how they came */
    struct series_at from; /* where it goes on */
    struct series_at at;   /* where the next one does */
    size_t most;           /* parts of it; 0: the first one stays */
    int64_t until;         /* what comes from then on waits for another pass */
    bool more;             /* others lie behind */
    struct series_stored stored;
    struct series_erased erased;
};

#endif
