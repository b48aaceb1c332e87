#include "wire/block_internal.h"

#include "base/writer.h"
#include "wire/pack.h"

/*
 * Cutting works on the packed bytes: what a coding makes of the first values is
 * what it makes of these alone, perhaps in more bits than they need.  So to
 * find out how many rows fit, none is packed twice.  It is not so with zstd,
 * nor with plain texts.
 */

enum { PATCH = 4 + BLOCK_WORD }; /* bytes of a patch */

/* Bytes that stay, and how many bits of the last of them: 0 is all. */
struct piece {
    struct vlt_slice bytes;
    unsigned bits;
};

/* What stays of a column, if it has a value. */
struct kept {
    struct block_entry entry;
    struct piece bitmap;
    struct piece values;
    struct vlt_slice patches;
};

struct cutting {
    struct block_layout layout;
    struct vlt_slice times;
    struct vlt_slice payloads[VLT_COLUMNS_MAX];
};

/* ---- what stays of a payload ---- */

/* The first `bits` bits. */
static struct piece
first_bits(struct vlt_slice bytes, size_t bits)
{
    return (struct piece){ vlt_slice_of(bytes.at, (bits + 7) / 8),
                           (unsigned)(bits % 8) };
}

static struct vlt_slice
behind(struct vlt_slice bytes, size_t len)
{
    return vlt_slice_of(bytes.at + len, bytes.len - len);
}

/* Bytes of n packed integers. */
static size_t
packed_len(struct vlt_slice bytes, size_t n)
{
    size_t at = 0;

    for (size_t done = 0; done < n; done += VLT_PACK_GROUP) {
        size_t m = n - done < VLT_PACK_GROUP ? n - done : VLT_PACK_GROUP;

        at += vlt_pack_group_size(m, bytes.at[at]);
    }
    return at;
}

/* The first n of packed integers, and `skip` bytes in front of them. */
static struct piece
first_packed(struct vlt_slice bytes, size_t skip, size_t n)
{
    size_t rest = n % VLT_PACK_GROUP;
    size_t whole = skip + packed_len(behind(bytes, skip), n - rest);

    if (rest == 0) {
        return first_bits(bytes, 8 * whole);
    }
    return first_bits(bytes, 8 * (whole + 1) + rest * bytes.at[whole]);
}

static size_t
present_in(struct vlt_slice bitmap, size_t rows)
{
    size_t present = 0;

    for (size_t i = 0; i < rows / 8; i++) {
        present += (size_t)__builtin_popcount(bitmap.at[i]);
    }
    if (rows % 8 != 0) {
        unsigned last = bitmap.at[rows / 8] & ((1u << (rows % 8)) - 1);

        present += (size_t)__builtin_popcount(last);
    }
    return present;
}

/* Bytes of a dictionary in front of the indexes. */
static size_t
dictionary_len(struct vlt_slice payload)
{
    struct vlt_reader r = vlt_reader_over(payload);
    uint64_t lengths[VLT_PACK_GROUP];
    size_t count = vlt_read_u16(&r);
    size_t strings = 0;

    for (size_t done = 0; done < count; done += VLT_PACK_GROUP) {
        size_t m =
            count - done < VLT_PACK_GROUP ? count - done : VLT_PACK_GROUP;

        if (vlt_pack_get(&r, lengths, m) != NULL) {
            return 0;
        }
        for (size_t i = 0; i < m; i++) {
            strings += lengths[i];
        }
    }
    return r.at + strings;
}

/* The first n of a column's values, of which there are more than none. */
static struct piece
first_values(const struct block_entry *entry, struct vlt_slice payload,
             size_t n)
{
    if (rows_of_texts(entry->field.type)) {
        return first_packed(payload, dictionary_len(payload), n);
    }
    if (entry->coding == NUMBER_CONSTANT) {
        return first_bits(payload, 8 * payload.len);
    }
    if (entry->field.type == VLT_TYPE_BOOL) {
        return first_bits(payload, n);
    }
    switch (entry->coding) {
    case NUMBER_DELTA:
        return first_packed(payload, BLOCK_WORD, n - 1);
    case NUMBER_BASE:
        return first_packed(payload, BLOCK_WORD, n);
    default:
        return first_bits(payload, 8 * BLOCK_WORD * n);
    }
}

/* The patches of the first n values, of a column that has `all`. */
static struct vlt_slice
first_patches(const struct block_entry *entry, struct vlt_slice payload,
              size_t all, size_t n)
{
    struct vlt_slice packed = first_values(entry, payload, all).bytes;
    struct vlt_slice patches = behind(payload, packed.len + 4);
    size_t len = 0;

    while (len < patches.len && vlt_load_u32(patches.at + len) < n) {
        len += PATCH;
    }
    return vlt_slice_of(patches.at, len);
}

/* False: it has no value in these rows, and is left out. */
static bool
keep(const struct cutting *cutting, size_t column, size_t rows,
     struct kept *out)
{
    const struct block_entry *entry = &cutting->layout.entries[column];
    struct vlt_slice payload = cutting->payloads[column];
    size_t all = cutting->layout.rows;
    size_t n = rows;

    *out = (struct kept){ .entry = *entry };
    if (entry->nulls) {
        struct vlt_slice bitmap = vlt_slice_of(payload.at, (all + 7) / 8);

        out->bitmap = first_bits(bitmap, rows);
        payload = behind(payload, bitmap.len);
        n = present_in(bitmap, rows);
        all = present_in(bitmap, all);
    }
    if (n == 0) {
        return false;
    }
    out->values = first_values(entry, payload, n);
    if (entry->patches) {
        out->patches = first_patches(entry, payload, all, n);
        out->entry.patches = out->patches.len > 0;
    }
    out->entry.len = (uint32_t)(out->bitmap.bytes.len + out->values.bytes.len +
                                out->patches.len);
    if (out->entry.patches) {
        out->entry.len += 4;
    }
    return true;
}

static struct piece
keep_times(const struct cutting *cutting, size_t rows)
{
    switch (cutting->layout.time_coding) {
    case TIME_BASE:
        return first_packed(cutting->times, BLOCK_WORD, rows - 1);
    case TIME_DRIFT:
        return first_packed(cutting->times, BLOCK_WORD, rows - 2);
    default:
        return first_bits(cutting->times, 8 * cutting->times.len);
    }
}

/* ---- how many rows fit ---- */

static size_t
size_of(const struct cutting *cutting, size_t rows)
{
    size_t size = VLT_BLOCK_HEAD + keep_times(cutting, rows).bytes.len;
    struct kept kept;

    for (size_t c = 0; c < cutting->layout.columns; c++) {
        if (keep(cutting, c, rows, &kept)) {
            size += VLT_BLOCK_ENTRY + kept.entry.len;
        }
    }
    return size;
}

/* The most rows that take at most max bytes; at least 1. */
static size_t
rows_in(const struct cutting *cutting, size_t max)
{
    size_t fits = 1;
    size_t over = cutting->layout.rows + 1;

    while (over - fits > 1) {
        size_t middle = fits + (over - fits) / 2;

        if (size_of(cutting, middle) <= max) {
            fits = middle;
        } else {
            over = middle;
        }
    }
    return fits;
}

/* ---- cutting ---- */

static bool
may_cut(const struct block_entry *entry)
{
    if (rows_of_texts(entry->field.type)) {
        return entry->coding == TEXT_DICTIONARY;
    }
    return entry->field.type != VLT_TYPE_F64 || entry->coding != NUMBER_PLANES;
}

static bool
open_block(struct cutting *cutting, struct vlt_slice block)
{
    struct vlt_reader r = vlt_reader_over(block);
    struct block_fault fault = { .st = VLT_OK };

    if (!block_read_layout(&r, &cutting->layout, &fault)) {
        return false;
    }
    cutting->times = vlt_read_slice(&r, cutting->layout.time_len);
    for (size_t c = 0; c < cutting->layout.columns; c++) {
        const struct block_entry *entry = &cutting->layout.entries[c];

        cutting->payloads[c] = vlt_read_slice(&r, entry->len);
        if (!may_cut(entry)) {
            return false;
        }
    }
    return true;
}

static void
put_piece(const struct piece *piece, struct vlt_buf *out)
{
    size_t len = piece->bytes.len;
    uint8_t *at = vlt_buf_extend(out, len);

    if (at == NULL || len == 0) {
        return;
    }
    memcpy(at, piece->bytes.at, len);
    if (piece->bits != 0) {
        at[len - 1] = (uint8_t)(at[len - 1] & ((1u << piece->bits) - 1));
    }
}

static void
put_block(const struct cutting *cutting, size_t rows, struct vlt_buf *out)
{
    struct piece times = keep_times(cutting, rows);
    struct block_layout layout = cutting->layout;
    struct kept kept[VLT_COLUMNS_MAX];

    layout.rows = (uint32_t)rows;
    layout.time_len = (uint32_t)times.bytes.len;
    layout.columns = 0;
    for (size_t c = 0; c < cutting->layout.columns; c++) {
        if (keep(cutting, c, rows, &kept[layout.columns])) {
            layout.entries[layout.columns] = kept[layout.columns].entry;
            layout.columns++;
        }
    }
    uint8_t *head =
        vlt_buf_extend(out, VLT_BLOCK_HEAD + VLT_BLOCK_ENTRY * layout.columns);

    if (head == NULL) {
        return;
    }
    block_store_layout(&layout, head);
    put_piece(&times, out);
    for (size_t c = 0; c < layout.columns; c++) {
        put_piece(&kept[c].bitmap, out);
        put_piece(&kept[c].values, out);
        if (kept[c].entry.patches) {
            block_put_u32(out, (uint32_t)(kept[c].patches.len / PATCH));
            vlt_buf_put_slice(out, kept[c].patches);
        }
    }
}

bool
block_may_cut(struct vlt_slice block)
{
    struct cutting cutting;

    return open_block(&cutting, block);
}

size_t
block_cut(struct vlt_slice block, size_t max, struct vlt_buf *out)
{
    struct cutting cutting;

    if (!open_block(&cutting, block)) {
        return 0;
    }
    size_t rows = rows_in(&cutting, max);

    /* One row has no time payload at all: whoever needs one encodes it. */
    if (rows < 2) {
        return 0;
    }
    put_block(&cutting, rows, out);
    return vlt_buf_failed(out) ? 0 : rows;
}
