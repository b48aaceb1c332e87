/*
 * hours: rows summed up by the hour.
 */
#include <stdlib.h>

#include "crypto/secret.h"
#include "series/cut.h"

static int64_t
hour_at(int64_t time)
{
    return vlt_floor_div(time, VLT_HOUR) * VLT_HOUR;
}

/* Those of a range that are of its first row's hour. */
static struct vlt_range
first_hour(const struct vlt_rows *rows, struct vlt_range range)
{
    int64_t begin = hour_at(vlt_rows_times(rows)[range.from]);
    size_t end = vlt_rows_seek(rows, begin + VLT_HOUR);

    if (end - range.from < range.count) {
        range.count = end - range.from;
    }
    return range;
}

static size_t
count_hours(const struct vlt_rows *rows, struct vlt_range range)
{
    size_t hours = 0;

    while (range.count > 0) {
        struct vlt_range some = first_hour(rows, range);

        range.from += some.count;
        range.count -= some.count;
        hours++;
    }
    return hours;
}

static void
add_hour(struct hour_sums *sums, const struct vlt_rows *rows,
         struct vlt_range range, struct vlt_stat *also)
{
    struct vlt_stat *stat = &sums->stat[sums->count * sums->columns];

    for (size_t i = 0; i < sums->columns; i++) {
        vlt_stat_init(&stat[i], vlt_rows_column(rows, i).field.type);
        vlt_stat_add(&stat[i], rows, i, range);
        vlt_stat_merge(&also[i], &stat[i]);
    }
    sums->begin[sums->count++] = hour_at(vlt_rows_times(rows)[range.from]);
}

enum vlt_status
hours_sum(const struct vlt_rows *rows, struct vlt_range range,
          struct vlt_stat *also, struct hour_sums *out)
{
    size_t hours = count_hours(rows, range);
    struct hour_sums sums = { .columns = vlt_rows_columns(rows) };

    sums.begin = calloc(hours + 1, sizeof *sums.begin);
    sums.stat = calloc(hours * sums.columns + 1, sizeof *sums.stat);
    if (sums.begin == NULL || sums.stat == NULL) {
        hours_free(&sums);
        return VLT_E_NOMEM;
    }
    while (range.count > 0) {
        struct vlt_range some = first_hour(rows, range);

        add_hour(&sums, rows, some, also);
        range.from += some.count;
        range.count -= some.count;
    }
    *out = sums;
    return VLT_OK;
}

size_t
hours_bytes(const struct hour_sums *sums)
{
    return sums->count * sums->columns * sizeof *sums->stat;
}

void
hours_free(struct hour_sums *sums)
{
    if (sums->stat != NULL) {
        vlt_wipe(sums->stat, hours_bytes(sums));
    }
    free(sums->begin);
    free(sums->stat);
    *sums = (struct hour_sums){ .count = 0 };
}
