#include "holding.h"

#include "base/text.h"

/* ---- what is held ---- */

static void
uses_are_told_apart_by_the_day(void **unused)
{
    struct consent_held held[CONSENT_HELD];
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    assert_int_equal(held_of(&b, grant, held), 0);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now += VLT_HOUR;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now += VLT_DAY;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(held_of(&b, grant, held), 2);
    assert_int_equal(held[0].from, 1);
    assert_int_equal(held[0].to, 2);
    assert_int_equal(held[0].delete_by, NOW + VLT_HOUR + 30 * VLT_DAY);
    assert_int_equal(held[0].demanded, 0);
    assert_int_equal(held[1].from, 3);
    assert_int_equal(held[1].to, 3);
    assert_int_equal(held[1].delete_by, b.now + 30 * VLT_DAY);
    grant_release(grant);
    bench_end(&b);
}

/* However long it may keep it, and however often it asks. */
static void
the_times_of_delivery_are_bounded(void **unused)
{
    struct asked years = { .keep_s = 315360000, .life_s = 31536000 };
    struct consent_held held[CONSENT_HELD];
    const struct grant *grant;
    struct bench b;
    size_t count;

    bench_begin(&b);
    grant = grant_by_hand(&b, &years);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        b.now += VLT_DAY;
    }
    count = held_of(&b, grant, held);
    assert_in_range(count, 2, 5);
    assert_int_equal(held[0].from, 1);
    assert_int_equal(held[count - 1].to, 300);
    for (size_t i = 1; i < count; i++) {
        assert_int_equal(held[i].from, held[i - 1].to + 1);
    }
    grant_release(grant);
    bench_end(&b);
}

static const struct asked live = {
    .action = "\"live\"",
    .items = ITEM(1, "energy.electricity", ",\"every_s\":60"),
};

static void
a_live_use_is_delivered_when_its_hour_is_over(void **unused)
{
    struct consent_held held[CONSENT_HELD];
    struct consent_asking asking;
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &live);
    b.now += 5 * VLT_MINUTE;
    asking = asking_for(&b, grant);
    asking.live = true;
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
    turn_commit(&b);
    assert_int_equal(held_of(&b, grant, held), 1);
    assert_int_equal(held[0].delete_by, NOW + VLT_HOUR + 30 * VLT_DAY);
    /* So it cannot be deleted before, unless it is cut off. */
    assert_int_equal(state(&b, grant, 1, 1), VLT_E_FORMAT);
    turn_begin(&b);
    assert_int_equal(consent_end(b.consent, b.txn, grant->id, CONSENT_WITHDRAWN,
                                 b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    assert_int_equal(state(&b, grant, 1, 1), VLT_OK);
    grant_release(grant);
    bench_end(&b);
}

/* A query may end before a live use that began earlier: what was delivered last
 * counts for both. */
static void
no_use_is_delivered_before_the_one_before_it(void **unused)
{
    struct consent_held held[CONSENT_HELD];
    struct consent_asking asking;
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;
    int64_t midnight = NOW + 16 * VLT_HOUR;

    bench_begin(&b);
    grant = grant_by_hand(&b, &live);
    b.now = midnight - 30 * VLT_MINUTE;
    asking = asking_for(&b, grant);
    asking.live = true;
    turn_begin(&b);
    assert_int_equal(use_as(&b, &asking, id, &retry_ms), CONSENT_YES);
    turn_commit(&b);
    b.now += VLT_MINUTE;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(held_of(&b, grant, held), 1);
    assert_int_equal(held[0].to, 2);
    assert_int_equal(held[0].delete_by, midnight + 30 * VLT_DAY);
    grant_release(grant);
    bench_end(&b);
}

/* Beyond the last that is told apart all counts as delivered last. */
static void
deliveries_beyond_the_limit_are_told_as_one(void **unused)
{
    struct consent_held held[CONSENT_HELD];
    struct asked year = { .life_s = 31536000 };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &year);
    for (int day = 0; day < CONSENT_KEPT + 3; day++) {
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        b.now += VLT_DAY;
    }
    bench_reopen(&b);
    assert_int_equal(held_of(&b, grant, held), CONSENT_KEPT);
    assert_int_equal(held[CONSENT_KEPT - 1].from, CONSENT_KEPT);
    assert_int_equal(held[CONSENT_KEPT - 1].to, CONSENT_KEPT + 3);
    assert_int_equal(held[CONSENT_KEPT - 1].delete_by, b.now + 29 * VLT_DAY);
    grant_release(grant);
    bench_end(&b);
}

static void
what_is_taken_back_is_to_go_within_thirty_days(void **unused)
{
    static const struct {
        enum consent_state how;
        int days; /* from its end */
    } ends[] = {
        { CONSENT_WITHDRAWN, 30 },
        { CONSENT_REVOKED, 30 },
        { CONSENT_INVALID, 30 },
        { CONSENT_ENDED, 80 }, /* by the firm: it may keep what it has */
    };
    struct asked long_kept = { .keep_s = 90 * 86400 };
    struct consent_held held[CONSENT_HELD];
    struct bench b;

    bench_begin(&b);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const struct grant *grant = grant_by_hand(&b, &long_kept);

        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        b.now += 10 * VLT_DAY;
        turn_begin(&b);
        assert_int_equal(consent_end(b.consent, b.txn, grant->id, ends[i].how,
                                     b.now, &b.changes),
                         VLT_OK);
        turn_commit(&b);
        assert_int_equal(held_of(&b, grant, held), 1);
        assert_int_equal(held[0].delete_by, b.now + ends[i].days * VLT_DAY);
        grant_release(grant);
    }
    bench_end(&b);
}

/* ---- asking ---- */

static void
the_vault_asks_when_it_is_due(void **unused)
{
    struct consent_held held[CONSENT_HELD];
    const struct grant *grant;
    struct bench b;
    int64_t due = NOW + 30 * VLT_DAY;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now += 2 * VLT_DAY;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(clock_at(&b, due - 1, ROW_DEMANDED), 0);
    assert_false(consent_clock_due(b.consent, due - 1));
    assert_true(consent_clock_due(b.consent, due));
    assert_int_equal(clock_at(&b, due, ROW_DEMANDED), 1);
    assert_int_equal(clock_at(&b, due, ROW_DEMANDED), 0); /* once */
    assert_int_equal(held_of(&b, grant, held), 2);
    assert_int_equal(held[0].to, 1);
    assert_int_equal(held[0].demanded, due);
    assert_int_equal(held[0].due, due + 14 * VLT_DAY);
    assert_int_equal(held[1].due, 0);
    /* What is due later waits until 30 days are over. */
    assert_int_equal(clock_at(&b, due + 29 * VLT_DAY, ROW_DEMANDED), 0);
    assert_int_equal(clock_at(&b, due + 30 * VLT_DAY, ROW_DEMANDED), 1);
    grant_release(grant);
    bench_end(&b);
}

/* What was asked for last is not overdue since what was asked for before is. */
static void
each_asking_has_a_time_of_its_own(void **unused)
{
    struct consent_held held[CONSENT_HELD];
    const struct grant *grant;
    struct bench b;
    int64_t first = NOW + 30 * VLT_DAY;
    int64_t second = first + 30 * VLT_DAY;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now += 2 * VLT_DAY;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(clock_at(&b, first, ROW_DEMANDED), 1);
    assert_int_equal(clock_at(&b, second, ROW_DEMANDED), 1);
    bench_reopen(&b);
    assert_int_equal(held_of(&b, grant, held), 2);
    assert_int_equal(held[0].to, 1);
    assert_int_equal(held[0].demanded, first);
    assert_int_equal(held[0].delete_by, first);
    assert_int_equal(held[1].from, 2);
    assert_int_equal(held[1].to, 2);
    assert_int_equal(held[1].demanded, second);
    assert_int_equal(held[1].due, second + 14 * VLT_DAY);
    assert_int_equal(held[1].delete_by, first + 2 * VLT_DAY);
    assert_true(overdue(&b, grant, b.now));
    assert_int_equal(state(&b, grant, 1, 1), VLT_OK);
    assert_false(overdue(&b, grant, second + 14 * VLT_DAY - 1));
    assert_true(overdue(&b, grant, second + 14 * VLT_DAY));
    assert_int_equal(held_of(&b, grant, held), 1);
    assert_int_equal(held[0].demanded, second);
    assert_int_equal(clock_at(&b, second + 14 * VLT_DAY, ROW_OVERDUE), 1);
    grant_release(grant);
    bench_end(&b);
}

static void
what_is_said_in_time_is_not_overdue(void **unused)
{
    struct consent_held held[CONSENT_HELD];
    const struct grant *grant;
    struct bench b;
    int64_t due = NOW + 30 * VLT_DAY;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(clock_at(&b, due, ROW_DEMANDED), 1);
    b.now += 14 * VLT_DAY - 1;
    assert_false(overdue(&b, grant, b.now));
    assert_int_equal(state(&b, grant, 1, 1), VLT_OK);
    assert_int_equal(held_of(&b, grant, held), 0);
    assert_int_equal(clock_at(&b, due + 60 * VLT_DAY, ROW_OVERDUE), 0);
    assert_false(overdue(&b, grant, b.now));
    grant_release(grant);
    bench_end(&b);
}

/* Ask for the bill again: what becomes of it, and by which rule. */
static enum consent_state
ask_again(struct bench *b, const char **rule)
{
    const struct policy_atom *atom;
    enum consent_state state;
    uint8_t id[VLT_ID_LEN];

    turn_begin(b);
    submit(b, &bill, id);
    atom = &b->changes.at[0].decision->atoms[0];
    state = b->changes.at[0].state;
    *rule =
        atom->rule_count > 0
            ? policy_rule_at(consent_set_now(b->consent)->set, atom->rules[0])
                  ->name
            : "";
    turn_commit(b);
    return state;
}

static void
what_is_overdue_is_asked_about_until_it_is_said(void **unused)
{
    const struct grant *grant;
    const char *rule;
    struct bench b;
    int64_t late = NOW + 44 * VLT_DAY;
    bool is;

    bench_begin(&b);
    grant = grant_by_rule(&b, &bill);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(clock_at(&b, NOW + 30 * VLT_DAY, ROW_DEMANDED), 1);
    assert_int_equal(ask_again(&b, &rule), CONSENT_ACTIVE);
    assert_int_equal(clock_at(&b, late - 1, ROW_OVERDUE), 0);
    assert_int_equal(clock_at(&b, late, ROW_OVERDUE), 1);
    assert_int_equal(clock_at(&b, late, ROW_OVERDUE), 0); /* once */
    assert_int_equal(ask_again(&b, &rule), CONSENT_PENDING_STATE);
    assert_string_equal(rule, "builtin.overdue");
    assert_int_equal(commit_use(&b, grant), CONSENT_YES); /* uses go on */
    assert_int_equal(consent_firm_overdue(b.consent, b.firm.id, b.now, &is),
                     VLT_OK);
    assert_true(is);
    assert_int_equal(consent_firm_overdue(b.consent, b.other.id, b.now, &is),
                     VLT_OK);
    assert_false(is);
    assert_int_equal(state(&b, grant, 1, 1), VLT_OK); /* late */
    assert_int_equal(ask_again(&b, &rule), CONSENT_ACTIVE);
    grant_release(grant);
    bench_end(&b);
}

static void
the_owner_may_have_it_denied(void **unused)
{
    const struct grant *grant;
    struct vlt_buf text;
    const char *rule;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &bill);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(clock_at(&b, NOW + 30 * VLT_DAY, ROW_DEMANDED), 1);
    b.now = NOW + 44 * VLT_DAY;
    vlt_buf_init(&text, 0);
    vlt_buf_printf(&text, "overdue: deny\n%s", permit_bill);
    set_rules(&b, vlt_buf_text(&text));
    vlt_buf_free(&text);
    assert_int_equal(ask_again(&b, &rule), CONSENT_DENIED);
    assert_string_equal(rule, "builtin.overdue");
    assert_int_equal(grant_state(&b, grant), CONSENT_ACTIVE);
    grant_release(grant);
    bench_end(&b);
}

/* ---- the record ---- */

static void
what_is_held_outlives_a_restart(void **unused)
{
    struct consent_held before[CONSENT_HELD];
    struct consent_held after[CONSENT_HELD];
    const struct grant *grant;
    struct bench b;
    size_t count;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        b.now += VLT_DAY;
    }
    assert_int_equal(clock_at(&b, NOW + 32 * VLT_DAY, ROW_DEMANDED), 1);
    assert_int_equal(state(&b, grant, 1, 1), VLT_OK);
    count = held_of(&b, grant, before);
    assert_int_equal(count, 2);
    bench_reopen(&b);
    assert_int_equal(held_of(&b, grant, after), count);
    assert_memory_equal(before, after, count * sizeof *before);
    assert_true(overdue(&b, grant, NOW + 46 * VLT_DAY));
    grant_release(grant);
    bench_end(&b);
}

/* Take the member away that vaults of before do not have. */
static void
age_record(struct bench *b, const struct grant *grant)
{
    struct vlt_buf json;
    struct vlt_buf old;
    struct store_read *read = read_begin(&b->vault);
    char *from;
    char *to;

    vlt_buf_init(&json, 0);
    assert_int_equal(store_meta_get(store_read_view(read), STORE_META_GRANT,
                                    grant->id, &json),
                     VLT_OK);
    store_read_end(read);

    char *text = vlt_text_copy(vlt_buf_slice(&json));

    assert_non_null(text);
    from = strstr(text, "\"held_by_firm\"");
    to = strstr(text, "\"v\":1");
    assert_true(from != NULL && to != NULL && from < to);
    vlt_buf_init(&old, 0);
    vlt_buf_put(&old, text, (size_t)(from - text));
    vlt_buf_put_text(&old, to);
    turn_begin(b);
    assert_int_equal(store_meta_put(b->txn, STORE_META_GRANT, grant->id,
                                    grant->firm_kid, vlt_buf_slice(&old)),
                     VLT_OK);
    turn_commit(b);
    vlt_buf_free(&json);
    vlt_buf_free(&old);
    free(text);
}

static void
of_a_grant_of_before_the_last_delivery_counts(void **unused)
{
    struct consent_held held[CONSENT_HELD];
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now += 3 * VLT_DAY;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    age_record(&b, grant);
    bench_reopen(&b);
    assert_int_equal(held_of(&b, grant, held), 1);
    assert_int_equal(held[0].from, 1);
    assert_int_equal(held[0].to, 2);
    assert_int_equal(held[0].delete_by, b.now + 30 * VLT_DAY);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uses_are_told_apart_by_the_day),
        cmocka_unit_test(the_times_of_delivery_are_bounded),
        cmocka_unit_test(a_live_use_is_delivered_when_its_hour_is_over),
        cmocka_unit_test(no_use_is_delivered_before_the_one_before_it),
        cmocka_unit_test(deliveries_beyond_the_limit_are_told_as_one),
        cmocka_unit_test(what_is_taken_back_is_to_go_within_thirty_days),
        cmocka_unit_test(the_vault_asks_when_it_is_due),
        cmocka_unit_test(each_asking_has_a_time_of_its_own),
        cmocka_unit_test(what_is_said_in_time_is_not_overdue),
        cmocka_unit_test(what_is_overdue_is_asked_about_until_it_is_said),
        cmocka_unit_test(the_owner_may_have_it_denied),
        cmocka_unit_test(what_is_held_outlives_a_restart),
        cmocka_unit_test(of_a_grant_of_before_the_last_delivery_counts),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
