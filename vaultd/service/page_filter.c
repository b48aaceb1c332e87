/*
 * page_filter: a firm's own filters, on what it is given and not on what is
 * stored, so that they tell it nothing more (a worker).
 */
#include "service/page_internal.h"

#include <string.h>

static bool
holds(const struct series_where *where, double value)
{
    switch (where->compare) {
    case SERIES_LT:
        return value < where->value;
    case SERIES_LE:
        return value <= where->value;
    case SERIES_EQ:
        return value == where->value;
    case SERIES_NE:
        return value != where->value;
    case SERIES_GE:
        return value >= where->value;
    case SERIES_GT:
        return value > where->value;
    }
    return false;
}

static double
number_of(const struct vlt_rows *rows, size_t row, size_t column)
{
    uint64_t bits = vlt_rows_bits(rows, row, column);

    return vlt_rows_column(rows, column).field.type == VLT_TYPE_F64
               ? vlt_f64_of(bits)
               : (double)(int64_t)bits;
}

/* The given column of that name; SIZE_MAX: none. */
static size_t
given_column(const struct read_stream *at, const char *name)
{
    struct stream_column columns[SERIES_COLUMNS_MAX];
    size_t count = 0;

    if (series_columns(at->stream, &at->want, &count, columns) != VLT_OK) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(columns[i].name, name) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static bool
row_holds(const struct reading *reading, const struct read_stream *at,
          const struct vlt_rows *rows, size_t row)
{
    for (size_t i = 0; i < reading->asked.wheres; i++) {
        const struct reading_where *asked = &reading->asked.where[i];
        struct series_where where = { .compare = asked->compare,
                                      .value = asked->value };
        size_t column = given_column(at, asked->column);

        if (column >= vlt_rows_columns(rows) ||
            !vlt_rows_has(rows, row, column) ||
            !holds(&where, number_of(rows, row, column))) {
            return false;
        }
    }
    return true;
}

enum vlt_status
page_filter(const struct reading *reading, const struct read_stream *at,
            struct vlt_rows **rows)
{
    struct vlt_rows *kept = NULL;
    size_t count = vlt_rows_count(*rows);
    struct vlt_range none = { .from = 0, .count = 0 };
    enum vlt_status st;

    if ((reading->who.role == ROLE_OWNER || reading->asked.wheres == 0) &&
        (int64_t)count <= reading->left) {
        return VLT_OK;
    }
    st = vlt_rows_slice(*rows, none, &kept);
    for (size_t i = 0; st == VLT_OK && i < count; i++) {
        struct vlt_range one = { .from = i, .count = 1 };

        if ((int64_t)vlt_rows_count(kept) == reading->left) {
            break;
        }
        if (reading->who.role == ROLE_OWNER ||
            row_holds(reading, at, *rows, i)) {
            st = vlt_rows_append(kept, *rows, one);
        }
    }
    if (st != VLT_OK) {
        vlt_rows_free(kept);
        return st;
    }
    vlt_rows_free(*rows);
    *rows = kept;
    return VLT_OK;
}
