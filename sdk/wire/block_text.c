#include "wire/block_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/writer.h"
#include "wire/pack.h"
#include "json/json.h"

enum {
    SLOTS = 2 * VLT_BLOCK_DICTIONARY, /* of the table that finds equal texts */
    PROBES = 64, /* steps in it; who needs more has chosen the texts so */
};

/* ---- decoding ---- */

static bool
text_holds(struct vlt_slice text, const struct block_entry *entry,
           const struct block_texts *texts)
{
    struct vlt_json *json = NULL;

    if (!vlt_utf8_valid(text)) {
        return block_refuse(texts->fault, VLT_E_FORMAT,
                            "a text that is not UTF-8, or has U+0000");
    }
    if (entry->field.type != VLT_TYPE_JSON || !texts->check_json) {
        return true;
    }
    if (vlt_json_parse(text, VLT_VALUE_MAX, VLT_BLOCK_DEPTH, NULL, &json) !=
        VLT_OK) {
        return block_refuse(texts->fault, VLT_E_FORMAT,
                            "a json value that is no JSON");
    }
    vlt_json_free(json);
    return true;
}

/* Lengths to cells that lie in a row behind `offset`; their sum comes out. */
static bool
lay_cells(uint64_t *lengths, size_t n, size_t offset,
          const struct block_texts *texts, size_t *sum)
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t len = lengths[i];

        if (len > VLT_VALUE_MAX) {
            return block_refuse(texts->fault, VLT_E_LIMIT,
                                "a value over 262,144 bytes");
        }
        if (at + len > texts->room) {
            return block_refuse(texts->fault, VLT_E_LIMIT,
                                "over 8 MiB decoded");
        }
        lengths[i] = rows_cell(offset + at, (size_t)len);
        at += (size_t)len;
    }
    *sum = at;
    return true;
}

/* pack(n lengths) and the bytes of n texts: into the pool, and cells. */
static bool
read_strings(struct vlt_reader *r, const struct block_entry *entry,
             const struct block_texts *texts, uint64_t *cells, size_t n)
{
    size_t offset = texts->pool->len;
    const char *why = vlt_pack_get(r, cells, n);
    size_t sum = 0;

    if (why != NULL) {
        return block_refuse(texts->fault, VLT_E_FORMAT, why);
    }
    if (!lay_cells(cells, n, offset, texts, &sum)) {
        return false;
    }
    struct vlt_slice bytes = vlt_read_slice(r, sum);

    if (r->failed) {
        return block_refuse(texts->fault, VLT_E_FORMAT, "texts are cut short");
    }
    struct vlt_reader each = vlt_reader_over(bytes);

    for (size_t i = 0; i < n; i++) {
        if (!text_holds(vlt_read_slice(&each, rows_cell_len(cells[i])), entry,
                        texts)) {
            return false;
        }
    }
    vlt_buf_put_slice(texts->pool, bytes);
    return !vlt_buf_failed(texts->pool) ||
           block_refuse(texts->fault, VLT_E_NOMEM, "no memory");
}

static bool
read_plain(struct vlt_reader *r, const struct block_entry *entry,
           struct block_texts *texts, uint64_t *cells, size_t n)
{
    size_t before = texts->pool->len;

    if (!read_strings(r, entry, texts, cells, n)) {
        return false;
    }
    texts->room -= texts->pool->len - before;
    return true;
}

/* Indexes to the cells that they name. */
static bool
look_up(const uint64_t *strings, size_t count, struct block_texts *texts,
        uint64_t *cells, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (cells[i] >= count) {
            return block_refuse(texts->fault, VLT_E_FORMAT,
                                "an index beyond its dictionary");
        }
        cells[i] = strings[cells[i]];
        if (rows_cell_len(cells[i]) > texts->room) {
            return block_refuse(texts->fault, VLT_E_LIMIT,
                                "over 8 MiB decoded");
        }
        texts->room -= rows_cell_len(cells[i]);
    }
    return true;
}

static bool
read_dictionary(struct vlt_reader *r, const struct block_entry *entry,
                struct block_texts *texts, uint64_t *cells, size_t n)
{
    uint16_t count = vlt_read_u16(r);
    uint64_t *strings = NULL;
    bool done;

    if (count == 0 || count > VLT_BLOCK_DICTIONARY) {
        return block_refuse(texts->fault, VLT_E_FORMAT,
                            "a dictionary of none or over 4,096 strings");
    }
    strings = calloc(count, sizeof *strings);
    if (strings == NULL) {
        return block_refuse(texts->fault, VLT_E_NOMEM, "no memory");
    }
    done = read_strings(r, entry, texts, strings, count);
    if (done) {
        const char *why = vlt_pack_get(r, cells, n);

        done = why == NULL ? look_up(strings, count, texts, cells, n)
                           : block_refuse(texts->fault, VLT_E_FORMAT, why);
    }
    free(strings);
    return done;
}

bool
block_read_texts(struct vlt_reader *r, const struct block_entry *entry,
                 struct block_texts *texts, uint64_t *cells, size_t n)
{
    switch (entry->coding) {
    case TEXT_PLAIN:
        return read_plain(r, entry, texts, cells, n);
    case TEXT_DICTIONARY:
        return read_dictionary(r, entry, texts, cells, n);
    case TEXT_ZSTD:
        return block_refuse(texts->fault, VLT_E_FORMAT,
                            "squeezed texts need zstd, which this version "
                            "does not read");
    default:
        return block_refuse(texts->fault, VLT_E_FORMAT,
                            "texts without a coding");
    }
}

/* ---- encoding ---- */

/* Texts that differ, in the order of their first row. */
struct dictionary {
    struct vlt_slice pool;
    size_t count;
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

/* FNV-1a, 64 bits. */
static uint64_t
hash_of(struct vlt_slice text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < text.len; i++) {
        hash = (hash ^ text.at[i]) * UINT64_C(0x100000001b3);
    }
    return hash ^ hash >> 32;
}

/* The text's place in the dictionary, which may be new; SIZE_MAX: no room. */
static size_t
place_of(struct dictionary *dictionary, uint64_t cell)
{
    struct vlt_slice text = text_of(dictionary->pool, cell);
    size_t slot = (size_t)hash_of(text) % SLOTS;

    for (size_t step = 0; step < PROBES; step++, slot = (slot + 1) % SLOTS) {
        uint16_t taken = dictionary->slots[slot];

        if (taken == 0 && dictionary->count == VLT_BLOCK_DICTIONARY) {
            return SIZE_MAX;
        }
        if (taken == 0) {
            dictionary->strings[dictionary->count] = cell;
            dictionary->count++;
            dictionary->slots[slot] = (uint16_t)dictionary->count;
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

/* Put them as a dictionary if that is smaller than plain. */
static bool
put_dictionary(struct dictionary *dictionary, struct block_work *work, size_t n,
               struct vlt_buf *out)
{
    uint64_t *places = work->packed + n;
    size_t plain = strings_size(work->values, n, work->packed);

    if (!build(dictionary, work->values, n, places)) {
        return false;
    }
    size_t small =
        2 + strings_size(dictionary->strings, dictionary->count, work->packed) +
        vlt_pack_size(places, n);

    if (small >= plain) {
        return false;
    }
    put_u16(out, (uint16_t)dictionary->count);
    put_strings(dictionary->strings, dictionary->count, work->packed,
                dictionary->pool, out);
    vlt_pack_put(out, places, n);
    return true;
}

void
block_put_texts(struct block_entry *entry, struct block_work *work, size_t n,
                struct vlt_slice pool, struct vlt_buf *out)
{
    /* Without memory for it the texts are put plainly, which is as valid. */
    struct dictionary *dictionary =
        n > 1 ? calloc(1, sizeof *dictionary) : NULL;
    bool done = false;

    if (dictionary != NULL) {
        dictionary->pool = pool;
        done = put_dictionary(dictionary, work, n, out);
        free(dictionary);
    }
    entry->coding = done ? TEXT_DICTIONARY : TEXT_PLAIN;
    if (!done) {
        put_strings(work->values, n, work->packed, pool, out);
    }
}
