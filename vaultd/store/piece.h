/*
 * piece: what the rows of a lane become, and what is in force of them.
 *
 * A lane is a stream in one epoch.  Its rows leave the tails for chunks; heads
 * and roll-ups sum chunks up; the lane's record says which of all these are in
 * force.  What is in the records is series' business.
 *
 * Everything is sealed as in store/record.h, and its statuses are those of
 * record.h.  A chunk, head or roll-up is padded so that it fills what LMDB
 * takes for it anyway: up to 2,022 bytes as a record to a multiple of 64,
 * above to whole pages less 16 bytes.
 *
 * Threads: as record.h.
 */
#ifndef STORE_PIECE_H
#define STORE_PIECE_H

#include "store/store.h"

/*
 * ---- chunks, heads, roll-ups: written once, under a number ----
 *
 * One counter numbers all three; it never goes back, so a number stands for
 * one record for ever.
 */

enum store_piece {
    STORE_CHUNK, /* a block */
    STORE_HEAD,  /* summaries of chunks */
    STORE_ROLL,  /* a day of hour summaries */
};

enum {
    STORE_PIECE_MAX = 1048552, /* bytes of plaintext */
    /* The plaintext that fills a record of four pages (§3), and one that lies
     * within a page. */
    STORE_CHUNK_FULL = 4 * 4096 - 16 - 49,
    STORE_HEAD_FULL = 4096 - 16 - 49,
};

/* The lane that a record belongs to. */
struct store_lane {
    uint8_t stream[VLT_ID_LEN];
    int32_t epoch;
    /* Not the lane that is in force, but the one under this staged key. */
    bool staged;
    uint8_t kid[STORE_KID_LEN];
};

/*
 * Write one under the lane's key, which there must be.
 * VLT_E_LIMIT: plain is empty or over STORE_PIECE_MAX.
 * VLT_E_NOT_FOUND: the lane has no live key.
 */
VLT_MUST_USE enum vlt_status store_piece_put(struct store_txn *txn,
                                             enum store_piece piece,
                                             const struct store_lane *lane,
                                             struct vlt_slice plain,
                                             uint64_t *no);

/* Appended to room with its padding of zeros; lane (may be NULL) gets whose it
 * is. */
VLT_MUST_USE enum vlt_status store_piece_get(const struct store_view *view,
                                             enum store_piece piece,
                                             uint64_t no, struct vlt_buf *room,
                                             struct store_lane *lane);

/* VLT_E_NOT_FOUND: nothing to delete. */
VLT_MUST_USE enum vlt_status
store_piece_delete(struct store_txn *txn, enum store_piece piece, uint64_t no);

/* Borrowed for the call; false ends the walk (with VLT_OK). */
typedef bool store_piece_fn(void *ctx, uint64_t no,
                            const struct store_lane *lane,
                            struct vlt_slice plain);

/* All of a kind, by number. */
VLT_MUST_USE enum vlt_status store_piece_each(const struct store_view *view,
                                              enum store_piece piece,
                                              store_piece_fn *fn, void *ctx);

/* How many of a kind there are, but for those under buried keys.  Keys are
 * looked at, not records.  VLT_E_STORAGE: LMDB refused. */
VLT_MUST_USE enum vlt_status store_piece_count(const struct store_view *view,
                                               enum store_piece piece,
                                               uint64_t *out);

/* ---- lanes: what is in force of a stream in one epoch ---- */

enum { STORE_LANE_MAX = 1 << 20 /* bytes of plaintext */ };

/* Put or replace, under the lane's key, which there must be.
 * VLT_E_LIMIT, VLT_E_NOT_FOUND as store_piece_put(). */
VLT_MUST_USE enum vlt_status store_lane_put(struct store_txn *txn,
                                            const struct store_lane *lane,
                                            struct vlt_slice plain);

/* As it was put, with its padding. */
VLT_MUST_USE enum vlt_status store_lane_get(const struct store_view *view,
                                            const struct store_lane *lane,
                                            struct vlt_buf *plain);

/* Borrowed for the call; false ends the walk. */
typedef bool store_lane_fn(void *ctx, const struct store_lane *lane,
                           struct vlt_slice plain);

/* All lanes that have a record, in no order that means anything. */
VLT_MUST_USE enum vlt_status store_lane_each(const struct store_view *view,
                                             store_lane_fn *fn, void *ctx);

/* VLT_E_NOT_FOUND: nothing to delete. */
VLT_MUST_USE enum vlt_status store_lane_delete(struct store_txn *txn,
                                               const struct store_lane *lane);

/* ---- dedup: which sequences of a source are known ---- */

enum { STORE_DEDUP_MAX = 4096 /* bytes of plaintext */ };

/* Put or replace that of a source, by its number (which is never used twice);
 * its key is twelve zeros and the number, big-endian. */
VLT_MUST_USE enum vlt_status
store_dedup_put(struct store_txn *txn, uint32_t source, struct vlt_slice plain);

/* Borrowed for the call; false ends the walk.  plain comes with padding. */
typedef bool store_dedup_fn(void *ctx, uint32_t source, struct vlt_slice plain);

/* All of them, by number. */
VLT_MUST_USE enum vlt_status store_dedup_each(const struct store_view *view,
                                              store_dedup_fn *fn, void *ctx);

#endif
