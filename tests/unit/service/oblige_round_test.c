#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "service/page_internal.h"
#include "vocab/vocab.h"

/* Columns of the stream, by their place. */
enum { VALUE, COUNT, ON, NOTE, LAT, LON, COLUMNS };

static const struct stream_column columns[COLUMNS] = {
    [VALUE] = { VALUE, VLT_TYPE_F64, "value" },
    [COUNT] = { COUNT, VLT_TYPE_I64, "whole" },
    [ON] = { ON, VLT_TYPE_BOOL, "on" },
    [NOTE] = { NOTE, VLT_TYPE_TEXT, "note" },
    [LAT] = { LAT, VLT_TYPE_F64, "lat" },
    [LON] = { LON, VLT_TYPE_F64, "lon" },
};

static const struct stream stream = { .name = "a",
                                      .unit = "1",
                                      .keep = INT64_MAX,
                                      .columns = COLUMNS,
                                      .column = columns };

/* One row of all columns, rounded; the caller frees it. */
static struct vlt_rows *
rounded(double value, int64_t whole, double lat, double lon,
        struct terms_step step)
{
    struct read_stream at = { .stream = &stream };
    struct vlt_rows *rows = NULL;
    struct vlt_rows *out = NULL;

    at.want.columns = COLUMNS;
    for (uint8_t i = 0; i < COLUMNS; i++) {
        at.want.column[i] = i;
    }
    assert_int_equal(page_new_rows(&at, &rows), VLT_OK);
    assert_int_equal(vlt_rows_add(rows, 7), VLT_OK);
    vlt_rows_set(rows, VALUE, vlt_bits_of(value));
    vlt_rows_set(rows, COUNT, (uint64_t)whole);
    vlt_rows_set(rows, ON, 1);
    assert_int_equal(vlt_rows_set_text(rows, NOTE, vlt_slice_text("secret")),
                     VLT_OK);
    vlt_rows_set(rows, LAT, vlt_bits_of(lat));
    vlt_rows_set(rows, LON, vlt_bits_of(lon));
    assert_int_equal(oblige_round(&stream, &at.want, step, rows, &out), VLT_OK);
    assert_int_equal(vlt_rows_count(out), 1);
    assert_int_equal(vlt_rows_times(out)[0], 7);
    vlt_rows_free(rows);
    return out;
}

static void
a_value_is_the_greatest_multiple_that_is_not_above(void **state)
{
    static const struct {
        double value;
        int64_t nano;
        double is;
    } cases[] = {
        { 0.0, 100000000, 0.0 },
        { 0.3, 100000000, 0.2 }, /* 0.3 as a double is below 3/10 */
        { 1.7, 100000000, 1.6 }, /* and so is 1.7, though 1.7 / 0.1 is 17 */
        { 0.1, 100000000, 0.1 }, /* 0.1 is above 1/10 */
        { 0.29999, 100000000, 0.2 },
        { -0.05, 100000000, -0.1 },
        { -0.0, 100000000, 0.0 },
        { 7.999999, 1000000000, 7.0 },
        { 8.0, 1000000000, 8.0 },
        { -8.0, 1000000000, -8.0 },
        { -8.000001, 1000000000, -9.0 },
        { 1234.5, 500000000000, 1000.0 },
        { 5e-324, 1, 0.0 },
        { -5e-324, 1, -1e-9 },
        { 4503599627370495.5, 500000000, 4503599627370495.5 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct vlt_rows *rows =
            rounded(cases[i].value, 0, 0, 0,
                    (struct terms_step){ .nano = cases[i].nano });

        assert_true(vlt_rows_has(rows, 0, VALUE));
        assert_true(vlt_f64_of(vlt_rows_bits(rows, 0, VALUE)) == cases[i].is);
        vlt_rows_free(rows);
    }
}

static void
what_has_no_exact_step_is_left_out(void **state)
{
    static const double values[] = { 1e18, -1e18, 1e300, HUGE_VAL, -HUGE_VAL };

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct vlt_rows *rows =
            rounded(values[i], 0, 0, 0, (struct terms_step){ .nano = 1000000 });

        assert_false(vlt_rows_has(rows, 0, VALUE));
        vlt_rows_free(rows);
    }
}

static void
texts_and_bools_never_leave_rounded(void **state)
{
    struct vlt_rows *rows = rounded(
        1.5, 17, 0, 0, (struct terms_step){ .nano = INT64_C(5000000000) });

    (void)state;
    assert_false(vlt_rows_has(rows, 0, ON));
    assert_false(vlt_rows_has(rows, 0, NOTE));
    assert_true(vlt_rows_has(rows, 0, COUNT));
    assert_int_equal(vlt_rows_bits(rows, 0, COUNT), 15);
    vlt_rows_free(rows);
}

/* A kilometre. */
static const struct terms_step kilometre = { .nano = INT64_C(1000000000000),
                                             .length = true };

static void
a_length_rounds_places_and_gives_nothing_else(void **state)
{
    struct vlt_rows *rows = rounded(1.5, 17, 53.8008, -1.5491, kilometre);
    struct vlt_rows *near = rounded(2.5, 18, 53.8009, -1.5490, kilometre);
    double lat = vlt_f64_of(vlt_rows_bits(rows, 0, LAT));
    double lon = vlt_f64_of(vlt_rows_bits(rows, 0, LON));

    (void)state;
    for (size_t i = VALUE; i <= NOTE; i++) {
        assert_false(vlt_rows_has(rows, 0, i));
    }
    assert_true(lat <= 53.8008 && lat > 53.8008 - 0.009);
    assert_true(lon <= -1.5491 && lon > -1.5491 - 0.016);
    assert_int_equal(vlt_rows_bits(near, 0, LAT), vlt_rows_bits(rows, 0, LAT));
    assert_int_equal(vlt_rows_bits(near, 0, LON), vlt_rows_bits(rows, 0, LON));
    vlt_rows_free(near);
    vlt_rows_free(rows);
}

static void
a_place_that_is_none_is_left_out(void **state)
{
    static const struct {
        double lat, lon;
    } places[] = {
        { 90.1, 0 }, { -90.1, 0 }, { 0, 180.1 }, { 0, -180.1 }, { 1e300, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct vlt_rows *rows =
            rounded(0, 0, places[i].lat, places[i].lon, kilometre);

        assert_false(vlt_rows_has(rows, 0, LAT));
        assert_false(vlt_rows_has(rows, 0, LON));
        vlt_rows_free(rows);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_the_greatest_multiple_that_is_not_above),
        cmocka_unit_test(what_has_no_exact_step_is_left_out),
        cmocka_unit_test(texts_and_bools_never_leave_rounded),
        cmocka_unit_test(a_length_rounds_places_and_gives_nothing_else),
        cmocka_unit_test(a_place_that_is_none_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
