/* Readers keep their keys while the keyring grows and the map moves, and lose
 * them at lock. */
#include "fixture.h"

#include "store/slots.h"

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

/* ---- what opens it changes ---- */

/* The key file opens a slot at every moment, whichever header is in force. */
static void
try_on(void *ctx)
{
    struct reading *r = ctx;

    while (atomic_get(&r->stop) == 0) {
        struct vlt_secret *key = vault_key_file();
        struct store_slot slots[STORE_SLOTS];
        struct store_opened opened;
        enum vlt_status st =
            store_open_slot(r->v->store, STORE_KEY_FILE, key, &opened);

        if (st != VLT_OK || store_slots(r->v->store, slots) == 0 ||
            opened.version > store_slots_version(r->v->store)) {
            (void)atomic_add(&r->wrong, 1);
        }
        if (st == VLT_OK) {
            vlt_secret_free(opened.root_key);
        }
        vlt_secret_free(key);
    }
}

static struct vlt_secret *
root_of(struct vault *v)
{
    struct vlt_secret *key = vault_key_file();
    struct vlt_secret *root;

    assert_int_equal(store_root_key(v->store, STORE_KEY_FILE, key, &root),
                     VLT_OK);
    vlt_secret_free(key);
    return root;
}

/* Words come, and go with the next rotation. */
static void
add_words(struct vault *v)
{
    struct vlt_secret *root = root_of(v);
    struct store_draft *draft;
    struct store_slot_change change = { .add = NULL };
    struct store_txn *txn = txn_begin(v);

    assert_int_equal(store_draft_words(NULL, &draft), VLT_OK);
    change.add = draft;
    assert_int_equal(store_slot_plan(v->store, &change, NULL), VLT_OK);
    assert_int_equal(store_slot_prepare(txn, &change), VLT_OK);
    txn_commit(txn);
    assert_int_equal(store_slot_apply(v->store, root, &change, NULL), VLT_OK);
    store_draft_free(draft);
    vlt_secret_free(root);
}

static void
rotate(struct vault *v)
{
    struct vlt_secret *root = root_of(v);
    struct vlt_secret *key = vault_key_file();
    struct store_draft *draft[2];

    assert_int_equal(store_draft_key_file(key, &draft[0]), VLT_OK);
    assert_int_equal(store_draft_words(NULL, &draft[1]), VLT_OK);
    assert_int_equal(store_rotate(v->store, root, draft, 2, NULL), VLT_OK);
    store_draft_free(draft[0]);
    store_draft_free(draft[1]);
    vlt_secret_free(key);
    vlt_secret_free(root);
}

static void
readers_go_on_while_slots_change_and_keys_rotate(void **state)
{
    struct vault v;
    struct reading r = { .v = &v };
    struct thread *threads[READERS];

    vault_begin(&v);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(
            thread_start("reader", i == 0 ? try_on : read_on, &r, &threads[i]),
            VLT_OK);
    }
    append_lanes(&v);
    for (int i = 0; i < 10; i++) {
        add_words(&v);
        rotate(&v);
        put_setting(&v, 1, "{\"v\":1}");
    }
    while (atomic_get(&r.opened) == 0) {
    }
    atomic_set(&r.stop, 1);
    for (size_t i = 0; i < READERS; i++) {
        thread_join(threads[i]);
    }
    assert_int_equal(atomic_get(&r.wrong), 0);
    assert_int_equal(atomic_get(&r.refused), 0);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_go_on_while_keys_are_made_locked_and_unlocked),
        cmocka_unit_test(readers_go_on_while_the_map_grows),
        cmocka_unit_test(readers_go_on_while_slots_change_and_keys_rotate),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
