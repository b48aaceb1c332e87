/* What the rows of a lane become is put, read, replaced and deleted. */
#include "raw.h"

#include "pieces.h"
#include "store/piece.h"

static const enum store_piece kinds[] = { STORE_CHUNK, STORE_HEAD, STORE_ROLL };

/* ---- chunks, heads, roll-ups ---- */

static void
each_kind_comes_back_as_it_was_put(void **state)
{
    struct vault v;
    struct store_lane lane = lane_of(3, -2);
    struct vlt_buf room = { 0 };

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    make_lane(txn, &lane);
    for (size_t i = 0; i < 3; i++) {
        uint64_t no = put_piece(txn, kinds[i], &lane, 1000 + i);

        assert_int_equal(no, i + 1); /* one counter for all three */
    }
    txn_commit(txn);
    vault_close(&v);
    vault_open(&v);
    struct store_read *read = read_begin(&v);

    for (size_t i = 0; i < 3; i++) {
        struct store_lane whose;

        vlt_buf_clear(&room);
        vlt_buf_put_text(&room, "before");
        assert_int_equal(store_piece_get(store_read_view(read), kinds[i], i + 1,
                                         &room, &whose),
                         VLT_OK);
        assert_memory_equal(room.at, "before", 6);
        assert_filled(vlt_slice_of(room.at + 6, room.len - 6), 1000 + i);
        assert_memory_equal(whose.stream, lane.stream, VLT_ID_LEN);
        assert_int_equal(whose.epoch, -2);
        assert_int_equal(store_piece_get(store_read_view(read), kinds[i],
                                         (i + 1) % 3 + 1, &room, NULL),
                         VLT_E_NOT_FOUND);
    }
    store_read_end(read);
    vlt_buf_free(&room);
    vault_end(&v);
}

static void
a_number_is_never_used_twice(void **state)
{
    struct vault v;
    struct store_lane lane = lane_of(1, 0);

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    make_lane(txn, &lane);
    assert_int_equal(put_piece(txn, STORE_CHUNK, &lane, 10), 1);
    assert_int_equal(put_piece(txn, STORE_ROLL, &lane, 10), 2);
    assert_int_equal(store_piece_delete(txn, STORE_ROLL, 1), VLT_E_NOT_FOUND);
    assert_int_equal(store_piece_delete(txn, STORE_CHUNK, 1), VLT_OK);
    assert_int_equal(store_piece_delete(txn, STORE_CHUNK, 1), VLT_E_NOT_FOUND);
    assert_int_equal(store_piece_delete(txn, STORE_ROLL, 2), VLT_OK);
    txn_commit(txn);
    vault_close(&v);
    vault_open(&v);
    txn = txn_begin(&v);
    assert_int_equal(put_piece(txn, STORE_CHUNK, &lane, 10), 3);
    store_txn_abort(txn);
    txn = txn_begin(&v);
    assert_int_equal(put_piece(txn, STORE_HEAD, &lane, 10), 3);
    txn_commit(txn);
    vault_end(&v);
}

struct seen {
    size_t count;
    size_t stop;
    uint64_t no[8];
    int32_t epoch[8];
};

static bool
see_piece(void *ctx, uint64_t no, const struct store_lane *lane,
          struct vlt_slice plain)
{
    struct seen *seen = ctx;

    assert_true(plain.len > 0);
    seen->no[seen->count] = no;
    seen->epoch[seen->count++] = lane->epoch;
    return seen->count < seen->stop;
}

static void
all_of_a_kind_are_walked_by_number(void **state)
{
    struct vault v;
    struct seen seen = { .stop = 8 };
    struct seen two = { .stop = 2 };

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    for (int32_t i = 0; i < 3; i++) {
        struct store_lane lane = lane_of(1, i);

        make_lane(txn, &lane);
        (void)put_piece(txn, STORE_CHUNK, &lane, 10);
        (void)put_piece(txn, STORE_HEAD, &lane, 10);
    }
    assert_int_equal(
        store_piece_each(store_txn_view(txn), STORE_CHUNK, see_piece, &seen),
        VLT_OK);
    assert_int_equal(seen.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(seen.no[i], 2 * i + 1);
        assert_int_equal(seen.epoch[i], i);
    }
    assert_int_equal(
        store_piece_each(store_txn_view(txn), STORE_HEAD, see_piece, &two),
        VLT_OK);
    assert_int_equal(two.count, 2);
    store_txn_abort(txn);
    vault_end(&v);
}

static void
what_could_not_be_kept_is_refused(void **state)
{
    struct vault v;
    struct store_lane lane = lane_of(1, 0);
    struct store_lane strange = lane_of(1, 1);
    uint8_t *large = calloc(1, STORE_PIECE_MAX + 1);
    struct vlt_buf room = { 0 };
    uint64_t no = 77;

    assert_non_null(large);
    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    make_lane(txn, &lane);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(
            store_piece_put(txn, kinds[i], &lane, vlt_slice_of(NULL, 0), &no),
            VLT_E_LIMIT);
        assert_int_equal(
            store_piece_put(txn, kinds[i], &lane,
                            vlt_slice_of(large, STORE_PIECE_MAX + 1), &no),
            VLT_E_LIMIT);
        assert_int_equal(store_piece_put(txn, kinds[i], &strange,
                                         vlt_slice_of(large, 9), &no),
                         VLT_E_NOT_FOUND);
    }
    assert_int_equal(
        store_lane_put(txn, &lane, vlt_slice_of(large, STORE_LANE_MAX + 1)),
        VLT_E_LIMIT);
    assert_int_equal(store_lane_put(txn, &lane, vlt_slice_of(NULL, 0)),
                     VLT_E_LIMIT);
    assert_int_equal(store_lane_put(txn, &strange, vlt_slice_of(large, 9)),
                     VLT_E_NOT_FOUND);
    assert_int_equal(
        store_dedup_put(txn, 1, vlt_slice_of(large, STORE_DEDUP_MAX + 1)),
        VLT_E_LIMIT);
    assert_int_equal(store_dedup_put(txn, 1, vlt_slice_of(NULL, 0)),
                     VLT_E_LIMIT);
    assert_int_equal(no, 77);
    /* None of this spoilt the transaction. */
    assert_int_equal(store_piece_put(txn, STORE_CHUNK, &lane,
                                     vlt_slice_of(large, STORE_PIECE_MAX), &no),
                     VLT_OK);
    txn_commit(txn);
    struct store_read *read = read_begin(&v);

    assert_int_equal(no, 1);
    assert_int_equal(
        store_piece_get(store_read_view(read), STORE_CHUNK, 1, &room, NULL),
        VLT_OK);
    assert_true(room.len >= STORE_PIECE_MAX);
    store_read_end(read);
    vlt_buf_free(&room);
    vault_end(&v);
    free(large);
}

/* ---- lanes ---- */

static void
a_lane_is_put_replaced_and_deleted(void **state)
{
    struct vault v;
    struct store_lane lane = lane_of(1, 5);
    struct store_lane other = lane_of(1, 6);
    struct vlt_buf plain = { 0 };

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    make_lane(txn, &lane);
    assert_int_equal(store_lane_get(store_txn_view(txn), &lane, &plain),
                     VLT_E_NOT_FOUND);
    put_lane(txn, &lane, 56);
    put_lane(txn, &lane, 96);
    txn_commit(txn);
    vault_close(&v);
    vault_open(&v); /* the set hash followed */
    txn = txn_begin(&v);
    assert_int_equal(store_lane_get(store_txn_view(txn), &lane, &plain),
                     VLT_OK);
    assert_filled(vlt_buf_slice(&plain), 96);
    assert_int_equal(plain.len, 96);
    assert_int_equal(store_lane_get(store_txn_view(txn), &other, &plain),
                     VLT_E_NOT_FOUND);
    assert_int_equal(store_lane_delete(txn, &other), VLT_E_NOT_FOUND);
    assert_int_equal(store_lane_delete(txn, &lane), VLT_OK);
    assert_int_equal(store_lane_delete(txn, &lane), VLT_E_NOT_FOUND);
    txn_commit(txn);
    vault_close(&v);
    vault_open(&v);
    vlt_buf_free(&plain);
    vault_end(&v);
}

static bool
see_lane(void *ctx, const struct store_lane *lane, struct vlt_slice plain)
{
    struct seen *seen = ctx;

    assert_int_equal(plain.len, 64);
    assert_int_equal(lane->stream[0], 9);
    seen->epoch[seen->count++] = lane->epoch;
    return seen->count < seen->stop;
}

static void
all_lanes_that_have_a_record_are_walked(void **state)
{
    struct vault v;
    struct seen seen = { .stop = 8 };
    struct seen one = { .stop = 1 };
    int32_t sum = 0;

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    for (int32_t i = 0; i < 5; i++) {
        struct store_lane lane = lane_of(9, 1 << i);

        make_lane(txn, &lane);
        if (i < 4) {
            put_lane(txn, &lane, 60);
        }
    }
    assert_int_equal(store_lane_each(store_txn_view(txn), see_lane, &seen),
                     VLT_OK);
    assert_int_equal(seen.count, 4);
    for (size_t i = 0; i < seen.count; i++) {
        sum |= seen.epoch[i];
    }
    assert_int_equal(sum, 15);
    assert_int_equal(store_lane_each(store_txn_view(txn), see_lane, &one),
                     VLT_OK);
    assert_int_equal(one.count, 1);
    store_txn_abort(txn);
    vault_end(&v);
}

/* ---- sources ---- */

static bool
see_dedup(void *ctx, uint32_t source, struct vlt_slice plain)
{
    struct seen *seen = ctx;

    assert_int_equal(plain.at[0], 40);
    seen->no[seen->count++] = source;
    return seen->count < seen->stop;
}

static void
sources_are_walked_by_number(void **state)
{
    static const uint32_t numbers[] = { UINT32_MAX, 256, 0, 255, 1 };
    static const uint64_t sorted[] = { 0, 1, 255, 256, UINT32_MAX };
    struct vault v;
    struct seen seen = { .stop = 8 };

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    for (size_t i = 0; i < 5; i++) {
        put_dedup(txn, numbers[i], 24);
        put_dedup(txn, numbers[i], 40);
    }
    txn_commit(txn);
    vault_close(&v);
    vault_open(&v);
    struct store_read *read = read_begin(&v);

    assert_int_equal(store_dedup_each(store_read_view(read), see_dedup, &seen),
                     VLT_OK);
    assert_int_equal(seen.count, 5);
    assert_memory_equal(seen.no, sorted, sizeof sorted);
    store_read_end(read);
    vault_end(&v);
}

static void
counters_count_pieces(void **state)
{
    struct vault v;
    struct store_stat stat;
    struct store_lane lane = lane_of(1, 0);

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    make_lane(txn, &lane);
    for (size_t i = 0; i < 6; i++) {
        (void)put_piece(txn, kinds[i < 3 ? 0 : i < 5 ? 1 : 2], &lane, 10);
    }
    put_lane(txn, &lane, 56);
    put_dedup(txn, 1, 24);
    put_dedup(txn, 2, 24);
    txn_commit(txn);
    struct store_read *read = read_begin(&v);

    assert_int_equal(store_view_stat(store_read_view(read), &stat), VLT_OK);
    assert_int_equal(stat.chunks, 3);
    assert_int_equal(stat.heads, 2);
    assert_int_equal(stat.rolls, 1);
    assert_int_equal(stat.lanes, 1);
    assert_int_equal(stat.dedups, 2);
    assert_int_equal(stat.tails, 0);
    store_read_end(read);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_comes_back_as_it_was_put),
        cmocka_unit_test(a_number_is_never_used_twice),
        cmocka_unit_test(all_of_a_kind_are_walked_by_number),
        cmocka_unit_test(what_could_not_be_kept_is_refused),
        cmocka_unit_test(a_lane_is_put_replaced_and_deleted),
        cmocka_unit_test(all_lanes_that_have_a_record_are_walked),
        cmocka_unit_test(sources_are_walked_by_number),
        cmocka_unit_test(counters_count_pieces),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
