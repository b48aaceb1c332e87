/*
 * bench_store FOLDER VERB…: what the vault in FOLDER/vault does by itself with
 * the rows of limits/meter.h; it is made if need be.
 *
 *     append BATCH STREAMS MS  batches of BATCH rows of each of STREAMS, one
 *                              after the other, durable: rows a second
 *     segments BATCH STREAMS COUNT  the same while COUNT segments of tails, of
 *                              those that came after this began, are packed,
 *                              one after the other: in a vault that runs on,
 *                              packing and merging are part of it
 *     fill ROWS                stream 0 gets so many rows that it has ROWS:
 *                              rows a second, and bytes of the file in use
 *     QUERY MS                 all of stream 0: rows a second.  raw; mean (of
 *                              whole hours), odd (of hours that begin a while
 *                              after those of the clock), filter (whole hours
 *                              of rows above a value)
 *     hour MS                  one hour of raw rows in the middle: answers a
 *                              second
 *     start MS                 open, unlock, load, and the newest row: us
 *     busy MS                  while batches of 5,000 are made durable, one
 *                              after the other, the newest row and a day's
 *                              means of an hour are asked for in turns: rows,
 *                              answers a second, and the most private memory
 *     memory                   the most private memory of this process while
 *                              every query ran once: bytes
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "crypto/secret.h"
#include "limits/meter.h"
#include "store_append.h"
#include "store_ask.h"
#include "store_busy.h"
#include "store_memory.h"
#include "store_vault.h"
#include "util/heap.h"

enum {
    ROWS_MAX = 1000000000,
    BATCH_MAX = 65536,
    SEGMENTS_MAX = 1000,
    FILL = 5000, /* rows of a batch of fill */
    NS_OF_US = 1000,
};

/* ---- append ---- */

static void
append(struct vault *vault, char **argv)
{
    size_t batch = (size_t)bench_number(argv, 3, 1, BATCH_MAX);
    size_t streams = (size_t)bench_number(argv, 4, 1, SERIES_STREAMS_MAX);
    int64_t most = bench_number(argv, 5, 1, BENCH_MS_MAX) * BENCH_MS;
    struct appending *appending = appending_new(vault, streams, batch);
    double done = 0;
    int64_t spent = 0;

    while (spent < most) {
        spent += appending_batch(appending);
        done += (double)(batch * streams);
    }
    bench_rate("rows", done, spent);
    appending_free(appending);
}

/* Batches until the segment of this number is packed, and gone. */
static void
append_past(struct appending *appending, uint64_t segment, double *batches,
            int64_t *spent)
{
    while (vault_segments(appending->vault).oldest <= segment) {
        *spent += appending_batch(appending);
        *batches += 1;
    }
}

static void
segments(struct vault *vault, char **argv)
{
    size_t batch = (size_t)bench_number(argv, 3, 1, BATCH_MAX);
    size_t streams = (size_t)bench_number(argv, 4, 1, SERIES_STREAMS_MAX);
    uint64_t count = (uint64_t)bench_number(argv, 5, 1, SEGMENTS_MAX);
    struct appending *appending = appending_new(vault, streams, batch);
    uint64_t open = vault_segments(vault).newest;
    double batches = 0;
    int64_t spent = 0;

    /* What the process before left is not in memory. */
    append_past(appending, open, &batches, &spent);
    batches = 0;
    spent = 0;
    append_past(appending, open + count, &batches, &spent);
    bench_rate("rows", batches * (double)(batch * streams), spent);
    appending_free(appending);
}

static void
fill(struct vault *vault, char **argv)
{
    uint64_t wanted = (uint64_t)bench_number(argv, 3, 1, ROWS_MAX);
    struct appending *appending = appending_new(vault, 1, FILL);
    uint64_t before = appending->row;
    int64_t spent = 1;

    while (appending->row < wanted) {
        uint64_t left = wanted - appending->row;

        appending->batch = left < FILL ? (size_t)left : FILL;
        spent += appending_batch(appending);
    }
    bench_rate("rows", (double)(appending->row - before), spent);
    printf("bytes\t%llu\n", (unsigned long long)vault_used(vault));
    appending_free(appending);
}

/* ---- queries ---- */

static void
measure(struct vault *vault, enum query query, char **argv)
{
    int64_t most = bench_number(argv, 3, 1, BENCH_MS_MAX) * BENCH_MS;
    const struct stream *stream = vault_stream(vault, 0);
    double rows = (double)vault_rows(vault, stream);
    double done = 0;
    int64_t from = bench_now();
    int64_t now = from;

    while (now - from < most) {
        ask_all(vault, stream, query);
        done += rows;
        now = bench_now();
    }
    bench_rate("rows", done, now - from);
    stream_release(stream);
}

static void
raw(struct vault *vault, char **argv)
{
    measure(vault, RAW, argv);
}

static void
mean(struct vault *vault, char **argv)
{
    measure(vault, MEAN, argv);
}

static void
odd(struct vault *vault, char **argv)
{
    measure(vault, ODD_MEAN, argv);
}

static void
filter(struct vault *vault, char **argv)
{
    measure(vault, FILTER, argv);
}

static void
hour(struct vault *vault, char **argv)
{
    int64_t most = bench_number(argv, 3, 1, BENCH_MS_MAX) * BENCH_MS;
    const struct stream *stream = vault_stream(vault, 0);
    int64_t hours = (int64_t)vault_rows(vault, stream) / 3600;
    struct series_want want = { .from = METER_BEGIN + hours / 2 * VLT_HOUR };
    double done = 0;
    int64_t from = bench_now();
    int64_t now = from;

    want.to = want.from + VLT_HOUR;
    while (now - from < most) {
        if (ask(vault, stream, &want) == 0) {
            bench_die("the answer is not what it must be", 0);
        }
        done++;
        now = bench_now();
    }
    bench_rate("answers", done, now - from);
    stream_release(stream);
}

static void
memory(struct vault *vault, char **argv)
{
    const struct stream *stream = vault_stream(vault, 0);
    struct memory_watch *watch = memory_watch_begin();

    (void)argv;
    for (enum query query = RAW; query < QUERIES; query++) {
        ask_all(vault, stream, query);
    }
    printf("bytes\t%llu\n", (unsigned long long)memory_watch_end(watch));
    stream_release(stream);
}

static void
busy(struct vault *vault, char **argv)
{
    store_busy(vault, bench_number(argv, 3, 1, BENCH_MS_MAX));
}

/* ---- start ---- */

static void
start(const char *folder, int64_t ms)
{
    double times = 0;
    int64_t spent = 0;

    while (spent < ms * BENCH_MS) {
        struct vault vault;
        int64_t from = bench_now();

        vault_open(&vault, folder);
        ask_newest(&vault);
        spent += bench_now() - from;
        times++;
        vault_close(&vault);
    }
    printf("us\t%.6g\n", (double)spent / times / NS_OF_US);
}

/* ---- which ---- */

static const struct {
    const char *verb;
    int args;
    void (*run)(struct vault *vault, char **argv);
} verbs[] = {
    { "append", 6, append }, { "segments", 6, segments }, { "fill", 4, fill },
    { "raw", 4, raw },       { "mean", 4, mean },         { "odd", 4, odd },
    { "filter", 4, filter }, { "hour", 4, hour },         { "busy", 4, busy },
    { "memory", 3, memory },
};

static void
run(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(argv[2], verbs[i].verb) == 0 && argc == verbs[i].args) {
            struct vault vault;

            vault_open(&vault, argv[1]);
            verbs[i].run(&vault, argv);
            vault_close(&vault);
            return;
        }
    }
    bench_die("usage: bench_store FOLDER VERB [NUMBER…]", 0);
}

int
main(int argc, char **argv)
{
    if (vlt_secret_init() != VLT_OK) {
        bench_die("no entropy", 0);
    }
    heap_keep(); /* as the daemon does */
    if (argc == 4 && strcmp(argv[2], "start") == 0) {
        start(argv[1], bench_number(argv, 3, 1, BENCH_MS_MAX));
    } else if (argc > 2) {
        run(argc, argv);
    } else {
        bench_die("usage: bench_store FOLDER VERB [NUMBER…]", 0);
    }
    return 0;
}
