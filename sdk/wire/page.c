#include "wire/page.h"

#include <assert.h>

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

void
vlt_page_put(struct vlt_json_out *out, const char *name,
             const struct vlt_rows *rows, struct vlt_range range,
             const struct vlt_page_order *order)
{
    size_t places[VLT_COLUMNS_MAX];
    const int64_t *times = vlt_rows_times(rows);

    assert(order->count <= VLT_COLUMNS_MAX &&
           range.from <= vlt_rows_count(rows) &&
           range.count <= vlt_rows_count(rows) - range.from);
    for (size_t c = 0; c < order->count; c++) {
        places[c] = vlt_rows_find(rows, order->ids[c]);
    }
    vlt_put_list(out, name);
    for (size_t i = 0; i < range.count; i++) {
        size_t row = range.from + i;

        vlt_put_list(out, NULL);
        vlt_put_time(out, NULL, times[row]);
        for (size_t c = 0; c < order->count; c++) {
            vlt_page_put_cell(out, rows, row, places[c]);
        }
        vlt_put_end(out);
    }
    vlt_put_end(out);
}
