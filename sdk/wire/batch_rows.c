#include "wire/batch.h"

#include <assert.h>
#include <stdio.h>

#include "wire/batch_internal.h"

enum {
    PLACE = 48 /* bytes of "rows[65535][64]" and more */
};

/* Where the cells of a row go. */
struct plan {
    size_t count;                    /* columns that the batch names */
    size_t named[VLT_BATCH_COLUMNS]; /* of the stream, by place in the row */
    size_t place[VLT_BATCH_COLUMNS]; /* in the rows, likewise */
    struct vlt_field fields[VLT_BATCH_COLUMNS]; /* of the rows, by id */
};

static size_t
column_named(const struct vlt_batch_stream *stream, struct vlt_slice name)
{
    for (size_t i = 0; i < stream->count; i++) {
        if (vlt_slice_equal(stream->columns[i].name, name)) {
            return i;
        }
    }
    return SIZE_MAX;
}

static void
read_column(struct vlt_walk *entry, const char *at, struct vlt_slice name,
            const struct vlt_batch_stream *stream, struct plan *plan)
{
    size_t column = column_named(stream, name);

    if (column == SIZE_MAX) {
        vlt_walk_fault(entry, at, "%.*s is no column of this stream",
                       name.len < 64 ? (int)name.len : 64,
                       name.len > 0 ? (const char *)name.at : "");
        return;
    }
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->named[i] == column) {
            vlt_walk_fault(entry, at, "names a column for the second time");
            return;
        }
    }
    plan->named[plan->count] = column;
    plan->count++;
}

static void
read_columns(struct vlt_walk *entry, const struct vlt_json *list,
             const struct vlt_batch_stream *stream, struct plan *plan)
{
    char at[PLACE];

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        const struct vlt_json *name = vlt_json_item(list, i);

        snprintf(at, sizeof at, "columns[%zu]", i);
        if (vlt_json_kind(name) != VLT_JSON_TEXT) {
            vlt_walk_fault(entry, at, "must be the name of a column");
        }
        if (vlt_walk_failed(entry)) {
            return;
        }
        read_column(entry, at, vlt_json_text_of(name), stream, plan);
    }
}

/* Sort what is named by id, as rows want it: few, so by insertion. */
static void
lay_fields(const struct vlt_batch_stream *stream, struct plan *plan)
{
    size_t count = 0;

    for (size_t c = 0; c < stream->count; c++) {
        for (size_t i = 0; i < plan->count; i++) {
            if (plan->named[i] == c) {
                plan->place[i] = count;
                plan->fields[count] = stream->columns[c].field;
                count++;
            }
        }
    }
}

static void
read_plan(struct vlt_walk *entry, const struct vlt_batch_stream *stream,
          struct plan *plan)
{
    plan->count = 0;
    if (vlt_walk_has(entry, "columns")) {
        read_columns(entry,
                     vlt_walk_list(entry, "columns", 1, VLT_BATCH_COLUMNS),
                     stream, plan);
    } else if (!vlt_walk_failed(entry)) {
        read_column(entry, "columns", vlt_slice_text("value"), stream, plan);
    }
    lay_fields(stream, plan);
}

struct reading {
    struct vlt_walk entry;
    struct plan plan;
    struct vlt_rows *rows;  /* owned until handed over */
    struct vlt_buf scratch; /* a json value, printed */
};

/* Note a fault at an item of a row, or at the row (SIZE_MAX). */
static enum vlt_status
fault_at(struct reading *reading, size_t row, size_t item, const char *says)
{
    char at[PLACE];

    if (item == SIZE_MAX) {
        snprintf(at, sizeof at, "rows[%zu]", row);
    } else {
        snprintf(at, sizeof at, "rows[%zu][%zu]", row, item);
    }
    vlt_walk_fault(&reading->entry, at, "%s", says);
    return VLT_E_FORMAT;
}

static enum vlt_status
read_row(struct reading *reading, const struct vlt_json *node, size_t row)
{
    size_t count = reading->plan.count;
    struct batch_fault fault;
    enum vlt_status st;
    int64_t time;

    if (vlt_json_kind(node) != VLT_JSON_LIST ||
        vlt_json_count(node) != 1 + count) {
        snprintf(fault.says, sizeof fault.says,
                 "must be a list of %zu: a time and %zu cells", 1 + count,
                 count);
        return fault_at(reading, row, SIZE_MAX, fault.says);
    }
    st = batch_time(vlt_json_item(node, 0), &time, &fault);
    if (st != VLT_OK) {
        return fault_at(reading, row, 0, fault.says);
    }
    st = vlt_rows_add(reading->rows, time);
    for (size_t i = 0; i < count && st == VLT_OK; i++) {
        st = batch_cell(reading->rows, reading->plan.place[i],
                        vlt_json_item(node, 1 + i), &reading->scratch, &fault);
        if (st == VLT_E_FORMAT) {
            return fault_at(reading, row, 1 + i, fault.says);
        }
    }
    return st;
}

static enum vlt_status
read_list(struct reading *reading)
{
    const struct vlt_json *list =
        vlt_walk_list(&reading->entry, "rows", 1, VLT_BATCH_ROWS);
    size_t count = vlt_json_count(list);
    enum vlt_status st = vlt_rows_reserve(reading->rows, count);

    for (size_t i = 0; i < count && st == VLT_OK; i++) {
        st = read_row(reading, vlt_json_item(list, i), i);
    }
    return st;
}

static enum vlt_status
read_rows(struct reading *reading, const struct vlt_scan *scan, size_t i)
{
    struct vlt_schema schema = { .fields = reading->plan.fields,
                                 .count = reading->plan.count };
    enum vlt_status st;

    st = vlt_rows_new(&schema, &reading->rows);
    if (st == VLT_OK) {
        st = scan != NULL ? batch_put_scanned(scan, i, reading->plan.place,
                                              reading->rows)
                          : read_list(reading);
    }
    return st == VLT_OK ? vlt_rows_sort(reading->rows) : st;
}

/* A plain message names no columns: there is one, value. */
static bool
plan_plain(const struct vlt_batch_stream *stream, struct plan *plan)
{
    plan->named[0] = column_named(stream, vlt_slice_text("value"));
    plan->count = 1;
    if (plan->named[0] == SIZE_MAX) {
        return false;
    }
    lay_fields(stream, plan);
    return true;
}

static bool
make_plan(struct vlt_batch *batch, size_t i,
          const struct vlt_batch_stream *stream, struct reading *reading)
{
    if (batch->scan != NULL && batch->scan->plain) {
        return plan_plain(stream, &reading->plan);
    }
    vlt_walk_begin(&batch->walk, batch->params);
    vlt_walk_item(&reading->entry, &batch->walk, "streams", batch->streams, i);
    read_plan(&reading->entry, stream, &reading->plan);
    return !vlt_walk_failed(&reading->entry);
}

enum vlt_status
vlt_batch_rows(struct vlt_batch *batch, size_t i,
               const struct vlt_batch_stream *stream, struct vlt_rows **out)
{
    struct reading reading; /* not zeroed, since it is large */
    enum vlt_status st = VLT_E_FORMAT;

    assert(i < batch->count && stream->count <= VLT_BATCH_COLUMNS);
    reading.rows = NULL;
    reading.scratch = (struct vlt_buf){ 0 };
    if (make_plan(batch, i, stream, &reading)) {
        st = read_rows(&reading, batch->scan, i);
    }
    vlt_buf_free(&reading.scratch);
    if (st != VLT_OK) {
        vlt_rows_free(reading.rows);
        return st;
    }
    *out = reading.rows;
    return VLT_OK;
}
