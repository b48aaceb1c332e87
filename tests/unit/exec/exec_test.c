/* Jobs on their way: order, threads, completions, limits, stop. */
#include "fake.h"

#include "util/thread.h"

static struct fake fake;

static int
set_up(void **state)
{
    static const struct exec_limits limits = { .workers = 3 };

    fake_start(&fake, &limits);
    return 0;
}

static int
tear_down(void **state)
{
    fake_stop(&fake);
    return 0;
}

static void
assert_all_ok(unsigned first, unsigned last)
{
    for (unsigned number = first; number <= last; number++) {
        assert_int_equal(fake_st(&fake, number), VLT_OK);
    }
}

/* That nothing is done before its commit is asserted in fake_done(). */
static void
jobs_end_in_the_order_of_their_coming(void **state)
{
    exec_submit(fake.exec, NULL);
    for (unsigned number = 0; number < 1000; number += 100) {
        exec_submit(fake.exec, fake_jobs(&fake, number, number + 99));
    }
    fake_await(&fake, 1000);
    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(fake.end[i].number, i);
        assert_int_equal(fake.end[i].st, VLT_OK);
    }
    assert_in_range(fake.turns, 1, 10);
}

static void
what_waits_becomes_one_turn_and_one_wake(void **state)
{
    fake_hold(&fake);
    for (unsigned number = 1; number <= 91; number += 10) {
        exec_submit(fake.exec, fake_jobs(&fake, number, number + 9));
    }
    fake_release(&fake);
    fake_settle(&fake);
    assert_int_equal(fake.turns, 2);
    assert_int_equal(fake.ended[1].jobs, 1);
    assert_int_equal(fake.ended[2].jobs, 100);
    assert_int_equal(fake.wakes, 1); /* for two lists, as none was drained */
    assert_int_equal(exec_drain(fake.exec), 101);
    assert_int_equal(exec_drain(fake.exec), 0);
    fake_submit(&fake, fake_job(&fake, 101));
    fake_settle(&fake);
    assert_int_equal(fake.wakes, 2);
    assert_int_equal(exec_drain(fake.exec), 1);
}

static void
each_step_may_be_missing(void **state)
{
    struct fake_job *slow = fake_prepared(&fake, 2);
    struct fake_job *read = fake_prepared(&fake, 3);

    read->job.commit = NULL;
    fake_submit(&fake, fake_job(&fake, 1));
    fake_submit(&fake, slow);
    fake_submit(&fake, read);
    fake_submit(&fake, fake_bare(&fake, 4));
    fake_await(&fake, 4);
    assert_all_ok(1, 4);
    assert_in_range(fake.turns, 1, 2);
}

static void
what_cannot_be_prepared_is_not_committed(void **state)
{
    struct fake_job *job = fake_prepared(&fake, 1);

    job->prepare_st = VLT_E_AUTH;
    fake_submit(&fake, job);
    fake_await(&fake, 1);
    assert_int_equal(fake_st(&fake, 1), VLT_E_AUTH);
    assert_int_equal(fake.turns, 0);
}

/* Prepared jobs come from workers one by one and still all end. */
static void
many_prepared_jobs_all_end(void **state)
{
    struct job *list = NULL;

    for (unsigned number = 0; number < 1000; number++) {
        struct fake_job *job = fake_prepared(&fake, number);

        job->job.waiter = number % 7;
        job->job.lane = number % 2 == 0 ? JOB_OWNER : JOB_OTHERS;
        job->job.heavy = number % 11 == 0;
        job->asks_again = number % 13 == 0 ? 2 : 0;
        job->job.next = list;
        list = &job->job;
    }
    exec_submit(fake.exec, list);
    fake_await(&fake, 1000);
    assert_all_ok(0, 999);
}

static enum vlt_status
count_and_succeed(struct job *job)
{
    struct fake_job *mine = (struct fake_job *)job;

    mine->prepared++;
    assert(job->tries + 1 == mine->prepared);
    assert(mine->prepared <= JOB_TRIES + 1);
    return VLT_OK;
}

static void
a_job_may_ask_to_be_prepared_again(void **state)
{
    struct fake_job *once = fake_prepared(&fake, 1);
    struct fake_job *thrice = fake_prepared(&fake, 2);
    struct fake_job *always = fake_prepared(&fake, 3);

    once->job.prepare = count_and_succeed;
    once->asks_again = 1;
    thrice->job.prepare = count_and_succeed;
    thrice->asks_again = JOB_TRIES;
    always->job.prepare = count_and_succeed;
    always->asks_again = 1000;
    fake_submit(&fake, once);
    fake_submit(&fake, thrice);
    fake_submit(&fake, always);
    fake_await(&fake, 3);
    assert_int_equal(fake_st(&fake, 1), VLT_OK);
    assert_int_equal(fake_st(&fake, 2), VLT_OK);
    assert_int_equal(fake_st(&fake, 3), VLT_E_BUSY);
}

enum { PARTS = 5 };

/* There is more to prepare, until it was done PARTS times. */
static enum vlt_status
prepare_a_part(struct job *job)
{
    struct fake_job *mine = (struct fake_job *)job;

    assert(!job->more);
    mine->prepared++;
    job->more = mine->prepared % PARTS != 0;
    return VLT_OK;
}

static void
a_job_may_be_prepared_in_parts(void **state)
{
    struct fake_job *alone = fake_prepared(&fake, 1);
    struct fake_job *again = fake_prepared(&fake, 2);

    alone->job.prepare = prepare_a_part;
    alone->job.commit = NULL;
    again->job.prepare = prepare_a_part;
    again->asks_again = 1;
    fake_submit(&fake, alone);
    fake_submit(&fake, again);
    for (unsigned number = 3; number < 20; number++) {
        fake_submit(&fake, fake_prepared(&fake, number));
    }
    exec_stop(fake.exec);
    assert_int_equal(fake.count, 19);
    assert_all_ok(1, 19);
}

static void
a_conflict_alone_is_an_answer(void **state)
{
    struct fake_job *job = fake_prepared(&fake, 1);

    job->commit_st = VLT_E_CONFLICT;
    fake_submit(&fake, job);
    fake_await(&fake, 1);
    assert_int_equal(fake_st(&fake, 1), VLT_E_CONFLICT);
    assert_int_equal(fake.turns, 1);
}

static void
asking_again_is_asked_each_time(void **state)
{
    struct fake_job *job = fake_prepared(&fake, 1);

    job->asks_again = 1;
    job->commit_st = VLT_E_CONFLICT;
    fake_submit(&fake, job);
    fake_await(&fake, 1);
    assert_int_equal(fake_st(&fake, 1), VLT_E_CONFLICT);
    assert_int_equal(fake.turns, 2);
}

static void
publish_slice(struct fake *vault)
{
    struct fake_job *slice = fake_prepared(vault, 100 + vault->turns);

    slice->job.commit = NULL;
    fake_submit(vault, slice);
}

static void
a_commit_may_submit_jobs(void **state)
{
    fake.publish = publish_slice;
    fake_submit(&fake, fake_job(&fake, 1));
    fake_await(&fake, 2);
    assert_int_equal(fake_st(&fake, 1), VLT_OK);
    assert_int_equal(fake_st(&fake, 101), VLT_OK);
}

/* The loop's and the commit thread's view agree (TSan looks), and a waiter's
 * jobs keep their order. */
static void
submit_many(void *ctx)
{
    unsigned from = *(unsigned *)ctx;

    for (unsigned number = from; number < from + 500; number += 5) {
        exec_submit(fake.exec, fake_jobs(&fake, number, number + 4));
    }
}

static void
many_threads_may_submit(void **state)
{
    unsigned from[] = { 0, 500, 1000 };
    unsigned next[] = { 0, 500, 1000 };
    struct thread *thread[3];

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(
            thread_start("submit", submit_many, &from[i], &thread[i]), VLT_OK);
    }
    fake_await(&fake, 1500);
    for (size_t i = 0; i < 3; i++) {
        thread_join(thread[i]);
    }
    for (unsigned i = 0; i < 1500; i++) {
        unsigned number = fake.end[i].number;

        assert_int_equal(fake.end[i].st, VLT_OK);
        assert_int_equal(number, next[number / 500]);
        next[number / 500]++;
    }
}

static void
stopping_finishes_what_was_submitted(void **state)
{
    for (unsigned number = 0; number < 300; number++) {
        struct fake_job *job = number % 3 == 0 ? fake_prepared(&fake, number)
                                               : fake_job(&fake, number);

        job->asks_again = number % 9 == 0 ? 1 : 0;
        fake_submit(&fake, job);
    }
    exec_stop(fake.exec);
    assert_int_equal(fake.count, 300);
    assert_all_ok(0, 299);
    assert_int_equal(fake.threads_ended, 1 + 3);
    exec_stop(fake.exec);
}

static void
submit_one_more(struct job *job, enum vlt_status st)
{
    fake_done(job, st);
    fake_submit(&fake, fake_prepared(&fake, 2));
}

static void
what_comes_after_the_stop_is_busy(void **state)
{
    struct fake_job *job = fake_job(&fake, 1);

    job->job.done = submit_one_more;
    fake_submit(&fake, job);
    fake_settle(&fake);
    exec_stop(fake.exec); /* runs job 1's done */
    assert_int_equal(fake_st(&fake, 1), VLT_OK);
    assert_int_equal(fake_st(&fake, 2), VLT_E_BUSY);
    exec_submit(fake.exec, fake_jobs(&fake, 3, 4));
    assert_int_equal(exec_drain(fake.exec), 2);
    assert_int_equal(fake_st(&fake, 4), VLT_E_BUSY);
}

static void
an_idle_commit_thread_says_so(void **state)
{
    static const struct exec_limits limits = { .workers = 1, .idle_ms = 1 };
    struct fake *idle = calloc(1, sizeof *idle);

    assert_non_null(idle);
    fake_start(idle, &limits);
    fake_await_number(idle, &idle->idles, 3);
    fake_stop(idle);
    free(idle);
}

static void
too_much_at_once_is_busy_but_for_control_jobs(void **state)
{
    static const struct exec_limits limits = { .workers = 1, .jobs = 4 };
    struct fake_job *control;

    fake_stop(&fake);
    fake_start(&fake, &limits);
    fake_hold(&fake);
    exec_submit(fake.exec, fake_jobs(&fake, 1, 5));
    control = fake_job(&fake, 6);
    control->job.control = true;
    fake_submit(&fake, control);
    assert_int_equal(exec_drain(fake.exec), 2); /* at once */
    assert_int_equal(fake_st(&fake, 4), VLT_E_BUSY);
    assert_int_equal(fake_st(&fake, 5), VLT_E_BUSY);
    fake_release(&fake);
    fake_await(&fake, 7);
    assert_all_ok(0, 3);
    assert_int_equal(fake_st(&fake, 6), VLT_OK);
    fake_settle(&fake); /* what has ended may count for a moment longer */
    exec_submit(fake.exec, fake_jobs(&fake, 7, 10)); /* there is room again */
    fake_await(&fake, 11);
    assert_all_ok(7, 10);
}

static void
limits_out_of_range_are_refused(void **state)
{
    static const struct exec_limits refused[] = {
        { .linger_ms = EXEC_LINGER_MS + 1 },
        { .workers = EXEC_WORKERS_MAX + 1 },
        { .idle_ms = 3600001 },
    };
    const struct exec_hooks hooks = { .turn_begin = fake_turn_begin,
                                      .turn_commit = fake_turn_commit,
                                      .turn_abort = fake_turn_abort,
                                      .wake = fake_wake,
                                      .fatal = fake_fatal };

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct exec *exec = NULL;

        assert_int_equal(exec_start(&hooks, &refused[i], &exec), VLT_E_LIMIT);
        assert_null(exec);
    }
    exec_free(NULL);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(jobs_end_in_the_order_of_their_coming),
        EACH(what_waits_becomes_one_turn_and_one_wake),
        EACH(each_step_may_be_missing),
        EACH(what_cannot_be_prepared_is_not_committed),
        EACH(many_prepared_jobs_all_end),
        EACH(a_job_may_ask_to_be_prepared_again),
        EACH(a_job_may_be_prepared_in_parts),
        EACH(a_conflict_alone_is_an_answer),
        EACH(asking_again_is_asked_each_time),
        EACH(a_commit_may_submit_jobs),
        EACH(many_threads_may_submit),
        EACH(stopping_finishes_what_was_submitted),
        EACH(what_comes_after_the_stop_is_busy),
        EACH(an_idle_commit_thread_says_so),
        EACH(too_much_at_once_is_busy_but_for_control_jobs),
        EACH(limits_out_of_range_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
