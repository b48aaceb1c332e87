/*
 * record: what is kept in a store, record by record.
 *
 * Everything here is sealed under a data key and bound to its place: a record
 * that was moved, renumbered, or swapped between streams, types or vaults does
 * not open.  Padding comes and goes by itself, except for tails.
 *
 * A put that fails with VLT_E_STORAGE ends the transaction: everything else in
 * it fails likewise, and the commit says so too.
 *
 * Status of all gets: VLT_E_NOT_FOUND there is none; VLT_E_STORAGE there is
 * one but it does not open (it is logged by its place), or LMDB refused;
 * VLT_E_NOMEM no memory, VLT_E_LIMIT the caller's buffer may not grow so far.
 * What is read is appended to the caller's buffer, which is left as it was on
 * failure.
 *
 * Threads: puts, the commit thread; gets, whoever owns the view.
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "store/store.h"

enum {
    STORE_META_MAX = 1 << 20,      /* bytes of JSON of one meta record */
    STORE_IDEM_MAX = 1 << 18,      /* bytes of JSON of one first answer */
    STORE_TAIL_MAX = 24 + 1048552, /* bytes of §6.1's head and a block */
    STORE_AUDIT_MAX = 1 << 18,     /* bytes of one audit body */
    STORE_IDEM_KEPT = 100000,      /* first answers */
    STORE_IDEM_DAYS = 7,
    STORE_TAIL_HEAD = 24, /* bytes in front of a tail's block */
};

/* ---- meta: one JSON object by (type, id) ---- */

enum store_meta {
    STORE_META_STREAM = 1,
    STORE_META_SOURCE = 2,
    STORE_META_FIRM = 3,
    STORE_META_REQUEST = 4,
    STORE_META_GRANT = 5,
    STORE_META_POLICY = 6,
    STORE_META_JOB = 7,
    STORE_META_TOMBSTONE = 8,
    STORE_META_SETTING = 9,
    STORE_META_INVITATION = 10,
    STORE_META_RECEIPT = 11,
    STORE_META_BACKUP = 12,
    STORE_META_END /* one above the last */
};

/*
 * Put or replace.  json is one compact object with sorted keys and v = 1; the
 * store does not look into it.  kid is the vault's or a firm's key (from
 * store_txn_key()); NULL: the vault's.
 * VLT_E_LIMIT: json is empty or over STORE_META_MAX.
 * VLT_E_FORMAT: json ends in a zero byte.
 * VLT_E_NOT_FOUND: no such key, or one of another kind.
 */
VLT_MUST_USE enum vlt_status store_meta_put(struct store_txn *txn,
                                            enum store_meta type,
                                            const uint8_t id[VLT_ID_LEN],
                                            const uint8_t kid[STORE_KID_LEN],
                                            struct vlt_slice json);

/* VLT_E_NOT_FOUND: nothing to delete. */
VLT_MUST_USE enum vlt_status store_meta_delete(struct store_txn *txn,
                                               enum store_meta type,
                                               const uint8_t id[VLT_ID_LEN]);

/* The object as it was put. */
VLT_MUST_USE enum vlt_status store_meta_get(const struct store_view *view,
                                            enum store_meta type,
                                            const uint8_t id[VLT_ID_LEN],
                                            struct vlt_buf *json);

/* Called for each record; what it gets is borrowed for the call.  False ends
 * the walk (with VLT_OK). */
typedef bool store_meta_fn(void *ctx, const uint8_t id[VLT_ID_LEN],
                           struct vlt_slice json);

/* All records of a type, by id.  fn must not put or delete. */
VLT_MUST_USE enum vlt_status store_meta_each(const struct store_view *view,
                                             enum store_meta type,
                                             store_meta_fn *fn, void *ctx);

/* ---- idem: the first answer to a request ---- */

struct store_idem {
    uint8_t principal[VLT_ID_LEN]; /* who asked */
    uint8_t ulid[VLT_ID_LEN];      /* its idempotency key */
};

/*
 * Keep the first answer (one JSON value), under the turn's time.  Answers
 * older than 7 days, and the oldest beyond 100,000, are dropped on the way, at
 * most 100 a call.
 * VLT_E_CONFLICT: there is one already.  VLT_E_LIMIT, VLT_E_FORMAT as meta.
 */
VLT_MUST_USE enum vlt_status store_idem_put(struct store_txn *txn,
                                            const struct store_idem *idem,
                                            struct vlt_slice answer);

/* The first answer as it was put, and when (ns). */
VLT_MUST_USE enum vlt_status store_idem_get(const struct store_view *view,
                                            const struct store_idem *idem,
                                            struct vlt_buf *answer,
                                            int64_t *when_ns);

/*
 * ---- tails: batches as they came ----
 *
 * Tails lie in segments, each a run of arrivals in one of four slots: one is
 * open and takes what comes, the others are closed or free.  A segment goes as
 * a whole, when all its rows are in chunks.
 */

enum {
    STORE_SEGMENTS = 4,
    STORE_SEGMENT_RECORDS = 131072, /* one is closed at so many records */
};

struct store_tail {
    uint64_t arrival; /* from 1, without gaps */
    uint8_t stream[VLT_ID_LEN];
    int32_t epoch;
    /* §6.1: source number, late rows, boot id, sequence, block; then zeros of
     * padding, which the block's own lengths tell apart. */
    struct vlt_slice plain;
};

/*
 * Append a batch under the key of the lane (stream, epoch), which is made if
 * need be.  plain is §6.1's whole record without padding.
 * VLT_E_LIMIT: plain is shorter than STORE_TAIL_HEAD or over STORE_TAIL_MAX,
 * or the keyring is full.
 */
VLT_MUST_USE enum vlt_status
store_tail_put(struct store_txn *txn, const uint8_t stream[VLT_ID_LEN],
               int32_t epoch, struct vlt_slice plain, uint64_t *arrival);

/* One record; out->plain lies in *room, behind what was there, and is
 * borrowed until that changes. */
VLT_MUST_USE enum vlt_status store_tail_get(const struct store_view *view,
                                            uint64_t arrival,
                                            struct vlt_buf *room,
                                            struct store_tail *out);

/* Borrowed for the call; false ends the walk. */
typedef bool store_tail_fn(void *ctx, const struct store_tail *tail);

/* All records from arrival `from` on, in order, over all segments. */
VLT_MUST_USE enum vlt_status store_tail_each(const struct store_view *view,
                                             uint64_t from, store_tail_fn *fn,
                                             void *ctx);

/* The arrival of the oldest tail that is still there; without any, of the
 * next. */
VLT_MUST_USE enum vlt_status store_tail_first(const struct store_view *view,
                                              uint64_t *out);

/* The arrival that the next tail will have. */
VLT_MUST_USE enum vlt_status store_tail_next(const struct store_view *view,
                                             uint64_t *out);

struct store_segment {
    uint64_t number;     /* from 1, never used twice */
    uint64_t first, end; /* arrivals [first, end), of the open one so far */
    uint64_t bytes;      /* of the file, in whole pages */
    bool open;
};

/* The segments that are not free, in order of arrival; the open one is the
 * last. */
VLT_MUST_USE enum vlt_status
store_segments(const struct store_view *view,
               struct store_segment out[STORE_SEGMENTS], size_t *count);

/*
 * Close the open segment and open the next.
 * VLT_E_BUSY: no slot is free.  VLT_E_CONFLICT: the open one is empty.
 */
VLT_MUST_USE enum vlt_status store_segment_close(struct store_txn *txn);

/*
 * Drop the oldest closed segment with all its records; the caller has put all
 * its rows elsewhere.
 * VLT_E_NOT_FOUND: number is not the oldest, or it is open.
 */
VLT_MUST_USE enum vlt_status store_segment_drop(struct store_txn *txn,
                                                uint64_t number);

/* ---- audit: entries and nodes of hash trees ---- */

struct store_audit {
    uint8_t tree[VLT_ID_LEN];
    uint64_t index; /* of the entry, from 0 */
    uint8_t leaf[STORE_HASH_LEN];
    struct vlt_slice body; /* entry, salt and detail; sealed */
};

/*
 * Write an entry, once.  kid as in store_meta_put().
 * VLT_E_CONFLICT: that index is taken.  VLT_E_LIMIT, VLT_E_FORMAT,
 * VLT_E_NOT_FOUND as meta.
 */
VLT_MUST_USE enum vlt_status store_audit_put(struct store_txn *txn,
                                             const struct store_audit *entry,
                                             const uint8_t kid[STORE_KID_LEN]);

/*
 * Read an entry.  out->body lies in *room, behind what was there.
 * VLT_E_DENIED: its key is destroyed (or never was); out has the leaf, and the
 * body is empty.
 */
VLT_MUST_USE enum vlt_status
store_audit_get(const struct store_view *view, const uint8_t tree[VLT_ID_LEN],
                uint64_t index, struct vlt_buf *room, struct store_audit *out);

/* Borrowed for the call; false ends the walk.  An entry whose key is destroyed
 * comes with an empty body. */
typedef bool store_audit_fn(void *ctx, const struct store_audit *entry);

/* All entries of a tree from index `from` on, in order. */
VLT_MUST_USE enum vlt_status store_audit_each(const struct store_view *view,
                                              const uint8_t tree[VLT_ID_LEN],
                                              uint64_t from, store_audit_fn *fn,
                                              void *ctx);

/* All trees that have entries, in the order of their ids; end is behind the
 * index of the last.  VLT_E_STORAGE: a key is none of an entry. */
typedef void store_audit_tree_fn(void *ctx, const uint8_t tree[VLT_ID_LEN],
                                 uint64_t end);
VLT_MUST_USE enum vlt_status store_audit_trees(const struct store_view *view,
                                               store_audit_tree_fn *fn,
                                               void *ctx);

/* A node of a tree that will not change any more. */
struct store_node {
    uint8_t tree[VLT_ID_LEN];
    uint8_t level; /* 0: leaves */
    uint64_t index;
};

/* Write a node, once.  VLT_E_CONFLICT: there is another one. */
VLT_MUST_USE enum vlt_status store_node_put(struct store_txn *txn,
                                            const struct store_node *node,
                                            const uint8_t hash[STORE_HASH_LEN]);

VLT_MUST_USE enum vlt_status store_node_get(const struct store_view *view,
                                            const struct store_node *node,
                                            uint8_t hash[STORE_HASH_LEN]);

#endif
