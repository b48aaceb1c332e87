#include "script.h"

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
    ERASE_NEAR = 12, /* operations back: what came since is not erased */
    ERASE_SHORT = 40,
    ERASE_LONG = 300, /* so many operations reach over whole epochs */
    SMALL = 6,        /* rows of a small part, at most */
    SOURCES = 4,
};

static const char *const kind_names[SCRIPT_KINDS] = {
    [SCRIPT_CREATE] = "create", [SCRIPT_STREAM] = "stream",
    [SCRIPT_APPEND] = "append", [SCRIPT_LATE] = "late",
    [SCRIPT_MANY] = "many",     [SCRIPT_BIG] = "big",
    [SCRIPT_TURN] = "turn",     [SCRIPT_REPEAT] = "repeat",
    [SCRIPT_ROLL] = "roll",     [SCRIPT_COMPACT] = "compact",
    [SCRIPT_SET] = "set",       [SCRIPT_GRANT] = "grant",
    [SCRIPT_REVOKE] = "revoke", [SCRIPT_SLOT] = "slot",
    [SCRIPT_ROTATE] = "rotate", [SCRIPT_LOCK] = "lock",
    [SCRIPT_REOPEN] = "reopen", [SCRIPT_ABORT] = "abort",
    [SCRIPT_ERASE] = "erase",   [SCRIPT_FINISH] = "finish",
    [SCRIPT_BACKUP] = "backup", [SCRIPT_RESTORE] = "restore",
};

/* After the vault was made, over and over.  The first is a stream, and a grant
 * comes before it is revoked. */
static const enum script_kind rota[] = {
    SCRIPT_STREAM,  SCRIPT_APPEND, SCRIPT_STREAM,  SCRIPT_GRANT,  SCRIPT_APPEND,
    SCRIPT_MANY,    SCRIPT_STREAM, SCRIPT_REPEAT,  SCRIPT_LATE,   SCRIPT_APPEND,
    SCRIPT_SLOT,    SCRIPT_SET,    SCRIPT_BIG,     SCRIPT_LOCK,   SCRIPT_APPEND,
    SCRIPT_TURN,    SCRIPT_REVOKE, SCRIPT_ABORT,   SCRIPT_REOPEN, SCRIPT_APPEND,
    SCRIPT_ERASE,   SCRIPT_BACKUP, SCRIPT_ROTATE,  SCRIPT_GRANT,  SCRIPT_STREAM,
    SCRIPT_MANY,    SCRIPT_LATE,   SCRIPT_RESTORE, SCRIPT_ROLL,   SCRIPT_SLOT,
    SCRIPT_REPEAT,  SCRIPT_TURN,   SCRIPT_APPEND,  SCRIPT_SET,    SCRIPT_SLOT,
    SCRIPT_COMPACT, SCRIPT_GRANT,  SCRIPT_APPEND,  SCRIPT_REVOKE, SCRIPT_FINISH,
    SCRIPT_SLOT,    SCRIPT_MANY,   SCRIPT_APPEND,
};

enum { ROTA = sizeof rota / sizeof *rota };

const char *
script_name(enum script_kind kind)
{
    return kind_names[kind];
}

unsigned
script_streams(unsigned op)
{
    unsigned before = op > 0 ? op - 1 : 0; /* of the rota */
    unsigned whole = 0;
    unsigned rest = 0;

    for (unsigned i = 0; i < ROTA; i++) {
        whole += rota[i] == SCRIPT_STREAM;
        rest += rota[i] == SCRIPT_STREAM && i < before % ROTA;
    }
    unsigned streams = before / ROTA * whole + rest;

    return streams < SCRIPT_STREAMS ? streams : SCRIPT_STREAMS;
}

enum script_kind
script_kind(unsigned op)
{
    if (op == 0) {
        return SCRIPT_CREATE;
    }
    enum script_kind kind = rota[(op - 1) % ROTA];

    return kind == SCRIPT_STREAM && script_streams(op) == SCRIPT_STREAMS
               ? SCRIPT_APPEND
               : kind;
}

unsigned
script_before(unsigned op, enum script_kind kind)
{
    while (op > 0) {
        op--;
        if (script_kind(op) == kind) {
            return op;
        }
    }
    return 0;
}

unsigned
script_backup(unsigned op)
{
    unsigned of[SCRIPT_WORDS];

    do {
        op = script_before(op, SCRIPT_BACKUP);
    } while (op > 0 && script_words(op, of) == 0);
    return op;
}

int64_t
script_now(unsigned op)
{
    return (BEGIN_S + (int64_t)op * STEP_S) * SECOND;
}

/* ---- streams ---- */

void
script_stream(unsigned number, struct script_stream *out)
{
    static const struct script_stream of[] = {
        { .columns = 1, .type = { SCRIPT_F64 } },
        { .columns = 2, .type = { SCRIPT_F64, SCRIPT_I64 } },
        { .columns = 2, .type = { SCRIPT_TEXT, SCRIPT_F64 } },
        { .columns = 3, .type = { SCRIPT_BOOL, SCRIPT_I64, SCRIPT_TEXT } },
    };

    *out = of[number % (sizeof of / sizeof *of)];
    (void)snprintf(out->name, sizeof out->name,
                   "crash.a-name-of-some-length.stream%u", number);
}

unsigned
script_set(unsigned op)
{
    return op % script_streams(op);
}

/* ---- rows ---- */

static int64_t
rows_begin(unsigned op)
{
    return script_now(0) - ROWS_BACK_DAYS * DAY +
           (int64_t)op * ROWS_STEP_HOURS * HOUR;
}

static uint64_t
some_bits(struct dice *dice, enum script_type type)
{
    switch (type) {
    case SCRIPT_F64: {
        double value = dice_below(dice, 4) == 0
                           ? (double)dice_below(dice, 100000) / 10
                           : (double)dice_next(dice) / 3;
        uint64_t bits;

        memcpy(&bits, &value, sizeof bits);
        return bits;
    }
    case SCRIPT_BOOL:
        return dice_below(dice, 2);
    case SCRIPT_I64:
    case SCRIPT_TEXT:
        break;
    }
    return dice_next(dice) >> dice_below(dice, 60);
}

static void
some_row(struct dice *dice, unsigned number, int64_t time,
         struct script_row *out)
{
    struct script_stream stream;

    script_stream(number, &stream);
    *out = (struct script_row){ .time = time };
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
some_part(struct dice *dice, int64_t time, unsigned rows,
          struct script_part *out)
{
    out->rows = rows;
    for (unsigned i = 0; i < rows; i++) {
        some_row(dice, out->stream, time, &out->row[i]);
        time += dice_below(dice, 6) == 0
                    ? 0
                    : (int64_t)dice_below(dice, 2) * 1000 + SECOND;
    }
}

/* ---- erasing ---- */

void
script_erase(unsigned op, struct script_erase *out)
{
    unsigned back = op % 2 == 0 ? ERASE_SHORT : ERASE_LONG;

    /* Streams 0 and 1 have the big batches. */
    out->stream = op % 3 == 2 ? op % script_streams(op) : op % 3;
    out->to = rows_begin(op) - ERASE_NEAR * ROWS_STEP_HOURS * HOUR;
    out->from = rows_begin(op) - (int64_t)back * ROWS_STEP_HOURS * HOUR;
}

/* ---- batches ---- */

unsigned
script_batches(unsigned op)
{
    switch (script_kind(op)) {
    case SCRIPT_APPEND:
    case SCRIPT_LATE:
    case SCRIPT_MANY:
    case SCRIPT_BIG:
    case SCRIPT_ROLL:
    case SCRIPT_COMPACT:
    case SCRIPT_REPEAT:
    case SCRIPT_ABORT:
        return 1;
    case SCRIPT_TURN:
        return SCRIPT_BATCHES;
    default:
        return 0;
    }
}

bool
script_counts(unsigned op)
{
    enum script_kind kind = script_kind(op);

    return script_batches(op) > 0 && kind != SCRIPT_REPEAT &&
           kind != SCRIPT_ABORT;
}

unsigned
script_source(unsigned op, unsigned which)
{
    return 1 + (op + which) % SOURCES;
}

uint64_t
script_seq(unsigned op, unsigned which)
{
    return (uint64_t)op * SCRIPT_BATCHES + which + 1;
}

/* The last batch that was appended at the end before an operation; there is one
 * before all that ask. */
static unsigned
appended_before(unsigned op)
{
    do {
        op--;
    } while (!script_counts(op) || script_kind(op) == SCRIPT_LATE ||
             script_kind(op) == SCRIPT_ROLL);
    return op;
}

/* After what was appended last: its first row as it was, another one at that
 * time, and some before. */
static void
late_part(struct dice *dice, uint64_t seed, unsigned op,
          struct script_part *out)
{
    struct script_batch last;

    script_batch(seed, appended_before(op), 0, &last);
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
many_parts(struct dice *dice, unsigned op, struct script_batch *out)
{
    unsigned streams = script_streams(op);

    out->parts = streams < SCRIPT_PARTS ? streams : SCRIPT_PARTS;
    for (unsigned i = 0; i < out->parts; i++) {
        out->part[i].stream = (op + i) % streams;
        some_part(dice, rows_begin(op), 1 + dice_below(dice, 3), &out->part[i]);
    }
}

/* Streams 0 and 1 have the big batches. */
static unsigned
big_stream(unsigned op)
{
    return (op + 1) % 2;
}

void
script_batch(uint64_t seed, unsigned op, unsigned which,
             struct script_batch *out)
{
    struct dice dice = dice_of(seed, (uint64_t)op * SCRIPT_BATCHES + which);
    struct script_part *part = &out->part[0];

    if (script_kind(op) == SCRIPT_REPEAT) {
        script_batch(seed, appended_before(op), 0, out);
        out->seq = op % 2 == 0 ? out->seq : 0;
        return;
    }
    out->source = script_source(op, which);
    out->seq = script_seq(op, which);
    out->parts = 1;
    part->stream = dice_below(&dice, script_streams(op));
    switch (script_kind(op)) {
    case SCRIPT_LATE:
        late_part(&dice, seed, op, part);
        break;
    case SCRIPT_MANY:
        many_parts(&dice, op, out);
        break;
    case SCRIPT_BIG:
        part->stream = big_stream(op);
        some_part(&dice, rows_begin(op), SCRIPT_ROWS, part);
        break;
    case SCRIPT_ROLL:
        op = script_before(op, SCRIPT_BIG);
        part->stream = big_stream(op);
        some_part(&dice, rows_begin(op) + SECOND / 2, SCRIPT_ROWS, part);
        break;
    default:
        some_part(&dice, rows_begin(op), 1 + dice_below(&dice, SMALL), part);
    }
}

/* ---- consent ---- */

void
script_grant(unsigned op, struct script_grant *out)
{
    unsigned of = op;

    while (script_kind(of) != SCRIPT_GRANT) {
        of--;
    }
    *out = (struct script_grant){ .firm = of % SCRIPT_FIRMS,
                                  .grant = of % SCRIPT_GRANTS };
    if (of != op) {
        out->gone = op % 2 == 1;
    }
    (void)snprintf(out->json, sizeof out->json,
                   "{\"ended\":%s,\"n\":%u,\"v\":1}",
                   of != op ? "true" : "false", op);
    (void)snprintf(out->log, sizeof out->log, "{\"grant\":%u,\"n\":%u}",
                   out->grant, op);
}

/* ---- keys ---- */

/* The operation of the nth change. */
static unsigned
change_at(unsigned n)
{
    unsigned op = 0;

    while (n > 0) {
        op++;
        n -= script_kind(op) == SCRIPT_SLOT;
    }
    return op;
}

/* Words are added; from the second change on in threes: others are added, the
 * older ones replaced, the other ones removed. */
unsigned
script_words(unsigned op, unsigned of[])
{
    unsigned n = 0;

    for (unsigned i = 0; i <= op; i++) {
        n += script_kind(i) == SCRIPT_SLOT;
    }
    if (n < 2) {
        of[0] = change_at(n);
        return n;
    }
    switch ((n - 2) % 3) {
    case 0:
        of[0] = change_at(n == 2 ? 1 : n - 2);
        of[1] = change_at(n);
        return 2;
    case 1:
        of[0] = change_at(n - 1);
        of[1] = change_at(n);
        return 2;
    default:
        of[0] = change_at(n - 1);
        return 1;
    }
}
