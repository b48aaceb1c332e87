/* Memory may be missing anywhere on the way to an entry, to a log that is
 * loaded, to a proof and to a verdict: then there is none, and the log is as it
 * was. */
#include "bench.h"

#include "no_memory.h"

enum { EVENTS = 7 };

static enum vlt_status
append_with(struct bench *b, int firm, size_t allocations, bool once,
            bool *failed)
{
    struct audit_event event = event_of(b, firm);

    memory_take(allocations, once);
    enum vlt_status st = audit_append(b->audit, b->txn, &event, NULL);

    *failed = memory_give();
    return st;
}

/* In turns of their own, with one allocation more each time. */
static void
append_at_last(struct bench *b, int firm, bool once)
{
    struct audit_head before = head_of(b, master);
    bool failed = true;

    for (size_t n = 0; failed; n++) {
        turn_begin(b);
        audit_clear(b->audit); /* so that its trees are read first */
        enum vlt_status st = append_with(b, firm, n, once, &failed);

        assert_int_equal(st == VLT_OK, !failed);
        if (failed) {
            assert_int_equal(st, VLT_E_NOMEM);
            turn_abort(b);
            assert_head(head_of(b, master), before);
        }
    }
    b->count++;
    turn_commit(b);
    assert_int_equal(head_of(b, master).size, before.size + 1);
}

static void
an_entry_without_memory_is_not_there(void **state)
{
    struct bench b;

    bench_begin(&b);
    for (int i = 0; i < EVENTS; i++) {
        append_at_last(&b, i % 3 - 1, i % 2 == 0);
        assert_sound(&b);
    }
    bench_end(&b);
}

/* Load it with one allocation more each time. */
static void
load_at_last(struct bench *b, bool once)
{
    enum vlt_status st = VLT_E_NOMEM;
    bool failed = true;

    for (size_t n = 0; failed; n++) {
        struct store_read *read = read_begin(&b->vault);

        audit_clear(b->audit);
        memory_take(n, once);
        st = audit_load(b->audit, store_read_view(read));
        failed = memory_give();
        store_read_end(read);
        assert_int_equal(st == VLT_OK, !failed);
        assert_true(st == VLT_OK || st == VLT_E_NOMEM);
    }
}

static void
a_log_that_is_loaded_without_memory_is_not_taken_for_another(void **state)
{
    struct audit_head head;
    struct bench b;

    bench_begin(&b);
    add_many(&b, EVENTS);
    head = head_of(&b, master);
    for (int once = 0; once < 2; once++) {
        load_at_last(&b, once);
        assert_head(head_of(&b, master), head);
    }
    bench_end(&b);
}

static void
make_at_last(struct bench *b)
{
    struct audit *audit = NULL;
    enum vlt_status st = VLT_E_NOMEM;

    for (size_t n = 0; st != VLT_OK; n++) {
        memory_take(n, true);
        st = audit_new(b->vault.store, &audit);
        assert_int_equal(st == VLT_OK, !memory_give());
        assert_int_equal(audit != NULL, st == VLT_OK);
    }
    audit_free(audit);
}

/* A verdict that lacked memory is none: it never says that all is well. */
static void
a_verdict_without_memory_is_none(void **state)
{
    bool failed = true;
    struct bench b;

    bench_begin(&b);
    make_at_last(&b);
    add_many(&b, EVENTS);
    for (size_t n = 0; failed; n++) {
        struct store_read *read = read_begin(&b.vault);
        struct vlt_buf says;
        struct audit_head head;

        vlt_buf_init(&says, 0);
        memory_take(n, n % 2 == 0);
        enum vlt_status st =
            audit_verify(store_read_view(read), note_problem, &says, &head);

        failed = memory_give();
        assert_int_equal(st == VLT_OK, !failed);
        assert_true(st == VLT_OK || st == VLT_E_NOMEM);
        assert_int_equal(says.len, 0);
        vlt_buf_free(&says);
        store_read_end(read);
    }
    bench_end(&b);
}

/* Events of a grant, and heads of trees that there are not. */
static void
a_verdict_on_grants_without_memory_is_none(void **state)
{
    bool failed = true;
    struct bench b;

    bench_begin(&b);
    for (uint64_t seq = 1; seq < 4; seq++) {
        struct audit_event event = event_of(&b, 0);

        event.subject[0] = (uint8_t)seq;
        event.seq = 1;
        turn_begin(&b);
        assert_int_equal(audit_append(b.audit, b.txn, &event, NULL), VLT_OK);
        turn_commit(&b);
    }
    for (size_t n = 0; failed; n++) {
        struct store_read *read = read_begin(&b.vault);
        struct vlt_buf says;
        struct audit_head head;

        vlt_buf_init(&says, 0);
        memory_take(n, true);
        enum vlt_status st =
            audit_verify(store_read_view(read), note_problem, &says, &head);

        failed = memory_give();
        assert_int_equal(st, failed ? VLT_E_NOMEM : VLT_OK);
        assert_int_equal(says.len, 0);
        vlt_buf_free(&says);
        store_read_end(read);
    }
    bench_end(&b);
}

/* Of many trees, of which nothing is left but what the master tree says. */
static void
many_trees_without_memory_are_no_verdict(void **state)
{
    uint8_t key[VLT_ID_LEN + 8] = { 0 };
    bool failed = true;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (uint8_t i = 0; i < 20; i++) {
        struct audit_event event = event_of(&b, 0);
        uint8_t id[VLT_ID_LEN] = { 9, i };

        event.firm = id;
        assert_int_equal(audit_append(b.audit, b.txn, &event, NULL), VLT_OK);
    }
    turn_commit(&b);
    bench_close(&b);
    for (uint8_t i = 0; i < 20; i++) {
        key[0] = 9;
        key[1] = i;
        raw_delete(&b.vault, "audit", vlt_slice_of(key, sizeof key));
    }
    assert_int_equal(bench_open(&b), VLT_OK);
    for (size_t n = 0; failed; n++) {
        struct store_read *read = read_begin(&b.vault);
        struct vlt_buf says = { 0 };
        struct audit_head head;

        memory_take(n, true);
        enum vlt_status st =
            audit_verify(store_read_view(read), note_problem, &says, &head);

        failed = memory_give();
        assert_true(st == VLT_OK || failed);
        vlt_buf_free(&says);
        store_read_end(read);
    }
    bench_end(&b);
}

static void
a_head_is_signed_whole_or_not(void **state)
{
    struct vlt_secret *seed;
    struct vlt_signer *signer;
    struct audit_head head;
    bool failed = true;
    struct bench b;

    bench_begin(&b);
    add_many(&b, EVENTS);
    assert_int_equal(
        vlt_secret_copy(vlt_slice_text("a seed that signs all the tests."),
                        &seed),
        VLT_OK);
    assert_int_equal(vlt_signer_new(vlt_key_of(seed), &signer), VLT_OK);
    vlt_secret_free(seed);
    head = head_of(&b, b.firm[0]);
    for (size_t n = 0; failed; n++) {
        struct vlt_buf out;

        vlt_buf_init(&out, 0);
        memory_take(n, true);
        enum vlt_status st =
            audit_checkpoint(b.audit, b.firm[0], &head, signer, &out);

        failed = memory_give();
        assert_int_equal(st, failed ? VLT_E_NOMEM : VLT_OK);
        vlt_buf_free(&out);
    }
    vlt_signer_free(signer);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_without_memory_is_not_there),
        cmocka_unit_test(
            a_log_that_is_loaded_without_memory_is_not_taken_for_another),
        cmocka_unit_test(a_verdict_without_memory_is_none),
        cmocka_unit_test(a_verdict_on_grants_without_memory_is_none),
        cmocka_unit_test(many_trees_without_memory_are_no_verdict),
        cmocka_unit_test(a_head_is_signed_whole_or_not),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
