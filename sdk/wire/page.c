#include "wire/page.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"

/* Where the columns of an answer lie in the rows; SIZE_MAX: nowhere. */
struct places {
    size_t count;
    bool numbers; /* all of them are */
    size_t at[VLT_COLUMNS_MAX];
};

void
vlt_page_put_cell(struct vlt_json_out *out, const struct vlt_rows *rows,
                  size_t row, size_t column)
{
    if (column == SIZE_MAX || !vlt_rows_has(rows, row, column)) {
        vlt_put_null(out, NULL);
        return;
    }
    uint64_t bits = vlt_rows_bits(rows, row, column);

    switch (vlt_rows_column(rows, column).field.type) {
    case VLT_TYPE_F64:
        vlt_put_double(out, NULL, vlt_f64_of(bits));
        break;
    case VLT_TYPE_I64:
        vlt_put_int(out, NULL, (int64_t)bits);
        break;
    case VLT_TYPE_BOOL:
        vlt_put_bool(out, NULL, bits != 0);
        break;
    case VLT_TYPE_TEXT:
        vlt_put_slice(out, NULL, vlt_rows_text(rows, row, column));
        break;
    case VLT_TYPE_JSON:
        vlt_put_raw(out, NULL, vlt_rows_text(rows, row, column));
        break;
    }
}

/* ---- rows of numbers alone: the most there are, and no escapes ---- */

enum {
    CELL_MAX = VLT_DOUBLE_TEXT + 2, /* a comma and two quotes, no zero */
    LINE_MAX = VLT_TIME_TEXT + 4,
};

static bool
is_number(const struct vlt_rows *rows, size_t column)
{
    enum vlt_type type;

    if (column == SIZE_MAX) {
        return true; /* null */
    }
    type = vlt_rows_column(rows, column).field.type;
    return type == VLT_TYPE_F64 || type == VLT_TYPE_BOOL;
}

static char *
put_word(char *at, const char *word)
{
    size_t len = strlen(word);

    memcpy(at, word, len);
    return at + len;
}

static char *
put_number(char *at, const struct vlt_rows *rows, size_t row, size_t column)
{
    if (column == SIZE_MAX || !vlt_rows_has(rows, row, column)) {
        return put_word(at, "null");
    }
    if (vlt_rows_column(rows, column).field.type == VLT_TYPE_BOOL) {
        return put_word(at, vlt_rows_bits(rows, row, column) != 0 ? "true"
                                                                  : "false");
    }
    return at + strlen(vlt_json_double_print(
                    vlt_f64_of(vlt_rows_bits(rows, row, column)), at));
}

static void
put_numbers(struct vlt_json_out *out, const struct vlt_rows *rows, size_t row,
            const struct places *places, struct vlt_time_last *last)
{
    char text[LINE_MAX + VLT_COLUMNS_MAX * CELL_MAX];
    char *at = text;

    *at++ = '[';
    *at++ = '"';
    at += vlt_time_print_next(last, vlt_rows_times(rows)[row], at);
    *at++ = '"';
    for (size_t c = 0; c < places->count; c++) {
        *at++ = ',';
        at = put_number(at, rows, row, places->at[c]);
    }
    *at++ = ']';
    vlt_put_raw(out, NULL, vlt_slice_of(text, (size_t)(at - text)));
}

static void
put_row(struct vlt_json_out *out, const struct vlt_rows *rows, size_t row,
        const struct places *places)
{
    vlt_put_list(out, NULL);
    vlt_put_time(out, NULL, vlt_rows_times(rows)[row]);
    for (size_t c = 0; c < places->count; c++) {
        vlt_page_put_cell(out, rows, row, places->at[c]);
    }
    vlt_put_end(out);
}

void
vlt_page_put(struct vlt_json_out *out, const char *name,
             const struct vlt_rows *rows, struct vlt_range range,
             const struct vlt_page_order *order)
{
    struct places places = { .count = order->count, .numbers = true };
    struct vlt_time_last last = { .some = false };

    assert(order->count <= VLT_COLUMNS_MAX &&
           range.from <= vlt_rows_count(rows) &&
           range.count <= vlt_rows_count(rows) - range.from);
    for (size_t c = 0; c < order->count; c++) {
        places.at[c] = vlt_rows_find(rows, order->ids[c]);
        places.numbers = places.numbers && is_number(rows, places.at[c]);
    }
    vlt_put_list(out, name);
    for (size_t i = range.from; i < range.from + range.count; i++) {
        if (places.numbers) {
            put_numbers(out, rows, i, &places, &last);
        } else {
            put_row(out, rows, i, &places);
        }
    }
    vlt_put_end(out);
}
