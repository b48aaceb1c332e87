#include "holding.h"

static void
a_statement_that_cannot_be_is_refused(void **unused)
{
    static const struct {
        const char *says;
        uint64_t from, to;
        int64_t deleted_at; /* from the use of then on, ns */
        enum vlt_status st;
    } cases[] = {
        { "from nothing", 0, 1, VLT_DAY, VLT_E_FORMAT },
        { "backwards", 2, 1, VLT_DAY, VLT_E_FORMAT },
        { "a use that was not", 1, 4, VLT_DAY, VLT_E_FORMAT },
        { "in the middle", 2, 3, VLT_DAY, VLT_E_FORMAT },
        { "before it came", 1, 3, -VLT_SECOND, VLT_E_FORMAT },
        { "yet to come", 1, 3, 2 * VLT_DAY, VLT_E_FORMAT },
        { "the first", 1, 1, VLT_DAY, VLT_OK },
        { "the first again", 1, 1, VLT_DAY, VLT_E_CONFLICT },
        { "from the first on", 1, 3, 0, VLT_OK },
    };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    }
    b.now += VLT_DAY;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct consent_statement statement = {
            .from = cases[i].from,
            .to = cases[i].to,
            .deleted_at = NOW + cases[i].deleted_at,
        };

        print_message("%s\n", cases[i].says);
        assert_int_equal(state_with(&b, grant, statement), cases[i].st);
    }
    grant_release(grant);
    bench_end(&b);
}

/* A firm whose clock is ahead by a minute is believed. */
static void
what_was_deleted_was_there_and_is_gone_by_now(void **unused)
{
    static const struct {
        int64_t at; /* from the delivery on, ns */
        enum vlt_status st;
    } cases[] = {
        { -1, VLT_E_FORMAT },
        { VLT_HOUR + VLT_MINUTE + 1, VLT_E_FORMAT },
        { VLT_HOUR + VLT_MINUTE, VLT_OK },
        { 0, VLT_OK },
    };
    struct bench b;

    bench_begin(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct consent_statement statement = { .from = 1, .to = 1 };
        const struct grant *grant = grant_by_hand(&b, &bill);

        statement.deleted_at = b.now + cases[i].at;
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        b.now += VLT_HOUR;
        assert_int_equal(state_with(&b, grant, statement), cases[i].st);
        grant_release(grant);
    }
    bench_end(&b);
}

/* Times of statements are seconds: the one in which it came is late enough. */
static void
the_second_of_the_delivery_is_not_before_it(void **unused)
{
    struct consent_statement statement = { .from = 1,
                                           .to = 1,
                                           .deleted_at = NOW };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    b.now += VLT_SECOND - 1;
    grant = grant_by_hand(&b, &bill);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(state_with(&b, grant, statement), VLT_OK);
    grant_release(grant);
    bench_end(&b);
}

/* What came later than it was said does not count against what came before. */
static void
a_statement_is_about_its_own_uses_alone(void **unused)
{
    struct consent_held held[CONSENT_HELD];
    struct consent_statement first = { .from = 1, .to = 1, .deleted_at = NOW };
    struct consent_statement second = { .from = 2, .to = 2, .deleted_at = NOW };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    for (int day = 0; day < 3; day++) {
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        b.now += VLT_DAY;
    }
    assert_int_equal(state_with(&b, grant, second), VLT_E_FORMAT);
    assert_int_equal(state_with(&b, grant, first), VLT_OK);
    assert_int_equal(held_of(&b, grant, held), 2);
    assert_int_equal(held[0].from, 2);
    assert_int_equal(state_with(&b, grant, second), VLT_E_FORMAT);
    second.deleted_at += VLT_DAY;
    assert_int_equal(state_with(&b, grant, second), VLT_OK);
    assert_int_equal(held_of(&b, grant, held), 1);
    assert_int_equal(held[0].from, 3);
    assert_int_equal(held[0].to, 3);
    grant_release(grant);
    bench_end(&b);
}

/* Of uses that are told together some may be gone. */
static void
what_is_left_of_a_day_is_still_held(void **unused)
{
    struct consent_held held[CONSENT_HELD];
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    }
    assert_int_equal(state(&b, grant, 1, 2), VLT_OK);
    assert_int_equal(held_of(&b, grant, held), 1);
    assert_int_equal(held[0].from, 3);
    assert_int_equal(held[0].to, 3);
    assert_int_equal(held[0].delete_by, NOW + 30 * VLT_DAY);
    grant_release(grant);
    bench_end(&b);
}

static void
nothing_is_stated_of_a_grant_that_is_not_there(void **unused)
{
    struct consent_statement statement = { .from = 1,
                                           .to = 1,
                                           .deleted_at = NOW };
    struct vlt_buf why;
    struct bench b;

    bench_begin(&b);
    vlt_buf_init(&why, 0);
    turn_begin(&b);
    assert_int_equal(consent_deleted(b.consent, b.txn, &statement, &why),
                     VLT_E_NOT_FOUND);
    turn_commit(&b);
    vlt_buf_free(&why);
    bench_end(&b);
}

/* Some of what was asked for in vain is stated: the rest is overdue still. */
static void
a_statement_of_a_part_leaves_the_rest_overdue(void **unused)
{
    struct consent_held held[CONSENT_HELD];
    const struct grant *grant;
    struct bench b;
    int64_t due = NOW + 31 * VLT_DAY;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        b.now += VLT_DAY;
    }
    assert_int_equal(clock_at(&b, due, ROW_DEMANDED), 1);
    assert_int_equal(clock_at(&b, due + 14 * VLT_DAY, ROW_OVERDUE), 1);
    assert_int_equal(state(&b, grant, 1, 1), VLT_OK);
    assert_true(overdue(&b, grant, b.now));
    assert_int_equal(held_of(&b, grant, held), 1);
    assert_int_equal(held[0].from, 2);
    assert_int_equal(held[0].to, 2);
    assert_int_equal(held[0].demanded, due);
    assert_int_equal(state(&b, grant, 2, 2), VLT_OK);
    assert_false(overdue(&b, grant, b.now));
    assert_int_equal(held_of(&b, grant, held), 0);
    grant_release(grant);
    bench_end(&b);
}

/* Until it is committed it was not said. */
static void
a_statement_of_the_turn_is_not_seen_beside_it(void **unused)
{
    struct consent_statement statement = { .from = 1, .to = 1 };
    const struct grant *grant;
    struct vlt_buf why = { 0 };
    struct bench b;
    bool is = false;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(clock_at(&b, NOW + 30 * VLT_DAY, ROW_DEMANDED), 1);
    b.now = NOW + 44 * VLT_DAY;
    memcpy(statement.at.grant, grant->id, VLT_ID_LEN);
    statement.at.now = statement.deleted_at = b.now;
    turn_begin(&b);
    assert_int_equal(consent_deleted(b.consent, b.txn, &statement, &why),
                     VLT_OK);
    assert_int_equal(consent_firm_overdue(b.consent, b.firm.id, b.now, &is),
                     VLT_OK);
    assert_true(is);
    turn_commit(&b);
    assert_int_equal(consent_firm_overdue(b.consent, b.firm.id, b.now, &is),
                     VLT_OK);
    assert_false(is);
    vlt_buf_free(&why);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_that_cannot_be_is_refused),
        cmocka_unit_test(what_was_deleted_was_there_and_is_gone_by_now),
        cmocka_unit_test(the_second_of_the_delivery_is_not_before_it),
        cmocka_unit_test(a_statement_is_about_its_own_uses_alone),
        cmocka_unit_test(what_is_left_of_a_day_is_still_held),
        cmocka_unit_test(nothing_is_stated_of_a_grant_that_is_not_there),
        cmocka_unit_test(a_statement_of_a_part_leaves_the_rest_overdue),
        cmocka_unit_test(a_statement_of_the_turn_is_not_seen_beside_it),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
