/* Blocks that are held, given up, and held again. */
#include "fixture.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include "store/ballast.h"
#include "store/space.h"

/* A folder, and its descriptor. */
static int
open_folder(struct vault *v)
{
    vault_scratch(v);
    int fd = open(v->scratch, O_RDONLY | O_DIRECTORY);

    assert_true(fd >= 0);
    return fd;
}

static void
close_folder(struct vault *v, int fd)
{
    assert_int_equal(close(fd), 0);
    vault_end(v);
}

static uint64_t
bytes_held(int dir)
{
    struct stat about;

    assert_int_equal(fstatat(dir, BALLAST_NAME, &about, 0), 0);
    return (uint64_t)about.st_blocks * 512;
}

static void
what_is_made_holds_its_blocks(void **state)
{
    struct vault v;
    int dir = open_folder(&v);

    assert_false(ballast_whole(dir));
    assert_int_equal(ballast_make(dir), VLT_OK);
    assert_true(ballast_whole(dir));
    assert_true(bytes_held(dir) >= SPACE_BALLAST);
    assert_int_equal(ballast_make(dir), VLT_OK);
    assert_true(bytes_held(dir) < SPACE_BALLAST + (1 << 20));
    close_folder(&v, dir);
}

static void
it_is_given_once_and_made_again(void **state)
{
    struct vault v;
    int dir = open_folder(&v);

    assert_false(ballast_give(dir)); /* there is none */
    assert_int_equal(ballast_make(dir), VLT_OK);
    assert_true(ballast_give(dir));
    assert_int_equal(bytes_held(dir), 0);
    assert_false(ballast_whole(dir));
    assert_false(ballast_give(dir)); /* there is nothing in it */
    assert_int_equal(ballast_make(dir), VLT_OK);
    assert_true(ballast_whole(dir));
    close_folder(&v, dir);
}

/* A copy of a vault has the file, and not its blocks. */
static void
a_short_one_is_made_whole(void **state)
{
    struct vault v;
    int dir = open_folder(&v);
    int file = openat(dir, BALLAST_NAME, O_WRONLY | O_CREAT, 0600);
    char byte = 1;

    assert_true(file >= 0);
    assert_int_equal(write(file, &byte, 1), 1);
    assert_int_equal(close(file), 0);
    assert_false(ballast_whole(dir));
    assert_int_equal(ballast_make(dir), VLT_OK);
    assert_true(ballast_whole(dir));
    close_folder(&v, dir);
}

static void
what_is_no_file_is_left_alone(void **state)
{
    struct vault v;
    int dir = open_folder(&v);

    assert_int_equal(symlinkat("/etc/passwd", dir, BALLAST_NAME), 0);
    assert_false(ballast_whole(dir));
    assert_false(ballast_give(dir));
    assert_int_equal(ballast_make(dir), VLT_E_STORAGE);
    assert_int_equal(unlinkat(dir, BALLAST_NAME, 0), 0);
    assert_int_equal(mkfifoat(dir, BALLAST_NAME, 0600), 0);
    assert_false(ballast_give(dir));
    assert_int_equal(ballast_make(dir), VLT_E_STORAGE);
    close_folder(&v, dir);
}

/* ---- of a vault ---- */

static void
a_vault_is_made_with_one(void **state)
{
    struct store_space space;
    struct vault v;
    char path[128];

    vault_begin(&v);
    assert_int_equal(store_space(v.store, 0, &space), VLT_OK);
    assert_true(space.ballast);
    vault_close(&v);

    /* One from before there was any gets it when it is looked after. */
    (void)snprintf(path, sizeof path, "%s/" BALLAST_NAME, v.path);
    assert_int_equal(unlink(path), 0);
    vault_open(&v);
    assert_int_equal(store_space(v.store, 0, &space), VLT_OK);
    assert_false(space.ballast);
    store_lock(v.store); /* locked, too */
    store_tend(v.store);
    assert_int_equal(store_space(v.store, 0, &space), VLT_OK);
    assert_true(space.ballast);
    assert_true(file_is_there(&v, BALLAST_NAME));
    vault_end(&v);
}

static void
create(struct vault *v, uint64_t quota, enum vlt_status expected)
{
    struct vlt_secret *key = vault_key_file();
    struct store_init init = { .key_file = key,
                               .quota = quota,
                               .now_ns = FIXTURE_NOW };
    struct vlt_secret *words;

    assert_int_equal(store_create(v->path, &init, NULL, &words), expected);
    vlt_secret_free(key);
}

/* What a vault that was made so keeps; the caller frees *out. */
static enum vlt_status
kept_quota(struct vault *v, uint64_t quota, struct vlt_buf *out)
{
    static const uint8_t id[VLT_ID_LEN] = STORE_QUOTA_SETTING;
    struct store_read *read;

    create(v, quota, VLT_OK);
    vault_open(v);
    read = read_begin(v);
    enum vlt_status st =
        store_meta_get(store_read_view(read), STORE_META_SETTING, id, out);

    store_read_end(read);
    vault_close(v);
    vault_remove_folder(v->path);
    return st;
}

static void
a_quota_is_kept_in_the_vault(void **state)
{
    struct statvfs about;
    struct vlt_buf json = { 0 };
    unsigned long long bytes = 0;
    struct vault v;

    vault_scratch(&v);
    assert_int_equal(kept_quota(&v, 0, &json), VLT_E_NOT_FOUND);
    assert_int_equal(kept_quota(&v, STORE_QUOTA_LEAST, &json), VLT_OK);
    assert_string_equal(vlt_buf_text(&json), "{\"bytes\":16777216,\"v\":1}");
    vlt_buf_clear(&json);
    assert_int_equal(kept_quota(&v, STORE_QUOTA_FITTING, &json), VLT_OK);
    assert_int_equal(sscanf(vlt_buf_text(&json), "{\"bytes\":%llu,", &bytes),
                     1);
    assert_int_equal(statvfs(v.scratch, &about), 0);
    assert_true(bytes >= STORE_QUOTA_LEAST && bytes <= SPACE_QUOTA_MOST);
    assert_true(bytes <= (uint64_t)about.f_blocks * about.f_frsize);
    vlt_buf_free(&json);
    create(&v, STORE_QUOTA_LEAST - 1, VLT_E_LIMIT);
    create(&v, STORE_QUOTA_MOST + 1, VLT_E_LIMIT);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_made_holds_its_blocks),
        cmocka_unit_test(it_is_given_once_and_made_again),
        cmocka_unit_test(a_short_one_is_made_whole),
        cmocka_unit_test(what_is_no_file_is_left_alone),
        cmocka_unit_test(a_vault_is_made_with_one),
        cmocka_unit_test(a_quota_is_kept_in_the_vault),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
