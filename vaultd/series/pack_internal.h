/*
 * pack_internal: rows on their way from tails into chunks (commit thread).
 *
 * A lane is worked on within one transaction: its record is read, changed and
 * put back.  Memory follows when the turn has committed.
 */
#ifndef SERIES_PACK_INTERNAL_H
#define SERIES_PACK_INTERNAL_H

#include "series/cut.h"
#include "series/series_internal.h"
#include "series/summary_record.h"

enum {
    PACK_TURN = 64,     /* chunks put in one turn */
    PACK_ROWS = 262144, /* rows held at once */
    PACK_MERGE = 8,     /* shorts of one level that become one */
    PACK_GROUP = 32,    /* chunks merged at once */
    PACK_LEVEL_MAX = 15,
};

struct lane_work {
    struct series *series;
    struct store_txn *txn;
    const struct store_view *view;
    struct lane *lane;
    struct store_lane where;
    struct vlt_field fields[SERIES_COLUMNS_MAX + 1];
    struct vlt_schema schema;  /* the stream's columns */
    struct vlt_schema marking; /* and the arrival column */
    struct lane_record record;
    size_t *left; /* chunks that may still be put in this turn */
    size_t rest;  /* bytes of the block that filled no chunk, and stayed */
    int64_t trim_from, trim_to; /* rows of [from, to) are left out */
    uint64_t trimmed;           /* so many were */
};

/* What was cut off a lane. */
struct trimmed {
    uint64_t rows;
    uint8_t
        kid[STORE_KID_LEN]; /* of the staged key that the others lie under */
};

/* ---- work.c ---- */

VLT_MUST_USE enum vlt_status work_begin(struct series *series,
                                        struct store_txn *txn,
                                        struct lane *lane, size_t *left,
                                        struct lane_work *out);

/* Only to read, with any view: without a lane, and no txn. */
VLT_MUST_USE enum vlt_status work_look(const struct store_view *view,
                                       const struct stream *stream,
                                       int32_t epoch, struct lane_work *out);

/* Put the record back. */
VLT_MUST_USE enum vlt_status work_end(struct lane_work *work);
void work_free(struct lane_work *work);

/* Open a chunk, its arrival column filled up with zeros. */
VLT_MUST_USE enum vlt_status work_open(const struct lane_work *work,
                                       uint64_t no, struct vlt_rows **out);

/* ---- trim.c ---- */

/* Rows, sorted, without those that are cut.  *out is all, or takes its place;
 * of a failure it is all. */
VLT_MUST_USE enum vlt_status
trim_rows(struct lane_work *work, struct vlt_rows *all, struct vlt_rows **out);

/* The rows of the lane that are not of the wish's range, put into chunks under
 * a staged key.  Status as series_erase(). */
VLT_MUST_USE enum vlt_status trim_lane(struct series *series,
                                       struct store_txn *txn, struct lane *lane,
                                       const struct series_erased *wish,
                                       struct trimmed *out);

/* Add the rows of a lane to *rows: exactly, not as lanes count them. */
VLT_MUST_USE enum vlt_status trim_count(struct series *series,
                                        struct store_txn *txn,
                                        struct lane *lane, uint64_t *rows);

/* ---- chunk.c ---- */

/* Put one that was cut, with its summaries. */
VLT_MUST_USE enum vlt_status chunk_put(struct lane_work *work,
                                       const struct cut *cut);

/* Cut rows into chunks and put them.  *done: so many of the range were. */
VLT_MUST_USE enum vlt_status chunk_emit(struct lane_work *work,
                                        const struct chunk_rows *rows,
                                        struct vlt_range range,
                                        struct chunk_how how, size_t *done);

/* ---- heads.c ---- */

/* Put the entry of a full chunk into the lane's heads, with a summary for each
 * column of the stream. */
VLT_MUST_USE enum vlt_status heads_add(struct lane_work *work,
                                       const struct chunk_entry *entry,
                                       const struct vlt_stat *stat);

/* Take out one that is there. */
VLT_MUST_USE enum vlt_status heads_drop(struct lane_work *work,
                                        const struct chunk_entry *entry);

/* Read one, with a summary for each column of the stream. */
VLT_MUST_USE enum vlt_status heads_read(const struct lane_work *work,
                                        const struct head_ref *ref,
                                        struct head_record *out);

/* ---- rolls.c ---- */

/* Add hours of a chunk to the roll-ups of their days. */
VLT_MUST_USE enum vlt_status rolls_add(struct lane_work *work,
                                       const struct hour_sums *sums);

/* One day: what is stored of it, or nothing yet. */
VLT_MUST_USE enum vlt_status rolls_read(const struct lane_work *work,
                                        int32_t day, struct roll_record *out);

/* A day without hours. */
VLT_MUST_USE enum vlt_status rolls_make(const struct lane_work *work,
                                        int32_t day, struct roll_record *out);

/* Add rows of one day to it. */
void rolls_sum(struct roll_record *roll, const struct vlt_rows *rows,
               struct vlt_range range);

static inline int32_t
day_of(int64_t time)
{
    return (int32_t)vlt_floor_div(time, VLT_DAY);
}

/* Make the hours that [first, last] touches anew, from the chunks whose entries
 * say that they are in roll-ups. */
VLT_MUST_USE enum vlt_status rolls_rebuild(struct lane_work *work,
                                           int64_t first, int64_t last);

/* ---- pack.c ---- */

/* What of a lane is there to be gathered. */
struct pack_wanted {
    uint64_t end; /* all that arrived before */
    bool whole;   /* of what was asked for; not as many rows as may be held */
    size_t rows;  /* at most */
    bool behind;  /* each row came behind all others */
};

/* Look at the references, before anything is opened. */
struct pack_wanted pack_look(const struct lane *lane,
                             const struct lane_packed *packed, uint64_t end);

/* Chunks that rows made, and the bytes of the block of what was left. */
struct pack_filled {
    uint64_t chunks;
    uint64_t rest;
};

/*
 * How many bytes in tails make one chunk: so many, and some more, are waited
 * for.  Where not even one was filled it is waited for more than there is, so
 * that the same rows are not gathered in every turn.
 */
void pack_expect(struct lane *lane, uint64_t bytes,
                 const struct pack_filled *filled);

/* Put the rows that fill chunks into chunks, and those that came late. */
VLT_MUST_USE enum vlt_status pack_full(struct lane_work *work);

/* Put all rows that arrived before end into chunks, or as many as one turn may;
 * *whole: all. */
VLT_MUST_USE enum vlt_status pack_before(struct lane_work *work, uint64_t end,
                                         bool *whole);

/* ---- pack_turn.c ---- */

/* What a turn packs. */
struct packer {
    struct series *series;
    struct store_txn *txn;
    const struct store_view *view;
    size_t left; /* chunks that may still be put */
};

/* What does not open stays as it is, for the check to find, and what has more
 * chunks than a lane can name stays as it came.  The turn that met it is
 * undone; those behind must not be.  Returns st. */
enum vlt_status pack_note_damage(const struct packer *packer, struct lane *lane,
                                 enum vlt_status st);

/* ---- pack_beside.c ---- */

/* Put what was made beside, as much as the turn may. */
VLT_MUST_USE enum vlt_status pack_put_made(struct packer *packer);

/* A lane that is full: false, it is to be packed in the turn. */
bool pack_give(struct packer *packer, struct lane *lane);

/* A lane is about to be packed in the turn: what is made of it comes first. */
VLT_MUST_USE enum vlt_status pack_call_back(struct packer *packer,
                                            struct lane *lane);

/* ---- tidy.c ---- */

/* Merge what is short or overlaps, as far as the turn allows. */
VLT_MUST_USE enum vlt_status tidy_lane(struct lane_work *work);

/* The epoch is over: nothing stays short. */
VLT_MUST_USE enum vlt_status tidy_epoch(struct lane_work *work);

#endif
