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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_without_memory_is_not_there),
        cmocka_unit_test(
            a_log_that_is_loaded_without_memory_is_not_taken_for_another),
        cmocka_unit_test(a_verdict_without_memory_is_none),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
