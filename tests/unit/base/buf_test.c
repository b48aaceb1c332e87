#include "base/buf.h"

#include <inttypes.h>
#include <string.h>

#include "unit.h"

static void
what_is_put_stands_there_in_order(void **state)
{
    struct vlt_buf buf = { 0 };

    vlt_buf_put_text(&buf, "one");
    vlt_buf_put_u8(&buf, ' ');
    vlt_buf_put_slice(&buf, vlt_slice_text("two"));
    vlt_buf_printf(&buf, " %d", 3);
    assert_string_equal(vlt_buf_text(&buf), "one two 3");
    assert_int_equal(buf.len, 9);
    assert_int_equal(vlt_buf_status(&buf), VLT_OK);
    vlt_buf_free(&buf);
}

static void
an_empty_buffer_is_an_empty_text(void **state)
{
    struct vlt_buf buf = { 0 };

    assert_int_equal(vlt_buf_slice(&buf).len, 0);
    assert_string_equal(vlt_buf_text(&buf), "");
    vlt_buf_free(&buf);
    vlt_buf_free(&buf);
    assert_null(buf.at);
}

static void
a_buffer_holds_its_maximum_and_no_byte_more(void **state)
{
    struct vlt_buf buf;

    vlt_buf_init(&buf, 3);
    vlt_buf_put_text(&buf, "abc");
    assert_string_equal(vlt_buf_text(&buf), "abc");
    vlt_buf_put_u8(&buf, 'd');
    assert_true(vlt_buf_failed(&buf));
    assert_int_equal(vlt_buf_status(&buf), VLT_E_LIMIT);
    vlt_buf_free(&buf);
}

static void
a_failure_stays_until_the_buffer_is_cleared(void **state)
{
    struct vlt_buf buf;

    vlt_buf_init(&buf, 3);
    vlt_buf_put_text(&buf, "abcd");
    vlt_buf_put_text(&buf, "a");
    assert_true(vlt_buf_failed(&buf));
    assert_null(vlt_buf_extend(&buf, 1));
    assert_null(vlt_buf_text(&buf));
    vlt_buf_clear(&buf);
    vlt_buf_put_text(&buf, "abc");
    assert_string_equal(vlt_buf_text(&buf), "abc");
    vlt_buf_put_u8(&buf, 'd');
    assert_int_equal(vlt_buf_status(&buf), VLT_E_LIMIT);
    vlt_buf_free(&buf);
}

static void
a_length_that_would_wrap_does_not_fit(void **state)
{
    struct vlt_buf buf = { 0 };

    vlt_buf_put_u8(&buf, 'x');
    assert_null(vlt_buf_extend(&buf, SIZE_MAX));
    assert_int_equal(vlt_buf_status(&buf), VLT_E_LIMIT);
    vlt_buf_free(&buf);
}

static void
room_for_nothing_is_room(void **state)
{
    struct vlt_buf buf = { 0 };

    assert_non_null(vlt_buf_extend(&buf, 0));
    assert_int_equal(buf.len, 0);
    vlt_buf_free(&buf);
}

static void
a_large_text_arrives_whole(void **state)
{
    struct vlt_buf buf = { 0 };

    for (size_t i = 0; i < 100000; i++) {
        vlt_buf_put_u8(&buf, (uint8_t)i);
    }
    assert_int_equal(buf.len, 100000);
    for (size_t i = 0; i < buf.len; i++) {
        assert_int_equal(buf.at[i], (uint8_t)i);
    }
    vlt_buf_free(&buf);
}

static void
a_print_of_over_4096_bytes_fails_the_buffer(void **state)
{
    struct vlt_buf buf = { 0 };

    vlt_buf_printf(&buf, "%4096s", "x");
    assert_int_equal(buf.len, 4096);
    assert_false(vlt_buf_failed(&buf));
    vlt_buf_printf(&buf, "%4097s", "x");
    assert_int_equal(vlt_buf_status(&buf), VLT_E_LIMIT);
    vlt_buf_free(&buf);
}

static void
a_number_is_put_as_printf_prints_it(void **state)
{
    static const int64_t numbers[] = { 0,      7,         -1,       10,
                                       -65535, INT64_MAX, INT64_MIN };

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct vlt_buf put = { 0 };
        struct vlt_buf printed = { 0 };

        vlt_buf_put_int(&put, numbers[i]);
        vlt_buf_printf(&printed, "%" PRId64, numbers[i]);
        assert_string_equal(vlt_buf_text(&put), vlt_buf_text(&printed));
        vlt_buf_free(&put);
        vlt_buf_free(&printed);
    }
}

static void
texts_are_put_one_behind_another(void **state)
{
    struct vlt_buf buf = { 0 };

    vlt_buf_put_texts(&buf, "one", ", ", "", "two", NULL);
    vlt_buf_put_texts(&buf, NULL);
    assert_string_equal(vlt_buf_text(&buf), "one, two");
    vlt_buf_free(&buf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_stands_there_in_order),
        cmocka_unit_test(texts_are_put_one_behind_another),
        cmocka_unit_test(a_number_is_put_as_printf_prints_it),
        cmocka_unit_test(an_empty_buffer_is_an_empty_text),
        cmocka_unit_test(a_buffer_holds_its_maximum_and_no_byte_more),
        cmocka_unit_test(a_failure_stays_until_the_buffer_is_cleared),
        cmocka_unit_test(a_length_that_would_wrap_does_not_fit),
        cmocka_unit_test(room_for_nothing_is_room),
        cmocka_unit_test(a_large_text_arrives_whole),
        cmocka_unit_test(a_print_of_over_4096_bytes_fails_the_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
