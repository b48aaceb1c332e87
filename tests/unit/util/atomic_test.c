#include "unit.h"

#include <sched.h>

#include "util/atomic.h"
#include "util/thread.h"

enum {
    THREADS = 4,
    TIMES = 20000,
};

static void
a_number_is_what_it_was_set_to(void **state)
{
    struct atomic number = { 0 };

    assert_int_equal(atomic_get(&number), 0);
    atomic_set(&number, UINT64_MAX);
    assert_true(atomic_get(&number) == UINT64_MAX);
    assert_int_equal(atomic_add(&number, 3), 2);
    assert_int_equal(atomic_add(&number, UINT64_MAX), 1);
}

static void
count_up(void *ctx)
{
    for (int i = 0; i < TIMES; i++) {
        (void)atomic_add(ctx, 1);
    }
}

static void
no_addition_is_lost(void **state)
{
    struct atomic number = { 0 };
    struct thread *thread[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(thread_start("count", count_up, &number, &thread[i]),
                         VLT_OK);
    }
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(thread[i]);
    }
    assert_int_equal(atomic_get(&number), THREADS * TIMES);
}

/* What was written before a set is seen after the get; TSan looks. */
struct letter {
    char text;
    struct atomic sent;
};

static void
read_letter(void *ctx)
{
    struct letter *letter = ctx;

    while (atomic_get(&letter->sent) == 0) {
        sched_yield();
    }
    assert_int_equal(letter->text, 'x');
}

static void
a_set_publishes_what_was_written_before(void **state)
{
    struct letter letter = { 0 };
    struct thread *thread = NULL;

    assert_int_equal(thread_start("read", read_letter, &letter, &thread),
                     VLT_OK);
    letter.text = 'x';
    atomic_set(&letter.sent, 1);
    thread_join(thread);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_what_it_was_set_to),
        cmocka_unit_test(no_addition_is_lost),
        cmocka_unit_test(a_set_publishes_what_was_written_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
