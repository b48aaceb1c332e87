#include "import/timefmt.h"

#include "base/time.h"
#include "unit.h"

static enum vlt_status
read_as(enum timefmt_kind kind, const char *pattern, const char *text,
        int64_t *out)
{
    struct zone_walk walk = { 0 };
    struct zone *zone = NULL;
    bool gap;

    assert_int_equal(zone_fixed(3600, &zone), VLT_OK);
    struct timefmt format = { kind, pattern, zone };
    enum vlt_status st =
        timefmt_read(&format, vlt_slice_text(text), &walk, &gap, out);

    zone_free(zone);
    return st;
}

static void
a_pattern_is_followed(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        const char *time;
    } cases[] = {
        { "%Y-%m-%d %H:%M:%S", "2024-01-02 03:04:05", "2024-01-02T02:04:05Z" },
        { "%d.%m.%Y", "1.2.2024", "2024-01-31T23:00:00Z" },
        { "%m/%d/%Y %H:%M", " 12/31/1999 23:59\t", "1999-12-31T22:59:00Z" },
        { "%d %b %Y", "05 Mar 2020", "2020-03-04T23:00:00Z" },
        { "%d-%b-%Y", "05-DEC-2020", "2020-12-04T23:00:00Z" },
        { "%Y%m%d%H%M%S", "20240102030405", "2024-01-02T02:04:05Z" },
        { "%Y-%m-%dT%H:%M:%S.%f", "2024-01-02T03:04:05.25",
          "2024-01-02T02:04:05.25Z" },
        { "%Y-%m-%d %H:%M %z", "2024-01-02 03:04 -0130",
          "2024-01-02T04:34:00Z" },
        { "%Y-%m-%d %H:%M%z", "2024-01-02 03:04Z", "2024-01-02T03:04:00Z" },
        { "%Y-%m-%d %H:%M%z", "2024-01-02 03:04+02", "2024-01-02T01:04:00Z" },
        { "%Y-%m-%d %H:%M%z", "2024-01-02 03:04+02:30",
          "2024-01-02T00:34:00Z" },
        { "100%% %Y-%m-%d", "100% 1970-01-01", "1969-12-31T23:00:00Z" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t expected = 0;
        int64_t time = 1;

        print_message("%s\n", cases[i].text);
        assert_int_equal(
            vlt_time_parse(vlt_slice_text(cases[i].time), &expected), VLT_OK);
        assert_int_equal(
            read_as(TIMEFMT_PATTERN, cases[i].pattern, cases[i].text, &time),
            VLT_OK);
        assert_int_equal(time, expected);
    }
}

static void
what_does_not_follow_its_pattern_is_refused(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
    } cases[] = {
        { "%Y-%m-%d", "" },
        { "%Y-%m-%d", "24-01-02" },
        { "%Y-%m-%d", "2024-13-02" },
        { "%Y-%m-%d", "2023-02-29" },
        { "%Y-%m-%d", "2024-01-02 "
                      "3" },
        { "%Y-%m-%d", "2024-01-" },
        { "%Y-%m-%d %H:%M", "2024-01-02 24:00" },
        { "%Y-%m-%d %H:%M", "2024-01-02 03.04" },
        { "%d %b %Y", "05 Mai 2020" },
        { "%d %b %Y", "05 Ma" },
        { "%Y-%m-%d%z", "2024-01-02" },
        { "%Y-%m-%d%z", "2024-01-02+25:00" },
        { "%Y-%m-%d%z", "2024-01-02+01:" },
        { "%Y-%m-%d.%f", "2024-01-02." },
        { "%Y-%m-%d.%f", "2024-01-02.1234567890" },
    };
    int64_t time;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        print_message("%s\n", cases[i].text);
        assert_int_equal(
            read_as(TIMEFMT_PATTERN, cases[i].pattern, cases[i].text, &time),
            VLT_E_FORMAT);
    }
    assert_int_equal(read_as(TIMEFMT_PATTERN, "%Y-%m-%d", "2200-01-01", &time),
                     VLT_E_LIMIT);
}

static void
an_epoch_is_exact(void **state)
{
    static const struct {
        enum timefmt_kind kind;
        const char *text;
        int64_t time;
    } cases[] = {
        { TIMEFMT_EPOCH_S, "1700000000", INT64_C(1700000000000000000) },
        { TIMEFMT_EPOCH_S, "1700000000.123456789",
          INT64_C(1700000000123456789) },
        { TIMEFMT_EPOCH_S, "1.5000000000", INT64_C(1500000000) },
        { TIMEFMT_EPOCH_S, "-0.5", INT64_C(-500000000) },
        { TIMEFMT_EPOCH_S, "-1.25", INT64_C(-1250000000) },
        { TIMEFMT_EPOCH_MS, "1700000000123", INT64_C(1700000000123000000) },
        { TIMEFMT_EPOCH_MS, "0.000001", 1 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t time = 0;

        assert_int_equal(read_as(cases[i].kind, NULL, cases[i].text, &time),
                         VLT_OK);
        assert_int_equal(time, cases[i].time);
    }
}

static void
an_epoch_that_is_none_is_refused(void **state)
{
    int64_t time;

    assert_int_equal(read_as(TIMEFMT_EPOCH_S, NULL, "1e9", &time),
                     VLT_E_FORMAT);
    assert_int_equal(read_as(TIMEFMT_EPOCH_S, NULL, "1.", &time), VLT_E_FORMAT);
    assert_int_equal(read_as(TIMEFMT_EPOCH_S, NULL, ".5", &time), VLT_E_FORMAT);
    assert_int_equal(read_as(TIMEFMT_EPOCH_S, NULL, "1.0000000001", &time),
                     VLT_E_FORMAT);
    assert_int_equal(read_as(TIMEFMT_EPOCH_S, NULL, "1.-5", &time),
                     VLT_E_FORMAT);
    assert_int_equal(read_as(TIMEFMT_EPOCH_S, NULL, "4611686019", &time),
                     VLT_E_LIMIT);
    assert_int_equal(
        read_as(TIMEFMT_EPOCH_S, NULL, "9223372036854775807", &time),
        VLT_E_LIMIT);
}

static void
rfc_3339_keeps_its_offset(void **state)
{
    int64_t time = 0;

    assert_int_equal(
        read_as(TIMEFMT_RFC3339, NULL, " 1970-01-01T01:00:00+01:00 ", &time),
        VLT_OK);
    assert_int_equal(time, 0);
    assert_int_equal(read_as(TIMEFMT_RFC3339, NULL, "1970-01-01", &time),
                     VLT_E_FORMAT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_is_followed),
        cmocka_unit_test(what_does_not_follow_its_pattern_is_refused),
        cmocka_unit_test(an_epoch_is_exact),
        cmocka_unit_test(an_epoch_that_is_none_is_refused),
        cmocka_unit_test(rfc_3339_keeps_its_offset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
