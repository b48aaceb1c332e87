#include "bench.h"

#include "consent/lifecycle.h"

static struct consent_at
at(const struct bench *b, const struct grant *grant)
{
    struct consent_at at = { .now = b->now };

    memcpy(at.grant, grant->id, VLT_ID_LEN);
    return at;
}

/* The grant as it is committed: held. */
static const struct grant *
now_of(struct bench *b, const struct grant *grant)
{
    const struct grant *now = consent_grant_find(b->consent, grant->id);

    assert_non_null(now);
    return now;
}

static size_t
arrive(struct bench *b, uint8_t mark, const char *name, const char *category)
{
    struct consent_stream stream = {
        .id = { mark },
        .name = vlt_slice_text(name),
        .category = vocab_category_find(category, strlen(category)),
    };
    struct consent_facts known = facts(b);
    struct consent_arrival arrival = { &stream, &known, b->now };
    size_t held = 0;

    assert_int_equal(
        consent_stream_new(b->consent, b->txn, &arrival, &held, &b->changes),
        VLT_OK);
    return held;
}

static void
a_new_stream_waits_until_it_is_admitted(void **state)
{
    const uint8_t fifth[VLT_ID_LEN] = { 5 };
    struct asked asked = { .uses = NULL };
    struct consent_at when;
    const struct grant *grant;
    const struct grant *now;
    uint64_t epoch;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    epoch = consent_epoch(b.consent);
    turn_begin(&b);
    assert_int_equal(arrive(&b, 9, "hall/heat", "energy.heat"), 0);
    assert_int_equal(consent_epoch_now(b.consent), epoch);
    assert_int_equal(arrive(&b, 5, "power/c", "energy.electricity"), 1);
    assert_true(consent_epoch_now(b.consent) > epoch);
    assert_int_equal(b.changes.count, 0); /* nothing that a firm hears of */
    turn_commit(&b);
    bench_reopen(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->bound_count, 2);
    assert_int_equal(now->held_count, 1);
    assert_string_equal(now->held[0].alias, "energy.electricity/3");
    grant_release(now);
    when = at(&b, grant);
    turn_begin(&b);
    assert_int_equal(consent_admit(b.consent, b.txn, &when, fifth, &b.changes),
                     VLT_OK);
    assert_change(&b, 0, 24, CONSENT_ACTIVE, CONSENT_EV_ADMITTED);
    assert_int_equal(consent_admit(b.consent, b.txn, &when, fifth, &b.changes),
                     VLT_E_CONFLICT);
    turn_commit(&b);
    bench_reopen(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->bound_count, 3);
    assert_int_equal(now->held_count, 0);
    assert_string_equal(now->bound[2].alias, "energy.electricity/3");
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

static const char joining[] = "version: 1\n"
                              "rules:\n"
                              "  - {name: bill, effect: permit, "
                              "data: energy.electricity, detail: mean/15min, "
                              "streams: \"power/*\", new_streams: include}\n"
                              "  - {name: wait, effect: ask, "
                              "streams: \"*/secret\"}\n";

static void
a_new_stream_joins_where_the_rule_includes_it(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *now;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, joining);
    turn_begin(&b);
    submit(&b, &asked, id);
    grant = assert_change(&b, 0, 4, CONSENT_ACTIVE, CONSENT_GIVEN)->grant;
    grant_hold(grant);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(arrive(&b, 5, "power/c", "energy.electricity"), 0);
    assert_change(&b, 0, 24, CONSENT_ACTIVE, CONSENT_EV_ADMITTED);
    assert_int_equal(b.changes.at[0].by, CONSENT_BY_VAULT);
    /* A rule that asks still has it wait; what the permit does not bind is
     * none of the grant's. */
    assert_int_equal(arrive(&b, 6, "power/secret", "energy.electricity"), 1);
    assert_int_equal(arrive(&b, 8, "hall/power", "energy.electricity"), 0);
    assert_int_equal(b.changes.count, 1);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->bound_count, 3);
    assert_int_equal(now->held_count, 1);
    assert_string_equal(now->held[0].alias, "energy.electricity/4");
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

/* The owner may include them by hand, unless a rule has them wait. */
static void
the_owner_includes_new_streams_unless_a_rule_does_not(void **state)
{
    struct consent_narrow how = { .until = INT64_MAX,
                                  .ask_each = -1,
                                  .notify = -1,
                                  .new_streams = "include" };
    static const char holding[] = "version: 1\n"
                                  "rules:\n"
                                  "  - {name: h, effect: permit, "
                                  "data: energy, uses: 1}\n";
    struct consent_pick pick = { .all = false };
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(try_approve(&b, id, pick, &how), VLT_OK);
    assert_true(b.changes.at[1].grant->duties.join_new_streams);
    turn_commit(&b);
    set_rules(&b, holding);
    turn_begin(&b);
    submit(&b, &asked, id);
    assert_int_equal(try_approve(&b, id, pick, &how), VLT_OK);
    assert_false(b.changes.at[1].grant->duties.join_new_streams);
    turn_commit(&b);
    bench_end(&b);
}

/* A firm that kept a name for a stream would else take another for it. */
static void
no_alias_is_given_twice(void **state)
{
    const struct vlt_slice only = vlt_slice_text("power/b");
    struct consent_narrow how = { .until = INT64_MAX,
                                  .ask_each = -1,
                                  .notify = -1,
                                  .streams = 1,
                                  .stream = &only };
    struct consent_narrowing narrowing = { .narrow = &how };
    struct consent_world world = { .each = each_stream };
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *now;
    struct vlt_buf why;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    memcpy(narrowing.at.grant, grant->id, VLT_ID_LEN);
    narrowing.at.now = b.now;
    narrowing.world = &world;
    world.ctx = &b;
    vlt_buf_init(&why, 0);
    turn_begin(&b);
    assert_int_equal(arrive(&b, 5, "power/c", "energy.electricity"), 1);
    assert_int_equal(
        consent_narrow(b.consent, b.txn, &narrowing, &why, &b.changes), VLT_OK);
    turn_commit(&b);
    bench_reopen(&b);
    turn_begin(&b);
    assert_int_equal(arrive(&b, 6, "power/d", "energy.electricity"), 1);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->bound_count, 1);
    assert_string_equal(now->bound[0].alias, "energy.electricity/2");
    assert_string_equal(now->held[now->held_count - 1].alias,
                        "energy.electricity/4");
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

/* ---- another category ---- */

static bool
count_lost(void *ctx, const struct grant *grant)
{
    size_t *lost = ctx;

    assert_non_null(grant);
    ++*lost;
    return true;
}

/* Of the stream with this mark; how many grants gave it, and do no more. */
static size_t
move(struct bench *b, uint8_t mark, const char *name, const char *category,
     size_t *held)
{
    struct consent_stream stream = {
        .id = { mark },
        .name = vlt_slice_text(name),
        .category = vocab_category_find(category, strlen(category)),
    };
    struct consent_facts known = facts(b);
    struct consent_arrival arrival = { &stream, &known, b->now };
    size_t lost = 0;
    struct consent_losing lose = { count_lost, &lost };
    uint64_t epoch = consent_epoch_now(b->consent);

    assert_int_equal(consent_stream_moved(b->consent, b->txn, &arrival, &lose,
                                          held, &b->changes),
                     VLT_OK);
    assert_true(consent_epoch_now(b->consent) > epoch);
    return lost;
}

static void
a_stream_of_another_category_leaves_the_grant(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *now;
    size_t held;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(grant->bound_count, 2); /* 3 and 4 are electricity */
    turn_begin(&b);
    assert_int_equal(move(&b, 3, "power/a", "unsorted", &held), 1);
    assert_int_equal(held, 0);
    assert_int_equal(b.changes.count, 0);
    turn_commit(&b);
    bench_reopen(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->bound_count, 1);
    assert_int_equal(now->bound[0].stream[0], 4);
    grant_release(now);
    /* Back again it is a new one, which waits under another alias. */
    turn_begin(&b);
    assert_int_equal(move(&b, 3, "power/a", "energy.electricity", &held), 0);
    assert_int_equal(held, 1);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->bound_count, 1);
    assert_int_equal(now->held_count, 1);
    assert_string_equal(now->held[0].alias, "energy.electricity/3");
    grant_release(now);
    /* And one that waits leaves as well, which nobody lost. */
    turn_begin(&b);
    assert_int_equal(move(&b, 3, "power/a", "energy.gas", &held), 0);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->held_count, 0);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

/* Pages of it may still be fetched. */
static void
it_leaves_what_is_left_of_a_last_use(void **state)
{
    struct asked once = { .uses = "1" };
    const struct grant *grant;
    const struct grant *now;
    size_t held;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &once);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(grant_state(&b, grant), CONSENT_EXHAUSTED);
    turn_begin(&b);
    assert_int_equal(move(&b, 3, "power/a", "unsorted", &held), 1);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->bound_count, 1);
    assert_int_equal(now->held_count, 0);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

static void
the_category_that_it_has_changes_nothing(void **state)
{
    struct asked asked = { .uses = NULL };
    const struct grant *grant;
    const struct grant *now;
    size_t held;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    turn_begin(&b);
    assert_int_equal(move(&b, 3, "power/a", "energy.electricity", &held), 0);
    assert_int_equal(held, 0);
    turn_commit(&b);
    now = now_of(&b, grant);
    assert_int_equal(now->bound_count, 2);
    assert_int_equal(now->held_count, 0);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_stream_waits_until_it_is_admitted),
        cmocka_unit_test(a_new_stream_joins_where_the_rule_includes_it),
        cmocka_unit_test(the_owner_includes_new_streams_unless_a_rule_does_not),
        cmocka_unit_test(no_alias_is_given_twice),
        cmocka_unit_test(a_stream_of_another_category_leaves_the_grant),
        cmocka_unit_test(it_leaves_what_is_left_of_a_last_use),
        cmocka_unit_test(the_category_that_it_has_changes_nothing),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
