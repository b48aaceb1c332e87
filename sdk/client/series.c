#include "client/series.h"

#include <stdlib.h>

#include "base/text.h"

static const char *const types[] = { "f64", "i64", "bool", "text", "json" };

static void
free_one(struct vlt_one_series *one)
{
    for (size_t i = 0; i < one->count; i++) {
        free(one->columns[i].name);
    }
    free(one->columns);
    free(one->stream);
}

void
vlt_series_free(struct vlt_series *series)
{
    for (size_t i = 0; i < series->count; i++) {
        free_one(&series->list[i]);
    }
    free(series->list);
    *series = (struct vlt_series){ 0 };
}

const struct vlt_one_series *
vlt_series_find(const struct vlt_series *series, uint64_t ordinal)
{
    for (size_t i = 0; i < series->count; i++) {
        if (series->list[i].ordinal == ordinal) {
            return &series->list[i];
        }
    }
    return NULL;
}

static bool
read_type(struct vlt_slice word, enum vlt_type *out)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (vlt_slice_is(word, types[i])) {
            *out = (enum vlt_type)i;
            return true;
        }
    }
    return false;
}

static bool
id_taken(const struct vlt_one_series *one, int64_t id)
{
    for (size_t i = 0; i < one->count; i++) {
        if (one->columns[i].field.id == id) {
            return true;
        }
    }
    return false;
}

enum vlt_status
vlt_series_read_field(const struct vlt_json *object, struct vlt_slice *name,
                      struct vlt_field *out)
{
    struct vlt_slice text = vlt_json_text_of(vlt_json_get(object, "name"));
    const struct vlt_json *id = vlt_json_get(object, "id");
    int64_t number = vlt_json_int_of(id);
    enum vlt_type type;

    if (text.len == 0 || vlt_json_kind(id) != VLT_JSON_INT || number < 0 ||
        number > VLT_COLUMN_ID_MAX ||
        !read_type(vlt_json_text_of(vlt_json_get(object, "type")), &type)) {
        return VLT_E_FORMAT;
    }
    *name = text;
    *out = (struct vlt_field){ .id = (uint8_t)number, .type = type };
    return VLT_OK;
}

static enum vlt_status
add_column(struct vlt_one_series *one, const struct vlt_json *object)
{
    struct vlt_slice name;
    struct vlt_field field;
    enum vlt_status st = vlt_series_read_field(object, &name, &field);

    if (st != VLT_OK) {
        return st;
    }
    if (id_taken(one, field.id)) {
        return VLT_E_FORMAT;
    }
    char *copy = vlt_text_copy(name);

    if (copy == NULL) {
        return VLT_E_NOMEM;
    }
    one->columns[one->count++] = (struct vlt_series_column){ copy, field };
    return VLT_OK;
}

static enum vlt_status
read_one(const struct vlt_json *object, struct vlt_one_series *out)
{
    struct vlt_slice stream = vlt_json_text_of(vlt_json_get(object, "stream"));
    const struct vlt_json *ordinal = vlt_json_get(object, "ordinal");
    const struct vlt_json *columns = vlt_json_get(object, "columns");
    int64_t number = vlt_json_int_of(ordinal);
    size_t count = vlt_json_count(columns);
    enum vlt_status st = VLT_OK;

    if (vlt_json_kind(ordinal) != VLT_JSON_INT || number < 0 ||
        number > UINT32_MAX || stream.len == 0 || count >= VLT_COLUMNS_MAX ||
        vlt_json_kind(columns) != VLT_JSON_LIST) {
        return VLT_E_FORMAT;
    }
    out->ordinal = (uint32_t)number;
    out->stream = vlt_text_copy(stream);
    out->columns = calloc(count + 1, sizeof *out->columns);
    if (out->stream == NULL || out->columns == NULL) {
        return VLT_E_NOMEM;
    }
    for (size_t i = 0; i < count && st == VLT_OK; i++) {
        st = add_column(out, vlt_json_item(columns, i));
    }
    return st;
}

enum vlt_status
vlt_series_add(struct vlt_series *series, const struct vlt_json *object)
{
    struct vlt_one_series one = { .stream = NULL };
    struct vlt_one_series *more;
    enum vlt_status st = read_one(object, &one);

    if (st == VLT_OK && vlt_series_find(series, one.ordinal) != NULL) {
        st = VLT_E_FORMAT;
    }
    if (st == VLT_OK && series->count == VLT_SERIES_MAX) {
        st = VLT_E_LIMIT;
    }
    if (st != VLT_OK) {
        free_one(&one);
        return st;
    }
    more = realloc(series->list, (series->count + 1) * sizeof *series->list);
    if (more == NULL) {
        free_one(&one);
        return VLT_E_NOMEM;
    }
    series->list = more;
    series->list[series->count++] = one;
    return VLT_OK;
}

enum vlt_status
vlt_series_add_all(struct vlt_series *series, const struct vlt_json *list)
{
    enum vlt_status st = VLT_OK;

    for (size_t i = 0; i < vlt_json_count(list) && st == VLT_OK; i++) {
        st = vlt_series_add(series, vlt_json_item(list, i));
    }
    return st;
}

size_t
vlt_series_fields(const struct vlt_one_series *one,
                  struct vlt_field out[VLT_COLUMNS_MAX])
{
    for (size_t i = 0; i < one->count; i++) {
        size_t at = i;

        while (at > 0 && out[at - 1].id > one->columns[i].field.id) {
            out[at] = out[at - 1];
            at--;
        }
        out[at] = one->columns[i].field;
    }
    return one->count;
}
