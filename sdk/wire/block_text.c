#include "wire/block_internal.h"

#include <stdlib.h>

#include "base/text.h"
#include "wire/pack.h"
#include "json/json.h"

/* Is there neither a zero nor a byte over 127?  Most texts are so, and are seen
 * to be at once: then each of them is UTF-8. */
static bool
all_ascii(struct vlt_slice bytes)
{
    uint8_t all = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        all |= (uint8_t)(bytes.at[i] | (uint8_t)(bytes.at[i] - 1));
    }
    return all < 128;
}

static bool
json_holds(struct vlt_slice text, const struct block_into *into)
{
    struct vlt_json *json = NULL;

    if (vlt_json_parse(text, VLT_VALUE_MAX, VLT_BLOCK_DEPTH, NULL, &json) !=
        VLT_OK) {
        return block_refuse(into->fault, VLT_E_FORMAT,
                            "a json value that is no JSON");
    }
    vlt_json_free(json);
    return true;
}

/* n texts that lie one behind the other. */
static bool
texts_hold(struct vlt_slice bytes, const struct block_entry *entry,
           const struct block_into *into, const uint64_t *cells, size_t n)
{
    bool json = entry->field.type == VLT_TYPE_JSON && into->check_json;
    bool ascii = all_ascii(bytes);
    struct vlt_reader each = vlt_reader_over(bytes);

    for (size_t i = 0; i < n && (json || !ascii); i++) {
        struct vlt_slice text = vlt_read_slice(&each, rows_cell_len(cells[i]));

        if (!ascii && !vlt_utf8_valid(text)) {
            return block_refuse(into->fault, VLT_E_FORMAT,
                                "a text that is not UTF-8, or has U+0000");
        }
        if (json && !json_holds(text, into)) {
            return false;
        }
    }
    return true;
}

/* Lengths to cells that lie in a row behind `offset`; their sum comes out. */
static bool
lay_cells(uint64_t *lengths, size_t n, size_t offset,
          const struct block_into *into, size_t *sum)
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t len = lengths[i];

        if (len > VLT_VALUE_MAX) {
            return block_refuse(into->fault, VLT_E_LIMIT,
                                "a value over 262,144 bytes");
        }
        if (at + len > into->room) {
            return block_refuse(into->fault, VLT_E_LIMIT, "over 8 MiB decoded");
        }
        lengths[i] = rows_cell(offset + at, (size_t)len);
        at += (size_t)len;
    }
    *sum = at;
    return true;
}

/* The bytes of all texts of a column, one behind the other, to the pool. */
static bool
read_bytes(struct vlt_reader *r, const struct block_entry *entry,
           const struct block_into *into, size_t sum)
{
    bool packed = entry->coding == TEXT_ZSTD;
    struct vlt_slice bytes = packed ? vlt_read_rest(r) : vlt_read_slice(r, sum);

    if (r->failed) {
        return block_refuse(into->fault, VLT_E_FORMAT, "texts are cut short");
    }
    if (packed && !block_frame_holds(bytes, sum, into->fault)) {
        return false;
    }
    uint8_t *at = vlt_buf_extend(into->pool, sum);

    if (at == NULL) {
        return block_refuse(into->fault, VLT_E_NOMEM, "no memory");
    }
    if (packed) {
        return block_read_frame(into->zstd, bytes, at, sum, into->fault);
    }
    if (sum > 0) {
        memcpy(at, bytes.at, sum);
    }
    return true;
}

/* pack(n lengths) and the bytes of n texts: into the pool, and cells. */
static bool
read_strings(struct vlt_reader *r, const struct block_entry *entry,
             const struct block_into *into, uint64_t *cells, size_t n)
{
    size_t offset = into->pool->len;
    const char *why = vlt_pack_get(r, cells, n);
    size_t sum = 0;

    if (why != NULL) {
        return block_refuse(into->fault, VLT_E_FORMAT, why);
    }
    if (!lay_cells(cells, n, offset, into, &sum) ||
        !read_bytes(r, entry, into, sum)) {
        return false;
    }
    struct vlt_slice bytes =
        vlt_slice_of(into->pool->at + offset, into->pool->len - offset);

    return texts_hold(bytes, entry, into, cells, n);
}

static bool
read_each(struct vlt_reader *r, const struct block_entry *entry,
          struct block_into *into, uint64_t *cells, size_t n)
{
    size_t before = into->pool->len;

    if (!read_strings(r, entry, into, cells, n)) {
        return false;
    }
    into->room -= into->pool->len - before;
    return true;
}

/* Indexes to the cells that they name. */
static bool
look_up(const uint64_t *strings, size_t count, struct block_into *into,
        uint64_t *cells, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (cells[i] >= count) {
            return block_refuse(into->fault, VLT_E_FORMAT,
                                "an index beyond its dictionary");
        }
        cells[i] = strings[cells[i]];
        if (rows_cell_len(cells[i]) > into->room) {
            return block_refuse(into->fault, VLT_E_LIMIT, "over 8 MiB decoded");
        }
        into->room -= rows_cell_len(cells[i]);
    }
    return true;
}

static bool
read_dictionary(struct vlt_reader *r, const struct block_entry *entry,
                struct block_into *into, uint64_t *cells, size_t n)
{
    uint16_t count = vlt_read_u16(r);
    uint64_t *strings = NULL;
    bool done;

    if (count == 0 || count > VLT_BLOCK_DICTIONARY) {
        return block_refuse(into->fault, VLT_E_FORMAT,
                            "a dictionary of none or over 4,096 strings");
    }
    strings = calloc(count, sizeof *strings);
    if (strings == NULL) {
        return block_refuse(into->fault, VLT_E_NOMEM, "no memory");
    }
    done = read_strings(r, entry, into, strings, count);
    if (done) {
        const char *why = vlt_pack_get(r, cells, n);

        done = why == NULL ? look_up(strings, count, into, cells, n)
                           : block_refuse(into->fault, VLT_E_FORMAT, why);
    }
    free(strings);
    return done;
}

bool
block_read_texts(struct vlt_reader *r, const struct block_entry *entry,
                 struct block_into *into, uint64_t *cells, size_t n)
{
    switch (entry->coding) {
    case TEXT_PLAIN:
    case TEXT_ZSTD:
        return read_each(r, entry, into, cells, n);
    case TEXT_DICTIONARY:
        return read_dictionary(r, entry, into, cells, n);
    default:
        return block_refuse(into->fault, VLT_E_FORMAT,
                            "texts without a coding");
    }
}
