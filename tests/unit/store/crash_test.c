/* A kill at any moment loses nothing that was acknowledged. */
#include "pieces.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum {
    CYCLES = 12,
    SEGMENT = 5, /* batches of one */
    TEXT = 3000, /* bytes of a chunk */
    VERIFIED = 0,
    LOST = 3,
    NOT_OPENED = 4,
};

/* A chunk that takes the place of the one before, in one commit with the
 * lane's record, which has its number and the batch's. */
static void
replace_chunk(struct store_txn *txn, uint64_t arrival)
{
    struct store_lane lane = lane_of(200, 0);
    uint64_t now[2] = { 0, arrival };
    uint64_t before[2];
    struct vlt_buf plain = { 0 };

    make_lane(txn, &lane);
    if (store_lane_get(store_txn_view(txn), &lane, &plain) == VLT_OK) {
        memcpy(before, plain.at, sizeof before);
        assert_int_equal(store_piece_delete(txn, STORE_CHUNK, before[0]),
                         VLT_OK);
    }
    vlt_buf_free(&plain);
    now[0] = put_piece(txn, STORE_CHUNK, &lane, TEXT + arrival % 64);
    assert_int_equal(
        store_lane_put(txn, &lane,
                       vlt_slice_of((const uint8_t *)now, sizeof now)),
        VLT_OK);
    if (arrival % SEGMENT == 0) {
        assert_int_equal(store_segment_close(txn), VLT_OK);
        if (arrival > 2 * SEGMENT) {
            assert_int_equal(store_segment_drop(txn, arrival / SEGMENT - 2),
                             VLT_OK);
        }
    }
}

/* Everything that has keys happens in children: this process must be able to
 * fork. */
static void
work(const char *path, int acks)
{
    struct vault v = { .store = NULL };
    struct vlt_slice answer = vlt_slice_text("{\"ok\":true}");

    (void)snprintf(v.path, sizeof v.path, "%s", path);
    vault_open(&v);
    for (;;) {
        struct store_txn *txn = txn_begin(&v);
        struct store_idem idem = { .principal = { 1 } };
        uint8_t stream[VLT_ID_LEN] = { 1 };
        uint8_t plain[500];
        uint64_t arrival;

        /* Now and then a new lane, so that the keyring is written too. */
        stream[1] = (uint8_t)(store_txn_number(txn) % 7);
        stream[2] = (uint8_t)(store_txn_number(txn) / 16);
        assert_int_equal(store_tail_next(store_txn_view(txn), &arrival),
                         VLT_OK);
        memset(plain, (int)(arrival & 255), sizeof plain);
        assert_int_equal(store_tail_put(txn, stream, 0,
                                        vlt_slice_of(plain, sizeof plain),
                                        &arrival),
                         VLT_OK);
        replace_chunk(txn, arrival);
        memcpy(idem.ulid, &arrival, sizeof arrival);
        assert_int_equal(store_idem_put(txn, &idem, answer), VLT_OK);
        txn_commit(txn);
        if (write(acks, &arrival, sizeof arrival) != sizeof arrival) {
            _exit(1);
        }
    }
}

static bool
check_tail(void *ctx, const struct store_tail *tail)
{
    uint64_t *next = ctx;

    if (tail->plain.len < 500 || tail->plain.at[499] != (tail->arrival & 255) ||
        tail->arrival != *next) {
        _exit(LOST);
    }
    (*next)++;
    return true;
}

/* The batches of the segments that are left: how many there ever were. */
static uint64_t
count_tails(const struct store_view *view)
{
    struct store_segment segment[STORE_SEGMENTS];
    uint64_t next;
    uint64_t end;
    size_t count;

    if (store_segments(view, segment, &count) != VLT_OK ||
        store_tail_next(view, &end) != VLT_OK) {
        _exit(LOST);
    }
    next = segment[0].first;
    if (store_tail_each(view, 1, check_tail, &next) != VLT_OK || next != end ||
        count > 3 || segment[count - 1].number != (end - 1) / SEGMENT + 1) {
        _exit(LOST);
    }
    return end - 1;
}

/* The lane has the chunk of the last batch, and there is no other. */
static void
check_chunk(const struct store_view *view, uint64_t count)
{
    struct store_lane lane = lane_of(200, 0);
    struct vlt_buf plain = { 0 };
    uint64_t last[2];
    struct store_stat stat;

    if (count == 0) {
        return;
    }
    if (store_lane_get(view, &lane, &plain) != VLT_OK) {
        _exit(LOST);
    }
    memcpy(last, plain.at, sizeof last);
    vlt_buf_clear(&plain);
    if (last[1] != count ||
        store_piece_get(view, STORE_CHUNK, last[0], &plain, NULL) != VLT_OK ||
        plain.at[0] != (uint8_t)(TEXT + count % 64) ||
        store_view_stat(view, &stat) != VLT_OK || stat.chunks != 1) {
        _exit(LOST);
    }
    vlt_buf_free(&plain);
}

/* In a child: all that was acknowledged is there, once.  Says how much that
 * is. */
static void
verify(const char *path, uint64_t acknowledged, int counts)
{
    struct vault v = { .store = NULL };
    struct store_check found;

    (void)snprintf(v.path, sizeof v.path, "%s", path);
    if (vault_try_open(&v, NULL) != VLT_OK ||
        vault_try_unlock(&v, NULL) != VLT_OK) {
        _exit(NOT_OPENED);
    }
    struct store_read *read = read_begin(&v);
    const struct store_view *view = store_read_view(read);
    uint64_t count = count_tails(view);

    check_chunk(view, count);
    /* One commit may have been made whose acknowledgement was cut off. */
    if (store_check(view, NULL, &found) != VLT_OK || count < acknowledged ||
        count > acknowledged + 1 ||
        write(counts, &count, sizeof count) != sizeof count) {
        _exit(LOST);
    }
    store_read_end(read);
    vault_close(&v);
    _exit(VERIFIED);
}

static void
make(const char *path)
{
    struct vault v;

    (void)snprintf(v.path, sizeof v.path, "%s", path);
    vault_create(&v);
    _exit(VERIFIED);
}

static int
wait_for(pid_t child)
{
    int status;

    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Let it work for a while, kill it, and read what it acknowledged last.  Warm:
 * the while begins with its first acknowledgement, else with its start. */
static uint64_t
work_and_kill(const char *path, uint64_t last, unsigned ms, bool warm)
{
    struct timespec pause = { .tv_nsec = (long)ms * 1000000 };
    int ends[2];
    uint64_t arrival;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();

    if (child == 0) {
        (void)close(ends[0]);
        work(path, ends[1]);
        _exit(1);
    }
    (void)close(ends[1]);
    if (warm) {
        assert_int_equal(read(ends[0], &last, sizeof last), sizeof last);
    }
    (void)nanosleep(&pause, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(wait_for(child), -1);
    while (read(ends[0], &arrival, sizeof arrival) == sizeof arrival) {
        last = arrival;
    }
    (void)close(ends[0]);
    return last;
}

/* The count of what is there after a kill. */
static uint64_t
verified(const char *path, uint64_t acknowledged)
{
    int ends[2];
    uint64_t count = 0;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();

    if (child == 0) {
        verify(path, acknowledged, ends[1]);
    }
    (void)close(ends[1]);
    assert_int_equal(wait_for(child), VERIFIED);
    assert_int_equal(read(ends[0], &count, sizeof count), sizeof count);
    (void)close(ends[0]);
    return count;
}

static void
nothing_acknowledged_is_lost(void **state)
{
    struct vault v;
    uint64_t count = 0;
    unsigned seed = (unsigned)getpid();

    vault_scratch(&v);
    pid_t child = fork();

    if (child == 0) {
        make(v.path);
    }
    assert_int_equal(wait_for(child), VERIFIED);
    print_message("seed %u\n", seed);
    for (int i = 0; i < CYCLES; i++) {
        seed = seed * 1103515245 + 12345;
        count = work_and_kill(v.path, count, (seed >> 16) % 100, i % 3 > 0);
        count = verified(v.path, count);
    }
    print_message("%d kills, %d batches\n", CYCLES, (int)count);
    assert_true(count > 0);
    vault_end(&v);
}

/* As a crash within init leaves it, at any moment: no vault, or a whole one,
 * and the next init goes through. */
static void
a_kill_while_it_is_made_leaves_none_or_a_whole_one(void **state)
{
    for (unsigned us = 0; us < 40000; us += 2500) {
        struct timespec pause = { .tv_nsec = (long)us * 1000 };
        struct vault v;

        vault_scratch(&v);
        pid_t child = fork();

        if (child == 0) {
            make(v.path);
        }
        (void)nanosleep(&pause, NULL);
        (void)kill(child, SIGKILL);
        (void)wait_for(child);
        if (access(v.path, F_OK) != 0) {
            child = fork();
            if (child == 0) {
                make(v.path);
            }
            assert_int_equal(wait_for(child), VERIFIED);
        }
        assert_int_equal(verified(v.path, 0), 0);
        vault_end(&v);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_acknowledged_is_lost),
        cmocka_unit_test(a_kill_while_it_is_made_leaves_none_or_a_whole_one),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
