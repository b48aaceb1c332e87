/* Another root key: what opened the old one opens nothing, and all is there. */
#include "fixture.h"

#include <sys/stat.h>

#include "base/text.h"
#include "keys/header.h"
#include "store/anchor.h"
#include "store/inbox.h"
#include "store/slots.h"
#include "store/store_internal.h"

static struct vault v;
static char anchor[128];

static struct vlt_secret *
key_of(char letter)
{
    struct vlt_secret *key;

    assert_int_equal(vlt_secret_new(KEK_RANDOM_LEN, &key), VLT_OK);
    memset(vlt_secret_bytes(key), letter, KEK_RANDOM_LEN);
    return key;
}

static enum vlt_status
open_by(struct vlt_secret *key, struct vlt_secret **root)
{
    enum vlt_status st = store_root_key(v.store, STORE_KEY_FILE, key, root);

    vlt_secret_free(key);
    return st;
}

static enum vlt_status
rotate_with(const struct vlt_secret *root, struct store_draft *draft)
{
    struct vlt_buf why = { 0 };
    enum vlt_status st = store_rotate(v.store, root, &draft, 1, &why);

    vlt_buf_free(&why);
    return st;
}

/* From the fixture's key file to the key of a letter. */
static void
rotate_to(char letter)
{
    struct vlt_secret *key = key_of(letter);
    struct vlt_secret *root = NULL;
    struct store_draft *draft;

    assert_int_equal(open_by(vault_key_file(), &root), VLT_OK);
    assert_int_equal(store_draft_key_file(key, &draft), VLT_OK);
    assert_int_equal(rotate_with(root, draft), VLT_OK);
    store_draft_free(draft);
    vlt_secret_free(key);
    vlt_secret_free(root);
}

static enum vlt_status
unlock_by(char letter)
{
    struct vlt_secret *root = NULL;
    enum vlt_status st = open_by(key_of(letter), &root);

    if (st == VLT_OK) {
        st = store_unlock(v.store, root, NULL);
    }
    vlt_secret_free(root);
    return st;
}

static void
reopen_by(char letter)
{
    vault_close(&v);
    assert_int_equal(vault_try_open(&v, NULL), VLT_OK);
    assert_int_equal(unlock_by(letter), VLT_OK);
}

static void
assert_setting(uint8_t id)
{
    struct store_read *read = read_begin(&v);
    uint8_t whole[VLT_ID_LEN] = { id };
    struct vlt_buf json = { 0 };

    assert_int_equal(
        store_meta_get(store_read_view(read), STORE_META_SETTING, whole, &json),
        VLT_OK);
    store_read_end(read);
    vlt_buf_free(&json);
}

static void
the_new_key_opens_it_and_the_old_one_does_not(void **state)
{
    struct vlt_secret *root = NULL;

    vault_begin(&v);
    put_setting(&v, 1, "{\"v\":1}");
    rotate_to('a');
    assert_int_equal(open_by(vault_key_file(), &root), VLT_E_AUTH);
    assert_setting(1);
    put_setting(&v, 2, "{\"v\":1}");
    put_tail(&v, 7);
    reopen_by('a');
    assert_int_equal(open_by(vault_key_file(), &root), VLT_E_AUTH);
    assert_setting(1);
    assert_setting(2);
    vault_end(&v);
}

/* A root key that a memory kept opens nothing that comes after. */
static void
the_old_root_key_opens_nothing(void **state)
{
    struct vlt_secret *root = NULL;

    vault_begin(&v);
    assert_int_equal(open_by(vault_key_file(), &root), VLT_OK);
    rotate_to('a');
    store_lock(v.store);
    assert_int_equal(store_unlock(v.store, root, NULL), VLT_E_AUTH);
    assert_int_equal(unlock_by('a'), VLT_OK);
    vlt_secret_free(root);
    vault_end(&v);
}

static void
the_old_generation_is_destroyed(void **state)
{
    static const char *const old[] = { "header.1", "erase.1", "keyring.1" };
    static const char *const new[] = { "header.2", "erase.2", "keyring.2" };

    vault_begin(&v);
    rotate_to('a');
    for (size_t i = 0; i < 3; i++) {
        assert_false(file_is_there(&v, old[i]));
        assert_true(file_is_there(&v, new[i]));
    }
    vault_end(&v);
}

static uint64_t
keys(void)
{
    struct store_read *read = read_begin(&v);
    struct store_stat stat;

    assert_int_equal(store_view_stat(store_read_view(read), &stat), VLT_OK);
    store_read_end(read);
    return stat.keys;
}

static void
the_keys_of_backups_are_those_of_the_new_slots(void **state)
{
    struct vlt_secret *root = NULL;
    struct store_draft *draft;
    uint64_t bare;

    vault_begin(&v);
    bare = keys(); /* a key file has none */
    for (int i = 0; i < 2; i++) {
        struct store_draft *both[2];
        struct vlt_secret *key = vault_key_file();

        assert_int_equal(open_by(vault_key_file(), &root), VLT_OK);
        assert_int_equal(store_draft_words(NULL, &draft), VLT_OK);
        both[0] = draft;
        assert_int_equal(store_draft_key_file(key, &both[1]), VLT_OK);
        assert_int_equal(store_rotate(v.store, root, both, 2, NULL), VLT_OK);
        assert_int_equal(keys(), bare + 1);
        store_draft_free(both[0]);
        store_draft_free(both[1]);
        vlt_secret_free(key);
        vlt_secret_free(root);
    }
    vault_end(&v);
}

static void
readers_go_on(void **state)
{
    struct store_read *read;
    struct vlt_buf json = { 0 };
    uint8_t whole[VLT_ID_LEN] = { 1 };

    vault_begin(&v);
    put_setting(&v, 1, "{\"v\":1}");
    rotate_to('a');
    read = read_begin(&v);
    assert_int_equal(
        store_meta_get(store_read_view(read), STORE_META_SETTING, whole, &json),
        VLT_OK);
    store_read_end(read);
    vlt_buf_free(&json);
    vault_end(&v);
}

static void
what_is_refused_changes_nothing(void **state)
{
    struct vlt_secret *key = key_of('a');
    struct vlt_secret *root = NULL;
    struct vlt_secret *other;
    struct store_draft *draft;

    vault_begin(&v);
    assert_int_equal(store_draft_key_file(key, &draft), VLT_OK);
    assert_int_equal(vlt_secret_random(SLOT_KEY_LEN, &other), VLT_OK);
    assert_int_equal(rotate_with(other, draft), VLT_E_AUTH);
    assert_int_equal(open_by(vault_key_file(), &root), VLT_OK);
    assert_int_equal(store_rotate(v.store, root, NULL, 0, NULL),
                     VLT_E_CONFLICT);
    store_lock(v.store);
    assert_int_equal(rotate_with(root, draft), VLT_E_LOCKED);
    assert_true(file_is_there(&v, "header.1"));
    assert_false(file_is_there(&v, "header.2"));
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    vlt_secret_free(root);
    vlt_secret_free(other);
    vlt_secret_free(key);
    store_draft_free(draft);
    vault_end(&v);
}

/* ---- freshness ---- */

static void
the_old_generation_put_back_is_found(void **state)
{
    static const char *const names[] = { "header.1", "erase.1", "keyring.1",
                                         "CURRENT" };
    struct vlt_buf old[4] = { { 0 } };
    struct vlt_buf why = { 0 };

    vault_begin(&v);
    for (size_t i = 0; i < 4; i++) {
        file_get(&v, names[i], &old[i]);
    }
    rotate_to('a');
    put_setting(&v, 1, "{\"v\":1}"); /* the commit that tells root */
    vault_close(&v);
    for (size_t i = 0; i < 4; i++) {
        file_put(&v, names[i], vlt_buf_slice(&old[i]));
        vlt_buf_free(&old[i]);
    }
    assert_int_equal(vault_try_open(&v, NULL), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, &why), VLT_E_AUTH);
    assert_non_null(strstr(vlt_buf_text(&why), "put back"));
    vlt_buf_free(&why);
    vault_end(&v);
}

/* ---- the anchor ---- */

static void
begin_with_anchor(void)
{
    vault_scratch(&v);
    vault_create(&v);
    (void)snprintf(anchor, sizeof anchor, "%s/anchor", v.scratch);
    assert_int_equal(mkdir(anchor, 0700), 0);
    assert_int_equal(vault_try_open(&v, NULL), VLT_OK);
    assert_int_equal(store_anchor_keep(v.store, anchor, NULL), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    put_setting(&v, 1, "{\"v\":1}");
    assert_int_equal(store_anchor_write(v.store), VLT_OK);
}

/* The first sector of the anchor, which was written once. */
static void
first_sector(struct vlt_buf *out)
{
    char path[200];
    char id[2 * VLT_ID_LEN + 1];

    vlt_hex_print(store_vault_id(v.store), VLT_ID_LEN, id);
    (void)snprintf(path, sizeof path, "%s/%s", anchor, id);
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    assert_non_null(vlt_buf_extend(out, ANCHOR_SECTOR));
    assert_int_equal(fread(out->at, 1, ANCHOR_SECTOR, file), ANCHOR_SECTOR);
    assert_int_equal(fclose(file), 0);
}

static void
assert_first_sector(const struct vlt_buf *as)
{
    struct vlt_buf now = { 0 };

    first_sector(&now);
    assert_memory_equal(now.at, as->at, ANCHOR_SECTOR);
    vlt_buf_free(&now);
}

static void
assert_anchored(void)
{
    struct store_anchor said;
    struct store_anchor now;

    assert_int_equal(store_anchor_read(v.store, &said), VLT_OK);
    store_anchor_now(v.store, &now);
    assert_int_equal(said.commit, now.commit);
}

/* Nothing is written to it after the switch, as if the power went there. */
static void
the_anchor_opens_under_the_new_key(void **state)
{
    begin_with_anchor();
    rotate_to('a');
    assert_anchored();
    vault_close(&v);
    assert_int_equal(vault_try_open(&v, NULL), VLT_OK);
    assert_int_equal(store_anchor_keep(v.store, anchor, NULL), VLT_OK);
    assert_int_equal(unlock_by('a'), VLT_OK);
    assert_anchored();
    assert_int_equal(store_anchor_write(v.store), VLT_OK);
    assert_anchored();
    vault_remove_folder(anchor);
    vault_end(&v);
}

/* Torn, the write ahead must not take what the old key can read with it. */
static void
what_the_old_key_reads_stays_until_the_switch(void **state)
{
    struct vlt_buf before = { 0 };

    begin_with_anchor();
    first_sector(&before);
    vault_close(&v);
    assert_int_equal(vault_try_open(&v, NULL), VLT_OK);
    assert_int_equal(store_anchor_keep(v.store, anchor, NULL), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    rotate_to('a');
    assert_first_sector(&before);
    assert_anchored();
    vlt_buf_free(&before);
    vault_remove_folder(anchor);
    vault_end(&v);
}

/* The disk refuses the new generation: the directory cannot be written. */
static void
the_anchor_stays_when_the_old_keys_do(void **state)
{
    struct vlt_secret *key = key_of('a');
    struct vlt_secret *root = NULL;
    struct store_draft *draft;
    struct vlt_buf before = { 0 };
    char blocker[128];

    begin_with_anchor();
    first_sector(&before);
    assert_int_equal(open_by(vault_key_file(), &root), VLT_OK);
    assert_int_equal(store_draft_key_file(key, &draft), VLT_OK);
    /* A folder where a file is to be. */
    (void)snprintf(blocker, sizeof blocker, "%s/keyring.2.tmp", v.path);
    assert_int_equal(mkdir(blocker, 0700), 0);
    assert_int_equal(rotate_with(root, draft), VLT_E_STORAGE);
    assert_int_equal(rmdir(blocker), 0);
    assert_false(file_is_there(&v, "header.2"));
    put_setting(&v, 2, "{\"v\":1}");
    assert_int_equal(store_anchor_write(v.store), VLT_OK);
    assert_first_sector(&before); /* the other one was free */
    vlt_buf_free(&before);
    assert_anchored();
    vault_close(&v);
    assert_int_equal(vault_try_open(&v, NULL), VLT_OK);
    assert_int_equal(store_anchor_keep(v.store, anchor, NULL), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    assert_anchored();
    /* And then it can be done. */
    assert_int_equal(rotate_with(root, draft), VLT_OK);
    vlt_secret_free(root);
    vlt_secret_free(key);
    store_draft_free(draft);
    vault_remove_folder(anchor);
    vault_end(&v);
}

/* ---- the inbox ---- */

static void
lock_with_gate(void)
{
    struct store_gate gate = { .count = 0 };
    struct store_txn *txn = txn_begin(&v);

    assert_int_equal(store_gate_put(txn, &gate), VLT_OK);
    txn_commit(txn);
    store_lock(v.store);
}

/* One entry, while it is locked. */
static void
put_entry(void)
{
    struct store_turn turn = { .now_ns = FIXTURE_NOW, .keyless = true };
    struct store_txn *txn;

    assert_int_equal(store_txn_begin(v.store, turn, &txn), VLT_OK);
    assert_int_equal(store_inbox_put(txn, vlt_slice_text("a row")), VLT_OK);
    txn_commit(txn);
}

/* The entry that is there. */
static void
open_entry(void)
{
    struct store_read *read = read_begin(&v);
    struct vlt_buf plain = { 0 };
    uint64_t number = 0;

    assert_int_equal(
        store_inbox_open(store_read_view(read), 0, &number, &plain), VLT_OK);
    assert_true(vlt_slice_is(vlt_buf_slice(&plain), "a row"));
    vlt_buf_free(&plain);
    store_read_end(read);
}

/* What came through it and was erased since is in free pages still. */
static void
an_empty_inbox_gets_another_pair(void **state)
{
    uint8_t was[VLT_BOX_PK];

    vault_begin(&v);
    memcpy(was, v.store->dir.header.inbox_pk, sizeof was);
    rotate_to('a');
    assert_memory_not_equal(was, v.store->dir.header.inbox_pk, sizeof was);
    lock_with_gate();
    put_entry();
    reopen_by('a');
    open_entry();
    vault_end(&v);
}

static void
what_waits_in_the_inbox_is_opened_after_a_rotation(void **state)
{
    vault_begin(&v);
    lock_with_gate();
    put_entry();
    vault_close(&v);
    vault_open(&v);
    rotate_to('a');
    open_entry();
    reopen_by('a');
    open_entry();
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_new_key_opens_it_and_the_old_one_does_not),
        cmocka_unit_test(the_old_root_key_opens_nothing),
        cmocka_unit_test(the_old_generation_is_destroyed),
        cmocka_unit_test(the_keys_of_backups_are_those_of_the_new_slots),
        cmocka_unit_test(readers_go_on),
        cmocka_unit_test(what_is_refused_changes_nothing),
        cmocka_unit_test(the_old_generation_put_back_is_found),
        cmocka_unit_test(the_anchor_opens_under_the_new_key),
        cmocka_unit_test(what_the_old_key_reads_stays_until_the_switch),
        cmocka_unit_test(the_anchor_stays_when_the_old_keys_do),
        cmocka_unit_test(an_empty_inbox_gets_another_pair),
        cmocka_unit_test(what_waits_in_the_inbox_is_opened_after_a_rotation),
    };

    return run_quietly() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
