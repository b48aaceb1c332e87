/*
 * filter: which rows are as the owner's query wants them.
 *
 * Condition after condition, each down its column, so that what a row costs is
 * one comparison.
 */
#include <stdlib.h>
#include <string.h>

#include "series/series_internal.h"

enum { BYTE = 8 };

static inline bool
compares(enum series_compare compare, double value, double with)
{
    switch (compare) {
    case SERIES_LT:
        return value < with;
    case SERIES_LE:
        return value <= with;
    case SERIES_EQ:
        return value == with;
    case SERIES_NE:
        return value != with;
    case SERIES_GE:
        return value >= with;
    case SERIES_GT:
        return value > with;
    }
    return false;
}

/* One condition on rows of one column; inlined for each comparison, so that the
 * choice is out of the loop. */
static inline void
sieve(const struct vlt_column *column, size_t count,
      enum series_compare compare, double with, uint8_t *holds)
{
    if (column->field.type == VLT_TYPE_F64) {
        for (size_t i = 0; i < count; i++) {
            holds[i] &= compares(compare, vlt_f64_of(column->bits[i]), with);
        }
        return;
    }
    for (size_t i = 0; i < count; i++) {
        holds[i] &= compares(compare, (double)(int64_t)column->bits[i], with);
    }
}

static void
sieve_present(const struct vlt_column *column, size_t count, uint8_t *holds)
{
    for (size_t i = 0; column->bitmap != NULL && i < count; i++) {
        holds[i] &= (column->bitmap[i / BYTE] >> i % BYTE & 1);
    }
}

static void
sieve_by(const struct series_where *where, const struct vlt_rows *rows,
         uint8_t *holds)
{
    size_t count = vlt_rows_count(rows);
    size_t place = vlt_rows_find(rows, where->column);

    if (place == SIZE_MAX) {
        memset(holds, 0, count);
        return;
    }
    struct vlt_column column = vlt_rows_column(rows, place);

    sieve_present(&column, count, holds);
    switch (where->compare) {
    case SERIES_LT:
        sieve(&column, count, SERIES_LT, where->value, holds);
        break;
    case SERIES_LE:
        sieve(&column, count, SERIES_LE, where->value, holds);
        break;
    case SERIES_EQ:
        sieve(&column, count, SERIES_EQ, where->value, holds);
        break;
    case SERIES_NE:
        sieve(&column, count, SERIES_NE, where->value, holds);
        break;
    case SERIES_GE:
        sieve(&column, count, SERIES_GE, where->value, holds);
        break;
    case SERIES_GT:
        sieve(&column, count, SERIES_GT, where->value, holds);
        break;
    }
}

enum vlt_status
filter_rows(const struct series_want *want, const struct vlt_rows *rows,
            uint8_t **holds)
{
    size_t count = vlt_rows_count(rows);

    free(*holds);
    *holds = NULL;
    if (want->where_count == 0) {
        return VLT_OK;
    }
    *holds = malloc(count + 1);
    if (*holds == NULL) {
        return VLT_E_NOMEM;
    }
    memset(*holds, 1, count);
    for (size_t i = 0; i < want->where_count; i++) {
        sieve_by(&want->where[i], rows, *holds);
    }
    return VLT_OK;
}
