#include "import/ndjson_internal.h"

#include <string.h>

#include "base/id.h"
#include "base/name.h"
#include "base/time.h"
#include "import/fault.h"
#include "import/mapping.h"
#include "json/json.h"

/* The reading of one line. */
struct line {
    struct ndjson *file;
    struct vlt_walk walk;
    struct import_row row;
};

static void
read_stream(struct line *line)
{
    const char *usual = line->file->env->options.stream;
    struct vlt_walk *walk = &line->walk;

    if (usual != NULL && !vlt_walk_has(walk, "stream")) {
        line->row.stream = vlt_slice_text(usual);
        return;
    }
    line->row.stream = vlt_walk_text(walk, "stream", 1, VLT_NAME_MAX);
    if (!vlt_walk_failed(walk) && !vlt_name_valid(line->row.stream)) {
        vlt_walk_fault(walk, "stream", "is no name of a stream");
    }
}

static void
read_time(struct line *line)
{
    int64_t time = vlt_walk_time(&line->walk, "time");

    if (!vlt_walk_failed(&line->walk) &&
        (time < VLT_TIME_MIN || time >= VLT_TIME_MAX)) {
        vlt_walk_fault(&line->walk, "time",
                       "must be from 1823-11 to before 2116-02");
    }
    line->row.time = time;
}

static void
put_json(struct ndjson *file, const struct vlt_json *value,
         struct import_cell *cell)
{
    size_t begin = file->texts.len;

    vlt_json_print(value, false, &file->texts);
    cell->type = IMPORT_JSON;
    cell->text.len = file->texts.len - begin;
    file->offsets[file->count] = begin;
}

/* Append a cell by the kind of its value.  False: there are too many. */
static bool
put_cell(struct ndjson *file, struct vlt_slice column,
         const struct vlt_json *value)
{
    struct import_cell cell = { .column = column };

    if (file->count == IMPORT_CELLS) {
        return false;
    }
    file->offsets[file->count] = SIZE_MAX;
    switch (vlt_json_kind(value)) {
    case VLT_JSON_NULL:
        return true;
    case VLT_JSON_BOOL:
        cell.type = IMPORT_BOOL;
        cell.whole = vlt_json_bool_of(value);
        break;
    case VLT_JSON_INT:
        cell.type = IMPORT_I64;
        cell.whole = vlt_json_int_of(value);
        break;
    case VLT_JSON_REAL:
        cell.type = IMPORT_F64;
        cell.real = vlt_json_number_of(value);
        break;
    case VLT_JSON_TEXT:
        cell.type = IMPORT_TEXT;
        cell.text = vlt_json_text_of(value);
        break;
    case VLT_JSON_LIST:
    case VLT_JSON_OBJECT:
        put_json(file, value, &cell);
        break;
    }
    file->cells[file->count++] = cell;
    return true;
}

static bool
on_value(void *ctx, const char *name, const struct vlt_json *value)
{
    struct line *line = ctx;
    struct vlt_slice column = vlt_slice_text(name);

    if (!vlt_column_valid(column)) {
        vlt_walk_fault(&line->walk, "values",
                       "hold what is no name of a column");
        return false;
    }
    if (!put_cell(line->file, column, value)) {
        vlt_walk_fault(&line->walk, "values", "are more than %d", IMPORT_CELLS);
        return false;
    }
    return true;
}

static void
read_values(struct line *line, const struct vlt_json *values)
{
    if (vlt_json_kind(values) == VLT_JSON_OBJECT) {
        vlt_json_each(values, on_value, line);
    } else {
        vlt_walk_fault(&line->walk, "values", "must be an object");
    }
}

static void
read_record(struct line *line)
{
    struct ndjson *file = line->file;
    struct vlt_walk *walk = &line->walk;
    uint8_t id[VLT_ID_LEN];
    const struct vlt_json *rec = vlt_walk_any(walk, "rec");

    vlt_walk_ulid(walk, "id", id);
    int64_t rev = vlt_walk_int_or(walk, "rev", 1, INT64_MAX, 1);

    if (vlt_walk_failed(walk)) {
        return;
    }
    if (vlt_json_kind(rec) != VLT_JSON_OBJECT) {
        vlt_walk_fault(walk, "rec", "must be an object");
        return;
    }
    put_cell(file, vlt_slice_text("id"), vlt_json_get(walk->object, "id"));
    file->offsets[file->count] = SIZE_MAX;
    file->cells[file->count++] = (struct import_cell){
        .column = vlt_slice_text("rev"), .type = IMPORT_I64, .whole = rev
    };
    put_cell(file, vlt_slice_text("rec"), rec);
}

static void
read_cells(struct line *line)
{
    struct vlt_walk *walk = &line->walk;
    const struct vlt_json *object = walk->object;
    int ways = (vlt_json_get(object, "value") != NULL) +
               (vlt_json_get(object, "values") != NULL) +
               (vlt_json_get(object, "rec") != NULL);

    if (ways != 1) {
        vlt_walk_fault(walk, "", "needs one of value, values and rec");
        return;
    }
    if (vlt_json_get(object, "rec") != NULL) {
        read_record(line);
    } else if (vlt_json_get(object, "values") != NULL) {
        read_values(line, vlt_walk_any(walk, "values"));
    } else {
        put_cell(line->file, vlt_slice_text("value"),
                 vlt_walk_any(walk, "value"));
    }
}

static void
read_hints(struct line *line)
{
    struct vlt_slice none = { 0 };

    line->row.unit = vlt_walk_text_or(&line->walk, "unit", 0, 64, none);
    line->row.category = vlt_walk_text_or(&line->walk, "category", 0, 63, none);
}

/* Which of the reasons a member's fault is of. */
static enum import_reason
reason_of(const char *member)
{
    if (strcmp(member, "time") == 0) {
        return IMPORT_TIME;
    }
    if (strcmp(member, "stream") == 0) {
        return IMPORT_NAME;
    }
    return strcmp(member, "rec") == 0 || strncmp(member, "value", 5) == 0
               ? IMPORT_TYPE
               : IMPORT_SYNTAX;
}

static enum vlt_status
refuse_member(const struct line *line, const struct framed *framed)
{
    struct import_fault fault = ndjson_fault(framed, reason_of(line->walk.at));

    fault_field(&fault, vlt_slice_text(line->walk.at));
    fault_says(&fault, "%s", line->walk.says);
    return ndjson_give_fault(line->file, &fault);
}

static enum vlt_status
give_row(struct line *line)
{
    struct ndjson *file = line->file;

    for (size_t i = 0; i < file->count; i++) {
        if (file->offsets[i] != SIZE_MAX) {
            file->cells[i].text.at = file->texts.at + file->offsets[i];
        }
    }
    line->row.cells = file->cells;
    line->row.count = file->count;
    return file->env->sink.row(file->env->sink.ctx, &line->row);
}

enum vlt_status
ndjson_take_row(struct ndjson *file, const struct vlt_json *json,
                const struct framed *framed)
{
    struct line line = { .file = file };

    line.row.place =
        (struct import_place){ framed->line, framed->byte, framed->len };
    file->count = 0;
    vlt_buf_clear(&file->texts);
    vlt_walk_begin(&line.walk, json);
    read_stream(&line);
    read_time(&line);
    read_cells(&line);
    read_hints(&line);
    if (vlt_walk_end(&line.walk) != VLT_OK) {
        return refuse_member(&line, framed);
    }
    if (vlt_buf_failed(&file->texts)) {
        return VLT_E_NOMEM;
    }
    return file->count > 0 ? give_row(&line) : VLT_OK;
}
