/*
 * block: rows of one stream, packed; one codec for wire and disk.
 *
 * The payload of a binary frame and the plaintext of tails and chunks.  This is
 * the format, whole; integers are little-endian.
 *
 *     offset  bytes  field
 *          0      1  0xB1
 *          1      1  flags = 0
 *          2      1  columns, 0 to 65
 *          3      1  low nibble: time coding 0 to 3; high nibble: k, the time
 *                    unit is 10^k ns
 *          4      4  rows
 *          8      8  t0, time of the first row; 0 without rows
 *         16      4  length of the time payload
 *         20      4  ordinal of the stream in request or answer; 0 on disk
 *         24   8 ×c  one entry a column: u8 id, u8 type and coding, u8 scale,
 *                    u8 flags (bit 0 nulls, bit 1 patches), u32 length
 *                 …  the time payload, then each column's; nothing between
 *
 * pack(x_0 … x_{n-1}): groups of 128, the last may be shorter; a group of m is
 * u8 width w, then ceil(m·w/8) bytes: value j stands at bit j·w, lowest bit
 * first, unused top bits zero.  w is 0 to 56 or 64 (pack.h).
 * zz(x) = (x << 1) ^ (x >> 63).  Differences and sums wrap modulo 2^64.
 *
 * Time: u_i = (t_i - t0) / 10^k, d_i = u_i - u_{i-1}, rows in order of time.
 *
 *     0   no payload; for 0 or 1 rows, where k is 0; the others are for more
 *     1   u64 step: each d_i
 *     2   u64 base ‖ pack(d_i - base), i from 1
 *     3   u64 d_1 ‖ pack(zz(d_i - d_{i-1})), i from 2
 *
 * An entry of a column: the type, in the high nibble, is 0 f64, 1 i64, 2 bool,
 * 3 text, 4 json; flags are bit 0 nulls, bit 1 patches.  Ids ascend.  With
 * nulls the payload begins with a bitmap of ceil(rows/8) bytes (bit i%8 of byte
 * i/8: value i is present), and n is how many are; else n = rows.  With n = 0
 * the coding is 0 and nothing follows.
 *
 *     f64, i64    0 constant    8 bytes
 *                 1 delta       i64 m_0 ‖ pack(zz(m_i - m_{i-1})), i from 1
 *                 2 base        i64 base ‖ pack(m_i - base), i from 0
 *                 3 raw         8·n bytes
 *     f64         4 planes      one frame of 8·n bytes: byte 0 of all x_i, then
 *                               byte 1, …; x_i = bits_i xor bits_{i-1}, x_0 =
 *                               bits_0
 *     bool        0 constant    one byte, 0 or 1
 *                 1 bitmap      ceil(n/8) bytes
 *     text, json  1 plain       pack(lengths) ‖ the bytes
 *                 2 squeezed    pack(lengths) ‖ one frame of the bytes
 *                 3 dictionary  u16 D, 1 to 4096 ‖ pack(D lengths) ‖ the D
 *                               strings ‖ pack(n indexes)
 *
 * An i64's m is the value.  An f64's m is a decimal mantissa: the value is
 * (double) m / 10^s, one rounded division, |m| <= 2^53, and s is the entry's
 * scale, 0 to 15.  What is no such decimal is a patch: behind the packed part
 * u32 count ‖ count × (u32 index among the n, ascending ‖ u64 bits).  Scale and
 * patches are zero in other codings.
 *
 * A frame is one of zstd (RFC 8878), to the end of the payload.  Its header has
 * the size of the contents, which is as expected, no dictionary, no checksum,
 * and no window over 8 MiB.
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
 * A decoder refuses every block that breaks a rule above, or
 *
 *     is longer than VLT_BLOCK_MAX, has more rows than VLT_BLOCK_ROWS, or more
 *     than VLT_BLOCK_DECODED bytes once decoded (8 a cell, and each text's);
 *     on disk: has no rows
 *     has a value of text or json over VLT_VALUE_MAX bytes, one that is not
 *     UTF-8, or one with U+0000; on the wire: json that is none
 *     has an id that is not 0 to 63 (on disk also 255, an i64: the arrival
 *     column), or an id or type that the stream has not
 *     has a time outside [-2^62, 2^62), or one before the last
 *     has a frame that is none, or is followed by anything
 *     leaves a byte of a payload unread; is followed by anything (on disk: by
 *     anything but zeros); has an unused bit that is not zero
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
    VLT_BLOCK_DISK, /* authenticated: zeros may follow; must have rows */
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

#endif
