#include "wire/rows.h"

#include <assert.h>
#include <stdlib.h>

#include "base/time.h"
#include "wire/rows_internal.h"

enum { FIRST_CAP = 8 };

static bool
field_known(struct vlt_field field)
{
    if (field.id == VLT_COLUMN_ARRIVAL) {
        return field.type == VLT_TYPE_I64;
    }
    return field.id <= VLT_COLUMN_ID_MAX &&
           (unsigned)field.type <= VLT_TYPE_JSON;
}

static bool
schema_holds(const struct vlt_schema *schema)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (!field_known(schema->fields[i]) ||
            (i > 0 && schema->fields[i].id <= schema->fields[i - 1].id)) {
            return false;
        }
    }
    return true;
}

enum vlt_status
vlt_rows_new(const struct vlt_schema *schema, struct vlt_rows **out)
{
    if (schema->count > VLT_COLUMNS_MAX) {
        return VLT_E_LIMIT;
    }
    if (!schema_holds(schema)) {
        return VLT_E_FORMAT;
    }
    struct vlt_rows *rows =
        calloc(1, sizeof *rows + schema->count * sizeof rows->cells[0]);

    if (rows == NULL) {
        return VLT_E_NOMEM;
    }
    rows->columns = schema->count;
    vlt_buf_init(&rows->pool, VLT_ROWS_POOL);
    for (size_t c = 0; c < schema->count; c++) {
        rows->cells[c].field = schema->fields[c];
    }
    *out = rows;
    return VLT_OK;
}

void
vlt_rows_free(struct vlt_rows *rows)
{
    if (rows == NULL) {
        return;
    }
    vlt_buf_free(&rows->pool);
    free(rows->store);
    free(rows);
}

void
vlt_rows_clear(struct vlt_rows *rows)
{
    for (size_t c = 0; c < rows->columns && rows->store != NULL; c++) {
        memset(rows->cells[c].bitmap, 0, (rows->count + 7) / 8);
        rows->cells[c].present = 0;
    }
    vlt_buf_clear(&rows->pool);
    rows->count = 0;
    if (rows->skipped > 0) {
        rows_place(rows, rows->store, rows->cap);
    }
}

void *
rows_store_new(size_t columns, size_t cap)
{
    size_t words = cap * (1 + columns);
    uint64_t *store = malloc(words * sizeof *store + columns * (cap / 8));

    if (store != NULL) {
        memset(store + words, 0, columns * (cap / 8));
    }
    return store;
}

void
rows_place(struct vlt_rows *rows, void *store, size_t cap)
{
    uint64_t *words = store;
    uint8_t *bitmaps = (uint8_t *)(words + cap * (1 + rows->columns));

    rows->store = store;
    rows->cap = cap;
    rows->skipped = 0;
    rows->times = (int64_t *)words;
    for (size_t c = 0; c < rows->columns; c++) {
        rows->cells[c].bits = words + cap * (1 + c);
        rows->cells[c].bitmap = bitmaps + c * (cap / 8);
    }
}

void
rows_bits_set(uint8_t *bitmap, size_t from, size_t count)
{
    size_t end = from + count;

    for (; from < end && from % 8 != 0; from++) {
        rows_bit_set(bitmap, from);
    }
    memset(bitmap + from / 8, 0xff, (end - from) / 8);
    for (from += (end - from) / 8 * 8; from < end; from++) {
        rows_bit_set(bitmap, from);
    }
}

/* Move what is there into a store for cap rows. */
static enum vlt_status
grow(struct vlt_rows *rows, size_t cap)
{
    void *store = rows_store_new(rows->columns, cap);
    const int64_t *times = rows->times;
    void *old = rows->store;

    if (store == NULL) {
        return VLT_E_NOMEM;
    }
    if (old == NULL) {
        rows_place(rows, store, cap);
        return VLT_OK;
    }
    struct rows_cells was[VLT_COLUMNS_MAX];

    memcpy(was, rows->cells, rows->columns * sizeof was[0]);
    rows_place(rows, store, cap);
    memcpy(rows->times, times, rows->count * sizeof *times);
    for (size_t c = 0; c < rows->columns; c++) {
        memcpy(rows->cells[c].bits, was[c].bits,
               rows->count * sizeof was[c].bits[0]);
        memcpy(rows->cells[c].bitmap, was[c].bitmap, (rows->count + 7) / 8);
    }
    free(old);
    return VLT_OK;
}

enum vlt_status
vlt_rows_reserve(struct vlt_rows *rows, size_t more)
{
    if (more > VLT_ROWS_MAX || rows->count + more > VLT_ROWS_MAX) {
        return VLT_E_LIMIT;
    }
    size_t need = rows->count + more;
    size_t cap = rows->cap;

    if (need <= cap - rows->skipped) {
        return VLT_OK;
    }
    cap = cap == 0 ? FIRST_CAP : 2 * cap;
    if (cap < need) {
        cap = (need + 7) / 8 * 8;
    }
    return grow(rows, cap);
}

enum vlt_status
vlt_rows_add(struct vlt_rows *rows, int64_t time)
{
    enum vlt_status st;

    if (time < VLT_TIME_MIN || time >= VLT_TIME_MAX) {
        return VLT_E_LIMIT;
    }
    st = vlt_rows_reserve(rows, 1);
    if (st != VLT_OK) {
        return st;
    }
    for (size_t c = 0; c < rows->columns; c++) {
        rows->cells[c].bits[rows->count] = 0;
    }
    rows->times[rows->count++] = time;
    return VLT_OK;
}

/* The cell holds these bits from now on. */
static void
put_bits(struct vlt_rows *rows, size_t row, struct rows_cells *cells,
         uint64_t bits)
{
    assert(row < rows->count);
    if (!rows_bit(cells->bitmap, row)) {
        rows_bit_set(cells->bitmap, row);
        cells->present++;
    }
    cells->bits[row] = bits;
}

void
vlt_rows_set_at(struct vlt_rows *rows, size_t row, size_t column, uint64_t bits)
{
    assert(column < rows->columns);
    struct rows_cells *cells = &rows->cells[column];

    assert(!rows_of_texts(cells->field.type));
    assert(cells->field.type != VLT_TYPE_BOOL || bits <= 1);
    put_bits(rows, row, cells, bits);
}

void
vlt_rows_set(struct vlt_rows *rows, size_t column, uint64_t bits)
{
    assert(rows->count > 0);
    vlt_rows_set_at(rows, rows->count - 1, column, bits);
}

enum vlt_status
vlt_rows_set_text(struct vlt_rows *rows, size_t column, struct vlt_slice text)
{
    assert(column < rows->columns && rows->count > 0);
    struct rows_cells *cells = &rows->cells[column];
    size_t offset = rows->pool.len;

    assert(rows_of_texts(cells->field.type));
    if (text.len > VLT_VALUE_MAX || offset + text.len > VLT_ROWS_POOL) {
        return VLT_E_LIMIT;
    }
    vlt_buf_put_slice(&rows->pool, text);
    if (vlt_buf_failed(&rows->pool)) {
        return VLT_E_NOMEM;
    }
    put_bits(rows, rows->count - 1, cells, rows_cell(offset, text.len));
    return VLT_OK;
}
