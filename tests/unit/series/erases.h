/*
 * erases: an erase and what follows it, step by step.
 */
#ifndef TESTS_SERIES_ERASES_H
#define TESTS_SERIES_ERASES_H

#include "cells.h"
#include "store/compact.h"

enum { ERASES_STEPS = 4000 /* that finishing takes at most */ };

/* ---- erasing, as the service does it ---- */

static inline struct series_erased
erase(struct bench *b, const struct stream *stream, int64_t from, int64_t to)
{
    struct series_erased wish = { .from = from, .to = to, .at = VLT_DAY };
    struct series_erased out = { .rows = 0 };

    wish.whole = from == INT64_MIN;
    memcpy(wish.stream, stream->id, sizeof wish.stream);
    turn_begin(b);
    assert_int_equal(series_erase(b->series, b->txn, &wish, &out), VLT_OK);
    turn_commit(b);
    return out;
}

static inline enum vlt_status
count_erased(void *ctx, const struct series_erased *erased)
{
    (void)erased;
    ++*(int *)ctx;
    return VLT_OK;
}

static inline void
destroy_keys(struct bench *b)
{
    int count = 0;

    assert_int_equal(series_erase_keys(b->series, NULL), VLT_OK);
    turn_begin(b);
    assert_int_equal(series_erase_note(b->series, b->txn, count_erased, &count),
                     VLT_OK);
    turn_commit(b);
    assert_true(count > 0);
}

/* The file without its free pages, and the tombstones that say so. */
static inline void
compact_file(struct bench *b)
{
    struct store_compaction *c = NULL;
    int count = 0;
    bool more = true;

    assert_int_equal(series_erase_compact(b->series, NULL, NULL, &c), VLT_OK);
    assert_int_equal(store_compact_work(c, NULL), VLT_OK);
    assert_int_equal(series_erase_compacted(b->series, c, NULL, &more), VLT_OK);
    assert_false(more);
    store_compact_free(c);
    turn_begin(b);
    assert_int_equal(
        series_erase_complete(b->series, b->txn, count_erased, &count), VLT_OK);
    turn_commit(b);
    assert_true(count > 0);
}

/* One step of what is to be done; false: nothing is. */
static inline bool
step(struct bench *b)
{
    switch (series_erase_next(b->series)) {
    case SERIES_ERASE_NOTHING:
        return false;
    case SERIES_ERASE_KEYS:
        destroy_keys(b);
        break;
    case SERIES_ERASE_SWEEP:
        turn_begin(b);
        assert_int_equal(series_erase_sweep(b->series, b->txn), VLT_OK);
        turn_commit(b);
        break;
    case SERIES_ERASE_COMPACT:
        compact_file(b);
        break;
    }
    return true;
}

static inline void
finish(struct bench *b)
{
    int steps = 0;

    while (step(b)) {
        assert_true(++steps < ERASES_STEPS);
    }
}

#endif
