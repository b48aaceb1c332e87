/* The check of everything names what is wrong. */
#include "raw.h"

#include "pieces.h"

static void
begin_with_some_of_all(struct vault *v)
{
    struct store_audit entry = { .body = vlt_slice_text("body") };
    struct store_node node = { .level = 1 };
    struct store_idem idem = { .ulid = { 1 } };
    struct store_lane lane = lane_of(1, 7);

    vault_begin(v);
    put_setting(v, 1, "{\"n\":1}");
    put_tail(v, 1);
    put_tail(v, 2);
    struct store_txn *txn = txn_begin(v);

    assert_int_equal(store_audit_put(txn, &entry, NULL), VLT_OK);
    assert_int_equal(store_node_put(txn, &node, entry.leaf), VLT_OK);
    assert_int_equal(store_idem_put(txn, &idem, vlt_slice_text("{}")), VLT_OK);
    make_lane(txn, &lane);
    for (enum store_piece p = STORE_CHUNK; p <= STORE_ROLL; p++) {
        (void)put_piece(txn, p, &lane, 100);
    }
    put_lane(txn, &lane, 56);
    put_dedup(txn, 3, 24);
    txn_commit(txn);
    assert_int_equal(close_segment(v), VLT_OK);
    put_tail(v, 3);
}

static enum vlt_status
check(struct vault *v, struct vlt_buf *why, struct store_check *found)
{
    struct store_read *read = read_begin(v);
    enum vlt_status st = store_check(store_read_view(read), why, found);

    store_read_end(read);
    return st;
}

static void
a_whole_vault_has_no_faults(void **state)
{
    struct vault v;
    struct store_check found;
    struct vlt_buf why = { 0 };

    begin_with_some_of_all(&v);
    assert_int_equal(check(&v, &why, &found), VLT_OK);
    assert_int_equal(found.records, 12);
    assert_int_equal(found.bad, 0);
    assert_int_equal(why.len, 0);
    vault_end(&v);
}

/* Which byte of which record is changed, and what is then said. */
static const struct {
    const char *db;
    size_t at;
    const char *says;
} faults[] = {
    { "tail0", 60, "record 1 of \"tail0\" does not open" },
    { "tail0", 3, "record 1 of \"tail0\" lies under a key that is not there" },
    { "tail1", 60, "record 1 of \"tail1\" does not open" },
    { "chunk", 60, "record 1 of \"chunk\" does not open" },
    { "chunk", 3, "record 1 of \"chunk\" lies under a key that is not there" },
    { "head", 60, "record 1 of \"head\" does not open" },
    { "roll", 60, "record 1 of \"roll\" does not open" },
    { "lane", 40, "record 1 of \"lane\" does not open" },
    { "lane", 11, "record 1 of \"lane\" does not open" },
    { "dedup", 40, "record 1 of \"dedup\" does not open" },
    { "meta", 40, "record 1 of \"meta\" does not open" },
    { "idem", 40, "record 1 of \"idem\" does not open" },
    { "audit", 70, "record 1 of \"audit\" does not open" },
    { "audit", 32, "record 1 of \"audit\" does not open" },
};

static void
each_kind_of_record_is_looked_at(void **state)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct vault v;
        struct store_check found;
        struct vlt_buf key = { 0 };
        struct vlt_buf value = { 0 };
        struct vlt_buf why = { 0 };

        print_message("%s, byte %zu\n", faults[i].db, faults[i].at);
        begin_with_some_of_all(&v);
        vault_close(&v);
        assert_true(raw_copy(&v, faults[i].db, 0, &key, &value));
        value.at[faults[i].at] ^= 1;
        raw_put(&v, faults[i].db, vlt_buf_slice(&key), vlt_buf_slice(&value));
        vault_open(&v);
        assert_int_equal(check(&v, &why, &found), VLT_E_AUTH);
        assert_int_equal(found.bad, 1);
        assert_non_null(strstr(vlt_buf_text(&why), faults[i].says));
        vlt_buf_free(&key);
        vlt_buf_free(&value);
        vlt_buf_free(&why);
        vault_end(&v);
    }
}

static void
odd_keys_and_values_are_named(void **state)
{
    static const struct {
        const char *db;
        const char *key;
        const char *value;
        const char *says;
    } odd[] = {
        { "audit", "short", "x", "has a key of another length" },
        { "audit", "tree-tree-tree-tr12345678", "x", "another length" },
        { "audit", "tree-tree-tree-t12345678", "x", "has no leaf" },
        { "node", "tree-tree-tree-t\1123456789", "x", "is no hash" },
        { "node", "tree-tree-tree-t\17712345678", "x", "level that no tree" },
    };
    struct vault v;
    struct store_check found;
    struct vlt_buf why = { 0 };

    begin_with_some_of_all(&v);
    vault_close(&v);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        raw_put(&v, odd[i].db, vlt_slice_text(odd[i].key),
                vlt_slice_text(odd[i].value));
    }
    vault_open(&v);
    assert_int_equal(check(&v, &why, &found), VLT_E_AUTH);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        if (strstr(vlt_buf_text(&why), odd[i].says) == NULL) {
            fail_msg("\"%s\" is not in: %s", odd[i].says, vlt_buf_text(&why));
        }
    }
    vlt_buf_free(&why);
    vault_end(&v);
}

static void
only_the_first_twenty_get_a_line(void **state)
{
    struct vault v;
    struct store_check found;
    struct vlt_buf why = { 0 };
    size_t lines = 0;

    vault_begin(&v);
    vault_close(&v);
    for (char c = 'A'; c <= 'Z'; c++) {
        raw_put(&v, "node", vlt_slice_of(&c, 1), vlt_slice_text("x"));
    }
    vault_open(&v);
    assert_int_equal(check(&v, &why, &found), VLT_E_AUTH);
    assert_int_equal(found.bad, 26);
    for (size_t i = 0; i < why.len; i++) {
        lines += why.at[i] == '\n';
    }
    assert_int_equal(lines, 20);
    vlt_buf_free(&why);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_vault_has_no_faults),
        cmocka_unit_test(each_kind_of_record_is_looked_at),
        cmocka_unit_test(odd_keys_and_values_are_named),
        cmocka_unit_test(only_the_first_twenty_get_a_line),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
