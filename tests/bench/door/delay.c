/*
 * From being durable to being delivered: the owner appends 10,000 rows a
 * second, a hundred at a time, and one firm hears them.  A stream is told a
 * second at most, so the batches go to one after the other.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../bench.h"
#include "../limits/meter.h"
#include "ask.h"
#include "base/time.h"
#include "rpc.h"
#include "watch.h"

enum {
    ROWS = 100, /* of a batch */
    EVERY_MS = 10,
    NAME = 32,
    DIGITS = 3, /* of a stream's number */
    GUARD_MS = 10000,
    NS_OF_US = 1000,
    PERCENT = 100,
};

struct delay {
    struct watch watch; /* the owner's line */
    struct line firm;
    size_t batches;
    size_t sent;
    size_t answered;
    size_t delivered;
    size_t stream[DOOR_STREAMS]; /* the number of each ordinal's */
    size_t newest[DOOR_STREAMS]; /* batch of each stream */
    int64_t *durable;            /* when a batch was, ns */
    int64_t *came;               /* and when it was delivered */
};

static size_t
number_of(const uint8_t *at)
{
    size_t number = 0;

    for (int i = 0; i < DIGITS; i++) {
        number = number * 10 + (size_t)(at[i] - '0');
    }
    return number % DOOR_STREAMS;
}

/* Ordinals count the series of the answer, in their order. */
static void
name_ordinals(struct delay *delay, struct vlt_slice answer)
{
    for (size_t i = 0; i < DOOR_STREAMS; i++) {
        size_t at = line_behind(answer, "\"stream\":\"flow/");

        if (at == 0 || answer.len < at + DIGITS) {
            bench_die("a stream is missing", 0);
        }
        delay->stream[i] = number_of(answer.at + at);
        answer = vlt_slice_of(answer.at + at, answer.len - at);
    }
}

static void
send_batch(struct delay *delay, struct vlt_rows *rows)
{
    size_t stream = delay->sent % DOOR_STREAMS;
    int64_t now = bench_utc();
    char name[NAME];

    vlt_rows_clear(rows);
    for (int64_t i = 0; i < ROWS; i++) {
        if (vlt_rows_add(rows, now - (ROWS - i) * NS_OF_US) != VLT_OK) {
            bench_die("out of memory", 0);
        }
        vlt_rows_set(rows, 0, vlt_bits_of(meter_power((uint64_t)i)));
    }
    (void)snprintf(name, sizeof name, "flow/%03zu", stream);
    delay->newest[stream] = delay->sent++;
    watch_append(&delay->watch, name, rows);
}

/* Answers come in the order of the calls: they are made one at a time. */
static void
take_answers(struct delay *delay)
{
    struct line_frame frame;

    line_read(&delay->watch.owner);
    while (line_next(&delay->watch.owner, &frame)) {
        if (rpc_answers(&frame)) {
            delay->durable[delay->answered++] = bench_now();
        }
    }
}

static void
take_pages(struct delay *delay)
{
    struct line_frame frame;
    struct ask_page page;

    line_read(&delay->firm);
    while (line_next(&delay->firm, &frame)) {
        if (ask_page(&frame, &page)) {
            size_t stream = delay->stream[page.ordinal % DOOR_STREAMS];

            delay->came[delay->newest[stream]] = bench_now();
            delay->delivered++;
            ask_credit(&delay->firm, 1);
        }
    }
}

/* Take what comes until this moment. */
static void
listen_until(struct delay *delay, int64_t until)
{
    struct pollfd polled[] = {
        { .fd = delay->watch.owner.fd, .events = POLLIN },
        { .fd = delay->firm.fd, .events = POLLIN },
    };
    int64_t left = until - bench_now();

    while (left > 0 && delay->delivered < delay->batches) {
        /* Rounded up: a wait of 0 would be a busy one. */
        if (poll(polled, 2, (int)(left / BENCH_MS) + 1) < 0) {
            bench_die("poll", errno);
        }
        if (polled[0].revents != 0) {
            take_answers(delay);
        }
        if (polled[1].revents != 0) {
            take_pages(delay);
        }
        left = until - bench_now();
    }
}

static int
by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void
print(struct delay *delay)
{
    for (size_t i = 0; i < delay->batches; i++) {
        delay->came[i] -= delay->durable[i];
    }
    qsort(delay->came, delay->batches, sizeof *delay->came, by_value);
    size_t worst = delay->batches * (PERCENT - 1) / PERCENT;

    printf("p50\t%.6g\np99\t%.6g\n",
           (double)delay->came[delay->batches / 2] / NS_OF_US,
           (double)delay->came[worst] / NS_OF_US);
}

void
door_delay(const struct house *house, char **args)
{
    int64_t ms = bench_number(args, 0, EVERY_MS, BENCH_MS_MAX);
    struct delay delay = { .batches = (size_t)(ms / EVERY_MS) };
    struct vlt_rows *rows = meter_rows();

    delay.durable = calloc(delay.batches, sizeof *delay.durable);
    delay.came = calloc(delay.batches, sizeof *delay.came);
    if (delay.durable == NULL || delay.came == NULL) {
        bench_die("out of memory", 0);
    }
    watch_open(&delay.watch, house, 0, args[1], NULL);
    firm_connect(house, 0, &delay.firm);
    name_ordinals(&delay, watch_subscribe(house, 0, &delay.firm, "flow/**"));
    int64_t next = bench_now();

    while (delay.sent < delay.batches) {
        send_batch(&delay, rows);
        next += (int64_t)EVERY_MS * BENCH_MS;
        listen_until(&delay, next);
    }
    listen_until(&delay, next + (int64_t)GUARD_MS * BENCH_MS);
    if (delay.delivered < delay.batches || delay.answered < delay.batches) {
        bench_die("not every batch was delivered", 0);
    }
    print(&delay);
    line_close(&delay.firm);
    watch_close(&delay.watch);
    vlt_rows_free(rows);
    free(delay.durable);
    free(delay.came);
}
