/* Streams that appear, move and are admitted: under several items, beyond the
 * limits, and where nothing is theirs. */
#include "bench.h"

#include "consent/lifecycle.h"

static const struct asked bill = { .uses = NULL };

static int
category(const char *id)
{
    return vocab_category_find(id, strlen(id));
}

static size_t
arrive_as(struct bench *b, const struct consent_stream *stream,
          const struct consent_facts *known)
{
    struct consent_arrival arrival = { stream, known, b->now };
    size_t held = 99;

    assert_int_equal(
        consent_stream_new(b->consent, b->txn, &arrival, &held, &b->changes),
        VLT_OK);
    return held;
}

/* In a turn of its own: in how many grants it waits. */
static size_t
arrive(struct bench *b, uint8_t mark, const char *name, int of)
{
    struct consent_stream stream = { .id = { mark },
                                     .name = vlt_slice_text(name),
                                     .category = of };
    struct consent_facts known = facts(b);
    size_t held;

    turn_begin(b);
    held = arrive_as(b, &stream, &known);
    turn_commit(b);
    return held;
}

static bool
count_one(void *ctx, const struct grant *grant)
{
    assert_non_null(grant);
    ++*(size_t *)ctx;
    return true;
}

static size_t
move(struct bench *b, uint8_t mark, const char *name, int to, size_t *held)
{
    struct consent_stream stream = { .id = { mark },
                                     .name = vlt_slice_text(name),
                                     .category = to };
    struct consent_facts known = facts(b);
    struct consent_arrival arrival = { &stream, &known, b->now };
    size_t lost = 0;
    struct consent_losing lose = { count_one, &lost };

    turn_begin(b);
    assert_int_equal(consent_stream_moved(b->consent, b->txn, &arrival, &lose,
                                          held, &b->changes),
                     VLT_OK);
    turn_commit(b);
    return lost;
}

static enum vlt_status
admit(struct bench *b, const uint8_t grant[VLT_ID_LEN], uint8_t mark)
{
    const uint8_t stream[VLT_ID_LEN] = { mark };
    struct consent_at at = { .now = b->now };
    enum vlt_status st;

    memcpy(at.grant, grant, VLT_ID_LEN);
    turn_begin(b);
    st = consent_admit(b->consent, b->txn, &at, stream, &b->changes);
    turn_commit(b);
    return st;
}

static const struct grant *
now_of(struct bench *b, const struct grant *grant)
{
    const struct grant *now = consent_grant_find(b->consent, grant->id);

    assert_non_null(now);
    return now;
}

static void
assert_streams(struct bench *b, const struct grant *grant, size_t bound,
               size_t held)
{
    const struct grant *now = now_of(b, grant);

    assert_int_equal(now->bound_count, bound);
    assert_int_equal(now->held_count, held);
    grant_release(now);
}

static void
a_stream_that_no_firm_gets_is_part_of_nothing(void **state)
{
    const struct grant *grant;
    uint64_t epoch;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    epoch = consent_epoch(b.consent);
    assert_int_equal(arrive(&b, 5, "power/c", VOCAB_NONE), 0);
    assert_int_equal(arrive(&b, 5, "power/c", category("energy.gas")), 0);
    assert_int_equal(consent_epoch(b.consent), epoch);
    assert_streams(&b, grant, 2, 0);
    grant_release(grant);
    bench_end(&b);
}

/* Over by time alone, or ended: nothing is to come to it. */
static void
what_is_over_takes_no_stream(void **state)
{
    struct asked minute = { .life_s = 60 };
    const struct grant *over;
    const struct grant *ended;
    size_t held;
    struct bench b;

    bench_begin(&b);
    over = grant_by_hand(&b, &minute);
    ended = grant_by_hand(&b, &bill);
    turn_begin(&b);
    assert_int_equal(consent_end(b.consent, b.txn, ended->id, CONSENT_WITHDRAWN,
                                 b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    b.now = over->exp;
    assert_int_equal(arrive(&b, 5, "power/c", category("energy.electricity")),
                     0);
    assert_int_equal(admit(&b, over->id, 5), VLT_E_CONFLICT);
    assert_int_equal(move(&b, 3, "power/a", VOCAB_NONE, &held), 0);
    assert_streams(&b, over, 2, 0);
    assert_streams(&b, ended, 2, 0);
    grant_release(over);
    grant_release(ended);
    bench_end(&b);
}

/* Whose rules would decide nobody can say. */
static void
a_firm_that_is_not_known_gets_nothing_new(void **state)
{
    struct consent_facts nobody = { .firm = knows_nobody };
    struct consent_stream stream = { .id = { 5 },
                                     .name = vlt_slice_text("power/c") };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    stream.category = category("energy.electricity");
    turn_begin(&b);
    assert_int_equal(arrive_as(&b, &stream, &nobody), 0);
    turn_commit(&b);
    assert_streams(&b, grant, 2, 0);
    grant_release(grant);
    bench_end(&b);
}

static const char two_details[] =
    "{\"n\":1,\"data\":\"energy.electricity\",\"stats\":[\"mean\"],"
    "\"bucket_s\":900,\"window_s\":7776000,\"delay_s\":86400},"
    "{\"n\":2,\"data\":\"energy.electricity\",\"stats\":[\"max\"],"
    "\"bucket_s\":900,\"window_s\":7776000,\"delay_s\":86400}";

static const struct grant *
grant_of_two(struct bench *b)
{
    struct asked asked = { .items = two_details };
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];

    turn_begin(b);
    submit(b, &asked, id);
    assert_int_equal(
        try_approve(b, id, (struct consent_pick){ .items = { 3 } }, NULL),
        VLT_OK);
    grant = grant_hold(b->changes.at[1].grant);
    turn_commit(b);
    return grant;
}

/* Two items of one category have it wait, each under its own alias, and both
 * give it once it is admitted. */
static void
under_each_item_a_stream_has_an_alias(void **state)
{
    const struct grant *grant;
    const struct grant *now;
    size_t held;
    struct bench b;

    bench_begin(&b);
    grant = grant_of_two(&b);
    assert_int_equal(grant->bound_count, 4);
    assert_string_equal(grant->bound[2].alias, "energy.electricity/3");
    assert_int_equal(arrive(&b, 5, "power/c", category("energy.electricity")),
                     1);
    now = now_of(&b, grant);
    assert_int_equal(now->held_count, 2);
    assert_string_equal(now->held[0].alias, "energy.electricity/5");
    assert_int_equal(now->held[0].n, 1);
    assert_string_equal(now->held[1].alias, "energy.electricity/6");
    assert_int_equal(now->held[1].n, 2);
    grant_release(now);
    assert_int_equal(admit(&b, grant->id, 5), VLT_OK);
    assert_streams(&b, grant, 6, 0);
    assert_int_equal(admit(&b, grant->id, 5), VLT_E_CONFLICT);
    assert_int_equal(admit(&b, grant->id, 6), VLT_E_CONFLICT);
    /* It is there: to appear again changes nothing. */
    assert_int_equal(arrive(&b, 5, "power/c", category("energy.electricity")),
                     0);
    assert_streams(&b, grant, 6, 0);
    assert_int_equal(move(&b, 5, "power/c", category("energy.gas"), &held), 1);
    assert_streams(&b, grant, 4, 0);
    grant_release(grant);
    bench_end(&b);
}

/* Of two that wait one is admitted, and the other waits on. */
static void
only_what_is_named_is_admitted(void **state)
{
    const uint8_t nobody[VLT_ID_LEN] = { 99 };
    const struct grant *grant;
    const struct grant *now;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    for (uint8_t mark = 5; mark < 8; mark++) {
        assert_int_equal(
            arrive(&b, mark, "power/c", category("energy.electricity")), 1);
    }
    assert_int_equal(admit(&b, nobody, 6), VLT_E_NOT_FOUND);
    assert_int_equal(admit(&b, grant->id, 6), VLT_OK);
    now = now_of(&b, grant);
    assert_int_equal(now->bound_count, 3);
    assert_int_equal(now->bound[2].stream[0], 6);
    assert_int_equal(now->held_count, 2);
    assert_int_equal(now->held[0].stream[0], 5);
    assert_int_equal(now->held[1].stream[0], 7);
    grant_release(now);
    grant_release(grant);
    bench_end(&b);
}

/* A grant that is suspended has no receipt of it; its resuming has. */
static void
to_a_suspended_grant_a_stream_is_admitted_without_a_receipt(void **state)
{
    const uint8_t fifth[VLT_ID_LEN] = { 5 };
    const struct grant *grant;
    struct consent_at at;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &bill);
    at = (struct consent_at){ .now = b.now };
    memcpy(at.grant, grant->id, VLT_ID_LEN);
    assert_int_equal(arrive(&b, 5, "power/c", category("energy.electricity")),
                     1);
    turn_begin(&b);
    assert_int_equal(consent_suspend(b.consent, b.txn, &at, &b.changes),
                     VLT_OK);
    assert_int_equal(consent_admit(b.consent, b.txn, &at, fifth, &b.changes),
                     VLT_OK);
    assert_change(&b, 1, 24, CONSENT_SUSPENDED, CONSENT_NO_RECEIPT);
    turn_commit(&b);
    grant_release(grant);
    bench_end(&b);
}

/* ---- limits ---- */

static struct consent_stream *
many_streams(size_t count)
{
    struct consent_stream *stream = calloc(count, sizeof *stream);

    assert_non_null(stream);
    for (size_t i = 0; i < count; i++) {
        stream[i].id[0] = 1;
        stream[i].id[1] = (uint8_t)i;
        stream[i].id[2] = (uint8_t)(i >> 8);
        stream[i].name = vlt_slice_text("x");
        stream[i].category = category("energy.electricity");
    }
    return stream;
}

/* 1,024 are given of an item; the one behind them waits, and cannot be admitted
 * until another has left. */
static void
no_more_are_admitted_than_an_item_may_give(void **state)
{
    struct consent_narrow include = { .until = INT64_MAX,
                                      .ask_each = -1,
                                      .notify = -1,
                                      .new_streams = "include" };
    struct consent_stream *stream = many_streams(CONSENT_BOUND);
    const struct grant *grant;
    uint8_t id[VLT_ID_LEN];
    size_t held;
    struct bench b;

    bench_begin(&b);
    b.streams = CONSENT_BOUND;
    b.stream = stream;
    turn_begin(&b);
    submit(&b, &bill, id);
    assert_int_equal(
        try_approve(&b, id, (struct consent_pick){ .all = true }, &include),
        VLT_OK);
    grant = grant_hold(b.changes.at[1].grant);
    turn_commit(&b);
    assert_int_equal(grant->bound_count, CONSENT_BOUND);
    assert_int_equal(grant->held_count, 0);
    /* It would join, were there room. */
    assert_int_equal(arrive(&b, 5, "power/c", category("energy.electricity")),
                     1);
    assert_streams(&b, grant, CONSENT_BOUND, 1);
    assert_int_equal(admit(&b, grant->id, 5), VLT_E_CONFLICT);
    assert_streams(&b, grant, CONSENT_BOUND, 1);
    assert_int_equal(move(&b, 1, "x", VOCAB_NONE, &held), 1);
    assert_streams(&b, grant, CONSENT_BOUND - 1, 1);
    assert_int_equal(admit(&b, grant->id, 5), VLT_OK);
    assert_streams(&b, grant, CONSENT_BOUND, 0);
    grant_release(grant);
    free(stream);
    bench_end(&b);
}

/* As many wait as a record can name; another one is none of the grant's. */
static void
no_more_wait_than_a_record_can_name(void **state)
{
    struct consent_stream *stream = many_streams(2 * CONSENT_BOUND);
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    b.streams = 2 * CONSENT_BOUND;
    b.stream = stream;
    grant = grant_by_hand(&b, &bill);
    assert_int_equal(grant->bound_count, CONSENT_BOUND);
    assert_int_equal(grant->held_count, CONSENT_BOUND);
    assert_int_equal(arrive(&b, 5, "power/c", category("energy.electricity")),
                     0);
    assert_streams(&b, grant, CONSENT_BOUND, CONSENT_BOUND);
    grant_release(grant);
    free(stream);
    bench_end(&b);
}

/* Of two items the one whose category it is; and of several grants those that
 * give it. */
static void
a_stream_concerns_the_items_of_its_category(void **state)
{
    struct asked both = { .items = ITEM(1, "energy.electricity",
                                        "") "," ITEM(2, "energy.gas", "") };
    struct asked gas = { .items = ITEM(1, "energy.gas", "") };
    const struct grant *of_both;
    const struct grant *of_gas;
    const struct grant *now;
    const struct grant *ended;
    uint8_t id[VLT_ID_LEN];
    size_t held;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &both, id);
    assert_int_equal(
        try_approve(&b, id, (struct consent_pick){ .items = { 3 } }, NULL),
        VLT_OK);
    of_both = grant_hold(b.changes.at[1].grant);
    turn_commit(&b);
    of_gas = grant_by_hand(&b, &gas);
    ended = grant_by_hand(&b, &gas);
    turn_begin(&b);
    assert_int_equal(consent_end(b.consent, b.txn, ended->id, CONSENT_WITHDRAWN,
                                 b.now, &b.changes),
                     VLT_OK);
    turn_commit(&b);
    assert_int_equal(arrive(&b, 5, "gas/2", category("energy.gas")), 2);
    now = now_of(&b, of_both);
    assert_int_equal(now->held_count, 1);
    assert_int_equal(now->held[0].n, 2);
    grant_release(now);
    assert_int_equal(move(&b, 3, "power/a", category("energy.heat"), &held), 1);
    assert_streams(&b, of_both, 2, 1);
    assert_streams(&b, of_gas, 1, 1);
    assert_streams(&b, ended, 1, 0);
    grant_release(of_both);
    grant_release(of_gas);
    grant_release(ended);
    bench_end(&b);
}

static void
under_several_items_the_same_category_changes_nothing(void **state)
{
    const struct grant *grant;
    size_t held;
    struct bench b;

    bench_begin(&b);
    grant = grant_of_two(&b);
    assert_int_equal(
        move(&b, 3, "power/a", category("energy.electricity"), &held), 0);
    assert_int_equal(held, 0);
    assert_streams(&b, grant, 4, 0);
    grant_release(grant);
    bench_end(&b);
}

/* What is left of a last use is left for ten minutes. */
static void
what_was_exhausted_before_keeps_its_streams(void **state)
{
    struct asked once = { .uses = "1" };
    const struct grant *grant;
    size_t held;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &once);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    b.now += CONSENT_AGAIN_S * VLT_SECOND + 1;
    assert_int_equal(move(&b, 3, "power/a", VOCAB_NONE, &held), 0);
    assert_streams(&b, grant, 2, 0);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_that_no_firm_gets_is_part_of_nothing),
        cmocka_unit_test(what_is_over_takes_no_stream),
        cmocka_unit_test(a_firm_that_is_not_known_gets_nothing_new),
        cmocka_unit_test(under_each_item_a_stream_has_an_alias),
        cmocka_unit_test(only_what_is_named_is_admitted),
        cmocka_unit_test(
            to_a_suspended_grant_a_stream_is_admitted_without_a_receipt),
        cmocka_unit_test(no_more_are_admitted_than_an_item_may_give),
        cmocka_unit_test(no_more_wait_than_a_record_can_name),
        cmocka_unit_test(a_stream_concerns_the_items_of_its_category),
        cmocka_unit_test(under_several_items_the_same_category_changes_nothing),
        cmocka_unit_test(what_was_exhausted_before_keeps_its_streams),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
