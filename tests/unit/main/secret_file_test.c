/* What a file holds that is to open a vault. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/kek.h"
#include "main/main_internal.h"

static char scratch[] = "/tmp/vaultd-secret-XXXXXX";
static char path[sizeof scratch + 8];

static int
set_up(void **state)
{
    if (vlt_secret_init() != VLT_OK || mkdtemp(scratch) == NULL) {
        return 1;
    }
    (void)snprintf(path, sizeof path, "%s/secret", scratch);
    return 0;
}

static int
tear_down(void **state)
{
    (void)unlink(path);
    return rmdir(scratch);
}

static void
put(const void *bytes, size_t len)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void
assert_secret(const struct vlt_secret *secret, const void *bytes, size_t len)
{
    assert_non_null(secret);
    assert_int_equal(vlt_secret_len(secret), len);
    assert_memory_equal(vlt_secret_peek(secret), bytes, len);
}

static const struct {
    const char *file;
    const char *passphrase; /* NULL: refused */
} files[] = {
    { "horse", "horse" },
    { "horse\n", "horse" },
    { "horse\r\n", "horse" },
    { "horse\n\n", "horse\n" },
    { "horse\r", "horse\r" },
    { " horse \n", " horse " },
    { "thirty-one characters are these", "thirty-one characters are these" },
    { "thirty-one characters are these\n", "thirty-one characters are these" },
    { "thirty characters are these too\r\n",
      "thirty characters are these too" },
    { "", NULL },
    { "\n", NULL },
    { "\r\n", NULL },
};

static void
the_end_of_a_line_is_no_part_of_a_passphrase(void **state)
{
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const char *want = files[i].passphrase;
        struct vlt_secret *got = NULL;
        struct opener opener = { NULL, NULL };

        put(files[i].file, strlen(files[i].file));
        enum vlt_status st = want != NULL ? VLT_OK : VLT_E_LIMIT;

        assert_int_equal(passphrase_from_file(path, &got), st);
        assert_int_equal(opener_from_file(path, &opener), st);
        if (want != NULL) {
            assert_secret(got, want, strlen(want));
            assert_secret(opener.passphrase, want, strlen(want));
        }
        assert_int_equal(opener.key != NULL,
                         want != NULL &&
                             strlen(files[i].file) == KEK_RANDOM_LEN);
        vlt_secret_free(got);
        opener_fini(&opener);
    }
}

static void
all_bytes_of_a_key_count(void **state)
{
    struct opener opener = { NULL, NULL };
    uint8_t key[KEK_RANDOM_LEN];

    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = (uint8_t)(200 + i);
    }
    key[sizeof key - 2] = '\r';
    key[sizeof key - 1] = '\n';
    put(key, sizeof key);
    assert_int_equal(opener_from_file(path, &opener), VLT_OK);
    assert_secret(opener.key, key, sizeof key);
    assert_secret(opener.passphrase, key, sizeof key - 2);
    opener_fini(&opener);
    opener_fini(&opener);
}

static void
a_passphrase_has_a_greatest_length(void **state)
{
    struct vlt_secret *got = NULL;
    char text[KEK_PASSPHRASE_MAX + 4];

    memset(text, 'x', sizeof text);
    text[KEK_PASSPHRASE_MAX] = '\n';
    put(text, KEK_PASSPHRASE_MAX + 1);
    assert_int_equal(passphrase_from_file(path, &got), VLT_OK);
    assert_secret(got, text, KEK_PASSPHRASE_MAX);
    vlt_secret_free(got);
    got = NULL;
    text[KEK_PASSPHRASE_MAX] = '\r';
    text[KEK_PASSPHRASE_MAX + 1] = '\n';
    put(text, KEK_PASSPHRASE_MAX + 2);
    assert_int_equal(passphrase_from_file(path, &got), VLT_OK);
    assert_secret(got, text, KEK_PASSPHRASE_MAX);
    vlt_secret_free(got);
    got = NULL;
    put(text, sizeof text - 1); /* more behind the end of the line */
    assert_int_equal(passphrase_from_file(path, &got), VLT_E_LIMIT);
    memset(text, 'x', sizeof text);
    for (size_t more = 1; more <= 4; more++) {
        put(text, KEK_PASSPHRASE_MAX + more);
        assert_int_equal(passphrase_from_file(path, &got), VLT_E_LIMIT);
    }
    assert_null(got);
}

static void
a_file_that_is_not_there_is_said(void **state)
{
    struct opener opener = { NULL, NULL };

    (void)unlink(path);
    assert_int_equal(opener_from_file(path, &opener), VLT_E_STORAGE);
    assert_int_equal(opener_from_file(scratch, &opener), VLT_E_STORAGE);
    assert_null(opener.passphrase);
}

static void
a_key_file_is_new_and_the_owners_alone(void **state)
{
    struct vlt_secret *key = NULL;
    struct opener opener = { NULL, NULL };
    struct stat about;

    (void)unlink(path);
    assert_int_equal(vlt_secret_random(KEK_RANDOM_LEN, &key), VLT_OK);
    assert_int_equal(secret_to_file(path, key), VLT_OK);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0400);
    assert_int_equal(opener_from_file(path, &opener), VLT_OK);
    assert_secret(opener.key, vlt_secret_peek(key), KEK_RANDOM_LEN);
    assert_int_equal(secret_to_file(path, key), VLT_E_STORAGE);
    opener_fini(&opener);
    vlt_secret_free(key);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_line_is_no_part_of_a_passphrase),
        cmocka_unit_test(all_bytes_of_a_key_count),
        cmocka_unit_test(a_passphrase_has_a_greatest_length),
        cmocka_unit_test(a_file_that_is_not_there_is_said),
        cmocka_unit_test(a_key_file_is_new_and_the_owners_alone),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
