/* Turns: what shares one, how they end, and what their jobs are told. */
#include "fake.h"

#include <time.h>

static struct fake fake;

static int
set_up(void **state)
{
    static const struct exec_limits limits = { .workers = 1 };

    fake_start(&fake, &limits);
    return 0;
}

static int
tear_down(void **state)
{
    fake_stop(&fake);
    return 0;
}

/* Job 0 holds the commit thread while these come; then they are one list. */
static void
submit_together(struct fake_job **job, size_t count)
{
    fake_hold(&fake);
    for (size_t i = 0; i < count; i++) {
        fake_submit(&fake, job[i]);
    }
}

static void
run_together(struct fake_job **job, size_t count)
{
    submit_together(job, count);
    fake_release(&fake);
    fake_await(&fake, (unsigned)count + 1);
}

/* Jobs 1, 2, 3 with a commit step. */
static void
three(struct fake_job *job[3])
{
    for (unsigned i = 0; i < 3; i++) {
        job[i] = fake_job(&fake, i + 1);
    }
}

static void
assert_turn(unsigned number, enum exec_turn kind, unsigned jobs)
{
    assert_int_equal(fake.ended[number].kind, kind);
    assert_int_equal(fake.ended[number].jobs, jobs);
}

static void
assert_statuses(enum vlt_status one, enum vlt_status two, enum vlt_status three)
{
    assert_int_equal(fake_st(&fake, 1), one);
    assert_int_equal(fake_st(&fake, 2), two);
    assert_int_equal(fake_st(&fake, 3), three);
}

static void
a_job_that_fails_fails_alone(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[1]->commit_st = VLT_E_DENIED;
    run_together(job, 3);
    assert_statuses(VLT_OK, VLT_E_DENIED, VLT_OK);
    assert_int_equal(fake.turns, 2);
    assert_int_equal(fake.committed, 2);
}

static void
a_turn_that_cannot_begin_fails_its_jobs(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[2]->job.control = true;
    fake.begin_fails = 2;
    fake.begin_st = VLT_E_LOCKED;
    run_together(job, 3);
    assert_statuses(VLT_E_LOCKED, VLT_E_LOCKED, VLT_E_LOCKED);
    assert_int_equal(fake.committed, 1);
    assert_int_equal(fake.over, 1); /* nothing was begun, so nothing ended */
}

static void
a_turn_that_was_not_begun_did_nothing(void **state)
{
    struct fake_job *job[3];

    three(job);
    fake.begin_fails = 2;
    fake.begin_st = VLT_E_UNKNOWN;
    run_together(job, 3);
    assert_statuses(VLT_E_STORAGE, VLT_E_STORAGE, VLT_E_STORAGE);
    assert_int_equal(fake.fatals, 0);
}

/* The turn with the held job is the first; this is about the second. */
static void
fail_commits(unsigned to, enum vlt_status st)
{
    fake.commit_fails_from = 2;
    fake.commit_fails_to = to;
    fake.commit_st = st;
}

static void
a_full_disk_fails_what_had_succeeded(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[1]->commit_st = VLT_E_DENIED;
    fail_commits(2, VLT_E_STORAGE);
    run_together(job, 3);
    assert_statuses(VLT_E_STORAGE, VLT_E_DENIED, VLT_E_STORAGE);
    assert_int_equal(fake.turns, 2);
    fake_submit(&fake, fake_job(&fake, 4)); /* and life goes on */
    fake_await(&fake, 5);
    assert_int_equal(fake_st(&fake, 4), VLT_OK);
    assert_int_equal(fake.fatals, 0);
}

static void
control_jobs_are_tried_again_alone(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[0]->job.control = true;
    job[2]->job.control = true;
    fail_commits(2, VLT_E_STORAGE);
    run_together(job, 3);
    assert_statuses(VLT_OK, VLT_E_STORAGE, VLT_OK);
    assert_turn(2, EXEC_TURN_MIXED, 3);
    assert_turn(3, EXEC_TURN_CONTROL, 2);
    assert_int_equal(fake.committed, 3);
}

static void
control_jobs_are_tried_again_once(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[0]->job.control = true;
    fail_commits(3, VLT_E_STORAGE);
    run_together(job, 3);
    assert_statuses(VLT_E_STORAGE, VLT_E_STORAGE, VLT_E_STORAGE);
    assert_int_equal(fake.turns, 3);
}

static void
a_turn_of_control_jobs_is_not_tried_again(void **state)
{
    struct fake_job *job[3];

    three(job);
    for (size_t i = 0; i < 3; i++) {
        job[i]->job.control = true;
    }
    fail_commits(2, VLT_E_STORAGE);
    run_together(job, 3);
    assert_statuses(VLT_E_STORAGE, VLT_E_STORAGE, VLT_E_STORAGE);
    assert_turn(2, EXEC_TURN_CONTROL, 3);
    assert_int_equal(fake.turns, 2);
}

static void
control_jobs_get_their_turn_when_none_can_begin_for_others(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[1]->job.control = true;
    fake.begin_fails = 2;
    fake.begin_st = VLT_E_STORAGE;
    run_together(job, 3);
    assert_statuses(VLT_E_STORAGE, VLT_OK, VLT_E_STORAGE);
    assert_turn(3, EXEC_TURN_CONTROL, 1);
}

/* A put that fails makes the job fail by itself, and then the commit. */
static void
a_control_job_whose_put_failed_is_tried_again_too(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[0]->commit_st = VLT_E_STORAGE;
    job[0]->job.control = true;
    job[1]->commit_st = VLT_E_DENIED;
    job[1]->job.control = true;
    fail_commits(2, VLT_E_STORAGE);
    run_together(job, 3);
    assert_statuses(VLT_E_STORAGE, VLT_E_DENIED, VLT_E_STORAGE);
    assert_turn(3, EXEC_TURN_CONTROL, 1);
}

/* A turn that needed no transaction has nothing to commit, and ends well. */
static void
control_jobs_without_a_transaction_are_tried_again(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[0]->commit_st = VLT_E_STORAGE;
    job[0]->job.control = true;
    job[1]->commit_st = VLT_E_STORAGE;
    run_together(job, 3);
    assert_statuses(VLT_E_STORAGE, VLT_E_STORAGE, VLT_OK);
    assert_turn(2, EXEC_TURN_MIXED, 3);
    assert_turn(3, EXEC_TURN_CONTROL, 1);
}

static void
assert_nothing_runs_any_more(void)
{
    struct fake_job *late = fake_prepared(&fake, 4);

    fake_await_number(&fake, &fake.fatals, 1);
    unsigned turns = fake.turns;

    fake_submit(&fake, late);
    fake_submit(&fake, fake_job(&fake, 5));
    (void)exec_drain(fake.exec);
    assert_int_equal(fake_st(&fake, 4), VLT_E_STORAGE);
    assert_int_equal(fake_st(&fake, 5), VLT_E_STORAGE);
    assert_int_equal(fake.turns, turns);
    assert_int_equal(fake.fatals, 1);
}

static void
an_unknown_commit_is_told_to_all_and_ends_exec(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[1]->commit_st = VLT_E_DENIED;
    fail_commits(2, VLT_E_UNKNOWN);
    run_together(job, 3);
    assert_statuses(VLT_E_UNKNOWN, VLT_E_UNKNOWN, VLT_E_UNKNOWN);
    assert_nothing_runs_any_more();
}

static void
a_job_that_ends_unknown_ends_exec_and_the_turn_is_undone(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[1]->commit_st = VLT_E_UNKNOWN;
    run_together(job, 3);
    assert_statuses(VLT_E_UNKNOWN, VLT_E_UNKNOWN, VLT_E_STORAGE);
    assert_turn(2, EXEC_TURN_MIXED, 2); /* the third was not begun */
    assert_int_equal(fake.aborted, 1);
    assert_int_equal(fake.committed, 1);
    assert_nothing_runs_any_more();
}

static void
what_asked_again_in_a_turn_that_ends_unknown_changed_nothing(void **state)
{
    struct fake_job *job[3];
    struct fake_job *behind = fake_prepared(&fake, 4);

    three(job);
    job[0]->job.prepare = fake_prepare;
    job[0]->asks_again = 1;
    behind->job.commit = NULL;
    fail_commits(2, VLT_E_UNKNOWN);
    submit_together(job, 1);
    /* The one worker has prepared the first when it has prepared this. */
    fake_submit(&fake, behind);
    fake_await(&fake, 1);
    fake_submit(&fake, job[1]);
    fake_submit(&fake, job[2]);
    fake_release(&fake);
    fake_await(&fake, 5);
    assert_turn(2, EXEC_TURN_MIXED, 3);
    assert_statuses(VLT_E_STORAGE, VLT_E_UNKNOWN, VLT_E_UNKNOWN);
}

static enum vlt_status
wait_for_the_end(struct job *job)
{
    struct fake_job *mine = (struct fake_job *)job;

    fake_await_number(mine->fake, &mine->fake->fatals, 1);
    return VLT_OK;
}

static void
what_waits_for_the_workers_when_exec_fails_is_not_prepared(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[0]->job.prepare = wait_for_the_end;
    job[1]->job.prepare = fake_prepare;
    fail_commits(2, VLT_E_UNKNOWN);
    run_together(job, 3);
    assert_statuses(VLT_E_STORAGE, VLT_E_STORAGE, VLT_E_UNKNOWN);
    assert_int_equal(fake.prepares, 0);
}

static void
a_job_that_wants_to_be_alone_is(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[1]->job.alone = true;
    job[1]->job.control = true;
    run_together(job, 3);
    assert_statuses(VLT_OK, VLT_OK, VLT_OK);
    assert_turn(2, EXEC_TURN_MIXED, 1);
    assert_turn(3, EXEC_TURN_ALONE, 1);
    assert_turn(4, EXEC_TURN_MIXED, 1);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(fake.end[i].number, i);
    }
}

/* Nor does it use what is kept for control, if it is none. */
static void
a_turn_of_ones_own_is_no_turn_of_control(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[1]->job.alone = true;
    run_together(job, 3);
    assert_statuses(VLT_OK, VLT_OK, VLT_OK);
    assert_turn(2, EXEC_TURN_MIXED, 1);
    assert_turn(3, EXEC_TURN_MIXED, 1);
    assert_turn(4, EXEC_TURN_MIXED, 1);
}

static void
who_wants_to_be_told_first_is(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[1]->job.first = true;
    job[2]->job.first = true;
    run_together(job, 3);
    assert_int_equal(fake.end[1].number, 2);
    assert_int_equal(fake.end[2].number, 3);
    assert_int_equal(fake.end[3].number, 1);
}

static void
a_turn_has_a_largest_number_of_jobs(void **state)
{
    static const struct exec_limits limits = { .workers = 1, .turn = 10 };

    fake_stop(&fake);
    fake_start(&fake, &limits);
    fake_hold(&fake);
    exec_submit(fake.exec, fake_jobs(&fake, 1, 25));
    fake_release(&fake);
    fake_await(&fake, 26);
    assert_turn(2, EXEC_TURN_MIXED, 10);
    assert_turn(3, EXEC_TURN_MIXED, 10);
    assert_turn(4, EXEC_TURN_MIXED, 5);
}

static void
a_turn_that_is_full_is_committed_and_the_rest_follows(void **state)
{
    fake.full = 4;
    fake_hold(&fake);
    exec_submit(fake.exec, fake_jobs(&fake, 1, 10));
    fake_release(&fake);
    fake_await(&fake, 11);
    assert_turn(2, EXEC_TURN_MIXED, 4);
    assert_turn(3, EXEC_TURN_MIXED, 4);
    assert_turn(4, EXEC_TURN_MIXED, 2);
    for (unsigned i = 0; i <= 10; i++) {
        assert_int_equal(fake.end[i].number, i);
        assert_int_equal(fake.end[i].st, VLT_OK);
    }
}

/* Fewer control jobs fit into the second turn than wait for it. */
static void
control_jobs_that_fill_a_turn_get_the_next(void **state)
{
    struct fake_job *job[3];

    three(job);
    job[1]->job.control = true;
    job[2]->job.control = true;
    fake.control_full = 1;
    fail_commits(2, VLT_E_STORAGE);
    run_together(job, 3);
    assert_statuses(VLT_E_STORAGE, VLT_OK, VLT_OK);
    assert_int_equal(fake.turns, 4);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* It is a control job that ends the wait: the one of these turns that did not
 * linger would be three. */
static void
a_turn_waits_for_more_but_not_with_a_control_job(void **state)
{
    static const struct exec_limits limits = { .workers = 1,
                                               .linger_ms = EXEC_LINGER_MS };
    struct fake_job *job[3];

    fake_stop(&fake);
    fake_start(&fake, &limits);
    three(job);
    job[2]->job.control = true;
    for (size_t i = 0; i < 3; i++) {
        fake_submit(&fake, job[i]); /* each by itself */
    }
    fake_await(&fake, 3);
    assert_statuses(VLT_OK, VLT_OK, VLT_OK);
    assert_int_equal(fake.turns, 1);
    assert_turn(1, EXEC_TURN_MIXED, 3);
}

/* One caller's job waits while another's is committed; that one asks again as
 * soon as it is answered.  Are both in one turn?  The commit must be seen to
 * sleep, so this test does; no clock is a promise, so it may take several
 * attempts. */
static bool
both_are_in_one_turn(void)
{
    const struct timespec disk = { .tv_nsec = 300000000 };
    struct fake_job *job[2] = { fake_job(&fake, 1), fake_job(&fake, 2) };
    unsigned before = fake.count;

    fake_hold(&fake);
    fake_submit(&fake, job[0]);
    (void)nanosleep(&disk, NULL);
    fake_release(&fake);
    fake_await(&fake, before + 1);
    fake_submit(&fake, job[1]);
    fake_await(&fake, before + 3);
    return fake.ended[fake.turns].jobs == 2;
}

static void
a_turn_waits_for_who_was_answered_while_its_disk_was_slow(void **state)
{
    bool both = false;

    for (int i = 0; i < 8 && !both; i++) {
        both = both_are_in_one_turn();
    }
    assert_true(both);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_job_that_fails_fails_alone),
        EACH(a_turn_that_cannot_begin_fails_its_jobs),
        EACH(a_turn_that_was_not_begun_did_nothing),
        EACH(a_full_disk_fails_what_had_succeeded),
        EACH(control_jobs_are_tried_again_alone),
        EACH(control_jobs_are_tried_again_once),
        EACH(a_turn_of_control_jobs_is_not_tried_again),
        EACH(control_jobs_get_their_turn_when_none_can_begin_for_others),
        EACH(a_control_job_whose_put_failed_is_tried_again_too),
        EACH(control_jobs_without_a_transaction_are_tried_again),
        EACH(an_unknown_commit_is_told_to_all_and_ends_exec),
        EACH(a_job_that_ends_unknown_ends_exec_and_the_turn_is_undone),
        EACH(what_asked_again_in_a_turn_that_ends_unknown_changed_nothing),
        EACH(what_waits_for_the_workers_when_exec_fails_is_not_prepared),
        EACH(a_job_that_wants_to_be_alone_is),
        EACH(a_turn_of_ones_own_is_no_turn_of_control),
        EACH(who_wants_to_be_told_first_is),
        EACH(a_turn_has_a_largest_number_of_jobs),
        EACH(a_turn_that_is_full_is_committed_and_the_rest_follows),
        EACH(control_jobs_that_fill_a_turn_get_the_next),
        EACH(a_turn_waits_for_more_but_not_with_a_control_job),
        EACH(a_turn_waits_for_who_was_answered_while_its_disk_was_slow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
