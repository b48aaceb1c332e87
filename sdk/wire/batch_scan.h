/*
 * batch_scan: the rows of a data.append, read from the text of its message
 * before a document is made of the rest.
 *
 * A document costs some hundred nanoseconds a value, and rows are nearly all of
 * a large message.  So whatever is plain is read straight from the text: lists
 * of rows at params.streams[i].rows, of one width, of numbers, true, false and
 * null, the time an integer.  Each is replaced by its index, and what is left
 * is small.  Anything else is not said to be wrong: the message is then read
 * as every other is, and refused there if it is to be.
 *
 * What is read is what vlt_json_parse() reads (held by batch_fuzz).
 *
 * Pure.  Threads: one at a time.
 */
#ifndef VLT_BATCH_SCAN_H
#define VLT_BATCH_SCAN_H

#include "base/buf.h"
#include "wire/rows.h"

enum {
    VLT_SCAN_LEAST = 512, /* bytes of a message for which it is worth while */
};

enum vlt_scan_kind {
    VLT_SCAN_NULL,
    VLT_SCAN_FALSE,
    VLT_SCAN_TRUE,
    VLT_SCAN_INT,  /* bits are an int64 */
    VLT_SCAN_REAL, /* bits are a double's */
};

/* One list of rows. */
struct vlt_scan_part {
    size_t from;  /* its first item, of all */
    size_t rows;  /* at least 1 */
    size_t width; /* items of each row: the time, and at least one cell */
};

struct vlt_scan {
    struct vlt_buf rest;  /* the message without rows */
    struct vlt_buf bits;  /* uint64_t: an item each */
    struct vlt_buf kinds; /* uint8_t, enum vlt_scan_kind: likewise */
    struct vlt_buf parts; /* struct vlt_scan_part: a stream each */
};

/*
 * Scan a message.  True: each stream of it has a part, in their order, and
 * scan->rest has the part's index as its `rows`.  False: nothing was gained,
 * or there is no memory.  *out is freed with vlt_scan_free() in any case.
 */
bool vlt_scan_begin(struct vlt_slice text, struct vlt_scan *out);

/* Overwrites what it had. */
void vlt_scan_free(struct vlt_scan *scan);

/* Lists of rows. */
size_t vlt_scan_parts(const struct vlt_scan *scan);

/* The part of this index; the pointers into it are good until it is freed. */
struct vlt_scan_part vlt_scan_part(const struct vlt_scan *scan, size_t i);
const uint64_t *vlt_scan_bits(const struct vlt_scan *scan);
const uint8_t *vlt_scan_kinds(const struct vlt_scan *scan);

#endif
