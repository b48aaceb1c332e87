#include "ingest/collectd.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/name.h"
#include "base/time.h"
#include "ingest/items.h"
#include "json/json.h"

enum {
    DEPTH = 8,       /* of one list; meta may be nested a little */
    TEXT_MAX = 1024, /* bytes of a host's or plugin's name */
};

/* The reading of one value list. */
struct list {
    struct sample sample;
    struct sample_cell cells[SAMPLE_CELLS];
    struct vlt_buf path;
};

/* Seconds as a double, to the microsecond: more it does not hold. */
static bool
time_of(double seconds, int64_t *out)
{
    /* Also refuses a NaN.  2^62 ns is below 4.7e9 s. */
    if (!(fabs(seconds) < 4.7e9)) {
        return false;
    }
    *out = llround(seconds * 1e6) * 1000;
    return *out >= VLT_TIME_MIN && *out < VLT_TIME_MAX;
}

static void
read_time(struct vlt_walk *walk, int64_t received, int64_t *out)
{
    const struct vlt_json *time = vlt_walk_any(walk, "time");

    *out = received;
    if (time == NULL || vlt_walk_failed(walk)) {
        return;
    }
    enum vlt_json_kind kind = vlt_json_kind(time);

    if ((kind != VLT_JSON_INT && kind != VLT_JSON_REAL) ||
        !time_of(vlt_json_number_of(time), out)) {
        vlt_walk_fault(walk, "time", "must be seconds within 1823 to 2116");
    }
}

/* One segment: a name, and -instance where there is one. */
static void
put_segment(struct vlt_walk *walk, const char *name, const char *instance,
            struct vlt_buf *path)
{
    struct vlt_slice none = { 0 };
    struct vlt_slice first = vlt_walk_text(walk, name, 1, TEXT_MAX);
    struct vlt_slice second =
        vlt_walk_text_or(walk, instance, 0, TEXT_MAX, none);
    struct vlt_buf segment = { 0 };

    vlt_buf_put_slice(&segment, first);
    if (second.len > 0) {
        vlt_buf_put_u8(&segment, '-');
        vlt_buf_put_slice(&segment, second);
    }
    if (path->len > 0) {
        vlt_buf_put_u8(path, '/');
    }
    vlt_name_put_segment(path, vlt_buf_slice(&segment));
    path->failed = path->failed || vlt_buf_failed(&segment);
    vlt_buf_free(&segment);
}

static void
read_path(struct vlt_walk *walk, struct list *list)
{
    struct vlt_slice none = { 0 };
    struct vlt_slice host = vlt_walk_text(walk, "host", 1, TEXT_MAX);

    vlt_name_put_segment(&list->path, host);
    put_segment(walk, "plugin", "plugin_instance", &list->path);
    put_segment(walk, "type", "type_instance", &list->path);
    if (!vlt_walk_failed(walk) && !vlt_buf_failed(&list->path) &&
        !sample_path_valid(vlt_buf_slice(&list->path))) {
        vlt_walk_fault(walk, "host", "makes the stream's name too long");
    }
    list->sample.path =
        vlt_buf_failed(&list->path) ? none : vlt_buf_slice(&list->path);
}

/* Whether a data source of this name has a column already. */
static bool
known(const struct list *list, struct vlt_slice name)
{
    for (size_t i = 0; i < list->sample.count; i++) {
        if (vlt_slice_equal(list->cells[i].column, name)) {
            return true;
        }
    }
    return false;
}

static void
read_cell(struct vlt_walk *walk, const struct vlt_json *value,
          struct vlt_slice name, struct list *list)
{
    enum vlt_json_kind kind = vlt_json_kind(value);

    if (!vlt_column_valid(name)) {
        vlt_walk_fault(walk, "dsnames", "hold what is no name of a column");
    } else if (known(list, name)) {
        vlt_walk_fault(walk, "dsnames", "name a column twice");
    } else if (kind == VLT_JSON_INT || kind == VLT_JSON_REAL) {
        list->cells[list->sample.count++] = (struct sample_cell){
            .column = name,
            .type = VLT_TYPE_F64,
            .real = vlt_json_number_of(value),
        };
    } else if (kind != VLT_JSON_NULL) {
        vlt_walk_fault(walk, "values", "must be numbers or null");
    }
}

static void
read_cells(struct vlt_walk *walk, struct list *list)
{
    const struct vlt_json *values =
        vlt_walk_list(walk, "values", 1, SAMPLE_CELLS);
    const struct vlt_json *types =
        vlt_walk_list(walk, "dstypes", 1, SAMPLE_CELLS);
    const struct vlt_json *names =
        vlt_walk_list(walk, "dsnames", 1, SAMPLE_CELLS);

    if (vlt_walk_failed(walk)) {
        return;
    }
    size_t count = vlt_json_count(values);

    if (vlt_json_count(types) != count || vlt_json_count(names) != count) {
        vlt_walk_fault(walk, "values",
                       "must be as many as dstypes and dsnames");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        read_cell(walk, vlt_json_item(values, i),
                  vlt_json_text_of(vlt_json_item(names, i)), list);
    }
}

/* Which of the reasons a field's fault is of. */
static enum sample_reason
reason_of(const char *field)
{
    if (strcmp(field, "time") == 0) {
        return SAMPLE_TIME;
    }
    if (strncmp(field, "values", 6) == 0) {
        return SAMPLE_TYPE;
    }
    return strcmp(field, "host") == 0 || strcmp(field, "dsnames") == 0
               ? SAMPLE_NAME
               : SAMPLE_SYNTAX;
}

static bool
read_list(const struct vlt_json *json, int64_t received, struct list *list,
          struct sample_fault *fault)
{
    struct vlt_walk walk;

    vlt_walk_begin(&walk, json);
    read_path(&walk, list);
    read_time(&walk, received, &list->sample.time);
    read_cells(&walk, list);
    (void)vlt_walk_any(&walk, "interval");
    (void)vlt_walk_any(&walk, "meta");
    if (vlt_walk_end(&walk) == VLT_OK) {
        return true;
    }
    fault->reason = reason_of(walk.at);
    sample_fault_field(fault, vlt_slice_text(walk.at));
    sample_fault_says(fault, "%s", walk.says);
    return false;
}

static bool
parse_json(const struct items_one *one, struct vlt_json **out,
           struct sample_fault *fault)
{
    struct vlt_json_fault why = { 0 };
    enum vlt_status st =
        vlt_json_parse(one->text, COLLECTD_LIST, DEPTH, &why, out);

    if (st == VLT_OK) {
        return true;
    }
    fault->reason = st == VLT_E_LIMIT ? SAMPLE_SIZE : SAMPLE_SYNTAX;
    fault->byte = one->byte + why.byte;
    sample_fault_says(fault, "%s",
                      st == VLT_E_LIMIT ? "it is too large or too deep"
                                        : why.says);
    return false;
}

static enum vlt_status
give(const struct list *list, const struct sample_sink *sink)
{
    if (vlt_buf_failed(&list->path)) {
        return VLT_E_NOMEM;
    }
    return list->sample.count > 0 ? sink->sample(sink->ctx, &list->sample)
                                  : VLT_OK;
}

static enum vlt_status
take_one(const struct items_one *one, int64_t received,
         const struct sample_sink *sink)
{
    struct sample_fault fault = {
        .place = { one->line, one->byte, one->text.len },
        .byte = one->byte,
    };
    struct vlt_json *json = NULL;
    struct list list = { .sample = { .unit = "1", .place = fault.place } };
    enum vlt_status st;

    list.sample.cells = list.cells;
    if (parse_json(one, &json, &fault) &&
        read_list(json, received, &list, &fault)) {
        st = give(&list, sink);
    } else {
        st = sink->fault(sink->ctx, &fault);
    }
    vlt_buf_free(&list.path);
    vlt_json_free(json);
    return st;
}

static enum vlt_status
take_broken(const struct items_one *one, const struct sample_sink *sink)
{
    struct sample_fault fault = {
        .reason = SAMPLE_SYNTAX,
        .place = { one->line, one->byte, one->text.len },
        .byte = one->byte,
    };

    sample_fault_says(&fault, "%s", one->says);
    return sink->fault(sink->ctx, &fault);
}

enum vlt_status
collectd_parse(const struct adapter_input *input,
               const struct sample_sink *sink)
{
    struct items items = items_over(input->body);
    enum items_state state = ITEMS_ONE;
    enum vlt_status st = VLT_OK;
    struct items_one one;

    if (input->body.len > ADAPTER_INFLATED) {
        return VLT_E_LIMIT;
    }
    while (state == ITEMS_ONE && st == VLT_OK) {
        state = items_next(&items, &one);
        if (state == ITEMS_ONE) {
            st = take_one(&one, input->received, sink);
        } else if (state == ITEMS_BROKEN) {
            st = take_broken(&one, sink);
        }
    }
    return st;
}
