/* Wrong tries are counted in a file that opening leaves alone. */
#include "fixture.h"

#include <sys/stat.h>

#include "store/ballast.h"
#include "store/slots.h"

static struct vault v;

static uint64_t
tries(void)
{
    uint64_t count = 99;

    assert_int_equal(store_tries_read(v.store, &count), VLT_OK);
    return count;
}

static void
none_are_counted_in_a_new_vault(void **state)
{
    vault_begin(&v);
    assert_int_equal(tries(), 0);
    vault_end(&v);
}

static void
the_count_is_there_after_a_restart_while_locked(void **state)
{
    vault_begin(&v);
    assert_int_equal(store_tries_write(v.store, 7), VLT_OK);
    vault_close(&v);
    assert_int_equal(vault_try_open(&v, NULL), VLT_OK);
    assert_int_equal(tries(), 7);
    assert_int_equal(store_tries_write(v.store, 0), VLT_OK);
    assert_int_equal(tries(), 0);
    vault_end(&v);
}

static void
a_damaged_count_is_told(void **state)
{
    static const char *const damaged[] = {
        "", "vdtries1", "vdCURR01", "0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef0"
    };
    uint64_t count = 99;

    vault_begin(&v);
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        file_put(&v, "TRIES", vlt_slice_text(damaged[i]));
        assert_int_equal(store_tries_read(v.store, &count), VLT_E_FORMAT);
        assert_int_equal(count, 99);
    }
    vault_end(&v);
}

static void
a_count_that_cannot_be_written_spends_no_ballast(void **state)
{
    char path[128];
    struct stat ballast;

    vault_begin(&v);
    (void)snprintf(path, sizeof path, "%s/TRIES.tmp", v.path);
    assert_int_equal(mkdir(path, 0700), 0); /* in its way */
    assert_int_equal(store_tries_write(v.store, 7), VLT_E_STORAGE);
    assert_int_equal(rmdir(path), 0);
    (void)snprintf(path, sizeof path, "%s/" BALLAST_NAME, v.path);
    assert_int_equal(stat(path, &ballast), 0);
    assert_true(ballast.st_blocks > 0);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_count_that_cannot_be_written_spends_no_ballast),
        cmocka_unit_test(none_are_counted_in_a_new_vault),
        cmocka_unit_test(the_count_is_there_after_a_restart_while_locked),
        cmocka_unit_test(a_damaged_count_is_told),
    };

    return run_quietly() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
