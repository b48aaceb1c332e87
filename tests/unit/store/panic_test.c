/* After a panic nothing that opens the vault is left in its directory. */
#include "fixture.h"

#include <sys/inotify.h>

#include "store/slots.h"

static struct vault v;

/* What a key file holds, and a second name for its blocks. */
static void
keep(const char *name, struct vlt_buf *bytes)
{
    char from[160];
    char to[160];

    file_get(&v, name, bytes);
    (void)snprintf(from, sizeof from, "%s/%s", v.path, name);
    (void)snprintf(to, sizeof to, "%s/%s", v.scratch, name);
    assert_int_equal(link(from, to), 0);
}

/* Nothing of the bytes is left in the blocks. */
static void
assert_destroyed(const char *name, const struct vlt_buf *bytes)
{
    static const uint8_t zeros[32];
    struct vlt_buf left = { 0 };
    char from[160];
    char to[160];

    assert_false(file_is_there(&v, name));
    (void)snprintf(to, sizeof to, "%s/%s", v.path, name);
    (void)snprintf(from, sizeof from, "%s/%s", v.scratch, name);
    assert_int_equal(rename(from, to), 0);
    file_get(&v, name, &left);
    assert_int_equal(left.len, bytes->len);
    for (size_t at = 0; at + 32 <= bytes->len; at += 32) {
        if (memcmp(bytes->at + at, zeros, sizeof zeros) != 0) {
            assert_memory_not_equal(left.at + at, bytes->at + at, 32);
        }
    }
    assert_int_equal(unlink(to), 0);
    vlt_buf_free(&left);
}

static void
the_key_files_are_destroyed_in_place(void **state)
{
    static const char *const names[] = { "header.1", "erase.1", "keyring.1" };
    struct vlt_buf bytes[3] = { { 0 } };
    struct vlt_buf why = { 0 };

    vault_begin(&v);
    for (size_t i = 0; i < 3; i++) {
        keep(names[i], &bytes[i]);
    }
    assert_false(store_destroyed(v.store));
    assert_int_equal(store_panic(v.store, &why), VLT_OK);
    assert_true(store_destroyed(v.store));
    for (size_t i = 0; i < 3; i++) {
        assert_destroyed(names[i], &bytes[i]);
        vlt_buf_free(&bytes[i]);
    }
    vlt_buf_free(&why);
    vault_end(&v);
}

/* Names of what was removed from the watched directory, in order. */
static void
removed(int watch, char *out, size_t size)
{
    _Alignas(struct inotify_event) char events[8192];
    ssize_t len = read(watch, events, sizeof events);

    assert_true(len > 0);
    out[0] = '\0';
    for (char *at = events; at < events + len;) {
        struct inotify_event event;

        memcpy(&event, at, sizeof event);
        size_t used = strlen(out);

        (void)snprintf(out + used, size - used, "%s ", at + sizeof event);
        at += sizeof event + event.len;
    }
}

/* A power cut in the middle leaves what is nothing without the header. */
static void
the_header_goes_first(void **state)
{
    char names[200];
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    vault_begin(&v);
    assert_true(inotify_add_watch(watch, v.path, IN_DELETE) >= 0);
    assert_int_equal(store_panic(v.store, NULL), VLT_OK);
    removed(watch, names, sizeof names);
    assert_string_equal(names, "header.1 erase.1 keyring.1 ");
    assert_int_equal(close(watch), 0);
    vault_end(&v);
}

static void
what_is_left_of_other_generations_goes_too(void **state)
{
    vault_begin(&v);
    file_put(&v, "keyring.2", vlt_slice_text("half of one"));
    file_put(&v, "header.1.tmp", vlt_slice_text("an old one"));
    file_put(&v, "header", vlt_slice_text("none of ours"));
    assert_int_equal(store_panic(v.store, NULL), VLT_OK);
    assert_false(file_is_there(&v, "keyring.2"));
    assert_false(file_is_there(&v, "header.1.tmp"));
    assert_true(file_is_there(&v, "header"));
    vault_end(&v);
}

static void
it_is_locked_for_good(void **state)
{
    struct vlt_secret *key = vault_key_file();
    struct vlt_secret *root;
    struct vlt_secret *none = NULL;
    struct vlt_buf why = { 0 };
    struct store_slot slots[STORE_SLOTS];

    vault_begin(&v);
    assert_int_equal(store_root_key(v.store, STORE_KEY_FILE, key, &root),
                     VLT_OK);
    assert_int_equal(store_panic(v.store, NULL), VLT_OK);
    store_lock(v.store);
    assert_int_equal(store_slots(v.store, slots), 0);
    assert_int_equal(store_root_key(v.store, STORE_KEY_FILE, key, &none),
                     VLT_E_AUTH);
    assert_int_equal(store_unlock(v.store, root, &why), VLT_E_STORAGE);
    assert_non_null(strstr(vlt_buf_text(&why), "keys were destroyed"));
    vlt_secret_free(root);
    vlt_secret_free(key);
    vlt_buf_free(&why);
    vault_end(&v);
}

static void
opening_it_says_that_the_keys_were_destroyed(void **state)
{
    struct vlt_buf why = { 0 };

    vault_begin(&v);
    assert_int_equal(store_panic(v.store, NULL), VLT_OK);
    vault_close(&v);
    assert_int_equal(vault_try_open(&v, &why), VLT_E_NOT_FOUND);
    assert_non_null(strstr(vlt_buf_text(&why), "keys were destroyed"));
    assert_non_null(strstr(vlt_buf_text(&why), "backup"));
    vlt_buf_free(&why);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_files_are_destroyed_in_place),
        cmocka_unit_test(the_header_goes_first),
        cmocka_unit_test(what_is_left_of_other_generations_goes_too),
        cmocka_unit_test(it_is_locked_for_good),
        cmocka_unit_test(opening_it_says_that_the_keys_were_destroyed),
    };

    return run_quietly() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
