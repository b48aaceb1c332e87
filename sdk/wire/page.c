#include "wire/page.h"

#include <assert.h>
#include <math.h>
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
    ROW_MAX = LINE_MAX + VLT_COLUMNS_MAX * CELL_MAX,
    GATHERED = 2048, /* bytes, and then they go to the buffer */
};

/* A column of numbers; bits NULL: there is none. */
struct numbers {
    const uint64_t *bits;
    const uint8_t *bitmap; /* NULL: all are there */
    bool is_bool;
    unsigned places; /* vlt_double_print_next()'s */
};

/* Rows on their way to a list, comma behind comma. */
struct lines {
    size_t count;
    struct numbers of[VLT_COLUMNS_MAX];
    struct vlt_time_last last;
    size_t len;
    char text[GATHERED + ROW_MAX];
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
put_word(char *at, const char *word, size_t len)
{
    memcpy(at, word, len);
    return at + len;
}

static char *
put_double(char *at, struct numbers *of, double value)
{
    /* What JSON writes otherwise. */
    if (!isfinite(value) || (value == 0 && signbit(value))) {
        return at + strlen(vlt_json_double_print(value, at));
    }
    return at + vlt_double_print_next(&of->places, value, at);
}

static char *
put_number(char *at, struct numbers *of, size_t row)
{
    if (of->bits == NULL ||
        (of->bitmap != NULL && (of->bitmap[row / 8] >> row % 8 & 1) == 0)) {
        return put_word(at, "null", 4);
    }
    if (of->is_bool) {
        return of->bits[row] != 0 ? put_word(at, "true", 4)
                                  : put_word(at, "false", 5);
    }
    return put_double(at, of, vlt_f64_of(of->bits[row]));
}

static void
put_line(struct lines *lines, int64_t time, size_t row)
{
    char *at = lines->text + lines->len;

    if (lines->len > 0) {
        *at++ = ',';
    }
    *at++ = '[';
    *at++ = '"';
    at += vlt_time_print_next(&lines->last, time, at);
    *at++ = '"';
    for (size_t c = 0; c < lines->count; c++) {
        *at++ = ',';
        at = put_number(at, &lines->of[c], row);
    }
    *at++ = ']';
    lines->len = (size_t)(at - lines->text);
}

/* Its text stays as it is: clearing that would cost more than a short page. */
static void
begin_lines(const struct vlt_rows *rows, const struct places *places,
            struct lines *out)
{
    out->count = places->count;
    out->last.some = false;
    out->last.minute = 0;
    out->len = 0;
    for (size_t c = 0; c < places->count; c++) {
        out->of[c] = (struct numbers){ .bits = NULL };
        if (places->at[c] != SIZE_MAX) {
            struct vlt_column column = vlt_rows_column(rows, places->at[c]);

            out->of[c].bits = column.bits;
            out->of[c].bitmap = column.bitmap;
            out->of[c].is_bool = column.field.type == VLT_TYPE_BOOL;
        }
    }
}

static void
put_lines(struct vlt_json_out *out, const struct vlt_rows *rows,
          struct vlt_range range, const struct places *places)
{
    const int64_t *times = vlt_rows_times(rows);
    size_t end = range.from + range.count;
    struct lines lines;

    begin_lines(rows, places, &lines);
    for (size_t i = range.from; i < end; i++) {
        put_line(&lines, times[i], i);
        if (lines.len > GATHERED || i + 1 == end) {
            vlt_put_raw(out, NULL, vlt_slice_of(lines.text, lines.len));
            lines.len = 0;
        }
    }
}

/* ---- rows of anything ---- */

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

    assert(order->count <= VLT_COLUMNS_MAX &&
           range.from <= vlt_rows_count(rows) &&
           range.count <= vlt_rows_count(rows) - range.from);
    for (size_t c = 0; c < order->count; c++) {
        places.at[c] = vlt_rows_find(rows, order->ids[c]);
        places.numbers = places.numbers && is_number(rows, places.at[c]);
    }
    vlt_put_list(out, name);
    if (places.numbers) {
        put_lines(out, rows, range, &places);
    } else {
        for (size_t i = range.from; i < range.from + range.count; i++) {
            put_row(out, rows, i, &places);
        }
    }
    vlt_put_end(out);
}
