#include "unit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "util/pool.h"
#include "util/thread.h"

enum {
    SIZE = 1752, /* no whole lines */
    LINES = (SIZE + POOL_LINE - 1) / POOL_LINE,
    BLOCK = 2 << 20,
    OF_A_BLOCK = BLOCK / (LINES * POOL_LINE) - 1, /* one place is its head's */
    MANY = 3 * OF_A_BLOCK,
    THREADS = 4,
    TIMES = 300000,
    AT_ONCE = 40,
    BLOCKS = 4, /* that each thread has at once */
    ROUNDS = 50,
};

static int
set_up(void **state)
{
    struct pool *pool = NULL;

    if (pool_new(SIZE, &pool) != VLT_OK) {
        return -1;
    }
    *state = pool;
    return 0;
}

static int
tear_down(void **state)
{
    pool_free(*state);
    return 0;
}

static uint8_t *
take(struct pool *pool)
{
    uint8_t *thing = pool_take(pool);

    assert_non_null(thing);
    return thing;
}

static void
assert_zero(const uint8_t *thing)
{
    for (size_t i = 0; i < SIZE; i++) {
        assert_int_equal(thing[i], 0);
    }
}

static void
things_begin_with_a_line_and_are_zero(void **state)
{
    static uint8_t *thing[MANY];

    for (size_t i = 0; i < MANY; i++) {
        thing[i] = take(*state);
        assert_int_equal((uintptr_t)thing[i] % POOL_LINE, 0);
        assert_zero(thing[i]);
        memset(thing[i], 0xa5, SIZE);
    }
    for (size_t i = 0; i < MANY; i++) {
        pool_give(thing[i]);
    }
}

static void
what_was_given_back_is_taken_again_and_is_zero(void **state)
{
    uint8_t *kept = take(*state);
    uint8_t *thing = take(*state);

    memset(thing, 0xa5, SIZE);
    pool_give(thing);
    assert_ptr_equal(take(*state), thing);
    assert_zero(thing);
    pool_give(thing);
    pool_give(kept);
}

/* Each is written whole before any is read. */
static void
no_thing_lies_in_another(void **state)
{
    static uint8_t *thing[MANY];

    for (size_t i = 0; i < MANY; i++) {
        thing[i] = take(*state);
        memset(thing[i], (int)(i % 251), SIZE);
    }
    for (size_t i = 0; i < MANY; i++) {
        for (size_t at = 0; at < SIZE; at++) {
            assert_int_equal(thing[i][at], i % 251);
        }
        pool_give(thing[i]);
    }
}

static void
things_are_found_by_numbers_that_are_their_own(void **state)
{
    static uint8_t *thing[MANY];
    static bool met[1 << POOL_NUMBER_BITS];

    for (size_t i = 0; i < MANY; i++) {
        thing[i] = take(*state);
        assert_ptr_equal(pool_of(thing[i]), *state);
    }
    for (size_t i = 0; i < MANY; i++) {
        uint32_t number = pool_number(thing[i]);

        assert_in_range(number, 1, (1 << POOL_NUMBER_BITS) - 1);
        assert_false(met[number]);
        met[number] = true;
        assert_ptr_equal(pool_at(*state, number), thing[i]);
    }
    for (size_t i = 0; i < MANY; i++) {
        pool_give(thing[i]);
    }
}

/* ---- blocks ---- */

static bool
is_mapped(void *thing)
{
    long page = sysconf(_SC_PAGESIZE);
    void *begin = (uint8_t *)thing - (uintptr_t)thing % (uintptr_t)page;

    return msync(begin, 1, MS_ASYNC) == 0 || errno != ENOMEM;
}

static void
blocks_without_things_go_back_but_for_one(void **state)
{
    static uint8_t *thing[MANY];

    for (int again = 0; again < 2; again++) {
        size_t left = 0;

        for (size_t i = 0; i < MANY; i++) {
            thing[i] = take(*state);
        }
        for (size_t i = 0; i < MANY; i++) {
            pool_give(thing[i]);
        }
        for (size_t i = 0; i < MANY; i += OF_A_BLOCK) {
            left += (size_t)is_mapped(thing[i]);
        }
        assert_int_equal(left, 1);
    }
}

/* As each use does, which makes a new value before the old one goes. */
static void
a_thing_beside_a_full_block_needs_no_new_block_each_time(void **state)
{
    static uint8_t *thing[OF_A_BLOCK];
    uint8_t *beside;

    for (size_t i = 0; i < OF_A_BLOCK; i++) {
        thing[i] = take(*state);
    }
    beside = take(*state);
    pool_give(beside);
    assert_true(is_mapped(beside));
    assert_ptr_equal(take(*state), beside);
    pool_give(beside);
    for (size_t i = 0; i < OF_A_BLOCK; i++) {
        pool_give(thing[i]);
    }
}

static void
a_block_that_went_back_is_made_again_in_its_place(void **state)
{
    static uint8_t *thing[MANY];
    uint32_t number;

    for (size_t i = 0; i < MANY; i++) {
        thing[i] = take(*state);
    }
    number = pool_number(thing[OF_A_BLOCK]);
    for (size_t i = 0; i < (size_t)2 * OF_A_BLOCK; i++) {
        pool_give(thing[i]);
    }
    for (size_t i = 0; i < (size_t)2 * OF_A_BLOCK; i++) {
        thing[i] = take(*state);
    }
    assert_int_equal(pool_number(thing[OF_A_BLOCK]), number);
    assert_ptr_equal(pool_at(*state, number), thing[OF_A_BLOCK]);
    for (size_t i = 0; i < MANY; i++) {
        pool_give(thing[i]);
    }
}

/* Has the system noted that advice (nh: small pages, hg: large ones) for where
 * a thing lies?  True where it has no large pages. */
static bool
is_advised(const void *thing, const char *flag)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    uintptr_t begin;
    uintptr_t end;
    bool inside = false;
    bool advised = access("/sys/kernel/mm/transparent_hugepage", F_OK) != 0;
    char line[512];

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &begin, &end) == 2) {
            inside = (uintptr_t)thing >= begin && (uintptr_t)thing < end;
        } else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
            advised = advised || strstr(line, flag) != NULL;
        }
    }
    assert_int_equal(fclose(file), 0);
    return advised;
}

static void
all_blocks_but_the_first_are_of_large_pages(void **state)
{
    static uint8_t *thing[OF_A_BLOCK + 1];

    for (size_t i = 0; i <= OF_A_BLOCK; i++) {
        thing[i] = take(*state);
    }
    assert_true(is_advised(thing[0], " nh "));
    assert_true(is_advised(thing[OF_A_BLOCK], " hg "));
    for (size_t i = 0; i <= OF_A_BLOCK; i++) {
        pool_give(thing[i]);
    }
}

static void
without_memory_there_is_no_thing(void **state)
{
    struct rlimit all;
    struct rlimit none;
    uint8_t *thing;

    assert_int_equal(getrlimit(RLIMIT_AS, &all), 0);
    none = (struct rlimit){ .rlim_cur = 1 << 20, .rlim_max = all.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
    thing = pool_take(*state);
    assert_int_equal(setrlimit(RLIMIT_AS, &all), 0);
    assert_null(thing);
    pool_give(take(*state));
}

/* ---- who holds it ---- */

static void
a_pool_outlives_its_maker_until_its_last_thing_is_given(void **state)
{
    struct pool *pool = NULL;
    uint8_t *first;
    uint8_t *last;

    assert_int_equal(pool_new(SIZE, &pool), VLT_OK);
    first = take(pool);
    last = take(pool);
    pool_free(pool);
    memset(first, 1, SIZE);
    pool_give(first);
    assert_zero(last);
    assert_true(is_mapped(last));
    pool_give(last);
    assert_false(is_mapped(last));
    pool_give(NULL);
    pool_free(NULL);
}

struct worker {
    struct pool *pool;
    uint8_t mark;
    bool spoilt;
};

static bool
is_marked(const uint8_t *thing, uint8_t mark)
{
    return thing != NULL && thing[0] == mark && thing[SIZE - 1] == mark;
}

/* It holds some, and gives back now this and now that. */
static void
work(void *ctx)
{
    struct worker *self = ctx;
    uint8_t *thing[AT_ONCE] = { 0 };
    uint32_t dice = self->mark;

    for (int i = 0; i < TIMES; i++) {
        dice = dice * 1664525 + 1013904223;
        uint8_t **at = &thing[(dice >> 16) % AT_ONCE];

        if (*at != NULL) {
            self->spoilt = self->spoilt || !is_marked(*at, self->mark);
            pool_give(*at);
            *at = NULL;
            continue;
        }
        *at = pool_take(self->pool);
        self->spoilt = self->spoilt || !is_marked(*at, 0);
        if (*at != NULL) {
            memset(*at, self->mark, SIZE);
        }
    }
    for (size_t i = 0; i < AT_ONCE; i++) {
        if (thing[i] != NULL) {
            pool_give(thing[i]);
        }
    }
}

/* Of things that fill a block each, so that blocks come and go. */
static void
work_in_blocks(void *ctx)
{
    struct worker *self = ctx;
    uint8_t *thing[BLOCKS] = { 0 };

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < BLOCKS; i++) {
            thing[i] = pool_take(self->pool);
            self->spoilt = self->spoilt || !is_marked(thing[i], 0);
            if (thing[i] != NULL) {
                memset(thing[i], self->mark, SIZE);
            }
        }
        for (size_t i = 0; i < BLOCKS; i++) {
            self->spoilt =
                self->spoilt || !is_marked(thing[i], self->mark) ||
                pool_at(self->pool, pool_number(thing[i])) != thing[i];
            pool_give(thing[i]);
        }
    }
}

static void
assert_unspoilt(struct pool *pool, void (*fn)(void *))
{
    struct worker worker[THREADS];
    struct thread *thread[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        worker[i] = (struct worker){ .pool = pool, .mark = (uint8_t)(i + 1) };
        assert_int_equal(thread_start("work", fn, &worker[i], &thread[i]),
                         VLT_OK);
    }
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(thread[i]);
        assert_false(worker[i].spoilt);
    }
}

static void
threads_take_and_give_beside_each_other(void **state)
{
    assert_unspoilt(*state, work);
}

static void
threads_make_blocks_beside_each_other(void **state)
{
    struct pool *pool = NULL;

    assert_int_equal(pool_new(POOL_SIZE_MAX, &pool), VLT_OK);
    assert_unspoilt(pool, work_in_blocks);
    pool_free(pool);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(things_begin_with_a_line_and_are_zero),
        EACH(what_was_given_back_is_taken_again_and_is_zero),
        EACH(no_thing_lies_in_another),
        EACH(things_are_found_by_numbers_that_are_their_own),
        EACH(blocks_without_things_go_back_but_for_one),
        EACH(a_thing_beside_a_full_block_needs_no_new_block_each_time),
        EACH(a_block_that_went_back_is_made_again_in_its_place),
        EACH(all_blocks_but_the_first_are_of_large_pages),
        EACH(without_memory_there_is_no_thing),
        cmocka_unit_test(
            a_pool_outlives_its_maker_until_its_last_thing_is_given),
        EACH(threads_take_and_give_beside_each_other),
        cmocka_unit_test(threads_make_blocks_beside_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
