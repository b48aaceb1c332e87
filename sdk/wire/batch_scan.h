/*
 * batch_scan: a data.append, read from the text of its message before a
 * document is made of it, or of the rest.
 *
 * A document costs some hundred nanoseconds a value.  So whatever is plain is
 * read straight from the text: lists of rows at params.streams[i].rows, of one
 * width, of numbers, true, false and null, the time an integer.  Where nothing
 * stands beside them but jsonrpc, method, an id that is a whole number, seq,
 * boot and the names of the streams, no member twice, the whole message is
 * plain, as that of a device is which sends one row.  Else, from VLT_SCAN_LEAST
 * bytes on, each list is replaced by its index, and what is left is small.
 * Anything else is not said to be wrong: the message is then read as every
 * other is, and refused there if it is to be.
 *
 * What is read is what vlt_json_parse() and the readers of a message read
 * (held by batch_fuzz).
 *
 * Pure.  Threads: one at a time.
 */
#ifndef VLT_BATCH_SCAN_H
#define VLT_BATCH_SCAN_H

#include "base/buf.h"
#include "wire/rows.h"

enum {
    VLT_SCAN_LEAST = 512, /* bytes for which a rest is worth while */
    VLT_SCAN_BOOT = 8,    /* bytes */
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
    struct vlt_buf rest; /* the message without rows; empty where it is plain */
    struct vlt_buf bits; /* uint64_t: an item each */
    struct vlt_buf kinds; /* uint8_t, enum vlt_scan_kind: likewise */
    struct vlt_buf parts; /* struct vlt_scan_part: a stream each */
    struct vlt_buf cuts;  /* struct scan_cut: where each stood, and its name */
    bool plain;           /* what follows, and the names, are all there is */
    uint64_t id;          /* of the request: 0 to VLT_LIMIT_ID */
    uint64_t seq;         /* 1 to 2^53; 0: none was given */
    bool has_boot;
    uint8_t boot[VLT_SCAN_BOOT];
};

/*
 * Scan a message.  True: each stream of it has a part, in their order, and
 * scan->plain is set, or scan->rest has the part's index as its `rows`.
 * False: nothing was gained, or there is no memory.  The scan borrows from the
 * text; *out is freed with vlt_scan_free() in any case.
 */
bool vlt_scan_begin(struct vlt_slice text, struct vlt_scan *out);

void vlt_scan_free(struct vlt_scan *scan);

/* Lists of rows. */
size_t vlt_scan_parts(const struct vlt_scan *scan);

/* The part of this index. */
struct vlt_scan_part vlt_scan_part(const struct vlt_scan *scan, size_t i);

/* Where the message is plain: the name of the part's stream, borrowed. */
struct vlt_slice vlt_scan_name(const struct vlt_scan *scan, size_t i);

/* All items, one behind the other: good until it is freed. */
const uint64_t *vlt_scan_bits(const struct vlt_scan *scan);
const uint8_t *vlt_scan_kinds(const struct vlt_scan *scan);

#endif
