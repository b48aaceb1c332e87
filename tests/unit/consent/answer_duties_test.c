/* What the vault owes to an owner who approves: what rules demand, and what the
 * owner adds.  Of each the stricter holds. */
#include "bench.h"

/* A permit that matches and, by its window, does not let the bill through. */
#define RULE(more)                                                             \
    "version: 1\n"                                                             \
    "rules:\n"                                                                 \
    "  - {name: r, effect: permit, data: energy, window: 0s" more "}\n"

static const char none[] = "version: 1\n";

static const struct consent_narrow unsaid = { .until = INT64_MAX,
                                              .ask_each = -1,
                                              .notify = -1 };

/* The obligations of a grant that the owner makes under rules. */
static struct policy_duties
duties_of_grant(struct bench *b, const char *rules, const char *items,
                struct consent_pick pick, const struct consent_narrow *narrow)
{
    struct asked asked = { .items = items };
    struct policy_duties duties;
    uint8_t id[VLT_ID_LEN];

    set_rules(b, rules);
    turn_begin(b);
    submit(b, &asked, id);
    assert_int_equal(try_approve(b, id, pick, narrow), VLT_OK);
    duties = b->changes.at[1].grant->duties;
    turn_abort(b);
    return duties;
}

static struct policy_duties
duties(struct bench *b, const char *rules, const struct consent_narrow *narrow)
{
    return duties_of_grant(b, rules, NULL, (struct consent_pick){ .all = true },
                           narrow);
}

static void
without_a_word_it_is_weekly_with_names_and_nothing_new(void **state)
{
    struct policy_duties said;
    struct bench b;

    bench_begin(&b);
    for (int i = 0; i < 2; i++) {
        said = duties(&b, none, i == 0 ? NULL : &unsaid);
        assert_int_equal(said.notify, POLICY_NOTIFY_WEEKLY);
        assert_false(said.ask_each);
        assert_int_equal(said.min_readings, 2);
        assert_true(said.show_names);
        assert_false(said.join_new_streams);
    }
    bench_end(&b);
}

static void
names_are_hidden_where_a_rule_or_the_owner_hides_them(void **state)
{
    static const struct {
        const char *rules;
        const char *owner;
        bool shown;
    } cases[] = {
        { none, "show", true },
        { none, "hide", false },
        { RULE(""), NULL, false },
        { RULE(""), "show", false },
        { RULE(", names: show"), NULL, true },
        { RULE(", names: show"), "hide", false },
    };
    struct bench b;

    bench_begin(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct consent_narrow narrow = unsaid;

        narrow.names = cases[i].owner;
        assert_int_equal(duties(&b, cases[i].rules, &narrow).show_names,
                         cases[i].shown);
    }
    bench_end(&b);
}

static void
the_owner_hears_as_often_as_a_rule_or_the_owner_says(void **state)
{
    static const struct {
        const char *rules;
        int owner;
        enum policy_notify notify;
    } cases[] = {
        { none, POLICY_NOTIFY_EACH, POLICY_NOTIFY_EACH },
        { none, POLICY_NOTIFY_FIRST, POLICY_NOTIFY_FIRST },
        { none, POLICY_NOTIFY_WEEKLY, POLICY_NOTIFY_WEEKLY },
        { RULE(", notify: first"), -1, POLICY_NOTIFY_FIRST },
        { RULE(", notify: first"), POLICY_NOTIFY_DAILY, POLICY_NOTIFY_FIRST },
        { RULE(", notify: first"), POLICY_NOTIFY_EACH, POLICY_NOTIFY_EACH },
    };
    struct bench b;

    bench_begin(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct consent_narrow narrow = unsaid;

        narrow.notify = cases[i].owner;
        assert_int_equal(duties(&b, cases[i].rules, &narrow).notify,
                         cases[i].notify);
    }
    bench_end(&b);
}

static void
each_use_is_asked_about_where_a_rule_or_the_owner_says_so(void **state)
{
    static const struct {
        const char *rules;
        int owner;
        bool asks;
    } cases[] = {
        { none, 0, false },
        { none, 1, true },
        { RULE(", ask_each: yes"), -1, true },
        { RULE(", ask_each: yes"), 0, true },
    };
    struct bench b;

    bench_begin(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct consent_narrow narrow = unsaid;

        narrow.ask_each = cases[i].owner;
        assert_int_equal(duties(&b, cases[i].rules, &narrow).ask_each,
                         cases[i].asks);
    }
    bench_end(&b);
}

static void
new_streams_join_where_the_owner_says_so_and_no_rule_holds_them(void **state)
{
    static const struct {
        const char *rules;
        const char *owner;
        bool joins;
    } cases[] = {
        { none, "include", true },
        { none, "hold", false },
        { RULE(""), "include", false },
        { RULE(", new_streams: include"), "include", true },
        { RULE(", new_streams: include"), "hold", false },
        { RULE(", new_streams: include"), NULL, false },
    };
    struct bench b;

    bench_begin(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct consent_narrow narrow = unsaid;

        narrow.new_streams = cases[i].owner;
        assert_int_equal(duties(&b, cases[i].rules, &narrow).join_new_streams,
                         cases[i].joins);
    }
    bench_end(&b);
}

/* Obligations are of atoms: what is not given obliges to nothing. */
static void
what_is_left_out_of_a_part_obliges_to_nothing(void **state)
{
    static const char two[] =
        ITEM(1, "energy.electricity", "") "," ITEM(2, "energy.gas", "");
    static const char gas[] = "version: 1\n"
                              "rules:\n"
                              "  - {name: g, effect: permit, window: 0s, "
                              "data: energy.gas, min_readings: 9, "
                              "notify: each}\n";
    struct consent_narrow include = unsaid;
    struct policy_duties said;
    struct bench b;

    include.new_streams = "include";
    bench_begin(&b);
    said = duties_of_grant(&b, gas, two,
                           (struct consent_pick){ .items = { 1 } }, &include);
    assert_int_equal(said.min_readings, 2);
    assert_int_equal(said.notify, POLICY_NOTIFY_WEEKLY);
    assert_true(said.join_new_streams);
    /* Of the first atom as of the second. */
    said = duties_of_grant(&b, RULE(", purpose: service.billing"), two,
                           (struct consent_pick){ .items = { 3 } }, &include);
    assert_false(said.join_new_streams);
    said = duties_of_grant(&b, gas, two,
                           (struct consent_pick){ .items = { 3 } }, &include);
    assert_int_equal(said.min_readings, 9);
    assert_int_equal(said.notify, POLICY_NOTIFY_EACH);
    assert_false(said.join_new_streams);
    bench_end(&b);
}

/* Streams that are named are all that is given. */
static void
where_streams_are_named_new_ones_cannot_be_included(void **state)
{
    const struct vlt_slice only = vlt_slice_text("power/b");
    static const struct {
        const char *new_streams;
        enum vlt_status st;
    } cases[] = {
        { "include", VLT_E_FORMAT },
        { "hold", VLT_OK },
        { NULL, VLT_OK },
    };
    struct asked asked = { .uses = NULL };
    uint8_t id[VLT_ID_LEN];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    submit(&b, &asked, id);
    turn_commit(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct consent_narrow narrow = unsaid;

        narrow.streams = 1;
        narrow.stream = &only;
        narrow.new_streams = cases[i].new_streams;
        turn_begin(&b);
        assert_int_equal(
            try_approve(&b, id, (struct consent_pick){ .all = true }, &narrow),
            cases[i].st);
        turn_abort(&b);
    }
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            without_a_word_it_is_weekly_with_names_and_nothing_new),
        cmocka_unit_test(names_are_hidden_where_a_rule_or_the_owner_hides_them),
        cmocka_unit_test(the_owner_hears_as_often_as_a_rule_or_the_owner_says),
        cmocka_unit_test(
            each_use_is_asked_about_where_a_rule_or_the_owner_says_so),
        cmocka_unit_test(
            new_streams_join_where_the_owner_says_so_and_no_rule_holds_them),
        cmocka_unit_test(what_is_left_out_of_a_part_obliges_to_nothing),
        cmocka_unit_test(where_streams_are_named_new_ones_cannot_be_included),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
