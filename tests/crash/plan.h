/*
 * plan: which operation comes when, and with what.
 *
 * Operations are numbered from 0; what each does follows from the seed and its
 * number alone.  So the program that does them, the model of what they lead to
 * and a repeat of one after a crash agree without telling each other anything.
 * Operation 0 makes the vault.  Each may be done twice: the second time changes
 * nothing.  Pure.
 *
 * A new kind needs a name here, its place in the rota of plan.c, a row in
 * work_op.c (what does it) and one in model.c (what it leads to).
 */
#ifndef TESTS_CRASH_PLAN_H
#define TESTS_CRASH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plan_kind {
    PLAN_CREATE, /* the vault */
    PLAN_STREAM, /* a new stream */
    PLAN_APPEND, /* a batch of one stream */
    PLAN_LATE,   /* the same, of rows before the newest; one equals another */
    PLAN_MANY,   /* a batch over several streams */
    PLAN_BIG,    /* a batch of many rows */
    PLAN_TURN,   /* several batches in one transaction */
    PLAN_REPEAT, /* an earlier batch again, with its sequence or without */
    PLAN_SET,    /* a stream's unit, or one more column */
    PLAN_GRANT,  /* a firm's key, a grant, an entry of the log, an answer */
    PLAN_REVOKE, /* the grant of the last one: ended, or gone */
    PLAN_LOCK,   /* lock and unlock */
    PLAN_REOPEN, /* close and open */
    PLAN_ABORT,  /* a batch and a setting, not committed */
    PLAN_KINDS
};

enum {
    PLAN_STREAMS = 24,
    PLAN_COLUMNS = 3, /* of a stream, at most */
    PLAN_ROWS = 250,  /* of a part */
    PLAN_PARTS = 8,
    PLAN_BATCHES = 3,
    PLAN_FIRMS = 5,
    PLAN_GRANTS = 16,
    PLAN_OPS_MAX = 15000, /* first answers are forgotten after 7 days */
};

/* "append" */
const char *plan_name(enum plan_kind kind);

enum plan_kind plan_kind(unsigned op);

/* Streams that are there before an operation. */
unsigned plan_streams(unsigned op);

/* The wall clock of an operation, ns. */
int64_t plan_now(unsigned op);

/* ---- streams ---- */

enum plan_type {
    PLAN_F64,
    PLAN_I64,
    PLAN_BOOL,
    PLAN_TEXT, /* "n" and the bits as a number */
};

struct plan_stream {
    char name[44];
    unsigned columns;
    enum plan_type type[PLAN_COLUMNS]; /* column ids from 0 */
};

void plan_stream(unsigned number, struct plan_stream *out);

/* The stream that PLAN_SET changes. */
unsigned plan_set(unsigned op);

/* ---- batches ---- */

struct plan_row {
    int64_t time;
    unsigned has; /* bit i: column i has a value */
    uint64_t bits[PLAN_COLUMNS];
};

struct plan_part {
    unsigned stream;
    unsigned rows;
    struct plan_row row[PLAN_ROWS];
};

struct plan_batch {
    unsigned source;
    uint64_t seq; /* 0: none */
    unsigned parts;
    struct plan_part part[PLAN_PARTS];
};

/* How many batches an operation appends: 0 to PLAN_BATCHES. */
unsigned plan_batches(unsigned op);

/* Batch `which` of them. */
void plan_batch(uint64_t seed, unsigned op, unsigned which,
                struct plan_batch *out);

/* Does the vault know the sequences of its batches for good?  Which they are,
 * of batch `which` of it. */
bool plan_counts(unsigned op);
unsigned plan_source(unsigned op, unsigned which);
uint64_t plan_seq(unsigned op, unsigned which);

/* ---- consent ---- */

struct plan_grant {
    unsigned firm;
    unsigned grant;
    bool gone;     /* PLAN_REVOKE: deleted, not rewritten */
    char json[80]; /* of the grant, unless it is gone */
    char log[80];  /* detail of the entry */
};

void plan_grant(unsigned op, struct plan_grant *out);

#endif
