/* How many requests and grants there may be, and what a grant names. */
#include "bench.h"

#include "consent/consent_internal.h"

static const char permit_all[] =
    "version: 1\n"
    "rules:\n"
    "  - {name: all, effect: permit, data: energy, detail: mean/15min}\n";

/* Those beyond a number are in the audit entry alone. */
static void
a_grant_names_so_many_rules(void **state)
{
    struct asked asked = { .uses = NULL };
    struct vlt_buf rules = { 0 };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    vlt_buf_printf(&rules, "version: 1\nrules:\n");
    for (int i = 0; i < CONSENT_RULES + 2; i++) {
        vlt_buf_printf(&rules,
                       "  - {name: r%02d, effect: permit, data: energy, "
                       "detail: mean/15min}\n",
                       i);
    }
    set_rules(&b, vlt_buf_text(&rules));
    turn_begin(&b);
    submit(&b, &asked, id);
    grant = assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN)->grant;
    assert_int_equal(grant->rule_count, CONSENT_RULES);
    assert_string_equal(grant->rule[0].name, "r00");
    assert_string_equal(grant->rule[CONSENT_RULES - 1].name, "r15");
    turn_commit(&b);
    bench_reopen(&b); /* its record can be read */
    vlt_buf_free(&rules);
    bench_end(&b);
}

/* The longest name that a rule can have is named whole. */
static void
a_rule_of_a_long_name_is_named(void **state)
{
    struct asked asked = { .uses = NULL };
    struct vlt_buf rules = { 0 };
    char name[POLICY_NAME];
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    bench_begin(&b);
    vlt_buf_printf(&rules,
                   "version: 1\nrules:\n  - {name: %s, effect: permit, "
                   "data: energy, detail: mean/15min}\n",
                   name);
    set_rules(&b, vlt_buf_text(&rules));
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_string_equal(b.changes.at[0].grant->rule[0].name, name);
    turn_commit(&b);
    bench_reopen(&b);
    vlt_buf_free(&rules);
    bench_end(&b);
}

/* As many as there may be, counted where they are. */
static void
no_more_grants_than_a_vault_may_have(void **state)
{
    struct asked two = { .purposes = "service.billing,service" };
    struct asked one = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms = 0;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, permit_all);
    b.consent->in_force = CONSENT_GRANTS - 1;
    turn_begin(&b);
    assert_int_equal(try_submit(&b, &two, id, &retry_ms), VLT_E_QUOTA);
    assert_int_equal(retry_ms, 3600000);
    submit(&b, &one, id);
    assert_int_equal(try_submit(&b, &one, id, &retry_ms), VLT_E_QUOTA);
    turn_commit(&b);
    b.consent->in_force = 1;
    bench_end(&b);
}

/* Seven that wait leave room for one more, whatever else was answered. */
static void
what_was_answered_takes_no_place(void **state)
{
    struct asked asked = { .uses = NULL };
    struct consent_pick all = { .all = true };
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (int i = 0; i < 4; i++) {
        submit(&b, &asked, id);
        assert_int_equal(try_approve(&b, id, all, NULL), VLT_OK);
    }
    for (int i = 0; i < CONSENT_PENDING_FIRM; i++) {
        submit(&b, &asked, id);
    }
    assert_int_equal(consent_waiting(b.consent, b.now), CONSENT_PENDING_FIRM);
    assert_int_equal(try_submit(&b, &asked, id, &retry_ms), VLT_E_QUOTA);
    assert_int_equal(retry_ms, 3600000);
    assert_int_equal(
        consent_withdraw(b.consent, b.txn, id, b.firm.id, b.now, &b.changes),
        VLT_E_NOT_FOUND); /* it was not taken */
    turn_commit(&b);
    bench_end(&b);
}

/* The day is counted from each request on, not by the calendar. */
static void
the_oldest_of_a_day_says_when_there_is_room(void **state)
{
    struct asked asked = { .items = ITEM(1, "energy.gas", "") };
    uint8_t id[VLT_ID_LEN];
    int64_t retry_ms = 0;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, deny_gas);
    turn_begin(&b);
    for (int i = 0; i < CONSENT_REQUESTS_DAY; i++) {
        submit(&b, &asked, id);
        b.now += VLT_HOUR;
    }
    assert_int_equal(try_submit(&b, &asked, id, &retry_ms), VLT_E_QUOTA);
    assert_int_equal(retry_ms, (24 - CONSENT_REQUESTS_DAY) * 3600000 + 1);
    b.now = NOW + VLT_DAY - 1;
    assert_int_equal(try_submit(&b, &asked, id, &retry_ms), VLT_E_QUOTA);
    assert_int_equal(retry_ms, 1);
    b.now++;
    submit(&b, &asked, id);
    turn_commit(&b);
    bench_end(&b);
}

/* A stream of no category is in no grant. */
static void
a_stream_of_no_category_is_bound_by_nothing(void **state)
{
    struct consent_stream stream[2] = { { .id = { 1 } }, { .id = { 2 } } };
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    stream[0].name = vlt_slice_text("power/a");
    stream[0].category = VOCAB_NONE;
    stream[1].name = vlt_slice_text("power/b");
    stream[1].category = vocab_category_find("energy.electricity", 18);
    b.streams = 2;
    b.stream = stream;
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(grant->bound_count, 1);
    assert_int_equal(grant->bound[0].stream[0], 2);
    grant_release(grant);
    /* The one stays bound whatever becomes of the grant. */
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    bench_reopen(&b);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->bound_count, 1);
    assert_int_equal(now->bound[0].stream[0], 2);
    assert_string_equal(now->bound[0].alias, "energy.electricity/1");
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

/* What a rule has wait for the owner is held from the start. */
static void
a_rule_that_asks_about_a_stream_holds_it_from_the_start(void **state)
{
    static const char rules[] = "version: 1\n"
                                "rules:\n"
                                "  - {name: all, effect: permit, data: energy, "
                                "detail: mean/15min}\n"
                                "  - {name: wait, effect: ask, "
                                "streams: \"*/a\"}\n"
                                "  - {name: never, effect: deny, "
                                "data: energy.gas, streams: \"**\"}\n";
    struct asked asked = { .items = ITEM(1, "energy.electricity",
                                         "") "," ITEM(2, "energy.gas", "") };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, rules);
    turn_begin(&b);
    submit(&b, &asked, id);
    grant = assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN)->grant;
    assert_int_equal(grant->bound_count, 1);
    assert_int_equal(grant->bound[0].stream[0], 4);
    assert_string_equal(grant->bound[0].alias, "energy.electricity/2");
    assert_int_equal(grant->held_count, 1);
    assert_int_equal(grant->held[0].stream[0], 3);
    assert_string_equal(grant->held[0].alias, "energy.electricity/1");
    turn_commit(&b);
    bench_end(&b);
}

/* Aliases of a category go on over its items, past those of others. */
static void
aliases_of_a_category_go_on_over_its_items(void **state)
{
    static const char items[] = ITEM(1, "energy.gas", "") "," ITEM(
        2, "energy.electricity",
        "") ","
            "{\"n\":3,\"data\":\"energy.electricity\",\"stats\":[\"max\"],"
            "\"bucket_s\":900,\"window_s\":7776000,\"delay_s\":86400}";
    static const char *const aliases[] = {
        "energy.gas/1",         "energy.electricity/1", "energy.electricity/2",
        "energy.electricity/3", "energy.electricity/4",
    };
    struct asked asked = { .items = items };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(
        try_approve(&b, id, (struct consent_pick){ .items = { 7 } }, NULL),
        VLT_OK);
    grant = b.changes.at[1].grant;
    assert_int_equal(grant->bound_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(grant->bound[i].alias, aliases[i]);
    }
    turn_commit(&b);
    bench_end(&b);
}

static const uint8_t zeros[32];

/* Whose it is, what was asked, and by which rules; the salt is its own. */
static void
a_grant_says_what_it_came_of(void **state)
{
    struct asked asked = { .uses = NULL };
    struct consent_request request;
    uint8_t before[32] = { 0 };
    uint8_t last = 0;
    struct bench b;

    bench_begin(&b);
    for (int i = 0; i < 8; i++) {
        const struct grant *grant =
            i % 2 == 0 ? grant_by_rule(&b, &asked) : grant_by_hand(&b, &asked);
        const struct consent_set *set = consent_set_hold(b.consent);

        assert_int_equal(consent_request_find(b.consent, grant->request,
                                              copy_request, &request),
                         VLT_OK);
        assert_memory_equal(request.part[0].grant, grant->id, VLT_ID_LEN);
        assert_memory_equal(grant->request_sha256, request.sha256, 32);
        assert_memory_not_equal(grant->request_sha256, zeros, 32);
        assert_memory_equal(grant->firm, b.firm.id, VLT_ID_LEN);
        assert_memory_equal(grant->firm_key, b.firm.key, 32);
        assert_memory_equal(grant->firm_kid, b.firm.kid,
                            sizeof grant->firm_kid);
        assert_memory_equal(grant->policy_hash, set->hash, 32);
        assert_int_equal(grant->policy_version, set->version);
        assert_memory_not_equal(grant->policy_salt, zeros, 32);
        assert_memory_not_equal(grant->policy_salt, before, 32);
        memcpy(before, grant->policy_salt, 32);
        last |= grant->policy_salt[31];
        assert_int_equal(grant->changed, b.now);
        assert_int_equal(grant->countersigned, 0);
        assert_int_equal(grant->state_by,
                         i % 2 == 0 ? CONSENT_BY_VAULT : CONSENT_BY_OWNER);
        consent_set_release(set);
        grant_release(grant);
        set_rules(&b, "version: 1\n");
    }
    assert_int_not_equal(last, 0);
    bench_end(&b);
}

/* What the change says of it is what is kept. */
static void
a_change_names_its_request_and_part(void **state)
{
    struct asked two = { .purposes = "service.billing,service.support",
                         .items = ITEM(1, "energy.electricity",
                                       "") "," ITEM(2, "energy.gas", "") };
    static const char rules[] = "version: 1\n"
                                "rules:\n"
                                "  - {name: b, effect: permit, "
                                "purpose: service.billing, data: "
                                "energy.electricity, detail: mean/15min}\n"
                                "  - {name: g, effect: deny, "
                                "data: energy.gas}\n";
    struct consent_request request;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, rules);
    turn_begin(&b);
    submit(&b, &two, id);
    assert_int_equal(b.changes.count, 2);
    for (int i = 0; i < 2; i++) {
        assert_memory_equal(b.changes.at[i].request, id, VLT_ID_LEN);
        assert_int_equal(b.changes.at[i].part, i);
        assert_int_equal(b.changes.at[i].left_out, 1U << 1);
        assert_int_equal(b.changes.at[i].by, CONSENT_BY_VAULT);
    }
    turn_commit(&b);
    assert_int_equal(
        consent_request_find(b.consent, id, copy_request, &request), VLT_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(request.part[i].left_out, 1U << 1);
    }
    assert_int_equal(request.part[1].ruled_out, 1U << 1);
    assert_int_equal(request.received, b.now);
    assert_int_equal(request.reply_by, b.now + 7 * VLT_DAY);
    assert_memory_equal(request.firm, b.firm.id, VLT_ID_LEN);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_names_so_many_rules),
        cmocka_unit_test(a_rule_of_a_long_name_is_named),
        cmocka_unit_test(no_more_grants_than_a_vault_may_have),
        cmocka_unit_test(what_was_answered_takes_no_place),
        cmocka_unit_test(the_oldest_of_a_day_says_when_there_is_room),
        cmocka_unit_test(a_stream_of_no_category_is_bound_by_nothing),
        cmocka_unit_test(
            a_rule_that_asks_about_a_stream_holds_it_from_the_start),
        cmocka_unit_test(aliases_of_a_category_go_on_over_its_items),
        cmocka_unit_test(a_grant_says_what_it_came_of),
        cmocka_unit_test(a_change_names_its_request_and_part),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
