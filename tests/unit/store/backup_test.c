/* A backup is the vault as it was at one commit, whole or not there. */
#include <sys/stat.h>

#include "compacting.h"
#include "fixture.h"
#include "store/backup.h"
#include "store/bury.h"
#include "store/slots.h"

enum { PAGES = 40 /* batches of a page and more: several pieces */ };

struct bench {
    struct vault v;
    struct vlt_secret *words;
    char file[128];
    char dir[96]; /* that is restored into */
};

static int
set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    struct vlt_secret *key = vault_key_file();
    struct store_init init = { .key_file = key,
                               .words = true,
                               .now_ns = FIXTURE_NOW };

    vault_scratch(&b->v);
    assert_int_equal(store_create(b->v.path, &init, NULL, &b->words), VLT_OK);
    vlt_secret_free(key);
    vault_open(&b->v);
    (void)snprintf(b->file, sizeof b->file, "%s/file", b->v.scratch);
    (void)snprintf(b->dir, sizeof b->dir, "%s/again", b->v.scratch);
    *state = b;
    return 0;
}

static int
tear_down(void **state)
{
    struct bench *b = *state;
    char half[128];

    (void)snprintf(half, sizeof half, "%s.new", b->dir);
    vault_remove_folder(b->dir);
    vault_remove_folder(half);
    vlt_secret_free(b->words);
    vault_end(&b->v);
    free(b);
    return 0;
}

/* ---- making ---- */

static enum vlt_status
begin(struct bench *b, struct store_backup **out)
{
    struct store_backup_wish wish = { .id = { 7 }, .now_ns = FIXTURE_NOW };
    enum vlt_status st = store_backup_open(b->v.store, b->file, NULL, out);

    if (st == VLT_OK) {
        st = store_backup_begin(*out, &wish, NULL);
        if (st != VLT_OK) {
            store_backup_free(*out);
        }
    }
    return st;
}

/* All of it, but for the freeing. */
static enum vlt_status
complete(struct store_backup *backup)
{
    enum vlt_status st = VLT_OK;
    bool over = false;

    while (st == VLT_OK && !over) {
        st = store_backup_step(backup, NULL, &over);
    }
    return st == VLT_OK ? store_backup_finish(backup, NULL) : st;
}

static enum vlt_status
finish(struct store_backup *backup)
{
    enum vlt_status st = complete(backup);

    store_backup_free(backup);
    return st;
}

static void
make(struct bench *b)
{
    struct store_backup *backup;

    assert_int_equal(begin(b, &backup), VLT_OK);
    assert_int_equal(finish(backup), VLT_OK);
}

static bool
is_there(const char *path, const char *more)
{
    char name[160];

    (void)snprintf(name, sizeof name, "%s%s", path, more);
    return access(name, F_OK) == 0;
}

/* ---- restoring ---- */

static enum vlt_status
restore(struct bench *b, struct store_bundle *bundle,
        struct store_restore **out)
{
    struct vlt_secret *key = vault_key_file();
    struct store_restore_wish wish = { .dir = b->dir };
    struct store_draft *draft;
    enum vlt_status st = store_draft_key_file(key, &draft);

    assert_int_equal(st, VLT_OK);
    wish.slot[0] = draft;
    st = store_restore_begin(bundle, &wish, NULL, out);
    store_draft_free(draft);
    vlt_secret_free(key);
    return st;
}

static struct store_restore *
open_backup(struct bench *b)
{
    struct store_bundle *bundle;
    struct store_restore *out = NULL;
    bool words = false;

    assert_int_equal(store_bundle_open(b->file, NULL, &bundle), VLT_OK);
    assert_int_equal(store_bundle_typed(bundle, b->words, &words), VLT_OK);
    assert_true(words);
    assert_int_equal(restore(b, bundle, &out), VLT_OK);
    store_bundle_free(bundle);
    return out;
}

static bool
has_setting(struct store *store, uint8_t id)
{
    uint8_t whole[VLT_ID_LEN] = { id };
    struct store_read *read;
    struct vlt_buf json = { 0 };

    assert_int_equal(store_read_begin(store, &read), VLT_OK);
    enum vlt_status st =
        store_meta_get(store_read_view(read), STORE_META_SETTING, whole, &json);

    store_read_end(read);
    vlt_buf_free(&json);
    assert_true(st == VLT_OK || st == VLT_E_NOT_FOUND);
    return st == VLT_OK;
}

/* How many records; none of them is bad. */
static uint64_t
sound(struct store *store)
{
    struct store_check found;
    struct store_read *read;

    assert_int_equal(store_read_begin(store, &read), VLT_OK);
    assert_int_equal(store_check(store_read_view(read), NULL, &found), VLT_OK);
    store_read_end(read);
    return found.records;
}

static void
fill(struct bench *b)
{
    static uint8_t plain[6000];

    for (uint8_t i = 1; i <= PAGES; i++) {
        struct store_txn *txn = txn_begin(&b->v);
        uint8_t stream[VLT_ID_LEN] = { i };
        uint64_t arrival;

        plain[100] = i;
        assert_int_equal(store_tail_put(txn, stream, 7,
                                        vlt_slice_of(plain, sizeof plain),
                                        &arrival),
                         VLT_OK);
        txn_commit(txn);
    }
}

/* ---- tests ---- */

static void
what_is_restored_is_what_was_there(void **state)
{
    struct bench *b = *state;
    struct store_anchor was;
    struct store_anchor is;

    fill(b);
    put_setting(&b->v, 1, "{\"v\":1}");
    store_anchor_now(b->v.store, &was);
    make(b);

    struct store_restore *out = open_backup(b);
    struct store *again = store_restore_store(out);

    store_anchor_now(again, &is);
    assert_int_equal(is.commit, was.commit);
    assert_int_equal(store_restore_about(out)->commit, was.commit);
    assert_int_equal(store_restore_about(out)->id[0], 7);
    assert_int_equal(sound(again), sound(b->v.store));
    assert_true(has_setting(again, 1));
    assert_memory_equal(store_vault_id(again), store_vault_id(b->v.store),
                        VLT_ID_LEN);
    assert_memory_not_equal(store_instance_id(again),
                            store_instance_id(b->v.store), VLT_ID_LEN);
    store_restore_end(out);
    assert_false(is_there(b->dir, ""));
    assert_false(is_there(b->dir, ".new"));
}

static void
it_shows_the_commit_at_which_it_began(void **state)
{
    struct bench *b = *state;
    struct store_backup *backup;

    fill(b);
    put_setting(&b->v, 1, "{\"v\":1}");
    assert_int_equal(begin(b, &backup), VLT_OK);
    /* What comes now is in neither data nor keyring. */
    put_setting(&b->v, 2, "{\"v\":1}");
    put_tail(&b->v, 200);
    assert_int_equal(finish(backup), VLT_OK);

    struct store_restore *out = open_backup(b);

    assert_true(has_setting(store_restore_store(out), 1));
    assert_false(has_setting(store_restore_store(out), 2));
    assert_true(sound(store_restore_store(out)) < sound(b->v.store));
    store_restore_end(out);
}

static void
a_restored_vault_opens_in_its_place(void **state)
{
    struct bench *b = *state;

    put_setting(&b->v, 1, "{\"v\":1}");
    make(b);
    struct store_restore *out = open_backup(b);

    assert_int_equal(store_restore_commit(out, NULL), VLT_OK);
    store_restore_end(out);
    struct vault again = { .store = NULL };

    (void)snprintf(again.path, sizeof again.path, "%s", b->dir);
    vault_open(&again);
    put_setting(&again, 3, "{\"v\":1}");
    assert_true(has_setting(again.store, 1));
    vault_close(&again);
    vault_open(&again);
    assert_true(has_setting(again.store, 3));
    /* Its words are not slots of it. */
    struct vlt_secret *root = NULL;

    assert_int_equal(store_root_key(again.store, STORE_TYPED, b->words, &root),
                     VLT_E_AUTH);
    vault_close(&again);
}

static void
another_backup_of_the_same_is_another_file(void **state)
{
    struct bench *b = *state;
    struct vlt_buf one = { 0 };
    struct vlt_buf two = { 0 };
    struct vault here = b->v;

    (void)snprintf(here.path, sizeof here.path, "%s", here.scratch);
    make(b);
    file_get(&here, "file", &one);
    assert_int_equal(unlink(b->file), 0);
    make(b);
    file_get(&here, "file", &two);
    assert_int_equal(one.len, two.len);
    for (size_t at = 4096; at + 16 <= one.len; at += 16) {
        assert_memory_not_equal(one.at + at, two.at + at, 16);
    }
    vlt_buf_free(&one);
    vlt_buf_free(&two);
}

static void
the_vault_may_be_locked_meanwhile(void **state)
{
    struct bench *b = *state;
    struct store_backup *backup;

    fill(b);
    assert_int_equal(begin(b, &backup), VLT_OK);
    store_lock(b->v.store);
    assert_int_equal(finish(backup), VLT_OK);
    struct store_restore *out = open_backup(b);

    (void)sound(store_restore_store(out));
    store_restore_end(out);
    assert_int_equal(unlink(b->file), 0);
    assert_int_equal(begin(b, &backup), VLT_E_LOCKED);
    assert_false(is_there(b->file, ".part"));
}

static void
it_is_for_the_owner_alone(void **state)
{
    struct bench *b = *state;
    struct stat about;

    make(b);
    assert_int_equal(stat(b->file, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_false(is_there(b->file, ".part"));
}

static void
what_is_broken_off_leaves_no_file(void **state)
{
    struct bench *b = *state;
    struct store_backup *backup;

    fill(b);
    assert_int_equal(begin(b, &backup), VLT_OK);
    assert_true(is_there(b->file, ".part"));
    store_backup_cancel(backup);
    assert_int_equal(finish(backup), VLT_E_BUSY);
    assert_false(is_there(b->file, ""));
    assert_false(is_there(b->file, ".part"));
    assert_int_equal(begin(b, &backup), VLT_OK);
    store_backup_free(backup);
    assert_false(is_there(b->file, ".part"));
    make(b);
}

static void
what_is_there_is_not_replaced(void **state)
{
    struct bench *b = *state;
    struct store_backup *backup;
    struct vault here = b->v;

    (void)snprintf(here.path, sizeof here.path, "%s", here.scratch);
    assert_int_equal(begin(b, &backup), VLT_OK);
    file_put(&here, "file", vlt_slice_text("mine"));
    assert_int_equal(complete(backup), VLT_E_CONFLICT);
    assert_false(is_there(b->file, ".part")); /* before anybody is told */
    store_backup_free(backup);
    assert_int_equal(begin(b, &backup), VLT_E_CONFLICT);
    assert_int_equal(unlink(b->file), 0);
    file_put(&here, "file.part", vlt_slice_text("mine, too"));
    assert_int_equal(begin(b, &backup), VLT_E_CONFLICT);
    /* But what a crash left is. */
    file_put(&here, "file.part", vlt_slice_text("vaultbk1, half of it"));
    make(b);
    assert_false(is_there(b->file, ".part"));
}

static void
it_lies_outside_of_the_vault(void **state)
{
    struct bench *b = *state;
    struct store_backup *backup;

    (void)snprintf(b->file, sizeof b->file, "%s/file", b->v.path);
    assert_int_equal(begin(b, &backup), VLT_E_CONFLICT);
    assert_false(is_there(b->file, ".part"));
    (void)snprintf(b->file, sizeof b->file, "%s/none/file", b->v.scratch);
    assert_int_equal(begin(b, &backup), VLT_E_NOT_FOUND);
    (void)snprintf(b->file, sizeof b->file, "%s/..", b->v.scratch);
    assert_int_equal(begin(b, &backup), VLT_E_STORAGE);
}

static void
nothing_is_compacted_meanwhile(void **state)
{
    struct bench *b = *state;
    struct store_backup *backup;

    assert_int_equal(begin(b, &backup), VLT_OK);
    assert_int_equal(compact(&b->v), VLT_E_BUSY);
    assert_int_equal(finish(backup), VLT_OK);
    assert_int_equal(compact(&b->v), VLT_OK);
}

static void
it_may_begin_while_something_is_compacted(void **state)
{
    struct bench *b = *state;
    struct store_compaction *c = compact_begin(&b->v);
    struct store_backup *backup;
    bool more;

    assert_int_equal(store_compact_work(c, NULL), VLT_OK);
    assert_int_equal(begin(b, &backup), VLT_OK);
    assert_int_equal(store_compact_finish(c, NULL, &more), VLT_E_BUSY);
    store_compact_free(c);
    assert_int_equal(finish(backup), VLT_OK);

    struct store_restore *out = open_backup(b);

    (void)sound(store_restore_store(out));
    store_restore_end(out);
}

static void
a_vault_that_opens_by_a_file_alone_has_none(void **state)
{
    struct bench *b = *state;
    struct vault other;
    struct bench apart = *b;
    struct store_backup *backup;

    vault_begin(&other);
    apart.v = other;
    assert_int_equal(begin(&apart, &backup), VLT_E_LIMIT);
    assert_false(is_there(b->file, ".part"));
    vault_end(&other);
}

static void
it_opens_by_what_opened_the_vault_and_nothing_else(void **state)
{
    struct bench *b = *state;
    struct store_bundle *bundle;
    struct vlt_secret *key = vault_key_file();
    struct vlt_secret *copy;
    struct vault other;

    make(b);
    vault_begin(&other);
    assert_int_equal(store_bundle_open(b->file, NULL, &bundle), VLT_OK);
    assert_memory_equal(store_bundle_vault(bundle), store_vault_id(b->v.store),
                        VLT_ID_LEN);
    assert_int_equal(store_bundle_typed(bundle, key, NULL), VLT_E_AUTH);
    assert_int_equal(store_bundle_take(bundle, key), VLT_E_AUTH);
    assert_int_equal(store_bundle_own(bundle, other.store), VLT_E_AUTH);
    assert_null(store_bundle_key(bundle));
    assert_int_equal(store_bundle_own(bundle, b->v.store), VLT_OK);
    assert_int_equal(
        vlt_secret_copy(vlt_slice_of(vlt_secret_peek(store_bundle_key(bundle)),
                                     VLT_KEY_LEN),
                        &copy),
        VLT_OK);
    store_bundle_free(bundle);
    assert_int_equal(store_bundle_open(b->file, NULL, &bundle), VLT_OK);
    assert_int_equal(store_bundle_take(bundle, copy), VLT_OK);
    store_lock(b->v.store);
    assert_int_equal(store_bundle_own(bundle, b->v.store), VLT_E_LOCKED);
    store_bundle_free(bundle);
    vlt_secret_free(copy);
    vlt_secret_free(key);
    vault_end(&other);
}

/* What a backup that was changed comes to: no vault. */
static void
must_not_restore(struct bench *b)
{
    struct store_bundle *bundle = NULL;
    struct store_restore *out = NULL;
    enum vlt_status st = store_bundle_open(b->file, NULL, &bundle);

    if (st == VLT_OK) {
        st = store_bundle_own(bundle, b->v.store);
    }
    if (st == VLT_OK) {
        st = restore(b, bundle, &out);
    }
    assert_true(st == VLT_E_AUTH || st == VLT_E_FORMAT);
    assert_null(out);
    store_bundle_free(bundle);
    assert_false(is_there(b->dir, ""));
    assert_false(is_there(b->dir, ".new"));
}

static void
no_vault_comes_of_a_changed_one(void **state)
{
    struct bench *b = *state;
    struct vlt_buf whole = { 0 };
    struct vault here = b->v;

    (void)snprintf(here.path, sizeof here.path, "%s", here.scratch);
    fill(b);
    make(b);
    file_get(&here, "file", &whole);
    for (size_t at = 0; at < whole.len;
         at += at < 128 ? 13 : whole.len / 20 + 1) {
        whole.at[at] ^= 4;
        file_put(&here, "file", vlt_buf_slice(&whole));
        must_not_restore(b);
        whole.at[at] ^= 4;
    }
    for (size_t len = 0; len < whole.len; len += whole.len / 11) {
        file_put(&here, "file", vlt_slice_of(whole.at, len));
        must_not_restore(b);
    }
    file_put(&here, "file", vlt_buf_slice(&whole));
    store_restore_end(open_backup(b));
    vlt_buf_free(&whole);
}

static void
a_vault_that_is_there_is_not_replaced(void **state)
{
    struct bench *b = *state;
    struct store_restore *out = NULL;
    struct store_bundle *bundle;

    make(b);
    assert_int_equal(store_bundle_open(b->file, NULL, &bundle), VLT_OK);
    assert_int_equal(store_bundle_own(bundle, b->v.store), VLT_OK);
    assert_int_equal(mkdir(b->dir, 0700), 0);
    assert_int_equal(restore(b, bundle, &out), VLT_E_CONFLICT);
    assert_int_equal(rmdir(b->dir), 0);
    /* One that appears meanwhile, neither. */
    assert_int_equal(restore(b, bundle, &out), VLT_OK);
    assert_int_equal(mkdir(b->dir, 0700), 0);
    assert_int_equal(store_restore_commit(out, NULL), VLT_E_CONFLICT);
    store_restore_end(out);
    assert_false(is_there(b->dir, ".new"));
    store_bundle_free(bundle);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_restored_is_what_was_there),
        TEST(it_shows_the_commit_at_which_it_began),
        TEST(a_restored_vault_opens_in_its_place),
        TEST(another_backup_of_the_same_is_another_file),
        TEST(the_vault_may_be_locked_meanwhile),
        TEST(it_is_for_the_owner_alone),
        TEST(what_is_broken_off_leaves_no_file),
        TEST(what_is_there_is_not_replaced),
        TEST(it_lies_outside_of_the_vault),
        TEST(nothing_is_compacted_meanwhile),
        TEST(it_may_begin_while_something_is_compacted),
        TEST(a_vault_that_opens_by_a_file_alone_has_none),
        TEST(it_opens_by_what_opened_the_vault_and_nothing_else),
        TEST(no_vault_comes_of_a_changed_one),
        TEST(a_vault_that_is_there_is_not_replaced),
    };

    return run_quietly() || cmocka_run_group_tests(tests, NULL, NULL);
}
