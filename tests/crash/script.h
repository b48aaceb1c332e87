/*
 * script: which operation comes when, and with what.
 *
 * Operations are numbered from 0; what each does follows from the seed and its
 * number alone.  So the program that does them, the model of what they lead to
 * and a repeat of one after a crash agree without telling each other anything.
 * Operation 0 makes the vault.  Each may be done twice: the second time changes
 * nothing.  Pure.
 *
 * A new kind needs a name here, its place in the rota of script.c, a row in
 * rig_op.c (what does it) and one in model.c (what it leads to).
 */
#ifndef TESTS_CRASH_SCRIPT_H
#define TESTS_CRASH_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum script_kind {
    SCRIPT_CREATE, /* the vault */
    SCRIPT_STREAM, /* a new stream */
    SCRIPT_APPEND, /* a batch of one stream */
    SCRIPT_LATE,   /* the same, of rows before the newest; one equals another */
    SCRIPT_MANY,   /* a batch over several streams */
    SCRIPT_BIG,    /* a batch of many rows */
    SCRIPT_ROLL,   /* one between the rows of the last big one: chunks are
                      merged, and the roll-ups of their hours made anew */
    SCRIPT_TURN,   /* several batches in one transaction */
    SCRIPT_REPEAT, /* an earlier batch again, with its sequence or without */
    SCRIPT_SET,    /* a stream's unit, or one more column */
    SCRIPT_GRANT,  /* a firm's key, a grant, an entry of the log, an answer */
    SCRIPT_REVOKE, /* the grant of the last one: ended, or gone */
    SCRIPT_SLOT,   /* words that open the vault: added, replaced or gone */
    SCRIPT_ROTATE, /* another root key and erase secret */
    SCRIPT_LOCK,   /* lock, take an entry of the inbox, unlock, drain it */
    SCRIPT_REOPEN, /* close and open */
    SCRIPT_ABORT,  /* a batch and a setting, not committed */
    SCRIPT_ERASE,  /* rows of a time of a stream */
    SCRIPT_FINISH, /* what is left to do after the erases so far */
    SCRIPT_COMPACT, /* the file without its free pages, while rows come */
    SCRIPT_BACKUP,  /* a file, in place of that of the one before */
    SCRIPT_RESTORE, /* another vault out of the last one, likewise */
    SCRIPT_KINDS
};

enum {
    SCRIPT_STREAMS = 24,
    SCRIPT_COLUMNS = 3, /* of a stream, at most */
    SCRIPT_ROWS = 1000, /* of a part: more than a chunk of two columns holds */
    SCRIPT_PARTS = 8,
    SCRIPT_BATCHES = 3,
    SCRIPT_FIRMS = 5,
    SCRIPT_WORDS = 2,
    SCRIPT_GRANTS = 16,
    SCRIPT_OPS_MAX = 15000, /* first answers are forgotten after 7 days */
};

/* "append" */
const char *script_name(enum script_kind kind);

enum script_kind script_kind(unsigned op);

/* The last operation of a kind before one; 0: there is none. */
unsigned script_before(unsigned op, enum script_kind kind);

/* The last before one that makes a backup; 0: there is none.  Where no words
 * open the vault, none is made. */
unsigned script_backup(unsigned op);

/* Streams that are there before an operation. */
unsigned script_streams(unsigned op);

/* The wall clock of an operation, ns. */
int64_t script_now(unsigned op);

/* ---- streams ---- */

enum script_type {
    SCRIPT_F64,
    SCRIPT_I64,
    SCRIPT_BOOL,
    SCRIPT_TEXT, /* "n" and the bits as a number */
};

struct script_stream {
    char name[44];
    unsigned columns;
    enum script_type type[SCRIPT_COLUMNS]; /* column ids from 0 */
};

void script_stream(unsigned number, struct script_stream *out);

/* The stream that SCRIPT_SET changes. */
unsigned script_set(unsigned op);

/* What SCRIPT_ERASE erases: rows of [from, to), ns, that no batch which is
 * repeated later has. */
struct script_erase {
    unsigned stream;
    int64_t from, to;
};

void script_erase(unsigned op, struct script_erase *out);

/* ---- batches ---- */

struct script_row {
    int64_t time;
    unsigned has; /* bit i: column i has a value */
    uint64_t bits[SCRIPT_COLUMNS];
};

struct script_part {
    unsigned stream;
    unsigned rows;
    struct script_row row[SCRIPT_ROWS];
};

struct script_batch {
    unsigned source;
    uint64_t seq; /* 0: none */
    unsigned parts;
    struct script_part part[SCRIPT_PARTS];
};

/* How many batches an operation appends: 0 to SCRIPT_BATCHES. */
unsigned script_batches(unsigned op);

/* Batch `which` of them. */
void script_batch(uint64_t seed, unsigned op, unsigned which,
                  struct script_batch *out);

/* Does the vault know the sequences of its batches for good?  Which they are,
 * of batch `which` of it. */
bool script_counts(unsigned op);
unsigned script_source(unsigned op, unsigned which);
uint64_t script_seq(unsigned op, unsigned which);

/* ---- consent ---- */

struct script_grant {
    unsigned firm;
    unsigned grant;
    bool gone;     /* SCRIPT_REVOKE: deleted, not rewritten */
    char json[80]; /* of the grant, unless it is gone */
    char log[80];  /* detail of the entry */
};

void script_grant(unsigned op, struct script_grant *out);

/* ---- keys ---- */

/* The words that open the vault after an operation: those of which SCRIPT_SLOT,
 * at most SCRIPT_WORDS; returns how many. */
unsigned script_words(unsigned op, unsigned of[]);

#endif
