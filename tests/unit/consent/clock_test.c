#include "bench.h"

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_ends_are_written_in_several_turns),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
