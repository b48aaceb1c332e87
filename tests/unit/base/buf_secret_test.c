/*
 * A buffer for secrets leaves nothing of itself in memory that is given back.
 */
#include "base/buf.h"

#include "freed.h"
#include "unit.h"

static const char secret[] = "correct horse battery";

static void
grow(struct vlt_buf *buf)
{
    freed_watch(secret, sizeof secret - 1);
    vlt_buf_put_text(buf, secret);
    for (int i = 0; i < 1000; i++) {
        vlt_buf_put_text(buf, "more and more ");
    }
    assert_memory_equal(buf->at, secret, sizeof secret - 1);
}

static void
a_plain_one_leaves_it(void **state)
{
    struct vlt_buf buf = { 0 };

    grow(&buf);
    vlt_buf_free(&buf);
    assert_true(freed_found() > 1);
}

static void
one_that_grows_and_is_freed_leaves_nothing(void **state)
{
    struct vlt_buf buf;

    vlt_buf_init_secret(&buf, 0);
    grow(&buf);
    vlt_buf_free(&buf);
    assert_int_equal(freed_found(), 0);
}

static void
one_that_is_cleared_holds_nothing(void **state)
{
    struct vlt_buf buf;

    vlt_buf_init_secret(&buf, 100);
    vlt_buf_put_text(&buf, secret);
    vlt_buf_clear(&buf);
    for (size_t i = 0; i < buf.cap; i++) {
        assert_int_equal(buf.at[i], 0);
    }
    vlt_buf_put_text(&buf, secret);
    freed_watch(secret, sizeof secret - 1);
    vlt_buf_free(&buf);
    assert_int_equal(freed_found(), 0);
    assert_int_equal(buf.max, 100);
    assert_true(buf.secret);
}

/* One that fails wipes, too. */
static void
one_that_is_too_small_leaves_nothing(void **state)
{
    struct vlt_buf buf;

    freed_watch(secret, sizeof secret - 1);
    vlt_buf_init_secret(&buf, sizeof secret);
    vlt_buf_put_text(&buf, secret);
    vlt_buf_put_text(&buf, secret);
    assert_true(vlt_buf_failed(&buf));
    vlt_buf_free(&buf);
    assert_int_equal(freed_found(), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_one_leaves_it),
        cmocka_unit_test(one_that_grows_and_is_freed_leaves_nothing),
        cmocka_unit_test(one_that_is_cleared_holds_nothing),
        cmocka_unit_test(one_that_is_too_small_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
