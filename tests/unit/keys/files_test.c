/* Small files are replaced whole, and destroyed for good. */
#define _GNU_SOURCE /* syscall(), renameat2() */

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keys/files_internal.h"

static char scratch[] = "/tmp/vaultd-files-XXXXXX";
static int dir = -1;

static int
set_up(void **state)
{
    if (mkdtemp(scratch) == NULL) {
        return 1;
    }
    dir = open(scratch, O_RDONLY | O_DIRECTORY);
    return dir < 0;
}

static int
tear_down(void **state)
{
    (void)unlinkat(dir, "kept", 0);
    (void)unlinkat(dir, "link", 0);
    (void)close(dir);
    return rmdir(scratch);
}

static void
put(const char *name, const char *text)
{
    assert_int_equal(files_write(dir, name, vlt_slice_text(text), NULL),
                     VLT_OK);
}

static void
assert_holds(const char *name, const char *text)
{
    struct vlt_buf buf = { 0 };

    assert_int_equal(files_read(dir, name, 9000, &buf, NULL), VLT_OK);
    assert_true(vlt_slice_is(vlt_buf_slice(&buf), text));
    vlt_buf_free(&buf);
}

static void
what_was_written_is_read(void **state)
{
    struct stat about;

    put("kept", "one");
    assert_holds("kept", "one");
    put("kept", "");
    assert_holds("kept", "");
    put("kept", "another one");
    assert_holds("kept", "another one");
    assert_int_equal(fstatat(dir, "kept", &about, 0), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(faccessat(dir, "kept.tmp", F_OK, 0), -1);
}

static void
what_a_crash_left_is_no_hindrance(void **state)
{
    int fd = openat(dir, "kept.tmp", O_WRONLY | O_CREAT, 0644);

    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    put("kept", "after");
    assert_holds("kept", "after");
}

static void
a_file_larger_than_the_limit_is_refused(void **state)
{
    struct vlt_buf buf = { 0 };
    struct vlt_buf why = { 0 };

    put("kept", "12345678");
    vlt_buf_put_text(&buf, "before");
    assert_int_equal(files_read(dir, "kept", 7, &buf, &why), VLT_E_LIMIT);
    assert_true(vlt_slice_is(vlt_buf_slice(&buf), "before"));
    assert_string_equal(vlt_buf_text(&why), "kept is larger than it can be");
    assert_int_equal(files_read(dir, "kept", 8, &buf, NULL), VLT_OK);
    assert_true(vlt_slice_is(vlt_buf_slice(&buf), "before12345678"));
    vlt_buf_free(&buf);
    vlt_buf_free(&why);
}

static void
a_large_file_is_read_whole(void **state)
{
    struct vlt_buf text = { 0 };

    for (int i = 0; i < 8193; i++) {
        vlt_buf_put_u8(&text, (uint8_t)('a' + i % 26));
    }
    put("kept", vlt_buf_text(&text));
    assert_holds("kept", vlt_buf_text(&text));
    vlt_buf_free(&text);
}

static void
what_is_not_there_is_said(void **state)
{
    struct vlt_buf buf = { 0 };
    struct vlt_buf why = { 0 };

    assert_int_equal(files_read(dir, "absent", 9, &buf, &why), VLT_E_NOT_FOUND);
    assert_string_equal(vlt_buf_text(&why),
                        "cannot open absent: No such file or directory");
    vlt_buf_free(&buf);
    vlt_buf_free(&why);
}

static void
links_and_folders_are_not_followed(void **state)
{
    struct vlt_buf buf = { 0 };

    put("kept", "secret");
    assert_int_equal(symlinkat("kept", dir, "link"), 0);
    assert_int_not_equal(files_read(dir, "link", 9, &buf, NULL), VLT_OK);
    assert_int_equal(files_read(dir, ".", 9, &buf, NULL), VLT_E_NOT_FOUND);
    assert_int_equal(buf.len, 0);
    vlt_buf_free(&buf);
}

/* A second name for the same blocks shows what is left of them. */
static void
a_destroyed_file_leaves_none_of_its_bytes(void **state)
{
    struct vlt_buf text = { 0 };
    struct vlt_buf left = { 0 };

    for (int i = 0; i < 1000; i++) {
        vlt_buf_put_text(&text, "stripes!");
    }
    put("kept", vlt_buf_text(&text));
    assert_int_equal(linkat(dir, "kept", dir, "again", 0), 0);
    assert_int_equal(files_destroy(dir, "kept", NULL), VLT_OK);
    assert_int_equal(faccessat(dir, "kept", F_OK, 0), -1);
    assert_int_equal(files_read(dir, "again", 9000, &left, NULL), VLT_OK);
    assert_int_equal(left.len, text.len);
    for (size_t at = 0; at < left.len; at += 8) {
        assert_memory_not_equal(left.at + at, "stripes!", 8);
    }
    assert_int_equal(unlinkat(dir, "again", 0), 0);
    vlt_buf_free(&text);
    vlt_buf_free(&left);
}

/* ---- swapping ---- */

/* The old bytes, by a name that nobody else knows; then no longer. */
static void
assert_swaps(bool exchanges)
{
    struct vlt_buf left = { 0 };

    put("kept", "the old ones, which open the vault");
    assert_int_equal(linkat(dir, "kept", dir, "again", 0), 0);
    assert_int_equal(
        files_swap_as(dir, "kept", vlt_slice_text("new"), exchanges, NULL),
        VLT_OK);
    assert_holds("kept", "new");
    assert_int_equal(files_read(dir, "again", 9000, &left, NULL), VLT_OK);
    assert_int_equal(left.len, 34);
    assert_memory_not_equal(left.at, "the old ones, wh", 16);
    assert_int_equal(faccessat(dir, "kept.tmp", F_OK, 0), -1);
    assert_int_equal(faccessat(dir, "kept.old", F_OK, 0), -1);
    assert_int_equal(unlinkat(dir, "again", 0), 0);
    vlt_buf_free(&left);
}

static void
what_is_swapped_leaves_none_of_its_old_bytes(void **state)
{
    assert_swaps(true);
    assert_swaps(false);
}

/* What a crash left of an earlier swap: a second name of what is there. */
static void
a_second_name_is_no_hindrance_to_a_swap(void **state)
{
    put("kept", "old");
    assert_int_equal(linkat(dir, "kept", dir, "kept.old", 0), 0);
    assert_int_equal(
        files_swap_as(dir, "kept", vlt_slice_text("new"), false, NULL), VLT_OK);
    assert_holds("kept", "new");
    assert_int_equal(faccessat(dir, "kept.old", F_OK, 0), -1);
}

/* The C library's, for all of this program: one refusal, which keeps an eye on
 * what was to be renamed. */
static struct {
    bool refuses;
    int fd;
} seen = { .fd = -1 };

int
renameat2(int from_dir, const char *from, int to_dir, const char *to,
          unsigned flags)
{
    if (seen.refuses) {
        seen.refuses = false;
        seen.fd = openat(from_dir, from, O_RDONLY | O_CLOEXEC);
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

static void
what_is_refused_a_swap_leaves_none_of_its_bytes(void **state)
{
    char left[32] = "";

    put("kept", "old");
    seen.refuses = true;
    assert_int_equal(
        files_swap(dir, "kept", vlt_slice_text("the root key, sealed"), NULL),
        VLT_E_STORAGE);
    assert_holds("kept", "old");
    assert_int_equal(faccessat(dir, "kept.tmp", F_OK, 0), -1);
    assert_true(seen.fd >= 0);
    (void)!pread(seen.fd, left, sizeof left, 0);
    assert_memory_not_equal(left, "the root key", 12);
    assert_int_equal(close(seen.fd), 0);
}

static void
what_is_not_there_cannot_be_swapped(void **state)
{
    struct vlt_buf why = { 0 };

    for (int exchanges = 0; exchanges < 2; exchanges++) {
        assert_int_equal(files_swap_as(dir, "absent", vlt_slice_text("new"),
                                       exchanges == 1, &why),
                         VLT_E_STORAGE);
        assert_int_equal(faccessat(dir, "absent", F_OK, 0), -1);
        assert_int_equal(faccessat(dir, "absent.tmp", F_OK, 0), -1);
    }
    assert_true(why.len > 0);
    vlt_buf_free(&why);
}

static void
destroying_what_is_not_there_is_done(void **state)
{
    assert_int_equal(files_destroy(dir, "absent", NULL), VLT_OK);
}

static void
a_folder_that_is_gone_is_said(void **state)
{
    struct vlt_buf why = { 0 };

    assert_int_equal(files_write(-1, "kept", vlt_slice_text("x"), &why),
                     VLT_E_STORAGE);
    assert_string_equal(vlt_buf_text(&why),
                        "cannot make kept.tmp: Bad file descriptor");
    vlt_buf_free(&why);
}

static void
names_have_their_generation(void **state)
{
    char name[FILES_NAME_MAX];

    assert_string_equal(files_name("header", 1, name), "header.1");
    assert_string_equal(files_name("keyring", UINT64_MAX, name),
                        "keyring.18446744073709551615");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(what_a_crash_left_is_no_hindrance),
        cmocka_unit_test(a_file_larger_than_the_limit_is_refused),
        cmocka_unit_test(a_large_file_is_read_whole),
        cmocka_unit_test(what_is_not_there_is_said),
        cmocka_unit_test(links_and_folders_are_not_followed),
        cmocka_unit_test(a_destroyed_file_leaves_none_of_its_bytes),
        cmocka_unit_test(what_is_swapped_leaves_none_of_its_old_bytes),
        cmocka_unit_test(a_second_name_is_no_hindrance_to_a_swap),
        cmocka_unit_test(what_is_refused_a_swap_leaves_none_of_its_bytes),
        cmocka_unit_test(what_is_not_there_cannot_be_swapped),
        cmocka_unit_test(destroying_what_is_not_there_is_done),
        cmocka_unit_test(a_folder_that_is_gone_is_said),
        cmocka_unit_test(names_have_their_generation),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
