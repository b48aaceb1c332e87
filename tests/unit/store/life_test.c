/* A vault is made whole, opened by one, and unlocked by who may. */
#include "fixture.h"

#include <sys/stat.h>

#include "base/writer.h"
#include "store/backup.h"

static const struct kek_cost least = { .t = KEK_T_MIN, .m_kib = KEK_M_MIN };

static struct vlt_secret *
secret_text(const char *text)
{
    struct vlt_secret *secret;

    assert_int_equal(vlt_secret_copy(vlt_slice_text(text), &secret), VLT_OK);
    return secret;
}

static struct vlt_secret *
create_with_all(const struct vault *v)
{
    struct vlt_secret *passphrase = secret_text("correct horse");
    struct vlt_secret *key = vault_key_file();
    struct vlt_secret *words;
    struct store_init init = { .passphrase = passphrase,
                               .cost = &least,
                               .key_file = key,
                               .words = true,
                               .now_ns = FIXTURE_NOW };

    assert_int_equal(store_create(v->path, &init, NULL, &words), VLT_OK);
    vlt_secret_free(passphrase);
    vlt_secret_free(key);
    return words;
}

/* Unlock with what was typed, and lock again. */
static enum vlt_status
unlock_typed(const struct vault *v, const struct vlt_secret *typed)
{
    struct vlt_secret *root = NULL;
    enum vlt_status st = store_root_key(v->store, STORE_TYPED, typed, &root);

    if (st == VLT_OK) {
        st = store_unlock(v->store, root, NULL);
        assert_int_equal(store_locked(v->store), st != VLT_OK);
        store_lock(v->store);
    }
    vlt_secret_free(root);
    return st;
}

static enum vlt_status
unlock_text(const struct vault *v, const char *text)
{
    struct vlt_secret *typed = secret_text(text);
    enum vlt_status st = unlock_typed(v, typed);

    vlt_secret_free(typed);
    return st;
}

static void
each_of_three_ways_opens_it(void **state)
{
    struct vault v;

    vault_scratch(&v);
    struct vlt_secret *words = create_with_all(&v);

    assert_non_null(words);
    assert_int_equal(vault_try_open(&v, NULL), VLT_OK);
    assert_true(store_locked(v.store));
    assert_int_equal(unlock_text(&v, "correct horse"), VLT_OK);
    assert_int_equal(unlock_typed(&v, words), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    assert_false(store_locked(v.store));
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    vlt_secret_free(words);
    vault_end(&v);
}

static void
nothing_else_opens_it(void **state)
{
    struct vault v;
    struct vlt_secret *key;
    struct vlt_secret *root = NULL;

    vault_scratch(&v);
    vlt_secret_free(create_with_all(&v));
    assert_int_equal(vault_try_open(&v, NULL), VLT_OK);
    assert_int_equal(unlock_text(&v, "correct horse "), VLT_E_AUTH);
    assert_int_equal(unlock_text(&v, "key-file-key-file-key-file-key-f"),
                     VLT_E_AUTH);
    assert_int_equal(vlt_secret_random(32, &key), VLT_OK);
    assert_int_equal(store_root_key(v.store, STORE_KEY_FILE, key, &root),
                     VLT_E_AUTH);
    assert_null(root);
    /* A root key that no slot gave. */
    assert_int_equal(store_unlock(v.store, key, NULL), VLT_E_AUTH);
    assert_true(store_locked(v.store));
    vlt_secret_free(key);
    assert_int_equal(vlt_secret_random(1025, &key), VLT_OK);
    assert_int_equal(store_root_key(v.store, STORE_TYPED, key, &root),
                     VLT_E_LIMIT);
    vlt_secret_free(key);
    vault_end(&v);
}

static void
the_key_of_one_vault_does_not_open_another(void **state)
{
    struct vault one;
    struct vault two;
    struct vlt_secret *key = vault_key_file();
    struct vlt_secret *root;

    vault_begin(&one);
    vault_begin(&two);
    assert_memory_not_equal(store_vault_id(one.store),
                            store_vault_id(two.store), VLT_ID_LEN);
    assert_memory_not_equal(store_instance_id(one.store),
                            store_instance_id(two.store), VLT_ID_LEN);
    store_lock(two.store);
    assert_int_equal(store_root_key(one.store, STORE_KEY_FILE, key, &root),
                     VLT_OK);
    assert_int_equal(store_unlock(two.store, root, NULL), VLT_E_AUTH);
    vlt_secret_free(root);
    vlt_secret_free(key);
    vault_end(&one);
    vault_end(&two);
}

static void
a_vault_that_nothing_opens_is_not_made(void **state)
{
    struct vault v;
    struct store_init init = { .now_ns = FIXTURE_NOW };
    struct vlt_secret *words = NULL;
    struct vlt_buf why = { 0 };

    vault_scratch(&v);
    assert_int_equal(store_create(v.path, &init, &why, &words), VLT_E_LIMIT);
    assert_string_equal(vlt_buf_text(&why), "nothing would open this vault");
    assert_int_equal(access(v.path, F_OK), -1);
    vlt_buf_free(&why);
    vault_end(&v);
}

static void
a_cost_out_of_range_makes_no_vault(void **state)
{
    struct vault v;
    struct kek_cost cheap = { .t = 1, .m_kib = 8 };
    struct vlt_secret *passphrase = secret_text("horse");
    struct store_init init = { .passphrase = passphrase, .cost = &cheap };
    struct vlt_secret *words = NULL;
    char half[128];

    vault_scratch(&v);
    (void)snprintf(half, sizeof half, "%s.new", v.path);
    assert_int_equal(store_create(v.path, &init, NULL, &words), VLT_E_LIMIT);
    assert_int_equal(access(v.path, F_OK), -1);
    assert_int_equal(access(half, F_OK), -1);
    vlt_secret_free(passphrase);
    vault_end(&v);
}

static enum vlt_status
create_again(const struct vault *v, struct vlt_buf *why)
{
    struct vlt_secret *key = vault_key_file();
    struct store_init init = { .key_file = key };
    struct vlt_secret *words = NULL;
    enum vlt_status st = store_create(v->path, &init, why, &words);

    vlt_secret_free(key);
    return st;
}

static void
a_directory_that_is_there_is_left_alone(void **state)
{
    struct vault v;
    struct vlt_buf why = { 0 };

    vault_begin(&v);
    assert_int_equal(create_again(&v, &why), VLT_E_CONFLICT);
    assert_non_null(strstr(vlt_buf_text(&why), "is there already"));
    vlt_buf_free(&why);
    vault_end(&v);
}

/* Make an empty file in a directory. */
static void
put_empty(const char *dir, const char *name)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
}

/* Move a new vault to where a half would lie. */
static void
make_beside(struct vault *v, char half[128])
{
    vault_scratch(v);
    vault_create(v);
    (void)snprintf(half, 128, "%s.new", v->path);
    assert_int_equal(rename(v->path, half), 0);
}

/* As a crash before the rename leaves it. */
static void
half_a_vault_is_refused_and_made_anew(void **state)
{
    struct vault v;
    struct vlt_buf why = { 0 };
    char half[128];

    make_beside(&v, half);
    put_empty(half, "MAKING");
    assert_int_equal(vault_try_open(&v, &why), VLT_E_NOT_FOUND);
    assert_non_null(strstr(vlt_buf_text(&why), "did not finish"));
    assert_int_equal(create_again(&v, NULL), VLT_OK);
    assert_int_equal(access(half, F_OK), -1);
    vault_open(&v);
    vlt_buf_free(&why);
    vault_end(&v);
}

/* As a crash behind the rename leaves it. */
static void
a_mark_in_a_vault_that_has_its_name_goes(void **state)
{
    struct vault v;

    vault_scratch(&v);
    vault_create(&v);
    assert_false(file_is_there(&v, "MAKING"));
    put_empty(v.path, "MAKING");
    vault_open(&v);
    assert_false(file_is_there(&v, "MAKING"));
    vault_end(&v);
}

/* Somebody restored it under that name, and opened it with a wrong passphrase
 * once. */
static void
a_whole_vault_under_the_name_of_a_half_is_left_as_it_is(void **state)
{
    struct vault v;
    struct vlt_buf why = { 0 };
    char half[128];

    make_beside(&v, half);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(create_again(&v, NULL), VLT_E_CONFLICT);
        assert_int_equal(store_restore_clear(v.path, NULL), VLT_E_CONFLICT);
        vlt_buf_clear(&why);
        assert_int_equal(vault_try_open(&v, &why), VLT_E_NOT_FOUND);
        assert_non_null(strstr(vlt_buf_text(&why), "mv "));
        put_empty(half, "TRIES");
    }
    assert_int_equal(rename(half, v.path), 0);
    vault_open(&v);
    vlt_buf_free(&why);
    vault_end(&v);
}

static void
a_folder_beside_it_that_is_no_vault_is_not_removed(void **state)
{
    struct vault v;
    char half[128];
    char letter[160];

    vault_scratch(&v);
    (void)snprintf(half, sizeof half, "%s.new", v.path);
    (void)snprintf(letter, sizeof letter, "%s/letter", half);
    assert_int_equal(mkdir(half, 0700), 0);
    assert_int_equal(close(open(letter, O_CREAT | O_WRONLY, 0600)), 0);
    assert_int_equal(create_again(&v, NULL), VLT_E_CONFLICT);
    assert_int_equal(access(letter, F_OK), 0);
    vault_end(&v);
}

static void
a_second_opener_is_refused(void **state)
{
    struct vault v;
    struct store *second = NULL;
    struct vlt_buf why = { 0 };

    vault_begin(&v);
    assert_int_equal(store_open(v.path, NULL, &why, &second), VLT_E_CONFLICT);
    assert_null(second);
    assert_non_null(strstr(vlt_buf_text(&why), v.path));
    assert_non_null(
        strstr(vlt_buf_text(&why), ": another process has this vault open"));
    vault_close(&v);
    vault_open(&v);
    vlt_buf_free(&why);
    vault_end(&v);
}

static const struct {
    const char *name;
    enum vlt_status st;
    const char *says;
} missing[] = {
    { "CURRENT", VLT_E_NOT_FOUND, "holds half a vault: CURRENT is missing" },
    { "header.1", VLT_E_NOT_FOUND, "cannot open header.1" },
    { "erase.1", VLT_E_NOT_FOUND, "erase.1 is missing" },
    { "keyring.1", VLT_E_NOT_FOUND, "keyring.1 is missing" },
    { "data.mdb", VLT_E_NOT_FOUND, "data.mdb is missing" },
};

static void
a_missing_file_is_named(void **state)
{
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        struct vault v;
        struct vlt_buf why = { 0 };
        char path[128];

        print_message("%s\n", missing[i].name);
        vault_scratch(&v);
        vault_create(&v);
        (void)snprintf(path, sizeof path, "%s/%s", v.path, missing[i].name);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(vault_try_open(&v, &why), missing[i].st);
        assert_non_null(strstr(vlt_buf_text(&why), missing[i].says));
        assert_non_null(strstr(vlt_buf_text(&why), v.path));
        vlt_buf_free(&why);
        vault_end(&v);
    }
}

static void
no_vault_at_all_is_said(void **state)
{
    struct vault v;
    struct vlt_buf why = { 0 };

    vault_scratch(&v);
    assert_int_equal(vault_try_open(&v, &why), VLT_E_NOT_FOUND);
    assert_non_null(strstr(vlt_buf_text(&why), "there is no vault in"));
    vlt_buf_free(&why);
    vault_end(&v);
}

/* A wrong path may be any folder of the owner's. */
static void
a_folder_that_is_no_vault_is_left_as_it_is(void **state)
{
    struct vault v;
    struct vlt_buf why = { 0 };
    struct stat about;
    char letter[128];

    vault_scratch(&v);
    (void)snprintf(letter, sizeof letter, "%s/letter", v.path);
    assert_int_equal(mkdir(v.path, 0755), 0);
    assert_int_equal(chmod(v.path, 0755), 0);
    assert_int_equal(vault_try_open(&v, &why), VLT_E_NOT_FOUND);
    assert_non_null(strstr(vlt_buf_text(&why), "it is empty"));
    assert_non_null(strstr(vlt_buf_text(&why), "vaultd init --dir "));
    vlt_buf_free(&why);
    assert_int_equal(close(open(letter, O_CREAT | O_WRONLY, 0644)), 0);
    assert_int_equal(vault_try_open(&v, &why), VLT_E_NOT_FOUND);
    assert_non_null(strstr(vlt_buf_text(&why), "but other files"));
    assert_int_equal(stat(v.path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0755);
    assert_int_equal(unlink(letter), 0);
    assert_int_equal(rmdir(v.path), 0); /* nothing was made in it */
    vlt_buf_free(&why);
    vault_end(&v);
}

static void
modes_that_are_too_wide_are_narrowed(void **state)
{
    struct vault v;
    struct stat about;
    char path[128];

    vault_scratch(&v);
    vault_create(&v);
    (void)snprintf(path, sizeof path, "%s/keyring.1", v.path);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(chmod(v.path, 0755), 0);
    vault_open(&v);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(stat(v.path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0700);
    vault_end(&v);
}

static void
every_file_is_made_for_its_owner_alone(void **state)
{
    static const char *const names[] = { "CURRENT", "LOCK",     "header.1",
                                         "erase.1", "data.mdb", "keyring.1",
                                         "lock.mdb" };
    struct vault v;

    vault_begin(&v);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct stat about;
        char path[128];

        (void)snprintf(path, sizeof path, "%s/%s", v.path, names[i]);
        assert_int_equal(stat(path, &about), 0);
        assert_int_equal(about.st_mode & 07777, 0600);
    }
    vault_end(&v);
}

static void
key_files_that_are_not_in_force_are_destroyed(void **state)
{
    struct vault v;

    vault_scratch(&v);
    vault_create(&v);
    file_put(&v, "keyring.2", vlt_slice_text("old"));
    file_put(&v, "erase.0", vlt_slice_text("old"));
    file_put(&v, "header.1.tmp", vlt_slice_text("old"));
    vault_open(&v);
    assert_false(file_is_there(&v, "keyring.2"));
    assert_false(file_is_there(&v, "erase.0"));
    assert_false(file_is_there(&v, "header.1.tmp"));
    assert_true(file_is_there(&v, "keyring.1"));
    vault_end(&v);
}

static void
a_newer_format_is_refused_by_name(void **state)
{
    struct vault v;
    struct vlt_buf header = { 0 };
    struct vlt_buf why = { 0 };

    vault_scratch(&v);
    vault_create(&v);
    file_get(&v, "header.1", &header);
    vlt_store_u32(header.at + 8, 2);
    file_put(&v, "header.1", vlt_buf_slice(&header));
    assert_int_equal(vault_try_open(&v, &why), VLT_E_FORMAT);
    assert_string_equal(
        strstr(vlt_buf_text(&why), "header.1 "),
        "header.1 is of a newer format than this program knows");
    vlt_buf_free(&header);
    vlt_buf_free(&why);
    vault_end(&v);
}

/* Change one byte of a file; the vault must not come up. */
static void
assert_refused_with(struct vault *v, const char *name, struct vlt_buf *file,
                    size_t at)
{
    file->at[at] ^= 0x04;
    file_put(v, name, vlt_buf_slice(file));
    file->at[at] ^= 0x04;
    enum vlt_status st = vault_try_open(v, NULL);

    if (st == VLT_OK) {
        st = vault_try_unlock(v, NULL);
        assert_true(store_locked(v->store));
    }
    assert_int_not_equal(st, VLT_OK);
    vault_close(v);
    file_put(v, name, vlt_buf_slice(file));
}

static void
a_changed_byte_in_any_key_file_is_found(void **state)
{
    static const struct {
        const char *name;
        size_t step;
    } files[] = { { "CURRENT", 1 },
                  { "header.1", 61 },
                  { "erase.1", 12799 },
                  { "keyring.1", 7 } };
    struct vault v;

    vault_scratch(&v);
    vault_create(&v);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct vlt_buf file = { 0 };

        print_message("%s\n", files[i].name);
        file_get(&v, files[i].name, &file);
        for (size_t at = 0; at < file.len; at += files[i].step) {
            assert_refused_with(&v, files[i].name, &file, at);
        }
        vlt_buf_free(&file);
    }
    vault_open(&v); /* and untouched it does */
    vault_end(&v);
}

static void
a_locked_vault_gives_nothing(void **state)
{
    struct vault v;
    struct store_turn turn = { .now_ns = FIXTURE_NOW };
    struct store_txn *txn = NULL;
    struct store_read *read = NULL;
    struct vlt_secret *seed = NULL;

    vault_begin(&v);
    store_lock(v.store);
    assert_int_equal(store_txn_begin(v.store, turn, &txn), VLT_E_LOCKED);
    assert_int_equal(store_read_begin(v.store, &read), VLT_E_LOCKED);
    assert_int_equal(store_identity_seed(v.store, &seed), VLT_E_LOCKED);
    assert_int_equal(store_subkey(v.store, STORE_RECEIPT_KEY, &seed),
                     VLT_E_LOCKED);
    assert_null(txn);
    assert_null(read);
    assert_null(seed);
    vault_end(&v);
}

static void
the_identity_stays_and_its_subkeys_differ(void **state)
{
    struct vault v;
    struct vlt_secret *key[5];

    vault_begin(&v);
    assert_int_equal(store_identity_seed(v.store, &key[0]), VLT_OK);
    assert_int_equal(store_subkey(v.store, STORE_RECEIPT_KEY, &key[1]), VLT_OK);
    assert_int_equal(store_subkey(v.store, STORE_LOG_KEY, &key[2]), VLT_OK);
    vault_close(&v);
    vault_open(&v);
    assert_int_equal(store_identity_seed(v.store, &key[3]), VLT_OK);
    assert_int_equal(store_subkey(v.store, STORE_RECEIPT_KEY, &key[4]), VLT_OK);
    assert_memory_equal(vlt_secret_peek(key[0]), vlt_secret_peek(key[3]), 32);
    assert_memory_equal(vlt_secret_peek(key[1]), vlt_secret_peek(key[4]), 32);
    assert_memory_not_equal(vlt_secret_peek(key[0]), vlt_secret_peek(key[1]),
                            32);
    assert_memory_not_equal(vlt_secret_peek(key[1]), vlt_secret_peek(key[2]),
                            32);
    for (size_t i = 0; i < 5; i++) {
        vlt_secret_free(key[i]);
    }
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_of_three_ways_opens_it),
        cmocka_unit_test(nothing_else_opens_it),
        cmocka_unit_test(the_key_of_one_vault_does_not_open_another),
        cmocka_unit_test(a_vault_that_nothing_opens_is_not_made),
        cmocka_unit_test(a_cost_out_of_range_makes_no_vault),
        cmocka_unit_test(a_directory_that_is_there_is_left_alone),
        cmocka_unit_test(half_a_vault_is_refused_and_made_anew),
        cmocka_unit_test(a_mark_in_a_vault_that_has_its_name_goes),
        cmocka_unit_test(
            a_whole_vault_under_the_name_of_a_half_is_left_as_it_is),
        cmocka_unit_test(a_folder_beside_it_that_is_no_vault_is_not_removed),
        cmocka_unit_test(a_second_opener_is_refused),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(no_vault_at_all_is_said),
        cmocka_unit_test(a_folder_that_is_no_vault_is_left_as_it_is),
        cmocka_unit_test(modes_that_are_too_wide_are_narrowed),
        cmocka_unit_test(every_file_is_made_for_its_owner_alone),
        cmocka_unit_test(key_files_that_are_not_in_force_are_destroyed),
        cmocka_unit_test(a_newer_format_is_refused_by_name),
        cmocka_unit_test(a_changed_byte_in_any_key_file_is_found),
        cmocka_unit_test(a_locked_vault_gives_nothing),
        cmocka_unit_test(the_identity_stays_and_its_subkeys_differ),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
