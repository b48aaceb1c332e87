#include "bench.h"

#include "consent/consent_internal.h"

/* What is found by firm is what is found by looking at all. */
static void
assert_same_grants(struct bench *b, const struct consent_firm *firm, bool now)
{
    struct grant_box **all = NULL;
    struct grant_box **own = NULL;
    size_t of_all = 0;
    size_t of_own = 0;
    size_t found = 0;

    assert_int_equal(ledger_all_grants(b->consent, now, &all, &of_all), VLT_OK);
    assert_int_equal(
        ledger_firm_grants(b->consent, firm->id, now, &own, &of_own), VLT_OK);
    for (size_t i = 0; i < of_all; i++) {
        bool is = memcmp(all[i]->grant.firm, firm->id, VLT_ID_LEN) == 0;
        bool there = false;

        for (size_t j = 0; j < of_own; j++) {
            there = there || own[j] == all[i]; /* the very value */
        }
        assert_int_equal(is, there);
        found += is;
        grant_release(&all[i]->grant);
    }
    assert_int_equal(found, of_own);
    for (size_t i = 0; i < of_own; i++) {
        grant_release(&own[i]->grant);
    }
    free(all);
    free(own);
}

static void
assert_same_requests(struct bench *b, const struct consent_firm *firm, bool now)
{
    struct kept_request **all = NULL;
    struct kept_request **own = NULL;
    size_t of_all = 0;
    size_t of_own = 0;
    size_t found = 0;
    size_t waiting = 0;

    assert_int_equal(ledger_all_requests(b->consent, now, &all, &of_all),
                     VLT_OK);
    assert_int_equal(
        ledger_firm_requests(b->consent, firm->id, now, &own, &of_own), VLT_OK);
    for (size_t i = 0; i < of_all; i++) {
        found += memcmp(all[i]->request.firm, firm->id, VLT_ID_LEN) == 0;
        waiting += parts_wait(all[i], b->now) > 0;
        request_release(all[i]);
    }
    for (size_t i = 0; i < of_own; i++) {
        assert_memory_equal(own[i]->request.firm, firm->id, VLT_ID_LEN);
        request_release(own[i]);
    }
    assert_int_equal(found, of_own);
    if (now) {
        assert_int_equal(ledger_waiting(b->consent, b->now).requests, waiting);
    }
    free(all);
    free(own);
}

static void
assert_same_counts(struct bench *b, const struct consent_firm *firm)
{
    struct grant_box **all = NULL;
    size_t count = 0;
    size_t of_firm = 0;
    size_t in_all = 0;
    size_t said_firm;
    size_t said_all;

    assert_int_equal(ledger_all_grants(b->consent, true, &all, &count), VLT_OK);
    for (size_t i = 0; i < count; i++) {
        bool in_force = !grant_over(&all[i]->grant);

        in_all += in_force;
        of_firm +=
            in_force && memcmp(all[i]->grant.firm, firm->id, VLT_ID_LEN) == 0;
        grant_release(&all[i]->grant);
    }
    free(all);
    ledger_in_force(b->consent, firm->id, &said_firm, &said_all);
    assert_int_equal(said_firm, of_firm);
    assert_int_equal(said_all, in_all);
}

static void
assert_all(struct bench *b)
{
    const struct consent_firm *firms[] = { &b->firm, &b->other };

    for (size_t i = 0; i < 2; i++) {
        assert_same_grants(b, firms[i], true);
        assert_same_grants(b, firms[i], false);
        assert_same_requests(b, firms[i], true);
        assert_same_requests(b, firms[i], false);
        assert_same_counts(b, firms[i]);
    }
}

static void
ask_as(struct bench *b, const struct consent_firm *firm, uint8_t number,
       uint8_t id[VLT_ID_LEN])
{
    struct asked asked = { .uses = NULL };
    struct vlt_buf file;
    int64_t retry_ms;

    memset(id, 0, VLT_ID_LEN);
    id[0] = firm->id[0];
    id[VLT_ID_LEN - 1] = number;
    vlt_buf_init(&file, 0);
    put_request(&file, &asked);
    assert_int_equal(submit_file(b, vlt_buf_slice(&file), id, firm, &retry_ms),
                     VLT_OK);
    vlt_buf_free(&file);
}

/* Asked, answered, used and ended, in turns that are committed or not. */
static void
what_is_found_by_firm_is_what_is_there(void **state)
{
    struct consent_pick pick = { .all = true };
    uint8_t id[VLT_ID_LEN];
    uint8_t grant[VLT_ID_LEN];
    uint8_t over[VLT_ID_LEN];
    uint64_t seq;
    struct bench b;

    bench_begin(&b);
    assert_all(&b);
    for (uint8_t round = 1; round <= 12; round++) {
        bool undone = round % 4 == 0;

        turn_begin(&b);
        if (round == 3) { /* one that is committed */
            memcpy(over, grant, VLT_ID_LEN);
            assert_int_equal(consent_end(b.consent, b.txn, grant,
                                         CONSENT_WITHDRAWN, b.now, &b.changes),
                             VLT_OK);
            assert_all(&b);
        }
        ask_as(&b, round % 3 == 0 ? &b.other : &b.firm, round, id);
        assert_all(&b);
        if (round % 3 != 0 && round % 5 != 0) {
            assert_int_equal(try_approve(&b, id, pick, NULL), VLT_OK);
            memcpy(grant, b.changes.at[b.changes.count - 1].grant->id,
                   VLT_ID_LEN);
            assert_all(&b);
        }
        if (round % 6 == 1) {
            assert_int_equal(consent_end(b.consent, b.txn, grant,
                                         CONSENT_WITHDRAWN, b.now, &b.changes),
                             VLT_OK);
            assert_all(&b);
        }
        if (round == 10) { /* of one that is over, too, an entry is made */
            assert_int_equal(consent_event_seq(b.consent, b.txn, over, &seq),
                             VLT_OK);
            assert_all(&b);
        }
        if (undone) {
            turn_abort(&b);
        } else {
            turn_commit(&b);
        }
        assert_all(&b);
        b.now += 2 * VLT_HOUR;
    }
    bench_reopen(&b);
    assert_all(&b);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_found_by_firm_is_what_is_there),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
