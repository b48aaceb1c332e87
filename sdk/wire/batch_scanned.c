/*
 * batch_scanned: rows that were scanned, column by column.
 */
#include "wire/batch_internal.h"

#include <assert.h>

#include "base/time.h"
#include "wire/rows_internal.h"

/* Items of one column, `width` apart. */
struct items {
    const uint64_t *bits;
    const uint8_t *kinds;
    size_t width;
    size_t count;
};

static bool
put_times(struct vlt_rows *rows, const struct items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        int64_t time = (int64_t)items->bits[i * items->width];

        if (time < VLT_TIME_MIN || time >= VLT_TIME_MAX) {
            return false;
        }
        rows->times[i] = time;
    }
    rows->count = items->count;
    return true;
}

/* What a column of this type holds of an item; false: not that. */
static inline bool
bits_of(enum vlt_type type, uint8_t kind, uint64_t *bits)
{
    switch (type) {
    case VLT_TYPE_F64:
        if (kind == VLT_SCAN_INT) {
            *bits = vlt_bits_of((double)(int64_t)*bits);
        }
        return kind == VLT_SCAN_REAL || kind == VLT_SCAN_INT;
    case VLT_TYPE_I64:
        return kind == VLT_SCAN_INT;
    case VLT_TYPE_BOOL:
        *bits = kind == VLT_SCAN_TRUE;
        return kind == VLT_SCAN_TRUE || kind == VLT_SCAN_FALSE;
    case VLT_TYPE_TEXT:
    case VLT_TYPE_JSON:
        break;
    }
    return false;
}

static bool
put_column(struct rows_cells *cells, const struct items *items)
{
    enum vlt_type type = cells->field.type;

    for (size_t i = 0; i < items->count; i++) {
        uint64_t bits = items->bits[i * items->width];
        uint8_t kind = items->kinds[i * items->width];

        if (kind == VLT_SCAN_NULL) {
            cells->bits[i] = 0;
            continue;
        }
        if (!bits_of(type, kind, &bits)) {
            return false;
        }
        cells->bits[i] = bits;
        rows_bit_set(cells->bitmap, i);
        cells->present++;
    }
    return true;
}

enum vlt_status
batch_put_scanned(const struct vlt_scan *scan, size_t i, const size_t *place,
                  struct vlt_rows *rows)
{
    struct vlt_scan_part part = vlt_scan_part(scan, i);
    struct items items = { .bits = vlt_scan_bits(scan) + part.from,
                           .kinds = vlt_scan_kinds(scan) + part.from,
                           .width = part.width,
                           .count = part.rows };
    enum vlt_status st;

    assert(rows->count == 0);
    if (part.width != 1 + rows->columns) {
        return VLT_E_FORMAT;
    }
    st = vlt_rows_reserve(rows, part.rows);
    if (st != VLT_OK) {
        return st;
    }
    if (!put_times(rows, &items)) {
        return VLT_E_LIMIT;
    }
    for (size_t c = 0; c < rows->columns; c++) {
        items.bits++;
        items.kinds++;
        if (!put_column(&rows->cells[place[c]], &items)) {
            return VLT_E_FORMAT;
        }
    }
    return VLT_OK;
}
