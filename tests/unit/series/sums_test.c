/* Sums from roll-ups are the sums of the rows. */
#include "cells.h"

/* The same buckets from rows alone: a comparison that holds for every row is
 * nothing that a roll-up could answer. */
static struct vlt_rows *
sum_rows(struct bench *b, const struct stream *stream, struct series_want want)
{
    want.where_count = 1;
    want.where[0] = (struct series_where){ .column = 0,
                                           .compare = SERIES_GE,
                                           .value = -1e300 };
    return scan(b, stream, &want, 1000);
}

static struct series_want
any_want(struct cells *cells)
{
    static const int64_t every[] = { VLT_HOUR, 90 * VLT_MINUTE, 5 * VLT_HOUR,
                                     VLT_DAY,  7 * VLT_DAY,     40 * VLT_DAY };
    static const int64_t step[] = { VLT_HOUR, VLT_MINUTE, 1 };
    int64_t unit = step[cells_draw(cells, 3)];
    struct series_want want = { .stats = SERIES_STATS };

    want.every = every[cells_draw(cells, 6)];
    want.origin = cells_draw(cells, 2) * 17 * VLT_MINUTE;
    want.from = 40 * VLT_DAY + cells_draw(cells, 70 * 24) * VLT_HOUR;
    want.to = want.from + 1 + cells_draw(cells, 60 * 24) * VLT_HOUR;
    want.from -= cells_draw(cells, 3600) * unit;
    want.to += cells_draw(cells, 3600) * unit;
    want.min_readings = cells_draw(cells, 3) * 20;
    return want;
}

static void
assert_same_sums(struct bench *b, struct cells *cells,
                 const struct stream *stream)
{
    for (int i = 0; i < 40; i++) {
        struct series_want want = any_want(cells);
        struct vlt_rows *rolled =
            scan(b, stream, &want, 1 + cells_draw(cells, 300));
        struct vlt_rows *opened = sum_rows(b, stream, want);

        if (!vlt_rows_same(rolled, opened)) {
            fail_msg("%zu buckets, not the same as %zu: every %lld from %lld "
                     "to %lld",
                     vlt_rows_count(rolled), vlt_rows_count(opened),
                     (long long)want.every, (long long)want.from,
                     (long long)want.to);
        }
        vlt_rows_free(rolled);
        vlt_rows_free(opened);
    }
}

static void
buckets_from_roll_ups_equal_those_from_rows(void **state)
{
    static struct cells cells;
    const struct stream *stream;
    struct bench b;
    int64_t newest = 100 * VLT_DAY;

    cells_begin(&b, &cells, 31);
    stream = new_stream(&b, "a");
    while (cells.count < 30000) {
        struct cell cell[300];

        turn_begin(&b);
        cells_put(&b, &cells, stream, cell,
                  cells_batch(&cells, &newest, cell, 300));
        turn_commit(&b);
        /* Days go by now and then, so that there are many. */
        newest +=
            cells_draw(&cells, 12) == 0 ? cells_draw(&cells, 20) * VLT_HOUR : 0;
        if (cells_draw(&cells, 30) == 0) {
            assert_same_sums(&b, &cells, stream);
        }
    }
    assert_same_sums(&b, &cells, stream);
    (void)assert_packed_whole(&b);
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_from_roll_ups_equal_those_from_rows),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
