#include "unit.h"

#include "exec/lanes_internal.h"
#include "util/thread.h"

enum {
    JOBS = 40,
    MANY = 2000,
    WORKERS = 4,
};

static struct job jobs[MANY];

static int
set_up(void **state)
{
    struct lanes *lanes = NULL;

    if (lanes_new(&lanes) != VLT_OK) {
        return -1;
    }
    *state = lanes;
    return 0;
}

static int
tear_down(void **state)
{
    lanes_free(*state);
    lanes_free(NULL);
    return 0;
}

/* Put jobs[number] of this waiter. */
static struct job *
put(struct lanes *lanes, size_t number, enum job_lane lane, uint64_t waiter)
{
    jobs[number] = (struct job){ .waiter = waiter, .lane = (uint8_t)lane };
    assert_null(lanes_put(lanes, &jobs[number]));
    return &jobs[number];
}

static void
assert_next(struct lanes *lanes, size_t number)
{
    assert_ptr_equal(lanes_take(lanes, false), &jobs[number]);
}

static void
one_waiter_keeps_its_order(void **state)
{
    for (size_t i = 0; i < JOBS; i++) {
        put(*state, i, JOB_OTHERS, 7);
    }
    for (size_t i = 0; i < JOBS; i++) {
        assert_next(*state, i);
    }
}

static void
waiters_take_turns(void **state)
{
    /* 0 1 2 of waiter 1, 3 4 of waiter 2, 5 of waiter 3. */
    put(*state, 0, JOB_OTHERS, 1);
    put(*state, 1, JOB_OTHERS, 1);
    put(*state, 2, JOB_OTHERS, 1);
    put(*state, 3, JOB_OTHERS, 2);
    put(*state, 4, JOB_OTHERS, 2);
    put(*state, 5, JOB_OTHERS, 3);

    static const size_t order[] = { 0, 3, 5, 1, 4, 2 };

    for (size_t i = 0; i < 6; i++) {
        assert_next(*state, order[i]);
    }
}

static void
a_waiter_that_comes_back_is_the_last_in_turn(void **state)
{
    put(*state, 0, JOB_OTHERS, 1);
    put(*state, 1, JOB_OTHERS, 2);
    put(*state, 2, JOB_OTHERS, 2);
    assert_next(*state, 0);
    put(*state, 3, JOB_OTHERS, 1);
    assert_next(*state, 1);
    assert_next(*state, 3);
    assert_next(*state, 2);
}

static void
the_owner_goes_before_the_others(void **state)
{
    put(*state, 0, JOB_OTHERS, 1);
    put(*state, 1, JOB_OTHERS, 2);
    put(*state, 2, JOB_OWNER, 1);
    put(*state, 3, JOB_OWNER, 1);
    assert_next(*state, 2);
    assert_next(*state, 3);
    assert_next(*state, 0);
    put(*state, 4, JOB_OWNER, 9);
    assert_next(*state, 4);
    assert_next(*state, 1);
}

static void
an_owner_without_end_keeps_nobody_out(void **state)
{
    put(*state, 0, JOB_OTHERS, 1);
    put(*state, 1, JOB_OTHERS, 1);
    for (size_t i = 2; i < 2 + 2 * LANES_OWNER_RUN + 3; i++) {
        put(*state, i, JOB_OWNER, 1);
    }
    size_t next = 2;

    for (size_t other = 0; other < 2; other++) {
        for (size_t i = 0; i < LANES_OWNER_RUN; i++) {
            assert_next(*state, next++);
        }
        assert_next(*state, other);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_next(*state, next++);
    }
}

static void
of_heavy_jobs_one_is_out_at_a_time(void **state)
{
    put(*state, 0, JOB_OWNER, 1)->heavy = true;
    put(*state, 1, JOB_OWNER, 2)->heavy = true;
    put(*state, 2, JOB_OWNER, 3)->heavy = true;
    put(*state, 3, JOB_OWNER, 3);
    put(*state, 4, JOB_OTHERS, 4);
    put(*state, 5, JOB_OWNER, 5);
    assert_next(*state, 0);
    assert_next(*state, 5); /* 1 and 2 wait for 0; 3 waits for 2 */
    put(*state, 7, JOB_OWNER, 7);
    assert_next(*state, 7);
    assert_next(*state, 4);
    assert_ptr_equal(lanes_take(*state, true), &jobs[1]);
    assert_ptr_equal(lanes_take(*state, true), &jobs[2]);
    assert_next(*state, 3);
    put(*state, 6, JOB_OTHERS, 6)->heavy = true;
    assert_ptr_equal(lanes_take(*state, true), &jobs[6]);
}

static void
closed_lanes_give_what_they_have(void **state)
{
    put(*state, 0, JOB_OTHERS, 1);
    lanes_close(*state);
    assert_next(*state, 0);
    assert_null(lanes_take(*state, false));
    assert_null(lanes_take(*state, false));
}

/* A worker marks what it got by its tries; TSan looks whether two get one. */
static void
work(void *ctx)
{
    bool heavy = false;
    struct job *job;

    while ((job = lanes_take(ctx, heavy)) != NULL) {
        heavy = job->heavy;
        job->tries++;
    }
}

static void
each_job_goes_to_one_worker(void **state)
{
    struct lanes *lanes = *state;
    struct thread *thread[WORKERS];

    for (size_t i = 0; i < WORKERS; i++) {
        assert_int_equal(thread_start("work", work, lanes, &thread[i]), VLT_OK);
    }
    for (size_t i = 0; i < MANY; i++) {
        jobs[i] = (struct job){ .waiter = i % 17,
                                .lane = i % 3 == 0 ? JOB_OWNER : JOB_OTHERS,
                                .heavy = i % 5 == 0 };
    }
    for (size_t i = 0; i < MANY; i += 10) {
        for (size_t j = i; j < i + 9; j++) {
            jobs[j].next = &jobs[j + 1];
        }
        assert_null(lanes_put(lanes, &jobs[i]));
    }
    lanes_close(lanes);
    for (size_t i = 0; i < WORKERS; i++) {
        thread_join(thread[i]);
    }
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(jobs[i].tries, 1);
    }
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(one_waiter_keeps_its_order),
        EACH(waiters_take_turns),
        EACH(a_waiter_that_comes_back_is_the_last_in_turn),
        EACH(the_owner_goes_before_the_others),
        EACH(an_owner_without_end_keeps_nobody_out),
        EACH(of_heavy_jobs_one_is_out_at_a_time),
        EACH(closed_lanes_give_what_they_have),
        EACH(each_job_goes_to_one_worker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
