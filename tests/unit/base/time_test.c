#include "base/time.h"

#include <string.h>

#include "unit.h"

/* Texts and what they mean, found with another program (GNU date). */
static const struct {
    const char *text;
    int64_t ns;
    const char *print; /* NULL: the same text */
} read[] = {
    { "1970-01-01T00:00:00Z", 0, NULL },
    { "1969-12-31T23:59:59.999999999Z", -1, NULL },
    { "2026-11-25T18:20:42Z", INT64_C(1795630842) * VLT_SECOND, NULL },
    { "2026-11-25T18:20:42.120Z", INT64_C(1795630842) * VLT_SECOND + 120000000,
      NULL },
    { "2026-11-25T18:20:42.12Z", INT64_C(1795630842) * VLT_SECOND + 120000000,
      "2026-11-25T18:20:42.120Z" },
    { "2026-11-25T18:20:42.000001Z", INT64_C(1795630842) * VLT_SECOND + 1000,
      NULL },
    { "2026-11-25T18:20:42.000000001Z", INT64_C(1795630842) * VLT_SECOND + 1,
      NULL },
    { "2026-11-25T19:20:42+01:00", INT64_C(1795630842) * VLT_SECOND,
      "2026-11-25T18:20:42Z" },
    { "2026-11-25t12:50:42-05:30", INT64_C(1795630842) * VLT_SECOND,
      "2026-11-25T18:20:42Z" },
    { "2026-11-25t18:20:42z", INT64_C(1795630842) * VLT_SECOND,
      "2026-11-25T18:20:42Z" },
    { "2000-02-29T00:00:00-00:00", INT64_C(951782400) * VLT_SECOND,
      "2000-02-29T00:00:00Z" },
    { "1900-02-28T23:59:59Z", INT64_C(-2203891201) * VLT_SECOND, NULL },
    { "1823-11-12T00:06:21.572612096Z", VLT_TIME_MIN, NULL },
};

static void
rfc3339_means_what_it_says(void **state)
{
    char print[VLT_TIME_TEXT];
    int64_t ns;

    for (size_t i = 0; i < sizeof read / sizeof read[0]; i++) {
        print_message("%s\n", read[i].text);
        assert_int_equal(vlt_time_parse(vlt_slice_text(read[i].text), &ns),
                         VLT_OK);
        assert_true(ns == read[i].ns);
        assert_string_equal(vlt_time_print(ns, print), read[i].print != NULL
                                                           ? read[i].print
                                                           : read[i].text);
    }
}

static const struct {
    const char *text;
    enum vlt_status st;
} refused[] = {
    { "", VLT_E_FORMAT },
    { "2026-11-25", VLT_E_FORMAT },
    { "2026-11-25T18:20:42", VLT_E_FORMAT },
    { "2026-11-25 18:20:42Z", VLT_E_FORMAT },
    { "2026-11-25T18:20Z", VLT_E_FORMAT },
    { "2026-11-25T18:20:42Z ", VLT_E_FORMAT },
    { " 2026-11-25T18:20:42Z", VLT_E_FORMAT },
    { "2026-11-25T18:20:42.Z", VLT_E_FORMAT },
    { "2026-11-25T18:20:42.0000000001Z", VLT_E_FORMAT },
    { "2026-11-25T18:20:42,5Z", VLT_E_FORMAT },
    { "2026-11-25T18:20:42+0100", VLT_E_FORMAT },
    { "2026-11-25T18:20:42+24:00", VLT_E_FORMAT },
    { "2026-11-25T18:20:42+01:60", VLT_E_FORMAT },
    { "2026-11-25T18:20:60Z", VLT_E_FORMAT },
    { "2026-11-25T24:00:00Z", VLT_E_FORMAT },
    { "2026-11-25T18:60:00Z", VLT_E_FORMAT },
    { "2026-11-31T18:20:42Z", VLT_E_FORMAT },
    { "2026-13-01T18:20:42Z", VLT_E_FORMAT },
    { "2026-00-01T18:20:42Z", VLT_E_FORMAT },
    { "2026-01-00T18:20:42Z", VLT_E_FORMAT },
    { "2026-02-29T18:20:42Z", VLT_E_FORMAT },
    { "1900-02-29T18:20:42Z", VLT_E_FORMAT },
    { "+026-11-25T18:20:42Z", VLT_E_FORMAT },
    { "0000-01-01T00:00:00Z", VLT_E_LIMIT },
    { "1823-11-12T00:06:21.572612095Z", VLT_E_LIMIT },
    { "2300-01-01T00:00:00Z", VLT_E_LIMIT },
    { "9999-12-31T23:59:59Z", VLT_E_LIMIT },
};

static void
what_is_no_time_is_refused(void **state)
{
    int64_t ns = 42;

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        print_message("%s\n", refused[i].text);
        assert_int_equal(vlt_time_parse(vlt_slice_text(refused[i].text), &ns),
                         refused[i].st);
        assert_true(ns == 42);
    }
}

static void
a_time_cut_anywhere_is_refused(void **state)
{
    const char *text = "2026-11-25T18:20:42.123456789+01:00";
    int64_t ns;

    for (size_t len = 0; len < strlen(text); len++) {
        assert_int_equal(vlt_time_parse(vlt_slice_of(text, len), &ns),
                         VLT_E_FORMAT);
    }
}

static void
the_range_is_half_open(void **state)
{
    struct vlt_civil last = vlt_civil_of(VLT_TIME_MAX - 1);
    struct vlt_civil behind = vlt_civil_of(VLT_TIME_MAX);
    struct vlt_civil first = vlt_civil_of(VLT_TIME_MIN);
    struct vlt_civil before = vlt_civil_of(VLT_TIME_MIN - 1);
    int64_t ns;

    assert_int_equal(vlt_time_from_civil(&last, &ns), VLT_OK);
    assert_true(ns == VLT_TIME_MAX - 1);
    assert_int_equal(vlt_time_from_civil(&first, &ns), VLT_OK);
    assert_true(ns == VLT_TIME_MIN);
    assert_int_equal(vlt_time_from_civil(&behind, &ns), VLT_E_LIMIT);
    assert_int_equal(vlt_time_from_civil(&before, &ns), VLT_E_LIMIT);
}

static void
each_day_follows_the_one_before(void **state)
{
    int64_t days = vlt_days_from_civil(1600, 1, 1);

    for (int64_t d = days; d < days + 800 * 366; d++) {
        /* Only within what nanoseconds hold can a day be turned back. */
        if (d < -106000 || d > 106000) {
            continue;
        }
        struct vlt_civil c = vlt_civil_of(d * VLT_DAY + VLT_DAY - 1);

        assert_true(vlt_civil_valid(&c));
        assert_true(vlt_days_from_civil(c.year, c.month, c.day) == d);
        assert_int_equal(c.hour, 23);
        assert_true(c.ns == VLT_SECOND - 1);
    }
}

static void
print_then_parse_is_the_same_time(void **state)
{
    char text[VLT_TIME_TEXT];
    uint64_t x = 88172645463325252U;
    int64_t ns;

    for (int i = 0; i < 20000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        int64_t time = (int64_t)(x >> 1) - VLT_TIME_MAX;

        vlt_time_print(time, text);
        assert_int_equal(vlt_time_parse(vlt_slice_text(text), &ns), VLT_OK);
        assert_true(ns == time);
    }
}

static void
the_ends_of_int64_can_be_printed(void **state)
{
    char text[VLT_TIME_TEXT];

    assert_string_equal(vlt_time_print(INT64_MIN, text),
                        "1677-09-21T00:12:43.145224192Z");
    assert_string_equal(vlt_time_print(INT64_MAX, text),
                        "2262-04-11T23:47:16.854775807Z");
}

/* Steps of less than a minute, of more, and back. */
static void
printed_behind_another_it_is_the_same_text(void **state)
{
    static const int64_t steps[] = { 1,
                                     1000000,
                                     999999999,
                                     VLT_SECOND,
                                     59 * VLT_SECOND,
                                     VLT_MINUTE,
                                     -VLT_MINUTE - 1,
                                     VLT_DAY + 7,
                                     -400 * VLT_DAY };
    const size_t count = sizeof steps / sizeof steps[0];
    struct vlt_time_last last = { .some = false };
    int64_t ns = -VLT_DAY;

    for (size_t i = 0; i < 20000; i++) {
        char each[VLT_TIME_TEXT];
        char next[VLT_TIME_TEXT];
        size_t len = vlt_time_print_next(&last, ns, next);

        assert_string_equal(next, vlt_time_print(ns, each));
        assert_int_equal(len, strlen(each));
        ns += steps[i * i % count] * (int64_t)(1 + i % 3);
    }
}

static void
division_rounds_down(void **state)
{
    assert_int_equal(vlt_floor_div(7, 2), 3);
    assert_int_equal(vlt_floor_div(-7, 2), -4);
    assert_int_equal(vlt_floor_div(-8, 2), -4);
    assert_int_equal(vlt_floor_div(0, 2), 0);
}

static const struct {
    const char *text;
    enum vlt_status st;
    int64_t ns;
} durations[] = {
    { "0s", VLT_OK, 0 },
    { "90s", VLT_OK, 90 * VLT_SECOND },
    { "15min", VLT_OK, 15 * VLT_MINUTE },
    { "2h", VLT_OK, 2 * VLT_HOUR },
    { "90d", VLT_OK, 90 * VLT_DAY },
    { "4w", VLT_OK, 28 * VLT_DAY },
    { "100y", VLT_OK, 36500 * VLT_DAY },
    { "36500d", VLT_OK, 36500 * VLT_DAY },
    { "101y", VLT_E_LIMIT, 0 },
    { "36501d", VLT_E_LIMIT, 0 },
    { "99999999999999999999s", VLT_E_LIMIT, 0 },
    { "", VLT_E_FORMAT, 0 },
    { "90", VLT_E_FORMAT, 0 },
    { "d", VLT_E_FORMAT, 0 },
    { "90m", VLT_E_FORMAT, 0 },
    { "90 d", VLT_E_FORMAT, 0 },
    { "-1d", VLT_E_FORMAT, 0 },
    { "1.5h", VLT_E_FORMAT, 0 },
    { "90D", VLT_E_FORMAT, 0 },
    { "90days", VLT_E_FORMAT, 0 },
};

static void
a_duration_is_a_number_and_its_unit(void **state)
{
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        int64_t ns = 0;

        print_message("'%s'\n", durations[i].text);
        assert_int_equal(
            vlt_duration_parse(vlt_slice_text(durations[i].text), &ns),
            durations[i].st);
        assert_true(ns == durations[i].ns);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc3339_means_what_it_says),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(a_time_cut_anywhere_is_refused),
        cmocka_unit_test(the_range_is_half_open),
        cmocka_unit_test(each_day_follows_the_one_before),
        cmocka_unit_test(print_then_parse_is_the_same_time),
        cmocka_unit_test(the_ends_of_int64_can_be_printed),
        cmocka_unit_test(printed_behind_another_it_is_the_same_text),
        cmocka_unit_test(division_rounds_down),
        cmocka_unit_test(a_duration_is_a_number_and_its_unit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
