#include "wire/block_internal.h"

#include <stdlib.h>

#include "wire/pack.h"

enum {
    SLOTS = 2 * VLT_BLOCK_DICTIONARY, /* of the table that finds equal texts */
    CLEARLY = 4,  /* a dictionary of this part of plain is not squeezed */
    WORTH = 1024, /* fewer bytes are not, either */
    PROBES = 64,  /* steps in it; who needs more has chosen the texts so */
};

#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15) /* 2^64 by the golden ratio */

/* Texts that differ, in the order of their first row. */
struct dictionary {
    struct vlt_slice pool;
    size_t count;
    size_t mask;                            /* slots in use, less one */
    uint64_t strings[VLT_BLOCK_DICTIONARY]; /* cells */
    uint16_t slots[SLOTS];                  /* 0: free, else place + 1 */
};

static struct vlt_slice
text_of(struct vlt_slice pool, uint64_t cell)
{
    if (rows_cell_len(cell) == 0) {
        return (struct vlt_slice){ 0 };
    }
    return vlt_slice_of(pool.at + rows_cell_offset(cell), rows_cell_len(cell));
}

/* As FNV-1a, but of a word at a time, whose upper half is brought down. */
static uint64_t
hash_of(struct vlt_slice text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ text.len;
    size_t i = 0;

    for (; text.len - i >= BLOCK_WORD; i += BLOCK_WORD) {
        hash = (hash ^ vlt_word_load(text.at + i)) * MULTIPLIER;
        hash ^= hash >> 32;
    }
    for (; i < text.len; i++) {
        hash = (hash ^ text.at[i]) * MULTIPLIER;
    }
    return hash ^ hash >> 32;
}

/* The text's place in the dictionary, which may be new; SIZE_MAX: no room. */
static size_t
place_of(struct dictionary *dictionary, uint64_t cell)
{
    struct vlt_slice text = text_of(dictionary->pool, cell);
    size_t slot = (size_t)hash_of(text);

    for (size_t step = 0; step < PROBES; step++, slot++) {
        uint16_t *at = &dictionary->slots[slot & dictionary->mask];
        uint16_t taken = *at;

        if (taken == 0 && dictionary->count == VLT_BLOCK_DICTIONARY) {
            return SIZE_MAX;
        }
        if (taken == 0) {
            dictionary->strings[dictionary->count] = cell;
            dictionary->count++;
            *at = (uint16_t)dictionary->count;
            return dictionary->count - 1;
        }
        if (vlt_slice_equal(text, text_of(dictionary->pool,
                                          dictionary->strings[taken - 1]))) {
            return taken - 1u;
        }
    }
    return SIZE_MAX;
}

/* Find all n texts; places come out.  False: a dictionary is not for them. */
static bool
build(struct dictionary *dictionary, const uint64_t *cells, size_t n,
      uint64_t *places)
{
    for (size_t i = 0; i < n; i++) {
        size_t place = place_of(dictionary, cells[i]);

        if (place == SIZE_MAX) {
            return false;
        }
        places[i] = place;
    }
    return true;
}

/* The lengths of cells; their sum comes back. */
static size_t
lengths_of(const uint64_t *cells, size_t n, uint64_t *lengths)
{
    size_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        lengths[i] = rows_cell_len(cells[i]);
        sum += rows_cell_len(cells[i]);
    }
    return sum;
}

static void
put_strings(const uint64_t *cells, size_t n, uint64_t *lengths,
            struct vlt_slice pool, struct vlt_buf *out)
{
    lengths_of(cells, n, lengths);
    vlt_pack_put(out, lengths, n);
    for (size_t i = 0; i < n; i++) {
        vlt_buf_put_slice(out, text_of(pool, cells[i]));
    }
}

static size_t
strings_size(const uint64_t *cells, size_t n, uint64_t *lengths)
{
    size_t sum = lengths_of(cells, n, lengths);

    return sum + vlt_pack_size(lengths, n);
}

static void
put_u16(struct vlt_buf *out, uint16_t value)
{
    vlt_buf_put_u8(out, (uint8_t)(value & 255));
    vlt_buf_put_u8(out, (uint8_t)(value >> 8));
}

/*
 * The dictionary of texts, with places in work->second; *size is what it takes.
 * NULL: there are too many that differ, or no memory for it.  To free.
 */
static struct dictionary *
dictionary_of(const struct block_cells *texts, struct block_work *work,
              size_t *size)
{
    struct dictionary *dictionary =
        texts->n > 1 ? malloc(sizeof *dictionary) : NULL;
    size_t slots = 2;

    if (dictionary == NULL) {
        return NULL;
    }
    while (slots < 2 * texts->n && slots < SLOTS) {
        slots *= 2;
    }
    dictionary->pool = texts->pool;
    dictionary->count = 0;
    dictionary->mask = slots - 1;
    memset(dictionary->slots, 0, slots * sizeof dictionary->slots[0]);
    if (!build(dictionary, texts->cells, texts->n, work->second)) {
        free(dictionary);
        return NULL;
    }
    *size = 2 +
            strings_size(dictionary->strings, dictionary->count, work->first) +
            vlt_pack_size(work->second, texts->n);
    return dictionary;
}

static void
put_dictionary(const struct dictionary *dictionary, struct block_work *work,
               size_t n, struct vlt_buf *out)
{
    put_u16(out, (uint16_t)dictionary->count);
    put_strings(dictionary->strings, dictionary->count, work->first,
                dictionary->pool, out);
    vlt_pack_put(out, work->second, n);
}

/* Lengths and one frame, in at most `most` bytes.  False, and nothing is
 * appended: they take more, or there is no memory for it. */
static bool
put_squeezed(const struct block_cells *texts, struct block_work *work,
             size_t most, struct vlt_buf *out)
{
    size_t sum = lengths_of(texts->cells, texts->n, work->first);
    size_t lengths = vlt_pack_size(work->first, texts->n);
    size_t before = out->len;
    uint8_t *bytes = NULL;
    size_t at = 0;
    bool done;

    if (sum < WORTH || lengths >= most) {
        return false;
    }
    bytes = malloc(sum);
    if (bytes == NULL) {
        return false;
    }
    for (size_t i = 0; i < texts->n; i++) {
        struct vlt_slice text = text_of(texts->pool, texts->cells[i]);

        if (text.len > 0) {
            memcpy(bytes + at, text.at, text.len);
        }
        at += text.len;
    }
    vlt_pack_put(out, work->first, texts->n);
    done = block_put_frame(work->zstd, vlt_slice_of(bytes, sum), most - lengths,
                           out);
    if (!done) {
        out->len = before;
    }
    free(bytes);
    return done;
}

void
block_put_texts(struct block_entry *entry, struct block_work *work,
                const struct block_cells *texts, struct vlt_buf *out)
{
    size_t plain = strings_size(texts->cells, texts->n, work->first);
    size_t small = plain;
    struct dictionary *dictionary = dictionary_of(texts, work, &small);

    /* Where many are the same, zstd finds little more. */
    if (small >= plain / CLEARLY &&
        put_squeezed(texts, work, small - small / BLOCK_SQUEEZED, out)) {
        entry->coding = TEXT_ZSTD;
    } else if (small < plain) {
        entry->coding = TEXT_DICTIONARY;
        put_dictionary(dictionary, work, texts->n, out);
    } else {
        entry->coding = TEXT_PLAIN;
        put_strings(texts->cells, texts->n, work->first, texts->pool, out);
    }
    free(dictionary);
}
