/* As no_memory_test.c: what time, rules and streams bring. */
#include "trial.h"

#include "consent/deletion.h"

#include "offers.h"

#define DAY (86400 * VLT_SECOND)

/* ---- time ---- */

static enum vlt_status
pass_time(struct trial *trial)
{
    struct bench *b = trial->b;

    return consent_clock(b->consent, b->txn, b->now, &b->changes);
}

static void
what_time_brings_is_written_once_there_is_memory(void **state)
{
    struct trial waiting;
    struct trial trial;
    uint8_t offered[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    set_rules(&b, offers);
    ask(&b, offered);
    set_rules(&b, "version: 1\n");
    grant_release(grant_by_hand(&b, &bill));
    grant_at_last(&b, &trial, &bill);
    ask_at_last(&b, &waiting, &bill);
    b.now += 91 * DAY;
    try_both(&trial, pass_time);
    assert_int_equal(state_of(&trial), CONSENT_EXPIRED);
    assert_int_equal(part_state(&b, waiting.id, 0), CONSENT_LAPSED);
    assert_int_equal(part_state(&b, offered, 0), CONSENT_LAPSED);
    bench_end(&b);
}

/* The digest, the asking for deletion, and that it was in vain. */
static void
what_the_clock_tells_without_memory_is_told_later(void **state)
{
    struct asked year = { .life_s = 31536000 };
    struct consent_held held[CONSENT_HELD];
    const struct grant *grant;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &year);
    trial = trial_of(&b, grant);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(commit_use(&b, grant), CONSENT_YES);
        b.now += 2 * DAY;
    }
    b.now = NOW + 31 * DAY;
    try_both(&trial, pass_time); /* all is told, and some to be deleted */
    b.now += 30 * DAY;
    try_both(&trial, pass_time); /* which was in vain, and more of it */
    assert_false(consent_clock_due(b.consent, b.now));
    grant_release(grant);
    grant = consent_grant_find(b.consent, trial.id);
    assert_int_equal(consent_held(grant, held), 2);
    assert_true(grant->overdue_told);
    grant_release(grant);
    bench_end(&b);
}

/* Nobody used it, so that it waits for the owner. */
static void
what_is_unused_is_suspended_once_there_is_memory(void **state)
{
    const struct grant *grant;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    trial = trial_of(&b, grant);
    b.now += 60 * DAY;
    try_both(&trial, pass_time);
    assert_int_equal(state_of(&trial), CONSENT_SUSPENDED);
    grant_release(grant);
    bench_end(&b);
}

/* ---- rules ---- */

static enum vlt_status
deny_once(struct trial *trial)
{
    return apply_text(trial, deny_all);
}

static void
rules_without_memory_are_not_in_force(void **state)
{
    const struct grant *grant;
    struct trial waiting;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant_release(grant_by_rule(&b, &bill));
    grant = grant_by_rule(&b, &bill);
    trial = trial_of(&b, grant);
    try_both(&trial, hold_once);
    assert_int_equal(state_of(&trial), CONSENT_SUSPENDED);
    ask_at_last(&b, &waiting, &bill);
    ask_at_last(&b, &waiting, &bill);
    try_both(&trial, deny_once);
    assert_int_equal(state_of(&trial), CONSENT_REVOKED);
    assert_int_equal(part_state(&b, waiting.id, 0), CONSENT_DENIED);
    grant_release(grant);
    bench_end(&b);
}

static enum vlt_status
lift_once(struct trial *trial)
{
    return consent_lift_quiet(trial->b->consent, trial->b->txn,
                              trial->b->firm.id);
}

static void
what_was_denied_without_memory_stays_denied(void **state)
{
    struct trial again;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    ask_at_last(&b, &trial, &bill);
    turn_begin(&b);
    assert_int_equal(consent_deny(b.consent, b.txn, trial.id,
                                  vlt_slice_text("no"), b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    ask_at_last(&b, &again, &bill);
    assert_int_equal(part_state(&b, again.id, 0), CONSENT_DENIED);
    try_both(&trial, lift_once);
    ask_at_last(&b, &again, &bill);
    assert_int_equal(part_state(&b, again.id, 0), CONSENT_PENDING_STATE);
    bench_end(&b);
}

/* ---- streams ---- */

static enum vlt_status
arrive_once(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_stream stream = { .id = { 5 },
                                     .name = vlt_slice_text("power/c"),
                                     .category = vocab_category_find(
                                         "energy.electricity", 18) };
    struct consent_facts known = facts(b);
    struct consent_arrival arrival = { &stream, &known, b->now };
    size_t held = 0;

    return consent_stream_new(b->consent, b->txn, &arrival, &held, &b->changes);
}

static enum vlt_status
admit_once(struct trial *trial)
{
    const uint8_t fifth[VLT_ID_LEN] = { 5 };
    struct consent_at at = place_of(trial);

    return consent_admit(trial->b->consent, trial->b->txn, &at, fifth,
                         &trial->b->changes);
}

static void
a_stream_that_appears_without_memory_is_part_of_nothing(void **state)
{
    static const char joining[] = "version: 1\n"
                                  "rules:\n"
                                  "  - {name: bill, effect: permit, "
                                  "data: energy.electricity, detail: "
                                  "mean/15min, new_streams: include}\n";
    const struct grant *now;
    const struct grant *waits;
    struct trial by_hand;
    struct trial joins;
    struct bench b;

    bench_begin(&b);
    waits = grant_by_hand(&b, &bill);
    by_hand = trial_of(&b, waits);
    set_rules(&b, joining);
    ask_at_last(&b, &joins, &bill);
    try_both(&joins, arrive_once);
    now = consent_grant_find(b.consent, waits->id);
    assert_int_equal(now->bound_count, 2);
    assert_int_equal(now->held_count, 1);
    grant_release(now);
    try_both(&by_hand, admit_once);
    now = consent_grant_find(b.consent, waits->id);
    assert_int_equal(now->bound_count, 3);
    assert_int_equal(now->held_count, 0);
    grant_release(now);
    turn_to_newest(&joins);
    now = consent_grant_find(b.consent, joins.id);
    assert_int_equal(now->bound_count, 3);
    grant_release(now);
    grant_release(waits);
    bench_end(&b);
}

/* A use that ends the grant: nothing of it without memory. */
static enum vlt_status
use_in_vain(struct trial *trial)
{
    struct consent_use use;
    enum vlt_status st = use_of(trial, &use);

    assert_int_equal(use.no,
                     st == VLT_OK ? CONSENT_NO_ENDED : CONSENT_NO_DENIED);
    assert_null(use.grant);
    return st;
}

static void
a_use_that_ends_a_grant_ends_it_once_there_is_memory(void **state)
{
    const struct grant *grant;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    trial = trial_of(&b, grant);
    b.now = grant->exp;
    try_both(&trial, use_in_vain);
    assert_int_equal(state_of(&trial), CONSENT_EXPIRED);
    grant_release(grant);
    bench_end(&b);
}

/* Its rule has gone (row 26). */
static void
a_use_that_no_rule_permits_ends_the_grant_once_there_is_memory(void **state)
{
    const struct grant *grant;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &bill);
    trial = trial_of(&b, grant);
    set_rules_unheld(&b, "version: 1\n");
    try_both(&trial, use_in_vain);
    assert_int_equal(state_of(&trial), CONSENT_REVOKED);
    grant_release(grant);
    bench_end(&b);
}

static enum vlt_status
use_asked(struct trial *trial)
{
    struct consent_use use;
    enum vlt_status st = use_of(trial, &use);

    assert_int_equal(use.no, CONSENT_NO_DENIED);
    assert_null(use.grant);
    return st;
}

/* Row 20. */
static void
a_use_that_a_rule_asks_about_suspends_once_there_is_memory(void **state)
{
    static const char asks[] = "version: 1\n"
                               "rules:\n"
                               "  - {name: a, effect: ask, data: energy}\n";
    const struct grant *grant;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_rule(&b, &bill);
    trial = trial_of(&b, grant);
    set_rules_unheld(&b, asks);
    try_both(&trial, use_asked);
    assert_int_equal(state_of(&trial), CONSENT_SUSPENDED);
    grant_release(grant);
    bench_end(&b);
}

static bool
note_lost(void *ctx, const struct grant *grant)
{
    (void)ctx, (void)grant;
    return true;
}

static enum vlt_status
move_one(struct trial *trial, uint8_t id, const char *name)
{
    struct bench *b = trial->b;
    struct consent_stream stream = { .id = { id },
                                     .name = vlt_slice_text(name),
                                     .category = VOCAB_NONE };
    struct consent_facts known = facts(b);
    struct consent_arrival arrival = { &stream, &known, b->now };
    struct consent_losing lose = { note_lost, NULL };
    size_t held = 0;

    return consent_stream_moved(b->consent, b->txn, &arrival, &lose, &held,
                                &b->changes);
}

static enum vlt_status
move_once(struct trial *trial)
{
    return move_one(trial, 3, "power/a");
}

static void
a_stream_leaves_all_grants_or_none(void **state)
{
    const struct grant *grant;
    const struct grant *now;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant_release(grant_by_hand(&b, &bill));
    grant = grant_by_hand(&b, &bill);
    trial = trial_of(&b, grant);
    try_both(&trial, move_once);
    now = consent_grant_find(b.consent, grant->id);
    assert_int_equal(now->bound_count, 1);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

/* One that no grant has, and none gets. */
static enum vlt_status
move_apart(struct trial *trial)
{
    return move_one(trial, 99, "hall/door");
}

/* How many allocations an act has. */
static size_t
memory_for(struct trial *trial, attempt_fn *attempt)
{
    size_t n = 0;

    while (!try_with(trial, attempt, n, false)) {
        n++;
    }
    turn_abort(trial->b);
    return n;
}

static void
a_stream_of_no_grant_takes_no_memory_for_grants(void **state)
{
    struct trial trial;
    struct bench b;
    size_t with_one;

    bench_begin(&b);
    trial = (struct trial){ .b = &b };
    grant_release(grant_by_hand(&b, &bill));
    with_one = memory_for(&trial, move_apart);
    grant_release(grant_by_hand(&b, &bill));
    grant_release(grant_by_hand(&b, &bill));
    assert_int_equal(memory_for(&trial, move_apart), with_one);
    bench_end(&b);
}

static enum vlt_status
narrow_rate(struct trial *trial)
{
    struct bench *b = trial->b;
    struct consent_world world = { .ctx = b, .each = each_stream };
    struct consent_narrow how = { .axes = 1U << TERMS_RATE,
                                  .until = INT64_MAX,
                                  .ask_each = -1,
                                  .notify = -1 };
    struct consent_narrowing narrowing = { .at = place_of(trial),
                                           .narrow = &how,
                                           .world = &world };
    struct vlt_buf why;

    how.limits.at[TERMS_RATE] = 3;
    how.limits.per_s = 604800;
    vlt_buf_init(&why, 0);
    enum vlt_status st =
        consent_narrow(b->consent, b->txn, &narrowing, &why, &b->changes);

    vlt_buf_free(&why);
    return st;
}

static void
a_rate_is_narrowed_once_there_is_memory(void **state)
{
    const struct grant *grant;
    struct trial trial;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    trial = trial_of(&b, grant);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now += 2 * DAY;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    try_both(&trial, narrow_rate);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_RATE);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_time_brings_is_written_once_there_is_memory),
        cmocka_unit_test(what_the_clock_tells_without_memory_is_told_later),
        cmocka_unit_test(what_is_unused_is_suspended_once_there_is_memory),
        cmocka_unit_test(rules_without_memory_are_not_in_force),
        cmocka_unit_test(what_was_denied_without_memory_stays_denied),
        cmocka_unit_test(
            a_stream_that_appears_without_memory_is_part_of_nothing),
        cmocka_unit_test(a_use_that_ends_a_grant_ends_it_once_there_is_memory),
        cmocka_unit_test(
            a_use_that_no_rule_permits_ends_the_grant_once_there_is_memory),
        cmocka_unit_test(
            a_use_that_a_rule_asks_about_suspends_once_there_is_memory),
        cmocka_unit_test(a_stream_leaves_all_grants_or_none),
        cmocka_unit_test(a_stream_of_no_grant_takes_no_memory_for_grants),
        cmocka_unit_test(a_rate_is_narrowed_once_there_is_memory),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
