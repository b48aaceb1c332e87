/* A look at the log goes from tree to tree, slice by slice. */
#include "bench.h"

/* Of the smallest nodes that are stored; they are of so many entries. */
enum { LEVEL = 4, STORED = 1 << LEVEL };

#include "store/bury.h"

/* What waits for all readers to have ended, as an erase does. */
static void
bury_nothing(struct bench *b)
{
    struct store_burial none = { .dead_count = 0 };

    assert_int_equal(store_bury(b->vault.store, &none), VLT_OK);
}

/* Each slice has a view of its own; what comes in between is passed over, of
 * firms' trees, too. */
static void
it_goes_slice_by_slice_while_the_log_grows(void **state)
{
    struct audit_verifier *v = NULL;
    struct audit_head head = { .size = 0 };
    struct vlt_buf says = { 0 };
    struct store_read *read;
    size_t slices = 0;
    bool done = false;
    struct bench b;

    bench_begin(&b);
    add_many(&b, 3 * AUDIT_VERIFY_SLICE + 10);

    struct audit_head then = head_of(&b, master);

    read = read_begin(&b.vault);
    assert_int_equal(
        audit_verify_begin(store_read_view(read), note_problem, &says, &v),
        VLT_OK);
    store_read_end(read);
    while (!done) {
        bury_nothing(&b);
        add_many(&b, 6);
        read = read_begin(&b.vault);
        assert_int_equal(
            audit_verify_some(v, store_read_view(read), &done, &head), VLT_OK);
        store_read_end(read);
        slices++;
    }
    audit_verifier_free(v);
    assert_int_equal(says.len, 0);
    assert_head(head, then);
    assert_int_equal(slices, 6); /* 778 entries, and the firms' 519 */
    assert_sound(&b);
    bench_end(&b);
}

/* A slice may end exactly where a tree does: the next tree is of the next. */
static void
a_tree_of_one_slice_is_whole(void **state)
{
    struct audit_verifier *v = NULL;
    struct vlt_buf says = { 0 };
    struct audit_head head;
    struct store_read *read;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (int i = 0; i < AUDIT_VERIFY_SLICE; i++) {
        add(&b, 0, NULL);
    }
    turn_commit(&b);
    read = read_begin(&b.vault);
    assert_int_equal(
        audit_verify_begin(store_read_view(read), note_problem, &says, &v),
        VLT_OK);
    for (int slice = 1; slice <= 2; slice++) {
        bool done = false;

        assert_int_equal(
            audit_verify_some(v, store_read_view(read), &done, &head), VLT_OK);
        assert_int_equal(done, slice == 2);
    }
    store_read_end(read);
    audit_verifier_free(v);
    assert_int_equal(says.len, 0);
    assert_int_equal(head.size, AUDIT_VERIFY_SLICE);
    bench_end(&b);
}

/* A tree that is told of says nothing of those behind it. */
static void
of_a_damaged_node_one_tree_is_told(void **state)
{
    uint8_t key[VLT_ID_LEN + 9] = { [VLT_ID_LEN] = LEVEL };
    char told[100];
    struct vlt_buf says;
    char hex[2 * VLT_ID_LEN + 1];
    struct bench b;

    bench_begin(&b);
    add_many(&b, 3 * STORED);
    bench_close(&b);
    memcpy(key, b.firm[0], VLT_ID_LEN);
    flip(&b, "node", vlt_slice_of(key, sizeof key), 31);
    assert_int_equal(bench_open(&b), VLT_OK);
    says = verify(&b, VLT_OK);
    (void)snprintf(told, sizeof told,
                   "%s: stored nodes are not those of its entries\n",
                   vlt_hex_print(b.firm[0], VLT_ID_LEN, hex));
    assert_string_equal((const char *)says.at, told);
    vlt_buf_free(&says);
    bench_end(&b);
}

/* It ends where an entry is missing; one behind it, of several slices, is
 * whole. */
static void
of_a_torn_tree_one_tree_is_told(void **state)
{
    uint8_t key[VLT_ID_LEN + 8];
    char other[2 * VLT_ID_LEN + 1];
    struct vlt_buf says;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (int i = 0; i < 3 * AUDIT_VERIFY_SLICE; i++) {
        add(&b, i < 4 ? 0 : 1, NULL);
    }
    turn_commit(&b);
    bench_close(&b);
    key_of(b.firm[0], 1, key);
    raw_delete(&b.vault, "audit", vlt_slice_of(key, sizeof key));
    assert_int_equal(bench_open(&b), VLT_OK);
    says = verify(&b, VLT_OK);
    assert_non_null(strstr((const char *)says.at, "entry 1 is missing"));
    (void)vlt_hex_print(b.firm[1], VLT_ID_LEN, other);
    assert_null(strstr((const char *)says.at, other));
    vlt_buf_free(&says);
    bench_end(&b);
}

/* However many slices come behind it. */
static void
an_entry_without_a_key_is_told_of_once(void **state)
{
    const char *told;
    uint8_t key[VLT_ID_LEN + 8];
    struct vlt_buf says;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (int i = 0; i < 3 * AUDIT_VERIFY_SLICE; i++) {
        add(&b, i < 4 ? 0 : 1, NULL);
    }
    turn_commit(&b);
    bench_close(&b);
    key_of(b.firm[0], 1, key);
    flip(&b, "audit", vlt_slice_of(key, sizeof key), 32 + 1); /* kid */
    assert_int_equal(bench_open(&b), VLT_OK);
    says = verify(&b, VLT_OK);
    told = strstr((const char *)says.at, "no erasure is logged");
    assert_non_null(told);
    assert_null(strstr(told + 1, "no erasure is logged"));
    vlt_buf_free(&says);
    bench_end(&b);
}

/* So many trees of firms, with an entry each. */
static void
add_trees(struct bench *b, int count)
{
    turn_begin(b);
    for (int i = 0; i < count; i++) {
        struct audit_event event = event_of(b, 0);
        uint8_t id[VLT_ID_LEN] = { 9, (uint8_t)i, (uint8_t)(i >> 8) };

        event.firm = id;
        assert_int_equal(audit_append(b->audit, b->txn, &event, NULL), VLT_OK);
    }
    turn_commit(b);
}

/* Room for them grows as they are found, in the log and in the master tree. */
static void
a_log_of_many_trees_is_sound(void **state)
{
    enum { MANY = 4000 };
    struct bench b;

    bench_begin(&b);
    add_trees(&b, MANY);
    assert_sound(&b);
    bench_end(&b);
}

/* More than there is room for at first; each of them has a damaged node. */
static void
each_of_many_trees_is_told(void **state)
{
    enum { MANY = 300 };
    struct vlt_buf says;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (int i = 0; i < STORED * MANY; i++) {
        struct audit_event event = event_of(&b, 0);
        uint8_t id[VLT_ID_LEN] = { 9, (uint8_t)(i % MANY),
                                   (uint8_t)(i % MANY >> 8) };

        event.firm = id;
        assert_int_equal(audit_append(b.audit, b.txn, &event, NULL), VLT_OK);
    }
    turn_commit(&b);
    bench_close(&b);
    for (int i = 0; i < MANY; i++) {
        uint8_t key[VLT_ID_LEN + 9] = { 9, (uint8_t)i, (uint8_t)(i >> 8) };

        key[VLT_ID_LEN] = LEVEL;
        flip(&b, "node", vlt_slice_of(key, sizeof key), 31);
    }
    assert_int_equal(bench_open(&b), VLT_OK);
    says = verify(&b, VLT_OK);
    for (int i = 0; i < MANY; i++) {
        uint8_t id[VLT_ID_LEN] = { 9, (uint8_t)i, (uint8_t)(i >> 8) };
        char hex[2 * VLT_ID_LEN + 1];

        assert_non_null(
            strstr((const char *)says.at, vlt_hex_print(id, VLT_ID_LEN, hex)));
    }
    vlt_buf_free(&says);
    bench_end(&b);
}

/* Its last entries went since it began: it ends where they do. */
static void
a_tree_that_became_shorter_ends_there(void **state)
{
    struct audit_verifier *v = NULL;
    uint8_t key[VLT_ID_LEN + 8];
    struct vlt_buf says = { 0 };
    struct audit_head head;
    struct store_read *read;
    bool done = false;
    struct bench b;

    bench_begin(&b);
    add_many(&b, 12);
    read = read_begin(&b.vault);
    assert_int_equal(
        audit_verify_begin(store_read_view(read), note_problem, &says, &v),
        VLT_OK);
    store_read_end(read);
    bench_close(&b);
    key_of(b.firm[0], 3, key);
    raw_delete(&b.vault, "audit", vlt_slice_of(key, sizeof key));
    assert_int_equal(bench_open(&b), VLT_OK);
    read = read_begin(&b.vault);
    assert_int_equal(audit_verify_some(v, store_read_view(read), &done, &head),
                     VLT_OK);
    store_read_end(read);
    assert_true(done);
    assert_non_null(strstr(vlt_buf_text(&says),
                           "it has 3 entries, the master tree knows of more"));
    audit_verifier_free(v);
    vlt_buf_free(&says);
    bench_end(&b);
}

/* Of each nothing is left but what the master tree says. */
static void
trees_without_entries_are_work_too(void **state)
{
    enum { MANY = AUDIT_VERIFY_SLICE + 44 };
    struct audit_verifier *v = NULL;
    struct vlt_buf says = { 0 };
    struct audit_head head;
    struct store_read *read;
    size_t slices = 0;
    bool done = false;
    struct bench b;

    bench_begin(&b);
    add_trees(&b, MANY);
    bench_close(&b);
    for (int i = 0; i < MANY; i++) {
        uint8_t id[VLT_ID_LEN] = { 9, (uint8_t)i, (uint8_t)(i >> 8) };
        uint8_t key[VLT_ID_LEN + 8];

        key_of(id, 0, key);
        raw_delete(&b.vault, "audit", vlt_slice_of(key, sizeof key));
    }
    assert_int_equal(bench_open(&b), VLT_OK);
    read = read_begin(&b.vault);
    assert_int_equal(
        audit_verify_begin(store_read_view(read), note_problem, &says, &v),
        VLT_OK);
    for (; !done; slices++) {
        assert_int_equal(
            audit_verify_some(v, store_read_view(read), &done, &head), VLT_OK);
    }
    store_read_end(read);
    assert_int_equal(slices, 2 * MANY / AUDIT_VERIFY_SLICE + 1);
    audit_verifier_free(v);
    vlt_buf_free(&says);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_goes_slice_by_slice_while_the_log_grows),
        cmocka_unit_test(a_tree_of_one_slice_is_whole),
        cmocka_unit_test(of_a_damaged_node_one_tree_is_told),
        cmocka_unit_test(of_a_torn_tree_one_tree_is_told),
        cmocka_unit_test(an_entry_without_a_key_is_told_of_once),
        cmocka_unit_test(a_log_of_many_trees_is_sound),
        cmocka_unit_test(each_of_many_trees_is_told),
        cmocka_unit_test(a_tree_that_became_shorter_ends_there),
        cmocka_unit_test(trees_without_entries_are_work_too),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
