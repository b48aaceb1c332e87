#include "store_ask.h"

#include "bench.h"
#include "limits/meter.h"

enum {
    PAGE = 65536,
    ODD = 1033, /* seconds behind the hour */
};

static const double threshold = 100; /* W: about one row in five is above */

static struct series_want
want_of(enum query query, uint64_t rows)
{
    int64_t hours = ((int64_t)rows + 3600) / 3600;
    struct series_want want = {
        .from = METER_BEGIN,
        .to = METER_BEGIN + hours * VLT_HOUR,
        .every = query == RAW ? 0 : VLT_HOUR,
        .stats = query == RAW ? 0 : SERIES_MEAN,
    };

    if (query == ODD_MEAN) {
        want.origin = ODD * VLT_SECOND;
    }
    if (query == FILTER) {
        want.where_count = 1;
        want.where[0] =
            (struct series_where){ .compare = SERIES_GT, .value = threshold };
    }
    return want;
}

uint64_t
ask(struct vault *vault, const struct stream *stream,
    const struct series_want *want)
{
    struct vlt_rows *page = vault_page(stream, want);
    struct series_at at = { .time = want->from };
    uint64_t got = 0;
    bool more = true;

    while (more) {
        more = vault_scan(vault, stream, want, &at, PAGE, page);
        got += vlt_rows_count(page);
    }
    vlt_rows_free(page);
    return got;
}

void
ask_all(struct vault *vault, const struct stream *stream, enum query query)
{
    uint64_t rows = vault_rows(vault, stream);
    uint64_t hours = (rows + 3599) / 3600;
    struct series_want want = want_of(query, rows);
    uint64_t got = ask(vault, stream, &want);
    bool good = query == RAW      ? got == rows
                : query == FILTER ? got > 0 && got <= hours
                                  : got >= hours && got <= hours + 1;

    if (!good) {
        bench_die("the answer is not what it must be", 0);
    }
}

void
ask_newest(struct vault *vault)
{
    const struct stream *stream = vault_stream(vault, 0);
    struct series_want want = { .from = VLT_TIME_MIN,
                                .to = VLT_TIME_MAX,
                                .descending = true };
    struct series_at at = { .time = want.to };
    struct vlt_rows *page = vault_page(stream, &want);

    (void)vault_scan(vault, stream, &want, &at, 1, page);
    if (vlt_rows_count(page) != 1) {
        bench_die("there is no newest row", 0);
    }
    vlt_rows_free(page);
    stream_release(stream);
}
