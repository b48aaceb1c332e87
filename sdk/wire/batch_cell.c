#include "wire/batch_internal.h"

#include <stdio.h>

#include "base/text.h"
#include "base/time.h"

static enum vlt_status
say(struct batch_fault *fault, const struct vlt_json *node, const char *right)
{
    static const char *const kinds[] = {
        [VLT_JSON_NULL] = "null",        [VLT_JSON_BOOL] = "true or false",
        [VLT_JSON_INT] = "a number",     [VLT_JSON_REAL] = "a number",
        [VLT_JSON_TEXT] = "text",        [VLT_JSON_LIST] = "a list",
        [VLT_JSON_OBJECT] = "an object",
    };

    snprintf(fault->says, sizeof fault->says, "is %s, must be %s",
             kinds[vlt_json_kind(node)], right);
    return VLT_E_FORMAT;
}

static enum vlt_status
refuse(struct batch_fault *fault, const char *says)
{
    snprintf(fault->says, sizeof fault->says, "%s", says);
    return VLT_E_FORMAT;
}

enum vlt_status
batch_time(const struct vlt_json *node, int64_t *out, struct batch_fault *fault)
{
    enum vlt_status st = VLT_OK;
    int64_t time = vlt_json_int_of(node);

    if (vlt_json_kind(node) == VLT_JSON_TEXT) {
        /* Integers beyond 2^53 may be texts of digits. */
        st = vlt_int_parse(vlt_json_text_of(node), &time);
        if (st == VLT_E_FORMAT) {
            st = vlt_time_parse(vlt_json_text_of(node), &time);
        }
    } else if (vlt_json_kind(node) != VLT_JSON_INT) {
        return say(fault, node, "a time: RFC 3339 text or integer ns");
    }
    if (st == VLT_E_FORMAT) {
        return refuse(fault, "is no time, must be as 2026-11-25T18:20:42.5Z");
    }
    if (st != VLT_OK || time < VLT_TIME_MIN || time >= VLT_TIME_MAX) {
        return refuse(fault, "is out of range, must be 1823-11 to 2116-02");
    }
    *out = time;
    return VLT_OK;
}

static enum vlt_status
set_f64(struct vlt_rows *rows, size_t column, const struct vlt_json *node,
        struct batch_fault *fault)
{
    enum vlt_json_kind kind = vlt_json_kind(node);

    if (kind != VLT_JSON_INT && kind != VLT_JSON_REAL) {
        return say(fault, node, "a number or null");
    }
    vlt_rows_set(rows, column, vlt_bits_of(vlt_json_number_of(node)));
    return VLT_OK;
}

static enum vlt_status
set_i64(struct vlt_rows *rows, size_t column, const struct vlt_json *node,
        struct batch_fault *fault)
{
    int64_t value = vlt_json_int_of(node);

    if (vlt_json_kind(node) == VLT_JSON_REAL) {
        return refuse(fault, "has a point or exponent, must be an integer");
    }
    if (vlt_json_kind(node) == VLT_JSON_TEXT) {
        if (vlt_int_parse(vlt_json_text_of(node), &value) != VLT_OK) {
            return refuse(fault, "is no integer within 64 bits");
        }
    } else if (vlt_json_kind(node) != VLT_JSON_INT) {
        return say(fault, node, "an integer or null");
    }
    vlt_rows_set(rows, column, (uint64_t)value);
    return VLT_OK;
}

static enum vlt_status
set_bool(struct vlt_rows *rows, size_t column, const struct vlt_json *node,
         struct batch_fault *fault)
{
    if (vlt_json_kind(node) != VLT_JSON_BOOL) {
        return say(fault, node, "true, false or null");
    }
    vlt_rows_set(rows, column, vlt_json_bool_of(node));
    return VLT_OK;
}

static enum vlt_status
set_text(struct vlt_rows *rows, size_t column, const struct vlt_json *node,
         struct batch_fault *fault)
{
    if (vlt_json_kind(node) != VLT_JSON_TEXT) {
        return say(fault, node, "text or null");
    }
    enum vlt_status st =
        vlt_rows_set_text(rows, column, vlt_json_text_of(node));

    return st == VLT_E_LIMIT
               ? refuse(fault, "is too long, must be at most 262,144 bytes")
               : st;
}

static enum vlt_status
set_json(struct vlt_rows *rows, size_t column, const struct vlt_json *node,
         struct vlt_buf *scratch, struct batch_fault *fault)
{
    enum vlt_status st;

    vlt_buf_clear(scratch);
    vlt_json_print(node, false, scratch);
    st = vlt_buf_status(scratch);
    if (st == VLT_OK) {
        st = vlt_rows_set_text(rows, column, vlt_buf_slice(scratch));
    }
    return st == VLT_E_LIMIT
               ? refuse(fault, "is too long, must be at most 262,144 bytes")
               : st;
}

enum vlt_status
batch_cell(struct vlt_rows *rows, size_t column, const struct vlt_json *node,
           struct vlt_buf *scratch, struct batch_fault *fault)
{
    if (vlt_json_kind(node) == VLT_JSON_NULL) {
        return VLT_OK;
    }
    switch (vlt_rows_column(rows, column).field.type) {
    case VLT_TYPE_F64:
        return set_f64(rows, column, node, fault);
    case VLT_TYPE_I64:
        return set_i64(rows, column, node, fault);
    case VLT_TYPE_BOOL:
        return set_bool(rows, column, node, fault);
    case VLT_TYPE_TEXT:
        return set_text(rows, column, node, fault);
    case VLT_TYPE_JSON:
        return set_json(rows, column, node, scratch, fault);
    }
    return VLT_E_FORMAT;
}
