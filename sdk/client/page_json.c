#include "client/page_json.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "wire/block.h"

static bool
read_int(const struct vlt_json *cell, int64_t *out)
{
    if (vlt_json_kind(cell) == VLT_JSON_INT) {
        *out = vlt_json_int_of(cell);
        return true;
    }
    return vlt_json_kind(cell) == VLT_JSON_TEXT &&
           vlt_int_parse(vlt_json_text_of(cell), out) == VLT_OK;
}

static bool
read_time(const struct vlt_json *cell, int64_t *out)
{
    return read_int(cell, out) ||
           (vlt_json_kind(cell) == VLT_JSON_TEXT &&
            vlt_time_parse(vlt_json_text_of(cell), out) == VLT_OK);
}

static enum vlt_status
set_json(struct vlt_rows *rows, size_t place, const struct vlt_json *cell)
{
    struct vlt_buf text = { 0 };

    vlt_json_print(cell, false, &text);
    enum vlt_status st = vlt_buf_status(&text);

    if (st == VLT_OK) {
        st = vlt_rows_set_text(rows, place, vlt_buf_slice(&text));
    }
    vlt_buf_free(&text);
    return st;
}

static enum vlt_status
set_number(struct vlt_rows *rows, size_t place, enum vlt_type type,
           const struct vlt_json *cell)
{
    enum vlt_json_kind kind = vlt_json_kind(cell);
    int64_t whole = 0;

    if (type == VLT_TYPE_F64 &&
        (kind == VLT_JSON_INT || kind == VLT_JSON_REAL)) {
        vlt_rows_set(rows, place, vlt_bits_of(vlt_json_number_of(cell)));
        return VLT_OK;
    }
    if (type == VLT_TYPE_I64 && read_int(cell, &whole)) {
        vlt_rows_set(rows, place, (uint64_t)whole);
        return VLT_OK;
    }
    if (type == VLT_TYPE_BOOL && kind == VLT_JSON_BOOL) {
        vlt_rows_set(rows, place, vlt_json_bool_of(cell) ? 1 : 0);
        return VLT_OK;
    }
    return VLT_E_FORMAT;
}

static enum vlt_status
set_cell(struct vlt_rows *rows, struct vlt_field field,
         const struct vlt_json *cell)
{
    size_t place = vlt_rows_find(rows, field.id);

    if (vlt_json_kind(cell) == VLT_JSON_NULL) {
        return VLT_OK;
    }
    if (field.type == VLT_TYPE_JSON) {
        return set_json(rows, place, cell);
    }
    if (field.type == VLT_TYPE_TEXT) {
        return vlt_json_kind(cell) == VLT_JSON_TEXT
                   ? vlt_rows_set_text(rows, place, vlt_json_text_of(cell))
                   : VLT_E_FORMAT;
    }
    return set_number(rows, place, field.type, cell);
}

static enum vlt_status
add_row(struct vlt_rows *rows, const struct vlt_one_series *one,
        const struct vlt_json *row)
{
    int64_t time;
    enum vlt_status st;

    if (vlt_json_kind(row) != VLT_JSON_LIST ||
        vlt_json_count(row) != one->count + 1 ||
        !read_time(vlt_json_item(row, 0), &time)) {
        return VLT_E_FORMAT;
    }
    st = vlt_rows_add(rows, time);
    for (size_t i = 0; i < one->count && st == VLT_OK; i++) {
        st = set_cell(rows, one->columns[i].field, vlt_json_item(row, i + 1));
    }
    return st;
}

enum vlt_status
vlt_page_json_read(const struct vlt_json *list,
                   const struct vlt_one_series *one, struct vlt_rows **out)
{
    struct vlt_field fields[VLT_COLUMNS_MAX];
    struct vlt_schema schema = { fields, vlt_series_fields(one, fields) };
    struct vlt_rows *rows = NULL;
    enum vlt_status st;

    if (vlt_json_kind(list) != VLT_JSON_LIST ||
        vlt_json_count(list) > VLT_BLOCK_ROWS) {
        return VLT_E_FORMAT;
    }
    st = vlt_rows_new(&schema, &rows);
    for (size_t i = 0; i < vlt_json_count(list) && st == VLT_OK; i++) {
        st = add_row(rows, one, vlt_json_item(list, i));
    }
    if (st != VLT_OK) {
        vlt_rows_free(rows);
        return st;
    }
    *out = rows;
    return VLT_OK;
}
