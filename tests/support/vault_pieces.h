/*
 * vault_pieces: lanes of a vault, with chunks, heads and roll-ups of one row
 * each, written byte by byte as the format says.
 *
 * Of each stream: rows of one column, 21.5, a second apart within one hour.
 * Every third chunk of a stream makes a head of the last three, and the day's
 * roll-up anew.
 */
#ifndef TESTS_VAULT_PIECES_H
#define TESTS_VAULT_PIECES_H

#include "store/piece.h"

enum {
    PIECES_STREAMS = 5,
    PIECES_ROWS = 16, /* of a stream, at most */
};

struct pieces_lane {
    uint64_t chunk[PIECES_ROWS]; /* their numbers */
    uint64_t head[PIECES_ROWS / 3];
    uint64_t roll;   /* 0: none */
    uint32_t chunks; /* the first 3 × heads of them are in heads */
    uint32_t heads;
};

struct pieces {
    struct pieces_lane lane[PIECES_STREAMS];
};

/* The i-th row of all: its chunk, and what follows from it. */
VLT_MUST_USE enum vlt_status pieces_put(struct pieces *pieces,
                                        struct store_txn *txn, uint32_t i);

/* What is known of source i's boots; as many as i mod 5. */
VLT_MUST_USE enum vlt_status pieces_put_source(struct store_txn *txn,
                                               uint32_t i);

#endif
