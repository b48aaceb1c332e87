/* What is left of a header that was changed: nothing on the disk, and none that
 * is put back is taken for the one in force. */
#define _GNU_SOURCE /* memmem() */

#include "slots.h"

#include "keys/header.h"

/* ---- what is left of an old header ---- */

/* In how many files of the directory do these bytes lie? */
static unsigned
times(struct vlt_slice bytes)
{
    DIR *list = opendir(v.path);
    struct dirent *entry;
    unsigned found = 0;

    assert_non_null(list);
    while ((entry = readdir(list)) != NULL) {
        struct vlt_buf file = { 0 };

        if (entry->d_name[0] == '.') {
            continue;
        }
        file_get(&v, entry->d_name, &file);
        found += file.len >= bytes.len &&
                 memmem(file.at, file.len, bytes.at, bytes.len) != NULL;
        vlt_buf_free(&file);
    }
    (void)closedir(list);
    return found;
}

/* The record of a slot, as the header on disk has it. */
static struct vlt_slice
record(const struct vlt_buf *header, unsigned number)
{
    enum { FIRST_AT = 96, SEALED_AT = 104, SEALED_LEN = 48 };

    return vlt_slice_of(header->at + FIRST_AT + (size_t)number * SLOT_LEN +
                            SEALED_AT,
                        SEALED_LEN);
}

static void
the_bytes_of_a_slot_that_went_are_nowhere(void **state)
{
    struct vlt_buf before = { 0 };
    struct vlt_buf left = { 0 };
    char kept[128];
    char header[128];

    (void)add('a');
    file_get(&v, "header.1", &before);
    assert_int_equal(times(record(&before, 1)), 1);
    /* A name outside shows what becomes of the old blocks. */
    (void)snprintf(kept, sizeof kept, "%s/kept", v.scratch);
    (void)snprintf(header, sizeof header, "%s/header.1", v.path);
    assert_int_equal(link(header, kept), 0);
    replace(1, 'b');
    assert_int_equal(times(record(&before, 1)), 0);
    assert_int_equal(times(record(&before, 0)), 1); /* this one stayed */
    (void)rename(kept, header);
    file_get(&v, "header.1", &left);
    assert_int_equal(left.len, HEADER_LEN);
    assert_null(memmem(left.at, left.len, record(&before, 1).at, 48));
    assert_memory_not_equal(left.at, before.at, 16);
    vlt_buf_free(&before);
    vlt_buf_free(&left);
}

static void
only_three_key_files_are_there_after_a_change(void **state)
{
    DIR *list;
    struct dirent *entry;
    unsigned found = 0;

    (void)add('a');
    replace(1, 'b');
    list = opendir(v.path);
    assert_non_null(list);
    while ((entry = readdir(list)) != NULL) {
        found += strncmp(entry->d_name, "header.", 7) == 0 ||
                 strncmp(entry->d_name, "keyring.", 8) == 0 ||
                 strncmp(entry->d_name, "erase.", 6) == 0;
    }
    (void)closedir(list);
    assert_int_equal(found, 3);
}

/* A crash within a swap may leave a second name of the header in force. */
static void
a_second_name_of_the_header_goes_and_the_header_stays(void **state)
{
    struct vlt_buf before = { 0 };
    struct vlt_buf after = { 0 };
    char header[128];
    char other[128];

    file_get(&v, "header.1", &before);
    vault_close(&v);
    (void)snprintf(header, sizeof header, "%s/header.1", v.path);
    (void)snprintf(other, sizeof other, "%s/header.1.old", v.path);
    assert_int_equal(link(header, other), 0);
    vault_open(&v);
    assert_false(file_is_there(&v, "header.1.old"));
    file_get(&v, "header.1", &after);
    assert_true(vlt_slice_equal(vlt_buf_slice(&before), vlt_buf_slice(&after)));
    vlt_buf_free(&before);
    vlt_buf_free(&after);
}

static void
an_old_header_that_a_crash_left_is_destroyed(void **state)
{
    static const char *const names[] = { "header.1.tmp", "header.1.old" };
    struct vlt_buf old = { 0 };
    char path[128];
    char kept[128];

    file_get(&v, "header.1", &old);
    (void)snprintf(kept, sizeof kept, "%s/kept", v.scratch);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct vlt_buf left = { 0 };

        vault_close(&v);
        file_put(&v, names[i], vlt_buf_slice(&old));
        (void)snprintf(path, sizeof path, "%s/%s", v.path, names[i]);
        assert_int_equal(link(path, kept), 0);
        vault_open(&v);
        assert_false(file_is_there(&v, names[i]));
        assert_int_equal(rename(kept, path), 0);
        file_get(&v, names[i], &left);
        assert_int_equal(left.len, old.len);
        assert_memory_not_equal(left.at, old.at, 16);
        vlt_buf_free(&left);
    }
    vlt_buf_free(&old);
}

/* ---- freshness ---- */

static void
a_header_that_was_put_back_is_found(void **state)
{
    struct vlt_buf before = { 0 };
    struct vlt_buf why = { 0 };

    (void)add('a');
    file_get(&v, "header.1", &before);
    replace(1, 'b');
    vault_close(&v);
    file_put(&v, "header.1", vlt_buf_slice(&before));
    assert_int_equal(vault_try_open(&v, NULL), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, &why), VLT_E_AUTH);
    assert_non_null(strstr(vlt_buf_text(&why), "put back"));
    vlt_buf_free(&before);
    vlt_buf_free(&why);
}

static void
a_header_that_was_put_back_with_its_keyring_is_found(void **state)
{
    struct vlt_buf header = { 0 };
    struct vlt_buf keyring = { 0 };

    (void)add('a');
    file_get(&v, "header.1", &header);
    file_get(&v, "keyring.1", &keyring);
    replace(1, 'b');
    put_setting(&v, 1, "{\"v\":1}"); /* root knows the new keyring */
    vault_close(&v);
    file_put(&v, "header.1", vlt_buf_slice(&header));
    file_put(&v, "keyring.1", vlt_buf_slice(&keyring));
    assert_int_equal(vault_try_open(&v, NULL), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_E_AUTH);
    vlt_buf_free(&header);
    vlt_buf_free(&keyring);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            the_bytes_of_a_slot_that_went_are_nowhere, begin, end),
        cmocka_unit_test_setup_teardown(
            only_three_key_files_are_there_after_a_change, begin, end),
        cmocka_unit_test_setup_teardown(
            a_second_name_of_the_header_goes_and_the_header_stays, begin, end),
        cmocka_unit_test_setup_teardown(
            an_old_header_that_a_crash_left_is_destroyed, begin, end),
        cmocka_unit_test_setup_teardown(a_header_that_was_put_back_is_found,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            a_header_that_was_put_back_with_its_keyring_is_found, begin, end),
    };

    return run_quietly() != 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
