/* A copy for the sake of space takes none that rows need; one for the sake of
 * what is to be gone is made all the same. */
#define _GNU_SOURCE /* unshare() */

#include "compacting.h"

#include "small_disk.h"

enum {
    DISK = 192,     /* MiB */
    DATA = 20,      /* MiB of tails, which a copy takes once more */
    TAIL = 1 << 19, /* bytes of one */
    ROWS = 64,      /* MiB that stay free, or no row is taken (space.h) */

    /* MiB that are free: too few for a copy that leaves 16 more than ROWS, and
     * enough for one that leaves 16 alone; enough for either; and too few for
     * one that goes on. */
    TOO_FEW = 90,
    ENOUGH = 110,
    FILLED = 78,
};

static const struct store_compact_wish to_spare = { .spare = true };
static const struct store_compact_wish to_be_gone = { .spare = false };

struct disk {
    struct vault v;
    char other[80]; /* a file of somebody else's */
};

static struct store_space
space_of(struct disk *disk)
{
    struct store_space space;

    assert_int_equal(store_space(disk->v.store, 0, &space), VLT_OK);
    return space;
}

/* Somebody else takes all but so many MiB. */
static void
leave(struct disk *disk, uint64_t mib)
{
    uint64_t there = space_of(disk).free;

    assert_true(there > mib << 20);
    small_disk_take(disk->other, (size_t)(there - (mib << 20)));
}

static void
disk_begin(const char *folder, struct disk *disk)
{
    uint8_t *plain = calloc(1, TAIL);
    uint8_t stream[VLT_ID_LEN] = { 1 };
    uint64_t arrival;

    assert_non_null(plain);
    (void)snprintf(disk->other, sizeof disk->other, "%s/other", folder);
    small_disk_vault(folder, &disk->v);
    for (size_t i = 0; i < (size_t)DATA << 20; i += TAIL) {
        struct store_txn *txn = txn_begin(&disk->v);

        assert_int_equal(
            store_tail_put(txn, stream, 0, vlt_slice_of(plain, TAIL), &arrival),
            VLT_OK);
        txn_commit(txn);
    }
    free(plain);
}

static enum vlt_status
begin(struct disk *disk, const struct store_compact_wish *wish,
      struct store_compaction **out)
{
    return store_compact_begin(disk->v.store, wish, NULL, out);
}

static void
with_too_little_room(const char *folder)
{
    struct store_compaction *c = NULL;
    struct disk disk;

    disk_begin(folder, &disk);
    leave(&disk, TOO_FEW);
    assert_int_equal(begin(&disk, &to_spare, &c), VLT_E_STORAGE);
    assert_null(c);
    assert_int_equal(space_of(&disk).stop, STORE_STOP_NONE);

    assert_int_equal(begin(&disk, &to_be_gone, &c), VLT_OK);
    assert_int_equal(store_compact_work(c, NULL), VLT_OK);
    assert_int_equal(compact_end(c), VLT_OK);
    vault_close(&disk.v);
}

static void
a_copy_to_spare_space_is_not_begun_where_rows_would_stop(void **state)
{
    small_disk_run(DISK, with_too_little_room);
}

/* What is free when the copy is begun may be gone before it is made. */
static void
on_a_disk_that_fills_up(const char *folder)
{
    struct store_compaction *c = NULL;
    struct disk disk;

    disk_begin(folder, &disk);
    leave(&disk, ENOUGH);
    assert_int_equal(begin(&disk, &to_spare, &c), VLT_OK);
    leave(&disk, FILLED);
    assert_int_equal(store_compact_work(c, NULL), VLT_E_STORAGE);
    store_compact_free(c);
    assert_false(file_is_there(&disk.v, "compact"));
    assert_true(space_of(&disk).free > (uint64_t)ROWS << 20);
    assert_int_equal(space_of(&disk).stop, STORE_STOP_NONE);

    assert_int_equal(begin(&disk, &to_be_gone, &c), VLT_OK);
    assert_int_equal(store_compact_work(c, NULL), VLT_OK);
    assert_int_equal(compact_end(c), VLT_OK);
    vault_close(&disk.v);
}

static void
one_that_is_under_way_ends_where_rows_would_stop(void **state)
{
    small_disk_run(DISK, on_a_disk_that_fills_up);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_copy_to_spare_space_is_not_begun_where_rows_would_stop),
        cmocka_unit_test(one_that_is_under_way_ends_where_rows_would_stop),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
