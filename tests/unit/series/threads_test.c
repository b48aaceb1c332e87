#include "bench.h"

#include <pthread.h>
#include <stdatomic.h>

enum { TURNS = 150, READERS = 2 };

struct reading {
    struct bench *b;
    const struct stream *stream;
    atomic_bool *over;
    size_t scans;
    bool failed;
};

/* What was committed before a view is begun is in it whole, and nothing comes
 * half: each turn adds two rows. */
static void *
read_on(void *arg)
{
    struct reading *r = arg;
    struct vlt_rows *page = rows_for(r->stream, &want_all);
    size_t before = 0;

    while (!atomic_load(r->over) || r->scans == 0) {
        struct series_at at = at_begin(&want_all);
        struct store_read *read;
        size_t count;
        bool more;

        if (store_read_begin(r->b->vault.store, &read) != VLT_OK ||
            series_scan(r->b->series, store_read_view(read), r->stream,
                        &want_all, &at, 1000, SIZE_MAX, page,
                        &more) != VLT_OK) {
            r->failed = true;
            break;
        }
        store_read_end(read);
        count = vlt_rows_count(page);
        r->failed = r->failed || count < before || count % 2 != 0 || more;
        before = count;
        r->scans++;
    }
    vlt_rows_free(page);
    return NULL;
}

static void
readers_see_whole_turns_while_rows_come(void **state)
{
    struct reading reading[READERS];
    pthread_t thread[READERS];
    atomic_bool over = false;
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    for (size_t i = 0; i < READERS; i++) {
        reading[i] =
            (struct reading){ .b = &b, .stream = stream, .over = &over };
        assert_int_equal(pthread_create(&thread[i], NULL, read_on, &reading[i]),
                         0);
    }
    for (int64_t i = 0; i < TURNS; i++) {
        const struct cell first = { i * 7 % TURNS, (double)i };
        const struct cell then = { 1000 + i, (double)i };

        turn_begin(&b);
        append(&b, stream, 0, &first, 1);
        append(&b, stream, 0, &then, 1);
        if (i % 10 == 9) {
            turn_abort(&b);
        } else {
            turn_commit(&b);
        }
    }
    atomic_store(&over, true);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_false(reading[i].failed);
        assert_true(reading[i].scans > 0);
    }
    stream_release(stream);
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_see_whole_turns_while_rows_come),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
