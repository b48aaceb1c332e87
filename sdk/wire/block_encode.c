#include "wire/block.h"

#include <assert.h>
#include <stdlib.h>

#include "base/writer.h"
#include "wire/block_internal.h"

struct encoder {
    const struct vlt_rows *rows;
    struct vlt_range range;
    void *memory; /* owned: what work points into */
    struct block_work work;
    struct block_layout layout;
};

void
block_put_u32(struct vlt_buf *out, uint32_t value)
{
    uint8_t bytes[sizeof value];

    vlt_store_u32(bytes, value);
    vlt_buf_put(out, bytes, sizeof bytes);
}

void
block_put_u64(struct vlt_buf *out, uint64_t value)
{
    uint8_t bytes[BLOCK_WORD];

    vlt_store_u64(bytes, value);
    vlt_buf_put(out, bytes, sizeof bytes);
}

bool
block_all_equal(const uint64_t *values, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (values[i] != values[0]) {
            return false;
        }
    }
    return true;
}

/* Arrays of a word a row that these rows need: doubles and times one. */
static size_t
arrays_of(const struct vlt_rows *rows, bool *nulls, bool *texts)
{
    *nulls = false;
    *texts = false;
    for (size_t c = 0; c < rows->columns; c++) {
        const struct rows_cells *cells = &rows->cells[c];

        *nulls = *nulls || cells->present != rows->count;
        *texts = *texts || rows_of_texts(cells->field.type);
    }
    return 1 + (size_t)*nulls + (size_t)*texts;
}

/* No more than is needed: all of it is wiped when it is given back. */
static enum vlt_status
make_room(struct encoder *e)
{
    size_t n = e->range.count;
    bool nulls;
    bool texts;
    size_t all = n * arrays_of(e->rows, &nulls, &texts);
    uint64_t *words =
        malloc(all * sizeof *words + n / BLOCK_PATCHED * sizeof(uint32_t) + 1);

    if (words == NULL) {
        return VLT_E_NOMEM;
    }
    e->memory = words;
    e->work.first = words;
    e->work.values = nulls ? words + n : NULL;
    e->work.second = texts ? words + all - n : NULL;
    e->work.patches = (uint32_t *)(words + all);
    return VLT_OK;
}

static bool
has_values(const struct rows_cells *cells, struct vlt_range range)
{
    for (size_t i = 0; i < range.count && cells->present > 0; i++) {
        if (rows_bit(cells->bitmap, range.from + i)) {
            return true;
        }
    }
    return false;
}

/* The values of a range that are present: borrowed, n of them. */
static const uint64_t *
gather(struct encoder *e, const struct rows_cells *cells, size_t *n)
{
    const uint64_t *bits = cells->bits + e->range.from;
    size_t count = 0;

    if (cells->present == e->rows->count) {
        *n = e->range.count;
        return bits;
    }
    for (size_t i = 0; i < e->range.count; i++) {
        e->work.values[count] = bits[i];
        count += rows_bit(cells->bitmap, e->range.from + i);
    }
    *n = count;
    return e->work.values;
}

static void
put_bitmap(const struct encoder *e, const struct rows_cells *cells,
           struct vlt_buf *out)
{
    size_t len = (e->range.count + 7) / 8;
    uint8_t *bitmap = vlt_buf_extend(out, len);

    if (bitmap == NULL) {
        return;
    }
    memset(bitmap, 0, len);
    for (size_t i = 0; i < e->range.count; i++) {
        if (rows_bit(cells->bitmap, e->range.from + i)) {
            rows_bit_set(bitmap, i);
        }
    }
}

static void
put_column(struct encoder *e, const struct rows_cells *cells,
           struct vlt_buf *out)
{
    struct block_entry *entry = &e->layout.entries[e->layout.columns];
    size_t before = out->len;
    size_t n = 0;
    const uint64_t *values = gather(e, cells, &n);

    *entry = (struct block_entry){ .field = cells->field,
                                   .nulls = n < e->range.count };
    if (entry->nulls) {
        put_bitmap(e, cells, out);
    }
    if (rows_of_texts(cells->field.type)) {
        struct block_cells texts = { vlt_buf_slice(&e->rows->pool), values, n };

        block_put_texts(entry, &e->work, &texts, out);
    } else {
        block_put_numbers(entry, &e->work, values, n, out);
    }
    /* Decoded sizes were checked, so this is a few MiB at most. */
    entry->len = (uint32_t)(out->len - before);
    e->layout.columns++;
}

/* Columns are known only when their values were looked for. */
static size_t
head_len(const struct encoder *e)
{
    size_t columns = 0;

    for (size_t c = 0; c < e->rows->columns; c++) {
        columns += has_values(&e->rows->cells[c], e->range);
    }
    return VLT_BLOCK_HEAD + VLT_BLOCK_ENTRY * columns;
}

/* Without rows there may be no array of times to point into.  False: they are
 * not in order. */
static bool
put_times(struct encoder *e, struct vlt_buf *out)
{
    const int64_t *times = e->rows->times;

    if (e->range.count == 0) {
        return true;
    }
    e->layout.t0 = times[e->range.from];
    return block_put_times(times + e->range.from, e->range.count, &e->work,
                           &e->layout, out);
}

static enum vlt_status
encode(struct encoder *e, struct vlt_buf *out)
{
    size_t start = out->len;
    size_t head = head_len(e);

    if (vlt_buf_extend(out, head) == NULL) {
        return vlt_buf_status(out);
    }
    if (!put_times(e, out)) {
        return VLT_E_FORMAT;
    }
    e->layout.time_len = (uint32_t)(out->len - start - head);
    for (size_t c = 0; c < e->rows->columns; c++) {
        if (has_values(&e->rows->cells[c], e->range)) {
            put_column(e, &e->rows->cells[c], out);
        }
    }
    if (vlt_buf_failed(out)) {
        return vlt_buf_status(out);
    }
    if (out->len - start > VLT_BLOCK_MAX) {
        return VLT_E_LIMIT;
    }
    block_store_layout(&e->layout, out->at + start);
    return VLT_OK;
}

enum vlt_status
block_encode(const struct vlt_rows *rows, struct vlt_range range,
             struct block_zstd *zstd, struct vlt_buf *out)
{
    struct encoder e;
    size_t start = out->len;
    enum vlt_status st;

    /* Not the entries: they are large, and are written before they are read. */
    e.rows = rows;
    e.range = range;
    e.layout.columns = 0;
    e.layout.ordinal = 0;
    e.layout.t0 = 0;
    e.layout.time_coding = TIME_NONE;
    e.layout.time_k = 0;

    assert(range.from <= rows->count &&
           range.count <= rows->count - range.from);
    if (range.count > VLT_BLOCK_ROWS ||
        vlt_rows_size(rows, range) > VLT_BLOCK_DECODED) {
        return VLT_E_LIMIT;
    }
    st = make_room(&e);
    if (st != VLT_OK) {
        return st;
    }
    e.layout.rows = (uint32_t)range.count;
    e.work.zstd = zstd;
    st = encode(&e, out);
    free(e.memory);
    if (st != VLT_OK) {
        out->len = start;
    }
    return st;
}

enum vlt_status
vlt_block_encode(const struct vlt_rows *rows, struct vlt_range range,
                 uint32_t ordinal, struct vlt_buf *out)
{
    struct block_zstd zstd = { 0 };
    size_t start = out->len;
    enum vlt_status st = block_encode(rows, range, &zstd, out);

    if (st == VLT_OK) {
        vlt_block_set_ordinal(out->at + start, ordinal);
    }
    block_zstd_fini(&zstd);
    return st;
}
