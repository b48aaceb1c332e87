#include "bench.h"

#include "consent/lifecycle.h"

static const char permit_four[] =
    "version: 1\n"
    "rules:\n"
    "  - {name: all, effect: permit, purpose: [service, improve], "
    "data: energy, detail: mean/15min, rate: none}\n";

/* A firm's grants, as many as it may have, all at once. */
static void
fill(struct bench *b, const struct consent_firm *firm, int requests)
{
    struct asked asked = { .purposes = "service.billing,service.support,"
                                       "service.repair,improve" };
    struct vlt_buf file;

    for (int i = 0; i < requests; i++) {
        uint8_t id[VLT_ID_LEN] = { 1, (uint8_t)++b->requests };
        int64_t retry_ms;

        vlt_buf_init(&file, 0);
        put_request(&file, &asked);
        assert_int_equal(
            submit_file(b, vlt_buf_slice(&file), id, firm, &retry_ms), VLT_OK);
        vlt_buf_free(&file);
    }
}

/* A turn has no room for all that the years brought. */
static void
many_ends_are_written_in_several_turns(void **state)
{
    size_t rows[3] = { 0 };
    int64_t later;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, permit_four);
    turn_begin(&b);
    fill(&b, &b.firm, CONSENT_GRANTS_FIRM / 4);
    fill(&b, &b.other, 2);
    assert_int_equal(b.changes.count, CONSENT_GRANTS_FIRM + 8);
    turn_commit(&b);
    later = b.now + 400 * INT64_C(86400) * VLT_SECOND;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(consent_clock_due(b.consent, later), i < 2);
        turn_begin(&b);
        assert_int_equal(consent_clock(b.consent, b.txn, later, &b.changes),
                         VLT_OK);
        rows[i] = b.changes.count;
        turn_commit(&b);
    }
    assert_int_equal(rows[0], CONSENT_CLOCK_ROWS);
    assert_int_equal(rows[1], CONSENT_GRANTS_FIRM + 8 - CONSENT_CLOCK_ROWS);
    assert_int_equal(rows[2], 0);
    bench_end(&b);
}

struct pausing {
    struct bench *b;
    struct consent_pause pause;
};

static bool
pause_one(void *ctx, const struct grant *grant)
{
    struct pausing *pausing = ctx;
    struct bench *b = pausing->b;
    struct consent_at at = { .now = b->now, .sure = b->now };

    memcpy(at.grant, grant->id, VLT_ID_LEN);
    assert_int_equal(
        consent_pause(b->consent, b->txn, &at, &pausing->pause, &b->changes),
        VLT_OK);
    return true;
}

/* The owner was away with all on hold, and the vault was off: two rows each. */
static void
many_suspensions_are_written_in_several_turns(void **state)
{
    struct pausing pausing = { .b = NULL };
    struct consent_at at;
    size_t turns = 0;
    size_t rows = 0;
    struct bench b;

    bench_begin(&b);
    set_rules(&b, permit_four);
    turn_begin(&b);
    fill(&b, &b.firm, CONSENT_GRANTS_FIRM / 4);
    fill(&b, &b.other, 2);
    turn_commit(&b);
    pausing = (struct pausing){
        &b, { .from = b.now + VLT_HOUR, .until = b.now + VLT_DAY }
    };
    turn_begin(&b);
    consent_grants(b.consent, pause_one, &pausing);
    assert_int_equal(b.changes.count, CONSENT_GRANTS_FIRM + 8);
    turn_commit(&b);
    b.now += 2 * VLT_DAY;
    at = (struct consent_at){ .now = b.now, .sure = b.now };
    while (consent_pauses_due(b.consent, b.now, b.now)) {
        turn_begin(&b);
        assert_int_equal(consent_pauses(b.consent, b.txn, &at, &b.changes),
                         VLT_OK);
        assert_in_range(b.changes.count, 1, CONSENT_CLOCK_ROWS + 1);
        rows += b.changes.count;
        turns++;
        turn_commit(&b);
    }
    assert_int_equal(rows, 2 * (CONSENT_GRANTS_FIRM + 8));
    assert_int_equal(turns, rows / CONSENT_CLOCK_ROWS + 1);
    bench_end(&b);
}

/* One request a day of each of many firms, of which none was answered. */
static void
many_requests_lapse_in_several_turns(void **state)
{
    struct asked asked = { .uses = NULL };
    struct asked two = { .purposes = "service.billing,service.support" };
    uint8_t id[VLT_ID_LEN];
    size_t rows = 0;
    int64_t later;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (int i = 0; i < CONSENT_PENDING; i++) {
        if (i % CONSENT_PENDING_FIRM == 0) {
            make_firm(&b, "brightgrid", (uint8_t)(20 + i), &b.firm);
        }
        submit(&b, i % 2 == 0 ? &asked : &two, id);
    }
    turn_commit(&b);
    later = b.now + 8 * VLT_DAY;
    while (consent_clock_due(b.consent, later)) {
        turn_begin(&b);
        assert_int_equal(consent_clock(b.consent, b.txn, later, &b.changes),
                         VLT_OK);
        assert_in_range(b.changes.count, 1, CONSENT_CLOCK_ROWS + 1);
        rows += b.changes.count;
        turn_commit(&b);
    }
    assert_int_equal(rows, 3 * CONSENT_PENDING / 2);
    bench_end(&b);
}

/* Of a request one part lapses, and the other stays what it is. */
static void
only_what_waits_of_a_request_lapses(void **state)
{
    struct asked two = { .purposes = "service.billing,service.support" };
    struct consent_pick second = { .items = { 0, 1 } };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &two, id);
    assert_int_equal(try_approve(&b, id, second, NULL), VLT_OK);
    turn_commit(&b);
    b.now += 7 * VLT_DAY;
    turn_begin(&b);
    assert_int_equal(consent_clock(b.consent, b.txn, b.now - 1, &b.changes),
                     VLT_OK);
    assert_int_equal(b.changes.count, 0);
    assert_int_equal(consent_clock(b.consent, b.txn, b.now, &b.changes),
                     VLT_OK);
    assert_int_equal(b.changes.count, 1);
    assert_change(&b, 0, 11, CONSENT_LAPSED, CONSENT_EV_LAPSED);
    assert_int_equal(b.changes.at[0].part, 0);
    assert_int_equal(b.changes.at[0].left_out, 1);
    turn_commit(&b);
    assert_int_equal(part_state(&b, id, 1), CONSENT_ACTIVE);
    assert_int_equal(part_ended(&b, id, 0, CONSENT_BY_CLOCK), b.now);
    assert_int_equal(part_ended(&b, id, 1, 0), 0);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_ends_are_written_in_several_turns),
        cmocka_unit_test(many_suspensions_are_written_in_several_turns),
        cmocka_unit_test(many_requests_lapse_in_several_turns),
        cmocka_unit_test(only_what_waits_of_a_request_lapses),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
