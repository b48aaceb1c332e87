#include "wire/pack.h"
#include "wire/clones_internal.h"

#include <string.h>

enum {
    WORD = sizeof(uint64_t),
    GROUP_BYTES = VLT_PACK_GROUP * WORD,
};

static inline size_t
group_len(size_t n, size_t done)
{
    return n - done < VLT_PACK_GROUP ? n - done : VLT_PACK_GROUP;
}

static inline size_t
bytes_of(size_t m, unsigned width)
{
    return (m * width + 7) / 8;
}

/* A length that is known makes compilers do several at a time. */
static uint64_t
all_bits(const uint64_t *x, size_t m)
{
    uint64_t all = 0;

    if (m == VLT_PACK_GROUP) {
        for (size_t j = 0; j < VLT_PACK_GROUP; j++) {
            all |= x[j];
        }
        return all;
    }
    for (size_t j = 0; j < m; j++) {
        all |= x[j];
    }
    return all;
}

static unsigned
width_of(const uint64_t *values, size_t m)
{
    return vlt_pack_width_of(all_bits(values, m));
}

VLT_CLONES size_t
vlt_pack_size(const uint64_t *values, size_t n)
{
    size_t size = 0;

    for (size_t done = 0; done < n; done += VLT_PACK_GROUP) {
        size_t m = group_len(n, done);

        size += vlt_pack_group_size(m, width_of(values + done, m));
    }
    return size;
}

/* `each` neighbours become one value of so many times the width. */
static inline unsigned
join_each(const uint64_t *x, unsigned each, unsigned width, uint64_t *out)
{
    for (size_t j = 0; j < VLT_PACK_GROUP / each; j++) {
        uint64_t word = 0;

        for (unsigned i = each; i-- > 0;) {
            word = word << width | x[j * each + i];
        }
        out[j] = word;
    }
    return each;
}

/* As many as fit into a word, of 1 to 32 bits.  A number of them that is known
 * leaves no loop within the loop. */
static unsigned
join(const uint64_t *x, unsigned width, uint64_t *out)
{
    if (width <= 2) {
        return join_each(x, 32, width, out);
    }
    if (width <= 4) {
        return join_each(x, 16, width, out);
    }
    if (width <= 8) {
        return join_each(x, 8, width, out);
    }
    if (width <= 16) {
        return join_each(x, 4, width, out);
    }
    return join_each(x, 2, width, out);
}

/* Values of 1 to 63 bits, as many as fill whole words. */
static void
put_words(uint8_t *to, const uint64_t *x, size_t count, unsigned width)
{
    uint64_t word = 0;
    unsigned fill = 0; /* bits in word */

    for (size_t j = 0; j < count; j++) {
        word |= x[j] << fill;
        fill += width;
        if (fill >= 64) {
            vlt_word_store(to, word);
            to += WORD;
            fill -= 64;
            word = x[j] >> (width - fill);
        }
    }
}

static void
put_wide(uint8_t *to, const uint64_t *x, size_t count)
{
    for (size_t j = 0; j < count; j++) {
        vlt_word_store(to + WORD * j, x[j]);
    }
}

/*
 * A whole group of 1 to 64 bits a value, to 16 bytes a bit.  Narrow values are
 * first joined to ones of more than 32 bits, so that what is done one after the
 * other is at most two for each word.
 */
static void
put_group(uint8_t *to, const uint64_t *x, unsigned width)
{
    uint64_t joined[VLT_PACK_GROUP / 2];
    unsigned each = 1;

    if (width <= 32) {
        each = join(x, width, joined);
        x = joined;
    }
    if (width * each == VLT_PACK_WIDE) {
        put_wide(to, x, VLT_PACK_GROUP / each);
    } else {
        put_words(to, x, VLT_PACK_GROUP / each, width * each);
    }
}

/* A group that is not whole: zeros behind it give zeros, which are left out. */
static void
put_last(uint8_t *to, const uint64_t *x, size_t m, unsigned width)
{
    uint64_t whole[VLT_PACK_GROUP] = { 0 };
    uint8_t bytes[GROUP_BYTES];

    memcpy(whole, x, m * sizeof *x);
    put_group(bytes, whole, width);
    memcpy(to, bytes, bytes_of(m, width));
}

VLT_CLONES void
vlt_pack_put_group(struct vlt_buf *out, const uint64_t *values, size_t m,
                   unsigned width)
{
    uint8_t *to = vlt_buf_extend(out, vlt_pack_group_size(m, width));

    if (to == NULL) {
        return;
    }
    *to = (uint8_t)width;
    if (width > 0 && m == VLT_PACK_GROUP) {
        put_group(to + 1, values, width);
    } else if (width > 0) {
        put_last(to + 1, values, m, width);
    }
}

void
vlt_pack_put(struct vlt_buf *out, const uint64_t *values, size_t n)
{
    for (size_t done = 0; done < n; done += VLT_PACK_GROUP) {
        size_t m = group_len(n, done);

        vlt_pack_put_group(out, values + done, m, width_of(values + done, m));
    }
}

/* Values of 1 to 56 bits; a word may be loaded at each byte of the group. */
static void
get_narrow(const uint8_t *from, uint64_t *x, size_t m, unsigned width)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    size_t bit = 0;

    for (size_t j = 0; j < m; j++) {
        x[j] = vlt_word_load(from + bit / 8) >> (bit % 8) & mask;
        bit += width;
    }
}

/* A whole group, of which `each` neighbours fit into one load. */
static inline void
split_each(const uint8_t *from, uint64_t *x, unsigned each, unsigned width)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    size_t bit = 0;

    for (size_t j = 0; j < VLT_PACK_GROUP; j += each) {
        uint64_t word = vlt_word_load(from + bit / 8) >> (bit % 8);

        for (unsigned i = 0; i < each; i++) {
            x[j + i] = word & mask;
            word >>= width;
        }
        bit += (size_t)each * width;
    }
}

/* A whole group of 1 to 56 bits a value. */
static void
split(const uint8_t *from, uint64_t *x, unsigned width)
{
    if (width <= VLT_PACK_NARROW / 8) {
        split_each(from, x, 8, width);
    } else if (width <= VLT_PACK_NARROW / 4) {
        split_each(from, x, 4, width);
    } else {
        get_narrow(from, x, VLT_PACK_GROUP, width);
    }
}

/* Are the bits of the last byte that no value uses zero? */
static bool
top_bits_zero(struct vlt_slice packed, size_t bits)
{
    return bits % 8 == 0 || packed.at[packed.len - 1] >> (bits % 8) == 0;
}

static void
get_group(struct vlt_slice packed, bool room_behind, uint64_t *x, size_t m,
          unsigned width)
{
    uint8_t copy[GROUP_BYTES + WORD];

    if (width == 0) {
        memset(x, 0, m * sizeof *x);
        return;
    }
    if (width == VLT_PACK_WIDE) {
        for (size_t j = 0; j < m; j++) {
            x[j] = vlt_word_load(packed.at + WORD * j);
        }
        return;
    }
    if (!room_behind) {
        /* The last word would be read past the end of the input. */
        memcpy(copy, packed.at, packed.len);
        memset(copy + packed.len, 0, WORD);
        packed.at = copy;
    }
    if (m == VLT_PACK_GROUP) {
        split(packed.at, x, width);
    } else {
        get_narrow(packed.at, x, m, width);
    }
}

VLT_CLONES const char *
vlt_pack_get(struct vlt_reader *r, uint64_t *values, size_t n)
{
    for (size_t done = 0; done < n; done += VLT_PACK_GROUP) {
        size_t m = group_len(n, done);
        unsigned width = vlt_read_u8(r);

        if (width > VLT_PACK_NARROW && width != VLT_PACK_WIDE) {
            return "a packed width that does not exist";
        }
        struct vlt_slice packed = vlt_read_slice(r, bytes_of(m, width));

        if (r->failed) {
            return "packed integers are cut short";
        }
        if (!top_bits_zero(packed, m * width)) {
            return "unused bits of packed integers are not zero";
        }
        get_group(packed, vlt_reader_left(r) >= WORD, values + done, m, width);
    }
    return NULL;
}
