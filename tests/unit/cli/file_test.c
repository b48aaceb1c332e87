/*
 * Files that are written whole: what lies beside them is not followed.
 */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file.h"

static char dir[40], path[64], beside[64], other[64];

static int
begin(void **state)
{
    snprintf(dir, sizeof dir, "/tmp/file-test-XXXXXX");
    if (mkdtemp(dir) == NULL) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/a", dir);
    snprintf(beside, sizeof beside, "%s/a.new", dir);
    snprintf(other, sizeof other, "%s/other", dir);
    return 0;
}

static int
end(void **state)
{
    unlink(path);
    unlink(beside);
    unlink(other);
    rmdir(beside);
    rmdir(path);
    return rmdir(dir);
}

static void
put(const char *at, mode_t mode)
{
    int fd = open(at, O_WRONLY | O_CREAT | O_CLOEXEC, mode);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "theirs", 6), 6);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static bool
holds(const char *at, const char *text)
{
    struct vlt_buf bytes = { 0 };
    bool does = file_read(at, 64, &bytes) == VLT_OK &&
                vlt_slice_is(vlt_buf_slice(&bytes), text);

    vlt_buf_free(&bytes);
    return does;
}

static void
a_link_beside_it_is_not_followed(void **state)
{
    put(other, 0600);
    assert_int_equal(symlink(other, beside), 0);
    assert_int_equal(file_write(path, vlt_slice_text("ours")), VLT_OK);
    assert_true(holds(path, "ours"));
    assert_true(holds(other, "theirs"));
    struct stat about;

    assert_int_equal(lstat(path, &about), 0);
    assert_true(S_ISREG(about.st_mode));
}

static void
a_file_beside_it_gives_it_no_mode_and_no_owner(void **state)
{
    struct stat about;

    put(beside, 0666);
    if (geteuid() == 0) {
        assert_int_equal(chown(beside, 65534, 65534), 0);
    }
    assert_int_equal(file_write(path, vlt_slice_text("ours")), VLT_OK);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(about.st_uid, geteuid());
    assert_true(holds(path, "ours"));
}

static void
what_cannot_take_its_place_is_removed(void **state)
{
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(file_write(path, vlt_slice_text("ours")), VLT_E_STORAGE);
    assert_int_not_equal(access(beside, F_OK), 0);
}

static void
a_folder_beside_it_is_left(void **state)
{
    assert_int_equal(mkdir(beside, 0700), 0);
    assert_int_equal(file_write(path, vlt_slice_text("ours")), VLT_E_STORAGE);
    assert_int_equal(access(beside, F_OK), 0);
    assert_int_not_equal(access(path, F_OK), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_link_beside_it_is_not_followed),
        TEST(a_file_beside_it_gives_it_no_mode_and_no_owner),
        TEST(what_cannot_take_its_place_is_removed),
        TEST(a_folder_beside_it_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
