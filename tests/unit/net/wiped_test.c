/* What wiped.h holds is what was put; flow memory looks at what stays. */
#include "unit.h"

#include <string.h>

#include "net/wiped.h"

static void
it_holds_what_was_put_however_it_grew(void **state)
{
    struct vlt_buf buf = { 0 };
    uint8_t all[5000];
    size_t len = 0;

    for (size_t i = 0; i < sizeof all; i++) {
        all[i] = (uint8_t)(i * 31);
    }
    for (size_t piece = 0; len + piece <= sizeof all; piece++) {
        wiped_put(&buf, vlt_slice_of(all + len, piece));
        len += piece;
        assert_int_equal(buf.len, len);
        assert_memory_equal(buf.at, all, len);
        assert_true(buf.cap > len);
    }
    wiped_free(&buf);
    assert_null(buf.at);
    wiped_free(&buf);
}

static void
its_maximum_holds(void **state)
{
    struct vlt_buf buf;

    vlt_buf_init(&buf, 100);
    assert_non_null(wiped_extend(&buf, 100));
    assert_null(wiped_extend(&buf, 1));
    assert_true(vlt_buf_failed(&buf));
    assert_int_equal(vlt_buf_status(&buf), VLT_E_LIMIT);
    assert_null(wiped_extend(&buf, 0));
    wiped_free(&buf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_holds_what_was_put_however_it_grew),
        cmocka_unit_test(its_maximum_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
