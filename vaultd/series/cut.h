/*
 * cut: sorted rows of a lane are cut into chunks.  Pure: what it makes is put
 * nowhere yet (chunk.c does), so it may be made on another thread.
 */
#ifndef SERIES_CUT_H
#define SERIES_CUT_H

#include "base/time.h"
#include "series/lane_record.h"
#include "wire/block.h"
#include "wire/stat.h"

#define CUT_ROLL_SPAN (96 * VLT_HOUR) /* of a chunk that is in roll-ups */

/* ---- hours.c ---- */

/* Hours of some rows summed up, in order of time.  Begin with { 0 }. */
struct hour_sums {
    size_t columns, count;
    int64_t *begin;        /* owned: of each hour */
    struct vlt_stat *stat; /* owned: count × columns */
};

/* Of a range of rows, and of all of it in `also`, a summary a column.  *out is
 * made anew. */
VLT_MUST_USE enum vlt_status hours_sum(const struct vlt_rows *rows,
                                       struct vlt_range range,
                                       struct vlt_stat *also,
                                       struct hour_sums *out);

/* Wipe and free: they have values. */
void hours_free(struct hour_sums *sums);

/* Bytes of its summaries. */
size_t hours_bytes(const struct hour_sums *sums);

/* ---- cut.c ---- */

/* Rows in order of time, of one lane. */
struct chunk_rows {
    struct vlt_rows *plain;  /* owned: the stream's columns */
    struct vlt_rows *marked; /* owned: with arrivals, 0 of rows that came
                                behind all others; NULL: all did */
};
void chunk_rows_free(struct chunk_rows *rows);

/* From rows with the arrival column behind the schema's.  Takes them. */
VLT_MUST_USE enum vlt_status chunk_rows_make(const struct vlt_schema *schema,
                                             struct vlt_rows *all,
                                             struct chunk_rows *out);

enum chunk_rest {
    CHUNK_REST_STAYS, /* what does not fill a record is left */
    CHUNK_REST_SHORT, /* it becomes a short chunk */
    CHUNK_REST_FULL,  /* it counts as full */
};

struct chunk_how {
    enum chunk_rest rest;
    uint8_t level; /* of a short chunk */
    bool unrolled; /* hours are not summed up: roll-ups are rebuilt */
};

/* A chunk that is put nowhere yet. */
struct cut {
    struct vlt_buf block;     /* owned */
    struct chunk_entry entry; /* without its number */
    bool full;
    struct vlt_stat *stat; /* owned: one a column, of a full one; or NULL */
    size_t columns;
    struct hour_sums hours; /* of a full one that is in roll-ups, unless how
                               says not */
};
void cut_init(struct cut *cut);
void cut_free(struct cut *cut);

/* Rows that are cut one chunk after the other. */
struct cutting {
    const struct chunk_rows *rows;
    struct vlt_range range;
    struct chunk_how how;
    size_t done; /* of the range, so many are cut */
    size_t rest; /* bytes of the block that filled no chunk, and stays */
    size_t last_rows, last_bytes; /* of the chunk before */
};

/* The next chunk into what cut_init() began, or another chunk was in.
 * *any: false, there is none. */
VLT_MUST_USE enum vlt_status cutting_next(struct cutting *cutting,
                                          struct cut *cut, bool *any);

/* May it end here?  What is done is told by a time, so no time is cut in two.
 */
bool cutting_may_end(const struct cutting *cutting);

#endif
