/*
 * block: rows of one stream, packed; one codec for wire and disk.
 *
 * The payload of a binary frame and the plaintext of tails and chunks.  The
 * format is that of WIRE.md, 4.1, whole; on disk a block
 *
 *     has rows, and ordinal 0
 *     may have a 65th column, 255, an i64: the arrival of late rows
 *     may be followed by zeros
 *
 * Values go through as 64-bit patterns: what is encoded decodes to the same
 * bits, NaN and -0 too.  Every reader reads every coding; a writer may choose.
 * Ours takes
 *
 *     the smallest s at which 15/16 of the first 128 doubles are decimal; where
 *     more than 1/16 of all are none, planes, or raw
 *     the smaller of codings 1 and 2, of times the smaller of 2 and 3
 *     of texts a dictionary of a quarter of plain; else zstd, else the smaller
 *     of both
 *     zstd at level 1, if there are 1,024 bytes or more and it saves a
 *     sixteenth
 *
 * A decoder refuses every block that breaks a rule of the format, is over a
 * limit below, or has an id or type that the stream has not; from the wire also
 * json that is none.
 *
 * Vectors: tests/vectors/block.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_BLOCK_H
#define VLT_BLOCK_H

#include "base/buf.h"
#include "wire/rows.h"

enum {
    VLT_BLOCK_MAX = 1048552,     /* bytes of a block */
    VLT_BLOCK_ROWS = 65536,      /* rows of a block or batch */
    VLT_BLOCK_DECODED = 8 << 20, /* bytes: vlt_rows_size() of its rows */
    VLT_BLOCK_HEAD = 24,         /* bytes before the columns' entries */
    VLT_BLOCK_ENTRY = 8,         /* bytes of one */
    VLT_BLOCK_DICTIONARY = 4096, /* strings of a dictionary */
    VLT_BLOCK_DEPTH = 32,        /* of a json value at the door */
};

/* Where a block comes from decides what it may be. */
enum vlt_block_mode {
    VLT_BLOCK_WIRE, /* untrusted: no arrival column, no byte behind it, json
                       values checked by the strict parser */
    VLT_BLOCK_DISK, /* authenticated, but coded by whoever wrote it: zeros may
                       follow; must have rows */
};

/* What the header says. */
struct vlt_block_head {
    uint32_t rows;
    uint32_t ordinal;
    int64_t t0;
    size_t len; /* bytes of the whole block, without zeros behind it */
    size_t columns;
    struct vlt_field fields[VLT_COLUMNS_MAX];
};

/*
 * Append the block of a range of sorted rows to out.  Columns without a value
 * in the range are left out.  On failure out is as long as before.
 *
 * VLT_E_FORMAT  the rows are not sorted
 * VLT_E_LIMIT   over VLT_BLOCK_ROWS, VLT_BLOCK_DECODED or VLT_BLOCK_MAX, or
 *               over what out may hold (then out has failed)
 */
VLT_MUST_USE enum vlt_status vlt_block_encode(const struct vlt_rows *rows,
                                              struct vlt_range range,
                                              uint32_t ordinal,
                                              struct vlt_buf *out);

/*
 * Append a block of as many rows from range.from on as fit into max bytes, at
 * most range.count (which is not 0); *taken says how many.  It stops when less
 * than 1/32 of max is left, or not one row more fits.  The ordinal is 0.  For
 * sealing chunks and cutting pages.  Rows of numbers are packed hardly more
 * than once, those with planes or squeezed texts a few times.
 *
 * VLT_E_LIMIT   not even one row fits
 * Else as vlt_block_encode().
 */
VLT_MUST_USE enum vlt_status vlt_block_fill(const struct vlt_rows *rows,
                                            struct vlt_range range, size_t max,
                                            struct vlt_buf *out, size_t *taken);

/* Set the ordinal of an encoded block, in place; its length is at least
 * VLT_BLOCK_HEAD. */
void vlt_block_set_ordinal(uint8_t *block, uint32_t ordinal);

/*
 * Read the header and the columns' entries only.
 * VLT_E_LIMIT   rows, columns or decoded size are over a limit
 * VLT_E_FORMAT  the header breaks a rule, or the bytes are fewer than it says
 * why (may be NULL) gets a constant text that names the rule.
 */
VLT_MUST_USE enum vlt_status vlt_block_peek(struct vlt_slice bytes,
                                            const char **why,
                                            struct vlt_block_head *out);

/*
 * Decode a whole block.  schema: the stream's columns; each of the block's must
 * be one of them (on disk also the arrival column); NULL: any.
 * The caller owns *out and frees it with vlt_rows_free().
 *
 * VLT_E_LIMIT   a size is over a limit
 * VLT_E_FORMAT  another rule is broken
 * VLT_E_NOMEM
 * why (may be NULL) gets a constant text that names the rule.
 */
VLT_MUST_USE enum vlt_status vlt_block_decode(struct vlt_slice bytes,
                                              enum vlt_block_mode mode,
                                              const struct vlt_schema *schema,
                                              const char **why,
                                              struct vlt_rows **out);

/*
 * The same, for one block after the other: *rows is NULL, or what came out
 * before, whose memory is used again.  Nothing of what it held stays.  On
 * failure it is freed, and *rows is NULL.
 */
VLT_MUST_USE enum vlt_status
vlt_block_decode_into(struct vlt_slice bytes, enum vlt_block_mode mode,
                      const struct vlt_schema *schema, const char **why,
                      struct vlt_rows **rows);

/* Rows of [from, to) in time. */
struct vlt_block_window {
    int64_t from;
    int64_t to;
};

/*
 * Append those rows of a block from disk that are of a window to others, with
 * the columns that these have: as vlt_block_decode() and vlt_rows_pick() would,
 * but numbers of these very columns are written straight to where they go.  On
 * failure rows hold what they held.  *spare is NULL, or rows whose memory is
 * used where that is not so, as by vlt_block_decode_into(); the caller's.
 *
 * VLT_E_FORMAT  as there, or a column has another type
 * VLT_E_LIMIT   as there, or over VLT_ROWS_MAX
 */
VLT_MUST_USE enum vlt_status
vlt_block_append(struct vlt_slice bytes, const struct vlt_block_window *window,
                 const char **why, struct vlt_rows **spare,
                 struct vlt_rows *rows);

#endif
