/*
 * summary_record: sums of what is in chunks, as plaintext.  Pure.
 *
 * A head, for full chunks of one lane in order of their first time, then
 * number:
 *
 *     offset  bytes  field
 *          0      1  1
 *          1      1  columns
 *          2      2  entries
 *          4      4  zero
 *          8         column ids, ascending, and zeros to a multiple of 8
 *                    each entry: a chunk entry (lane_record.h), and a summary
 *                    (wire/stat.h) for each column
 *
 * A roll-up, for one UTC day of one lane:
 *
 *          0      1  1
 *          1      1  columns
 *          2      2  zero
 *          4      4  i32 day since 1970
 *          8      4  mask of the 24 hours that have rows, bit 0 the first
 *         12      4  zero
 *         16         column ids, as above
 *                    a summary for each column of each hour of the mask
 *
 * It sums up the rows of those chunks whose entry says that they are in
 * roll-ups.  Zeros may follow both.
 */
#ifndef SERIES_SUMMARY_RECORD_H
#define SERIES_SUMMARY_RECORD_H

#include "series/lane_record.h"
#include "wire/stat.h"

enum {
    SUMMARY_COLUMNS = 64,
    SUMMARY_CHUNKS = 1024, /* entries of a head */
    SUMMARY_HOURS = 24,
};

/* Which columns; their types are the stream's. */
struct summary_columns {
    size_t count;
    uint8_t id[SUMMARY_COLUMNS];
};

/* Begin with { 0 } and columns. */
struct head_record {
    struct summary_columns columns;
    size_t count;
    struct chunk_entry *entry; /* owned */
    struct vlt_stat *stat;     /* owned: count × columns.count; or NULL */
};

struct roll_record {
    struct summary_columns columns;
    int32_t day;
    uint32_t hours;        /* mask */
    struct vlt_stat *stat; /* owned: SUMMARY_HOURS × columns.count */
};

void head_record_free(struct head_record *head);
void roll_record_free(struct roll_record *roll);

/* VLT_E_LIMIT: a count is beyond 32 bits, or too many entries. */
VLT_MUST_USE enum vlt_status head_record_encode(const struct head_record *head,
                                                struct vlt_buf *out);
VLT_MUST_USE enum vlt_status roll_record_encode(const struct roll_record *roll,
                                                struct vlt_buf *out);

/*
 * schema: the stream's columns, of which these must be some; of a head NULL:
 * its summaries are stepped over, and out->stat is NULL.
 * The caller frees *out.
 * VLT_E_FORMAT  not as the encoders make them
 * VLT_E_LIMIT   a newer version
 */
VLT_MUST_USE enum vlt_status head_record_decode(struct vlt_slice bytes,
                                                const struct vlt_schema *schema,
                                                struct head_record *out);
VLT_MUST_USE enum vlt_status roll_record_decode(struct vlt_slice bytes,
                                                const struct vlt_schema *schema,
                                                struct roll_record *out);

/* The place of a column, or SIZE_MAX. */
size_t summary_find(const struct summary_columns *columns, uint8_t id);

#endif
