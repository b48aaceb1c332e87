/* The vault's memory of its last head. */
#include "fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/anchor.h"
#include "store/store_internal.h"

/* A key of one byte, repeated; the caller frees it. */
static struct vlt_secret *
key_of(uint8_t byte)
{
    struct vlt_secret *key;

    assert_int_equal(vlt_secret_new(VLT_KEY_LEN, &key), VLT_OK);
    memset(vlt_secret_bytes(key), byte, VLT_KEY_LEN);
    return key;
}

static struct anchor
an_anchor(uint64_t commit)
{
    struct anchor anchor = { .vault = { 1, 2 }, .instance = { 3 } };

    anchor.at.commit = commit;
    anchor.at.keyring_g = 7;
    anchor.at.audit_size = 9;
    memset(anchor.at.audit_head, 0xA5, sizeof anchor.at.audit_head);
    return anchor;
}

static void
a_sector_says_what_was_put_into_it(void **state)
{
    struct vlt_secret *key = key_of(1);
    struct anchor anchor = an_anchor(300);
    struct anchor read;
    uint8_t sector[ANCHOR_SECTOR];

    anchor_encode(&anchor, vlt_key_of(key), sector);
    assert_int_equal(anchor_decode(vlt_slice_of(sector, sizeof sector),
                                   vlt_key_of(key), &read),
                     VLT_OK);
    assert_memory_equal(read.vault, anchor.vault, VLT_ID_LEN);
    assert_memory_equal(read.instance, anchor.instance, VLT_ID_LEN);
    assert_int_equal(read.at.commit, 300);
    assert_int_equal(read.at.keyring_g, 7);
    assert_int_equal(read.at.audit_size, 9);
    assert_memory_equal(read.at.audit_head, anchor.at.audit_head, 32);
    vlt_secret_free(key);
}

static void
every_byte_of_a_sector_counts(void **state)
{
    struct vlt_secret *key = key_of(1);
    struct vlt_secret *other = key_of(2);
    struct anchor anchor = an_anchor(300);
    struct vlt_slice bytes;
    uint8_t sector[ANCHOR_SECTOR];

    anchor_encode(&anchor, vlt_key_of(key), sector);
    bytes = vlt_slice_of(sector, sizeof sector);
    for (size_t i = 0; i < sizeof sector; i++) {
        sector[i] ^= 1;
        assert_int_not_equal(anchor_decode(bytes, vlt_key_of(key), &anchor),
                             VLT_OK);
        sector[i] ^= 1;
    }
    for (size_t len = 0; len < sizeof sector; len++) {
        assert_int_equal(
            anchor_decode(vlt_slice_of(sector, len), vlt_key_of(key), &anchor),
            VLT_E_FORMAT);
    }
    assert_int_equal(anchor_decode(bytes, vlt_key_of(other), &anchor),
                     VLT_E_AUTH);
    vlt_secret_free(key);
    vlt_secret_free(other);
}

static void
the_newer_sector_counts_and_a_torn_one_does_not(void **state)
{
    struct vlt_secret *key = key_of(1);
    struct anchor old = an_anchor(300);
    struct anchor new = an_anchor(301);
    struct anchor read;
    uint8_t file[ANCHOR_FILE];
    size_t which = 9;
    struct vlt_slice bytes = vlt_slice_of(file, sizeof file);

    anchor_encode(&old, vlt_key_of(key), file + ANCHOR_SECTOR);
    anchor_encode(&new, vlt_key_of(key), file);
    assert_int_equal(anchor_pick(bytes, vlt_key_of(key), &which, &read),
                     VLT_OK);
    assert_int_equal(which, 0);
    assert_int_equal(read.at.commit, 301);
    file[100] ^= 1; /* it was being written when the power went */
    assert_int_equal(anchor_pick(bytes, vlt_key_of(key), &which, &read),
                     VLT_OK);
    assert_int_equal(which, 1);
    assert_int_equal(read.at.commit, 300);
    file[ANCHOR_SECTOR] ^= 1;
    assert_int_equal(anchor_pick(bytes, vlt_key_of(key), &which, &read),
                     VLT_E_AUTH);
    assert_int_equal(anchor_pick(vlt_slice_of(file, ANCHOR_SECTOR),
                                 vlt_key_of(key), &which, &read),
                     VLT_E_AUTH);
    vlt_secret_free(key);
}

/* ---- of a vault ---- */

static void
commit_one(struct vault *vault)
{
    txn_commit(txn_begin(vault));
}

/* A directory beside the vault's: made on first use. */
static void
keep(struct vault *vault, char path[300])
{
    struct vlt_buf why;

    (void)snprintf(path, 300, "%s.anchor", vault->path);
    (void)mkdir(path, 0700);
    vlt_buf_init(&why, 0);
    assert_int_equal(store_anchor_keep(vault->store, path, &why), VLT_OK);
    vlt_buf_free(&why);
}

static void
empty(struct vault *vault, const char *path)
{
    char name[400];
    char hex[2 * VLT_ID_LEN + 1];

    (void)snprintf(
        name, sizeof name, "%s/%s", path,
        vlt_hex_print(store_vault_id(vault->store), VLT_ID_LEN, hex));
    (void)unlink(name);
    (void)rmdir(path);
}

/* A commit after it is written and read, whatever there was. */
static void
assert_goes_on(struct vault *vault)
{
    struct store_anchor said;
    struct store_anchor now;

    commit_one(vault);
    assert_int_equal(store_anchor_write(vault->store), VLT_OK);
    store_anchor_now(vault->store, &now);
    assert_int_equal(store_anchor_read(vault->store, &said), VLT_OK);
    assert_int_equal(said.commit, now.commit);
    assert_int_equal(said.keyring_g, now.keyring_g);
}

static void
an_anchor_follows_the_commits(void **state)
{
    struct store_anchor said;
    struct store_anchor now;
    struct vault vault;
    char path[300];

    vault_begin(&vault);
    assert_int_equal(store_anchor_read(vault.store, &said), VLT_E_NOT_FOUND);
    assert_int_equal(store_anchor_write(vault.store), VLT_E_NOT_FOUND);
    keep(&vault, path);
    assert_int_equal(store_anchor_read(vault.store, &said), VLT_E_NOT_FOUND);
    for (int i = 0; i < 5; i++) {
        assert_goes_on(&vault);
    }
    store_anchor_now(vault.store, &now);
    commit_one(&vault);
    assert_int_equal(store_anchor_read(vault.store, &said), VLT_OK);
    assert_int_equal(said.commit, now.commit); /* until it is written */
    /* It is there for the next who opens the vault, and only with keys. */
    vault_close(&vault);
    vault_open(&vault);
    keep(&vault, path);
    assert_int_equal(store_anchor_read(vault.store, &said), VLT_OK);
    assert_int_equal(said.commit, now.commit);
    store_lock(vault.store);
    assert_int_equal(store_anchor_read(vault.store, &said), VLT_E_LOCKED);
    assert_int_equal(store_anchor_write(vault.store), VLT_E_LOCKED);
    empty(&vault, path);
    vault_end(&vault);
}

/* As a power cut leaves it, with the first sector and not the length. */
static void
an_anchor_that_is_short_says_its_first_sector(void **state)
{
    struct store_anchor said;
    struct vault vault;
    char path[300];

    vault_begin(&vault);
    keep(&vault, path);
    assert_int_equal(store_anchor_write(vault.store), VLT_OK);
    assert_int_equal(ftruncate(vault.store->anchor_fd, ANCHOR_SECTOR), 0);
    assert_int_equal(store_anchor_read(vault.store, &said), VLT_OK);
    assert_int_equal(ftruncate(vault.store->anchor_fd, 100), 0);
    assert_int_equal(store_anchor_read(vault.store, &said), VLT_E_AUTH);
    assert_goes_on(&vault);
    empty(&vault, path);
    vault_end(&vault);
}

/* As a power cut leaves it, between the length and the first sector. */
static void
an_anchor_of_zeros_says_nothing_yet(void **state)
{
    struct store_anchor said;
    struct vault vault;
    char path[300];

    vault_begin(&vault);
    keep(&vault, path);
    assert_int_equal(ftruncate(vault.store->anchor_fd, ANCHOR_FILE), 0);
    assert_int_equal(store_anchor_read(vault.store, &said), VLT_E_NOT_FOUND);
    assert_goes_on(&vault);
    empty(&vault, path);
    vault_end(&vault);
}

static void
an_anchor_does_not_lie_in_the_vault(void **state)
{
    struct vault vault;
    struct vlt_buf why;
    char endless[5000];

    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    vault_begin(&vault);
    vlt_buf_init(&why, 0);
    assert_int_equal(store_anchor_keep(vault.store, vault.path, &why),
                     VLT_E_CONFLICT);
    assert_true(why.len > 0);
    assert_int_equal(store_anchor_keep(vault.store, "/no/such/place", NULL),
                     VLT_E_NOT_FOUND);
    /* It may be there: only who opens it knows. */
    assert_int_equal(store_anchor_keep(vault.store, endless, NULL),
                     VLT_E_STORAGE);
    assert_false(store_anchor_kept(vault.store));
    vlt_buf_free(&why);
    vault_end(&vault);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sector_says_what_was_put_into_it),
        cmocka_unit_test(every_byte_of_a_sector_counts),
        cmocka_unit_test(the_newer_sector_counts_and_a_torn_one_does_not),
        cmocka_unit_test(an_anchor_follows_the_commits),
        cmocka_unit_test(an_anchor_that_is_short_says_its_first_sector),
        cmocka_unit_test(an_anchor_of_zeros_says_nothing_yet),
        cmocka_unit_test(an_anchor_does_not_lie_in_the_vault),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
