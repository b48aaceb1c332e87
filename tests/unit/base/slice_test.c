#include "base/slice.h"

#include "base/status.h"
#include "unit.h"

static void
empty_slices_are_equal_wherever_they_point(void **state)
{
    struct vlt_slice none = { 0 };

    assert_true(vlt_slice_equal(none, vlt_slice_of("x", 0)));
    assert_int_equal(vlt_slice_order(none, none), 0);
    assert_true(vlt_slice_is(none, ""));
}

static void
bytes_decide_and_then_the_length(void **state)
{
    struct vlt_slice ab = vlt_slice_text("ab");

    assert_true(vlt_slice_order(ab, vlt_slice_text("ac")) < 0);
    assert_true(vlt_slice_order(ab, vlt_slice_text("a")) > 0);
    assert_true(vlt_slice_order(vlt_slice_text("a"), ab) < 0);
    assert_true(vlt_slice_order(vlt_slice_text("b"), ab) > 0);
    assert_true(vlt_slice_order(vlt_slice_text("\xFF"), ab) > 0);
}

static void
a_slice_is_only_its_own_text(void **state)
{
    struct vlt_slice ab = vlt_slice_text("ab");

    assert_true(vlt_slice_is(ab, "ab"));
    assert_false(vlt_slice_is(ab, "abc"));
    assert_false(vlt_slice_is(ab, "a"));
    assert_false(vlt_slice_equal(ab, vlt_slice_text("aB")));
}

static void
every_status_has_a_word_of_its_own(void **state)
{
    for (int i = VLT_OK; i <= VLT_E_UNKNOWN; i++) {
        struct vlt_slice word =
            vlt_slice_text(vlt_status_word((enum vlt_status)i));

        assert_false(vlt_slice_is(word, "invalid"));
        for (int j = i + 1; j <= VLT_E_UNKNOWN; j++) {
            assert_false(
                vlt_slice_is(word, vlt_status_word((enum vlt_status)j)));
        }
    }
    assert_string_equal(vlt_status_word(VLT_OK), "ok");
    assert_string_equal(vlt_status_word(VLT_E_NOT_FOUND), "not_found");
    assert_string_equal(vlt_status_word((enum vlt_status)99), "invalid");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_slices_are_equal_wherever_they_point),
        cmocka_unit_test(bytes_decide_and_then_the_length),
        cmocka_unit_test(a_slice_is_only_its_own_text),
        cmocka_unit_test(every_status_has_a_word_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
