/* A full disk refuses the next turn, changes nothing, and is left behind when
 * there is space again. */
#define _GNU_SOURCE /* unshare() */

#include "pieces.h"

#include "small_disk.h"

enum {
    DISK = 192, /* MiB */
    OTHER = 48, /* MiB that somebody else takes first */
};

static enum vlt_status
begin(struct vault *v, bool control, struct store_txn **txn)
{
    struct store_turn turn = { .now_ns = FIXTURE_NOW, .control = control };

    return store_txn_begin(v->store, turn, txn);
}

/* Append until there is no space; how many commits went through? */
static uint64_t
fill(struct vault *v)
{
    uint8_t *plain = calloc(1, 1 << 19);
    uint8_t stream[VLT_ID_LEN] = { 1 };
    struct store_txn *txn;
    uint64_t arrival = 0;
    enum vlt_status st;

    assert_non_null(plain);
    while ((st = begin(v, false, &txn)) == VLT_OK) {
        assert_int_equal(store_tail_put(txn, stream, 0,
                                        vlt_slice_of(plain, 1 << 19), &arrival),
                         VLT_OK);
        txn_commit(txn);
    }
    assert_int_equal(st, VLT_E_STORAGE);
    free(plain);
    return arrival;
}

static bool
count_one(void *ctx, const struct store_tail *tail)
{
    (*(uint64_t *)ctx)++;
    return tail->arrival > 0;
}

static uint64_t
count_tails(struct vault *v)
{
    struct store_read *read = read_begin(v);
    uint64_t count = 0;

    assert_int_equal(
        store_tail_each(store_read_view(read), 1, count_one, &count), VLT_OK);
    store_read_end(read);
    return count;
}

/* Commit a record of so many bytes, in a turn of control jobs. */
static enum vlt_status
put_control(struct vault *v, uint8_t number, size_t bytes)
{
    uint8_t id[VLT_ID_LEN] = { number };
    struct store_txn *txn = NULL;
    enum vlt_status st = begin(v, true, &txn);
    char *json = malloc(bytes);

    assert_non_null(json);
    memset(json, ' ', bytes);
    if (st == VLT_OK) {
        assert_int_equal(store_meta_put(txn, STORE_META_GRANT, id, NULL,
                                        vlt_slice_of(json, bytes)),
                         VLT_OK);
        txn_commit(txn);
    }
    free(json);
    return st;
}

static enum vlt_status
make_key(struct vault *v, uint8_t firm)
{
    struct store_key_about about = { .type = STORE_KEY_FIRM,
                                     .subject = { firm } };
    uint8_t kid[STORE_KID_LEN];
    struct store_txn *txn = NULL;

    assert_int_equal(begin(v, true, &txn), VLT_OK);
    assert_int_equal(store_txn_key(txn, &about, kid), VLT_OK);
    return store_txn_commit(txn);
}

static struct store_space
space_of(struct vault *v)
{
    struct store_space space;

    assert_int_equal(store_space(v->store, 0, &space), VLT_OK);
    return space;
}

/* Rows stop while there is a margin, and what they may not have is there for
 * control jobs. */
static uint64_t
fill_up(struct vault *v, const char *other)
{
    struct store_txn *txn = NULL;

    assert_int_equal(begin(v, false, &txn), VLT_OK);
    assert_int_equal(store_txn_stop(txn), STORE_STOP_NONE);
    store_txn_abort(txn);
    store_quota_set(v->store, STORE_QUOTA_LEAST);
    small_disk_take(other, (size_t)OTHER << 20);

    uint64_t put = fill(v);

    assert_true(put > 10);
    assert_int_equal(space_of(v).stop, STORE_STOP_DISK);
    assert_true(space_of(v).ballast);
    assert_int_equal(begin(v, true, &txn), VLT_OK);
    assert_int_equal(store_txn_stop(txn), STORE_STOP_QUOTA);
    store_txn_abort(txn);
    store_quota_set(v->store, 0);
    assert_int_equal(begin(v, true, &txn), VLT_OK);
    assert_int_equal(store_txn_stop(txn), STORE_STOP_DISK);
    store_txn_abort(txn);
    return put;
}

/* What was reserved, then the ballast, and then nothing. */
static void
spend_all(struct vault *v)
{
    struct store_txn *txn = NULL;

    assert_int_equal(put_control(v, 1, 100), VLT_OK);
    assert_true(space_of(v).ballast);
    /* A new key is in a file of its own, for which nothing is reserved. */
    assert_int_equal(make_key(v, 5), VLT_OK);
    assert_false(space_of(v).ballast);

    uint8_t turns = 2;

    while (put_control(v, turns, STORE_META_MAX) == VLT_OK) {
        turns++;
        assert_true(turns < 100);
    }
    assert_true(turns > 2);
    assert_int_equal(begin(v, false, &txn), VLT_E_STORAGE);
    assert_int_equal(begin(v, true, &txn), VLT_E_STORAGE);
}

static void
in_a_small_file_system(const char *scratch)
{
    struct vault v;
    char other[80];

    (void)snprintf(other, sizeof other, "%s/other", scratch);
    small_disk_vault(scratch, &v);

    uint64_t put = fill_up(&v, other);

    assert_int_equal(count_tails(&v), put);
    small_disk_take(other, SIZE_MAX);
    spend_all(&v);
    assert_int_equal(count_tails(&v), put);
    store_tend(v.store);
    assert_false(space_of(&v).ballast); /* there is no room for it */

    /* Space again: everything goes on, in the same process. */
    assert_int_equal(unlink(other), 0);
    assert_int_equal(put_control(&v, 1, 100), VLT_OK);
    assert_int_equal(make_key(&v, 6), VLT_OK);
    assert_int_equal(count_tails(&v), put);
    vault_close(&v);
    vault_open(&v);
    assert_int_equal(count_tails(&v), put);
    vault_close(&v);
}

static void
a_full_disk_is_refused_before_anything_is_at_stake(void **state)
{
    small_disk_run(DISK, in_a_small_file_system);
}

/* The map, not the disk, is at its end. */
static void
a_full_map_is_refused_and_nothing_is_changed(void **state)
{
    struct vault v;
    struct store_limits limits = { .map = 8 << 20 };
    uint8_t *plain = calloc(1, 1 << 20);
    uint8_t stream[VLT_ID_LEN] = { 1 };
    uint64_t arrival = 0;
    uint64_t committed = 0;
    enum vlt_status st = VLT_OK;

    assert_non_null(plain);
    vault_scratch(&v);
    vault_create(&v);
    assert_int_equal(store_open(v.path, &limits, NULL, &v.store), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    while (st == VLT_OK) {
        struct store_txn *txn = txn_begin(&v);

        committed = arrival;
        st = store_tail_put(txn, stream, 0, vlt_slice_of(plain, 1 << 20),
                            &arrival);
        if (st != VLT_OK) {
            /* Once one put has failed, so does all that follows. */
            assert_int_equal(store_meta_put(txn, STORE_META_JOB, stream, NULL,
                                            vlt_slice_text("{}")),
                             VLT_E_STORAGE);
        }
        enum vlt_status committing = store_txn_commit(txn);

        st = st == VLT_OK ? committing : st;
        assert_int_equal(committing, st);
    }
    assert_int_equal(st, VLT_E_STORAGE);
    assert_true(committed >= 3);
    assert_int_equal(count_tails(&v), committed);
    put_setting(&v, 1, "{\"n\":1}"); /* a small one still fits */
    vault_close(&v);
    vault_open(&v);
    assert_int_equal(count_tails(&v), committed);
    free(plain);
    vault_end(&v);
}

/* At the end of the map a segment can still be closed and dropped, which is
 * what makes room. */
static void
a_full_map_lets_a_segment_go(void **state)
{
    struct vault v;
    struct store_limits limits = { .map = 8 << 20 };
    struct store_lane lane = lane_of(1, 0);
    uint8_t *plain = calloc(1, STORE_PIECE_MAX);
    uint64_t number = 0;
    enum vlt_status st = VLT_OK;

    assert_non_null(plain);
    plain[0] = 1;
    vault_scratch(&v);
    vault_create(&v);
    assert_int_equal(store_open(v.path, &limits, NULL, &v.store), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    while (st == VLT_OK) {
        struct store_txn *txn = txn_begin(&v);

        st = store_tail_put(txn, lane.stream, lane.epoch,
                            vlt_slice_of(plain, 1 << 18), &number);
        assert_int_equal(store_txn_commit(txn), st);
    }
    struct store_txn *txn = txn_begin(&v);

    assert_int_equal(store_piece_put(txn, STORE_CHUNK, &lane,
                                     vlt_slice_of(plain, STORE_PIECE_MAX),
                                     &number),
                     VLT_E_STORAGE);
    assert_int_equal(store_segment_close(txn), VLT_E_STORAGE);
    assert_int_equal(store_txn_commit(txn), VLT_E_STORAGE);
    assert_int_equal(close_segment(&v), VLT_OK);
    assert_int_equal(drop_segment(&v, 1), VLT_OK);
    put_setting(&v, 1, "{}");
    for (int i = 0; i < 3; i++) {
        txn = txn_begin(&v);
        assert_int_equal(store_piece_put(txn, STORE_CHUNK, &lane,
                                         vlt_slice_of(plain, STORE_PIECE_MAX),
                                         &number),
                         VLT_OK);
        assert_int_equal(number, i + 1); /* what failed took none */
        txn_commit(txn);
    }
    assert_int_equal(count_tails(&v), 0);
    vault_close(&v);
    vault_open(&v);
    free(plain);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_is_refused_before_anything_is_at_stake),
        cmocka_unit_test(a_full_map_is_refused_and_nothing_is_changed),
        cmocka_unit_test(a_full_map_lets_a_segment_go),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
