#include <string.h>

#include "unit.h"

#include "base/time.h"
#include "terms/value.h"

/* ---- details ---- */

static const struct {
    const char *text;
    unsigned stats;
    int64_t bucket_s;
    const char *printed; /* NULL: as it was */
} details[] = {
    { "raw", 0, 0, NULL },
    { "any/1h", VOCAB_STATS_ALL, 3600, NULL },
    { "mean/15min", 1, 900, NULL },
    { "min+max/1d", 4 | 8, 86400, NULL },
    { "last+first/4w", 32 | 64, 2419200, "first+last/4w" },
    { "mean+sum+min+max+count+first+last/1w", VOCAB_STATS_ALL, 604800,
      "any/1w" },
};

static void
details_are_read_and_printed(void **state)
{
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++) {
        enum terms_detail_fault why;
        struct vlt_slice part;
        struct vlt_buf out = { 0 };
        unsigned stats;
        int64_t bucket;

        print_message("%s\n", details[i].text);
        assert_int_equal(terms_parse_detail(vlt_slice_text(details[i].text),
                                            &stats, &bucket, &why, &part),
                         VLT_OK);
        assert_int_equal(stats, details[i].stats);
        assert_int_equal(bucket, details[i].bucket_s);
        terms_put_detail(&out, stats, bucket);
        assert_string_equal(vlt_buf_text(&out), details[i].printed == NULL
                                                    ? details[i].text
                                                    : details[i].printed);
        vlt_buf_free(&out);
    }
}

static const struct {
    const char *text;
    enum terms_detail_fault why;
    const char *part;
} no_details[] = {
    { "", TERMS_DETAIL_FORM, "" },
    { "mean", TERMS_DETAIL_FORM, "mean" },
    { "RAW", TERMS_DETAIL_FORM, "RAW" },
    { "/1h", TERMS_DETAIL_STAT, "" },
    { "avg/1h", TERMS_DETAIL_STAT, "avg" },
    { "mean+/1h", TERMS_DETAIL_STAT, "" },
    { "mean+median/1h", TERMS_DETAIL_STAT, "median" },
    { "mean+mean/1h", TERMS_DETAIL_TWICE, "mean" },
    { "mean+any/1h", TERMS_DETAIL_TWICE, "any" },
    { "any+mean/1h", TERMS_DETAIL_TWICE, "mean" },
    { "mean/20min", TERMS_DETAIL_BUCKET, "20min" },
    { "mean/", TERMS_DETAIL_BUCKET, "" },
    { "mean/1h/1h", TERMS_DETAIL_BUCKET, "1h/1h" },
};

static void
what_is_no_detail_is_told_by_its_part(void **state)
{
    for (size_t i = 0; i < sizeof no_details / sizeof no_details[0]; i++) {
        enum terms_detail_fault why;
        struct vlt_slice part;
        unsigned stats = 77;
        int64_t bucket = 77;

        print_message("%s\n", no_details[i].text);
        assert_int_equal(terms_parse_detail(vlt_slice_text(no_details[i].text),
                                            &stats, &bucket, &why, &part),
                         VLT_E_FORMAT);
        assert_int_equal(why, no_details[i].why);
        assert_true(vlt_slice_is(part, no_details[i].part));
        assert_int_equal(stats, 77);
        assert_int_equal(bucket, 77);
    }
}

static void
buckets_around_one_that_is_none(void **state)
{
    int64_t below;
    int64_t above;

    terms_buckets_near(1200, &below, &above);
    assert_int_equal(below, 900);
    assert_int_equal(above, 1800);
    terms_buckets_near(1, &below, &above);
    assert_int_equal(below, 0);
    assert_int_equal(above, 60);
    terms_buckets_near(INT64_MAX, &below, &above);
    assert_int_equal(below, 2419200);
    assert_int_equal(above, 0);
}

/* ---- steps ---- */

static const struct {
    const char *text;
    int64_t nano;
    bool length;
    const char *printed;
} steps[] = {
    { "0.5", 500000000, false, NULL },
    { "1", 1000000000, false, NULL },
    { "0.000000001", 1, false, NULL },
    { "8999999999", INT64_C(8999999999) * 1000000000, false, NULL },
    { "1km", INT64_C(1000) * 1000000000, true, NULL },
    { "500m", INT64_C(500) * 1000000000, true, NULL },
    { "0.5km", INT64_C(500) * 1000000000, true, "500m" },
    { "1000m", INT64_C(1000) * 1000000000, true, "1km" },
    { "2.50", 2500000000, false, "2.5" },
    { "007", INT64_C(7) * 1000000000, false, "7" },
};

static void
steps_are_read_and_printed(void **state)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct vlt_buf out = { 0 };
        struct terms_step step;

        print_message("%s\n", steps[i].text);
        assert_int_equal(terms_parse_step(vlt_slice_text(steps[i].text), &step),
                         VLT_OK);
        assert_true(step.nano == steps[i].nano);
        assert_int_equal(step.length, steps[i].length);
        terms_put_step(&out, step);
        assert_string_equal(vlt_buf_text(&out), steps[i].printed == NULL
                                                    ? steps[i].text
                                                    : steps[i].printed);
        vlt_buf_free(&out);
    }
}

static void
what_is_no_step_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "0",
        "-1",
        "0.0",
        "1e3",
        ".5",
        "5.",
        "1.0000000000",
        "1 m",
        "mm",
        "km",
        "m",
        "1mi",
        "+1",
        "9000000000",
        "9000000km",
        "1,5",
        "0km",
        "nan",
        "inf",
        "0x1",
        "1.m",
        "99999999999999",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct terms_step step = { .nano = 77 };

        print_message("%s\n", texts[i]);
        assert_int_not_equal(terms_parse_step(vlt_slice_text(texts[i]), &step),
                             VLT_OK);
        assert_int_equal(step.nano, 77);
    }
}

/* ---- rates, durations, dates ---- */

static void
rates_are_read_and_printed(void **state)
{
    static const char *const texts[] = { "1/min", "4/h", "24/day", "1000/week",
                                         "none" };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct vlt_buf out = { 0 };
        struct terms_rate rate;

        assert_int_equal(terms_parse_rate(vlt_slice_text(texts[i]), &rate),
                         VLT_OK);
        terms_put_rate(&out, rate);
        assert_string_equal(vlt_buf_text(&out), texts[i]);
        vlt_buf_free(&out);
    }
}

static void
what_is_no_rate_is_refused(void **state)
{
    static const struct {
        const char *text;
        enum vlt_status st;
    } rows[] = {
        { "0/day", VLT_E_LIMIT },   { "1001/day", VLT_E_LIMIT },
        { "-1/day", VLT_E_LIMIT },  { "4/month", VLT_E_FORMAT },
        { "4", VLT_E_FORMAT },      { "/day", VLT_E_FORMAT },
        { "4 /day", VLT_E_FORMAT }, { "four/day", VLT_E_FORMAT },
        { "4/", VLT_E_FORMAT },     { "", VLT_E_FORMAT },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct terms_rate rate = { .n = 77 };

        print_message("%s\n", rows[i].text);
        assert_int_equal(terms_parse_rate(vlt_slice_text(rows[i].text), &rate),
                         rows[i].st);
        assert_int_equal(rate.n, 77);
    }
}

static void
durations_print_with_their_largest_unit(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } rows[] = { { 0, "0s" },         { 59, "59s" },     { 60, "1min" },
                 { 3600, "1h" },      { 3660, "61min" }, { 86400, "1d" },
                 { 31536000, "365d" } };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vlt_buf out = { 0 };
        int64_t seconds;

        terms_put_duration(&out, rows[i].seconds);
        assert_string_equal(vlt_buf_text(&out), rows[i].text);
        assert_int_equal(terms_parse_duration(vlt_buf_slice(&out), &seconds),
                         VLT_OK);
        assert_int_equal(seconds, rows[i].seconds);
        vlt_buf_free(&out);
    }
}

static void
dates_are_read_and_printed(void **state)
{
    static const struct {
        const char *text;
        const char *printed;
    } rows[] = {
        { "2027-06-30", "2027-06-30" },
        { "2027-06-30T00:00:00Z", "2027-06-30" },
        { "2027-06-30T02:00:00+02:00", "2027-06-30" },
        { "2027-06-30T12:34:56Z", "2027-06-30T12:34:56Z" },
        { "2024-02-29", "2024-02-29" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vlt_buf out = { 0 };
        int64_t ns;

        print_message("%s\n", rows[i].text);
        assert_int_equal(terms_parse_date(vlt_slice_text(rows[i].text), &ns),
                         VLT_OK);
        terms_put_date(&out, ns);
        assert_string_equal(vlt_buf_text(&out), rows[i].printed);
        vlt_buf_free(&out);
    }
}

static void
what_is_no_date_is_refused(void **state)
{
    static const char *const texts[] = {
        "",           "2027-02-29", "30.6.2027", "2027-6-30",
        "2027-06-31", "20270630",   "tomorrow",  "2027-06-30T10:00:00",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int64_t ns = 77;

        print_message("%s\n", texts[i]);
        assert_int_not_equal(terms_parse_date(vlt_slice_text(texts[i]), &ns),
                             VLT_OK);
        assert_int_equal(ns, 77);
    }
}

/* ---- an axis of an atom or a cap ---- */

static const struct {
    enum terms_axis axis;
    int64_t value;
    const char *text;
} axes[] = {
    { TERMS_ACTION, VOCAB_ONCE | VOCAB_READ, "once+read" },
    { TERMS_CHANNELS, 4 | 1, "face+email" },
    { TERMS_CHANNELS, 0, "none" },
    { TERMS_DETAIL, 0, "raw" },
    { TERMS_DETAIL, TERMS_UNLIMITED, "none" },
    { TERMS_ROUND, 0, "none" },
    { TERMS_ROUND, 500000000, "0.5" },
    { TERMS_WINDOW, TERMS_WINDOW_NEW, "new" },
    { TERMS_DELAY, 3600, "1h" },
    { TERMS_EVERY, TERMS_UNLIMITED, "none" },
    { TERMS_RATE, 0, "none" },
    { TERMS_USES, 5, "5" },
    { TERMS_USES, TERMS_UNLIMITED, "none" },
    { TERMS_FROM, INT64_MIN, "none" },
    { TERMS_UNTIL, INT64_MAX, "none" },
    { TERMS_UNTIL, 0, "1970-01-01" },
    { TERMS_ONWARDS, TERMS_ONWARD_NO, "no" },
    { TERMS_ONWARDS, TERMS_ONWARD_PROCESSORS, "processors" },
    { TERMS_WHERES, 0, "none" },
    { TERMS_BASIS, VOCAB_BY_CONTRACT, "contract" },
    { TERMS_PROFILING, VOCAB_PROFILING_ANY, "any" },
    { TERMS_TRAINING, 1, "yes" },
    { TERMS_GATEKEEPER, 0, "no" },
    { TERMS_AXES, 0, "" },
};

static void
an_axis_prints_as_a_file_would_write_it(void **state)
{
    for (size_t i = 0; i < sizeof axes / sizeof axes[0]; i++) {
        struct terms_limits limits = { .stats = 1 };
        struct vlt_buf out = { 0 };

        if (axes[i].axis != TERMS_AXES) {
            limits.at[axes[i].axis] = axes[i].value;
        }
        terms_put_axis(&out, axes[i].axis, &limits);
        print_message("%s\n", axes[i].text);
        assert_true(vlt_slice_is(vlt_buf_slice(&out), axes[i].text));
        vlt_buf_free(&out);
    }
}

static void
places_and_names_print_in_a_row(void **state)
{
    struct vlt_slice names[] = { vlt_slice_text("Post"),
                                 vlt_slice_text("Rail», by you") };
    struct terms_limits limits = { .names = names, .name_count = 2 };
    struct vlt_buf out = { 0 };

    limits.at[TERMS_ONWARDS] = TERMS_ONWARD_NAMES;
    terms_put_axis(&out, TERMS_ONWARDS, &limits);
    vlt_buf_put_text(&out, "; ");
    terms_places_add_home(&limits.where, vocab_country_find("AT", 2));
    terms_places_add(&limits.where, vocab_country_find("GB", 2));
    terms_put_axis(&out, TERMS_WHERES, &limits);
    assert_string_equal(vlt_buf_text(&out),
                        "«Post», «Rail\\u{00BB}, by you»; EEA, GB");
    vlt_buf_free(&out);
}

static void
a_name_of_a_recipient_is_quoted_but_for_the_firm(void **state)
{
    struct terms_limits limits = { .onward_count = 1 };
    struct vlt_buf out = { 0 };

    limits.onward = &(struct terms_recipient){
        .name = vlt_slice_text("x, as you \u202eapproved"), .controller = true
    };
    terms_put_axis(&out, TERMS_ONWARDS, &limits);
    vlt_buf_put_text(&out, "; ");
    terms_put_axis_bare(&out, TERMS_ONWARDS, &limits);
    assert_string_equal(vlt_buf_text(&out),
                        "«x, as you \\u{202E}approved» (controller); "
                        "x, as you \u202eapproved (controller)");
    vlt_buf_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(details_are_read_and_printed),
        cmocka_unit_test(what_is_no_detail_is_told_by_its_part),
        cmocka_unit_test(buckets_around_one_that_is_none),
        cmocka_unit_test(steps_are_read_and_printed),
        cmocka_unit_test(what_is_no_step_is_refused),
        cmocka_unit_test(rates_are_read_and_printed),
        cmocka_unit_test(what_is_no_rate_is_refused),
        cmocka_unit_test(durations_print_with_their_largest_unit),
        cmocka_unit_test(dates_are_read_and_printed),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(an_axis_prints_as_a_file_would_write_it),
        cmocka_unit_test(places_and_names_print_in_a_row),
        cmocka_unit_test(a_name_of_a_recipient_is_quoted_but_for_the_firm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
