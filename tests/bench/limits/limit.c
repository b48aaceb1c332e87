/*
 * bench_limit FOLDER VERB…: what the pipeline (pipeline.h) does with the rows
 * of meter.h, and what a bare program does with a vault's file.
 *
 *     append BATCH STREAMS MS  commits of BATCH rows of each of STREAMS, a
 *                              record each: rows a second
 *     fill ROWS                records as large as chunks: rows a second, and
 *                              bytes of all records
 *     mean MS                  means of an hour of all rows, everything
 *                              opened: rows a second
 *     scan MS                  every record opened and decoded: rows a second
 *     send MS                  and printed, and sent by TLS (send.h): the same
 *     open MS                  FOLDER is a vault's: open data.mdb, and go
 *                              through its tails and lanes at the cost of
 *                              opening each: us
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bench.h"
#include "bare.h"
#include "meter.h"
#include "pipeline.h"
#include "send.h"

enum {
    ROWS_MAX = 1000000000,
    BATCH_MAX = 65536,
    STREAMS_MAX = 10000,
    FILL = 65536,  /* rows made at once */
    COMMIT = 5000, /* rows of a commit of fill, about */
};

/* ---- append ---- */

/* One commit: the same rows for each stream, as they cost the same. */
static void
commit(struct pipeline *p, const struct vlt_rows *rows, int64_t streams)
{
    pipeline_begin(p);
    for (int64_t i = 0; i < streams; i++) {
        pipeline_put(p, rows);
    }
    pipeline_commit(p);
}

static void
append(struct pipeline *p, char **argv)
{
    int64_t batch = bench_number(argv, 3, 1, BATCH_MAX);
    int64_t streams = bench_number(argv, 4, 1, STREAMS_MAX);
    int64_t most = bench_number(argv, 5, 1, BENCH_MS_MAX) * BENCH_MS;
    struct vlt_rows *rows = meter_rows();
    uint64_t row = 0;
    int64_t spent = 0;

    while (spent < most) {
        meter_fill(rows, row, (size_t)batch);
        row += (uint64_t)batch;
        int64_t from = bench_now();

        commit(p, rows, streams);
        spent += bench_now() - from;
    }
    bench_rate("rows", (double)row * (double)streams, spent);
    vlt_rows_free(rows);
}

/* ---- fill ---- */

/* Whole chunks of these rows, and the rest as one; returns the time it took. */
static int64_t
put_chunks(struct pipeline *p, const struct vlt_rows *rows)
{
    struct vlt_range rest = vlt_rows_all(rows);
    size_t since = 0;
    int64_t from = bench_now();

    pipeline_begin(p);
    while (rest.count > 0) {
        size_t taken = pipeline_put_chunk(p, rows, rest);

        rest.from += taken;
        rest.count -= taken;
        since += taken;
        if (since >= COMMIT && rest.count > 0) {
            pipeline_commit(p);
            pipeline_begin(p);
            since = 0;
        }
    }
    pipeline_commit(p);
    return bench_now() - from;
}

static void
fill(struct pipeline *p, char **argv)
{
    uint64_t wanted = (uint64_t)bench_number(argv, 3, 1, ROWS_MAX);
    struct vlt_rows *rows = meter_rows();
    int64_t spent = 0;

    for (uint64_t row = 0; row < wanted; row += FILL) {
        uint64_t left = wanted - row;

        meter_fill(rows, row, left < FILL ? (size_t)left : FILL);
        spent += put_chunks(p, rows);
    }
    bench_rate("rows", (double)wanted, spent);
    printf("bytes\t%llu\n", (unsigned long long)p->bytes);
    vlt_rows_free(rows);
}

/* ---- mean ---- */

struct mean {
    uint64_t rows;
    int64_t hour;
    double sum; /* of the hour under way */
    uint64_t count;
    double last; /* a mean, so that no compiler leaves it out */
};

static void
add(void *ctx, const struct vlt_rows *rows)
{
    struct mean *mean = ctx;
    const int64_t *times = vlt_rows_times(rows);
    const uint64_t *bits = vlt_rows_column(rows, 0).bits;
    size_t count = vlt_rows_count(rows);

    for (size_t i = 0; i < count; i++) {
        int64_t hour = times[i] / VLT_HOUR;

        if (hour != mean->hour) {
            mean->last = mean->sum / (double)mean->count;
            mean->hour = hour;
            mean->sum = 0;
            mean->count = 0;
        }
        mean->sum += vlt_f64_of(bits[i]);
        mean->count++;
    }
    mean->rows += count;
}

static void
mean(struct pipeline *p, char **argv)
{
    int64_t most = bench_number(argv, 3, 1, BENCH_MS_MAX) * BENCH_MS;
    struct mean mean = { .count = 1 };
    int64_t from = bench_now();
    int64_t now = from;

    while (now - from < most) {
        pipeline_each(p, add, &mean);
        now = bench_now();
    }
    if (mean.last <= 0) {
        bench_die("the means are not what they must be", 0);
    }
    bench_rate("rows", (double)mean.rows, now - from);
}

/* ---- scan, send ---- */

static void
count_rows(void *ctx, const struct vlt_rows *rows)
{
    uint64_t *count = ctx;

    *count += vlt_rows_count(rows);
}

static void
scan(struct pipeline *p, char **argv)
{
    int64_t most = bench_number(argv, 3, 1, BENCH_MS_MAX) * BENCH_MS;
    uint64_t rows = 0;
    int64_t from = bench_now();
    int64_t now = from;

    while (now - from < most) {
        pipeline_each(p, count_rows, &rows);
        now = bench_now();
    }
    bench_rate("rows", (double)rows, now - from);
}

static void
send_json(struct pipeline *p, char **argv)
{
    printf("rows\t%.6g\n",
           send_rows(p, bench_number(argv, 3, 1, BENCH_MS_MAX)));
}

/* ---- which ---- */

static const struct {
    const char *verb;
    int args;
    void (*run)(struct pipeline *p, char **argv);
} verbs[] = {
    { "append", 6, append }, { "fill", 4, fill },      { "mean", 4, mean },
    { "scan", 4, scan },     { "send", 4, send_json },
};

static void
run(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(argv[2], verbs[i].verb) == 0 && argc == verbs[i].args) {
            struct pipeline p;

            pipeline_open(&p, argv[1]);
            verbs[i].run(&p, argv);
            pipeline_close(&p);
            return;
        }
    }
    bench_die(
        "usage: bench_limit FOLDER append|fill|mean|scan|send|open NUMBER…", 0);
}

int
main(int argc, char **argv)
{
    if (vlt_secret_init() != VLT_OK) {
        bench_die("no entropy", 0);
    }
    if (argc == 4 && strcmp(argv[2], "open") == 0) {
        printf("us\t%.6g\n",
               bare_open(argv[1], bench_number(argv, 3, 1, BENCH_MS_MAX)));
    } else if (argc > 2) {
        run(argc, argv);
    } else {
        bench_die("usage: bench_limit FOLDER VERB…", 0);
    }
    return 0;
}
