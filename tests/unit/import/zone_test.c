#include "import/zone.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "import/zone_internal.h"
#include "unit.h"

static struct zone *
zone_of(const char *name)
{
    struct zone *zone = NULL;

    assert_int_equal(zone_load(vlt_slice_text(name), &zone), VLT_OK);
    return zone;
}

/* Seconds of an RFC 3339 text. */
static int64_t
at(const char *text)
{
    int64_t ns = 0;

    assert_int_equal(vlt_time_parse(vlt_slice_text(text), &ns), VLT_OK);
    return vlt_floor_div(ns, VLT_SECOND);
}

static void
a_place_has_its_offset_at_a_time(void **state)
{
    static const struct {
        const char *name;
        const char *time;
        int32_t offset;
    } cases[] = {
        { "UTC", "2024-06-01T00:00:00Z", 0 },
        { "-03:30", "2024-06-01T00:00:00Z", -12600 },
        { "Europe/Berlin", "2024-03-31T00:59:59Z", 3600 },
        { "Europe/Berlin", "2024-03-31T01:00:00Z", 7200 },
        { "Europe/Berlin", "2050-07-01T00:00:00Z", 7200 },
        { "Europe/Berlin", "2050-12-01T00:00:00Z", 3600 },
        { "Europe/Berlin", "2050-03-27T00:59:59Z", 3600 },
        { "Europe/Berlin", "2050-03-27T01:00:00Z", 7200 },
        { "Europe/Berlin", "2050-10-30T00:59:59Z", 7200 },
        { "Europe/Berlin", "2050-10-30T01:00:00Z", 3600 },
        { "America/New_York", "2024-11-03T05:59:59Z", -14400 },
        { "America/New_York", "2024-11-03T06:00:00Z", -18000 },
        { "Australia/Lord_Howe", "2045-01-01T00:00:00Z", 39600 },
        { "Australia/Lord_Howe", "2045-07-01T00:00:00Z", 37800 },
        { "Asia/Kolkata", "2024-01-01T00:00:00Z", 19800 },
        { "Europe/Berlin", "1880-01-01T00:00:00Z", 3208 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct zone *zone = zone_of(cases[i].name);

        print_message("%s %s\n", cases[i].name, cases[i].time);
        assert_int_equal(zone_offset(zone, at(cases[i].time)), cases[i].offset);
        zone_free(zone);
    }
}

static void
an_hour_that_comes_twice_is_told_by_order(void **state)
{
    struct zone *zone = zone_of("Europe/Berlin");
    struct zone_walk walk = { 0 };
    bool gap = true;

    /* Local 02:10, 02:50, then back to 02:10; once more in the next year. */
    assert_int_equal(zone_utc(zone, at("2024-10-27T02:10:00Z"), &walk, &gap),
                     at("2024-10-27T00:10:00Z"));
    assert_false(gap);
    assert_int_equal(zone_utc(zone, at("2024-10-27T02:50:00Z"), &walk, &gap),
                     at("2024-10-27T00:50:00Z"));
    assert_int_equal(zone_utc(zone, at("2024-10-27T02:10:00Z"), &walk, &gap),
                     at("2024-10-27T01:10:00Z"));
    assert_int_equal(zone_utc(zone, at("2024-10-27T02:50:00Z"), &walk, &gap),
                     at("2024-10-27T01:50:00Z"));
    assert_int_equal(zone_utc(zone, at("2024-10-27T03:00:00Z"), &walk, &gap),
                     at("2024-10-27T02:00:00Z"));
    assert_int_equal(zone_utc(zone, at("2025-10-26T02:30:00Z"), &walk, &gap),
                     at("2025-10-26T00:30:00Z"));
    zone_free(zone);
}

static void
an_hour_that_is_left_out_is_moved(void **state)
{
    struct zone *zone = zone_of("Europe/Berlin");
    struct zone_walk walk = { 0 };
    bool gap = false;

    assert_int_equal(zone_utc(zone, at("2024-03-31T02:30:00Z"), &walk, &gap),
                     at("2024-03-31T01:30:00Z"));
    assert_true(gap);
    assert_int_equal(zone_utc(zone, at("2024-03-31T03:30:00Z"), &walk, &gap),
                     at("2024-03-31T01:30:00Z"));
    assert_false(gap);
    zone_free(zone);
}

/* Every quarter of ten years, the last of the tables among them: local time of
 * a UTC time leads back to it, or to the other of two that have the same. */
static void
local_time_leads_back(void **state)
{
    static const char *const names[] = { "Europe/Berlin", "America/New_York",
                                         "Australia/Lord_Howe",
                                         "Africa/Casablanca" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct zone *zone = zone_of(names[i]);
        struct zone_walk walk = { 0 };
        int64_t end = at("2042-01-01T00:00:00Z");
        bool gap;

        for (int64_t utc = at("2032-01-01T00:00:00Z"); utc < end; utc += 900) {
            int64_t local = utc + zone_offset(zone, utc);

            assert_int_equal(zone_utc(zone, local, &walk, &gap), utc);
            assert_false(gap);
        }
        zone_free(zone);
    }
}

static void
what_is_no_zone_is_not_found(void **state)
{
    static const char *const names[] = {
        "",          "Europe",        "Europe/",      "/etc/localtime",
        "../../etc", "Europe/../UTC", "Europe//Rome", "+1:00",
        "+24:00",    "Nowhere/City",  "+00:60",
    };
    struct zone *zone = NULL;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        print_message("%s\n", names[i]);
        assert_int_not_equal(zone_load(vlt_slice_text(names[i]), &zone),
                             VLT_OK);
    }
}

static void
a_rule_is_read(void **state)
{
    static const char *const good[] = {
        "UTC0",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "EST5EDT,M3.2.0,M11.1.0",
        "XXX4YYY,J60/1,J300/25:30:15",
        "XXX4YYY5,0/-1,365",
    };
    static const char *const bad[] = {
        "",
        "CE-1",
        "CET",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J300",
        "CET-1CEST,M3.5.0,M10.5.0/3x",
        "<+10-10",
        "CET-168",
    };
    struct zone_rule rule;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        print_message("%s\n", good[i]);
        assert_true(zone_rule_read(vlt_slice_text(good[i]), &rule));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        print_message("%s\n", bad[i]);
        assert_false(zone_rule_read(vlt_slice_text(bad[i]), &rule));
    }
}

static void
julian_days_do_not_count_the_leap_day(void **state)
{
    struct zone_rule rule;

    assert_true(zone_rule_read(vlt_slice_text("AAA0BBB,J60/0,J61/0"), &rule));
    assert_int_equal(zone_rule_offset(&rule, at("2024-02-29T12:00:00Z")), 0);
    assert_int_equal(zone_rule_offset(&rule, at("2024-03-01T12:00:00Z")), 3600);
    assert_true(zone_rule_read(vlt_slice_text("AAA0BBB,59/0,60/0"), &rule));
    assert_int_equal(zone_rule_offset(&rule, at("2024-02-29T12:00:00Z")), 3600);
}

static void
a_file_cut_anywhere_is_refused(void **state)
{
    static uint8_t bytes[ZONE_FILE];
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "rb");
    struct zone *zone = NULL;

    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof bytes, file);

    fclose(file);
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(zone_parse(vlt_slice_of(bytes, cut), &zone),
                         VLT_E_FORMAT);
    }
    assert_int_equal(zone_parse(vlt_slice_of(bytes, len), &zone), VLT_OK);
    zone_free(zone);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_has_its_offset_at_a_time),
        cmocka_unit_test(an_hour_that_comes_twice_is_told_by_order),
        cmocka_unit_test(an_hour_that_is_left_out_is_moved),
        cmocka_unit_test(local_time_leads_back),
        cmocka_unit_test(what_is_no_zone_is_not_found),
        cmocka_unit_test(a_rule_is_read),
        cmocka_unit_test(julian_days_do_not_count_the_leap_day),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
