#include "store_busy.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "bench.h"
#include "limits/meter.h"
#include "store_append.h"
#include "store_ask.h"
#include "store_memory.h"

enum { BATCH = 5000, DAY_ROWS = 86400, HOURS = 24 };

struct pouring {
    struct appending *appending;
    atomic_bool over;
    double rows;
    int64_t spent;
};

static void *
pour(void *ctx)
{
    struct pouring *pouring = ctx;

    while (!atomic_load(&pouring->over)) {
        pouring->spent += appending_batch(pouring->appending);
        pouring->rows += BATCH;
    }
    return NULL;
}

/* Days 0 to days - 1 are whole. */
static void
ask_day(struct vault *vault, const struct stream *stream, int64_t day)
{
    struct series_want want = { .from = METER_BEGIN + day * VLT_DAY,
                                .every = VLT_HOUR,
                                .stats = SERIES_MEAN };

    want.to = want.from + VLT_DAY;
    if (ask(vault, stream, &want) != HOURS) {
        bench_die("a day has 24 hours", 0);
    }
}

void
store_busy(struct vault *vault, int64_t ms)
{
    struct pouring pouring = { .appending = appending_new(vault, 1, BATCH) };
    const struct stream *stream = vault_stream(vault, 0);
    /* The last may still be growing by stamps that are late. */
    int64_t days = (int64_t)(pouring.appending->row / DAY_ROWS);
    struct memory_watch *watch = memory_watch_begin();
    int64_t from = bench_now();
    int64_t now = from;
    double answers = 0;
    pthread_t thread;

    if (days == 0 || pthread_create(&thread, NULL, pour, &pouring) != 0) {
        bench_die(days == 0 ? "too few rows for a day" : "no thread", 0);
    }
    for (int64_t day = 0; now - from < ms * BENCH_MS; day++) {
        ask_newest(vault);
        ask_day(vault, stream, day % days);
        answers += 2;
        now = bench_now();
    }
    atomic_store(&pouring.over, true);
    (void)pthread_join(thread, NULL);
    bench_rate("rows", pouring.rows, pouring.spent);
    bench_rate("answers", answers, now - from);
    printf("bytes\t%llu\n", (unsigned long long)memory_watch_end(watch));
    stream_release(stream);
    appending_free(pouring.appending);
}
