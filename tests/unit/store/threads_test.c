/* Readers keep their keys while the keyring grows, and lose them at lock. */
#include "fixture.h"

#include "util/atomic.h"
#include "util/thread.h"

enum {
    READERS = 3,
    LANES = 300, /* the slab grows twice on the way */
};

struct reading {
    struct vault *v;
    struct atomic stop;
    struct atomic opened;  /* tails */
    struct atomic refused; /* begins while locked */
    struct atomic wrong;
};

static bool
look(void *ctx, const struct store_tail *tail)
{
    struct reading *r = ctx;

    if (tail->plain.len < 100 || tail->plain.at[0] != tail->stream[0]) {
        (void)atomic_add(&r->wrong, 1);
    }
    (void)atomic_add(&r->opened, 1);
    return true;
}

static void
read_on(void *ctx)
{
    struct reading *r = ctx;

    while (atomic_get(&r->stop) == 0) {
        struct store_read *read;
        enum vlt_status st = store_read_begin(r->v->store, &read);

        if (st == VLT_E_LOCKED) {
            (void)atomic_add(&r->refused, 1);
            continue;
        }
        if (st != VLT_OK ||
            store_tail_each(store_read_view(read), 1, look, r) != VLT_OK) {
            (void)atomic_add(&r->wrong, 1);
        }
        if (st == VLT_OK) {
            store_read_end(read);
        }
    }
}

static void
append_lanes(struct vault *v)
{
    for (int i = 0; i < LANES; i += 20) {
        struct store_txn *txn = txn_begin(v);

        for (int j = i; j < i + 20; j++) {
            uint8_t stream[VLT_ID_LEN] = { (uint8_t)j, (uint8_t)(j >> 8) };
            uint8_t plain[100] = { (uint8_t)j };
            uint64_t arrival;

            assert_int_equal(store_tail_put(txn, stream, 1,
                                            vlt_slice_of(plain, 100), &arrival),
                             VLT_OK);
        }
        txn_commit(txn);
    }
}

static void
readers_go_on_while_keys_are_made_locked_and_unlocked(void **state)
{
    struct vault v;
    struct reading r = { .v = &v };
    struct thread *threads[READERS];

    vault_begin(&v);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(thread_start("reader", read_on, &r, &threads[i]),
                         VLT_OK);
    }
    append_lanes(&v);
    for (int i = 0; i < 20; i++) {
        store_lock(v.store);
        assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    }
    store_lock(v.store);
    while (atomic_get(&r.refused) == 0) {
    }
    atomic_set(&r.stop, 1);
    for (size_t i = 0; i < READERS; i++) {
        thread_join(threads[i]);
    }
    assert_int_equal(atomic_get(&r.wrong), 0);
    assert_true(atomic_get(&r.opened) > 0);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_go_on_while_keys_are_made_locked_and_unlocked),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
