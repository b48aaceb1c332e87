/*
 * changes: which records the commits of a while have put, deleted or dropped,
 * so that a copy of the file can follow them (compact.h).
 *
 * Only that a record was changed is noted, not how: whoever follows takes what
 * is there by then, or that there is nothing.  So it does no harm to note one
 * that was not changed, or twice.
 *
 * Changes that cannot be noted are lost, which fails no transaction but the
 * copy that wanted to know.
 *
 * Threads: the commit thread; what was taken is its taker's alone.
 */
#ifndef STORE_CHANGES_H
#define STORE_CHANGES_H

#include "store/env.h"

enum {
    CHANGES_KEY = 30,       /* bytes of a key, at most; ours have up to 25 */
    CHANGES_MOST = 1 << 20, /* of 32 bytes each */
};

struct change {
    uint8_t db;  /* enum env_db */
    uint8_t len; /* of key; 0: the whole database was emptied */
    uint8_t key[CHANGES_KEY];
};

/* Begins as { 0 }. */
struct changes {
    struct change *change; /* owned */
    size_t count, cap;
    size_t committed;     /* of them; the others are the transaction's */
    uint64_t bytes;       /* of values that were put */
    uint64_t bytes_kept;  /* likewise, of what was committed */
    enum vlt_status lost; /* VLT_OK: none */
};

/* A record was put, with a value of so many bytes, or deleted; with an empty
 * key: its whole database was emptied.  changes may be NULL: nobody asks. */
void changes_note(struct changes *changes, enum env_db db, struct vlt_slice key,
                  size_t bytes);

/* The transaction has ended: what it changed counts, or not.  NULL is allowed.
 */
void changes_end(struct changes *changes, bool committed);

/* Take what was committed, between transactions: *out is the caller's, to be
 * ended with changes_free(), and nothing is left. */
void changes_take(struct changes *changes, struct changes *out);

/* Free what it holds.  Harmless when that is nothing. */
void changes_free(struct changes *changes);

#endif
