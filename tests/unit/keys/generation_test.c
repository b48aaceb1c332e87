/* The key files change all together, and the old ones are gone for good. */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keys/current.h"
#include "keys/erase.h"
#include "keys/files.h"
#include "keys/generation.h"
#include "keys/header.h"

static char scratch[] = "/tmp/vaultd-generation-XXXXXX";
static int dir = -1;
static struct vlt_secret *secret;

static int
set_up(void **state)
{
    if (mkdtemp(scratch) == NULL) {
        return 1;
    }
    dir = open(scratch, O_RDONLY | O_DIRECTORY);
    return dir < 0 || vlt_secret_init() != VLT_OK ||
           vlt_secret_random(ERASE_STRIPE, &secret) != VLT_OK;
}

static int
tear_down(void **state)
{
    vlt_secret_free(secret);
    (void)unlinkat(dir, "CURRENT", 0);
    (void)close(dir);
    return rmdir(scratch);
}

static void
write_generation(uint64_t n)
{
    uint8_t header[HEADER_LEN] = { (uint8_t)n };
    struct generation generation = {
        .n = n,
        .header = vlt_slice_of(header, sizeof header),
        .erase = secret,
        .keyring = vlt_slice_text("a keyring"),
    };

    assert_int_equal(generation_write(dir, &generation, NULL), VLT_OK);
}

static void
read_file(const char *name, struct vlt_buf *out)
{
    assert_int_equal(files_read(dir, name, ERASE_LEN, out, NULL), VLT_OK);
}

static bool
there(const char *name)
{
    return faccessat(dir, name, F_OK, 0) == 0;
}

static void
a_generation_is_three_files_that_hold_what_was_given(void **state)
{
    struct vlt_buf file = { 0 };
    struct vlt_secret *joined;

    write_generation(7);
    read_file("header.7", &file);
    assert_int_equal(file.len, HEADER_LEN);
    assert_int_equal(file.at[0], 7);
    vlt_buf_clear(&file);
    read_file("keyring.7", &file);
    assert_true(vlt_slice_is(vlt_buf_slice(&file), "a keyring"));
    vlt_buf_clear(&file);
    read_file("erase.7", &file);
    assert_int_equal(erase_join(vlt_buf_slice(&file), &joined), VLT_OK);
    assert_true(vlt_equal(vlt_secret_peek(joined), vlt_secret_peek(secret),
                          ERASE_STRIPE));
    vlt_secret_free(joined);
    vlt_buf_free(&file);
    assert_int_equal(generation_destroy(dir, 7, NULL), VLT_OK);
}

static void
nothing_is_in_force_before_it_is_switched_to(void **state)
{
    struct vlt_buf file = { 0 };
    uint64_t n = 0;

    write_generation(8);
    assert_false(there("CURRENT"));
    assert_int_equal(generation_switch(dir, 8, NULL), VLT_OK);
    write_generation(9);
    read_file("CURRENT", &file);
    assert_int_equal(current_decode(vlt_buf_slice(&file), &n), VLT_OK);
    assert_int_equal(n, 8);
    vlt_buf_free(&file);
    assert_int_equal(generation_destroy(dir, 8, NULL), VLT_OK);
    assert_int_equal(generation_destroy(dir, 9, NULL), VLT_OK);
}

/* Bytes of an old file that are where they were, in the blocks it had. */
static size_t
bytes_left(int fd, const struct vlt_buf *before)
{
    uint8_t *now = malloc(before->len);
    size_t same = 0;

    assert_non_null(now);
    assert_int_equal(pread(fd, now, before->len, 0), before->len);
    for (size_t i = 0; i < before->len; i++) {
        same += before->at[i] != 0 && now[i] == before->at[i];
    }
    free(now);
    return same;
}

static void
what_is_destroyed_is_overwritten_where_it_lay(void **state)
{
    static const char *const names[] = { "erase.3", "keyring.3", "header.3" };
    struct vlt_buf before[3] = { { 0 } };
    int fd[3];

    write_generation(3);
    for (size_t i = 0; i < 3; i++) {
        read_file(names[i], &before[i]);
        fd[i] = openat(dir, names[i], O_RDONLY);
        assert_true(fd[i] >= 0);
    }
    assert_int_equal(generation_destroy(dir, 3, NULL), VLT_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_false(there(names[i]));
        /* One byte in 256 may be the same by chance. */
        assert_true(bytes_left(fd[i], &before[i]) <= before[i].len / 64 + 1);
        vlt_buf_free(&before[i]);
        (void)close(fd[i]);
    }
}

static void
destroying_what_is_not_there_is_done_already(void **state)
{
    write_generation(4);
    assert_int_equal(unlinkat(dir, "keyring.4", 0), 0);
    assert_int_equal(generation_destroy(dir, 4, NULL), VLT_OK);
    assert_int_equal(generation_destroy(dir, 4, NULL), VLT_OK);
    assert_false(there("erase.4"));
    assert_false(there("header.4"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_generation_is_three_files_that_hold_what_was_given),
        cmocka_unit_test(nothing_is_in_force_before_it_is_switched_to),
        cmocka_unit_test(what_is_destroyed_is_overwritten_where_it_lay),
        cmocka_unit_test(destroying_what_is_not_there_is_done_already),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
