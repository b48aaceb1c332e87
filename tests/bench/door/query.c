/*
 * What firms ask: the newest row, an hour, all rows of one stream.
 *
 * A firm may make 10 requests a second, and 50 at once; so each asks a few
 * times, and then the next one does.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bench.h"
#include "../limits/meter.h"
#include "ask.h"
#include "door.h"
#include "rpc.h"

enum {
    SLOTS_MAX = 64,
    LINES_MAX = 256,
    GUARD_MS = 60000,
    HOUR = 3600, /* rows */
    MORE = 160,
    TENTH = BENCH_MS / 10,
};

/* A slot asks on one line after the other: of firms i, i + slots, … */
struct slot {
    size_t line;
    unsigned asked;
};

struct latest {
    const struct house *house;
    size_t slots;
    size_t lines;
    struct line *line;
    struct slot at[SLOTS_MAX];
    struct pollfd polled[SLOTS_MAX];
    size_t under_way;
    uint64_t answered;
};

/* Firms that are not kept for queries. */
static size_t
shared_firms(const struct house *house)
{
    return house->granted > DOOR_APART ? house->granted - DOOR_APART : 0;
}

static void
ask_latest(struct latest *l, size_t i)
{
    struct slot *slot = &l->at[i];
    struct ask ask = { .method = "data.latest",
                       .grant = l->house->grants[slot->line].read,
                       .streams = "scan/00",
                       .more = "" };

    l->polled[i] =
        (struct pollfd){ .fd = l->line[slot->line].fd, .events = POLLIN };
    ask_send(&l->line[slot->line], &ask);
    slot->asked++;
}

/* Ask again, of the next firm where this one has asked enough; else no more. */
static void
ask_next(struct latest *l, size_t i)
{
    struct slot *slot = &l->at[i];

    if (!l->house->bare && slot->asked == DOOR_REQUESTS) {
        slot->line += l->slots;
        slot->asked = 0;
    }
    if (slot->line < l->lines) {
        ask_latest(l, i);
    } else {
        l->polled[i].fd = -1;
        l->under_way--;
    }
}

static void
take_answers(struct latest *l, size_t i, bool more)
{
    struct line *line = &l->line[l->at[i].line];
    struct line_frame frame;

    line_read(line);
    while (line_next(line, &frame)) {
        if (!l->house->bare && !rpc_answers(&frame)) {
            continue;
        }
        l->answered++;
        if (more) {
            ask_next(l, i);
        } else {
            l->polled[i].fd = -1;
            l->under_way--;
        }
        return;
    }
}

static void
turn(struct latest *l, bool more)
{
    if (poll(l->polled, (nfds_t)l->slots, GUARD_MS) <= 0) {
        bench_die("no answer came", errno);
    }
    for (size_t i = 0; i < l->slots; i++) {
        if (l->polled[i].revents != 0) {
            take_answers(l, i, more);
        }
    }
}

/* A tenth of the time warms up; the rest ends when the time is over or all
 * firms have asked what they may. */
static void
measure(struct latest *l, int64_t ms)
{
    int64_t begun = bench_now();
    int64_t now = begun;

    while (now < begun + ms * TENTH && l->under_way == l->slots) {
        turn(l, true);
        now = bench_now();
    }
    uint64_t before = l->answered;
    int64_t from = now;

    while ((now < begun + ms * BENCH_MS || l->answered == before) &&
           l->under_way == l->slots) {
        turn(l, true);
        now = bench_now();
    }
    bench_rate("answers", (double)(l->answered - before), now - from);
    while (l->under_way > 0) {
        turn(l, false);
    }
}

void
door_latest(const struct house *house, char **args)
{
    int64_t ms = bench_number(args, 0, 1, BENCH_MS_MAX);
    struct latest l = { .house = house };

    l.slots = (size_t)bench_number(args, 1, 1, SLOTS_MAX);
    l.lines = (size_t)bench_number(args, 2, 1, LINES_MAX);
    l.line = calloc(l.lines, sizeof *l.line);
    if (l.line == NULL || l.lines < l.slots ||
        (!house->bare && l.lines > shared_firms(house))) {
        bench_die("there are not as many firms", 0);
    }
    for (size_t i = 0; i < l.lines; i++) {
        firm_connect(house, i, &l.line[i]);
    }
    for (size_t i = 0; i < l.slots; i++) {
        l.at[i].line = i;
        ask_latest(&l, i);
        l.under_way++;
    }
    measure(&l, ms);
    for (size_t i = 0; i < l.lines; i++) {
        line_close(&l.line[i]);
    }
    free(l.line);
}

/* ---- queries ---- */

/* A form, and the firms that are kept for it. */
struct form {
    const char *word;
    size_t hours; /* which of the firms apart is the first for hours */
    size_t scans;
};

static const struct form forms[] = {
    { "json", 0, DOOR_APART - 2 * DOOR_SCANS },
    { "blocks", DOOR_HOURS, DOOR_APART - DOOR_SCANS },
};

static const struct form *
form_of(const char *word)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(word, forms[i].word) == 0) {
            return &forms[i];
        }
    }
    bench_die("FORM is json or blocks", 0);
}

/* What one verb asks. */
struct query {
    const struct house *house;
    size_t first; /* firm, and how many */
    size_t firms;
    uint64_t rows; /* of an answer */
    int64_t ms;
    const char *more;
    uint64_t answers;
    int64_t spent; /* ns, connecting left out */
};

static bool
goes_on(const struct query *q, int64_t from)
{
    return q->spent + bench_now() - from < q->ms * BENCH_MS;
}

static void
ask_as(struct query *q, size_t firm)
{
    struct ask ask = { .method = "data.query",
                       .grant = q->house->grants[firm].read,
                       .streams = "scan/00",
                       .more = q->more };
    struct line line;

    firm_connect(q->house, firm, &line);
    int64_t from = bench_now();

    for (int n = 0; n < DOOR_REQUESTS && goes_on(q, from); n++) {
        ask_send(&line, &ask);
        if (ask_pages(&line) != q->rows) {
            bench_die("an answer has not all rows", 0);
        }
        q->answers++;
    }
    q->spent += bench_now() - from;
    line_close(&line);
}

/* One query after the other, each up to its last page, by one firm after the
 * other, until the time is over or all have asked what they may. */
static void
run(struct query *q)
{
    if (q->house->granted < DOOR_APART) {
        bench_die("there are not as many firms", 0);
    }
    for (size_t i = 0; i < q->firms && goes_on(q, bench_now()); i++) {
        ask_as(q, q->first + i);
    }
}

void
door_hour(const struct house *house, char **args)
{
    const struct form *form = form_of(args[1]);
    struct query q = { .house = house,
                       .first = shared_firms(house) + form->hours,
                       .firms = DOOR_HOURS,
                       .rows = HOUR,
                       .ms = bench_number(args, 0, 1, BENCH_MS_MAX) };
    int64_t from = METER_BEGIN + VLT_HOUR;
    char more[MORE];

    (void)snprintf(more, sizeof more,
                   ",\"form\":\"%s\",\"credit\":1024,\"from\":%" PRId64
                   ",\"to\":%" PRId64,
                   form->word, from, from + VLT_HOUR);
    q.more = more;
    run(&q);
    bench_rate("answers", (double)q.answers, q.spent);
}

void
door_scan(const struct house *house, char **args)
{
    const struct form *form = form_of(args[1]);
    struct query q = { .house = house,
                       .first = shared_firms(house) + form->scans,
                       .firms = DOOR_SCANS,
                       .rows = (uint64_t)bench_number(args, 2, 1, INT32_MAX),
                       .ms = bench_number(args, 0, 1, BENCH_MS_MAX) };
    char more[MORE];

    (void)snprintf(more, sizeof more,
                   ",\"form\":\"%s\",\"credit\":1024,\"limit\":%" PRIu64,
                   form->word, q.rows);
    q.more = more;
    run(&q);
    bench_rate("rows", (double)(q.answers * q.rows), q.spent);
}
