#include "wire/pack.h"

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

static unsigned
width_of(const uint64_t *x, size_t m)
{
    uint64_t all = 0;

    for (size_t j = 0; j < m; j++) {
        all |= x[j];
    }
    if (all == 0) {
        return 0;
    }
    unsigned width = 64 - (unsigned)__builtin_clzll(all);

    return width > VLT_PACK_NARROW ? VLT_PACK_WIDE : width;
}

size_t
vlt_pack_size(const uint64_t *values, size_t n)
{
    size_t size = 0;

    for (size_t done = 0; done < n; done += VLT_PACK_GROUP) {
        size_t m = group_len(n, done);

        size += 1 + bytes_of(m, width_of(values + done, m));
    }
    return size;
}

/* Values of 1 to 56 bits. */
static void
put_narrow(uint8_t *to, const uint64_t *x, size_t m, unsigned width)
{
    uint64_t word = 0;
    unsigned fill = 0; /* bits in word */

    for (size_t j = 0; j < m; j++) {
        word |= x[j] << fill;
        fill += width;
        if (fill >= 64) {
            vlt_word_store(to, word);
            to += WORD;
            fill -= 64;
            word = x[j] >> (width - fill);
        }
    }
    for (; fill > 0; fill -= fill < 8 ? fill : 8) {
        *to = (uint8_t)word;
        to++;
        word >>= 8;
    }
}

static void
put_wide(uint8_t *to, const uint64_t *x, size_t m)
{
    for (size_t j = 0; j < m; j++) {
        vlt_word_store(to + WORD * j, x[j]);
    }
}

void
vlt_pack_put(struct vlt_buf *out, const uint64_t *values, size_t n)
{
    for (size_t done = 0; done < n; done += VLT_PACK_GROUP) {
        size_t m = group_len(n, done);
        unsigned width = width_of(values + done, m);
        uint8_t *to = vlt_buf_extend(out, 1 + bytes_of(m, width));

        if (to == NULL) {
            return;
        }
        *to = (uint8_t)width;
        if (width == VLT_PACK_WIDE) {
            put_wide(to + 1, values + done, m);
        } else if (width > 0) {
            put_narrow(to + 1, values + done, m, width);
        }
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
    } else if (width == VLT_PACK_WIDE) {
        for (size_t j = 0; j < m; j++) {
            x[j] = vlt_word_load(packed.at + WORD * j);
        }
    } else if (room_behind) {
        get_narrow(packed.at, x, m, width);
    } else {
        /* The last word would be read past the end of the input. */
        memcpy(copy, packed.at, packed.len);
        memset(copy + packed.len, 0, WORD);
        get_narrow(copy, x, m, width);
    }
}

const char *
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
