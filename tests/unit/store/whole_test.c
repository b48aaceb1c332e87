/* whole: a data file that was cut is told from one with pages never written. */
#include "raw.h"

#include <sys/stat.h>

#include "store/whole.h"

enum {
    PAGES_MOST = 4096,
};

/* An LMDB file in a scratch folder, and its bytes once it is closed. */
struct bench {
    struct vault v;
    struct raw raw;
    struct vlt_buf file;
    size_t page, pages;    /* of the newest commit */
    bool free[PAGES_MOST]; /* as LMDB itself reads it */
};

static void
bench_begin(struct bench *b)
{
    memset(b, 0, sizeof *b);
    vault_scratch(&b->v);
    assert_int_equal(mkdir(b->v.path, 0700), 0);
}

/* One commit that writes `more` values of len bytes and deletes others. */
static void
commit(struct bench *b, int from, int more, size_t len, int gone)
{
    MDB_dbi dbi = raw_begin(&b->v, "rows", &b->raw);
    char *bytes = calloc(1, len);
    char key[16];

    for (int i = from; i < from + more; i++) {
        (void)snprintf(key, sizeof key, "%08d", i);
        MDB_val k = raw_val(key, 8);
        MDB_val d = raw_val(bytes, len);

        assert_int_equal(mdb_put(b->raw.txn, dbi, &k, &d, 0), 0);
    }
    for (int i = 0; i < gone; i++) {
        (void)snprintf(key, sizeof key, "%08d", i);
        MDB_val k = raw_val(key, 8);

        (void)mdb_del(b->raw.txn, dbi, &k, NULL);
    }
    free(bytes);
    raw_end(&b->raw);
}

static void
note_list(struct bench *b, MDB_val list)
{
    const size_t *number = list.mv_data;

    for (size_t i = 1; i <= number[0]; i++) {
        assert_true(number[i] < PAGES_MOST);
        b->free[number[i]] = true;
    }
}

/* Read the file, and through LMDB which pages are free. */
static void
take(struct bench *b)
{
    MDB_envinfo info;
    MDB_stat stat;
    MDB_cursor *cursor;
    MDB_val k;
    MDB_val d;
    char path[128];
    uint8_t part[4096];
    size_t len;

    assert_int_equal(mdb_env_create(&b->raw.env), 0);
    assert_int_equal(mdb_env_set_mapsize(b->raw.env, 256 << 20), 0);
    assert_int_equal(mdb_env_open(b->raw.env, b->v.path, MDB_RDONLY, 0600), 0);
    assert_int_equal(mdb_env_info(b->raw.env, &info), 0);
    assert_int_equal(mdb_env_stat(b->raw.env, &stat), 0);
    b->page = stat.ms_psize;
    b->pages = info.me_last_pgno + 1;
    assert_int_equal(mdb_txn_begin(b->raw.env, NULL, MDB_RDONLY, &b->raw.txn),
                     0);
    assert_int_equal(mdb_cursor_open(b->raw.txn, 0, &cursor), 0);
    while (mdb_cursor_get(cursor, &k, &d, MDB_NEXT) == 0) {
        note_list(b, d);
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(b->raw.txn);
    mdb_env_close(b->raw.env);
    (void)snprintf(path, sizeof path, "%s/data.mdb", b->v.path);
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    while ((len = fread(part, 1, sizeof part, file)) > 0) {
        vlt_buf_put(&b->file, part, len);
    }
    assert_int_equal(fclose(file), 0);
    assert_false(vlt_buf_failed(&b->file));
}

static void
bench_end(struct bench *b)
{
    vlt_buf_free(&b->file);
    vault_end(&b->v);
}

/* Cut at every page: it is whole while only free pages are missing. */
static void
each_cut_is_judged(const struct bench *b)
{
    size_t have = b->file.len / b->page;
    size_t refused = 0;

    for (size_t left = 2; left <= have; left++) {
        bool whole = true;

        for (size_t i = left; i < b->pages; i++) {
            whole = whole && b->free[i];
        }
        enum vlt_status st =
            whole_check(vlt_slice_of(b->file.at, left * b->page));

        if (whole) {
            assert_int_equal(st, VLT_OK);
            continue;
        }
        assert_int_equal(st, VLT_E_STORAGE);
        refused++;
        /* A part of a page is none. */
        if (left < have) {
            assert_int_equal(
                whole_check(vlt_slice_of(b->file.at, left * b->page + 100)),
                st);
        }
    }
    assert_true(refused > 0);
}

static void
a_file_is_whole_and_none_that_is_cut(void **state)
{
    struct bench b;

    bench_begin(&b);
    commit(&b, 0, 300, 500, 0);
    commit(&b, 300, 100, 500, 0);
    take(&b);
    assert_int_equal(whole_check(vlt_buf_slice(&b.file)), VLT_OK);
    each_cut_is_judged(&b);
    bench_end(&b);
}

/* Several commits, so that there is a list of free pages; then large values
 * that are put and deleted in one. */
static void
spare(struct bench *b)
{
    for (int i = 0; i < 6; i++) {
        commit(b, 100 + i, 1, 500, 0);
    }
    commit(b, 0, 5, 100000, 5);
}

/* What is taken and given back in one transaction never reaches the disk. */
static void
pages_that_were_never_written_may_be_missing(void **state)
{
    struct bench b;

    bench_begin(&b);
    spare(&b);
    take(&b);
    assert_true(b.file.len < b.pages * b.page);
    assert_int_equal(whole_check(vlt_buf_slice(&b.file)), VLT_OK);
    each_cut_is_judged(&b);
    bench_end(&b);
}

static void
a_long_list_of_free_pages_is_read(void **state)
{
    struct bench b;

    bench_begin(&b);
    commit(&b, 0, 1000, 8000, 0);
    commit(&b, 1000, 10, 100, 1000);
    commit(&b, 2000, 10, 100, 0);
    take(&b);
    assert_int_equal(whole_check(vlt_buf_slice(&b.file)), VLT_OK);
    each_cut_is_judged(&b);
    bench_end(&b);
}

static void
what_is_no_database_is_told(void **state)
{
    struct bench b;

    bench_begin(&b);
    commit(&b, 0, 10, 100, 0);
    take(&b);
    for (size_t len = 0; len < b.page + 16 + 136; len++) {
        assert_int_equal(whole_check(vlt_slice_of(b.file.at, len)),
                         VLT_E_FORMAT);
    }
    b.file.at[16] ^= 1;
    assert_int_equal(whole_check(vlt_buf_slice(&b.file)), VLT_E_FORMAT);
    b.file.at[16] ^= 1;
    b.file.at[b.page + 16] ^= 1;
    assert_int_equal(whole_check(vlt_buf_slice(&b.file)), VLT_E_FORMAT);
    bench_end(&b);
}

/* Each byte of all pages, while the last page is missing: no answer but these,
 * and no read outside (a sanitizer's business). */
static void
no_byte_leads_outside(void **state)
{
    struct bench b;

    bench_begin(&b);
    spare(&b);
    take(&b);
    for (size_t at = 0; at < b.file.len; at++) {
        for (unsigned bit = 0; bit < 8; bit += 7) {
            b.file.at[at] ^= (uint8_t)(1U << bit);
            enum vlt_status st = whole_check(vlt_buf_slice(&b.file));

            assert_true(st == VLT_OK || st == VLT_E_FORMAT ||
                        st == VLT_E_STORAGE);
            b.file.at[at] ^= (uint8_t)(1U << bit);
        }
    }
    bench_end(&b);
}

static void
a_vault_that_was_cut_does_not_open(void **state)
{
    struct vault v;
    struct vlt_buf why;
    char path[128];

    vault_scratch(&v);
    vault_create(&v);
    (void)snprintf(path, sizeof path, "%s/data.mdb", v.path);
    assert_int_equal(truncate(path, 3 * 4096), 0);
    vlt_buf_init(&why, 512);
    assert_int_equal(vault_try_open(&v, &why), VLT_E_STORAGE);
    assert_non_null(strstr(vlt_buf_text(&why), "data.mdb"));
    vlt_buf_clear(&why);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(vault_try_open(&v, &why), VLT_E_STORAGE);
    vlt_buf_free(&why);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_whole_and_none_that_is_cut),
        cmocka_unit_test(pages_that_were_never_written_may_be_missing),
        cmocka_unit_test(a_long_list_of_free_pages_is_read),
        cmocka_unit_test(what_is_no_database_is_told),
        cmocka_unit_test(no_byte_leads_outside),
        cmocka_unit_test(a_vault_that_was_cut_does_not_open),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
