#include "wire/stat.h"

#include <math.h>
#include <string.h>

#include "unit.h"

enum { MANY = 700 };

static struct vlt_rows *
rows_of(enum vlt_type type)
{
    struct vlt_field field = { 4, type };
    struct vlt_schema schema = { .fields = &field, .count = 1 };
    struct vlt_rows *rows = NULL;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    return rows;
}

static void
add(struct vlt_rows *rows, int64_t time, uint64_t bits)
{
    assert_int_equal(vlt_rows_add(rows, time), VLT_OK);
    vlt_rows_set(rows, 0, bits);
}

static struct vlt_rows *
doubles(const double *values, size_t n)
{
    struct vlt_rows *rows = rows_of(VLT_TYPE_F64);

    for (size_t i = 0; i < n; i++) {
        add(rows, (int64_t)i, vlt_bits_of(values[i]));
    }
    return rows;
}

static struct vlt_stat
stat_over(const struct vlt_rows *rows, struct vlt_range range)
{
    struct vlt_stat stat;

    vlt_stat_init(&stat, vlt_rows_column(rows, 0).field.type);
    vlt_stat_add(&stat, rows, 0, range);
    return stat;
}

/* Of all rows, which are freed. */
static struct vlt_stat
stat_of(struct vlt_rows *rows)
{
    struct vlt_stat stat = stat_over(rows, vlt_rows_all(rows));

    vlt_rows_free(rows);
    return stat;
}

static struct vlt_buf
stored(const struct vlt_stat *stat)
{
    struct vlt_buf buf = { 0 };

    assert_int_equal(vlt_stat_store(stat, &buf), VLT_OK);
    return buf;
}

/* Do both say the same, to the byte? */
static void
assert_equal(const struct vlt_stat *a, const struct vlt_stat *b)
{
    struct vlt_buf left = stored(a);
    struct vlt_buf right = stored(b);

    assert_int_equal(left.len, right.len);
    assert_memory_equal(left.at, right.at, left.len);
    vlt_buf_free(&left);
    vlt_buf_free(&right);
}

static void
nothing_has_no_values(void **state)
{
    struct vlt_stat stat = stat_of(rows_of(VLT_TYPE_F64));

    assert_int_equal(stat.n, 0);
    assert_int_equal(vlt_bits_of(vlt_stat_sum(&stat)), 0);
}

static void
values_are_counted_and_compared(void **state)
{
    static const double values[] = { 3, -1, 0.0, -0.0, 7, 2 };
    struct vlt_stat stat = stat_of(doubles(values, 6));

    assert_int_equal(stat.n, 6);
    assert_int_equal(stat.first, vlt_bits_of(3));
    assert_int_equal(stat.last, vlt_bits_of(2));
    assert_int_equal(stat.first_time, 0);
    assert_int_equal(stat.last_time, 5);
    assert_int_equal(stat.min, vlt_bits_of(-1));
    assert_int_equal(stat.max, vlt_bits_of(7));
    assert_int_equal(vlt_bits_of(vlt_stat_sum(&stat)), vlt_bits_of(11));
    assert_int_equal(vlt_bits_of(vlt_stat_mean(&stat)), vlt_bits_of(11.0 / 6));
}

static void
minus_zero_is_less_than_zero(void **state)
{
    static const double values[] = { 0.0, -0.0, 0.0 };
    struct vlt_stat stat = stat_of(doubles(values, 3));

    assert_int_equal(stat.min, vlt_bits_of(-0.0));
    assert_int_equal(stat.max, 0);
    assert_int_equal(vlt_bits_of(vlt_stat_sum(&stat)), 0);
}

static void
nan_is_counted_apart(void **state)
{
    const double values[] = { (double)NAN, 2, -(double)NAN, 4, (double)NAN };
    struct vlt_stat stat = stat_of(doubles(values, 5));

    assert_int_equal(stat.n, 2);
    assert_int_equal(stat.nan, 3);
    assert_int_equal(stat.first_time, 1);
    assert_int_equal(stat.last_time, 3);
    assert_int_equal(vlt_bits_of(vlt_stat_mean(&stat)), vlt_bits_of(3));
}

/* Which infinities are there, and what sum and mean are. */
static const struct {
    double a;
    double b;
    double sum;
} infinite[] = {
    { INFINITY, 1, INFINITY },
    { -INFINITY, 1, -INFINITY },
    { INFINITY, -INFINITY, NAN },
    { INFINITY, INFINITY, INFINITY },
};

static void
infinities_take_over_the_sum(void **state)
{
    for (size_t i = 0; i < 4; i++) {
        const double values[] = { 5, infinite[i].a, infinite[i].b };
        struct vlt_stat stat = stat_of(doubles(values, 3));
        double sum = vlt_stat_sum(&stat);

        assert_int_equal(stat.n, 3);
        assert_true(isnan(infinite[i].sum) ? isnan(sum)
                                           : sum == infinite[i].sum);
        assert_true(isnan(sum) ? isnan(vlt_stat_mean(&stat))
                               : vlt_stat_mean(&stat) == sum);
    }
}

static void
an_infinity_is_least_or_most(void **state)
{
    const double values[] = { -(double)INFINITY, 5, (double)INFINITY };
    struct vlt_stat stat = stat_of(doubles(values, 3));

    assert_int_equal(stat.min, vlt_bits_of(-(double)INFINITY));
    assert_int_equal(stat.max, vlt_bits_of((double)INFINITY));
}

static void
absent_cells_take_no_part(void **state)
{
    struct vlt_rows *rows = rows_of(VLT_TYPE_I64);

    for (int64_t i = 0; i < 300; i++) {
        assert_int_equal(vlt_rows_add(rows, i), VLT_OK);
        if (i % 3 == 1) {
            vlt_rows_set(rows, 0, (uint64_t)-i);
        }
    }
    struct vlt_stat stat = stat_of(rows);
    char text[VLT_SUM_TEXT];

    assert_int_equal(stat.n, 100);
    assert_int_equal(stat.first_time, 1);
    assert_int_equal(stat.last_time, 298);
    assert_int_equal((int64_t)stat.min, -298);
    assert_int_equal((int64_t)stat.max, -1);
    assert_string_equal(vlt_stat_sum_text(&stat, text), "-14950");
}

static void
bools_are_zero_and_one(void **state)
{
    struct vlt_rows *rows = rows_of(VLT_TYPE_BOOL);
    int64_t sum = 0;

    for (int64_t i = 0; i < 10; i++) {
        add(rows, i, i % 4 == 0);
    }
    struct vlt_stat stat = stat_of(rows);

    assert_true(vlt_stat_sum_int64(&stat, &sum));
    assert_int_equal(sum, 3);
    assert_int_equal(vlt_bits_of(vlt_stat_mean(&stat)), vlt_bits_of(0.3));
    assert_int_equal(stat.max, 1);
}

static void
of_texts_only_number_and_times_are_kept(void **state)
{
    struct vlt_rows *rows = rows_of(VLT_TYPE_TEXT);

    for (int64_t i = 0; i < 3; i++) {
        assert_int_equal(vlt_rows_add(rows, i), VLT_OK);
        assert_int_equal(vlt_rows_set_text(rows, 0, vlt_slice_text("x")),
                         VLT_OK);
    }
    struct vlt_stat stat = stat_of(rows);

    assert_int_equal(stat.n, 3);
    assert_int_equal(stat.last_time, 2);
    assert_int_equal(stat.first | stat.last | stat.min | stat.max, 0);
}

static void
of_equal_times_the_last_row_is_the_last(void **state)
{
    struct vlt_rows *rows = rows_of(VLT_TYPE_I64);

    for (uint64_t i = 0; i < 300; i++) {
        add(rows, 9, i);
    }
    struct vlt_stat early = stat_over(rows, (struct vlt_range){ 0, 150 });
    struct vlt_stat late = stat_over(rows, (struct vlt_range){ 150, 150 });

    vlt_stat_merge(&early, &late);
    assert_int_equal(early.first, 0);
    assert_int_equal(early.last, 299);
    vlt_rows_free(rows);
}

/* Values of all sizes, some of them odd. */
static struct vlt_rows *
wild_rows(void)
{
    struct vlt_rows *rows = rows_of(VLT_TYPE_F64);
    uint64_t x = 88172645463325252;

    for (int64_t i = 0; i < MANY; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        add(rows, i / 3,
            i % 50 == 7  ? vlt_bits_of((double)NAN)
            : i % 2 == 0 ? x & ~(UINT64_C(0x400) << 52)
                         : vlt_bits_of((double)i / 10));
    }
    return rows;
}

static void
parts_merged_are_as_the_whole(void **state)
{
    struct vlt_rows *rows = wild_rows();
    struct vlt_stat whole = stat_over(rows, vlt_rows_all(rows));

    for (size_t size = 1; size < MANY; size = size * 3 + 1) {
        struct vlt_stat merged;

        vlt_stat_init(&merged, VLT_TYPE_F64);
        for (size_t from = 0; from < MANY; from += size) {
            size_t left = MANY - from;
            struct vlt_stat part = stat_over(
                rows, (struct vlt_range){ from, left < size ? left : size });

            vlt_stat_merge(&merged, &part);
        }
        assert_equal(&merged, &whole);
    }
    vlt_rows_free(rows);
}

/* ---- stored ---- */

static enum vlt_status
load(const uint8_t *bytes, size_t len, enum vlt_type type, struct vlt_stat *out)
{
    struct vlt_reader r = vlt_reader_over(vlt_slice_of(bytes, len));
    enum vlt_status st = vlt_stat_load(&r, type, out);

    return st == VLT_OK && !vlt_reader_done(&r) ? VLT_E_FORMAT : st;
}

static void
what_was_stored_comes_back(void **state)
{
    struct vlt_stat stat = stat_of(wild_rows());
    struct vlt_buf buf = stored(&stat);
    struct vlt_stat back;

    assert_int_equal(load(buf.at, buf.len, VLT_TYPE_F64, &back), VLT_OK);
    assert_equal(&stat, &back);
    assert_int_equal(vlt_bits_of(vlt_stat_mean(&back)),
                     vlt_bits_of(vlt_stat_mean(&stat)));
    vlt_buf_free(&buf);
}

static void
every_cut_is_refused(void **state)
{
    struct vlt_stat stat = stat_of(wild_rows());
    struct vlt_buf buf = stored(&stat);
    struct vlt_stat back;

    for (size_t len = 0; len < buf.len; len++) {
        assert_int_equal(load(buf.at, len, VLT_TYPE_F64, &back), VLT_E_FORMAT);
    }
    vlt_buf_free(&buf);
}

static void
nothing_is_stored_as_zeros_but_for_nan(void **state)
{
    const double nan = (double)NAN;
    static const uint8_t expected[VLT_STAT_HEAD] = { 0, 0, 0, 0, 1 };
    struct vlt_stat stat = stat_of(doubles(&nan, 1));
    struct vlt_buf buf = stored(&stat);
    struct vlt_stat back;

    assert_int_equal(buf.len, sizeof expected);
    assert_memory_equal(buf.at, expected, sizeof expected);
    assert_int_equal(load(buf.at, buf.len, VLT_TYPE_F64, &back), VLT_OK);
    assert_int_equal(back.nan, 1);
    vlt_buf_free(&buf);
}

/* One value 6.0 at time 5, byte by byte. */
static const uint8_t six[] = {
    1, 0, 0, 0, 0, 0, 0,    0,    5, 0, 0, 0, 0, 0, 0,    0,
    5, 0, 0, 0, 0, 0, 0,    0,    0, 0, 0, 0, 0, 0, 0x18, 0x40,
    0, 0, 0, 0, 0, 0, 0x18, 0x40, 0, 0, 0, 0, 0, 0, 0x18, 0x40,
    0, 0, 0, 0, 0, 0, 0x18, 0x40, 0, 0, 1, 0, 1, 0, 3,
};

static void
the_stored_form_is_as_written_down(void **state)
{
    struct vlt_rows *rows = rows_of(VLT_TYPE_F64);

    add(rows, 5, vlt_bits_of(6.0));
    struct vlt_stat stat = stat_of(rows);
    struct vlt_buf buf = stored(&stat);

    assert_int_equal(buf.len, sizeof six);
    assert_memory_equal(buf.at, six, sizeof six);
    vlt_buf_free(&buf);
}

/* One changed byte of it, and the type it is read as. */
static const struct {
    const char *says;
    size_t at;
    uint8_t value;
    enum vlt_type type;
} refused[] = {
    { "values where there are none", 0, 0, VLT_TYPE_F64 },
    { "a first time after the last", 8, 6, VLT_TYPE_F64 },
    { "a time out of range", 23, 0x40, VLT_TYPE_F64 },
    { "an unknown flag", 56, 4, VLT_TYPE_F64 },
    { "a byte that is not zero", 57, 1, VLT_TYPE_F64 },
    { "an even M", 62, 2, VLT_TYPE_F64 },
    { "no M", 60, 0, VLT_TYPE_F64 },
    { "a longer M", 60, 2, VLT_TYPE_F64 },
    { "an exponent of an integer", 58, 1, VLT_TYPE_I64 },
    { "NaN of an integer", 4, 1, VLT_TYPE_I64 },
    { "an infinite integer", 56, 1, VLT_TYPE_I64 },
    { "values of a text", 56, 0, VLT_TYPE_TEXT },
};

static void
a_stored_form_that_breaks_a_rule_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        uint8_t bytes[sizeof six];
        struct vlt_stat stat = { .n = 4711 };

        print_message("%s\n", refused[i].says);
        memcpy(bytes, six, sizeof six);
        if (refused[i].type == VLT_TYPE_I64) {
            bytes[58] = 0; /* an integer has no exponent */
            assert_int_equal(load(bytes, sizeof bytes, VLT_TYPE_I64, &stat),
                             VLT_OK);
            stat.n = 4711;
        }
        bytes[refused[i].at] = refused[i].value;
        assert_int_equal(load(bytes, sizeof bytes, refused[i].type, &stat),
                         VLT_E_FORMAT);
        assert_int_equal(stat.n, 4711);
    }
}

static void
too_many_values_are_not_stored(void **state)
{
    struct vlt_stat stat = { .type = VLT_TYPE_F64,
                             .n = (uint64_t)UINT32_MAX + 1 };
    struct vlt_buf buf = { 0 };

    assert_int_equal(vlt_stat_store(&stat, &buf), VLT_E_LIMIT);
    stat.n--;
    assert_int_equal(vlt_stat_store(&stat, &buf), VLT_OK);
    vlt_buf_free(&buf);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_no_values),
        cmocka_unit_test(values_are_counted_and_compared),
        cmocka_unit_test(minus_zero_is_less_than_zero),
        cmocka_unit_test(nan_is_counted_apart),
        cmocka_unit_test(infinities_take_over_the_sum),
        cmocka_unit_test(an_infinity_is_least_or_most),
        cmocka_unit_test(absent_cells_take_no_part),
        cmocka_unit_test(bools_are_zero_and_one),
        cmocka_unit_test(of_texts_only_number_and_times_are_kept),
        cmocka_unit_test(of_equal_times_the_last_row_is_the_last),
        cmocka_unit_test(parts_merged_are_as_the_whole),
        cmocka_unit_test(what_was_stored_comes_back),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(nothing_is_stored_as_zeros_but_for_nan),
        cmocka_unit_test(the_stored_form_is_as_written_down),
        cmocka_unit_test(a_stored_form_that_breaks_a_rule_is_refused),
        cmocka_unit_test(too_many_values_are_not_stored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
