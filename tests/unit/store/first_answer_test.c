/* First answers: kept for a week, and nobody's hindrance. */
#include "fixture.h"

#include "base/time.h"
#include "raw.h"

static struct store_idem
idem_of(uint8_t n)
{
    return (struct store_idem){ .principal = { 7 }, .ulid = { n } };
}

static enum vlt_status
get_idem(struct vault *v, uint8_t n, struct vlt_buf *answer, int64_t *when)
{
    struct store_read *read = read_begin(v);
    struct store_idem idem = idem_of(n);

    vlt_buf_clear(answer);
    enum vlt_status st =
        store_idem_get(store_read_view(read), &idem, answer, when);

    store_read_end(read);
    return st;
}

static void
put_idem(struct vault *v, uint8_t n, int64_t now)
{
    struct store_turn turn = { .now_ns = now, .control = true };
    struct store_idem idem = idem_of(n);
    struct store_txn *txn;

    assert_int_equal(store_txn_begin(v->store, turn, &txn), VLT_OK);
    assert_int_equal(
        store_idem_put(txn, &idem, vlt_slice_text("{\"ok\":\"\\\"t\\\":\"}")),
        VLT_OK);
    txn_commit(txn);
}

static void
the_first_answer_stays_the_answer(void **state)
{
    struct vault v;
    struct vlt_buf answer = { 0 };
    struct store_idem idem = idem_of(1);
    int64_t when = 0;

    vault_begin(&v);
    put_idem(&v, 1, FIXTURE_NOW + 5);
    struct store_txn *txn = txn_begin(&v);

    assert_int_equal(store_idem_put(txn, &idem, vlt_slice_text("{}")),
                     VLT_E_CONFLICT);
    store_txn_abort(txn);
    vault_close(&v);
    vault_open(&v);
    assert_int_equal(get_idem(&v, 1, &answer, &when), VLT_OK);
    assert_string_equal(vlt_buf_text(&answer), "{\"ok\":\"\\\"t\\\":\"}");
    assert_int_equal(when, FIXTURE_NOW + 5);
    assert_int_equal(get_idem(&v, 2, &answer, &when), VLT_E_NOT_FOUND);
    vlt_buf_free(&answer);
    vault_end(&v);
}

static void
first_answers_are_dropped_after_seven_days(void **state)
{
    struct vault v;
    struct vlt_buf answer = { 0 };
    int64_t when;

    vault_begin(&v);
    put_idem(&v, 1, FIXTURE_NOW);
    put_idem(&v, 2, FIXTURE_NOW + VLT_DAY);
    vault_close(&v); /* the queue is made anew at unlock */
    vault_open(&v);
    put_idem(&v, 3, FIXTURE_NOW + 7 * VLT_DAY);
    assert_int_equal(get_idem(&v, 1, &answer, &when), VLT_OK);
    put_idem(&v, 4, FIXTURE_NOW + 7 * VLT_DAY + 1);
    assert_int_equal(get_idem(&v, 1, &answer, &when), VLT_E_NOT_FOUND);
    assert_int_equal(get_idem(&v, 2, &answer, &when), VLT_OK);
    put_idem(&v, 5, FIXTURE_NOW + 30 * VLT_DAY);
    assert_int_equal(get_idem(&v, 4, &answer, &when), VLT_E_NOT_FOUND);
    put_idem(&v, 1, FIXTURE_NOW + 30 * VLT_DAY);
    vault_close(&v);
    vault_open(&v);
    assert_int_equal(get_idem(&v, 1, &answer, &when), VLT_OK);
    assert_int_equal(when, FIXTURE_NOW + 30 * VLT_DAY);
    vlt_buf_free(&answer);
    vault_end(&v);
}

/* It answers nobody any more; all that come have to be put. */
static void
one_that_does_not_open_holds_up_none(void **state)
{
    struct raw_record record;
    struct vlt_buf answer = { 0 };
    struct vault v;
    int64_t when;

    vault_begin(&v);
    put_idem(&v, 1, FIXTURE_NOW);
    vault_close(&v);
    raw_read(&v, "idem", 0, &record);
    record.value.at[record.value.len - 1] ^= 1;
    raw_write(&v, "idem", &record);
    raw_drop(&record);
    vault_open(&v);
    put_idem(&v, 2, FIXTURE_NOW + 1);
    put_idem(&v, 3, FIXTURE_NOW + 2);
    assert_int_equal(get_idem(&v, 1, &answer, &when), VLT_E_NOT_FOUND);
    assert_int_equal(get_idem(&v, 2, &answer, &when), VLT_OK);
    vlt_buf_free(&answer);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_answer_stays_the_answer),
        cmocka_unit_test(first_answers_are_dropped_after_seven_days),
        cmocka_unit_test(one_that_does_not_open_holds_up_none),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
