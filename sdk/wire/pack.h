/*
 * pack: integers in groups of 128, each group as wide as its greatest.
 *
 *     group   u8 width w ‖ ceil(m·w/8) bytes, m values: value j at bit j·w,
 *             lowest bit first; unused top bits are zero.  w is 0 to 56 or 64
 *
 * The last group may be shorter.  Widths 57 to 63 do not exist, so that a value
 * of up to 56 bits never lies in more than eight bytes and one load reads it.
 */
#ifndef VLT_PACK_H
#define VLT_PACK_H

#include "base/buf.h"
#include "base/reader.h"

enum {
    VLT_PACK_GROUP = 128,
    VLT_PACK_NARROW = 56, /* the greatest width that fits one load */
    VLT_PACK_WIDE = 64,
};

/* A word of eight bytes, little-endian: compilers make one load of this. */
static inline uint64_t
vlt_word_load(const uint8_t *at)
{
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 |
           (uint64_t)at[3] << 24 | (uint64_t)at[4] << 32 |
           (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 |
           (uint64_t)at[7] << 56;
}

/* Put it there: compilers make one store of this. */
static inline void
vlt_word_store(uint8_t *at, uint64_t value)
{
    for (unsigned i = 0; i < sizeof value; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

/* A difference as a number that is small when the difference is. */
static inline uint64_t
vlt_zigzag(uint64_t difference)
{
    return (difference << 1) ^ (0 - (difference >> 63));
}

/* The difference again. */
static inline uint64_t
vlt_unzigzag(uint64_t value)
{
    return (value >> 1) ^ (0 - (value & 1));
}

/* Bytes that n values take. */
size_t vlt_pack_size(const uint64_t *values, size_t n);

/* Append them to out. */
void vlt_pack_put(struct vlt_buf *out, const uint64_t *values, size_t n);

/* Read n values.  NULL, or the rule that the bytes break: a constant text. */
const char *vlt_pack_get(struct vlt_reader *r, uint64_t *values, size_t n);

#endif
