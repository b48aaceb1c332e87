#include "unit.h"

#include <stdlib.h>

#include "util/atomic.h"
#include "util/ref.h"
#include "util/thread.h"

enum {
    THREADS = 4,
    TIMES = 5000,
};

struct thing {
    struct ref ref;
    struct atomic *frees;
};

static void
thing_release(struct thing *thing)
{
    if (ref_drop(&thing->ref)) {
        (void)atomic_add(thing->frees, 1);
        free(thing);
    }
}

static struct thing *
thing_new(struct atomic *frees)
{
    struct thing *thing = malloc(sizeof *thing);

    assert_non_null(thing);
    ref_init(&thing->ref);
    thing->frees = frees;
    return thing;
}

static void
the_last_to_drop_is_told(void **state)
{
    struct ref ref;

    ref_init(&ref);
    ref_hold(&ref);
    ref_hold(&ref);
    assert_false(ref_drop(&ref));
    assert_false(ref_drop(&ref));
    assert_true(ref_drop(&ref));
}

static void
hold_and_release(void *ctx)
{
    struct thing *thing = ctx;

    for (int i = 0; i < TIMES; i++) {
        ref_hold(&thing->ref);
        thing_release(thing);
    }
    thing_release(thing);
}

static void
a_shared_thing_is_freed_once_by_whoever_is_last(void **state)
{
    struct atomic frees = { 0 };
    struct thing *thing = thing_new(&frees);
    struct thread *thread[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        ref_hold(&thing->ref);
        assert_int_equal(
            thread_start("hold", hold_and_release, thing, &thread[i]), VLT_OK);
    }
    thing_release(thing);
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(thread[i]);
    }
    assert_int_equal(atomic_get(&frees), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_to_drop_is_told),
        cmocka_unit_test(a_shared_thing_is_freed_once_by_whoever_is_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
