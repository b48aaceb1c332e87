#include "bench.h"

#include "base/writer.h"
#include "wire/checkpoint.h"

static void
an_empty_log_has_an_empty_head(void **state)
{
    struct audit_head head;
    struct bench b;

    bench_begin(&b);
    head = head_of(&b, master);
    assert_int_equal(head.size, 0);
    assert_int_equal(head.time, 0);
    assert_sound(&b);
    bench_end(&b);
}

/* An event of a firm is in its tree and, with its new head, in the master. */
static void
an_event_is_in_both_trees(void **state)
{
    struct audit_mark mark;
    struct audit_head firm;
    struct vlt_entry entry;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    add(&b, -1, &mark);
    assert_int_equal(mark.entry_len, AUDIT_MASTER_LEN);
    add(&b, 0, &mark);
    turn_commit(&b);
    assert_int_equal(mark.index, 0); /* in the firm's tree */
    assert_int_equal(mark.entry_len, AUDIT_ENTRY_LEN);
    assert_int_equal(
        vlt_entry_decode(vlt_slice_of(mark.entry, mark.entry_len), &entry),
        VLT_OK);
    assert_int_equal(entry.type, AUDIT_USE);
    assert_int_equal(entry.instance, audit_instance(b.audit));
    assert_int_equal(entry.instance,
                     vlt_load_be64(store_instance_id(b.vault.store)) >> 32);
    assert_true(vlt_entry_opens(&entry,
                                vlt_slice_of(mark.salt, sizeof mark.salt),
                                vlt_slice_text("{\"some\":1}")));
    firm = head_of(&b, b.firm[0]);
    assert_int_equal(firm.size, 1);
    assert_int_equal(firm.time, 1001);
    assert_int_equal(head_of(&b, master).size, 2);
    assert_int_equal(head_of(&b, b.firm[1]).size, 0);
    assert_sound(&b);
    bench_end(&b);
}

static void
equal_details_have_unequal_commitments(void **state)
{
    struct audit_mark a;
    struct audit_mark c;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    add(&b, 0, &a);
    add(&b, 0, &c);
    turn_commit(&b);
    assert_memory_not_equal(a.salt, c.salt, sizeof a.salt);
    assert_memory_not_equal(a.entry + 48, c.entry + 48, 32);
    bench_end(&b);
}

static int
by_salt(const void *a, const void *b)
{
    return memcmp(a, b, VLT_ENTRY_SALT);
}

static void
no_salt_is_used_twice(void **state)
{
    enum { MANY = 300 }; /* more than two drawings hold */
    static uint8_t salt[MANY][VLT_ENTRY_SALT];
    static const uint8_t none[VLT_ENTRY_SALT];
    struct audit_mark mark;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (size_t i = 0; i < MANY; i++) {
        add(&b, -1, &mark);
        memcpy(salt[i], mark.salt, sizeof mark.salt);
        assert_memory_not_equal(salt[i], none, sizeof none);
    }
    turn_commit(&b);
    qsort(salt, MANY, VLT_ENTRY_SALT, by_salt);
    for (size_t i = 1; i < MANY; i++) {
        assert_memory_not_equal(salt[i - 1], salt[i], VLT_ENTRY_SALT);
    }
    bench_end(&b);
}

static void
heads_follow_the_disk(void **state)
{
    struct audit_head before;
    struct audit_head working;
    struct bench b;

    bench_begin(&b);
    add_many(&b, 7);
    before = head_of(&b, b.firm[0]);
    turn_begin(&b);
    add(&b, 0, NULL);
    assert_int_equal(
        audit_head(b.audit, store_txn_view(b.txn), b.firm[0], &working),
        VLT_OK);
    assert_int_equal(working.size, before.size + 1);
    assert_head(head_of(&b, b.firm[0]), before);
    turn_abort(&b);
    assert_head(head_of(&b, b.firm[0]), before);
    turn_begin(&b);
    assert_int_equal(
        audit_head(b.audit, store_txn_view(b.txn), b.firm[0], &working),
        VLT_OK);
    assert_head(working, before); /* the time, too */
    add(&b, 0, NULL);
    turn_commit(&b);
    assert_int_equal(head_of(&b, b.firm[0]).size, before.size + 1);
    assert_sound(&b);
    bench_end(&b);
}

static void
an_undone_turn_leaves_no_trace(void **state)
{
    struct audit_head heads[3];
    struct bench b;

    bench_begin(&b);
    add_many(&b, 5);
    heads[0] = head_of(&b, master);
    heads[1] = head_of(&b, b.firm[0]);
    heads[2] = head_of(&b, b.firm[1]);
    turn_begin(&b);
    add(&b, 0, NULL);
    add(&b, 1, NULL);
    add(&b, -1, NULL);
    turn_abort(&b);
    for (int round = 0; round < 2; round++) {
        assert_head(head_of(&b, master), heads[0]);
        assert_head(head_of(&b, b.firm[0]), heads[1]);
        assert_head(head_of(&b, b.firm[1]), heads[2]);
        assert_sound(&b);
        bench_close(&b);
        assert_int_equal(bench_open(&b), VLT_OK);
    }
    bench_end(&b);
}

/* What it appended is in no tree that is read anew. */
static void
nothing_of_a_turn_outlives_the_lock(void **state)
{
    struct store_read *read;
    struct audit_head head;
    struct bench b;

    bench_begin(&b);
    add_many(&b, 6);
    turn_begin(&b);
    add(&b, 0, NULL);
    audit_clear(b.audit);
    read = read_begin(&b.vault);
    assert_int_equal(audit_head(b.audit, store_read_view(read), master, &head),
                     VLT_OK);
    store_read_end(read);
    assert_int_equal(head.size, 6);
    turn_abort(&b);
    bench_end(&b);
}

/* The size of a tree is found again, whatever it is. */
static void
a_log_opened_again_goes_on_where_it_was(void **state)
{
    struct bench b;

    bench_begin(&b);
    for (size_t i = 0; i < 34; i++) {
        struct audit_head before[2];
        struct audit_head turn;

        add_many(&b, 1 + i % 3);
        before[0] = head_of(&b, master);
        before[1] = head_of(&b, b.firm[0]);
        audit_clear(b.audit);
        assert_head(head_of(&b, master), before[0]);
        assert_head(head_of(&b, b.firm[0]), before[1]);
        turn_begin(&b); /* and as the turn has it */
        assert_int_equal(
            audit_head(b.audit, store_txn_view(b.txn), master, &turn), VLT_OK);
        assert_head(turn, before[0]);
        turn_abort(&b);
    }
    bench_close(&b);
    assert_int_equal(bench_open(&b), VLT_OK);
    add_many(&b, 9);
    assert_sound(&b);
    bench_end(&b);
}

/* The root that a tree once had is found again from what is stored. */
static void
a_tree_had_the_roots_that_its_heads_said(void **state)
{
    struct audit_head heads[40];
    struct store_read *read;
    uint8_t root[32];
    struct bench b;

    bench_begin(&b);
    for (size_t i = 0; i < 40; i++) {
        heads[i] = head_of(&b, master);
        add_many(&b, 1 + i % 3);
    }
    read = read_begin(&b.vault);
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(audit_root_at(b.audit, store_read_view(read), master,
                                       heads[i].size, root),
                         VLT_OK);
        assert_memory_equal(root, heads[i].root, sizeof root);
    }
    assert_int_equal(audit_root_at(b.audit, store_read_view(read), master,
                                   head_of(&b, master).size, root),
                     VLT_OK);
    assert_memory_equal(root, head_of(&b, master).root, sizeof root);
    assert_int_equal(audit_root_at(b.audit, store_read_view(read), master,
                                   head_of(&b, master).size + 1, root),
                     VLT_E_NOT_FOUND);
    store_read_end(read);
    bench_end(&b);
}

static void
details_have_limits(void **state)
{
    static char large[AUDIT_DETAIL_MAX + 1];
    struct audit_event event;
    struct bench b;

    memset(large, 'x', sizeof large);
    bench_begin(&b);
    turn_begin(&b);
    event = event_of(&b, 0);
    event.firm_detail = vlt_slice_of(large, sizeof large);
    assert_int_equal(audit_append(b.audit, b.txn, &event, NULL), VLT_E_LIMIT);
    event = event_of(&b, 0);
    event.owner_detail = vlt_slice_of(large, sizeof large);
    assert_int_equal(audit_append(b.audit, b.txn, &event, NULL), VLT_E_LIMIT);
    event = event_of(&b, 0);
    event.firm_detail = vlt_slice_of(large + 1, 0);
    assert_int_equal(audit_append(b.audit, b.txn, &event, NULL), VLT_E_FORMAT);
    event = event_of(&b, 0);
    event.owner_detail = vlt_slice_of("{}", 3); /* with its zero */
    assert_int_equal(audit_append(b.audit, b.txn, &event, NULL), VLT_E_FORMAT);
    event = event_of(&b, 0);
    event.firm_detail = vlt_slice_of(large, 1);
    event.owner_detail = vlt_slice_of(large, AUDIT_DETAIL_MAX);
    assert_int_equal(audit_append(b.audit, b.txn, &event, NULL), VLT_OK);
    turn_commit(&b);
    assert_int_equal(head_of(&b, b.firm[0]).size, 1);
    assert_int_equal(head_of(&b, master).size, 1);
    assert_sound(&b);
    bench_end(&b);
}

static void
note_line(void *ctx, enum log_level level, const char *line)
{
    (void)level;
    (void)snprintf(ctx, 200, "%s", line);
}

/* Under a key that there is not it cannot be sealed. */
static void
an_entry_that_is_not_written_is_told(void **state)
{
    static const uint8_t none[STORE_KID_LEN] = { 99 };
    struct audit_event event;
    struct audit_head before;
    char said[200] = "";
    struct bench b;

    bench_begin(&b);
    add_many(&b, 6);
    before = head_of(&b, b.firm[0]);
    event = event_of(&b, 0);
    event.firm_kid = none;
    turn_begin(&b);
    log_set_sink(note_line, said);
    assert_int_not_equal(audit_append(b.audit, b.txn, &event, NULL), VLT_OK);
    log_set_sink(log_nowhere, NULL);
    turn_abort(&b);
    assert_non_null(strstr(said, "an entry was not written: "));
    assert_head(head_of(&b, b.firm[0]), before);
    bench_end(&b);
}

/* What was cut off behind is not taken for the whole. */
static void
a_log_and_a_root_that_differ_are_refused(void **state)
{
    uint8_t key[VLT_ID_LEN + 8] = { 0 };
    char said[200] = "";
    struct bench b;

    bench_begin(&b);
    add_many(&b, 6);
    bench_close(&b);
    vlt_store_be64(key + VLT_ID_LEN, 5);
    raw_delete(&b.vault, "audit", vlt_slice_of(key, sizeof key));
    log_set_sink(note_line, said);
    assert_int_equal(bench_open(&b), VLT_E_STORAGE);
    log_set_sink(log_nowhere, NULL);
    assert_non_null(strstr(said, "5 entries, the store says 6"));
    assert_problem(&b, "the store says 6");
    bench_end(&b);
}

static void
a_checkpoint_is_signed_over_its_head(void **state)
{
    struct vlt_secret *seed;
    struct vlt_signer *signer;
    struct vlt_checkpoint made;
    struct audit_head head;
    struct vlt_buf out;
    struct bench b;

    bench_begin(&b);
    add_many(&b, 6);
    assert_int_equal(
        vlt_secret_copy(vlt_slice_text("a seed that signs all the tests."),
                        &seed),
        VLT_OK);
    assert_int_equal(vlt_signer_new(vlt_key_of(seed), &signer), VLT_OK);
    vlt_secret_free(seed);
    head = head_of(&b, b.firm[1]);
    vlt_buf_init(&out, 0);
    assert_int_equal(audit_checkpoint(b.audit, b.firm[1], &head, signer, &out),
                     VLT_OK);
    assert_memory_equal(out.at,
                        "vaultd.invalid/02000000000000000000000000000000/", 48);
    assert_int_equal(vlt_checkpoint_parse(vlt_buf_slice(&out), &made), VLT_OK);
    assert_int_equal(vlt_checkpoint_verify(&made, vlt_signer_pk(signer)),
                     VLT_OK);
    assert_memory_equal(made.origin.tree, b.firm[1], AUDIT_TREE_LEN);
    assert_int_equal(made.origin.instance, audit_instance(b.audit));
    assert_int_equal(made.size, head.size);
    assert_memory_equal(made.root, head.root, sizeof head.root);
    vlt_buf_free(&out);
    vlt_signer_free(signer);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_log_has_an_empty_head),
        cmocka_unit_test(an_event_is_in_both_trees),
        cmocka_unit_test(equal_details_have_unequal_commitments),
        cmocka_unit_test(no_salt_is_used_twice),
        cmocka_unit_test(heads_follow_the_disk),
        cmocka_unit_test(an_undone_turn_leaves_no_trace),
        cmocka_unit_test(nothing_of_a_turn_outlives_the_lock),
        cmocka_unit_test(a_log_opened_again_goes_on_where_it_was),
        cmocka_unit_test(a_tree_had_the_roots_that_its_heads_said),
        cmocka_unit_test(details_have_limits),
        cmocka_unit_test(an_entry_that_is_not_written_is_told),
        cmocka_unit_test(a_log_and_a_root_that_differ_are_refused),
        cmocka_unit_test(a_checkpoint_is_signed_over_its_head),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
