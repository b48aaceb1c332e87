#include "unit.h"

#include <sched.h>

#include "util/atomic.h"
#include "util/read_gate.h"
#include "util/thread.h"

enum {
    READERS = 3,
    CHANGES = 60,
    CHANCES = 3000,
};

/* Two numbers that are equal but while the gate is closed; TSan and the
 * readers both look. */
struct shared {
    struct read_gate *gate;
    int left;
    int right;
    struct atomic stop;
    struct atomic slices;
    struct atomic unequal;
    struct atomic started;
};

static int
set_up(void **state)
{
    static struct shared shared;

    shared = (struct shared){ 0 };
    *state = &shared;
    return read_gate_new(&shared.gate) == VLT_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    struct shared *shared = *state;

    read_gate_free(shared->gate);
    read_gate_free(NULL);
    return 0;
}

static void
read_on(void *ctx)
{
    struct shared *shared = ctx;

    while (atomic_get(&shared->stop) == 0) {
        read_gate_begin(shared->gate);
        (void)atomic_add(&shared->unequal, shared->left != shared->right);
        read_gate_end(shared->gate);
        (void)atomic_add(&shared->slices, 1);
    }
}

static void
who_closes_is_alone(void **state)
{
    struct shared *shared = *state;
    struct thread *thread[READERS];

    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(thread_start("read", read_on, shared, &thread[i]),
                         VLT_OK);
    }
    for (int i = 0; i < CHANGES; i++) {
        uint64_t before = atomic_get(&shared->slices);

        read_gate_close(shared->gate);
        shared->left++;
        shared->right++;
        read_gate_open(shared->gate);
        /* And the readers get on between two changes. */
        while (atomic_get(&shared->slices) < before + READERS + 1) {
            sched_yield();
        }
    }
    atomic_set(&shared->stop, 1);
    for (size_t i = 0; i < READERS; i++) {
        thread_join(thread[i]);
    }
    assert_int_equal(atomic_get(&shared->unequal), 0);
    assert_int_equal(shared->left, CHANGES);
}

static void
readers_are_inside_together(void **state)
{
    struct shared *shared = *state;

    read_gate_begin(shared->gate);
    read_gate_begin(shared->gate); /* as if of another thread */
    read_gate_end(shared->gate);
    read_gate_end(shared->gate);
}

static void
close_and_tell(void *ctx)
{
    struct shared *shared = ctx;

    atomic_set(&shared->started, 1);
    read_gate_close(shared->gate);
    (void)atomic_add(&shared->slices, 1);
    read_gate_open(shared->gate);
}

static void
read_and_tell(void *ctx)
{
    struct shared *shared = ctx;

    atomic_set(&shared->started, 1);
    read_gate_begin(shared->gate);
    (void)atomic_add(&shared->slices, 1);
    read_gate_end(shared->gate);
}

/* Start a thread that has to wait, and give it every chance not to. */
static struct thread *
start_and_see_it_wait(struct shared *shared, void (*fn)(void *ctx))
{
    struct thread *thread = NULL;

    assert_int_equal(thread_start("wait", fn, shared, &thread), VLT_OK);
    while (atomic_get(&shared->started) == 0) {
        sched_yield();
    }
    for (int i = 0; i < CHANCES; i++) {
        assert_int_equal(atomic_get(&shared->slices), 0);
        sched_yield();
    }
    return thread;
}

static void
closing_waits_for_who_is_inside(void **state)
{
    struct shared *shared = *state;

    read_gate_begin(shared->gate);
    struct thread *thread = start_and_see_it_wait(shared, close_and_tell);

    read_gate_end(shared->gate);
    thread_join(thread);
    assert_int_equal(atomic_get(&shared->slices), 1);
}

static void
a_closed_gate_lets_nobody_in(void **state)
{
    struct shared *shared = *state;

    read_gate_close(shared->gate);
    struct thread *thread = start_and_see_it_wait(shared, read_and_tell);

    read_gate_open(shared->gate);
    thread_join(thread);
    assert_int_equal(atomic_get(&shared->slices), 1);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(who_closes_is_alone),
        EACH(readers_are_inside_together),
        EACH(closing_waits_for_who_is_inside),
        EACH(a_closed_gate_lets_nobody_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
