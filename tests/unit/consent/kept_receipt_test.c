/* Receipts as they were signed, and what the firm signs in return. */
#include "bench.h"

#include "consent/lifecycle.h"

static const struct asked bill = { .uses = NULL };

static enum vlt_status
put(struct bench *b, const uint8_t *grant, const uint8_t *request,
    const char *jws)
{
    struct consent_receipt receipt = { .grant = grant,
                                       .request = request,
                                       .seq = 1,
                                       .log_index = 7,
                                       .jws = vlt_slice_text(jws) };
    enum vlt_status st;

    turn_begin(b);
    st = consent_receipt_put(b->consent, b->txn, &receipt);
    turn_commit(b);
    return st;
}

static enum vlt_status
countersign(struct bench *b, const uint8_t *grant, const char *jws)
{
    enum vlt_status st;

    turn_begin(b);
    st = consent_countersign(b->consent, b->txn, grant, 1, vlt_slice_text(jws),
                             b->now);
    turn_commit(b);
    return st;
}

static void
a_receipt_is_of_something_that_there_is(void **state)
{
    const uint8_t nobody[VLT_ID_LEN] = { 99 };
    uint64_t seq;
    struct bench b;

    bench_begin(&b);
    assert_int_equal(put(&b, nobody, NULL, "a.b.c"), VLT_E_NOT_FOUND);
    assert_int_equal(put(&b, NULL, nobody, "a.b.c"), VLT_E_NOT_FOUND);
    assert_int_equal(countersign(&b, nobody, "d.e.f"), VLT_E_NOT_FOUND);
    turn_begin(&b);
    assert_int_equal(consent_acknowledged(b.consent, b.txn, nobody, b.now),
                     VLT_E_NOT_FOUND);
    assert_int_equal(consent_event_seq(b.consent, b.txn, nobody, &seq),
                     VLT_E_NOT_FOUND);
    turn_commit(&b);
    bench_end(&b);
}

static void
a_receipt_that_is_too_long_is_not_kept(void **state)
{
    const struct grant *grant;
    const struct grant *now;
    char *text = malloc(300000);
    struct bench b;

    memset(text, 'a', 299999);
    text[299999] = '\0';
    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    assert_int_equal(put(&b, grant->id, NULL, text), VLT_E_LIMIT);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->receipt_seq, 0);
    grant_release(now);
    grant_release(grant);
    free(text);
    bench_end(&b);
}

static void
a_grant_knows_its_newest_receipt(void **state)
{
    struct consent_receipt receipt = { .seq = 1,
                                       .jws = vlt_slice_text("a.b.c") };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    receipt.grant = grant->id;
    for (; receipt.seq <= 2; receipt.seq++) {
        const struct grant *now;

        memset(receipt.sha256, (int)(10 * receipt.seq), sizeof receipt.sha256);
        turn_begin(&b);
        assert_int_equal(consent_receipt_put(b.consent, b.txn, &receipt),
                         VLT_OK);
        turn_commit(&b);
        bench_reopen(&b);
        now = consent_grant_find(b.consent, grant->id);
        assert_int_equal(now->receipt_seq, receipt.seq);
        assert_memory_equal(now->last_receipt, receipt.sha256,
                            sizeof now->last_receipt);
        grant_release(now);
    }
    grant_release(grant);
    bench_end(&b);
}

/* Once it is countersigned it stays as it is, and so does the time. */
static void
the_first_countersignature_stays(void **state)
{
    const struct grant *grant;
    const struct grant *now;
    struct store_read *read;
    struct vlt_buf jws = { 0 };
    struct vlt_buf other = { 0 };
    uint64_t index;
    int64_t first;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    assert_int_equal(put(&b, grant->id, NULL, "a.b.c"), VLT_OK);
    first = b.now;
    assert_int_equal(countersign(&b, grant->id, "d.e.f"), VLT_OK);
    b.now += VLT_HOUR;
    assert_int_equal(countersign(&b, grant->id, "g.h.i"), VLT_OK);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->countersigned, first);
    grant_release(now);
    read = read_begin(&b.vault);
    assert_int_equal(consent_receipt_get(b.consent, store_read_view(read),
                                         grant->id, 1, &jws, &other, &index),
                     VLT_OK);
    store_read_end(read);
    assert_true(vlt_slice_is(vlt_buf_slice(&other), "d.e.f"));
    assert_int_equal(index, 7);
    vlt_buf_free(&jws);
    vlt_buf_free(&other);
    grant_release(grant);
    bench_end(&b);
}

/* A later receipt may be countersigned as well: the time is of the first. */
static void
each_receipt_may_be_countersigned(void **state)
{
    struct consent_receipt second = { .seq = 2,
                                      .jws = vlt_slice_text("j.k.l") };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    second.grant = grant->id;
    assert_int_equal(put(&b, grant->id, NULL, "a.b.c"), VLT_OK);
    assert_int_equal(countersign(&b, grant->id, "d.e.f"), VLT_OK);
    turn_begin(&b);
    assert_int_equal(consent_receipt_put(b.consent, b.txn, &second), VLT_OK);
    assert_int_equal(consent_countersign(b.consent, b.txn, grant->id, 2,
                                         vlt_slice_text("m.n.o"),
                                         b.now + VLT_HOUR),
                     VLT_OK);
    turn_commit(&b);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->receipt_seq, 2);
    assert_int_equal(now->countersigned, b.now);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

/* Row 14 is of a grant that is active. */
static void
only_an_active_grant_is_countersigned(void **state)
{
    struct asked hour = { .life_s = 3600 };
    struct consent_at at;
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &hour);
    at = (struct consent_at){ .now = b.now };
    memcpy(at.grant, grant->id, VLT_ID_LEN);
    assert_int_equal(put(&b, grant->id, NULL, "a.b.c"), VLT_OK);
    turn_begin(&b);
    assert_int_equal(consent_suspend(b.consent, b.txn, &at, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    assert_int_equal(countersign(&b, grant->id, "d.e.f"), VLT_E_CONFLICT);
    turn_begin(&b);
    assert_int_equal(consent_resume(b.consent, b.txn, &at, true, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    b.now = grant->exp;
    assert_int_equal(countersign(&b, grant->id, "d.e.f"), VLT_E_CONFLICT);
    b.now--;
    assert_int_equal(countersign(&b, grant->id, "d.e.f"), VLT_OK);
    grant_release(grant);
    bench_end(&b);
}

static void
uses_that_were_signed_for_are_counted(void **state)
{
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    for (int i = 0; i < 3; i++) {
        b.now += VLT_MINUTE;
        turn_begin(&b);
        assert_int_equal(
            consent_acknowledged(b.consent, b.txn, grant->id, b.now), VLT_OK);
        turn_commit(&b);
    }
    bench_reopen(&b);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->acks, 3);
    assert_int_equal(now->acked, b.now);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receipt_is_of_something_that_there_is),
        cmocka_unit_test(a_receipt_that_is_too_long_is_not_kept),
        cmocka_unit_test(a_grant_knows_its_newest_receipt),
        cmocka_unit_test(the_first_countersignature_stays),
        cmocka_unit_test(each_receipt_may_be_countersigned),
        cmocka_unit_test(only_an_active_grant_is_countersigned),
        cmocka_unit_test(uses_that_were_signed_for_are_counted),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
