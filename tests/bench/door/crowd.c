/*
 * Many sessions: that do nothing, and that do nothing but begin.
 */
#define _GNU_SOURCE /* POLLRDHUP */

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "../bench.h"
#include "door.h"

enum {
    IDLE_MAX = 16384,
    THREADS_MAX = 16,
};

/* A vault ends sessions that say nothing for 90 s: whoever came first must
 * still be there when the last one comes. */
static void
check_there(const struct line *line, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct pollfd polled = { .fd = line[i].fd, .events = POLLRDHUP };

        if (poll(&polled, 1, 0) != 0) {
            bench_die("a session has ended", 0);
        }
    }
}

void
door_idle(const struct house *house, char **args)
{
    size_t count = (size_t)bench_number(args, 0, 1, IDLE_MAX);
    struct line *line = calloc(count, sizeof *line);

    if (line == NULL) {
        bench_die("out of memory", 0);
    }
    for (size_t i = 0; i < count; i++) {
        firm_connect(house, i / FIRM_LINES, &line[i]);
        vlt_buf_free(&line[i].in);
        vlt_buf_free(&line[i].out);
    }
    check_there(line, count);
    puts("ready");
    (void)fflush(stdout);
    while (getchar() != EOF) {
    }
    for (size_t i = 0; i < count; i++) {
        line_close(&line[i]);
    }
    free(line);
}

/* ---- handshakes ---- */

struct shaker {
    const struct house *house;
    size_t first; /* firm; then every step-th */
    size_t step;
    int64_t until;
    uint64_t done;
    pthread_t thread;
};

static void *
shake(void *ctx)
{
    struct shaker *shaker = ctx;
    const struct house *house = shaker->house;
    size_t firm = shaker->first;

    while (bench_now() < shaker->until) {
        struct line line;

        if (house->bare) {
            line_bare(&line, &house->place);
        } else {
            firm_connect(house, firm, &line);
            firm += shaker->step;
            firm = firm < house->granted ? firm : shaker->first;
        }
        line_close(&line);
        shaker->done++;
    }
    return NULL;
}

void
door_handshakes(const struct house *house, char **args)
{
    int64_t ms = bench_number(args, 0, 1, BENCH_MS_MAX);
    size_t threads = (size_t)bench_number(args, 1, 1, THREADS_MAX);
    struct shaker shaker[THREADS_MAX];
    int64_t from = bench_now();
    uint64_t done = 0;

    if (!house->bare && house->granted < threads) {
        bench_die("there are not as many firms", 0);
    }
    for (size_t i = 0; i < threads; i++) {
        shaker[i] = (struct shaker){ .house = house,
                                     .first = i,
                                     .step = threads,
                                     .until = from + ms * BENCH_MS };
        if (pthread_create(&shaker[i].thread, NULL, shake, &shaker[i]) != 0) {
            bench_die("no thread", 0);
        }
    }
    for (size_t i = 0; i < threads; i++) {
        (void)pthread_join(shaker[i].thread, NULL);
        done += shaker[i].done;
    }
    bench_rate("handshakes", (double)done, bench_now() - from);
}
