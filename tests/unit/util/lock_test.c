#include "unit.h"

#include "util/lock.h"
#include "util/thread.h"

enum {
    THREADS = 4,
    TIMES = 5000,
};

#define HOUR INT64_C(3600000000000) /* ns */

struct shared {
    struct lock *lock;
    unsigned count;
    bool ready;
};

static int
set_up(void **state)
{
    static struct shared shared;

    shared = (struct shared){ 0 };
    *state = &shared;
    return lock_new(&shared.lock) == VLT_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    struct shared *shared = *state;

    lock_free(shared->lock);
    lock_free(NULL);
    return 0;
}

static void
count_up(void *ctx)
{
    struct shared *shared = ctx;

    for (int i = 0; i < TIMES; i++) {
        lock_take(shared->lock);
        shared->count++;
        lock_drop(shared->lock);
    }
}

static void
one_at_a_time_holds_it(void **state)
{
    struct shared *shared = *state;
    struct thread *thread[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(thread_start("count", count_up, shared, &thread[i]),
                         VLT_OK);
    }
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(thread[i]);
    }
    assert_int_equal(shared->count, THREADS * TIMES);
}

static void
await_ready(void *ctx)
{
    struct shared *shared = ctx;

    lock_take(shared->lock);
    while (!shared->ready) {
        lock_wait(shared->lock);
    }
    shared->count++;
    lock_drop(shared->lock);
}

static void
all_who_wait_are_woken(void **state)
{
    struct shared *shared = *state;
    struct thread *thread[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(thread_start("wait", await_ready, shared, &thread[i]),
                         VLT_OK);
    }
    lock_take(shared->lock);
    shared->ready = true;
    lock_drop(shared->lock);
    lock_wake_all(shared->lock);
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(thread[i]);
    }
    assert_int_equal(shared->count, THREADS);
}

static void
a_timed_wait_ends_by_itself(void **state)
{
    struct shared *shared = *state;

    lock_take(shared->lock);
    while (lock_wait_for(shared->lock, 1)) {
    }
    lock_drop(shared->lock);
}

static void
await_ready_for_an_hour(void *ctx)
{
    struct shared *shared = ctx;

    lock_take(shared->lock);
    while (!shared->ready) {
        assert_true(lock_wait_for(shared->lock, HOUR));
    }
    lock_drop(shared->lock);
}

static void
a_timed_wait_can_be_woken(void **state)
{
    struct shared *shared = *state;
    struct thread *thread = NULL;

    assert_int_equal(
        thread_start("wait", await_ready_for_an_hour, shared, &thread), VLT_OK);
    lock_take(shared->lock);
    shared->ready = true;
    lock_drop(shared->lock);
    lock_wake_one(shared->lock);
    thread_join(thread);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(one_at_a_time_holds_it),
        EACH(all_who_wait_are_woken),
        EACH(a_timed_wait_ends_by_itself),
        EACH(a_timed_wait_can_be_woken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
