/*
 * append: data.append, and whatever else brings rows in.
 */
#ifndef APPEND_INTERNAL_H
#define APPEND_INTERNAL_H

#include "service/service_internal.h"

/* A batch on its way to the commit thread. */
struct append {
    struct series_batch batch;
    struct series_part *part;     /* owned, batch.parts of them */
    struct vlt_rows **rows;       /* owned, one a part */
    const struct stream **stream; /* held, one a part */
    struct vlt_buf block;         /* owned; the one that came, or nothing */
    struct series_stored stored;
};

/* Room for parts; NULL: no memory. */
struct append *append_new(size_t parts);
void append_free(struct append *append); /* NULL is allowed */

/* Put part i: takes rows, holds stream. */
void append_set(struct append *append, size_t i, const struct stream *stream,
                struct vlt_rows *rows);

/* May this source append these rows, as the turn under way sees it (commit
 * thread): confirmed, by the token that it was let in with, its patterns cover
 * the streams, the rows lie in its window?  VLT_E_DENIED, or VLT_E_LIMIT for
 * rows out of the window. */
enum vlt_status append_may(struct turn *turn, const struct principal *who,
                           const struct append *append);

/* ---- the method ---- */

enum vlt_status append_check(struct call *call, struct vlt_walk *params);
enum vlt_status append_commit(struct call *call, struct turn *turn);
void append_done(struct call *call, enum vlt_status st);
void append_clear(void *state);

#endif
