/* Keys that go are gone, and a file without free pages is the same file. */
#include "pieces.h"

#include <sys/stat.h>

#include "base/buf.h"
#include "compacting.h"
#include "store/bury.h"

enum {
    PIECES = 400,
    PIECE = 9000, /* bytes */
};

static off_t
file_size(const struct vault *v)
{
    struct stat about;
    char path[128];

    (void)snprintf(path, sizeof path, "%s/data.mdb", v->path);
    assert_int_equal(stat(path, &about), 0);
    return about.st_size;
}

/* Chunks of two streams, one by one. */
static void
fill(struct vault *v)
{
    struct store_lane lane[2] = { lane_of(1, 7), lane_of(2, 7) };
    struct store_txn *txn = txn_begin(v);

    make_lane(txn, &lane[0]);
    make_lane(txn, &lane[1]);
    for (size_t i = 0; i < PIECES; i++) {
        (void)put_piece(txn, STORE_CHUNK, &lane[i % 2], PIECE);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            store_lane_put(txn, &lane[i], vlt_slice_text("a lane")), VLT_OK);
    }
    txn_commit(txn);
}

struct key {
    uint8_t kid[STORE_KID_LEN];
    uint8_t stream;
    bool found;
};

static bool
take_key(void *ctx, const struct store_lane_key *found)
{
    struct key *key = ctx;

    if (found->live && found->stream[0] == key->stream && found->epoch == 7) {
        memcpy(key->kid, found->kid, sizeof key->kid);
        key->found = true;
    }
    return true;
}

static struct key
key_of(struct vault *v, uint8_t stream)
{
    struct key key = { .stream = stream };

    store_lane_keys(v->store, take_key, &key);
    return key;
}

static enum vlt_status
bury(struct vault *v, const struct key *key)
{
    struct store_burial burial = { .dead = key->kid, .dead_count = 1 };

    return store_bury(v->store, &burial);
}

static bool
count_one(void *ctx, uint64_t no, const struct store_lane *lane,
          struct vlt_slice plain)
{
    (void)no;
    (void)lane;
    (void)plain;
    ++*(size_t *)ctx;
    return true;
}

/* Chunks that open. */
static size_t
chunks(struct vault *v)
{
    struct store_read *read = read_begin(v);
    size_t count = 0;
    uint64_t known;

    assert_int_equal(
        store_piece_each(store_read_view(read), STORE_CHUNK, count_one, &count),
        VLT_OK);
    assert_int_equal(
        store_piece_count(store_read_view(read), STORE_CHUNK, &known), VLT_OK);
    assert_int_equal(known, count);
    store_read_end(read);
    return count;
}

static void
assert_sound(struct vault *v)
{
    struct store_read *read = read_begin(v);
    struct store_check found;
    struct vlt_buf why;

    vlt_buf_init(&why, 0);
    if (store_check(store_read_view(read), &why, &found) != VLT_OK) {
        fail_msg("%.*s", (int)why.len, (const char *)why.at);
    }
    vlt_buf_free(&why);
    store_read_end(read);
}

static void
sweep(struct vault *v)
{
    struct store_sweep at = { .step = 0 };
    bool done = false;

    while (!done) {
        struct store_txn *txn = txn_begin(v);
        struct store_put_count before = store_txn_count(txn);

        assert_int_equal(store_sweep(txn, &at, &done), VLT_OK);
        assert_true(store_txn_count(txn).records - before.records <=
                    STORE_SWEEP_DELETES);
        txn_commit(txn);
    }
}

static void
what_is_under_a_buried_key_is_passed_over(void **state)
{
    struct vault v;
    struct key key;

    vault_begin(&v);
    fill(&v);
    assert_int_equal(chunks(&v), PIECES);
    key = key_of(&v, 1);
    assert_true(key.found);
    assert_int_equal(bury(&v, &key), VLT_OK);
    assert_int_equal(chunks(&v), PIECES / 2);
    assert_false(key_of(&v, 1).found);
    assert_sound(&v);
    vault_end(&v);
}

static void
a_renewed_vault_has_no_file_of_the_old_keys(void **state)
{
    struct vault v;
    struct key key;

    vault_begin(&v);
    fill(&v);
    key = key_of(&v, 1);
    assert_int_equal(bury(&v, &key), VLT_OK);
    assert_int_equal(store_renew(v.store, NULL), VLT_OK);
    assert_false(file_is_there(&v, "erase.1"));
    assert_false(file_is_there(&v, "keyring.1"));
    assert_false(file_is_there(&v, "header.1"));
    assert_true(file_is_there(&v, "keyring.2"));
    put_setting(&v, 1, "{}"); /* root follows */
    vault_close(&v);
    vault_open(&v);
    assert_false(key_of(&v, 1).found);
    assert_true(key_of(&v, 2).found);
    vault_end(&v);
}

static void
a_sweep_takes_what_is_buried_and_nothing_else(void **state)
{
    struct vault v;
    struct key key;

    vault_begin(&v);
    fill(&v);
    key = key_of(&v, 1);
    assert_int_equal(bury(&v, &key), VLT_OK);
    assert_int_equal(store_renew(v.store, NULL), VLT_OK);
    sweep(&v);
    store_unbury(v.store);
    assert_int_equal(chunks(&v), PIECES / 2);
    assert_sound(&v);
    vault_close(&v);
    vault_open(&v); /* the set hash knows that a lane's record went */
    assert_int_equal(chunks(&v), PIECES / 2);
    assert_sound(&v);
    vault_end(&v);
}

static void
a_compacted_file_is_smaller_and_holds_the_same(void **state)
{
    struct vault v;
    struct key key;
    off_t before;

    vault_begin(&v);
    fill(&v);
    key = key_of(&v, 1);
    assert_int_equal(bury(&v, &key), VLT_OK);
    sweep(&v);
    before = file_size(&v);
    assert_int_equal(compact(&v), VLT_OK);
    assert_true(file_size(&v) < before);
    assert_false(file_is_there(&v, "compact"));
    assert_int_equal(chunks(&v), PIECES / 2);
    put_setting(&v, 9, "{\"v\":1}");
    vault_close(&v);
    vault_open(&v);
    assert_int_equal(chunks(&v), PIECES / 2);
    vault_end(&v);
}

static void
what_a_compaction_left_is_removed_at_the_next_start(void **state)
{
    struct vault v;
    char path[128];

    vault_begin(&v);
    fill(&v);
    vault_close(&v);
    (void)snprintf(path, sizeof path, "%s/compact", v.path);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/compact/data.mdb", v.path);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);

    assert_true(fd >= 0 && write(fd, "half", 4) == 4);
    (void)close(fd);
    vault_open(&v);
    assert_false(file_is_there(&v, "compact"));
    assert_int_equal(chunks(&v), PIECES);
    vault_end(&v);
}

static void
a_staged_key_takes_the_place_of_a_dead_one(void **state)
{
    struct store_lane staged = lane_of(1, 7);
    struct store_lane live = lane_of(1, 7);
    struct vlt_buf room;
    struct vault v;
    struct key key;

    vault_begin(&v);
    fill(&v);
    key = key_of(&v, 1);

    struct store_txn *txn = txn_begin(&v);

    staged.staged = true;
    assert_int_equal(store_txn_stage(txn, staged.stream, 7, staged.kid),
                     VLT_OK);
    assert_int_equal(
        store_lane_put(txn, &staged, vlt_slice_text("another lane")), VLT_OK);
    txn_commit(txn);

    struct store_burial burial = {
        .dead = key.kid, .dead_count = 1, .live = staged.kid, .live_count = 1
    };

    assert_int_equal(store_bury(v.store, &burial), VLT_OK);
    assert_memory_equal(key_of(&v, 1).kid, staged.kid, STORE_KID_LEN);

    struct store_read *read = read_begin(&v);

    vlt_buf_init(&room, 0);
    assert_int_equal(store_lane_get(store_read_view(read), &live, &room),
                     VLT_OK);
    assert_memory_equal(room.at, "another lane", 12);
    vlt_buf_free(&room);
    store_read_end(read);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_under_a_buried_key_is_passed_over),
        cmocka_unit_test(a_renewed_vault_has_no_file_of_the_old_keys),
        cmocka_unit_test(a_sweep_takes_what_is_buried_and_nothing_else),
        cmocka_unit_test(a_compacted_file_is_smaller_and_holds_the_same),
        cmocka_unit_test(what_a_compaction_left_is_removed_at_the_next_start),
        cmocka_unit_test(a_staged_key_takes_the_place_of_a_dead_one),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
