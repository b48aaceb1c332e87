#include "wire/block.h"

#include "block_rows.h"

#define T0 (INT64_C(1700000000) * VLT_SECOND)

static void
add(struct vlt_rows *rows, int64_t time)
{
    assert_int_equal(vlt_rows_add(rows, time), VLT_OK);
    vlt_rows_set(rows, 0, 1);
}

static void
times_of_every_kind_go_round(void **state)
{
    for (int kind = 0; kind < 6; kind++) {
        struct vlt_rows *rows = block_rows_of(VLT_TYPE_I64);
        int64_t t = kind == 0 ? VLT_TIME_MIN : -3 * VLT_DAY;

        for (int64_t i = 0; i < 400; i++) {
            /* clang-format off */
            const int64_t steps[] = { 0, VLT_HOUR, i * i % 9, i * VLT_SECOND,
                                      i % 100 == 0 ? VLT_DAY : 1,
                                      i * 1000 + i % 5 };
            /* clang-format on */
            t += steps[kind];
            add(rows, t);
        }
        (void)block_round(rows, NULL);
    }
}

static void
the_first_and_last_time_go_round(void **state)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_I64);

    add(rows, VLT_TIME_MIN);
    add(rows, VLT_TIME_MIN);
    add(rows, VLT_TIME_MAX - 1);
    (void)block_round(rows, NULL);
}

/* The time unit is the greatest that serves, but one nanosecond where all are
 * equal. */
static void
the_time_unit_is_in_the_header(void **state)
{
    static const struct {
        int64_t step;
        uint8_t byte;
    } cases[] = {
        { 0, 0x01 },          { 1, 0x01 },
        { VLT_SECOND, 0x91 }, { 7 * VLT_MINUTE, 0xa1 },
        { 1536, 0x01 },       { 3 * INT64_C(1000000000000000), 0xf1 }
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vlt_rows *rows = block_rows_of(VLT_TYPE_F64);
        struct vlt_buf buf;

        add(rows, T0);
        add(rows, T0 + cases[i].step);
        buf = block_encoded(rows);
        assert_int_equal(buf.at[3], cases[i].byte);
        vlt_buf_free(&buf);
        vlt_rows_free(rows);
    }
}

/* The first 128 steps tell seconds, a later one milliseconds; or none at all.
 */
static void
a_unit_that_the_first_rows_do_not_tell_is_found(void **state)
{
    static const struct {
        int64_t late;
        uint8_t k;
    } cases[] = { { 0, 9 }, { 3000000, 6 }, { 7, 0 }, { 512, 0 } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vlt_rows *rows = block_rows_of(VLT_TYPE_F64);
        struct vlt_buf buf;

        for (int64_t j = 0; j < 400; j++) {
            int64_t late = j == 300 ? cases[i].late : 0;

            add(rows, T0 + (j + j / 3) * VLT_SECOND + late);
        }
        buf = block_encoded(rows);
        assert_int_equal(buf.at[3] >> 4, cases[i].k);
        vlt_buf_free(&buf);
        (void)block_round(rows, NULL);
    }
}

static void
a_late_row_out_of_order_is_refused(void **state)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_F64);
    struct vlt_buf buf = { 0 };

    for (int i = 0; i < 300; i++) {
        add(rows, i == 250 ? 0 : i * VLT_SECOND);
    }
    assert_int_equal(vlt_block_encode(rows, vlt_rows_all(rows), 0, &buf),
                     VLT_E_FORMAT);
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

static void
rows_out_of_order_are_refused(void **state)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_F64);
    struct vlt_buf buf = { 0 };

    vlt_buf_put_text(&buf, "before");
    add(rows, 1);
    add(rows, 0);
    assert_int_equal(vlt_block_encode(rows, vlt_rows_all(rows), 0, &buf),
                     VLT_E_FORMAT);
    assert_int_equal(buf.len, 6);
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

/* As many steps as there may be, each of 46 bits: their sum just fits into 62.
 */
static void
many_great_steps_go_round(void **state)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_I64);
    int64_t step = (INT64_C(1) << 46) - 1;
    int64_t time = VLT_TIME_MIN;

    for (int i = 0; i < VLT_BLOCK_ROWS; i++) {
        add(rows, time);
        time += step - i % 2;
    }
    (void)block_round(rows, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_every_kind_go_round),
        cmocka_unit_test(the_first_and_last_time_go_round),
        cmocka_unit_test(the_time_unit_is_in_the_header),
        cmocka_unit_test(a_unit_that_the_first_rows_do_not_tell_is_found),
        cmocka_unit_test(a_late_row_out_of_order_is_refused),
        cmocka_unit_test(rows_out_of_order_are_refused),
        cmocka_unit_test(many_great_steps_go_round),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
