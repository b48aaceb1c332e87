#include "service/pour_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/text.h"
#include "base/time.h"

/* Rows may be this far ahead of the vault's time. */
#define AHEAD (5 * VLT_MINUTE)

enum {
    LOOK_BACK = 64, /* rows that a line of equal time may join */
};

struct pour *
pour_new(struct service *service, const struct source *source)
{
    struct pour *pour = calloc(1, sizeof *pour);

    if (pour != NULL) {
        pour->service = service;
        pour->source = source;
    }
    return pour;
}

void
pour_clear(struct pour *pour)
{
    for (size_t i = 0; i < pour->count; i++) {
        stream_release(pour->stream[i]->stream);
        vlt_rows_free(pour->stream[i]->rows);
        free(pour->stream[i]);
    }
    quarantine_clear(pour);
    pour->count = 0;
    pour->fresh = 0;
    pour->under = SIZE_MAX;
}

void
pour_free(struct pour *pour)
{
    if (pour == NULL) {
        return;
    }
    pour_clear(pour);
    after_free(pour->after);
    source_release(pour->source);
    free(pour->stream);
    free(pour->bad);
    free(pour);
}

/* ---- what is bad ---- */

static enum vlt_status
on_fault(void *ctx, const struct sample_fault *fault)
{
    char says[SAMPLE_FIELD + SAMPLE_SAYS + 16];

    (void)snprintf(says, sizeof says, "%s%s%s%s",
                   fault->field[0] != '\0' ? "field \"" : "", fault->field,
                   fault->field[0] != '\0' ? "\": " : "", fault->says);
    return quarantine_add(ctx, sample_reason_word(fault->reason), fault->place,
                          fault->byte, says);
}

/* Facts of a stream (a friendly name, …) are not kept yet; nothing of a row is
 * in them. */
static enum vlt_status
on_fact(void *ctx, const struct sample_fact *fact)
{
    (void)ctx;
    (void)fact;
    return VLT_OK;
}

/* ---- streams ---- */

static enum vlt_status
make_rows(struct pour_stream *at, struct vlt_rows **out)
{
    struct vlt_field fields[SERIES_COLUMNS_MAX];
    struct vlt_schema schema = { .fields = fields, .count = at->columns };

    for (size_t i = 0; i < at->columns; i++) {
        fields[i].id = at->column[i].id;
        fields[i].type = (enum vlt_type)at->column[i].type;
    }
    return vlt_rows_new(&schema, out);
}

static bool
make_place(struct pour *pour)
{
    size_t cap = pour->cap == 0 ? 16 : 2 * pour->cap;
    struct pour_stream **more;

    if (pour->count < pour->cap) {
        return true;
    }
    more = realloc(pour->stream, cap * sizeof *more);
    if (more != NULL) {
        pour->stream = more;
        pour->cap = cap;
    }
    return more != NULL;
}

/* Takes stream, which is NULL when there is none yet. */
static enum vlt_status
begin_stream(struct pour *pour, const char *name, const struct sample *sample,
             const struct stream *stream, struct pour_stream **out)
{
    struct pour_stream *at = make_place(pour) ? calloc(1, sizeof *at) : NULL;

    if (at == NULL) {
        stream_release(stream);
        return VLT_E_NOMEM;
    }
    (void)snprintf(at->name, sizeof at->name, "%s", name);
    (void)snprintf(at->unit, sizeof at->unit, "%s",
                   sample->unit != NULL ? sample->unit : "1");
    /* The source's word first, then what the quantity hints at. */
    (void)snprintf(at->category, sizeof at->category, "%s",
                   pour->source->category[0] != '\0' ? pour->source->category
                   : sample->category != NULL        ? sample->category
                                                     : "unsorted");
    at->stream = stream;
    pour->fresh += stream == NULL;
    if (at->stream != NULL) {
        memcpy(at->column, at->stream->column,
               at->stream->columns * sizeof *at->column);
        at->known = at->stream->columns;
        at->columns = at->known;
    }
    pour->stream[pour->count++] = at;
    *out = at;
    return make_rows(at, &at->rows);
}

struct counting {
    const struct source *source;
    size_t count;
};

static bool
count_covered(void *ctx, const struct stream *stream)
{
    struct counting *counting = ctx;

    counting->count +=
        source_covers(counting->source, vlt_slice_text(stream->name));
    return true;
}

size_t
pour_count_under(const struct pour *pour)
{
    struct counting counting = { .source = pour->source };

    series_each(pour->service->series, count_covered, &counting);
    return counting.count;
}

size_t
pour_most_streams(const struct pour *pour)
{
    unsigned own = pour->source->quota.streams;

    return own != 0 ? own : IDENTITY_QUOTA_STREAMS;
}

/* Why the source may not make another stream; NULL: it may. */
static const char *
refuse_new(struct pour *pour, const char **reason)
{
    if (!pour->source->automatic) {
        *reason = "stream";
        return "there is no such stream, and the source may not make one";
    }
    if (pour->under == SIZE_MAX) {
        pour->under = pour_count_under(pour);
    }
    if (pour->under + pour->fresh >= pour_most_streams(pour)) {
        *reason = "quota";
        return "as many streams lie under the source's patterns as may: it may "
               "not make another";
    }
    return NULL;
}

/* *out is NULL when the sample went to quarantine. */
static enum vlt_status
find_stream(struct pour *pour, const char *name, const struct sample *sample,
            struct pour_stream **out)
{
    const struct stream *stream;
    const char *reason = NULL;
    const char *says = NULL;

    *out = NULL;
    /* Bodies bring few streams, most often the last one again. */
    for (size_t i = pour->count; i > 0; i--) {
        if (strcmp(pour->stream[i - 1]->name, name) == 0) {
            *out = pour->stream[i - 1];
            return VLT_OK;
        }
    }
    if (pour->count == POUR_STREAMS) {
        return VLT_E_LIMIT;
    }
    stream = series_by_name(pour->service->series, vlt_slice_text(name));
    if (stream == NULL) {
        says = refuse_new(pour, &reason);
    }
    if (says != NULL) {
        return quarantine_add(pour, reason, sample->place, sample->place.byte,
                              says);
    }
    return begin_stream(pour, name, sample, stream, out);
}

/* ---- columns ---- */

static size_t
find_column(const struct pour_stream *at, struct vlt_slice name)
{
    for (size_t i = 0; i < at->columns; i++) {
        if (vlt_slice_is(name, at->column[i].name)) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* A new column, with the id that the commit will give it; rows so far get it
 * absent. */
static enum vlt_status
add_column(struct pour_stream *at, const struct sample_cell *cell)
{
    struct stream_column *column = &at->column[at->columns];
    struct vlt_rows *rows = NULL;
    enum vlt_status st;

    *column = (struct stream_column){
        .id = (uint8_t)(at->columns == 0 ? 0
                                         : at->column[at->columns - 1].id + 1),
        .type = (uint8_t)cell->type,
    };
    memcpy(column->name, cell->column.at, cell->column.len);
    at->columns++;
    st = make_rows(at, &rows);
    if (st == VLT_OK) {
        st = vlt_rows_append(rows, at->rows, vlt_rows_all(at->rows));
    }
    if (st != VLT_OK) {
        vlt_rows_free(rows);
        at->columns--;
        return st;
    }
    vlt_rows_free(at->rows);
    at->rows = rows;
    return VLT_OK;
}

/* May the cell go into a column of this type?  An integer goes into doubles
 * where it is exact. */
static bool
fits(const struct sample_cell *cell, uint8_t type)
{
    const int64_t exact = INT64_C(1) << 53;

    return (uint8_t)cell->type == type ||
           (type == VLT_TYPE_F64 && cell->type == VLT_TYPE_I64 &&
            cell->whole >= -exact && cell->whole <= exact);
}

static uint64_t
bits_of(const struct sample_cell *cell, uint8_t type)
{
    if (type == VLT_TYPE_F64) {
        return vlt_bits_of(cell->type == VLT_TYPE_F64 ? cell->real
                                                      : (double)cell->whole);
    }
    return (uint64_t)cell->whole;
}

/* ---- one sample ---- */

static bool
is_text(uint8_t type)
{
    return type == VLT_TYPE_TEXT || type == VLT_TYPE_JSON;
}

/* A row of the same time that has none of these cells yet: lines with equal
 * stream and time and other fields are one row. */
static size_t
row_to_join(const struct pour_stream *at, const struct sample *sample)
{
    const int64_t *times = vlt_rows_times(at->rows);
    size_t count = vlt_rows_count(at->rows);
    size_t least = count > LOOK_BACK ? count - LOOK_BACK : 0;

    for (size_t row = count; row > least; row--) {
        bool free_cells = times[row - 1] == sample->time;

        for (size_t i = 0; free_cells && i < sample->count; i++) {
            size_t column = find_column(at, sample->cells[i].column);

            free_cells = column != SIZE_MAX &&
                         !is_text(at->column[column].type) &&
                         !vlt_rows_has(at->rows, row - 1, column);
        }
        if (free_cells) {
            return row - 1;
        }
    }
    return SIZE_MAX;
}

static enum vlt_status
put_cells(struct pour_stream *at, const struct sample *sample)
{
    size_t row = row_to_join(at, sample);
    enum vlt_status st = VLT_OK;

    if (row == SIZE_MAX) {
        st = vlt_rows_add(at->rows, sample->time);
        row = vlt_rows_count(at->rows) - 1;
    }
    for (size_t i = 0; st == VLT_OK && i < sample->count; i++) {
        const struct sample_cell *cell = &sample->cells[i];
        size_t column = find_column(at, cell->column);
        uint8_t type = at->column[column].type;

        if (is_text(type)) {
            st = vlt_rows_set_text(at->rows, column, cell->text);
        } else {
            vlt_rows_set_at(at->rows, row, column, bits_of(cell, type));
        }
    }
    return st;
}

static enum vlt_status
refuse_cell(struct pour *pour, const struct sample *sample,
            const struct sample_cell *cell, bool known)
{
    char says[160];

    (void)snprintf(says, sizeof says,
                   known ? "field \"%.*s\": is of another type than its column"
                         : "field \"%.*s\": the stream has no such column",
                   (int)cell->column.len, (const char *)cell->column.at);
    return quarantine_add(pour, known ? "type" : "stream", sample->place,
                          sample->place.byte, says);
}

/* Columns and types, before anything of the sample is put. */
static enum vlt_status
check_cells(struct pour *pour, struct pour_stream *at,
            const struct sample *sample, bool *good)
{
    bool widens = at->stream == NULL || pour->source->automatic;
    size_t more = 0;

    *good = false;
    for (size_t i = 0; i < sample->count; i++) {
        const struct sample_cell *cell = &sample->cells[i];
        size_t column = find_column(at, cell->column);
        bool known = column != SIZE_MAX;

        if (known ? !fits(cell, at->column[column].type)
                  : !widens || at->columns + ++more > SERIES_COLUMNS_MAX) {
            return refuse_cell(pour, sample, cell, known);
        }
    }
    *good = true;
    return VLT_OK;
}

/* The columns that it brings, once the whole of it is good. */
static enum vlt_status
bring_columns(struct pour_stream *at, const struct sample *sample)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; st == VLT_OK && i < sample->count; i++) {
        const struct sample_cell *cell = &sample->cells[i];

        if (find_column(at, cell->column) == SIZE_MAX) {
            st = add_column(at, cell);
        }
    }
    return st;
}

/* The stream's whole name; false: it is too long. */
static bool
name_of(const struct pour *pour, struct vlt_slice path,
        char out[VLT_NAME_MAX + 1])
{
    struct vlt_slice prefix =
        vlt_pattern_prefix(vlt_slice_text(pour->source->pattern[0]));
    int len;

    /* A pattern without a star is the one stream, or the prefix, itself. */
    bool slash = prefix.len > 0 && prefix.at[prefix.len - 1] != '/';

    len = snprintf(out, VLT_NAME_MAX + 1, "%.*s%s%.*s", (int)prefix.len,
                   (const char *)prefix.at, slash ? "/" : "", (int)path.len,
                   (const char *)path.at);
    return len > 0 && len <= VLT_NAME_MAX &&
           vlt_name_valid(vlt_slice_text(out));
}

static enum vlt_status
on_sample(void *ctx, const struct sample *sample)
{
    struct pour *pour = ctx;
    struct pour_stream *at = NULL;
    char name[VLT_NAME_MAX + 1];
    bool good;
    enum vlt_status st;

    if (!name_of(pour, sample->path, name)) {
        return quarantine_add(pour, "name", sample->place, sample->place.byte,
                              "the stream's name would be over 256 bytes or 16 "
                              "segments");
    }
    if (!source_covers(pour->source, vlt_slice_text(name))) {
        return quarantine_add(pour, "stream", sample->place, sample->place.byte,
                              "the source may not append to this stream");
    }
    if ((pour->source->window != INT64_MAX &&
         sample->time < pour->now - pour->source->window) ||
        sample->time > pour->now + AHEAD) {
        return quarantine_add(
            pour, "time", sample->place, sample->place.byte,
            "the time is outside the source's window, or over 5 min ahead; it "
            "is in nanoseconds unless precision= says otherwise");
    }
    st = find_stream(pour, name, sample, &at);
    if (st != VLT_OK || at == NULL) {
        return st;
    }
    st = check_cells(pour, at, sample, &good);
    if (st != VLT_OK || !good) {
        return st;
    }
    st = bring_columns(at, sample);
    return st == VLT_OK ? put_cells(at, sample) : st;
}

enum vlt_status
pour_more(struct pour *pour, const struct adapter *adapter,
          const struct adapter_input *input)
{
    const struct sample_sink sink = {
        .ctx = pour, .sample = on_sample, .fact = on_fact, .fault = on_fault
    };

    pour->now = input->received;
    pour->body = input->body;
    pour->how = (struct quarantine_how){ .adapter = adapter,
                                         .precision = input->precision,
                                         .received = input->received };
    return adapter->parse(input, &sink);
}

enum vlt_status
pour_body(struct pour *pour, const struct adapter *adapter,
          const struct adapter_input *input)
{
    pour_clear(pour);
    return pour_more(pour, adapter, input);
}
