/* What is missing, added or put back of segments, lanes and sources is found
 * at unlock. */
#include "raw.h"

#include "pieces.h"

static const char missing[] = "batches are missing, or were added";
static const char *const slots[] = { "tail0", "tail1", "tail2", "tail3" };

/* ---- tails: of segments 2 to 4, closed, and 5, open ---- */

static void
begin_with_a_ring(struct vault *v)
{
    vault_begin(v);
    for (uint64_t n = 1; n <= 5; n++) {
        if (n == 5) {
            assert_int_equal(drop_segment(v, 1), VLT_OK);
        }
        if (n > 1) {
            assert_int_equal(close_segment(v), VLT_OK);
        }
        for (uint8_t i = 0; i < 3; i++) {
            put_tail(v, 1);
        }
    }
    vault_close(v);
    assert_int_equal(raw_unlock(v, NULL), VLT_OK);
}

/* A record is missed while it is away, and not when it is back. */
static void
assert_missed(struct vault *v, const char *db, size_t i, const char *why)
{
    struct raw_record record;

    raw_read(v, db, i, &record);
    raw_delete(v, db, vlt_buf_slice(&record.key));
    assert_refused(v, why);
    raw_write(v, db, &record);
    assert_int_equal(raw_unlock(v, NULL), VLT_OK);
    raw_drop(&record);
}

static void
a_batch_that_is_missing_in_any_slot_is_found(void **state)
{
    struct vault v;

    begin_with_a_ring(&v);
    for (size_t i = 0; i < 12; i++) {
        print_message("%s, %zu\n", slots[i / 3], i % 3);
        assert_missed(&v, slots[i / 3], i % 3, missing);
    }
    vault_end(&v);
}

static void
a_batch_that_was_added_in_any_slot_is_found(void **state)
{
    struct vault v;

    begin_with_a_ring(&v);
    for (size_t i = 0; i < 4; i++) {
        struct raw_record tail;

        raw_read(&v, slots[i], 0, &tail);
        tail.key.at[7] = (uint8_t)(tail.key.at[7] - 1); /* in front */
        raw_write(&v, slots[i], &tail);
        assert_refused(&v, missing);
        raw_delete(&v, slots[i], vlt_buf_slice(&tail.key));
        tail.key.at[7] = (uint8_t)(tail.key.at[7] + 4); /* behind */
        raw_write(&v, slots[i], &tail);
        assert_refused(&v, missing);
        raw_delete(&v, slots[i], vlt_buf_slice(&tail.key));
        assert_int_equal(raw_unlock(&v, NULL), VLT_OK);
        raw_drop(&tail);
    }
    vault_end(&v);
}

static void
a_free_slot_must_be_empty(void **state)
{
    struct vault v;
    struct raw_record tail;

    vault_begin(&v);
    put_tail(&v, 1);
    vault_close(&v);
    raw_read(&v, "tail0", 0, &tail);
    for (size_t i = 1; i < 4; i++) {
        raw_write(&v, slots[i], &tail);
        assert_refused(&v, missing);
        raw_delete(&v, slots[i], vlt_buf_slice(&tail.key));
    }
    assert_int_equal(raw_unlock(&v, NULL), VLT_OK);
    raw_drop(&tail);
    vault_end(&v);
}

static void
a_dropped_segment_cannot_come_back(void **state)
{
    struct vault v;
    struct raw_record tail;

    vault_begin(&v);
    put_tail(&v, 1);
    assert_int_equal(close_segment(&v), VLT_OK);
    vault_close(&v);
    raw_read(&v, "tail0", 0, &tail);
    vault_open(&v);
    assert_int_equal(drop_segment(&v, 1), VLT_OK);
    vault_close(&v);
    raw_write(&v, "tail0", &tail);
    assert_refused(&v, missing);
    raw_drop(&tail);
    vault_end(&v);
}

/* ---- lanes and sources ---- */

static const char *const sets[] = { "lane", "dedup" };

/* Rewrite the lane or the source of that number. */
static void
rewrite(struct vault *v, uint8_t number, size_t len)
{
    struct store_lane lane = lane_of(number, 1);
    struct store_txn *txn = txn_begin(v);

    make_lane(txn, &lane);
    put_lane(txn, &lane, len);
    put_dedup(txn, number, len);
    txn_commit(txn);
}

static void
begin_with_sets(struct vault *v)
{
    vault_begin(v);
    rewrite(v, 1, 60);
    rewrite(v, 2, 60);
    vault_close(v);
}

static void
a_lane_or_source_that_was_put_back_is_found(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        struct vault v;
        struct raw_record old;

        print_message("%s\n", sets[i]);
        begin_with_sets(&v);
        raw_read(&v, sets[i], 0, &old);
        vault_open(&v);
        rewrite(&v, 1, 61);
        rewrite(&v, 2, 61);
        vault_close(&v);
        raw_write(&v, sets[i], &old);
        assert_refused(&v, RAW_REWRITTEN);
        raw_drop(&old);
        vault_end(&v);
    }
}

static void
a_lane_or_source_that_was_dropped_is_found(void **state)
{
    for (size_t i = 0; i < 4; i++) {
        struct vault v;

        begin_with_sets(&v);
        assert_missed(&v, sets[i / 2], i % 2, RAW_REWRITTEN);
        vault_end(&v);
    }
}

static void
a_lane_or_source_that_was_added_is_found(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        struct vault v;
        struct raw_record twin;

        begin_with_sets(&v);
        raw_read(&v, sets[i], 0, &twin);
        twin.key.at[twin.key.len - 1] ^= 0x40;
        raw_write(&v, sets[i], &twin);
        assert_refused(&v, RAW_REWRITTEN);
        raw_drop(&twin);
        vault_end(&v);
    }
}

static void
a_deleted_lane_cannot_come_back(void **state)
{
    struct vault v;
    struct raw_record old;
    struct store_lane lanes[] = { lane_of(1, 1), lane_of(2, 1) };

    begin_with_sets(&v);
    raw_read(&v, "lane", 0, &old);
    vault_open(&v);
    struct store_txn *txn = txn_begin(&v);

    assert_int_equal(store_lane_delete(txn, &lanes[0]), VLT_OK);
    assert_int_equal(store_lane_delete(txn, &lanes[1]), VLT_OK);
    txn_commit(txn);
    vault_close(&v);
    assert_int_equal(raw_unlock(&v, NULL), VLT_OK);
    raw_write(&v, "lane", &old);
    assert_refused(&v, RAW_REWRITTEN);
    raw_drop(&old);
    vault_end(&v);
}

/* ---- chunks, heads, roll-ups ---- */

/* Which numbers are in force, lanes say; but a number that was never given is
 * nobody's, and would stand in the way of the next. */
static void
a_number_that_was_never_given_is_found(void **state)
{
    static const char *const dbs[] = { "chunk", "head", "roll" };
    struct vault v;
    struct store_lane lane = lane_of(1, 1);

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    make_lane(txn, &lane);
    (void)put_piece(txn, STORE_CHUNK, &lane, 100);
    (void)put_piece(txn, STORE_HEAD, &lane, 100);
    (void)put_piece(txn, STORE_ROLL, &lane, 100);
    txn_commit(txn);
    vault_close(&v);
    for (size_t i = 0; i < 3; i++) {
        struct raw_record piece;

        raw_read(&v, dbs[i], 0, &piece);
        piece.key.at[7] = 4;
        raw_write(&v, dbs[i], &piece);
        assert_refused(&v, "was added from outside");
        raw_delete(&v, dbs[i], vlt_buf_slice(&piece.key));
        assert_int_equal(raw_unlock(&v, NULL), VLT_OK);
        raw_drop(&piece);
    }
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_that_is_missing_in_any_slot_is_found),
        cmocka_unit_test(a_batch_that_was_added_in_any_slot_is_found),
        cmocka_unit_test(a_free_slot_must_be_empty),
        cmocka_unit_test(a_dropped_segment_cannot_come_back),
        cmocka_unit_test(a_lane_or_source_that_was_put_back_is_found),
        cmocka_unit_test(a_lane_or_source_that_was_dropped_is_found),
        cmocka_unit_test(a_lane_or_source_that_was_added_is_found),
        cmocka_unit_test(a_deleted_lane_cannot_come_back),
        cmocka_unit_test(a_number_that_was_never_given_is_found),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
