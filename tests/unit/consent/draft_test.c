/*
 * What an answer would make: the same as it makes, and nothing is made.
 */
#include "bench.h"

#include "consent/draft.h"
#include "consent/lifecycle.h"

#define TWO_ITEMS                                                              \
    ITEM(1, "energy.electricity", "") "," ITEM(2, "energy.gas", "")

enum { DRAFTS = 4 };

struct drafted {
    size_t count;
    const struct grant *grant[DRAFTS]; /* held */
    struct consent_use may[DRAFTS];
};

static bool
take(void *ctx, const struct grant *grant, const struct consent_use *may)
{
    struct drafted *drafted = ctx;

    assert_true(drafted->count < DRAFTS);
    drafted->may[drafted->count] = *may;
    drafted->grant[drafted->count++] = grant_hold(grant);
    return true;
}

static void
drop(struct drafted *drafted)
{
    for (size_t i = 0; i < drafted->count; i++) {
        grant_release(drafted->grant[i]);
    }
    drafted->count = 0;
}

static enum vlt_status
draft(struct bench *b, const uint8_t id[VLT_ID_LEN], struct consent_pick pick,
      const struct consent_narrow *narrow, struct drafted *out)
{
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_approval approval = { .pick = pick,
                                         .narrow = narrow,
                                         .firm = &b->firm,
                                         .world = &world,
                                         .now = b->now };
    uint64_t epoch = consent_epoch(b->consent);
    struct vlt_buf why;
    enum vlt_status st;

    memcpy(approval.request, id, VLT_ID_LEN);
    vlt_buf_init(&why, 0);
    *out = (struct drafted){ .count = 0 };
    st = consent_draft(b->consent, &approval, &why, take, out);
    assert_true(st == VLT_OK || st == VLT_E_NOT_FOUND || why.len > 0);
    assert_int_equal(consent_epoch(b->consent), epoch);
    vlt_buf_free(&why);
    return st;
}

static void
ask(struct bench *b, const struct asked *asked, uint8_t id[VLT_ID_LEN])
{
    turn_begin(b);
    submit(b, asked, id);
    turn_commit(b);
}

static bool
count_grant(void *ctx, const struct grant *grant)
{
    size_t *count = ctx;

    assert_non_null(grant);
    ++*count;
    return true;
}

static void
assert_nothing_made(struct bench *b, const uint8_t id[VLT_ID_LEN])
{
    size_t count = 0;

    consent_grants(b->consent, count_grant, &count);
    assert_int_equal(count, 0);
    assert_int_equal(part_state(b, id, 0), CONSENT_PENDING_STATE);
}

static void
it_is_what_approving_makes(void **state)
{
    struct consent_narrow less = { .axes = 1U << TERMS_WINDOW,
                                   .limits = { .at = { 0 } },
                                   .until = INT64_MAX,
                                   .ask_each = -1,
                                   .notify = -1 };
    struct asked asked = { .items = TWO_ITEMS };
    struct consent_pick gas = { .items = { 1U << 1 } };
    const uint8_t none[VLT_ID_LEN] = { 0 };
    const struct grant *made;
    const struct grant *would;
    struct drafted drafted;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    less.limits.at[TERMS_WINDOW] = 3600;
    bench_begin(&b);
    ask(&b, &asked, id);
    assert_int_equal(draft(&b, id, gas, &less, &drafted), VLT_OK);
    assert_nothing_made(&b, id);
    assert_int_equal(drafted.count, 1);
    would = drafted.grant[0];
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, gas, &less), VLT_OK);
    made = b.changes.at[0].grant;
    assert_int_equal(would->terms.item_count, made->terms.item_count);
    assert_int_equal(would->terms.items[0].n, 2);
    assert_int_equal(would->terms.items[0].window_s, 3600);
    assert_int_equal(made->terms.items[0].window_s, 3600);
    assert_int_equal(would->bound_count, made->bound_count);
    assert_memory_equal(would->bound[0].stream, made->bound[0].stream,
                        VLT_ID_LEN);
    assert_string_equal(would->bound[0].alias, made->bound[0].alias);
    assert_int_equal(would->duties.min_readings, made->duties.min_readings);
    assert_int_equal(would->nbf, made->nbf);
    assert_int_equal(would->exp, made->exp);
    assert_memory_equal(would->id, none, VLT_ID_LEN);
    assert_int_equal(drafted.may[0].no, CONSENT_YES);
    turn_commit(&b);
    drop(&drafted);
    bench_end(&b);
}

static void
without_a_name_it_is_all_that_waits(void **state)
{
    struct asked asked = { .items = TWO_ITEMS,
                           .purposes = "service.billing,service.advice" };
    struct consent_pick nothing = { .all = false };
    struct drafted drafted;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    assert_int_equal(draft(&b, id, nothing, NULL, &drafted), VLT_OK);
    assert_int_equal(drafted.count, 2);
    assert_int_equal(drafted.grant[0]->bound_count, 3);
    assert_int_equal(drafted.grant[1]->bound_count, 3);
    assert_nothing_made(&b, id);
    drop(&drafted);
    bench_end(&b);
}

static void
what_could_not_be_approved_is_not_drafted(void **state)
{
    struct asked asked = { .items = TWO_ITEMS };
    struct consent_pick gas = { .items = { 1U << 1 } };
    struct consent_pick no_part = { .items = { 0, 1 } };
    struct consent_pick all = { .all = true };
    const uint8_t nobody[VLT_ID_LEN] = { 99 };
    struct drafted drafted;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    assert_int_equal(draft(&b, nobody, all, NULL, &drafted), VLT_E_NOT_FOUND);
    assert_int_equal(draft(&b, id, no_part, NULL, &drafted), VLT_E_CONFLICT);
    b.now += 400 * VLT_DAY;
    assert_int_equal(draft(&b, id, all, NULL, &drafted), VLT_E_CONFLICT);
    b.now -= 400 * VLT_DAY;
    set_rules(&b, deny_gas);
    assert_int_equal(draft(&b, id, gas, NULL, &drafted), VLT_E_CONFLICT);
    assert_int_equal(drafted.count, 0);
    drop(&drafted);
    bench_end(&b);
}

static const char more_readings[] =
    "version: 1\n"
    "rules:\n"
    "  - {name: many, effect: permit, data: energy.electricity, "
    "detail: mean/15min, min_readings: 7, life: 1d}\n";

/* A rule that matches obliges a grant by hand as well. */
static void
a_use_is_decided_by_the_rules_of_now(void **state)
{
    struct asked asked = { .uses = NULL };
    struct consent_pick nothing = { .all = false };
    struct drafted drafted;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    assert_int_equal(draft(&b, id, nothing, NULL, &drafted), VLT_OK);
    assert_int_equal(drafted.may[0].duties.min_readings, 2);
    drop(&drafted);
    set_rules(&b, more_readings);
    assert_int_equal(draft(&b, id, nothing, NULL, &drafted), VLT_OK);
    assert_int_equal(drafted.may[0].no, CONSENT_YES);
    assert_int_equal(drafted.may[0].duties.min_readings, 7);
    drop(&drafted);
    bench_end(&b);
}

/* It goes on where the grant that it would replace stands. */
static void
a_draft_of_a_successor_has_what_is_handed_on(void **state)
{
    struct asked asked = { .rate = "{\"n\":1,\"per_s\":86400}" };
    struct consent_pick nothing = { .all = false };
    struct consent_at at = { .now = NOW + VLT_HOUR };
    const struct grant *grant;
    struct drafted drafted;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    memcpy(at.grant, grant->id, VLT_ID_LEN);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now += VLT_HOUR;
    turn_begin(&b);
    assert_int_equal(consent_suspend(b.consent, b.txn, &at, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    asked.replaces = grant->id;
    b.now += VLT_HOUR;
    ask(&b, &asked, id);
    assert_int_equal(draft(&b, id, nothing, NULL, &drafted), VLT_OK);
    assert_int_equal(drafted.count, 1);
    assert_true(drafted.grant[0]->renews);
    assert_memory_equal(drafted.grant[0]->prev, grant->id, VLT_ID_LEN);
    assert_int_equal(drafted.grant[0]->gap_count, 1);
    assert_int_equal(drafted.grant[0]->gap[0].from, NOW + VLT_HOUR);
    assert_int_equal(drafted.grant[0]->gap[0].to, b.now);
    assert_int_equal(drafted.may[0].no, CONSENT_NO_RATE);
    assert_int_equal(grant_state(&b, grant), CONSENT_SUSPENDED);
    drop(&drafted);
    grant_release(grant);
    bench_end(&b);
}

/* One that has ended hands nothing on. */
static void
a_draft_replaces_nothing_that_is_over(void **state)
{
    struct asked asked = { .life_s = 60 };
    struct consent_pick nothing = { .all = false };
    const struct grant *grant;
    struct drafted drafted;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    asked.replaces = grant->id;
    ask(&b, &asked, id);
    b.now = grant->exp;
    assert_int_equal(draft(&b, id, nothing, NULL, &drafted), VLT_OK);
    assert_false(drafted.grant[0]->renews);
    drop(&drafted);
    grant_release(grant);
    bench_end(&b);
}

static bool
take_one(void *ctx, const struct grant *grant, const struct consent_use *may)
{
    (void)take(ctx, grant, may);
    return false;
}

static void
who_has_seen_enough_sees_no_more(void **state)
{
    struct asked asked = { .purposes = "service.billing,service.advice" };
    struct consent_world world = { .each = each_stream };
    struct consent_approval approval = { .world = &world, .now = NOW };
    struct drafted drafted = { .count = 0 };
    struct vlt_buf why;
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, approval.request);
    approval.firm = &b.firm;
    world.ctx = &b;
    vlt_buf_init(&why, 0);
    assert_int_equal(
        consent_draft(b.consent, &approval, &why, take_one, &drafted), VLT_OK);
    assert_int_equal(drafted.count, 1);
    drop(&drafted);
    vlt_buf_free(&why);
    bench_end(&b);
}

static void
what_waits_no_more_is_not_drafted(void **state)
{
    struct asked asked = { .items = TWO_ITEMS,
                           .purposes = "service.billing,service.advice" };
    struct consent_pick nothing = { .all = false };
    struct consent_pick second = { .items = { 0, 3 } };
    struct drafted drafted;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    turn_begin(&b);
    assert_int_equal(try_approve(&b, id, second, NULL), VLT_OK);
    turn_commit(&b);
    assert_int_equal(draft(&b, id, nothing, NULL, &drafted), VLT_OK);
    assert_int_equal(drafted.count, 1);
    assert_int_equal(drafted.grant[0]->terms.purpose,
                     vocab_purpose_find("service.billing", 15));
    drop(&drafted);
    turn_begin(&b);
    assert_int_equal(consent_deny(b.consent, b.txn, id, vlt_slice_text(""),
                                  b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    assert_int_equal(draft(&b, id, nothing, NULL, &drafted), VLT_E_CONFLICT);
    bench_end(&b);
}

static void
contact_is_drafted_as_well(void **state)
{
    struct asked asked = { .purposes = "service.support,marketing",
                           .action = "\"contact\"",
                           .life_s = 86400 };
    struct consent_pick nothing = { .all = false };
    struct drafted drafted;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    assert_int_equal(draft(&b, id, nothing, NULL, &drafted), VLT_OK);
    assert_int_equal(drafted.count, 2);
    assert_int_equal(drafted.grant[1]->terms.item_count, 0);
    drop(&drafted);
    bench_end(&b);
}

static void
patterns_that_name_nothing_draft_nothing(void **state)
{
    const struct vlt_slice none = vlt_slice_text("none");
    struct consent_narrow named = { .until = INT64_MAX,
                                    .ask_each = -1,
                                    .notify = -1,
                                    .streams = 1,
                                    .stream = &none };
    struct asked asked = { .uses = NULL };
    struct consent_pick nothing = { .all = false };
    struct drafted drafted;
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    ask(&b, &asked, id);
    assert_int_equal(draft(&b, id, nothing, &named, &drafted), VLT_E_FORMAT);
    assert_int_equal(drafted.count, 0);
    bench_end(&b);
}

static void
of_a_vault_that_is_locked_nothing_is_drafted(void **state)
{
    struct consent_world world = { .each = each_stream };
    struct consent_approval approval = { .world = &world, .now = NOW };
    struct drafted drafted = { .count = 0 };
    struct vlt_buf why;
    struct bench b;

    bench_begin(&b);
    approval.firm = &b.firm;
    world.ctx = &b;
    vlt_buf_init(&why, 0);
    consent_clear(b.consent);
    assert_int_equal(consent_draft(b.consent, &approval, &why, take, &drafted),
                     VLT_E_LOCKED);
    assert_int_equal(drafted.count, 0);
    vlt_buf_free(&why);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_approving_makes),
        cmocka_unit_test(without_a_name_it_is_all_that_waits),
        cmocka_unit_test(what_could_not_be_approved_is_not_drafted),
        cmocka_unit_test(a_use_is_decided_by_the_rules_of_now),
        cmocka_unit_test(a_draft_of_a_successor_has_what_is_handed_on),
        cmocka_unit_test(a_draft_replaces_nothing_that_is_over),
        cmocka_unit_test(who_has_seen_enough_sees_no_more),
        cmocka_unit_test(what_waits_no_more_is_not_drafted),
        cmocka_unit_test(contact_is_drafted_as_well),
        cmocka_unit_test(patterns_that_name_nothing_draft_nothing),
        cmocka_unit_test(of_a_vault_that_is_locked_nothing_is_drafted),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
