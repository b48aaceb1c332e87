/* Readers keep their keys while the keyring grows and the map moves, and lose
 * them at lock. */
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
start(struct reading *r, struct thread *threads[READERS])
{
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(thread_start("reader", read_on, r, &threads[i]),
                         VLT_OK);
    }
}

static void
stop(struct reading *r, struct thread *threads[READERS])
{
    atomic_set(&r->stop, 1);
    for (size_t i = 0; i < READERS; i++) {
        thread_join(threads[i]);
    }
    assert_int_equal(atomic_get(&r->wrong), 0);
    assert_true(atomic_get(&r->opened) > 0);
}

static void
readers_go_on_while_keys_are_made_locked_and_unlocked(void **state)
{
    struct vault v;
    struct reading r = { .v = &v };
    struct thread *threads[READERS];

    vault_begin(&v);
    start(&r, threads);
    append_lanes(&v);
    for (int i = 0; i < 20; i++) {
        store_lock(v.store);
        assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    }
    store_lock(v.store);
    while (atomic_get(&r.refused) == 0) {
    }
    stop(&r, threads);
    vault_end(&v);
}

/* Bytes that the vault has mapped. */
static uint64_t
mapped(struct vault *v)
{
    struct store_read *read = read_begin(v);
    struct store_stat stat;

    assert_int_equal(store_view_stat(store_read_view(read), &stat), VLT_OK);
    store_read_end(read);
    return stat.map;
}

static void
append_until(struct vault *v, uint64_t bytes)
{
    uint8_t stream[VLT_ID_LEN] = { 1 };
    uint8_t *plain = calloc(1, STORE_TAIL_MAX);
    uint64_t arrival;

    assert_non_null(plain);
    plain[0] = 1;
    for (uint64_t put = 0; put < bytes; put += STORE_TAIL_MAX) {
        struct store_txn *txn = txn_begin(v);

        assert_int_equal(store_tail_put(txn, stream, 1,
                                        vlt_slice_of(plain, STORE_TAIL_MAX),
                                        &arrival),
                         VLT_OK);
        txn_commit(txn);
    }
    free(plain);
}

static void
readers_go_on_while_the_map_grows(void **state)
{
    struct store_limits limits = { .map = 8 << 20, .most = 64 << 20 };
    struct vault v;
    struct reading r = { .v = &v };
    struct thread *threads[READERS];

    vault_scratch(&v);
    vault_create(&v);
    assert_int_equal(store_open(v.path, &limits, NULL, &v.store), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    assert_int_equal(mapped(&v), limits.map);
    start(&r, threads);
    append_until(&v, 40 << 20);
    stop(&r, threads);
    assert_int_equal(mapped(&v), limits.most);
    vault_close(&v);

    /* A map that is smaller than the file begins as large as it, and grows. */
    assert_int_equal(store_open(v.path, &limits, NULL, &v.store), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    assert_true(mapped(&v) >= 40 << 20);
    append_until(&v, 1 << 20);
    assert_int_equal(mapped(&v), limits.most);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_go_on_while_keys_are_made_locked_and_unlocked),
        cmocka_unit_test(readers_go_on_while_the_map_grows),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
