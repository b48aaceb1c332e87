/* Pages of live rows that several readers have. */
#include <string.h>

#include "service/shared.h"
#include "unit.h"
#include "util/atomic.h"
#include "util/thread.h"

static const char bytes[] = "a block";

static struct shared *
some(void)
{
    struct shared *shared = NULL;

    assert_int_equal(shared_new(&shared), VLT_OK);
    return shared;
}

static const uint8_t *
scope(unsigned mark)
{
    static uint8_t scope[VLT_HASH_LEN];

    memset(scope, 0, sizeof scope);
    memcpy(scope, &mark, sizeof mark);
    return scope;
}

static enum shared_found
begin(struct shared *shared, unsigned mark, struct vlt_buf *body)
{
    struct shared_page page = { .rows = 0 };
    enum shared_found found = shared_begin(shared, scope(mark), &page, body);

    assert_int_equal(page.rows, found == SHARED_TAKEN ? mark : 0);
    return found;
}

static void
make(struct shared *shared, unsigned mark, struct vlt_slice body)
{
    struct shared_page page = { .rows = mark, .done = true };

    shared_made(shared, scope(mark), &page, body);
}

static void
what_one_has_made_the_next_takes(void **state)
{
    struct shared *shared = some();
    struct vlt_buf body = { 0 };

    assert_int_equal(begin(shared, 7, &body), SHARED_MAKE);
    make(shared, 7, vlt_slice_text(bytes));
    assert_int_equal(begin(shared, 7, &body), SHARED_TAKEN);
    assert_string_equal(vlt_buf_text(&body), bytes);
    vlt_buf_clear(&body);
    assert_int_equal(begin(shared, 8, &body), SHARED_MAKE);
    assert_int_equal(body.len, 0);
    shared_made(shared, scope(8), NULL, vlt_buf_slice(&body)); /* it failed */
    assert_int_equal(begin(shared, 8, &body), SHARED_MAKE);
    make(shared, 8, vlt_slice_text(""));
    assert_int_equal(begin(shared, 8, &body), SHARED_TAKEN);
    assert_int_equal(body.len, 0);
    shared_clear(shared);
    assert_int_equal(begin(shared, 7, &body), SHARED_MAKE);
    vlt_buf_free(&body);
    shared_free(shared);
    shared_free(NULL);
}

static void
the_newest_are_kept(void **state)
{
    struct shared *shared = some();
    struct vlt_buf body = { 0 };

    for (unsigned i = 1; i <= SHARED_PAGES + 1; i++) {
        assert_int_equal(begin(shared, i, &body), SHARED_MAKE);
        make(shared, i, vlt_slice_text(bytes));
    }
    assert_int_equal(begin(shared, 2, &body), SHARED_TAKEN);
    assert_int_equal(begin(shared, SHARED_PAGES + 1, &body), SHARED_TAKEN);
    assert_int_equal(begin(shared, 1, &body), SHARED_MAKE);
    vlt_buf_free(&body);
    shared_free(shared);
}

static void
their_bytes_are_bounded(void **state)
{
    enum { LARGE = SHARED_BYTES / 4 };
    static uint8_t large[LARGE];
    struct shared *shared = some();
    struct vlt_buf body = { 0 };

    for (unsigned i = 1; i <= 5; i++) {
        assert_int_equal(begin(shared, i, &body), SHARED_MAKE);
        make(shared, i, vlt_slice_of(large, sizeof large));
    }
    assert_int_equal(begin(shared, 2, &body), SHARED_TAKEN);
    assert_int_equal(body.len, LARGE);
    assert_int_equal(begin(shared, 1, &body), SHARED_MAKE);
    vlt_buf_free(&body);
    shared_free(shared);
}

/* When all are being made nobody is thrown out, and one more is not kept. */
static void
what_is_being_made_stays(void **state)
{
    struct shared *shared = some();
    struct vlt_buf body = { 0 };

    for (unsigned i = 1; i <= SHARED_PAGES + 1; i++) {
        assert_int_equal(begin(shared, i, &body), SHARED_MAKE);
    }
    make(shared, SHARED_PAGES + 1, vlt_slice_text(bytes));
    make(shared, 1, vlt_slice_text(bytes));
    assert_int_equal(begin(shared, 1, &body), SHARED_TAKEN);
    assert_int_equal(begin(shared, SHARED_PAGES + 1, &body), SHARED_MAKE);
    vlt_buf_free(&body);
    shared_free(shared);
}

struct reader {
    struct shared *shared;
    struct atomic makes, takes;
};

static void
read_one(void *ctx)
{
    struct reader *reader = ctx;
    struct vlt_buf body = { 0 };
    struct shared_page page = { .rows = 3 };
    uint8_t own[VLT_HASH_LEN] = { 3 };

    if (shared_begin(reader->shared, own, &page, &body) == SHARED_MAKE) {
        (void)atomic_add(&reader->makes, 1);
        shared_made(reader->shared, own, &page, vlt_slice_text(bytes));
    } else {
        (void)atomic_add(&reader->takes, body.len == sizeof bytes - 1);
    }
    vlt_buf_free(&body);
}

static void
of_many_at_once_one_makes_it(void **state)
{
    enum { THREADS = 8 };
    struct reader reader = { .shared = some() };
    struct thread *threads[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(thread_start("reader", read_one, &reader, &threads[i]),
                         VLT_OK);
    }
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(threads[i]);
    }
    assert_int_equal(atomic_get(&reader.makes), 1);
    assert_int_equal(atomic_get(&reader.takes), THREADS - 1);
    shared_free(reader.shared);
}

static void
what_was_made_is_counted(void **state)
{
    struct shared *shared = some();

    shared_count(shared, true);
    shared_count(shared, false);
    shared_count(shared, false);
    assert_int_equal(shared_counts(shared).pages, 3);
    assert_int_equal(shared_counts(shared).encoded, 1);
    shared_free(shared);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_has_made_the_next_takes),
        cmocka_unit_test(the_newest_are_kept),
        cmocka_unit_test(their_bytes_are_bounded),
        cmocka_unit_test(what_is_being_made_stays),
        cmocka_unit_test(of_many_at_once_one_makes_it),
        cmocka_unit_test(what_was_made_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
