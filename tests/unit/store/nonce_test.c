/* No nonce comes twice: not among many records, and not where a copy of the
 * vault is given the same input again. */
#include "raw.h"

#include <sys/stat.h>

#include "pieces.h"

enum {
    NONCE_AT = 9, /* behind suite and kid */
    NONCE = 24,
    TURN = 20000, /* records a commit */
};

/* A million where it takes seconds; under a sanitizer, where every access is
 * watched, a tenth. */
static size_t
how_many(void)
{
#ifdef __SANITIZE_ADDRESS__
    return 100000;
#else
    return 1000000;
#endif
}

static int
compare(const void *a, const void *b)
{
    return memcmp(a, b, NONCE);
}

static void
put_many(struct vault *v, size_t count)
{
    uint8_t stream[VLT_ID_LEN] = { 1 };
    uint8_t plain[STORE_TAIL_HEAD] = { 1 };
    uint64_t arrival;

    for (size_t done = 0; done < count; done += TURN) {
        struct store_txn *txn = txn_begin(v);

        for (size_t i = 0; i < TURN; i++) {
            assert_int_equal(store_tail_put(txn, stream, 0,
                                            vlt_slice_of(plain, sizeof plain),
                                            &arrival),
                             VLT_OK);
        }
        txn_commit(txn);
    }
}

static void
a_million_records_have_a_million_nonces(void **state)
{
    size_t count = how_many();
    uint8_t(*nonce)[NONCE] = malloc(count * sizeof *nonce);
    size_t found = 0;
    struct vault v;
    struct raw raw;
    MDB_cursor *cursor;
    MDB_val k;
    MDB_val d;

    assert_non_null(nonce);
    vault_begin(&v);
    put_many(&v, count);
    vault_close(&v);
    MDB_dbi dbi = raw_begin(&v, "tail0", &raw);

    assert_int_equal(mdb_cursor_open(raw.txn, dbi, &cursor), 0);
    while (mdb_cursor_get(cursor, &k, &d, MDB_NEXT) == 0) {
        assert_true(found < count && d.mv_size > NONCE_AT + NONCE);
        memcpy(nonce[found++], (const uint8_t *)d.mv_data + NONCE_AT, NONCE);
    }
    mdb_cursor_close(cursor);
    raw_end(&raw);
    assert_int_equal(found, count);
    qsort(nonce, count, sizeof *nonce, compare);
    for (size_t i = 1; i < count; i++) {
        assert_true(memcmp(nonce[i - 1], nonce[i], NONCE) != 0);
    }
    free(nonce);
    vault_end(&v);
}

/* ---- a copy ---- */

static void
copy_file(const struct vault *from, const struct vault *to, const char *name)
{
    struct vlt_buf bytes = { 0 };

    file_get(from, name, &bytes);
    file_put(to, name, vlt_buf_slice(&bytes));
    vlt_buf_free(&bytes);
}

static void
copy_vault(const struct vault *from, struct vault *to)
{
    static const char *const names[] = { "CURRENT", "header.1", "erase.1",
                                         "keyring.1", "data.mdb" };

    vault_scratch(to);
    assert_int_equal(mkdir(to->path, 0700), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        copy_file(from, to, names[i]);
    }
}

/* The same input, whoever's copy it is. */
static void
give_input(struct vault *v)
{
    struct store_lane lane = lane_of(1, 0);
    struct store_audit entry = { .body = vlt_slice_text("what happened") };
    struct store_idem idem = { .ulid = { 1 } };

    vault_open(v);
    put_setting(v, 1, "{\"n\":1}");
    put_tails(v, 1, 3);
    struct store_txn *txn = txn_begin(v);

    make_lane(txn, &lane);
    for (enum store_piece p = STORE_CHUNK; p <= STORE_ROLL; p++) {
        (void)put_piece(txn, p, &lane, 500);
    }
    put_lane(txn, &lane, 72);
    put_dedup(txn, 3, 40);
    assert_int_equal(store_idem_put(txn, &idem, vlt_slice_text("{}")), VLT_OK);
    assert_int_equal(store_audit_put(txn, &entry, NULL), VLT_OK);
    txn_commit(txn);
    vault_close(v);
}

static const struct {
    const char *db;
    size_t i;
    size_t clear; /* bytes in front of the seal */
} written[] = {
    { NULL, 0, 8 },    { "tail0", 0, 0 }, { "tail0", 1, 0 },
    { "tail0", 2, 0 }, { "chunk", 0, 0 }, { "head", 0, 0 },
    { "roll", 0, 0 },  { "lane", 0, 8 },  { "meta", 0, 8 },
    { "dedup", 0, 8 }, { "idem", 0, 8 },  { "audit", 0, STORE_HASH_LEN },
};

static void
a_copy_that_is_given_the_same_input_seals_it_otherwise(void **state)
{
    struct vault v;
    struct vault twin;

    vault_begin(&v);
    vault_close(&v);
    copy_vault(&v, &twin);
    give_input(&v);
    give_input(&twin);
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        struct raw_record one;
        struct raw_record two;
        size_t at = written[i].clear + NONCE_AT;

        print_message("%s, %zu\n", written[i].db != NULL ? written[i].db : "-",
                      written[i].i);
        raw_read(&v, written[i].db, written[i].i, &one);
        raw_read(&twin, written[i].db, written[i].i, &two);
        assert_int_equal(one.value.len, two.value.len);
        assert_memory_not_equal(one.value.at + at, two.value.at + at, NONCE);
        assert_memory_not_equal(one.value.at + at + NONCE,
                                two.value.at + at + NONCE,
                                one.value.len - at - NONCE);
        raw_drop(&one);
        raw_drop(&two);
    }
    vault_end(&v);
    vault_end(&twin);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_records_have_a_million_nonces),
        cmocka_unit_test(
            a_copy_that_is_given_the_same_input_seals_it_otherwise),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
