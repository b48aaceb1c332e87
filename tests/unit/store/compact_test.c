/* While a copy is made all goes on, and what was committed meanwhile is in it.
 */
#include "pieces.h"

#include <sys/stat.h>

#include "base/buf.h"
#include "compacting.h"
#include "store/seeds.h"
#include "util/atomic.h"

enum {
    PIECES = 40,
    PIECE = 9000,     /* bytes */
    MANY = 5000,      /* more changes than the commit thread brings in itself */
    ROUNDS_MAX = 100, /* of a copy that does not come to an end */
};

/* A lane with pieces, some tails, and a segment that may be dropped. */
static void
fill(struct vault *v)
{
    struct store_lane lane = lane_of(1, 7);
    struct store_txn *txn = txn_begin(v);

    make_lane(txn, &lane);
    for (size_t i = 0; i < PIECES; i++) {
        (void)put_piece(txn, STORE_CHUNK, &lane, PIECE);
    }
    put_lane(txn, &lane, 100);
    txn_commit(txn);
    put_tails(v, 1, 10);
    assert_int_equal(close_segment(v), VLT_OK);
    put_tails(v, 1, 10);
}

/* One of each kind of change, told apart by `which`. */
static void
change(struct vault *v, uint8_t which)
{
    struct store_lane lane = lane_of(1, 7);
    struct store_node node = { .tree = { which }, .level = 1 };
    uint8_t hash[STORE_HASH_LEN] = { which };
    uint8_t gone[VLT_ID_LEN] = { which };
    struct store_txn *txn = txn_begin(v);

    (void)put_piece(txn, STORE_CHUNK, &lane, PIECE);
    assert_int_equal(store_piece_delete(txn, STORE_CHUNK, which), VLT_OK);
    put_lane(txn, &lane, 100 + which);
    put_dedup(txn, which, 24);
    assert_int_equal(store_node_put(txn, &node, hash), VLT_OK);
    txn_commit(txn);
    put_setting(v, which, "{\"v\":1}");
    put_setting(v, 100 + which, "{\"v\":1}");
    txn = txn_begin(v);
    assert_int_equal(store_meta_delete(txn, STORE_META_SETTING, gone), VLT_OK);
    txn_commit(txn);
    put_tails(v, 2, which);
    assert_int_equal(close_segment(v), VLT_OK);
    assert_int_equal(drop_segment(v, which), VLT_OK);
}

static void
put_nodes(struct vault *v, uint8_t tree, size_t count)
{
    struct store_txn *txn = txn_begin(v);

    for (size_t i = 0; i < count; i++) {
        struct store_node node = { .tree = { tree }, .level = 2, .index = i };
        uint8_t hash[STORE_HASH_LEN] = { tree };

        assert_int_equal(store_node_put(txn, &node, hash), VLT_OK);
    }
    txn_commit(txn);
}

static struct store_stat
counts(struct vault *v)
{
    struct store_read *read = read_begin(v);
    struct store_stat stat;

    assert_int_equal(store_view_stat(store_read_view(read), &stat), VLT_OK);
    store_read_end(read);
    stat.used = 0;
    stat.file = 0;
    return stat;
}

/* It opens and is sound, and has what it had. */
static void
assert_kept(struct vault *v, const struct store_stat *were)
{
    struct store_stat are = counts(v);
    struct store_read *read = read_begin(v);
    struct store_check found;
    struct vlt_buf why;

    assert_memory_equal(&are, were, sizeof are);
    vlt_buf_init(&why, 0);
    if (store_check(store_read_view(read), &why, &found) != VLT_OK) {
        fail_msg("%.*s", (int)why.len, (const char *)why.at);
    }
    vlt_buf_free(&why);
    store_read_end(read);
    assert_false(file_is_there(v, "compact"));
}

static ino_t
file_no(const struct vault *v)
{
    struct stat about;
    char path[128];

    (void)snprintf(path, sizeof path, "%s/data.mdb", v->path);
    assert_int_equal(stat(path, &about), 0);
    return about.st_ino;
}

static void
what_is_committed_meanwhile_is_in_the_copy(void **state)
{
    struct vault v;
    ino_t before;

    vault_begin(&v);
    fill(&v);
    before = file_no(&v);

    struct store_compaction *c = compact_begin(&v);

    change(&v, 1);
    assert_int_equal(store_compact_work(c, NULL), VLT_OK);
    change(&v, 2);

    struct store_stat were = counts(&v);

    assert_int_equal(compact_end(c), VLT_OK);
    assert_true(file_no(&v) != before);
    assert_kept(&v, &were);
    change(&v, 3);
    were = counts(&v);
    vault_close(&v);
    vault_open(&v);
    assert_kept(&v, &were);
    vault_end(&v);
}

static void
what_was_undone_meanwhile_is_not(void **state)
{
    struct vault v;

    vault_begin(&v);
    fill(&v);

    struct store_stat were = counts(&v);
    struct store_compaction *c = compact_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    assert_int_equal(store_segment_drop(txn, 1), VLT_OK);
    store_txn_abort(txn);
    assert_int_equal(store_compact_work(c, NULL), VLT_OK);
    assert_int_equal(compact_end(c), VLT_OK);
    assert_kept(&v, &were);
    vault_end(&v);
}

static void
a_database_that_was_emptied_and_filled_is_followed(void **state)
{
    struct vault v;

    vault_begin(&v);
    fill(&v);

    struct store_compaction *c = compact_begin(&v);

    assert_int_equal(store_compact_work(c, NULL), VLT_OK);
    /* Round the ring of slots, so that the first is used again. */
    for (uint64_t i = 1; i <= 5; i++) {
        put_tails(&v, 2, 10 + i);
        assert_int_equal(close_segment(&v), VLT_OK);
        assert_int_equal(drop_segment(&v, i), VLT_OK);
        put_tails(&v, 2, 1);
    }
    struct store_stat were = counts(&v);

    assert_int_equal(compact_end(c), VLT_OK);
    assert_kept(&v, &were);
    vault_close(&v);
    vault_open(&v);
    assert_kept(&v, &were);
    vault_end(&v);
}

static void
much_that_was_committed_comes_in_beside(void **state)
{
    struct vault v;
    bool more = false;

    vault_begin(&v);
    fill(&v);

    struct store_compaction *c = compact_begin(&v);

    assert_int_equal(store_compact_work(c, NULL), VLT_OK);
    put_nodes(&v, 1, MANY);
    assert_int_equal(store_compact_finish(c, NULL, &more), VLT_OK);
    assert_true(more);
    change(&v, 1); /* the commit thread is not held */
    assert_int_equal(store_compact_work(c, NULL), VLT_OK);

    struct store_stat were = counts(&v);

    assert_int_equal(compact_end(c), VLT_OK);
    assert_kept(&v, &were);
    vault_end(&v);
}

static void
a_copy_that_does_not_follow_is_given_up(void **state)
{
    struct vault v;
    enum vlt_status st = VLT_OK;
    uint8_t rounds = 0;
    bool more = true;
    ino_t before;

    vault_begin(&v);
    fill(&v);
    before = file_no(&v);

    struct store_compaction *c = compact_begin(&v);

    while (st == VLT_OK) {
        assert_true(++rounds < ROUNDS_MAX);
        assert_true(more);
        assert_int_equal(store_compact_work(c, NULL), VLT_OK);
        put_nodes(&v, rounds, MANY);
        st = store_compact_finish(c, NULL, &more);
    }
    assert_int_equal(st, VLT_E_BUSY);
    store_compact_free(c);

    struct store_stat were = counts(&v);

    assert_true(file_no(&v) == before);
    assert_kept(&v, &were);
    assert_int_equal(compact(&v), VLT_OK); /* when less is written */
    assert_kept(&v, &were);
    vault_end(&v);
}

static void
it_can_be_broken_off(void **state)
{
    struct atomic cancelled = { 0 };
    struct store_compact_wish wish = { .cancelled = &cancelled };
    struct store_compaction *c;
    struct vault v;
    bool more;

    vault_begin(&v);
    fill(&v);

    struct store_stat were = counts(&v);

    assert_int_equal(store_compact_begin(v.store, &wish, NULL, &c), VLT_OK);
    atomic_set(&cancelled, 1);
    assert_int_equal(store_compact_work(c, NULL), VLT_E_BUSY);
    store_compact_free(c);
    assert_kept(&v, &were);

    atomic_set(&cancelled, 0);
    assert_int_equal(store_compact_begin(v.store, &wish, NULL, &c), VLT_OK);
    assert_int_equal(store_compact_work(c, NULL), VLT_OK);
    atomic_set(&cancelled, 1);
    assert_int_equal(store_compact_finish(c, NULL, &more), VLT_E_BUSY);
    store_compact_free(c);
    assert_kept(&v, &were);
    vault_end(&v);
}

static void
there_is_one_at_a_time(void **state)
{
    struct store_compaction *c;
    struct store_compaction *other = NULL;
    struct vault v;

    vault_begin(&v);
    fill(&v);
    c = compact_begin(&v);
    assert_int_equal(store_compact_begin(v.store, &compact_wish, NULL, &other),
                     VLT_E_BUSY);
    assert_null(other);
    assert_int_equal(store_compact_work(c, NULL), VLT_OK);
    assert_int_equal(compact_end(c), VLT_OK);
    vault_end(&v);
}

static void
a_vault_that_was_locked_meanwhile_keeps_its_file(void **state)
{
    struct vault v;
    bool more;

    vault_begin(&v);
    fill(&v);

    struct store_stat were = counts(&v);
    struct store_compaction *c = compact_begin(&v);

    assert_int_equal(store_compact_work(c, NULL), VLT_OK);
    store_lock(v.store);
    assert_int_equal(store_compact_finish(c, NULL, &more), VLT_E_LOCKED);
    store_compact_free(c);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    assert_kept(&v, &were);
    vault_end(&v);
}

/* LMDB's map does not move under a copy, so the copy gives way to it. */
static void
it_gives_way_to_a_map_that_has_to_grow(void **state)
{
    struct store_limits limits = { .map = 1 << 20, .most = 64 << 20 };
    struct vault v;

    vault_begin(&v);
    vault_close(&v);
    assert_int_equal(store_open(v.path, &limits, NULL, &v.store), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);

    struct store_compaction *c = compact_begin(&v);

    for (size_t i = 0; i < 4; i++) {
        put_tails(&v, 1, 1000);
    }
    put_tail(&v, 1);
    assert_int_equal(counts(&v).map, 1 << 20);
    assert_int_equal(store_compact_work(c, NULL), VLT_E_BUSY);
    store_compact_free(c);
    put_tail(&v, 1);
    assert_true(counts(&v).map > 1 << 20);
    vault_end(&v);
}

/* That the copy has all is not taken on trust. */
static void
a_change_that_was_not_noted_is_noticed(void **state)
{
    struct store_lane lane = lane_of(1, 7);
    struct vault v;
    bool more;

    assert_int_equal(setenv("VAULT_SEED", "change-forgotten", 1), 0);
    bool built_in = seed_planted(SEED_CHANGE_FORGOTTEN);

    if (!built_in) {
        assert_int_equal(unsetenv("VAULT_SEED"), 0);
        skip();
    }
    vault_begin(&v);
    fill(&v);

    struct store_compaction *c = compact_begin(&v);

    assert_int_equal(store_compact_work(c, NULL), VLT_OK);

    struct store_txn *txn = txn_begin(&v);

    put_lane(txn, &lane, 200);
    txn_commit(txn);
    assert_int_equal(unsetenv("VAULT_SEED"), 0);
    assert_int_equal(store_compact_finish(c, NULL, &more), VLT_E_STORAGE);
    store_compact_free(c);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_committed_meanwhile_is_in_the_copy),
        cmocka_unit_test(what_was_undone_meanwhile_is_not),
        cmocka_unit_test(a_database_that_was_emptied_and_filled_is_followed),
        cmocka_unit_test(much_that_was_committed_comes_in_beside),
        cmocka_unit_test(a_copy_that_does_not_follow_is_given_up),
        cmocka_unit_test(it_can_be_broken_off),
        cmocka_unit_test(there_is_one_at_a_time),
        cmocka_unit_test(a_vault_that_was_locked_meanwhile_keeps_its_file),
        cmocka_unit_test(it_gives_way_to_a_map_that_has_to_grow),
        cmocka_unit_test(a_change_that_was_not_noted_is_noticed),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
