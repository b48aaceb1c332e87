#include "wire/block.h"

#include <assert.h>
#include <stdlib.h>

#include "base/writer.h"
#include "wire/block_internal.h"

enum {
    WORDS_A_VALUE = 4, /* values, mantissas, and packed twice */
};

struct encoder {
    const struct vlt_rows *rows;
    struct vlt_range range;
    uint32_t ordinal;
    void *memory; /* owned: what work points into */
    struct block_work work;
    uint8_t time_coding;
    uint32_t time_len;
    size_t columns;
    struct block_entry entries[VLT_COLUMNS_MAX];
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

static enum vlt_status
make_room(struct encoder *e)
{
    size_t n = e->range.count;
    uint64_t *words =
        malloc(n * WORDS_A_VALUE * sizeof *words + n * sizeof(uint32_t) + 1);

    if (words == NULL) {
        return VLT_E_NOMEM;
    }
    e->memory = words;
    e->work.values = words;
    e->work.mantissas = words + n;
    e->work.packed = words + 2 * n;
    e->work.patches = (uint32_t *)(words + WORDS_A_VALUE * n);
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

/* The values of a range that are present, to the front of work->values. */
static size_t
gather(struct encoder *e, const struct rows_cells *cells)
{
    const uint64_t *bits = cells->bits + e->range.from;
    size_t n = 0;

    if (cells->present == e->rows->count) {
        memcpy(e->work.values, bits, e->range.count * sizeof *bits);
        return e->range.count;
    }
    for (size_t i = 0; i < e->range.count; i++) {
        e->work.values[n] = bits[i];
        n += rows_bit(cells->bitmap, e->range.from + i);
    }
    return n;
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
    struct block_entry *entry = &e->entries[e->columns];
    size_t before = out->len;
    size_t n = gather(e, cells);

    *entry = (struct block_entry){ .field = cells->field,
                                   .nulls = n < e->range.count };
    if (entry->nulls) {
        put_bitmap(e, cells, out);
    }
    if (rows_of_texts(cells->field.type)) {
        block_put_texts(entry, &e->work, n, vlt_buf_slice(&e->rows->pool), out);
    } else {
        block_put_numbers(entry, &e->work, n, out);
    }
    /* Decoded sizes were checked, so this is a few MiB at most. */
    entry->len = (uint32_t)(out->len - before);
    e->columns++;
}

static void
write_head(const struct encoder *e, struct vlt_writer *w)
{
    const int64_t *times = e->rows->times;

    vlt_write_u8(w, BLOCK_MARK);
    vlt_write_u8(w, 0);
    vlt_write_u8(w, (uint8_t)e->columns);
    vlt_write_u8(w, e->time_coding);
    vlt_write_u32(w, (uint32_t)e->range.count);
    vlt_write_i64(w, e->range.count > 0 ? times[e->range.from] : 0);
    vlt_write_u32(w, e->time_len);
    vlt_write_u32(w, e->ordinal);
    for (size_t i = 0; i < e->columns; i++) {
        const struct block_entry *entry = &e->entries[i];
        int flags = (entry->nulls ? BLOCK_NULLS : 0) |
                    (entry->patches ? BLOCK_PATCHES : 0);

        vlt_write_u8(w, entry->field.id);
        vlt_write_u8(
            w, (uint8_t)((unsigned)entry->field.type << 4 | entry->coding));
        vlt_write_u8(w, entry->scale);
        vlt_write_u8(w, (uint8_t)flags);
        vlt_write_u32(w, entry->len);
    }
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

static enum vlt_status
encode(struct encoder *e, struct vlt_buf *out)
{
    size_t start = out->len;
    size_t head = head_len(e);

    if (vlt_buf_extend(out, head) == NULL) {
        return vlt_buf_status(out);
    }
    /* Without rows there may be no array of times to point into. */
    if (e->range.count > 0 &&
        !block_put_times(e->rows->times + e->range.from, e->range.count,
                         &e->work, &e->time_coding, out)) {
        return VLT_E_FORMAT;
    }
    e->time_len = (uint32_t)(out->len - start - head);
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
    struct vlt_writer w = vlt_writer_over(out->at + start, head);

    write_head(e, &w);
    assert(!w.failed && w.len == head);
    return VLT_OK;
}

enum vlt_status
vlt_block_encode(const struct vlt_rows *rows, struct vlt_range range,
                 uint32_t ordinal, struct vlt_buf *out)
{
    struct encoder e = { .rows = rows, .range = range, .ordinal = ordinal };
    size_t start = out->len;
    enum vlt_status st;

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
    st = encode(&e, out);
    free(e.memory);
    if (st != VLT_OK) {
        out->len = start;
    }
    return st;
}
