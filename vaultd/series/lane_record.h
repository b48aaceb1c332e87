/*
 * lane_record: what is in force of one lane: its record as plaintext.  Pure.
 *
 *     offset  bytes  field
 *          0      1  1
 *          1      1  zero
 *      2 4 6  2 2 2  how many shorts, heads, roll-ups
 *          8  8 8 8  done: A0, A, T
 *         32  8 8 8  rows in chunks, first and last time of them
 *         56   40 ×  shorts: chunk entries
 *              32 ×  heads: u64 no, i64 first, i64 last time, u32 chunks, zero
 *              16 ×  roll-ups: u64 no, i32 day since 1970, zero
 *
 * A chunk entry:
 *
 *          0      8  no
 *          8      4  rows, from 1
 *         12      1  level: how often it was merged; 0 of a full chunk
 *         13      1  bit 0: in roll-ups; bit 1: has an arrival column
 *         14      2  zero
 *         16  8   8  first and last time
 *         32      8  greatest arrival in that column, else 0
 *
 * Shorts and heads stand in order of their first time, then number; roll-ups in
 * order of their day.  Zeros may follow.
 *
 * done: a row is in a chunk if its arrival is below A0, or below A with a time
 * that is not after T.
 */
#ifndef SERIES_LANE_RECORD_H
#define SERIES_LANE_RECORD_H

#include "base/buf.h"
#include "base/reader.h"
#include "base/slice.h"
#include "base/status.h"

enum {
    LANE_HEAD = 56,
    LANE_ENTRY = 40,
    LANE_HEAD_REF = 32,
    LANE_ROLL_REF = 16,
    LANE_SHORTS_MAX = 4096,
    LANE_HEADS_MAX = 16384,
    LANE_ROLLS_MAX = 64, /* an epoch has 30 days, and may begin within one */
};

struct chunk_entry {
    uint64_t no;
    int64_t first, last; /* times */
    uint64_t arrival;    /* greatest in the arrival column; 0 without one */
    uint32_t rows;
    uint8_t level;
    bool rolled; /* in roll-ups */
    bool marked; /* has an arrival column */
};

struct head_ref {
    uint64_t no;
    int64_t first, last;
    uint32_t chunks;
};

struct roll_ref {
    uint64_t no;
    int32_t day;
};

struct lane_done {
    uint64_t a0;
    uint64_t a;
    int64_t t;
};

/* What is in a lane's chunks, as its record says. */
struct lane_packed {
    struct lane_done done;
    uint64_t rows;
    int64_t last; /* time; only with rows */
};

/* Begin with { 0 }: nothing is in chunks. */
struct lane_record {
    struct lane_done done;
    uint64_t rows;
    int64_t first, last; /* of them; only with rows */
    size_t shorts, heads, rolls;
    struct chunk_entry *entry; /* owned, as the next two */
    struct head_ref *head;
    struct roll_ref *roll;
};

void lane_record_free(struct lane_record *record);

/* Append it.  VLT_E_LIMIT: more of something than the limits. */
VLT_MUST_USE enum vlt_status
lane_record_encode(const struct lane_record *record, struct vlt_buf *out);

/*
 * The caller frees *out.
 * VLT_E_FORMAT  not as lane_record_encode() makes them
 * VLT_E_LIMIT   a newer version, or more of something than the limits
 */
VLT_MUST_USE enum vlt_status lane_record_decode(struct vlt_slice bytes,
                                                struct lane_record *out);

/* Add one in its place.  VLT_E_LIMIT, VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status lane_add_short(struct lane_record *record,
                                            const struct chunk_entry *entry);
VLT_MUST_USE enum vlt_status lane_add_head(struct lane_record *record,
                                           const struct head_ref *head);

/* The day's roll-up is this one now. */
VLT_MUST_USE enum vlt_status lane_set_roll(struct lane_record *record,
                                           const struct roll_ref *roll);

/* Take the one at a place out. */
void lane_drop_short(struct lane_record *record, size_t at);
void lane_drop_head(struct lane_record *record, size_t at);
void lane_drop_roll(struct lane_record *record, size_t at);

static inline struct lane_packed
lane_packed_of(const struct lane_record *record)
{
    return (struct lane_packed){ .done = record->done,
                                 .rows = record->rows,
                                 .last = record->last };
}

/* Is a row in a chunk? */
static inline bool
lane_holds(const struct lane_done *done, uint64_t arrival, int64_t time)
{
    return arrival < done->a0 || (arrival < done->a && time <= done->t);
}

/* One entry, as it stands in lanes and heads. */
void chunk_entry_put(const struct chunk_entry *entry, struct vlt_buf *out);
bool chunk_entry_read(struct vlt_reader *r, struct chunk_entry *out);

/* Before the other in order of first time, then number? */
bool chunk_entry_before(const struct chunk_entry *a,
                        const struct chunk_entry *b);

#endif
