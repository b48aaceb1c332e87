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
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    at[2] = (uint8_t)(value >> 16);
    at[3] = (uint8_t)(value >> 24);
    at[4] = (uint8_t)(value >> 32);
    at[5] = (uint8_t)(value >> 40);
    at[6] = (uint8_t)(value >> 48);
    at[7] = (uint8_t)(value >> 56);
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

/* The width for values of which none is greater. */
static inline unsigned
vlt_pack_width_of(uint64_t most)
{
    unsigned width = most == 0 ? 0 : 64 - (unsigned)__builtin_clzll(most);

    return width > VLT_PACK_NARROW ? VLT_PACK_WIDE : width;
}

/* Bytes of a group of m values, with its width in front. */
static inline size_t
vlt_pack_group_size(size_t m, unsigned width)
{
    return 1 + (m * width + 7) / 8;
}

/* Bytes that n values take. */
size_t vlt_pack_size(const uint64_t *values, size_t n);

/* Append a group of m of them, which are of that width at most: 0 to 56, or
 * 64. */
void vlt_pack_put_group(struct vlt_buf *out, const uint64_t *values, size_t m,
                        unsigned width);

/* Append them all to out. */
void vlt_pack_put(struct vlt_buf *out, const uint64_t *values, size_t n);

/* Read n values.  NULL, or the rule that the bytes break: a constant text. */
const char *vlt_pack_get(struct vlt_reader *r, uint64_t *values, size_t n);

#endif
