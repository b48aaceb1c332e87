#include <stdio.h>
#include <string.h>

#include "series/series_internal.h"

static const char *const stats[] = { "mean",  "min",   "max", "sum",
                                     "count", "first", "last" };

static bool
wanted(const struct series_want *want, uint8_t id)
{
    for (size_t i = 0; i < want->columns; i++) {
        if (want->column[i] == id) {
            return true;
        }
    }
    return want->columns == 0;
}

/* Of texts only the count is given. */
static unsigned
stats_of(uint8_t type, unsigned asked)
{
    bool text = type == VLT_TYPE_TEXT || type == VLT_TYPE_JSON;

    return text ? asked & SERIES_COUNT : asked;
}

static enum vlt_status
add_stats(const struct stream_column *from, unsigned asked, size_t *count,
          struct stream_column *out)
{
    unsigned bits = stats_of(from->type, asked);

    for (unsigned i = 0; i < 7; i++) {
        if ((bits & (1U << i)) == 0) {
            continue;
        }
        if (*count == SERIES_COLUMNS_MAX) {
            return VLT_E_LIMIT;
        }
        struct stream_column *column = &out[*count];

        column->id = (uint8_t)*count;
        column->type = (1U << i) == SERIES_COUNT ? VLT_TYPE_I64 : VLT_TYPE_F64;
        /* A long name is cut: its id tells it apart. */
        (void)snprintf(column->name, sizeof column->name, "%.*s.%s",
                       (int)(SERIES_COLUMN_NAME - strlen(stats[i]) - 1),
                       from->name, stats[i]);
        (*count)++;
    }
    return VLT_OK;
}

enum vlt_status
series_columns(const struct stream *stream, const struct series_want *want,
               size_t *count, struct stream_column out[SERIES_COLUMNS_MAX])
{
    *count = 0;
    for (size_t i = 0; i < stream->columns; i++) {
        if (!wanted(want, stream->column[i].id)) {
            continue;
        }
        if (want->every == 0) {
            out[(*count)++] = stream->column[i];
            continue;
        }
        enum vlt_status st =
            add_stats(&stream->column[i], want->stats, count, out);

        if (st != VLT_OK) {
            return st;
        }
    }
    return VLT_OK;
}
