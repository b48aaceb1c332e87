/* A grant from its record: as it was written, as vaults of before wrote it, and
 * damaged. */
#include "full_grant.h"

/* Read the record of a grant, with a passage of it changed. */
static enum vlt_status
read_changed(struct bench *b, const struct grant *grant, const char *from,
             const char *to, struct grant_box **out)
{
    struct vlt_buf record = { 0 };
    struct vlt_slice text;
    enum vlt_status st;

    grant_record_put(&record, box_of(grant));
    text = changed_text(vlt_buf_slice(&record), from, to);
    st = grant_record_get(b->consent, grant->id, text, out);
    vlt_buf_free(&record);
    free((void *)(uintptr_t)text.at);
    return st;
}

/* The same records again are the same bytes. */
static void
what_is_read_is_what_was_written(void **state)
{
    struct vlt_buf before = { 0 };
    struct vlt_buf after = { 0 };
    struct grant_box *box = NULL;
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = full_grant(&b);
    grant_record_put(&before, box_of(grant));
    assert_int_equal(
        grant_record_get(b.consent, grant->id, vlt_buf_slice(&before), &box),
        VLT_OK);
    grant_record_put(&after, box);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.at, after.at, before.len);
    assert_memory_equal(box->grant.id, grant->id, VLT_ID_LEN);
    grant_release(&box->grant);
    vlt_buf_free(&before);
    vlt_buf_free(&after);
    grant_release(grant);
    bench_end(&b);
}

/* Cut anywhere, or with any byte changed, it is read or refused. */
static void
it_survives_any_change(void **state)
{
    struct vlt_buf record = { 0 };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = full_grant(&b);
    grant_record_put(&record, box_of(grant));
    for (size_t i = 0; i < 2 * record.len; i++) {
        struct vlt_slice json = vlt_buf_slice(&record);
        uint8_t byte = record.at[i / 2];
        struct grant_box *box = NULL;
        enum vlt_status st;

        if (i % 2 == 0) {
            json.len = i / 2;
        } else {
            record.at[i / 2] = byte == '9' ? '0' : byte + 1;
        }
        st = grant_record_get(b.consent, grant->id, json, &box);
        assert_true(st == VLT_OK || st == VLT_E_FORMAT || st == VLT_E_LIMIT);
        assert_true(st != VLT_OK || i % 2 == 1);
        assert_int_equal(box != NULL, st == VLT_OK);
        record.at[i / 2] = byte;
        grant_release(box != NULL ? &box->grant : NULL);
    }
    vlt_buf_free(&record);
    grant_release(grant);
    bench_end(&b);
}

static void
what_cannot_be_of_a_grant_is_refused(void **state)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        { "\"v\":1", "\"v\":2" },
        { "\"v\":1", "\"v\":0" },
        { "\"v\":1", "\"v\":1,\"w\":1" },
        { "\"acks\":1", "\"acks\":-1" },
        { "\"alias\":\"energy.electricity/1\"", "\"alias\":\"\"" },
        { "\"n\":1,\"stream\":\"03", "\"n\":0,\"stream\":\"03" },
        { "\"n\":1,\"stream\":\"03", "\"n\":9,\"stream\":\"03" },
        { "\"n\":1,\"stream\":\"03", "\"n\":1,\"stream\":\"0x" },
        { "\"n\":1,\"stream\":\"03", "\"n\":1,\"stream\":\"3" },
        { "\"n\":1,\"round_length\"", "\"n\":2,\"round_length\"" },
        { "\"n\":1,\"round_length\"", "\"n\":9,\"round_length\"" },
        { "\"min_readings\":2", "\"min_readings\":0" },
        { "\"min_readings\":2", "\"min_readings\":1001" },
        { "\"notify\":3", "\"notify\":4" },
        { "\"notify\":3", "\"notify\":-1" },
        { "\"duties\":{", "\"duties\":{\"more\":1," },
        { "\"firm\":\"07", "\"firm\":\"0z" },
        { "\"life_s\":7776000", "\"life_s\":0" },
        { "\"part\":0", "\"part\":1" },
        { "\"part\":0", "\"part\":-1" },
        { "\"rate_n\":4", "\"rate_n\":1001" },
        { "\"rate_n\":4", "\"rate_n\":-1" },
        { "\"state\":\"suspended\"", "\"state\":\"denied\"" },
        { "\"state_by\":1", "\"state_by\":0" },
        { "\"state_by\":1", "\"state_by\":5" },
        { "\"terms_version\":1", "\"terms_version\":0" },
        { "\"use_seq\":3", "\"use_seq\":-1" },
        { "\"gaps\":[{", "\"gaps\":[{\"more\":1," },
        { "\"exceptions\":[{", "\"exceptions\":[{\"more\":1," },
        { "\"law\":\"Tax Act\"", "\"law\":\"\"" },
        { "\"kept\":[{", "\"kept\":[{\"more\":1," },
        { "\"held_by_firm\":{", "\"held_by_firm\":{\"more\":1," },
        { "\"recent\":[\"1", "\"recent\":[\"x1" },
        { "\"from\":1,\"law\"", "\"from\":0,\"law\"" },
        { "\"law\":\"Tax Act\",\"to\":1", "\"law\":\"Tax Act\",\"to\":0" },
        { "\"to\":3", "\"to\":0" },
        { "\"stated\":1", "\"stated\":-1" },
        { "\"rules\":[\"bill\"", "\"rules\":[\"\"" },
        { "\"rules\":[\"bill\"",
          "\"rules\":[\"a234567890123456789012345678901234567890123456789012345"
          "678901234\"" },
        { "\"policy_version\":1", "\"policy_version\":-1" },
        { "\"request\":\"0", "\"request\":\"1" },
        { "\"request\":\"0", "\"request\":\"" },
    };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = full_grant(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct grant_box *box = NULL;

        print_message("%s\n", cases[i].to);
        assert_int_equal(
            read_changed(&b, grant, cases[i].from, cases[i].to, &box),
            VLT_E_FORMAT);
        assert_null(box);
    }
    grant_release(grant);
    bench_end(&b);
}

/* The limits of what can be are among it. */
static void
what_is_just_possible_is_read(void **state)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        { "\"min_readings\":2", "\"min_readings\":1" },
        { "\"min_readings\":2", "\"min_readings\":1000" },
        { "\"notify\":3", "\"notify\":0" },
        { "\"rate_n\":4", "\"rate_n\":0" },
        { "\"rate_n\":4", "\"rate_n\":1000" },
        { "\"life_s\":7776000", "\"life_s\":1" },
        { "\"state_by\":1", "\"state_by\":4" },
        { "\"state\":\"suspended\"", "\"state\":\"replaced\"" },
        { "\"n\":1,\"stream\":\"03", "\"n\":8,\"stream\":\"03" },
        { "\"alias\":\"energy.electricity/1\"", "\"alias\":\"a\"" },
        { "\"policy_version\":1", "\"policy_version\":0" },
        { "\"rules\":[\"bill\"",
          "\"rules\":[\"a23456789012345678901234567890123456789012345678901234"
          "567890123\"" },
        { "\"event_seq\":0", "\"event_seq\":9007199254740991" },
    };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = full_grant(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct grant_box *box = NULL;

        print_message("%s\n", cases[i].to);
        assert_int_equal(
            read_changed(&b, grant, cases[i].from, cases[i].to, &box), VLT_OK);
        grant_release(&box->grant);
    }
    grant_release(grant);
    bench_end(&b);
}

/* ---- of before ---- */

/* Cut a passage out of the record, from its beginning on up to the next. */
static struct grant_box *
without(struct bench *b, const struct grant *grant, const char *from,
        const char *next)
{
    struct vlt_buf record = { 0 };
    struct vlt_buf old = { 0 };
    struct grant_box *box = NULL;
    char *text;
    char *at;

    grant_record_put(&record, box_of(grant));
    text = vlt_text_copy(vlt_buf_slice(&record));
    at = strstr(text, from);
    assert_non_null(at);
    vlt_buf_put(&old, text, (size_t)(at - text));
    at = strstr(at + 1, next);
    assert_non_null(at);
    vlt_buf_put_text(&old, at);
    assert_int_equal(
        grant_record_get(b->consent, grant->id, vlt_buf_slice(&old), &box),
        VLT_OK);
    vlt_buf_free(&record);
    vlt_buf_free(&old);
    free(text);
    return box;
}

static void
records_of_before_are_read(void **state)
{
    const struct grant *grant;
    struct grant_box *box;
    struct bench b;

    bench_begin(&b);
    grant = full_grant(&b);
    box = without(&b, grant, "\"acked\"", "\"aliases\"");
    assert_int_equal(box->grant.acks, 0);
    assert_int_equal(box->grant.acked, 0);
    grant_release(&box->grant);
    box = without(&b, grant, "\"aliases\"", "\"bound\"");
    assert_int_equal(box->aliases, 2); /* the highest that is in use */
    grant_release(&box->grant);
    box = without(&b, grant, "\"told\"", "\"receipt_seq\"");
    assert_int_equal(box->grant.told, 0);
    assert_int_equal(box->grant.told_seq, 3); /* nothing is told any more */
    grant_release(&box->grant);
    box = without(&b, grant, "\"gaps\"", "\"suspended\"");
    assert_int_equal(box->grant.gap_count, 0);
    assert_null(box->grant.gap);
    grant_release(&box->grant);
    box = without(&b, grant, "\"asked_by\"", "\"demanded\"");
    assert_int_equal(box->grant.asked_by, box->grant.demanded_by);
    grant_release(&box->grant);
    box = without(&b, grant, "\"demanded_first\"", "\"exceptions\"");
    assert_int_equal(box->grant.demanded_first, box->grant.demanded);
    grant_release(&box->grant);
    box = without(&b, grant, "\"held_by_firm\"", "\"v\":1");
    assert_int_equal(box->grant.kept_count, 1);
    assert_int_equal(box->grant.kept[0].to, 3);
    assert_int_equal(box->grant.kept[0].delivered, grant->last_use);
    assert_int_equal(box->grant.exception_count, 0);
    grant_release(&box->grant);
    grant_release(grant);
    bench_end(&b);
}

/* An alias that has no number takes none away. */
static void
aliases_count_on_from_the_highest_number(void **state)
{
    static const struct {
        const char *alias;
        size_t highest;
    } cases[] = {
        { "energy.electricity/7", 7 },  { "energy.electricity", 2 },
        { "energy.electricity/x", 2 },  { "energy.electricity/0", 2 },
        { "energy.electricity/-9", 2 }, { "energy/9/4", 4 },
    };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = full_grant(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct grant_box *box = NULL;

        assert_int_equal(read_changed(&b, grant, "energy.electricity/1",
                                      cases[i].alias, &box),
                         VLT_OK);
        print_message("%s\n", cases[i].alias);
        assert_int_equal(box->aliases, cases[i].highest);
        grant_release(&box->grant);
    }
    grant_release(grant);
    bench_end(&b);
}

/* Numbers are written as text from 2^53 on, and may be small. */
static void
times_of_uses_are_read_however_they_are_written(void **state)
{
    struct asked asked = { .rate = "{\"n\":1,\"per_s\":60}" };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    b.now = 100 * VLT_SECOND;
    grant = grant_by_hand(&b, &asked);
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    bench_reopen(&b);
    b.now += 60 * VLT_SECOND - 1;
    assert_int_equal(commit_use(&b, grant), CONSENT_NO_RATE);
    b.now++;
    assert_int_equal(commit_use(&b, grant), CONSENT_YES);
    grant_release(grant);
    bench_end(&b);
}

/* What a grant has only once something happened is not in its record before, so
 * that records of before and of now are the same where nothing did. */
static void
what_has_not_happened_is_not_written(void **state)
{
    static const char *const later[] = {
        "\"acks\"", "\"acked\"",      "\"cut\"",         "\"gaps\"",
        "\"prev\"", "\"suspended\":", "\"held_by_firm\""
    };
    struct asked asked = { .uses = NULL };
    struct vlt_buf record = { 0 };
    const struct grant *grant;
    struct bench b;

    bench_begin(&b);
    grant = grant_by_hand(&b, &asked);
    grant_record_put(&record, box_of(grant));
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        print_message("%s\n", later[i]);
        assert_null(strstr(vlt_buf_text(&record), later[i]));
    }
    vlt_buf_free(&record);
    grant_release(grant);
    grant = full_grant(&b);
    grant_record_put(&record, box_of(grant));
    assert_non_null(strstr(vlt_buf_text(&record), "\"acks\":1"));
    assert_non_null(strstr(vlt_buf_text(&record), "\"gaps\":[{"));
    assert_null(strstr(vlt_buf_text(&record), "\"prev\""));
    vlt_buf_free(&record);
    grant_release(grant);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_is_what_was_written),
        cmocka_unit_test(it_survives_any_change),
        cmocka_unit_test(what_cannot_be_of_a_grant_is_refused),
        cmocka_unit_test(what_is_just_possible_is_read),
        cmocka_unit_test(records_of_before_are_read),
        cmocka_unit_test(aliases_count_on_from_the_highest_number),
        cmocka_unit_test(times_of_uses_are_read_however_they_are_written),
        cmocka_unit_test(what_has_not_happened_is_not_written),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
