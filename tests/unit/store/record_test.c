/* What is put comes back, in its place and nowhere else. */
#include "fixture.h"

static const uint8_t one[VLT_ID_LEN] = "one-one-one-one";
static const uint8_t two[VLT_ID_LEN] = "two-two-two-two";

static enum vlt_status
get_meta(const struct store_view *view, enum store_meta type, const uint8_t *id,
         struct vlt_buf *json)
{
    vlt_buf_clear(json);
    return store_meta_get(view, type, id, json);
}

static void
assert_meta(struct vault *v, enum store_meta type, const uint8_t *id,
            const char *expected)
{
    struct store_read *read = read_begin(v);
    struct vlt_buf json = { 0 };
    enum vlt_status st = get_meta(store_read_view(read), type, id, &json);

    if (expected == NULL) {
        assert_int_equal(st, VLT_E_NOT_FOUND);
    } else {
        assert_int_equal(st, VLT_OK);
        assert_string_equal(vlt_buf_text(&json), expected);
    }
    vlt_buf_free(&json);
    store_read_end(read);
}

static void
put_meta(struct store_txn *txn, enum store_meta type, const uint8_t *id,
         const char *json)
{
    assert_int_equal(store_meta_put(txn, type, id, NULL, vlt_slice_text(json)),
                     VLT_OK);
}

static void
a_meta_record_is_put_replaced_and_deleted(void **state)
{
    struct vault v;

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    put_meta(txn, STORE_META_STREAM, one, "{\"v\":1}");
    put_meta(txn, STORE_META_STREAM, two, "{\"name\":\"x\",\"v\":1}");
    put_meta(txn, STORE_META_FIRM, one, "{\"firm\":1,\"v\":1}");
    txn_commit(txn);
    assert_meta(&v, STORE_META_STREAM, one, "{\"v\":1}");
    assert_meta(&v, STORE_META_STREAM, two, "{\"name\":\"x\",\"v\":1}");
    assert_meta(&v, STORE_META_FIRM, one, "{\"firm\":1,\"v\":1}");
    assert_meta(&v, STORE_META_FIRM, two, NULL);

    txn = txn_begin(&v);
    put_meta(txn, STORE_META_STREAM, one, "{\"longer\":\"than it was\"}");
    assert_int_equal(store_meta_delete(txn, STORE_META_STREAM, two), VLT_OK);
    assert_int_equal(store_meta_delete(txn, STORE_META_STREAM, two),
                     VLT_E_NOT_FOUND);
    txn_commit(txn);
    assert_meta(&v, STORE_META_STREAM, one, "{\"longer\":\"than it was\"}");
    assert_meta(&v, STORE_META_STREAM, two, NULL);
    vault_close(&v);
    vault_open(&v);
    assert_meta(&v, STORE_META_STREAM, one, "{\"longer\":\"than it was\"}");
    vault_end(&v);
}

static void
a_transaction_sees_its_own_puts(void **state)
{
    struct vault v;
    struct vlt_buf json = { 0 };

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    put_meta(txn, STORE_META_JOB, one, "{\"n\":1}");
    put_meta(txn, STORE_META_JOB, one, "{\"n\":2}");
    assert_int_equal(get_meta(store_txn_view(txn), STORE_META_JOB, one, &json),
                     VLT_OK);
    assert_string_equal(vlt_buf_text(&json), "{\"n\":2}");
    assert_int_equal(store_meta_delete(txn, STORE_META_JOB, one), VLT_OK);
    put_meta(txn, STORE_META_JOB, one, "{\"n\":3}");
    txn_commit(txn);
    vault_close(&v);
    vault_open(&v); /* the set hash followed all of it */
    assert_meta(&v, STORE_META_JOB, one, "{\"n\":3}");
    vlt_buf_free(&json);
    vault_end(&v);
}

static void
an_aborted_transaction_leaves_no_trace(void **state)
{
    struct vault v;
    uint8_t plain[40] = { 1 };
    uint64_t arrival;

    vault_begin(&v);
    put_setting(&v, 1, "{\"n\":1}");
    struct store_txn *txn = txn_begin(&v);
    uint64_t number = store_txn_number(txn);

    put_meta(txn, STORE_META_JOB, one, "{\"n\":1}");
    assert_int_equal(
        store_tail_put(txn, one, 0, vlt_slice_of(plain, 40), &arrival), VLT_OK);
    store_txn_abort(txn);
    assert_meta(&v, STORE_META_JOB, one, NULL);
    txn = txn_begin(&v);
    assert_int_equal(store_txn_number(txn), number);
    assert_int_equal(
        store_tail_put(txn, one, 0, vlt_slice_of(plain, 40), &arrival), VLT_OK);
    assert_int_equal(arrival, 1);
    txn_commit(txn);
    vault_close(&v);
    vault_open(&v);
    vault_end(&v);
}

static void
a_reader_sees_one_commit_until_it_ends(void **state)
{
    struct vault v;
    uint8_t id[VLT_ID_LEN] = { 1 };
    struct vlt_buf json = { 0 };

    vault_begin(&v);
    put_setting(&v, 1, "{\"n\":1}");
    struct store_read *read = read_begin(&v);
    uint64_t number = store_view_number(store_read_view(read));

    put_setting(&v, 1, "{\"n\":2}");
    assert_int_equal(
        get_meta(store_read_view(read), STORE_META_SETTING, id, &json), VLT_OK);
    assert_string_equal(vlt_buf_text(&json), "{\"n\":1}");
    assert_int_equal(store_view_number(store_read_view(read)), number);
    store_read_end(read);
    read = read_begin(&v);
    assert_int_equal(store_view_number(store_read_view(read)), number + 1);
    store_read_end(read);
    vlt_buf_free(&json);
    vault_end(&v);
}

static void
nothing_is_committed_where_nothing_was_put(void **state)
{
    struct store_key_about about = { .type = STORE_KEY_FIRM, .subject = { 5 } };
    uint8_t kid[STORE_KID_LEN];
    uint8_t again[STORE_KID_LEN];
    struct vault v;

    vault_begin(&v);
    put_setting(&v, 1, "{\"n\":1}");
    struct store_txn *txn = txn_begin(&v);
    uint64_t number = store_txn_number(txn);

    txn_commit(txn);
    txn = txn_begin(&v);
    assert_int_equal(store_txn_number(txn), number);
    assert_int_equal(store_txn_key(txn, &about, kid), VLT_OK);
    txn_commit(txn); /* but a key is kept */
    vault_close(&v);
    vault_open(&v);
    txn = txn_begin(&v);
    assert_int_equal(store_txn_number(txn), number + 1);
    assert_int_equal(store_txn_key(txn, &about, again), VLT_OK);
    assert_memory_equal(again, kid, sizeof kid);
    store_txn_abort(txn);
    vault_end(&v);
}

static void
what_a_buffer_held_before_is_kept(void **state)
{
    struct vault v;
    uint8_t id[VLT_ID_LEN] = { 1 };
    struct vlt_buf json = { 0 };

    vault_begin(&v);
    put_setting(&v, 1, "{\"n\":1}");
    struct store_read *read = read_begin(&v);

    vlt_buf_put_text(&json, "before");
    assert_int_equal(
        store_meta_get(store_read_view(read), STORE_META_SETTING, one, &json),
        VLT_E_NOT_FOUND);
    assert_string_equal(vlt_buf_text(&json), "before");
    assert_int_equal(
        store_meta_get(store_read_view(read), STORE_META_SETTING, id, &json),
        VLT_OK);
    assert_string_equal(vlt_buf_text(&json), "before{\"n\":1}");
    store_read_end(read);
    vlt_buf_free(&json);
    vault_end(&v);
}

static void
records_of_every_length_come_back(void **state)
{
    static const size_t lengths[] = { 2,    15,   16,   17,     255,    256,
                                      257,  2021, 2022, 2023,   16368,  16369,
                                      4095, 4096, 4097, 262144, 1048576 };
    struct vault v;

    vault_begin(&v);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct vlt_buf put = { 0 };
        struct vlt_buf got = { 0 };
        struct store_txn *txn = txn_begin(&v);

        vlt_buf_put_u8(&put, '{');
        while (put.len < lengths[i]) {
            vlt_buf_put_u8(&put, '}');
        }
        assert_int_equal(store_meta_put(txn, STORE_META_POLICY, one, NULL,
                                        vlt_buf_slice(&put)),
                         VLT_OK);
        txn_commit(txn);
        struct store_read *read = read_begin(&v);

        assert_int_equal(
            get_meta(store_read_view(read), STORE_META_POLICY, one, &got),
            VLT_OK);
        assert_true(vlt_slice_equal(vlt_buf_slice(&put), vlt_buf_slice(&got)));
        store_read_end(read);
        vlt_buf_free(&put);
        vlt_buf_free(&got);
    }
    vault_end(&v);
}

static void
what_could_not_come_back_is_refused(void **state)
{
    struct vault v;
    uint8_t *large = calloc(1, STORE_META_MAX + 1);
    uint8_t kid[STORE_KID_LEN] = "no key";
    uint64_t arrival;

    assert_non_null(large);
    memset(large, '{', STORE_META_MAX + 1);
    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);
    struct vlt_slice over = vlt_slice_of(large, STORE_META_MAX + 1);

    assert_int_equal(store_meta_put(txn, STORE_META_JOB, one, NULL, over),
                     VLT_E_LIMIT);
    assert_int_equal(
        store_meta_put(txn, STORE_META_JOB, one, NULL, vlt_slice_of(NULL, 0)),
        VLT_E_LIMIT);
    assert_int_equal(
        store_meta_put(txn, STORE_META_JOB, one, NULL, vlt_slice_of("{}", 3)),
        VLT_E_FORMAT);
    assert_int_equal(
        store_meta_put(txn, STORE_META_JOB, one, kid, vlt_slice_text("{}")),
        VLT_E_NOT_FOUND);
    assert_int_equal(
        store_meta_put(txn, STORE_META_END, one, NULL, vlt_slice_text("{}")),
        VLT_E_LIMIT);
    assert_int_equal(
        store_tail_put(txn, one, 0, vlt_slice_of(large, 23), &arrival),
        VLT_E_LIMIT);
    /* None of this spoilt the transaction. */
    put_meta(txn, STORE_META_JOB, one, "{}");
    txn_commit(txn);
    vault_end(&v);
    free(large);
}

static void
a_firms_records_lie_under_its_key(void **state)
{
    struct vault v;
    struct store_key_about firm = { .type = STORE_KEY_FIRM };
    struct store_key_about lane = { .type = STORE_KEY_LANE, .epoch = 3 };
    struct store_key_about about;
    uint8_t kid[STORE_KID_LEN];
    uint8_t again[STORE_KID_LEN];

    vault_begin(&v);
    memcpy(firm.subject, one, VLT_ID_LEN);
    memcpy(lane.subject, one, VLT_ID_LEN);
    struct store_txn *txn = txn_begin(&v);

    assert_int_equal(store_txn_key(txn, &firm, kid), VLT_OK);
    assert_int_equal(store_txn_key(txn, &firm, again), VLT_OK);
    assert_memory_equal(kid, again, sizeof kid);
    assert_int_equal(store_meta_put(txn, STORE_META_GRANT, two, kid,
                                    vlt_slice_text("{\"g\":1}")),
                     VLT_OK);
    assert_int_equal(store_txn_key(txn, &lane, again), VLT_OK);
    assert_int_equal(
        store_meta_put(txn, STORE_META_GRANT, two, again, vlt_slice_text("{}")),
        VLT_E_NOT_FOUND);
    txn_commit(txn);
    vault_close(&v);
    vault_open(&v);
    assert_meta(&v, STORE_META_GRANT, two, "{\"g\":1}");
    struct store_read *read = read_begin(&v);

    assert_int_equal(store_key_subject(store_read_view(read), kid, &about),
                     VLT_OK);
    assert_int_equal(about.type, STORE_KEY_FIRM);
    assert_memory_equal(about.subject, one, VLT_ID_LEN);
    assert_int_equal(store_key_subject(store_read_view(read),
                                       (const uint8_t *)"unknown", &about),
                     VLT_E_NOT_FOUND);
    store_read_end(read);
    vault_end(&v);
}

static void
keys_of_other_kinds_are_not_made_by_a_turn(void **state)
{
    struct vault v;
    struct store_key_about about = { .type = STORE_KEY_BACKUP };
    uint8_t kid[STORE_KID_LEN];

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    assert_int_equal(store_txn_key(txn, &about, kid), VLT_E_LIMIT);
    about.type = STORE_KEY_IDENTITY;
    assert_int_equal(store_txn_key(txn, &about, kid), VLT_E_LIMIT);
    about = (struct store_key_about){ .type = STORE_KEY_FIRM, .epoch = 1 };
    assert_int_equal(store_txn_key(txn, &about, kid), VLT_E_FORMAT);
    about = (struct store_key_about){ .type = STORE_KEY_VAULT };
    assert_int_equal(store_txn_key(txn, &about, kid), VLT_OK);
    store_txn_abort(txn);
    vault_end(&v);
}

struct seen {
    size_t count;
    uint8_t first[8]; /* first byte of each id */
    size_t stop;
};

static bool
see(void *ctx, const uint8_t id[VLT_ID_LEN], struct vlt_slice json)
{
    struct seen *seen = ctx;

    assert_int_equal(json.at[0], '{');
    seen->first[seen->count++] = id[0];
    return seen->count < seen->stop;
}

static void
records_of_a_type_are_walked_by_id(void **state)
{
    struct vault v;
    struct seen seen = { .stop = 8 };
    struct seen one_only = { .stop = 1 };

    vault_begin(&v);
    put_setting(&v, 9, "{}");
    put_setting(&v, 3, "{}");
    put_setting(&v, 5, "{}");
    struct store_txn *txn = txn_begin(&v);

    put_meta(txn, STORE_META_INVITATION, one, "{}");
    put_meta(txn, STORE_META_TOMBSTONE, one, "{}");
    txn_commit(txn);
    struct store_read *read = read_begin(&v);

    assert_int_equal(
        store_meta_each(store_read_view(read), STORE_META_SETTING, see, &seen),
        VLT_OK);
    assert_int_equal(seen.count, 3);
    assert_memory_equal(seen.first, "\3\5\11", 3);
    assert_int_equal(store_meta_each(store_read_view(read), STORE_META_SETTING,
                                     see, &one_only),
                     VLT_OK);
    assert_int_equal(one_only.count, 1);
    store_read_end(read);
    vault_end(&v);
}

/* ---- tails ---- */

static bool
count_tail(void *ctx, const struct store_tail *tail)
{
    uint64_t *next = ctx;

    assert_int_equal(tail->arrival, *next);
    assert_int_equal(tail->stream[0], tail->plain.at[0]);
    assert_int_equal(tail->epoch, 7);
    (*next)++;
    return true;
}

static void
tails_come_in_the_order_of_their_arrival(void **state)
{
    struct vault v;
    struct vlt_buf room = { 0 };
    struct store_tail tail;
    uint64_t next = 1;

    vault_begin(&v);
    for (uint8_t i = 0; i < 20; i++) {
        put_tail(&v, (uint8_t)(i % 3 + 1));
    }
    vault_close(&v);
    vault_open(&v);
    struct store_read *read = read_begin(&v);
    const struct store_view *view = store_read_view(read);

    assert_int_equal(store_tail_each(view, 1, count_tail, &next), VLT_OK);
    assert_int_equal(next, 21);
    next = 15;
    assert_int_equal(store_tail_each(view, 15, count_tail, &next), VLT_OK);
    assert_int_equal(next, 21);
    assert_int_equal(store_tail_next(view, &next), VLT_OK);
    assert_int_equal(next, 21);
    assert_int_equal(store_tail_get(view, 5, &room, &tail), VLT_OK);
    assert_int_equal(tail.plain.len, 112); /* 100, padded to sixteens */
    assert_int_equal(tail.stream[0], 2);
    assert_int_equal(store_tail_get(view, 21, &room, &tail), VLT_E_NOT_FOUND);
    store_read_end(read);
    vlt_buf_free(&room);
    vault_end(&v);
}

/* ---- audit ---- */

static struct store_audit
entry_of(uint64_t index, const char *body)
{
    struct store_audit entry = { .index = index, .body = vlt_slice_text(body) };

    memcpy(entry.tree, one, VLT_ID_LEN);
    memset(entry.leaf, (int)index + 1, sizeof entry.leaf);
    return entry;
}

static bool
count_entry(void *ctx, const struct store_audit *entry)
{
    uint64_t *next = ctx;

    assert_int_equal(entry->index, *next);
    assert_int_equal(entry->leaf[0], *next + 1);
    assert_int_equal(entry->body.len, 4);
    (*next)++;
    return true;
}

static void
entries_are_written_once_and_read_in_order(void **state)
{
    struct vault v;
    struct vlt_buf room = { 0 };
    struct store_audit got;
    uint64_t next = 0;

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    for (uint64_t i = 0; i < 10; i++) {
        struct store_audit entry = entry_of(i, "body");

        assert_int_equal(store_audit_put(txn, &entry, NULL), VLT_OK);
    }
    struct store_audit again = entry_of(3, "other");
    struct store_audit other = entry_of(0, "other");

    assert_int_equal(store_audit_put(txn, &again, NULL), VLT_E_CONFLICT);
    memcpy(other.tree, two, VLT_ID_LEN);
    assert_int_equal(store_audit_put(txn, &other, NULL), VLT_OK);
    txn_commit(txn);
    struct store_read *read = read_begin(&v);
    const struct store_view *view = store_read_view(read);

    assert_int_equal(store_audit_each(view, one, 0, count_entry, &next),
                     VLT_OK);
    assert_int_equal(next, 10);
    next = 7;
    assert_int_equal(store_audit_each(view, one, 7, count_entry, &next),
                     VLT_OK);
    assert_int_equal(next, 10);
    assert_int_equal(store_audit_get(view, one, 3, &room, &got), VLT_OK);
    assert_true(vlt_slice_is(got.body, "body"));
    assert_int_equal(got.leaf[31], 4);
    assert_int_equal(store_audit_get(view, one, 10, &room, &got),
                     VLT_E_NOT_FOUND);
    store_read_end(read);
    vlt_buf_free(&room);
    vault_end(&v);
}

static void
a_node_is_written_once(void **state)
{
    struct vault v;
    struct store_node node = { .level = 3, .index = 1 };
    uint8_t hash[STORE_HASH_LEN] = { 1, 2, 3 };
    uint8_t got[STORE_HASH_LEN];

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);

    assert_int_equal(store_node_put(txn, &node, hash), VLT_OK);
    assert_int_equal(store_node_put(txn, &node, hash), VLT_OK);
    assert_int_equal(store_node_get(store_txn_view(txn), &node, got), VLT_OK);
    assert_memory_equal(got, hash, sizeof got);
    hash[0] = 9;
    assert_int_equal(store_node_put(txn, &node, hash), VLT_E_CONFLICT);
    node.index = 2;
    assert_int_equal(store_node_get(store_txn_view(txn), &node, got),
                     VLT_E_NOT_FOUND);
    txn_commit(txn);
    vault_end(&v);
}

static void
root_keeps_the_audit_head_and_time(void **state)
{
    struct vault v;
    uint8_t head[STORE_HASH_LEN] = { 4, 5, 6 };
    uint8_t got[STORE_HASH_LEN];
    uint64_t size;
    struct store_turn early = { .now_ns = 5 };

    vault_begin(&v);
    struct store_txn *txn = txn_begin(&v);
    uint64_t number = store_txn_number(txn);

    store_txn_set_audit(txn, 77, head);
    txn_commit(txn);
    vault_close(&v);
    vault_open(&v);
    struct store_read *read = read_begin(&v);

    assert_int_equal(store_view_audit(store_read_view(read), &size, got),
                     VLT_OK);
    assert_int_equal(size, 77);
    assert_memory_equal(got, head, sizeof got);
    store_read_end(read);
    /* A clock that was set back does not take time with it. */
    assert_int_equal(store_txn_begin(v.store, early, &txn), VLT_OK);
    assert_int_equal(store_txn_now(txn), FIXTURE_NOW);
    assert_int_equal(store_txn_number(txn), number + 1);
    store_txn_abort(txn);
    vault_end(&v);
}

static void
counters_count(void **state)
{
    struct store_idem idem = { .ulid = { 1 } };
    struct store_txn *txn;
    struct vault v;
    struct store_stat stat;

    vault_begin(&v);
    put_setting(&v, 1, "{}");
    put_tail(&v, 1);
    put_tail(&v, 2);
    txn = txn_begin(&v);
    assert_int_equal(store_idem_put(txn, &idem, vlt_slice_text("{}")), VLT_OK);
    txn_commit(txn);
    struct store_read *read = read_begin(&v);

    assert_int_equal(store_view_stat(store_read_view(read), &stat), VLT_OK);
    assert_int_equal(stat.metas, 1);
    assert_int_equal(stat.tails, 2);
    assert_int_equal(stat.idems, 1);
    assert_int_equal(stat.audits, 0);
    assert_int_equal(stat.keys, 5); /* vault, identity, inbox, two lanes */
    assert_int_equal(stat.map, UINT64_C(256) << 20);
    assert_true(stat.used > 0 && stat.used <= stat.file);
    store_read_end(read);
    vault_end(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_meta_record_is_put_replaced_and_deleted),
        cmocka_unit_test(a_transaction_sees_its_own_puts),
        cmocka_unit_test(an_aborted_transaction_leaves_no_trace),
        cmocka_unit_test(a_reader_sees_one_commit_until_it_ends),
        cmocka_unit_test(nothing_is_committed_where_nothing_was_put),
        cmocka_unit_test(what_a_buffer_held_before_is_kept),
        cmocka_unit_test(records_of_every_length_come_back),
        cmocka_unit_test(what_could_not_come_back_is_refused),
        cmocka_unit_test(a_firms_records_lie_under_its_key),
        cmocka_unit_test(keys_of_other_kinds_are_not_made_by_a_turn),
        cmocka_unit_test(records_of_a_type_are_walked_by_id),
        cmocka_unit_test(tails_come_in_the_order_of_their_arrival),
        cmocka_unit_test(entries_are_written_once_and_read_in_order),
        cmocka_unit_test(a_node_is_written_once),
        cmocka_unit_test(root_keeps_the_audit_head_and_time),
        cmocka_unit_test(counters_count),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
