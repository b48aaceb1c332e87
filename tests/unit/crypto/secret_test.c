#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/secret.h"

static struct vlt_secret *
secret_of(const char *text)
{
    struct vlt_secret *secret = NULL;

    assert_int_equal(vlt_secret_copy(vlt_slice_of(text, strlen(text)), &secret),
                     VLT_OK);
    return secret;
}

static int
set_up(void **state)
{
    return vlt_secret_init() == VLT_OK ? 0 : -1;
}

static void
a_new_secret_is_all_zero(void **state)
{
    static const uint8_t zero[1000];
    struct vlt_secret *secret = NULL;

    assert_int_equal(vlt_secret_new(sizeof zero, &secret), VLT_OK);
    assert_int_equal(vlt_secret_len(secret), sizeof zero);
    assert_memory_equal(vlt_secret_peek(secret), zero, sizeof zero);
    vlt_secret_free(secret);
}

static void
a_length_out_of_range_is_refused(void **state)
{
    struct vlt_secret *secret = NULL;

    assert_int_equal(vlt_secret_new(0, &secret), VLT_E_LIMIT);
    assert_int_equal(vlt_secret_new((size_t)VLT_SECRET_MAX + 1, &secret),
                     VLT_E_LIMIT);
    assert_int_equal(vlt_secret_copy(vlt_slice_of("", 0), &secret),
                     VLT_E_LIMIT);
    assert_int_equal(vlt_secret_random(SIZE_MAX, &secret), VLT_E_LIMIT);
    assert_null(secret);
}

static void
a_copy_holds_the_bytes(void **state)
{
    struct vlt_secret *secret = secret_of("horse");

    assert_int_equal(vlt_secret_len(secret), 5);
    assert_memory_equal(vlt_secret_peek(secret), "horse", 5);
    vlt_secret_bytes(secret)[0] = 'H';
    assert_memory_equal(vlt_secret_peek(secret), "Horse", 5);
    vlt_secret_free(secret);
}

static void
two_random_secrets_differ(void **state)
{
    struct vlt_secret *a = NULL;
    struct vlt_secret *b = NULL;

    assert_int_equal(vlt_secret_random(32, &a), VLT_OK);
    assert_int_equal(vlt_secret_random(32, &b), VLT_OK);
    assert_false(vlt_equal(vlt_secret_peek(a), vlt_secret_peek(b), 32));
    vlt_secret_free(a);
    vlt_secret_free(b);
}

static void
freeing_nothing_is_allowed(void **state)
{
    vlt_secret_free(NULL);
}

static void
a_key_is_the_first_32_bytes(void **state)
{
    struct vlt_secret *secret =
        secret_of("0123456789abcdef0123456789abcdefmore");
    struct vlt_key key = vlt_key_of(secret);

    assert_ptr_equal(key.in, secret);
    assert_int_equal(key.at, 0);
    vlt_secret_free(secret);
}

static void
equality_looks_at_every_byte(void **state)
{
    uint8_t a[64] = { 0 };
    uint8_t b[64] = { 0 };

    assert_true(vlt_equal(a, b, sizeof a));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] = 1;
        assert_false(vlt_equal(a, b, sizeof a));
        b[i] = 0;
    }
    assert_true(vlt_equal(NULL, NULL, 0));
}

static void
wiping_leaves_zeros(void **state)
{
    static const uint8_t zero[40];
    uint8_t bytes[40];

    memset(bytes, 0xa5, sizeof bytes);
    vlt_wipe(bytes, sizeof bytes);
    assert_memory_equal(bytes, zero, sizeof bytes);
    vlt_wipe(NULL, 0);
}

/* Run a check in a child; its exit code comes back, -1 for a signal. */
static int
in_a_child(int (*check)(struct vlt_secret *secret), struct vlt_secret *secret)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        _exit(check(secret));
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
finds_zeros(struct vlt_secret *secret)
{
    size_t len = vlt_secret_len(secret);
    int sum = 0;

    for (size_t i = 0; i < len; i++) {
        sum |= vlt_secret_peek(secret)[i];
    }
    vlt_secret_free(secret); /* must not end the process */
    return sum == 0 ? 0 : 1;
}

static void
a_child_finds_zeros_and_may_free_them(void **state)
{
    size_t len = 3 * 4096 + 17;
    struct vlt_secret *secret = NULL;

    assert_int_equal(vlt_secret_random(len, &secret), VLT_OK);
    assert_int_equal(in_a_child(finds_zeros, secret), 0);
    vlt_secret_free(secret);
}

/* No privilege and no memory that may be locked, as under RLIMIT_MEMLOCK 0 for
 * a common user.  Sanitizers make mlock() succeed all the same. */
static bool
give_up_locking(void)
{
    struct rlimit none = { 0, 0 };
    static char page[1];

    return setrlimit(RLIMIT_MEMLOCK, &none) == 0 &&
           (getuid() != 0 || setuid(65534) == 0) &&
           mlock(page, sizeof page) != 0;
}

enum {
    AS_PROMISED = 0,
    NOT_REFUSED = 1,
    CANNOT_TELL = 2,
};

static int
try_without_locking(struct vlt_secret *secret)
{
    struct vlt_secret *made = NULL;

    if (!give_up_locking()) {
        return CANNOT_TELL;
    }
    return vlt_secret_new(32, &made) == VLT_E_NOMEM && made == NULL
               ? AS_PROMISED
               : NOT_REFUSED;
}

static void
memory_that_cannot_be_locked_is_no_memory(void **state)
{
    int result = in_a_child(try_without_locking, NULL);

    if (result == CANNOT_TELL) {
        skip();
    }
    assert_int_equal(result, AS_PROMISED);
}

/* Where a program allows it, it is one, and is told from what is locked. */
static int
try_where_it_is_allowed(struct vlt_secret *secret)
{
    struct vlt_secret *made = NULL;
    bool locked = vlt_secret_locks();

    if (!give_up_locking()) {
        return CANNOT_TELL;
    }
    vlt_secret_allow_unlocked();
    bool whole = vlt_secret_random(3 * 4096, &made) == VLT_OK &&
                 vlt_secret_len(made) == 3 * 4096;

    vlt_secret_free(made);
    return locked && whole && !vlt_secret_locks() ? AS_PROMISED : NOT_REFUSED;
}

static void
memory_that_cannot_be_locked_may_be_allowed(void **state)
{
    int result = in_a_child(try_where_it_is_allowed, NULL);

    if (result == CANNOT_TELL) {
        skip();
    }
    assert_int_equal(result, AS_PROMISED);
}

static int
runs_over(struct vlt_secret *secret)
{
    volatile uint8_t *at = vlt_secret_bytes(secret);

    signal(SIGSEGV, SIG_DFL);
    at[vlt_secret_len(secret)] = 1;
    return 0;
}

static void
a_write_past_the_end_ends_the_process(void **state)
{
    struct vlt_secret *secret = secret_of("0123456789abcdef");

    assert_int_not_equal(in_a_child(runs_over, secret), 0);
    vlt_secret_free(secret);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_secret_is_all_zero),
        cmocka_unit_test(a_length_out_of_range_is_refused),
        cmocka_unit_test(a_copy_holds_the_bytes),
        cmocka_unit_test(two_random_secrets_differ),
        cmocka_unit_test(freeing_nothing_is_allowed),
        cmocka_unit_test(a_key_is_the_first_32_bytes),
        cmocka_unit_test(equality_looks_at_every_byte),
        cmocka_unit_test(wiping_leaves_zeros),
        cmocka_unit_test(a_child_finds_zeros_and_may_free_them),
        cmocka_unit_test(memory_that_cannot_be_locked_is_no_memory),
        cmocka_unit_test(memory_that_cannot_be_locked_may_be_allowed),
        cmocka_unit_test(a_write_past_the_end_ends_the_process),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
