/*
 * bench_load SOCKET KIND CONNECTIONS WINDOW MS [ROWS STREAMS]: messages a
 * second that are answered on CONNECTIONS connections, each with up to WINDOW
 * unanswered.
 *
 * KIND is append (one row of now, each connection's to a stream of its own,
 * STREAMS/00, …), json or blocks (batches of ROWS rows of the meter, from its
 * first on), latest (the newest row of STREAMS/hour) or query (all of
 * STREAMS/hour as blocks, up to the last page).
 * Batches are numbered, all of one boot, as a source's are, and made before the
 * clock runs.
 * An echo is asked the very same, so that both sides carry the same bytes.
 * Unless said ROWS is 1 and STREAMS is bench.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>

#include "base/time.h"
#include "bench.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "load_connection.h"

enum {
    CONNECTIONS_MAX = 64,
    WINDOW_MAX = 64,
    GUARD_MS = 60000, /* until silence is a failure */
    ARGS = 6,
    ARGS_BATCH = 8,
};

struct load {
    struct load_ask ask;
    int64_t connections;
    uint64_t window;
    struct load_connection *at[CONNECTIONS_MAX];
    struct pollfd polled[CONNECTIONS_MAX];
};

/* Wait for answers, and ask again for each of them if more is wanted. */
static void
turn(struct load *load, bool more)
{
    if (poll(load->polled, (nfds_t)load->connections, GUARD_MS) <= 0) {
        bench_die("no answer came", errno);
    }
    for (int64_t i = 0; i < load->connections; i++) {
        struct load_connection *c = load->at[i];

        if (load->polled[i].revents == 0) {
            continue;
        }
        load_take(c);
        while (more && c->asked - c->answered < load->window) {
            load_send(c);
        }
    }
}

static uint64_t
answered(const struct load *load)
{
    uint64_t sum = 0;

    for (int64_t i = 0; i < load->connections; i++) {
        sum += load->at[i]->answered;
    }
    return sum;
}

static uint64_t
asked(const struct load *load)
{
    uint64_t sum = 0;

    for (int64_t i = 0; i < load->connections; i++) {
        sum += load->at[i]->asked;
    }
    return sum;
}

static void
start(struct load *load, const char *path, int64_t ms)
{
    struct stock_share share =
        stock_share(ms, (size_t)load->connections, load->ask.rows);

    for (int64_t i = 0; i < load->connections; i++) {
        load->at[i] = load_connect(path, &load->ask, (unsigned)i);
        load_stock(load->at[i], share);
        load->polled[i] =
            (struct pollfd){ .fd = load->at[i]->line.fd, .events = POLLIN };
    }
    for (int64_t i = 0; i < load->connections; i++) {
        for (uint64_t n = 0; n < load->window; n++) {
            load_send(load->at[i]);
        }
    }
}

/* The first tenth of the time warms up and is not counted. */
static void
measure(struct load *load, int64_t ms)
{
    int64_t now = bench_now();
    int64_t from = now + ms * (VLT_SECOND / 10000);
    int64_t until = now + ms * (VLT_SECOND / 1000);

    while (now < from) {
        turn(load, true);
        now = bench_now();
    }
    from = now;
    uint64_t before = answered(load);

    while (now < until || answered(load) == before) {
        turn(load, true);
        now = bench_now();
    }
    bench_rate("answers", (double)(answered(load) - before), now - from);
    while (answered(load) < asked(load)) {
        turn(load, false);
    }
}

static enum load_kind
kind_of(const char *word)
{
    static const char *const words[] = { [LOAD_APPEND] = "append",
                                         [LOAD_JSON] = "json",
                                         [LOAD_BLOCKS] = "blocks",
                                         [LOAD_LATEST] = "latest",
                                         [LOAD_QUERY] = "query" };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(word, words[i]) == 0) {
            return (enum load_kind)i;
        }
    }
    bench_die("KIND is append, json, blocks, latest or query", 0);
}

int
main(int argc, char **argv)
{
    uint64_t seq = 0;
    struct load load = {
        .ask = { .rows = 1, .streams = "bench", .seq = &seq },
    };

    if ((argc != ARGS && argc != ARGS_BATCH) || vlt_secret_init() != VLT_OK) {
        bench_die("usage: bench_load SOCKET KIND CONNECTIONS WINDOW MS [ROWS "
                  "STREAMS]",
                  0);
    }
    vlt_random(&load.ask.boot, sizeof load.ask.boot);
    load.ask.kind = kind_of(argv[2]);
    if (argc == ARGS_BATCH) {
        load.ask.rows = (size_t)bench_number(argv, 6, 1, LOAD_ROWS_MAX);
        load.ask.streams = argv[7];
    }
    load.connections = bench_number(argv, 3, 1, CONNECTIONS_MAX);
    load.window = (uint64_t)bench_number(argv, 4, 1, WINDOW_MAX);
    int64_t ms = bench_number(argv, 5, 1, BENCH_MS_MAX);

    start(&load, argv[1], ms);
    measure(&load, ms);
    for (int64_t i = 0; i < load.connections; i++) {
        load_close(load.at[i]);
    }
    return 0;
}
