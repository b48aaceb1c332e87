/* A disk that is full in the middle of new key files: what was written of them
 * leaves nothing. */
#define _GNU_SOURCE /* syscall() */

#include "pieces.h"

#include <errno.h>
#include <sys/syscall.h>

#include "keys/erase.h"
#include "store/bury.h"

/* What renameat() sees of the key files. */
static struct {
    bool watched;
    int refusals; /* of a keyring's, still to come */
    int fd;       /* of the first erase secret's */
    uint8_t stripes[ERASE_LEN];
} seen = { .fd = -1 };

/* The C library's, for all of this program. */
int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    if (seen.watched && strcmp(to, "keyring.2") == 0 && seen.refusals > 0) {
        seen.refusals--;
        errno = ENOSPC;
        return -1;
    }
    if (seen.watched && strcmp(to, "erase.2") == 0 && seen.fd < 0) {
        seen.fd = openat(from_dir, from, O_RDONLY | O_CLOEXEC);
        assert_int_equal(pread(seen.fd, seen.stripes, ERASE_LEN, 0), ERASE_LEN);
    }
    return (int)syscall(SYS_renameat, from_dir, from, to_dir, to);
}

static void
watch(int refusals)
{
    seen.watched = true;
    seen.refusals = refusals;
    seen.fd = -1;
}

/* Are the first erase secret's stripes where they were? */
static void
assert_gone(void)
{
    static uint8_t now[ERASE_LEN];
    size_t same = 0;

    assert_true(seen.fd >= 0);
    assert_true(pread(seen.fd, now, sizeof now, 0) >= 0);
    for (size_t i = 0; i < sizeof now; i++) {
        same += now[i] == seen.stripes[i];
    }
    assert_true(same < sizeof now / 32);
    assert_int_equal(close(seen.fd), 0);
    seen.watched = false;
}

static void
a_keyring_that_fits_at_the_second_try_leaves_no_first_erase_secret(void **state)
{
    struct vault v;

    vault_begin(&v);
    watch(1);
    assert_int_equal(store_renew(v.store, NULL), VLT_OK);
    assert_gone();
    vault_close(&v);
    vault_open(&v);
    vault_end(&v);
}

static void
one_that_never_fits_leaves_none_and_the_vault_as_it_was(void **state)
{
    struct vault v;

    vault_begin(&v);
    watch(2);
    assert_int_equal(store_renew(v.store, NULL), VLT_E_STORAGE);
    assert_gone();
    vault_close(&v);
    vault_open(&v);
    vault_end(&v);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_keyring_that_fits_at_the_second_try_leaves_no_first_erase_secret),
        cmocka_unit_test(
            one_that_never_fits_leaves_none_and_the_vault_as_it_was),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
