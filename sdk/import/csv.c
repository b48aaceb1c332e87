#include "import/csv_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "import/mapping_internal.h"

static const uint8_t order_mark[] = { 0xef, 0xbb, 0xbf };

/* One row, once it is split. */
struct row {
    const struct framed *framed;
    size_t shift; /* bytes of a byte order mark before it */
    const struct cell *cells;
    size_t count;
    int64_t time;
    bool gap;
};

static struct vlt_slice
without_mark(struct vlt_slice bytes)
{
    size_t len = sizeof order_mark;

    if (bytes.len >= len && memcmp(bytes.at, order_mark, len) == 0) {
        return vlt_slice_of(bytes.at + len, bytes.len - len);
    }
    return bytes;
}

bool
csv_looks(struct vlt_slice head)
{
    struct vlt_slice text = without_mark(head);
    bool some = false;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];

        if (c == '\n') {
            return some;
        }
        if (c < ' ' && c != '\t' && c != '\r') {
            return false;
        }
        some = some || c == ',' || c == ';' || c == '\t';
    }
    return some;
}

enum vlt_status
csv_begin(const struct kind_env *env, void **out)
{
    const struct mapping *mapping = env->options.mapping;
    struct csv *csv;
    enum vlt_status st;

    if (mapping == NULL) {
        return VLT_E_FORMAT;
    }
    csv = calloc(1, sizeof *csv);
    if (csv == NULL) {
        return VLT_E_NOMEM;
    }
    csv->env = env;
    csv->mapping = mapping;
    csv->to_skip = mapping->skip;
    st = cells_new(mapping->encoding, mapping->delimiter, &csv->cells);
    if (st != VLT_OK) {
        free(csv);
        return st;
    }
    framer_init(&csv->framer, mapping->delimiter, CELLS_ROW);
    *out = csv;
    return VLT_OK;
}

void
csv_free(void *parser)
{
    struct csv *csv = parser;

    framer_fini(&csv->framer);
    cells_free(csv->cells);
    vlt_buf_free(&csv->texts);
    free(csv->places);
    mapping_words_free(&csv->header);
    mapping_stream_free(csv->stream);
    free(csv);
}

/* A fault of the whole row; byte is where in it. */
static struct import_fault
fault_of(const struct framed *row, enum import_reason reason, size_t byte)
{
    struct import_fault fault = {
        .reason = reason,
        .place = { row->line, row->byte, row->len },
        .byte = row->byte + byte,
        .raw = row->raw,
    };

    if (fault.raw.len > IMPORT_RAW) {
        fault.raw.len = IMPORT_RAW;
    }
    return fault;
}

static enum vlt_status
give_fault(const struct csv *csv, const struct import_fault *fault)
{
    return csv->env->sink.fault(csv->env->sink.ctx, fault);
}

static enum vlt_status
refuse(const struct csv *csv, const struct framed *row,
       enum import_reason reason, size_t byte, const char *says)
{
    struct import_fault fault = fault_of(row, reason, byte);

    fault_says(&fault, "%s", says);
    return give_fault(csv, &fault);
}

/* Texts that were put together lie still only now. */
static void
place_texts(struct csv *csv, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (csv->offsets[i] != SIZE_MAX) {
            csv->out[i].text.at = csv->texts.at + csv->offsets[i];
        }
    }
}

static enum vlt_status
give_row(struct csv *csv, const struct mapping_stream *stream,
         const struct row *row, size_t count)
{
    struct import_row out = {
        .stream = vlt_slice_text(stream->name),
        .time = row->time,
        .unit = vlt_slice_text(stream->unit),
        .category = vlt_slice_text(stream->category),
        .cells = csv->out,
        .count = count,
        .gap_time = row->gap,
        .place = { row->framed->line, row->framed->byte, row->framed->len },
    };

    place_texts(csv, count);
    return csv->env->sink.row(csv->env->sink.ctx, &out);
}

/* One stream's part of a row; places are those of its columns. */
static enum vlt_status
take_stream(struct csv *csv, const struct mapping_stream *stream,
            const int *places, const struct row *row)
{
    size_t count = 0;

    vlt_buf_clear(&csv->texts);
    for (size_t k = 0; k < stream->count; k++) {
        const struct mapping_column *column = &stream->columns[k];
        const struct cell *cell =
            places[k] >= 0 ? &row->cells[places[k]] : NULL;

        if (cell == NULL || csv_missing(csv, column, cell)) {
            continue;
        }
        struct import_fault fault =
            fault_of(row->framed, IMPORT_TYPE, row->shift + cell->at);

        if (!csv_value(csv, column, cell, count, &fault)) {
            fault_field(&fault, vlt_slice_text(column->from));
            return give_fault(csv, &fault);
        }
        count++;
    }
    if (vlt_buf_failed(&csv->texts)) {
        return VLT_E_NOMEM;
    }
    return count > 0 ? give_row(csv, stream, row, count) : VLT_OK;
}

static enum vlt_status
refuse_time(const struct csv *csv, const struct row *row, enum vlt_status st)
{
    const struct cell *cell = &row->cells[csv->time_at];
    struct import_fault fault =
        fault_of(row->framed, IMPORT_TIME, row->shift + cell->at);

    fault_field(&fault, vlt_slice_text(csv->mapping->time_from));
    fault_quote(&fault, cell->text,
                st == VLT_E_LIMIT ? " is out of range"
                                  : " is no time of this format");
    return give_fault(csv, &fault);
}

/* A row that names its stream. */
static enum vlt_status
take_named(struct csv *csv, const struct row *row)
{
    struct import_fault fault = fault_of(row->framed, IMPORT_NAME, row->shift);
    enum vlt_status st = csv_named_find(csv, row->cells, &fault);

    if (st == VLT_E_FORMAT) {
        return give_fault(csv, &fault);
    }
    return st == VLT_OK ? take_stream(csv, csv->stream, csv->places, row) : st;
}

static enum vlt_status
take_values(struct csv *csv, struct row *row)
{
    const struct mapping *mapping = csv->mapping;
    const int *places = csv->places;
    enum vlt_status st;

    st = timefmt_read(&mapping->time, row->cells[csv->time_at].text, &csv->walk,
                      &row->gap, &row->time);
    if (st != VLT_OK) {
        return refuse_time(csv, row, st);
    }
    if (mapping->named) {
        return take_named(csv, row);
    }
    for (size_t i = 0; i < mapping->count && st == VLT_OK; i++) {
        st = take_stream(csv, mapping->streams[i], places, row);
        places += mapping->streams[i]->count;
    }
    return st;
}

/* From here on the columns are known and rows are values. */
static enum vlt_status
bind(struct csv *csv, const struct framed *framed,
     const struct vlt_slice *names, size_t count)
{
    struct import_fault fault = fault_of(framed, IMPORT_NAME, 0);
    enum vlt_status st = csv->mapping->named
                             ? csv_named_bind(csv, names, count, &fault)
                             : csv_bind(csv, names, count, &fault);

    if (st == VLT_E_FORMAT) {
        enum vlt_status given = give_fault(csv, &fault);

        return given != VLT_OK ? given : st;
    }
    return st;
}

static enum vlt_status
bind_header(struct csv *csv, const struct row *row)
{
    struct vlt_slice names[CELLS_MAX];

    for (size_t i = 0; i < row->count; i++) {
        names[i] = row->cells[i].text;
    }
    return bind(csv, row->framed, names, row->count);
}

static enum vlt_status
bind_listed(struct csv *csv, const struct framed *framed)
{
    const struct mapping_words *columns = &csv->mapping->columns;
    struct vlt_slice names[CELLS_MAX];

    for (size_t i = 0; i < columns->count; i++) {
        names[i] = vlt_slice_text(columns->at[i]);
    }
    return bind(csv, framed, names, columns->count);
}

static enum vlt_status
take_row(struct csv *csv, struct row *row)
{
    if (!csv->bound && csv->mapping->header) {
        return bind_header(csv, row);
    }
    if (row->count != csv->width) {
        struct import_fault fault = fault_of(row->framed, IMPORT_WIDTH, 0);

        fault_says(&fault, "the row has %zu cells, not %zu", row->count,
                   csv->width);
        return give_fault(csv, &fault);
    }
    return take_values(csv, row);
}

/* Split a row and take it. */
static enum vlt_status
split_row(struct csv *csv, const struct framed *framed)
{
    struct row row = { .framed = framed };
    struct vlt_slice bytes = framed->raw;
    size_t bad = 0;
    enum vlt_status st;

    if (framed->byte == 0 && csv->mapping->encoding == CELLS_UTF_8) {
        bytes = without_mark(bytes);
        row.shift = framed->raw.len - bytes.len;
    }
    st = cells_split(csv->cells, bytes, &row.cells, &row.count, &bad);
    if (st == VLT_E_FORMAT) {
        return refuse(csv, framed, IMPORT_SYNTAX, row.shift + bad,
                      "a quotation mark is not closed where the cell ends");
    }
    if (st == VLT_E_LIMIT) {
        return refuse(csv, framed, IMPORT_SIZE, 0,
                      "the row has over 1,024 cells");
    }
    return st == VLT_OK ? take_row(csv, &row) : st;
}

static enum vlt_status
on_framed(struct csv *csv, const struct framed *framed)
{
    enum vlt_status st = VLT_OK;

    if (csv->to_skip > 0) {
        csv->to_skip--;
        return VLT_OK;
    }
    if (!csv->bound && !csv->mapping->header) {
        st = bind_listed(csv, framed);
    }
    if (st != VLT_OK || framed->raw.len == 0) {
        return st;
    }
    if (framed->too_long) {
        return refuse(csv, framed, IMPORT_SIZE, 0,
                      "the row is over 1,048,576 bytes");
    }
    return split_row(csv, framed);
}

enum vlt_status
csv_feed(void *parser, struct vlt_slice piece)
{
    struct csv *csv = parser;
    struct framed framed;
    enum vlt_status st = VLT_OK;

    while (st == VLT_OK && framer_next(&csv->framer, &piece, &framed)) {
        st = on_framed(csv, &framed);
    }
    return st == VLT_OK ? vlt_buf_status(&csv->framer.raw) : st;
}

enum vlt_status
csv_end(void *parser)
{
    struct csv *csv = parser;
    struct framed framed;

    return framer_last(&csv->framer, &framed) ? on_framed(csv, &framed)
                                              : VLT_OK;
}
