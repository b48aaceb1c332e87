#include "bench.h"

enum {
    EVENTS = 12, /* four of each firm, and of none */
    LEVEL = 4,   /* of the smallest nodes that are stored */
    MANY = 48,   /* events, so that each tree has one of these */
};

static void
begin_count(struct bench *b, size_t events)
{
    bench_begin(b);
    add_many(b, events);
    assert_sound(b);
    bench_close(b);
}

static void
begin_events(struct bench *b)
{
    begin_count(b, EVENTS);
}

/* Each leaf of a firm's tree in turn. */
static void
an_altered_leaf_is_found(void **state)
{
    for (uint64_t i = 0; i < 4; i++) {
        uint8_t key[VLT_ID_LEN + 8];
        struct bench b;

        begin_events(&b);
        key_of(b.firm[0], i, key);
        flip(&b, "audit", vlt_slice_of(key, sizeof key), (size_t)i);
        assert_int_equal(bench_open(&b), VLT_OK);
        assert_problem(&b, "is not what was hashed");
        assert_problem(&b, "the master tree has another head");
        bench_end(&b);
    }
}

static void
an_altered_master_leaf_is_found(void **state)
{
    uint8_t key[VLT_ID_LEN + 8];
    struct bench b;

    begin_count(&b, MANY);
    key_of(master, 3, key);
    flip(&b, "audit", vlt_slice_of(key, sizeof key), 0);
    /* The nodes of the master's frontier are stored, so it is as it was. */
    assert_int_equal(bench_open(&b), VLT_OK);
    assert_problem(&b, "the master tree: entry 3 is not what was hashed");
    assert_problem(&b, "the store says");
    bench_end(&b);
}

/* The nodes of the edge are made of entries as they were sealed, so that no
 * other head is told or signed. */
static void
assert_same_head(bool of_master)
{
    uint8_t key[VLT_ID_LEN + 8];
    struct audit_head before;
    struct audit_head after;
    struct bench b;

    bench_begin(&b);
    add_many(&b, EVENTS);
    const uint8_t *tree = of_master ? master : b.firm[0];

    before = head_of(&b, tree);
    bench_close(&b);
    key_of(tree, 3, key);
    flip(&b, "audit", vlt_slice_of(key, sizeof key), 0);
    assert_int_equal(bench_open(&b), VLT_OK);
    after = head_of(&b, tree);
    assert_int_equal(after.size, before.size);
    assert_memory_equal(after.root, before.root, sizeof after.root);
    assert_problem(&b, "entry 3 is not what was hashed");
    bench_end(&b);
}

static void
an_altered_leaf_of_the_edge_makes_no_other_head(void **state)
{
    assert_same_head(false);
    assert_same_head(true);
}

static void
an_altered_body_does_not_open(void **state)
{
    uint8_t key[VLT_ID_LEN + 8];
    struct vlt_buf says;
    struct bench b;

    begin_events(&b);
    key_of(b.firm[0], 1, key);
    flip(&b, "audit", vlt_slice_of(key, sizeof key), 100);
    assert_int_equal(bench_open(&b), VLT_OK);
    says = verify(&b, VLT_E_STORAGE);
    vlt_buf_free(&says);
    bench_end(&b);
}

static void
a_deleted_entry_is_missed(void **state)
{
    uint8_t key[VLT_ID_LEN + 8];
    struct bench b;

    begin_events(&b);
    key_of(b.firm[0], 1, key);
    raw_delete(&b.vault, "audit", vlt_slice_of(key, sizeof key));
    assert_int_equal(bench_open(&b), VLT_OK);
    assert_problem(&b, "entry 1 is missing");
    bench_end(&b);
}

static void
a_firms_last_entry_is_missed(void **state)
{
    uint8_t key[VLT_ID_LEN + 8];
    struct bench b;

    begin_events(&b);
    key_of(b.firm[0], 3, key);
    raw_delete(&b.vault, "audit", vlt_slice_of(key, sizeof key));
    assert_int_equal(bench_open(&b), VLT_OK);
    assert_problem(&b, "it has 3 entries, the master tree knows of more");
    bench_end(&b);
}

/* Sealed bodies are bound to their place. */
static void
entries_in_another_order_do_not_open(void **state)
{
    uint8_t key[2][VLT_ID_LEN + 8];
    struct vlt_buf value[2];
    struct vlt_buf says;
    struct bench b;

    begin_events(&b);
    for (size_t i = 0; i < 2; i++) {
        struct raw raw;
        MDB_dbi dbi = raw_begin(&b.vault, "audit", &raw);
        MDB_val k;
        MDB_val d;

        key_of(b.firm[0], i, key[i]);
        k = raw_val(key[i], sizeof key[i]);
        assert_int_equal(mdb_get(raw.txn, dbi, &k, &d), 0);
        vlt_buf_init(&value[i], 0);
        vlt_buf_put(&value[i], d.mv_data, d.mv_size);
        raw_end(&raw);
    }
    for (size_t i = 0; i < 2; i++) {
        raw_put(&b.vault, "audit", vlt_slice_of(key[i], sizeof key[i]),
                vlt_buf_slice(&value[1 - i]));
    }
    assert_int_equal(bench_open(&b), VLT_OK);
    says = verify(&b, VLT_E_STORAGE);
    vlt_buf_free(&says);
    vlt_buf_free(&value[0]);
    vlt_buf_free(&value[1]);
    bench_end(&b);
}

static void
an_altered_node_is_found(void **state)
{
    uint8_t key[VLT_ID_LEN + 9] = { 0 };
    struct bench b;

    begin_count(&b, MANY);
    memcpy(key, b.firm[0], VLT_ID_LEN);
    key[VLT_ID_LEN] = LEVEL;
    flip(&b, "node", vlt_slice_of(key, sizeof key), 31);
    assert_int_equal(bench_open(&b), VLT_OK);
    assert_problem(&b, "stored nodes are not those of its entries");
    bench_end(&b);
}

static void
a_deleted_node_is_found(void **state)
{
    uint8_t key[VLT_ID_LEN + 9] = { 0 };
    struct bench b;

    begin_count(&b, MANY);
    key[VLT_ID_LEN] = LEVEL;
    vlt_store_be64(key + VLT_ID_LEN + 1, 1);
    raw_delete(&b.vault, "node", vlt_slice_of(key, sizeof key));
    assert_int_equal(bench_open(&b), VLT_OK);
    assert_problem(&b, "the master tree: stored nodes");
    bench_end(&b);
}

/* An entry as whoever has the keys could write it; in the first firm's tree,
 * unless it says another. */
static void
put_entry_at(struct bench *b, uint64_t at, struct vlt_entry *entry,
             struct vlt_slice detail, struct vlt_slice shown, uint8_t leaf[32])
{
    static const uint8_t salt[VLT_ENTRY_SALT] = { 1 };
    uint8_t bytes[VLT_ENTRY_MASTER];
    struct store_audit stored = { .index = at };
    bool second = memcmp(entry->tree, b->firm[1], VLT_ID_LEN) == 0;
    const uint8_t *tree = entry->master ? master : b->firm[second];
    struct vlt_buf body;
    size_t len;

    entry->type = AUDIT_USE;
    vlt_entry_commit(salt, detail, entry->commitment);
    len = vlt_entry_encode(entry, bytes);
    vlt_tree_leaf(vlt_slice_of(bytes, len), leaf);
    memcpy(stored.leaf, leaf, sizeof stored.leaf);
    memcpy(stored.tree, tree, VLT_ID_LEN);
    vlt_buf_init(&body, 0);
    vlt_buf_put(&body, bytes, len);
    vlt_buf_put(&body, salt, sizeof salt);
    vlt_buf_put_slice(&body, shown);
    stored.body = vlt_buf_slice(&body);
    assert_int_equal(
        store_audit_put(b->txn, &stored, entry->master ? NULL : b->kid[second]),
        VLT_OK);
    vlt_buf_free(&body);
}

static void
put_entry(struct bench *b, struct vlt_entry *entry, struct vlt_slice detail,
          struct vlt_slice shown, uint8_t leaf[32])
{
    put_entry_at(b, entry->index, entry, detail, shown, leaf);
}

static void
an_entry_of_another_place_is_found(void **state)
{
    struct vlt_entry entry = { .index = 9 };
    uint8_t leaf[32];
    struct bench b;

    begin_events(&b);
    assert_int_equal(bench_open(&b), VLT_OK);
    turn_begin(&b);
    put_entry_at(&b, 4, &entry, vlt_slice_text("{}"), vlt_slice_text("{}"),
                 leaf);
    turn_commit(&b);
    assert_problem(&b, "entry 4 is not what was hashed");
    bench_end(&b);
}

/* An entry, and a byte less than its salt has. */
static void
a_body_that_is_cut_off_is_found(void **state)
{
    struct vlt_entry entry = { .type = AUDIT_USE, .index = 4 };
    uint8_t bytes[VLT_ENTRY_MASTER + VLT_ENTRY_SALT];
    struct store_audit stored = { .index = 4 };
    struct bench b;

    begin_events(&b);
    assert_int_equal(bench_open(&b), VLT_OK);
    memset(bytes, 1, sizeof bytes);
    (void)vlt_entry_encode(&entry, bytes);
    memcpy(stored.tree, b.firm[0], VLT_ID_LEN);
    stored.body = vlt_slice_of(bytes, VLT_ENTRY_LEN + VLT_ENTRY_SALT - 1);
    turn_begin(&b);
    assert_int_equal(store_audit_put(b.txn, &stored, b.kid[0]), VLT_OK);
    turn_commit(&b);
    assert_problem(&b, "entry 4 is not well formed");
    bench_end(&b);
}

static void
a_detail_that_was_not_committed_to_is_found(void **state)
{
    struct vlt_entry entry = { .master = true };
    struct vlt_tree tree;
    uint8_t leaf[32];
    uint8_t root[32];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    put_entry(&b, &entry, vlt_slice_text("{\"a\":1}"),
              vlt_slice_text("{\"a\":2}"), leaf);
    vlt_tree_init(&tree);
    vlt_tree_append(&tree, leaf, NULL, NULL);
    vlt_tree_root(&tree, root);
    store_txn_set_audit(b.txn, 1, root);
    turn_commit(&b);
    assert_problem(&b, "the detail of entry 0 is not what it commits to");
    bench_end(&b);
}

static void
an_entry_that_the_master_tree_does_not_know_is_found(void **state)
{
    struct vlt_entry entry = { .index = 4 };
    uint8_t leaf[32];
    struct bench b;

    begin_events(&b);
    assert_int_equal(bench_open(&b), VLT_OK);
    turn_begin(&b);
    put_entry(&b, &entry, vlt_slice_text("{}"), vlt_slice_text("{}"), leaf);
    turn_commit(&b);
    assert_problem(&b, "it has 5 entries, the master tree knows of 4");
    bench_end(&b);
}

static void
a_tree_that_the_master_tree_does_not_know_is_found(void **state)
{
    struct vlt_entry entry = { .index = 0 };
    uint8_t leaf[32];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    put_entry(&b, &entry, vlt_slice_text("{}"), vlt_slice_text("{}"), leaf);
    turn_commit(&b);
    assert_problem(&b, "it has 1 entries, the master tree knows of 0");
    bench_end(&b);
}

/* The tree before it, of which more is known, says nothing about it. */
static void
so_is_one_behind_a_longer_tree_that_is_known(void **state)
{
    struct vlt_entry entry = { .index = 0 };
    uint8_t leaf[32];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    add(&b, 0, NULL);
    add(&b, 0, NULL);
    memcpy(entry.tree, b.firm[1], VLT_ID_LEN);
    put_entry(&b, &entry, vlt_slice_text("{}"), vlt_slice_text("{}"), leaf);
    turn_commit(&b);
    assert_problem(&b, "it has 1 entries, the master tree knows of 0");
    bench_end(&b);
}

static void
a_gap_in_a_grants_entries_is_found(void **state)
{
    struct bench b;

    bench_begin(&b);
    for (uint64_t seq = 1; seq < 5; seq++) {
        struct audit_event event = event_of(&b, 0);

        event.subject[0] = 1;
        event.seq = seq < 4 ? seq : 5;
        turn_begin(&b);
        assert_int_equal(audit_append(b.audit, b.txn, &event, NULL), VLT_OK);
        turn_commit(&b);
        if (seq < 4) {
            assert_sound(&b);
        }
    }
    assert_problem(&b, "entry 3 has number 5, 4 was next");
    bench_end(&b);
}

/* Its leaf it has all the same. */
static bool
note_empty(void *ctx, const struct audit_entry *entry)
{
    uint8_t leaf[VLT_HASH_LEN];

    *(size_t *)ctx += entry->detail.len == 0 && entry->entry.len == 0;
    assert_non_null(entry->leaf);
    if (entry->entry.len > 0) {
        vlt_tree_leaf(entry->entry, leaf);
        assert_memory_equal(entry->leaf, leaf, sizeof leaf);
    }
    return true;
}

/* Without its key an entry says nothing, and its leaf still proves.  That
 * needs an erasure in the log: any byte of a key's name may be changed. */
static void
a_shredded_entry_needs_an_erasure(void **state)
{
    struct audit_event erase;
    struct store_read *read;
    uint8_t key[VLT_ID_LEN + 8];
    size_t empty = 0;
    struct bench b;

    begin_events(&b);
    key_of(b.firm[0], 1, key);
    flip(&b, "audit", vlt_slice_of(key, sizeof key), 32 + 1); /* kid */
    assert_int_equal(bench_open(&b), VLT_OK);
    read = read_begin(&b.vault);
    assert_int_equal(audit_each(b.audit, store_read_view(read), b.firm[0], 0,
                                100, note_empty, &empty),
                     VLT_OK);
    store_read_end(read);
    assert_int_equal(empty, 1);
    assert_problem(&b, "1 entries have no key, and no erasure is logged");
    erase = event_of(&b, -1);
    erase.type = AUDIT_ERASE;
    turn_begin(&b);
    assert_int_equal(audit_append(b.audit, b.txn, &erase, NULL), VLT_OK);
    turn_commit(&b);
    assert_sound(&b);
    bench_end(&b);
}

/* Verify what was there before this event came, among others. */
static struct vlt_buf
verify_before(struct bench *b, enum audit_type type)
{
    struct audit_event event = event_of(b, -1);
    struct audit_verifier *v = NULL;
    struct store_read *read = read_begin(&b->vault);
    struct audit_head head;
    struct vlt_buf says = { 0 };
    bool done = false;

    assert_int_equal(
        audit_verify_begin(store_read_view(read), note_problem, &says, &v),
        VLT_OK);
    store_read_end(read);
    event.type = type;
    turn_begin(b);
    add(b, -1, NULL);
    assert_int_equal(audit_append(b->audit, b->txn, &event, NULL), VLT_OK);
    add(b, -1, NULL);
    turn_commit(b);
    read = read_begin(&b->vault);
    assert_int_equal(audit_verify_some(v, store_read_view(read), &done, &head),
                     VLT_OK);
    assert_true(done);
    store_read_end(read);
    audit_verifier_free(v);
    vlt_buf_put_u8(&says, 0);
    return says;
}

/* The key went while it was verified: its erasure is behind the end. */
static void
an_erasure_since_it_began_is_one(void **state)
{
    static const struct {
        enum audit_type type;
        bool found;
    } cases[] = { { AUDIT_USE, true }, { AUDIT_ERASE, false } };

    for (size_t i = 0; i < 2; i++) {
        uint8_t key[VLT_ID_LEN + 8];
        struct vlt_buf says;
        struct bench b;

        begin_events(&b);
        key_of(b.firm[0], 1, key);
        flip(&b, "audit", vlt_slice_of(key, sizeof key), 32 + 1); /* kid */
        assert_int_equal(bench_open(&b), VLT_OK);
        says = verify_before(&b, cases[i].type);
        assert_int_equal(
            strstr((const char *)says.at, "no erasure is logged") != NULL,
            cases[i].found);
        vlt_buf_free(&says);
        bench_end(&b);
    }
}

/* What comes behind an erasure does not undo it. */
static void
an_erasure_stays_one_whatever_comes_since(void **state)
{
    struct audit_event erase;
    uint8_t key[VLT_ID_LEN + 8];
    struct vlt_buf says;
    struct bench b;

    begin_events(&b);
    key_of(b.firm[0], 1, key);
    flip(&b, "audit", vlt_slice_of(key, sizeof key), 32 + 1); /* kid */
    assert_int_equal(bench_open(&b), VLT_OK);
    erase = event_of(&b, -1);
    erase.type = AUDIT_ERASE;
    turn_begin(&b);
    assert_int_equal(audit_append(b.audit, b.txn, &erase, NULL), VLT_OK);
    turn_commit(&b);
    says = verify_before(&b, AUDIT_USE);
    assert_string_equal((const char *)says.at, "");
    vlt_buf_free(&says);
    bench_end(&b);
}

static bool
count_entry(void *ctx, const struct audit_entry *entry)
{
    (*(size_t *)ctx)++;
    return true;
}

/* What has the keys may write what is no entry; it ends a walk, whatever stands
 * behind it. */
static void
a_body_that_is_no_entry_is_found(void **state)
{
    struct vlt_entry behind = { .index = 5 };
    uint8_t leaf[32];
    size_t count = 0;
    struct store_audit stored = { .index = 4,
                                  .body = vlt_slice_text("no entry") };
    struct store_read *read;
    struct bench b;

    begin_events(&b);
    assert_int_equal(bench_open(&b), VLT_OK);
    memcpy(stored.tree, b.firm[0], VLT_ID_LEN);
    turn_begin(&b);
    assert_int_equal(store_audit_put(b.txn, &stored, b.kid[0]), VLT_OK);
    put_entry(&b, &behind, vlt_slice_text("{}"), vlt_slice_text("{}"), leaf);
    turn_commit(&b);
    assert_problem(&b, "entry 4 is not well formed");
    read = read_begin(&b.vault);
    assert_int_equal(audit_each(b.audit, store_read_view(read), b.firm[0], 0,
                                100, count_entry, &count),
                     VLT_E_STORAGE);
    store_read_end(read);
    assert_int_equal(count, 4);
    bench_end(&b);
}

/* Long enough for an entry, and none. */
static void
a_body_of_another_form_is_found(void **state)
{
    enum { LEN = VLT_ENTRY_LEN + VLT_ENTRY_SALT };
    static const uint8_t noise[LEN] = { [0] = 99, [LEN - 1] = 1 };
    struct store_audit stored = { .index = 4,
                                  .body = vlt_slice_of(noise, LEN) };
    struct bench b;

    begin_events(&b);
    assert_int_equal(bench_open(&b), VLT_OK);
    memcpy(stored.tree, b.firm[0], VLT_ID_LEN);
    turn_begin(&b);
    assert_int_equal(store_audit_put(b.txn, &stored, b.kid[0]), VLT_OK);
    turn_commit(&b);
    assert_problem(&b, "entry 4 is not well formed");
    bench_end(&b);
}

/* A head that came before says less than the one behind it. */
static void
heads_that_go_back_are_found(void **state)
{
    struct vlt_entry entry = { .index = EVENTS,
                               .master = true,
                               .tree_size = 2 };
    uint8_t leaf[32];
    struct bench b;

    begin_events(&b);
    assert_int_equal(bench_open(&b), VLT_OK);
    memcpy(entry.tree, b.firm[0], VLT_ID_LEN);
    turn_begin(&b);
    put_entry(&b, &entry, vlt_slice_text("{}"), vlt_slice_text("{}"), leaf);
    /* And behind it one that is right. */
    entry.index++;
    entry.tree_size = head_of(&b, b.firm[0]).size;
    memcpy(entry.tree_root, head_of(&b, b.firm[0]).root, 32);
    put_entry(&b, &entry, vlt_slice_text("{}"), vlt_slice_text("{}"), leaf);
    turn_commit(&b);
    assert_problem(&b, "the master tree has another head for size 2");
    bench_end(&b);
}

static void
a_tree_of_which_nothing_is_left_is_missed(void **state)
{
    struct bench b;

    begin_events(&b);
    for (uint64_t i = 0; i < 4; i++) {
        uint8_t key[VLT_ID_LEN + 8];

        key_of(b.firm[1], i, key);
        raw_delete(&b.vault, "audit", vlt_slice_of(key, sizeof key));
    }
    assert_int_equal(bench_open(&b), VLT_OK);
    assert_problem(&b, "it has 0 entries, the master tree knows of more");
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_erasure_since_it_began_is_one),
        cmocka_unit_test(an_erasure_stays_one_whatever_comes_since),
        cmocka_unit_test(a_body_that_is_no_entry_is_found),
        cmocka_unit_test(a_body_of_another_form_is_found),
        cmocka_unit_test(heads_that_go_back_are_found),
        cmocka_unit_test(an_entry_of_another_place_is_found),
        cmocka_unit_test(a_body_that_is_cut_off_is_found),
        cmocka_unit_test(a_tree_of_which_nothing_is_left_is_missed),
        cmocka_unit_test(an_altered_leaf_is_found),
        cmocka_unit_test(an_altered_master_leaf_is_found),
        cmocka_unit_test(an_altered_leaf_of_the_edge_makes_no_other_head),
        cmocka_unit_test(an_altered_body_does_not_open),
        cmocka_unit_test(a_deleted_entry_is_missed),
        cmocka_unit_test(a_firms_last_entry_is_missed),
        cmocka_unit_test(entries_in_another_order_do_not_open),
        cmocka_unit_test(an_altered_node_is_found),
        cmocka_unit_test(a_deleted_node_is_found),
        cmocka_unit_test(a_detail_that_was_not_committed_to_is_found),
        cmocka_unit_test(an_entry_that_the_master_tree_does_not_know_is_found),
        cmocka_unit_test(a_tree_that_the_master_tree_does_not_know_is_found),
        cmocka_unit_test(so_is_one_behind_a_longer_tree_that_is_known),
        cmocka_unit_test(a_gap_in_a_grants_entries_is_found),
        cmocka_unit_test(a_shredded_entry_needs_an_erasure),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
