/*
 * compacting: a whole compaction as one act, with nobody beside.
 */
#ifndef TESTS_STORE_COMPACTING_H
#define TESTS_STORE_COMPACTING_H

#include "fixture.h"

#include "store/compact.h"

static const struct store_compact_wish compact_wish = { .cancelled = NULL };

static inline struct store_compaction *
compact_begin(struct vault *v)
{
    struct store_compaction *c = NULL;

    assert_int_equal(store_compact_begin(v->store, &compact_wish, NULL, &c),
                     VLT_OK);
    return c;
}

/* Finish, and free it whatever came of it. */
static inline enum vlt_status
compact_end(struct store_compaction *c)
{
    bool more = true;
    enum vlt_status st = store_compact_finish(c, NULL, &more);

    assert_false(more);
    store_compact_free(c);
    return st;
}

static inline enum vlt_status
compact(struct vault *v)
{
    struct store_compaction *c = NULL;
    enum vlt_status st = store_compact_begin(v->store, &compact_wish, NULL, &c);

    if (st != VLT_OK) {
        return st;
    }
    assert_int_equal(store_compact_work(c, NULL), VLT_OK);
    return compact_end(c);
}

#endif
