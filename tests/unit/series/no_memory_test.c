/* Memory may be missing anywhere on the way to a new stream: then it is not
 * made.  Once its turn is committed nothing of it may want any. */
#include "bench.h"

#include "no_memory.h"

enum {
    STREAMS = 70, /* more than there is room for at first */
};

/* Make it, in the turn under way, with so many allocations. */
static enum vlt_status
create_with(struct bench *b, const struct stream *wish, size_t allocations)
{
    memory_take(allocations, false);
    enum vlt_status st = series_create(b->series, b->txn, wish, NULL, NULL);

    (void)memory_give();
    return st;
}

/* Try with one allocation more each time, until it is made; then its turn ends
 * with none.  How many it took. */
static size_t
create(struct bench *b, const struct stream *wish)
{
    struct vlt_slice name = vlt_slice_text(wish->name);
    size_t allocations = 0;
    enum vlt_status st = VLT_E_NOMEM;

    for (;;) {
        turn_begin(b);
        st = create_with(b, wish, allocations);
        if (st == VLT_OK) {
            break;
        }
        assert_int_equal(st, VLT_E_NOMEM);
        turn_abort(b);
        assert_null(series_by_name(b->series, name));
        allocations++;
        assert_true(allocations < MEMORY_ENDLESS);
    }
    txn_commit(b->txn);
    b->txn = NULL;
    memory_take(0, false);
    series_turn_end(b->series, true);
    (void)memory_give();
    return allocations;
}

static void
assert_there(struct bench *b, const char *name)
{
    const struct stream *found =
        series_by_name(b->series, vlt_slice_text(name));

    assert_non_null(found);
    assert_string_equal(found->name, name);
    stream_release(found);
}

static void
a_stream_without_memory_is_not_made_and_one_that_is_made_is_found(void **state)
{
    struct series_totals totals;
    struct stream wish;
    struct bench b;
    char name[16];

    bench_begin(&b);
    for (int i = 0; i < STREAMS; i++) {
        (void)snprintf(name, sizeof name, "s%d", i);
        wish = wish_of(name, one_value, 1);
        assert_true(create(&b, &wish) > 3);
        assert_there(&b, name);
    }
    for (int round = 0; round < 2; round++) {
        series_totals(b.series, &totals);
        assert_int_equal(totals.streams, STREAMS);
        for (int i = 0; i < STREAMS; i++) {
            (void)snprintf(name, sizeof name, "s%d", i);
            assert_there(&b, name);
        }
        bench_reopen(&b);
    }
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_stream_without_memory_is_not_made_and_one_that_is_made_is_found),
    };

    return run_quietly() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
