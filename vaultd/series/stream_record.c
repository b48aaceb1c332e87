#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "series/series_internal.h"
#include "json/json.h"
#include "json/json_write.h"

enum {
    RECORD_MAX = 64 << 10,
    RECORD_DEPTH = 4,
};

static const char *const types[] = {
    "f64", "i64", "bool", "text", "json", NULL
};

void
stream_record_put(struct vlt_buf *out, const struct stream *stream)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_text(&json, "category", stream->category);
    vlt_put_list(&json, "columns");
    for (size_t i = 0; i < stream->columns; i++) {
        vlt_put_object(&json, NULL);
        vlt_put_int(&json, "id", stream->column[i].id);
        vlt_put_text(&json, "name", stream->column[i].name);
        vlt_put_text(&json, "type", types[stream->column[i].type]);
        vlt_put_end(&json);
    }
    vlt_put_end(&json);
    vlt_put_time(&json, "created", stream->created);
    if (stream->keep == INT64_MAX) {
        vlt_put_null(&json, "keep");
    } else {
        vlt_put_int(&json, "keep", stream->keep);
    }
    vlt_put_text(&json, "name", stream->name);
    vlt_put_text(&json, "unit", stream->unit);
    vlt_put_int(&json, "v", 1);
    vlt_put_end(&json);
}

static void
copy(char *to, size_t size, struct vlt_slice from)
{
    memset(to, 0, size);
    if (from.len > 0 && from.len < size) {
        memcpy(to, from.at, from.len);
    }
}

static void
read_columns(struct vlt_walk *walk, struct stream_column *column, size_t *count)
{
    const struct vlt_json *list =
        vlt_walk_list(walk, "columns", 1, SERIES_COLUMNS_MAX);

    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_walk item;

        vlt_walk_item(&item, walk, "columns", list, i);
        column[i].id =
            (uint8_t)vlt_walk_int(&item, "id", 0, SERIES_COLUMNS_MAX - 1);
        copy(column[i].name, sizeof column[i].name,
             vlt_walk_text(&item, "name", 1, SERIES_COLUMN_NAME));
        column[i].type = (uint8_t)vlt_walk_word(&item, "type", types);
        if (vlt_walk_end(&item) != VLT_OK) {
            return;
        }
        if (i > 0 && column[i].id <= column[i - 1].id) {
            vlt_walk_fault(walk, "columns", "are not in order");
            return;
        }
        *count = i + 1;
    }
}

const struct stream *
stream_copy(const struct stream *from, const struct stream_column *column,
            size_t columns)
{
    struct stream_box *box = calloc(1, sizeof *box);

    if (box == NULL) {
        return NULL;
    }
    box->column = calloc(columns > 0 ? columns : 1, sizeof *box->column);
    if (box->column == NULL) {
        free(box);
        return NULL;
    }
    box->stream = *from;
    memcpy(box->column, column, columns * sizeof *column);
    box->stream.column = box->column;
    box->stream.columns = columns;
    ref_init(&box->ref);
    return &box->stream;
}

enum vlt_status
stream_record_get(const uint8_t id[VLT_ID_LEN], struct vlt_slice json,
                  const struct stream **out)
{
    struct stream_column column[SERIES_COLUMNS_MAX] = { 0 };
    struct vlt_json *document = NULL;
    struct stream stream = { .keep = INT64_MAX };
    struct vlt_walk walk;
    enum vlt_status st =
        vlt_json_parse(json, RECORD_MAX, RECORD_DEPTH, NULL, &document);

    if (st != VLT_OK) {
        return st;
    }
    memcpy(stream.id, id, sizeof stream.id);
    vlt_walk_begin(&walk, document);
    (void)vlt_walk_int(&walk, "v", 1, 1);
    copy(stream.category, sizeof stream.category,
         vlt_walk_text(&walk, "category", 1, SERIES_CATEGORY_MAX));
    read_columns(&walk, column, &stream.columns);
    stream.created = vlt_walk_time(&walk, "created");
    stream.keep = vlt_walk_int_or(&walk, "keep", 1, INT64_MAX, INT64_MAX);
    copy(stream.name, sizeof stream.name,
         vlt_walk_text(&walk, "name", 1, VLT_NAME_MAX));
    copy(stream.unit, sizeof stream.unit,
         vlt_walk_text(&walk, "unit", 1, SERIES_UNIT_MAX));
    st = vlt_walk_end(&walk);
    vlt_json_free(document);
    if (st != VLT_OK) {
        return st;
    }
    *out = stream_copy(&stream, column, stream.columns);
    return *out != NULL ? VLT_OK : VLT_E_NOMEM;
}

/* A letter, _ or a character beyond ASCII, then also digits, - and full
 * stops; `time` is the row's own. */
bool
stream_column_valid(struct vlt_slice name)
{
    if (name.len == 0 || name.len > SERIES_COLUMN_NAME ||
        vlt_slice_is(name, "time") || !vlt_text_printable(name)) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '_' || c >= 0x80;
        bool other = (c >= '0' && c <= '9') || c == '-' || c == '.';

        if (!letter && (i == 0 || !other)) {
            return false;
        }
    }
    return true;
}

bool
stream_word_valid(const char *word, size_t max)
{
    size_t len = strlen(word);

    return len > 0 && len <= max && vlt_text_printable(vlt_slice_text(word));
}

static bool
columns_valid(const struct stream *wish, struct vlt_buf *why)
{
    for (size_t i = 0; i < wish->columns; i++) {
        const struct stream_column *column = &wish->column[i];

        if (!stream_column_valid(vlt_slice_text(column->name)) ||
            column->type > VLT_TYPE_JSON) {
            vlt_buf_printf(why, "'%s' is no column name, or has no type.",
                           column->name);
            return false;
        }
        if (column->id >= SERIES_COLUMNS_MAX ||
            (i > 0 && column->id <= wish->column[i - 1].id)) {
            vlt_buf_printf(why, "Ids of columns must rise, below %d.",
                           SERIES_COLUMNS_MAX);
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(column->name, wish->column[j].name) == 0) {
                vlt_buf_printf(why, "The column '%s' is given twice.",
                               column->name);
                return false;
            }
        }
    }
    return true;
}

bool
stream_wish_valid(const struct stream *wish, struct vlt_buf *why)
{
    if (!vlt_name_valid(vlt_slice_text(wish->name))) {
        vlt_buf_printf(why,
                       "'%s' is no stream name; use segments of letters, "
                       "digits and . _ - : = @ + %% between slashes.",
                       wish->name);
        return false;
    }
    if (!stream_word_valid(wish->unit, SERIES_UNIT_MAX) ||
        !stream_word_valid(wish->category, SERIES_CATEGORY_MAX)) {
        vlt_buf_printf(why, "The unit or category is not well formed.");
        return false;
    }
    if (wish->keep <= 0) {
        vlt_buf_printf(why, "Rows must be kept for some time.");
        return false;
    }
    if (wish->columns == 0) {
        vlt_buf_printf(why, "A stream needs a column.");
        return false;
    }
    return columns_valid(wish, why);
}
