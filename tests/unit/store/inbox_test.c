/* What comes while no key is there: sealed, numbered, bounded, drained once. */
#include "raw.h"

#include "store/gate.h"
#include "store/inbox.h"

/* ---- the gate ---- */

static struct store_gate_entry
entry(uint8_t n)
{
    struct store_gate_entry e;

    memset(&e, n, sizeof e);
    return e;
}

static void
a_gate_is_written_in_order_and_read_again(void **state)
{
    struct store_gate_entry some[] = { entry(3), entry(1), entry(2) };
    struct store_gate gate = { .drained = 7, .count = 3, .at = some };
    struct store_gate again;
    struct vlt_buf bytes = { 0 };

    gate_encode(&gate, &bytes);
    assert_int_equal(bytes.len, GATE_HEAD + 3 * GATE_ENTRY);
    assert_int_equal(gate_decode(vlt_buf_slice(&bytes), &again), VLT_OK);
    assert_true(store_gate_same(&gate, &again));
    for (uint8_t n = 1; n <= 3; n++) {
        struct store_gate_entry e = entry(n);

        assert_int_equal(store_gate_find(&again, e.token, e.hash), n - 1);
        e.hash[31] ^= 1;
        assert_int_equal(store_gate_find(&again, e.token, e.hash),
                         STORE_GATE_MAX);
    }
    store_gate_free(&again);
    vlt_buf_free(&bytes);
}

static void
a_gate_that_is_cut_or_out_of_order_is_refused(void **state)
{
    struct store_gate_entry some[] = { entry(1), entry(2) };
    struct store_gate gate = { .count = 2, .at = some };
    struct store_gate again;
    struct vlt_buf bytes = { 0 };

    gate_encode(&gate, &bytes);
    for (size_t len = 0; len < bytes.len; len++) {
        assert_int_not_equal(gate_decode(vlt_slice_of(bytes.at, len), &again),
                             VLT_OK);
    }
    bytes.at[GATE_HEAD] = 2; /* now above the second */
    bytes.at[GATE_HEAD + 1] = 3;
    assert_int_equal(gate_decode(vlt_buf_slice(&bytes), &again), VLT_E_FORMAT);
    bytes.at[0] = 2;
    assert_int_equal(gate_decode(vlt_buf_slice(&bytes), &again), VLT_E_LIMIT);
    vlt_buf_free(&bytes);
}

/* ---- entries ---- */

static struct store_txn *
begin_keyless(struct vault *v)
{
    struct store_turn turn = { .now_ns = FIXTURE_NOW, .keyless = true };
    struct store_txn *txn;

    assert_int_equal(store_txn_begin(v->store, turn, &txn), VLT_OK);
    return txn;
}

static enum vlt_status
put_entry(struct vault *v, const char *text)
{
    struct store_txn *txn = begin_keyless(v);
    enum vlt_status st = store_inbox_put(txn, vlt_slice_text(text));

    txn_commit(txn);
    return st;
}

/* The entry from a number on must be this. */
static void
assert_entry(struct vault *v, uint64_t from, uint64_t number, const char *text)
{
    struct store_read *read = read_begin(v);
    struct vlt_buf plain = { 0 };
    uint64_t found = 0;
    enum vlt_status st =
        store_inbox_open(store_read_view(read), from, &found, &plain);

    if (text == NULL) {
        assert_int_equal(st, VLT_E_NOT_FOUND);
    } else {
        assert_int_equal(st, VLT_OK);
        assert_int_equal(found, number);
        assert_true(vlt_slice_is(vlt_buf_slice(&plain), text));
    }
    vlt_buf_free(&plain);
    store_read_end(read);
}

static void
drop_entry(struct vault *v, uint64_t number)
{
    struct store_txn *txn = txn_begin(v);

    assert_int_equal(store_inbox_drop(txn, number), VLT_OK);
    txn_commit(txn);
}

static void
begin_locked(struct vault *v)
{
    struct store_gate gate = { .count = 0 };
    struct store_txn *txn;

    vault_begin(v);
    txn = txn_begin(v);
    assert_int_equal(store_gate_put(txn, &gate), VLT_OK);
    txn_commit(txn);
    store_lock(v->store);
}

static void
entries_are_put_without_keys_and_opened_with_them(void **state)
{
    struct vault v;

    begin_locked(&v);
    assert_int_equal(put_entry(&v, "one"), VLT_OK);
    assert_int_equal(put_entry(&v, "two"), VLT_OK);
    assert_int_equal(store_inbox_count(v.store), 2);
    vault_close(&v);
    assert_int_equal(vault_try_open(&v, NULL), VLT_OK);
    assert_int_equal(store_inbox_count(v.store), 2);
    assert_int_equal(store_inbox_bytes(v.store), 2 * (3 + 48));
    assert_int_equal(put_entry(&v, "three"), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    assert_entry(&v, 0, 1, "one");
    assert_entry(&v, 2, 2, "two");
    assert_entry(&v, 3, 3, "three");
    assert_entry(&v, 4, 0, NULL);
    vault_end(&v);
}

static void
without_keys_nothing_else_is_put_and_with_them_none_is_keyless(void **state)
{
    struct store_turn keyless = { .now_ns = FIXTURE_NOW, .keyless = true };
    uint8_t id[VLT_ID_LEN] = { 1 };
    struct store_txn *txn;
    struct vault v;

    begin_locked(&v);
    txn = begin_keyless(&v);
    assert_int_not_equal(
        store_meta_put(txn, STORE_META_SETTING, id, NULL, vlt_slice_text("{}")),
        VLT_OK);
    store_txn_abort(txn);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    assert_int_equal(store_txn_begin(v.store, keyless, &txn), VLT_E_CONFLICT);
    vault_end(&v);
}

/* A number is never given twice, though the inbox is empty in between. */
static void
numbers_go_on_after_a_drain(void **state)
{
    struct vault v;

    begin_locked(&v);
    assert_int_equal(put_entry(&v, "one"), VLT_OK);
    assert_int_equal(put_entry(&v, "two"), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    drop_entry(&v, 1);
    drop_entry(&v, 2);
    assert_int_equal(store_inbox_count(v.store), 0);
    assert_int_equal(store_inbox_bytes(v.store), 0);
    vault_close(&v);
    assert_int_equal(vault_try_open(&v, NULL), VLT_OK);
    assert_int_equal(put_entry(&v, "three"), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    assert_entry(&v, 0, 3, "three");

    struct store_read *read = read_begin(&v);
    struct store_check found;
    uint64_t drained = 0;

    assert_int_equal(store_inbox_drained(store_read_view(read), &drained),
                     VLT_OK);
    assert_int_equal(drained, 2);
    assert_int_equal(store_check(store_read_view(read), NULL, &found), VLT_OK);
    store_read_end(read);
    vault_end(&v);
}

/* An entry that is dropped in a turn that is undone is there still. */
static void
an_undone_drain_drops_nothing(void **state)
{
    struct vault v;
    struct store_txn *txn;

    begin_locked(&v);
    assert_int_equal(put_entry(&v, "one"), VLT_OK);
    assert_int_equal(vault_try_unlock(&v, NULL), VLT_OK);
    txn = txn_begin(&v);
    assert_int_equal(store_inbox_drop(txn, 1), VLT_OK);
    assert_int_equal(store_inbox_drop(txn, 1), VLT_E_NOT_FOUND);
    store_txn_abort(txn);
    assert_int_equal(store_inbox_count(v.store), 1);
    assert_entry(&v, 0, 1, "one");
    vault_end(&v);
}

static void
a_full_inbox_takes_no_more(void **state)
{
    size_t len = STORE_INBOX_BOX;
    uint8_t *plain = calloc(1, len + 1);
    struct store_txn *txn;
    struct vault v;
    size_t count = STORE_INBOX_MAX / (len + 48);

    assert_non_null(plain);
    begin_locked(&v);
    for (size_t i = 0; i < count; i++) {
        txn = begin_keyless(&v);
        assert_int_equal(store_inbox_put(txn, vlt_slice_of(plain, len)),
                         VLT_OK);
        txn_commit(txn);
    }
    txn = begin_keyless(&v);
    assert_int_equal(store_inbox_put(txn, vlt_slice_of(plain, len)),
                     VLT_E_QUOTA);
    assert_int_equal(store_inbox_put(txn, vlt_slice_of(plain, len + 1)),
                     VLT_E_LIMIT);
    assert_int_equal(store_inbox_put(txn, vlt_slice_of(plain, 0)), VLT_E_LIMIT);
    txn_commit(txn);
    assert_true(store_inbox_bytes(v.store) <= STORE_INBOX_MAX);
    free(plain);
    vault_end(&v);
}

/* Each byte of an entry counts, and what is not one is told by the check. */
static void
a_changed_entry_does_not_open(void **state)
{
    struct raw_record box;
    struct vault v;

    begin_locked(&v);
    assert_int_equal(put_entry(&v, "one"), VLT_OK);
    vault_close(&v);
    raw_read(&v, "inbox", 0, &box);
    for (size_t i = 0; i < box.value.len; i++) {
        struct vlt_buf plain = { 0 };
        struct store_read *read;
        struct store_check found;
        uint64_t number = 0;

        box.value.at[i] ^= 0x10;
        raw_write(&v, "inbox", &box);
        vault_open(&v);
        read = read_begin(&v);
        assert_int_equal(
            store_inbox_open(store_read_view(read), 0, &number, &plain),
            VLT_E_AUTH);
        assert_int_equal(number, 1);
        assert_int_equal(plain.len, 0);
        assert_int_equal(store_check(store_read_view(read), NULL, &found),
                         VLT_E_AUTH);
        store_read_end(read);
        vault_close(&v);
        vlt_buf_free(&plain);
        box.value.at[i] ^= 0x10;
    }
    raw_drop(&box);
    vault_end(&v);
}

static void
a_gate_that_was_changed_is_told_by_the_check(void **state)
{
    struct store_gate gate;
    struct store_check found;
    struct store_read *read;
    struct vlt_buf bytes = { 0 };
    struct vault v;

    begin_locked(&v);
    assert_int_equal(store_gate_read(v.store, &gate), VLT_OK);
    vault_close(&v);
    gate.drained = 9;
    gate_encode(&gate, &bytes);
    raw_put(&v, NULL, vlt_slice_text("!gate"), vlt_buf_slice(&bytes));
    vault_open(&v);
    read = read_begin(&v);
    assert_int_equal(store_check(store_read_view(read), NULL, &found),
                     VLT_E_AUTH);
    assert_int_equal(found.bad, 1);
    store_read_end(read);
    vlt_buf_free(&bytes);
    store_gate_free(&gate);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gate_is_written_in_order_and_read_again),
        cmocka_unit_test(a_gate_that_is_cut_or_out_of_order_is_refused),
        cmocka_unit_test(entries_are_put_without_keys_and_opened_with_them),
        cmocka_unit_test(
            without_keys_nothing_else_is_put_and_with_them_none_is_keyless),
        cmocka_unit_test(numbers_go_on_after_a_drain),
        cmocka_unit_test(an_undone_drain_drops_nothing),
        cmocka_unit_test(a_full_inbox_takes_no_more),
        cmocka_unit_test(a_changed_entry_does_not_open),
        cmocka_unit_test(a_gate_that_was_changed_is_told_by_the_check),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
