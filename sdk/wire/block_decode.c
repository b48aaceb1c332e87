#include "wire/block.h"

#include "wire/block_internal.h"

struct decoder {
    enum vlt_block_mode mode;
    const struct vlt_schema *schema; /* NULL: any */
    struct block_layout layout;
    struct block_into into;
    struct block_zstd zstd;
    struct vlt_rows *rows; /* owned until handed over */
    struct block_fault fault;
};

static bool
refuse(struct decoder *d, const char *why)
{
    return block_refuse(&d->fault, VLT_E_FORMAT, why);
}

static bool
in_schema(const struct decoder *d, struct vlt_field field)
{
    if (d->schema == NULL || field.id == VLT_COLUMN_ARRIVAL) {
        return true;
    }
    for (size_t i = 0; i < d->schema->count; i++) {
        if (d->schema->fields[i].id == field.id) {
            return d->schema->fields[i].type == field.type;
        }
    }
    return false;
}

static bool
columns_hold(struct decoder *d)
{
    for (size_t i = 0; i < d->layout.columns; i++) {
        struct vlt_field field = d->layout.entries[i].field;

        if (field.id == VLT_COLUMN_ARRIVAL && d->mode == VLT_BLOCK_WIRE) {
            return refuse(d, "the arrival column on the wire");
        }
        if (!in_schema(d, field)) {
            return refuse(d, "a column or type that the stream has not");
        }
    }
    return true;
}

/* What follows the block: nothing on the wire, zeros on disk. */
static bool
ends_well(struct decoder *d, struct vlt_slice bytes)
{
    struct vlt_reader r = vlt_reader_over(bytes);

    if (d->mode == VLT_BLOCK_WIRE && bytes.len != d->layout.len) {
        return refuse(d, "longer than its lengths say");
    }
    vlt_read_slice(&r, d->layout.len);
    vlt_read_zeros(&r, bytes.len - d->layout.len);
    return !r.failed || refuse(d, "bytes that are not zero behind it");
}

/* Have the rows that are there these columns, too? */
static bool
rows_serve(const struct decoder *d)
{
    if (d->rows == NULL || d->rows->columns != d->layout.columns) {
        return false;
    }
    for (size_t i = 0; i < d->layout.columns; i++) {
        struct vlt_field here = d->rows->cells[i].field;
        struct vlt_field field = d->layout.entries[i].field;

        if (here.id != field.id || here.type != field.type) {
            return false;
        }
    }
    return true;
}

static enum vlt_status
new_rows(struct decoder *d)
{
    struct vlt_field fields[VLT_COLUMNS_MAX];
    struct vlt_schema schema = { .fields = fields, .count = d->layout.columns };

    for (size_t i = 0; i < d->layout.columns; i++) {
        fields[i] = d->layout.entries[i].field;
    }
    vlt_rows_free(d->rows);
    d->rows = NULL;
    return vlt_rows_new(&schema, &d->rows);
}

/* Rows with these columns, and room for all that the header says. */
static bool
make_rows(struct decoder *d)
{
    enum vlt_status st = VLT_OK;

    if (rows_serve(d)) {
        vlt_rows_clear(d->rows);
    } else {
        st = new_rows(d);
    }
    if (st == VLT_OK) {
        st = vlt_rows_reserve(d->rows, d->layout.rows);
    }
    if (st != VLT_OK) {
        return block_refuse(&d->fault, st, "no memory");
    }
    size_t cells = (size_t)d->layout.rows * d->layout.columns;

    d->into =
        (struct block_into){ .pool = &d->rows->pool,
                             .room = VLT_BLOCK_DECODED - BLOCK_WORD * cells,
                             .check_json = d->mode == VLT_BLOCK_WIRE,
                             .zstd = &d->zstd,
                             .fault = &d->fault };
    return true;
}

/* Which cells are present. */
static bool
read_presence(struct decoder *d, struct vlt_reader *r, bool nulls,
              struct rows_cells *cells)
{
    size_t rows = d->layout.rows;
    size_t len = (rows + 7) / 8;

    if (!nulls || rows == 0) {
        if (rows > 0) {
            rows_bits_set(cells->bitmap, 0, rows);
        }
        cells->present = rows;
        return true;
    }
    vlt_read_bytes(r, cells->bitmap, len);
    if (r->failed) {
        return refuse(d, "a bitmap that is cut short");
    }
    if (rows % 8 != 0 && cells->bitmap[len - 1] >> (rows % 8) != 0) {
        return refuse(d, "unused bits of a bitmap are not zero");
    }
    for (size_t i = 0; i < len; i++) {
        cells->present += (size_t)__builtin_popcount(cells->bitmap[i]);
    }
    return true;
}

/* Move the values at the front to the rows that they belong to. */
static void
spread(struct rows_cells *cells, size_t rows)
{
    size_t next = cells->present;

    if (next == rows) {
        return;
    }
    for (size_t i = rows; i-- > 0;) {
        bool present = rows_bit(cells->bitmap, i);

        next -= present;
        cells->bits[i] = present ? cells->bits[next] : 0;
    }
}

static bool
read_values(struct decoder *d, struct vlt_reader *r,
            const struct block_entry *entry, struct rows_cells *cells)
{
    if (cells->present == 0) {
        return entry->coding == 0 || refuse(d, "a coding without values");
    }
    return rows_of_texts(entry->field.type)
               ? block_read_texts(r, entry, &d->into, cells->bits,
                                  cells->present)
               : block_read_numbers(r, entry, &d->into, cells->bits,
                                    cells->present);
}

static bool
read_column(struct decoder *d, struct vlt_slice payload, size_t column)
{
    const struct block_entry *entry = &d->layout.entries[column];
    struct rows_cells *cells = &d->rows->cells[column];
    struct vlt_reader r = vlt_reader_over(payload);

    if (!read_presence(d, &r, entry->nulls, cells) ||
        !read_values(d, &r, entry, cells)) {
        return false;
    }
    if (!vlt_reader_done(&r)) {
        return refuse(d, "a column's payload of another length");
    }
    spread(cells, d->layout.rows);
    return true;
}

static bool
read_payloads(struct decoder *d, struct vlt_reader *r)
{
    struct vlt_slice times = vlt_read_slice(r, d->layout.time_len);

    if (!block_read_times(times, &d->layout, d->rows->times, &d->fault)) {
        return false;
    }
    for (size_t i = 0; i < d->layout.columns; i++) {
        struct vlt_slice payload = vlt_read_slice(r, d->layout.entries[i].len);

        if (!read_column(d, payload, i)) {
            return false;
        }
    }
    d->rows->count = d->layout.rows;
    return true;
}

static bool
decode(struct decoder *d, struct vlt_slice bytes)
{
    struct vlt_reader r = vlt_reader_over(bytes);

    if (d->mode == VLT_BLOCK_WIRE && bytes.len > VLT_BLOCK_MAX) {
        return block_refuse(&d->fault, VLT_E_LIMIT, "over 1,048,552 bytes");
    }
    if (!block_read_layout(&r, &d->layout, &d->fault)) {
        return false;
    }
    if (d->mode == VLT_BLOCK_DISK && d->layout.rows == 0) {
        return refuse(d, "no rows");
    }
    return columns_hold(d) && ends_well(d, bytes) && make_rows(d) &&
           read_payloads(d, &r);
}

enum vlt_status
vlt_block_decode_into(struct vlt_slice bytes, enum vlt_block_mode mode,
                      const struct vlt_schema *schema, const char **why,
                      struct vlt_rows **rows)
{
    struct decoder d;

    /* Not the layout: it is large, and is written before it is read. */
    d.mode = mode;
    d.schema = schema;
    d.rows = *rows;
    d.zstd = (struct block_zstd){ NULL, NULL };
    d.fault = (struct block_fault){ VLT_OK, NULL };
    bool done = decode(&d, bytes);

    block_zstd_fini(&d.zstd);
    *rows = d.rows;
    if (done) {
        return VLT_OK;
    }
    vlt_rows_free(d.rows);
    *rows = NULL;
    if (why != NULL) {
        *why = d.fault.why;
    }
    return d.fault.st;
}

enum vlt_status
vlt_block_decode(struct vlt_slice bytes, enum vlt_block_mode mode,
                 const struct vlt_schema *schema, const char **why,
                 struct vlt_rows **out)
{
    struct vlt_rows *rows = NULL;
    enum vlt_status st = vlt_block_decode_into(bytes, mode, schema, why, &rows);

    if (st == VLT_OK) {
        *out = rows;
    }
    return st;
}

/* ---- behind others ---- */

/* May values be written straight behind the rows that are there? */
static bool
goes_behind(const struct decoder *d)
{
    bool may = rows_serve(d) && d->layout.rows > 0;

    for (size_t i = 0; may && i < d->layout.columns; i++) {
        const struct block_entry *entry = &d->layout.entries[i];

        may = !entry->nulls && !rows_of_texts(entry->field.type);
    }
    return may;
}

/* Values of all rows, to where nothing counts yet. */
static bool
read_behind(struct decoder *d, struct vlt_reader *r)
{
    struct vlt_rows *rows = d->rows;
    struct vlt_slice times = vlt_read_slice(r, d->layout.time_len);

    if (!block_read_times(times, &d->layout, rows->times + rows->count,
                          &d->fault)) {
        return false;
    }
    for (size_t i = 0; i < d->layout.columns; i++) {
        const struct block_entry *entry = &d->layout.entries[i];
        struct vlt_reader column =
            vlt_reader_over(vlt_read_slice(r, entry->len));

        if (!block_read_numbers(&column, entry, &d->into,
                                rows->cells[i].bits + rows->count,
                                d->layout.rows)) {
            return false;
        }
        if (!vlt_reader_done(&column)) {
            return refuse(d, "a column's payload of another length");
        }
    }
    return true;
}

/* The first of so many times behind those that count that is not before. */
static size_t
seek_behind(const struct vlt_rows *rows, size_t count, int64_t time)
{
    const int64_t *times = rows->times + rows->count;
    size_t low = 0;

    while (low < count) {
        size_t middle = low + (count - low) / 2;

        if (times[middle] < time) {
            low = middle + 1;
        } else {
            count = middle;
        }
    }
    return low;
}

/* Of so many rows behind those that count, those of a window count from now on;
 * all cells of them are present. */
static void
take_behind(struct vlt_rows *rows, size_t count,
            const struct vlt_block_window *window)
{
    size_t at = rows->count;
    size_t from = seek_behind(rows, count, window->from);
    size_t end = seek_behind(rows, count, window->to);
    size_t taken = end > from ? end - from : 0;

    if (taken == 0) {
        return;
    }
    memmove(rows->times + at, rows->times + at + from,
            taken * sizeof rows->times[0]);
    for (size_t c = 0; c < rows->columns; c++) {
        struct rows_cells *cells = &rows->cells[c];

        memmove(cells->bits + at, cells->bits + at + from,
                taken * sizeof cells->bits[0]);
        rows_bits_set(cells->bitmap, at, taken);
        cells->present += taken;
    }
    rows->count += taken;
}

/* False: it has to be decoded by itself; or there is a fault. */
static bool
decode_behind(struct decoder *d, struct vlt_slice bytes)
{
    struct vlt_reader r = vlt_reader_over(bytes);

    if (!block_read_layout(&r, &d->layout, &d->fault) || !goes_behind(d) ||
        !ends_well(d, bytes)) {
        return false;
    }
    enum vlt_status st = vlt_rows_reserve(d->rows, d->layout.rows);

    if (st != VLT_OK) {
        return block_refuse(&d->fault, st, "no memory");
    }
    d->into = (struct block_into){ .zstd = &d->zstd, .fault = &d->fault };
    return read_behind(d, &r);
}

/* By itself, and then what is wanted of it. */
static enum vlt_status
decode_and_pick(struct vlt_slice bytes, const struct vlt_block_window *window,
                const char **why, struct vlt_rows **spare,
                struct vlt_rows *rows)
{
    enum vlt_status st =
        vlt_block_decode_into(bytes, VLT_BLOCK_DISK, NULL, why, spare);

    if (st != VLT_OK) {
        return st;
    }
    size_t from = vlt_rows_seek(*spare, window->from);
    size_t end = vlt_rows_seek(*spare, window->to);

    return vlt_rows_pick(
        rows, *spare, (struct vlt_range){ from, end > from ? end - from : 0 });
}

enum vlt_status
vlt_block_append(struct vlt_slice bytes, const struct vlt_block_window *window,
                 const char **why, struct vlt_rows **spare,
                 struct vlt_rows *rows)
{
    struct decoder d;

    d.mode = VLT_BLOCK_DISK;
    d.schema = NULL;
    d.rows = rows;
    d.zstd = (struct block_zstd){ NULL, NULL };
    d.fault = (struct block_fault){ VLT_OK, NULL };
    bool done = decode_behind(&d, bytes);

    block_zstd_fini(&d.zstd);
    if (done) {
        take_behind(rows, d.layout.rows, window);
        return VLT_OK;
    }
    if (d.fault.st == VLT_OK) {
        return decode_and_pick(bytes, window, why, spare, rows);
    }
    if (why != NULL) {
        *why = d.fault.why;
    }
    return d.fault.st;
}
