/* An erase for which there is no room is refused, and leaves nothing behind. */
#include "erases.h"

#include "store/bury.h"
#include "store/store_internal.h"

enum { ROWS = 3 };

/* In the turn under way, when none are reserved, the disk gives no more
 * blocks. */
static enum vlt_status
erase_on_full_disk(struct bench *b, const struct series_erased *wish)
{
    struct reserve *reserve = &b->vault.store->reserve;
    uint64_t upto = reserve->upto;
    struct series_erased out;
    int fd = reserve->fd;

    reserve->fd = -1;
    reserve->upto = 0;
    enum vlt_status st = series_erase(b->series, b->txn, wish, &out);

    reserve->fd = fd;
    reserve->upto = upto;
    return st;
}

static bool
count_staged(void *ctx, const struct store_lane_key *key)
{
    *(size_t *)ctx += key->live ? 0 : 1;
    return true;
}

static size_t
staged(struct bench *b)
{
    size_t count = 0;

    store_lane_keys(b->vault.store, count_staged, &count);
    return count;
}

/* A key that nobody asks for again would stay in the keyring for good, and
 * whoever tries again and again would fill it. */
static void
a_refused_erase_leaves_no_key(void **state)
{
    struct cell cell[ROWS];
    struct series_erased wish = { .at = VLT_DAY };
    const struct stream *stream;
    struct bench b;

    for (int i = 0; i < ROWS; i++) {
        cell[i] = (struct cell){ epoch_begin(10) + i * VLT_DAY, i };
    }
    bench_begin(&b);
    stream = new_stream(&b, "a");
    (void)commit_rows(&b, stream, 1, cell, ROWS);
    memcpy(wish.stream, stream->id, sizeof wish.stream);
    wish.from = cell[1].time;
    wish.to = cell[1].time + 1;
    for (int tries = 0; tries < 3; tries++) {
        turn_begin(&b);
        assert_int_equal(erase_on_full_disk(&b, &wish), VLT_E_STORAGE);
        turn_abort(&b);
        assert_int_equal(staged(&b), 0);
        assert_holds(&b, stream, cell, ROWS);
    }

    /* With room it is erased, and the rows that stay are under a key. */
    cell[1] = cell[2];
    assert_int_equal(erase(&b, stream, wish.from, wish.to).rows, 1);
    assert_holds(&b, stream, cell, ROWS - 1);
    finish(&b);
    bench_reopen(&b);
    assert_holds(&b, stream, cell, ROWS - 1);
    assert_int_equal(staged(&b), 0);
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_erase_leaves_no_key),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
