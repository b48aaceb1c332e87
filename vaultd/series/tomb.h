/*
 * tomb: what was erased, and how far that is.
 *
 * A tombstone is a record under an id of its own: which keys go, which staged
 * ones take their place, and a state.  Its plaintext is one JSON object:
 *
 *     arrival   tails of before may lie under the dead keys
 *     at        when it was asked
 *     dead      base64 of the kids, 8 bytes each
 *     from, to  of the rows; from null: the whole stream; to null: to the end
 *     live      base64 of the kids of staged keys
 *     newest    where the stream's newest row went: its time, or up to a minute
 *               more, but before `to`.  Who was told of it wants to be told of
 *               what comes in its place.  Left out otherwise
 *     rows      how many
 *     state     pending, destroyed, complete
 *     stream    base64 of the stream's id; null: of several, by their age
 *     v         1
 *
 * No name is in it: it outlives the stream.
 */
#ifndef SERIES_TOMB_H
#define SERIES_TOMB_H

#include "series/series.h"
#include "store/store.h"

enum {
    TOMB_KIDS_MAX = 32768, /* that go at once */
};

struct tomb_kids {
    uint8_t *kid; /* owned: STORE_KID_LEN bytes each */
    size_t count, cap;
};

struct tomb {
    struct series_erased said;
    struct tomb_kids dead;
    struct tomb_kids live;
    uint64_t arrival;
    bool newest_went;
    int64_t newest;                     /* ns; if so */
    bool buried;                        /* in memory */
    enum series_erase_state turn_state; /* as the turn says; commit thread */
    struct tomb *next;
};

/* NULL is allowed. */
void tomb_free(struct tomb *tomb);

/* VLT_E_LIMIT: TOMB_KIDS_MAX are there.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status tomb_add_kid(struct tomb_kids *kids,
                                          const uint8_t kid[STORE_KID_LEN]);

/* Put its record (erase.c). */
VLT_MUST_USE enum vlt_status tomb_put(struct store_txn *txn,
                                      const struct tomb *tomb);

/* The newest row, of this time, went: keep that, but not to the point, since
 * nothing is to be left of the row. */
void tomb_set_newest(struct tomb *tomb, int64_t time);

/* Append it. */
void tomb_print(const struct tomb *tomb, struct vlt_buf *out);

/* Pure.  The caller frees *out.  VLT_E_FORMAT, VLT_E_LIMIT, VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status tomb_parse(const uint8_t id[VLT_ID_LEN],
                                        struct vlt_slice json,
                                        struct tomb **out);

#endif
