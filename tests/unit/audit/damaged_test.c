/* A log that does not open, or of which something is gone: what can be said of
 * it is said, and nothing else. */
#include "bench.h"

#include "wire/checkpoint.h"

enum {
    FIVE = 5,
    LEVEL = 4,           /* of the smallest nodes that are stored, */
    STORED = 1 << LEVEL, /* of so many entries */
};

/* Five entries of the first firm, in a vault that is closed. */
static struct audit_head
begin_five(struct bench *b)
{
    struct audit_head head;

    bench_begin(b);
    turn_begin(b);
    for (int i = 0; i < FIVE; i++) {
        add(b, 0, NULL);
    }
    turn_commit(b);
    head = head_of(b, b->firm[0]);
    bench_close(b);
    return head;
}

/* Its key's name is another, as if the key were destroyed. */
static void
shred(struct bench *b, uint64_t index)
{
    uint8_t key[VLT_ID_LEN + 8];

    key_of(b->firm[0], index, key);
    flip(b, "audit", vlt_slice_of(key, sizeof key), 32 + 1);
}

static void
a_tree_of_shredded_entries_has_its_size_and_root(void **state)
{
    for (uint64_t index = 0; index < FIVE; index++) {
        struct bench b;
        struct audit_head before = begin_five(&b);
        struct audit_head after;

        shred(&b, index);
        assert_int_equal(bench_open(&b), VLT_OK);
        after = head_of(&b, b.firm[0]);
        assert_int_equal(after.size, before.size);
        assert_memory_equal(after.root, before.root, sizeof after.root);
        assert_int_equal(after.time, index == FIVE - 1 ? 0 : before.time);
        bench_end(&b);
    }
}

static bool
take_any(void *ctx, const struct audit_entry *entry)
{
    return true;
}

/* Of a tree that cannot be read there is no head, no root and no walk. */
static void
a_tree_that_does_not_open_has_no_head(void **state)
{
    static const uint64_t probed[] = { 0, 2, 4 };

    for (size_t i = 0; i < sizeof probed / sizeof probed[0]; i++) {
        uint8_t key[VLT_ID_LEN + 8];
        struct audit_head head;
        uint8_t root[32];
        struct store_read *read;
        struct bench b;

        (void)begin_five(&b);
        key_of(b.firm[0], probed[i], key);
        flip(&b, "audit", vlt_slice_of(key, sizeof key), 100);
        assert_int_equal(bench_open(&b), VLT_OK);
        read = read_begin(&b.vault);
        assert_int_equal(audit_committed_head(b.audit, store_read_view(read),
                                              b.firm[0], &head),
                         VLT_E_STORAGE);
        assert_int_equal(
            audit_head(b.audit, store_read_view(read), b.firm[0], &head),
            VLT_E_STORAGE);
        assert_int_equal(
            audit_root_at(b.audit, store_read_view(read), b.firm[0], 1, root),
            VLT_E_STORAGE);
        assert_int_equal(audit_each(b.audit, store_read_view(read), b.firm[0],
                                    0, 100, take_any, NULL),
                         VLT_E_STORAGE);
        store_read_end(read);
        bench_end(&b);
    }
}

/* Nobody looks at what is behind the last that was asked for. */
static void
no_more_is_read_than_is_asked_for(void **state)
{
    uint8_t key[VLT_ID_LEN + 8];
    struct store_read *read;
    struct bench b;

    (void)begin_five(&b);
    key_of(b.firm[0], 4, key);
    flip(&b, "audit", vlt_slice_of(key, sizeof key), 100);
    assert_int_equal(bench_open(&b), VLT_OK);
    read = read_begin(&b.vault);
    assert_int_equal(audit_each(b.audit, store_read_view(read), b.firm[0], 0, 2,
                                take_any, NULL),
                     VLT_OK);
    store_read_end(read);
    bench_end(&b);
}

/* So many of the first firm, in one turn. */
static void
begin_entries(struct bench *b, int count)
{
    bench_begin(b);
    turn_begin(b);
    for (int i = 0; i < count; i++) {
        add(b, 0, NULL);
    }
    turn_commit(b);
    bench_close(b);
}

/* Of the first firm, after the vault is opened again. */
static void
assert_no_head(struct bench *b)
{
    struct audit_head head;
    struct store_read *read;

    assert_int_equal(bench_open(b), VLT_OK);
    read = read_begin(&b->vault);
    assert_int_equal(audit_committed_head(b->audit, store_read_view(read),
                                          b->firm[0], &head),
                     VLT_E_STORAGE);
    store_read_end(read);
}

/* A node that is none is no node that is missing. */
static void
assert_no_frontier(bool gone)
{
    uint8_t key[VLT_ID_LEN + 9] = { 0 };
    struct bench b;

    begin_entries(&b, STORED + 1);
    memcpy(key, b.firm[0], VLT_ID_LEN);
    key[VLT_ID_LEN] = LEVEL;
    if (gone) {
        raw_delete(&b.vault, "node", vlt_slice_of(key, sizeof key));
    } else {
        raw_put(&b.vault, "node", vlt_slice_of(key, sizeof key),
                vlt_slice_text("short"));
    }
    assert_no_head(&b);
    bench_end(&b);
}

static void
a_frontier_that_is_none_is_not_taken(void **state)
{
    assert_no_frontier(false);
    assert_no_frontier(true);
}

/* A node that is not stored is made of leaves; a record too short for one is no
 * leaf. */
static void
a_frontier_with_a_leaf_too_short_is_not_taken(void **state)
{
    uint8_t key[VLT_ID_LEN + 8];
    struct bench b;

    begin_entries(&b, STORED - 1);
    key_of(b.firm[0], 9, key);
    raw_put(&b.vault, "audit", vlt_slice_of(key, sizeof key),
            vlt_slice_text("short"));
    assert_no_head(&b);
    bench_end(&b);
}

/* The first head of all is missed as any other. */
static void
an_only_entry_is_missed(void **state)
{
    uint8_t key[VLT_ID_LEN + 8];
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    add(&b, 0, NULL);
    turn_commit(&b);
    bench_close(&b);
    key_of(b.firm[0], 0, key);
    raw_delete(&b.vault, "audit", vlt_slice_of(key, sizeof key));
    assert_int_equal(bench_open(&b), VLT_OK);
    assert_problem(&b, "it has 0 entries, the master tree knows of more");
    bench_end(&b);
}

/* A master entry as whoever has the keys could write it: the first of all. */
static void
put_first(struct bench *b, struct vlt_entry *entry)
{
    static const uint8_t salt[VLT_ENTRY_SALT] = { 1 };
    const struct vlt_slice detail = vlt_slice_text("{}");
    uint8_t bytes[VLT_ENTRY_MASTER];
    struct store_audit stored = { .index = 0 };
    struct vlt_buf body = { 0 };
    struct vlt_tree tree;
    uint8_t root[32];
    size_t len;

    entry->type = AUDIT_USE;
    entry->master = true;
    vlt_entry_commit(salt, detail, entry->commitment);
    len = vlt_entry_encode(entry, bytes);
    vlt_tree_leaf(vlt_slice_of(bytes, len), stored.leaf);
    vlt_buf_put(&body, bytes, len);
    vlt_buf_put(&body, salt, sizeof salt);
    vlt_buf_put_slice(&body, detail);
    stored.body = vlt_buf_slice(&body);
    vlt_tree_init(&tree);
    vlt_tree_append(&tree, stored.leaf, NULL, NULL);
    vlt_tree_root(&tree, root);
    turn_begin(b);
    assert_int_equal(store_audit_put(b->txn, &stored, NULL), VLT_OK);
    store_txn_set_audit(b->txn, 1, root);
    turn_commit(b);
    vlt_buf_free(&body);
}

/* That a tree has no entries yet is a head as any other. */
static void
a_head_of_no_entries_is_held_against_the_tree(void **state)
{
    for (int right = 0; right < 2; right++) {
        struct vlt_entry entry = { .tree_size = 0 };
        struct vlt_tree none;
        struct bench b;

        bench_begin(&b);
        memcpy(entry.tree, b.firm[0], VLT_ID_LEN);
        vlt_tree_init(&none);
        vlt_tree_root(&none, entry.tree_root);
        entry.tree_root[0] ^= right == 0;
        put_first(&b, &entry);
        if (right == 1) {
            assert_sound(&b);
        } else {
            assert_problem(&b, "the master tree has another head for size 0");
        }
        bench_end(&b);
    }
}

static bool
note_firm(void *ctx, const struct audit_entry *entry)
{
    const struct bench *b = ctx;

    if (entry->index == 0) {
        assert_null(entry->firm);
    } else {
        assert_non_null(entry->firm);
        assert_memory_equal(entry->firm, b->firm[0], VLT_ID_LEN);
    }
    return true;
}

static void
an_event_of_no_firm_names_none(void **state)
{
    struct store_read *read;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    add(&b, -1, NULL);
    add(&b, 0, NULL);
    turn_commit(&b);
    read = read_begin(&b.vault);
    assert_int_equal(
        audit_each(b.audit, store_read_view(read), master, 0, 9, note_firm, &b),
        VLT_OK);
    store_read_end(read);
    bench_end(&b);
}

/* What came since it began, and may say that a key was erased, does not open:
 * where no key is missing nobody reads it. */
static void
look_with_noise_behind(bool shredded, enum vlt_status expected)
{
    uint8_t key[VLT_ID_LEN + 8];
    struct audit_verifier *v = NULL;
    struct vlt_buf says = { 0 };
    struct audit_head head;
    struct store_read *read;
    bool done = false;
    struct bench b;

    (void)begin_five(&b);
    if (shredded) {
        shred(&b, 1);
    }
    assert_int_equal(bench_open(&b), VLT_OK);
    read = read_begin(&b.vault);
    assert_int_equal(
        audit_verify_begin(store_read_view(read), note_problem, &says, &v),
        VLT_OK);
    store_read_end(read);
    turn_begin(&b);
    add(&b, -1, NULL);
    turn_commit(&b);
    bench_close(&b);
    key_of(master, FIVE, key);
    flip(&b, "audit", vlt_slice_of(key, sizeof key), 100);
    assert_int_equal(bench_open(&b), VLT_E_STORAGE);
    read = read_begin(&b.vault);
    assert_int_equal(audit_verify_some(v, store_read_view(read), &done, &head),
                     expected);
    store_read_end(read);
    assert_int_equal(says.len, 0);
    audit_verifier_free(v);
    vlt_buf_free(&says);
    bench_end(&b);
}

static void
an_erasure_that_does_not_open_ends_the_look(void **state)
{
    look_with_noise_behind(true, VLT_E_STORAGE);
    look_with_noise_behind(false, VLT_OK);
}

/* Two heads for one size are two logs. */
static void
a_root_that_is_another_is_refused(void **state)
{
    static const uint8_t other[32] = { 1 };

    for (uint64_t size = 1; size <= 4; size++) {
        struct bench b;

        bench_begin(&b);
        add_many(&b, size - 1);
        turn_begin(&b);
        add(&b, -1, NULL);
        store_txn_set_audit(b.txn, size, other);
        turn_commit(&b);
        bench_close(&b);
        assert_int_equal(bench_open(&b), VLT_E_STORAGE);
        assert_problem(&b, "entries or another head, the store says");
        bench_end(&b);
    }
}

/* Two erasures are no more than one. */
static void
an_erasure_more_changes_nothing(void **state)
{
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (int i = 0; i < 2; i++) {
        struct audit_event event = event_of(&b, -1);

        event.type = AUDIT_ERASE;
        assert_int_equal(audit_append(b.audit, b.txn, &event, NULL), VLT_OK);
    }
    turn_commit(&b);
    assert_sound(&b);
    bench_end(&b);
}

/* A node that stands there already ends the entry. */
static void
a_node_that_is_another_is_damage(void **state)
{
    uint8_t key[VLT_ID_LEN + 9] = { 0 };
    uint8_t node[32] = { 7 };
    struct bench b;

    begin_entries(&b, 2 * STORED - 1);
    memcpy(key, b.firm[0], VLT_ID_LEN);
    key[VLT_ID_LEN] = LEVEL;
    vlt_store_be64(key + VLT_ID_LEN + 1, 1);
    raw_put(&b.vault, "node", vlt_slice_of(key, sizeof key),
            vlt_slice_of(node, sizeof node));
    assert_int_equal(bench_open(&b), VLT_OK);
    turn_begin(&b);
    struct audit_event event = event_of(&b, 0);

    assert_int_equal(audit_append(b.audit, b.txn, &event, NULL), VLT_E_STORAGE);
    turn_abort(&b);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_of_shredded_entries_has_its_size_and_root),
        cmocka_unit_test(a_tree_that_does_not_open_has_no_head),
        cmocka_unit_test(a_frontier_that_is_none_is_not_taken),
        cmocka_unit_test(a_frontier_with_a_leaf_too_short_is_not_taken),
        cmocka_unit_test(an_only_entry_is_missed),
        cmocka_unit_test(a_head_of_no_entries_is_held_against_the_tree),
        cmocka_unit_test(no_more_is_read_than_is_asked_for),
        cmocka_unit_test(an_event_of_no_firm_names_none),
        cmocka_unit_test(an_erasure_that_does_not_open_ends_the_look),
        cmocka_unit_test(a_root_that_is_another_is_refused),
        cmocka_unit_test(an_erasure_more_changes_nothing),
        cmocka_unit_test(a_node_that_is_another_is_damage),
    };

    audit_free(NULL);
    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
