#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "dice.h"

#define SECOND INT64_C(1000000000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

enum {
    BEGIN_S = 1700000000, /* wall clock of operation 0 */
    STEP_S = 30,          /* from one operation to the next */
    ROWS_BACK_DAYS = 900, /* rows begin so long before */
    ROWS_STEP_HOURS = 6,  /* and go on so much by each operation */
    LATE_DAYS = 40,
    SMALL = 6, /* rows of a small part, at most */
    SOURCES = 4,
};

static const char *const kind_names[PLAN_KINDS] = {
    [PLAN_CREATE] = "create", [PLAN_STREAM] = "stream",
    [PLAN_APPEND] = "append", [PLAN_LATE] = "late",
    [PLAN_MANY] = "many",     [PLAN_BIG] = "big",
    [PLAN_TURN] = "turn",     [PLAN_REPEAT] = "repeat",
    [PLAN_SET] = "set",       [PLAN_GRANT] = "grant",
    [PLAN_REVOKE] = "revoke", [PLAN_LOCK] = "lock",
    [PLAN_REOPEN] = "reopen", [PLAN_ABORT] = "abort",
};

/* After the vault was made, over and over.  The first is a stream, and a grant
 * comes before it is revoked. */
static const enum plan_kind rota[] = {
    PLAN_STREAM, PLAN_APPEND, PLAN_STREAM, PLAN_GRANT,  PLAN_APPEND,
    PLAN_MANY,   PLAN_STREAM, PLAN_REPEAT, PLAN_LATE,   PLAN_APPEND,
    PLAN_SET,    PLAN_BIG,    PLAN_LOCK,   PLAN_APPEND, PLAN_TURN,
    PLAN_REVOKE, PLAN_ABORT,  PLAN_REOPEN, PLAN_APPEND, PLAN_GRANT,
    PLAN_STREAM, PLAN_MANY,   PLAN_LATE,   PLAN_APPEND, PLAN_REPEAT,
    PLAN_TURN,   PLAN_APPEND, PLAN_SET,    PLAN_APPEND, PLAN_GRANT,
    PLAN_APPEND, PLAN_REVOKE, PLAN_MANY,   PLAN_APPEND, PLAN_LATE,
};

enum { ROTA = sizeof rota / sizeof *rota };

const char *
plan_name(enum plan_kind kind)
{
    return kind_names[kind];
}

unsigned
plan_streams(unsigned op)
{
    unsigned before = op > 0 ? op - 1 : 0; /* of the rota */
    unsigned whole = 0;
    unsigned rest = 0;

    for (unsigned i = 0; i < ROTA; i++) {
        whole += rota[i] == PLAN_STREAM;
        rest += rota[i] == PLAN_STREAM && i < before % ROTA;
    }
    unsigned streams = before / ROTA * whole + rest;

    return streams < PLAN_STREAMS ? streams : PLAN_STREAMS;
}

enum plan_kind
plan_kind(unsigned op)
{
    if (op == 0) {
        return PLAN_CREATE;
    }
    enum plan_kind kind = rota[(op - 1) % ROTA];

    return kind == PLAN_STREAM && plan_streams(op) == PLAN_STREAMS ? PLAN_APPEND
                                                                   : kind;
}

int64_t
plan_now(unsigned op)
{
    return (BEGIN_S + (int64_t)op * STEP_S) * SECOND;
}

/* ---- streams ---- */

void
plan_stream(unsigned number, struct plan_stream *out)
{
    static const struct plan_stream of[] = {
        { .columns = 1, .type = { PLAN_F64 } },
        { .columns = 2, .type = { PLAN_F64, PLAN_I64 } },
        { .columns = 2, .type = { PLAN_TEXT, PLAN_F64 } },
        { .columns = 3, .type = { PLAN_BOOL, PLAN_I64, PLAN_TEXT } },
    };

    *out = of[number % (sizeof of / sizeof *of)];
    (void)snprintf(out->name, sizeof out->name,
                   "crash.a-name-of-some-length.stream%u", number);
}

unsigned
plan_set(unsigned op)
{
    return op % plan_streams(op);
}

/* ---- rows ---- */

static int64_t
rows_begin(unsigned op)
{
    return plan_now(0) - ROWS_BACK_DAYS * DAY +
           (int64_t)op * ROWS_STEP_HOURS * HOUR;
}

static uint64_t
some_bits(struct dice *dice, enum plan_type type)
{
    switch (type) {
    case PLAN_F64: {
        double value = dice_below(dice, 4) == 0
                           ? (double)dice_below(dice, 100000) / 10
                           : (double)dice_next(dice) / 3;
        uint64_t bits;

        memcpy(&bits, &value, sizeof bits);
        return bits;
    }
    case PLAN_BOOL:
        return dice_below(dice, 2);
    case PLAN_I64:
    case PLAN_TEXT:
        break;
    }
    return dice_next(dice) >> dice_below(dice, 60);
}

static void
some_row(struct dice *dice, unsigned number, int64_t time, struct plan_row *out)
{
    struct plan_stream stream;

    plan_stream(number, &stream);
    *out = (struct plan_row){ .time = time };
    for (unsigned i = 0; i < stream.columns; i++) {
        /* One cell in eight is absent, but never a whole row. */
        if (i == 0 || dice_below(dice, 8) > 0) {
            out->has |= 1U << i;
            out->bits[i] = some_bits(dice, stream.type[i]);
        }
    }
}

/* Rows of one stream a second or so apart, now and then two at one time. */
static void
some_part(struct dice *dice, unsigned op, unsigned rows, struct plan_part *out)
{
    int64_t time = rows_begin(op);

    out->rows = rows;
    for (unsigned i = 0; i < rows; i++) {
        some_row(dice, out->stream, time, &out->row[i]);
        time += dice_below(dice, 6) == 0
                    ? 0
                    : (int64_t)dice_below(dice, 2) * 1000 + SECOND;
    }
}

/* ---- batches ---- */

unsigned
plan_batches(unsigned op)
{
    switch (plan_kind(op)) {
    case PLAN_APPEND:
    case PLAN_LATE:
    case PLAN_MANY:
    case PLAN_BIG:
    case PLAN_REPEAT:
    case PLAN_ABORT:
        return 1;
    case PLAN_TURN:
        return PLAN_BATCHES;
    default:
        return 0;
    }
}

bool
plan_counts(unsigned op)
{
    enum plan_kind kind = plan_kind(op);

    return plan_batches(op) > 0 && kind != PLAN_REPEAT && kind != PLAN_ABORT;
}

unsigned
plan_source(unsigned op, unsigned which)
{
    return 1 + (op + which) % SOURCES;
}

uint64_t
plan_seq(unsigned op, unsigned which)
{
    return (uint64_t)op * PLAN_BATCHES + which + 1;
}

/* The last batch that was appended before an operation; there is one before
 * all that ask. */
static unsigned
appended_before(unsigned op)
{
    do {
        op--;
    } while (!plan_counts(op) || plan_kind(op) == PLAN_LATE);
    return op;
}

/* After what was appended last: its first row as it was, another one at that
 * time, and some before. */
static void
late_part(struct dice *dice, uint64_t seed, unsigned op, struct plan_part *out)
{
    struct plan_batch last;

    plan_batch(seed, appended_before(op), 0, &last);
    out->stream = last.part[0].stream;
    out->rows = 2 + dice_below(dice, SMALL - 2);
    out->row[0] = last.part[0].row[0];
    for (unsigned i = 1; i < out->rows; i++) {
        int64_t back =
            i == 1 ? 0 : (int64_t)(1 + dice_below(dice, LATE_DAYS * 24)) * HOUR;

        some_row(dice, out->stream, out->row[0].time - back, &out->row[i]);
    }
}

static void
many_parts(struct dice *dice, unsigned op, struct plan_batch *out)
{
    unsigned streams = plan_streams(op);

    out->parts = streams < PLAN_PARTS ? streams : PLAN_PARTS;
    for (unsigned i = 0; i < out->parts; i++) {
        out->part[i].stream = (op + i) % streams;
        some_part(dice, op, 1 + dice_below(dice, 3), &out->part[i]);
    }
}

void
plan_batch(uint64_t seed, unsigned op, unsigned which, struct plan_batch *out)
{
    struct dice dice = dice_of(seed, (uint64_t)op * PLAN_BATCHES + which);
    struct plan_part *part = &out->part[0];

    if (plan_kind(op) == PLAN_REPEAT) {
        plan_batch(seed, appended_before(op), 0, out);
        out->seq = op % 2 == 0 ? out->seq : 0;
        return;
    }
    out->source = plan_source(op, which);
    out->seq = plan_seq(op, which);
    out->parts = 1;
    part->stream = dice_below(&dice, plan_streams(op));
    switch (plan_kind(op)) {
    case PLAN_LATE:
        late_part(&dice, seed, op, part);
        break;
    case PLAN_MANY:
        many_parts(&dice, op, out);
        break;
    case PLAN_BIG:
        part->stream = op % 2;
        some_part(&dice, op, PLAN_ROWS, part);
        break;
    default:
        some_part(&dice, op, 1 + dice_below(&dice, SMALL), part);
    }
}

/* ---- consent ---- */

void
plan_grant(unsigned op, struct plan_grant *out)
{
    unsigned of = op;

    while (plan_kind(of) != PLAN_GRANT) {
        of--;
    }
    *out = (struct plan_grant){ .firm = of % PLAN_FIRMS,
                                .grant = of % PLAN_GRANTS };
    if (of != op) {
        out->gone = op % 2 == 1;
    }
    (void)snprintf(out->json, sizeof out->json,
                   "{\"ended\":%s,\"n\":%u,\"v\":1}",
                   of != op ? "true" : "false", op);
    (void)snprintf(out->log, sizeof out->log, "{\"grant\":%u,\"n\":%u}",
                   out->grant, op);
}
