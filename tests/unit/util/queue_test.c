#include "unit.h"

#include <sched.h>

#include "util/atomic.h"
#include "util/queue.h"
#include "util/thread.h"

enum {
    ITEMS = 64,
    PRODUCERS = 3,
    LISTS = 500,
    LIST = 7,
    CHANCES = 1000,
};

struct item {
    struct item *next;
    unsigned number;
};

static struct item items[ITEMS];

/* Items from .. to - 1 as a list. */
static struct item *
list(unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        items[i].number = i;
        items[i].next = i + 1 < to ? &items[i + 1] : NULL;
    }
    return &items[from];
}

static void
assert_list(const struct item *first, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        assert_non_null(first);
        assert_int_equal(first->number, i);
        first = first->next;
    }
    assert_null(first);
}

static struct queue *
queue_of(size_t limit)
{
    struct queue *queue = NULL;

    assert_int_equal(queue_new(limit, &queue), VLT_OK);
    return queue;
}

static void
lists_come_out_whole_and_in_order(void **state)
{
    struct queue *queue = queue_of(SIZE_MAX);

    assert_int_equal(queue_push(queue, list(0, 3)), VLT_OK);
    assert_int_equal(queue_push(queue, NULL), VLT_OK);
    assert_int_equal(queue_push(queue, list(3, 4)), VLT_OK);
    assert_int_equal(queue_push(queue, list(4, 10)), VLT_OK);
    assert_int_equal(queue_count(queue), 10);
    assert_list(queue_take(queue, SIZE_MAX, QUEUE_FOREVER), 0, 10);
    assert_int_equal(queue_count(queue), 0);
    assert_null(queue_take(queue, SIZE_MAX, 0));
    assert_null(queue_take(queue, SIZE_MAX, 1));
    queue_free(queue);
    queue_free(NULL);
}

static void
a_take_gets_no_more_than_it_wants(void **state)
{
    struct queue *queue = queue_of(SIZE_MAX);

    assert_int_equal(queue_push(queue, list(0, 10)), VLT_OK);
    assert_list(queue_take(queue, 4, 0), 0, 4);
    assert_int_equal(queue_count(queue), 6);
    assert_list(queue_take(queue, 1, 0), 4, 5);
    assert_int_equal(queue_push(queue, list(10, 12)), VLT_OK);
    assert_list(queue_take(queue, 7, 0), 5, 12);
    assert_null(queue_take(queue, 7, 0));
    queue_free(queue);
}

static void
a_list_that_does_not_fit_is_refused_whole(void **state)
{
    struct queue *queue = queue_of(5);
    struct item *more = list(3, 6);

    assert_int_equal(queue_push(queue, list(0, 3)), VLT_OK);
    assert_int_equal(queue_push(queue, more), VLT_E_BUSY);
    assert_int_equal(queue_count(queue), 3);
    assert_list(more, 3, 6); /* as it was */
    assert_int_equal(queue_push(queue, list(3, 5)), VLT_OK);
    assert_int_equal(queue_push(queue, list(5, 6)), VLT_E_BUSY);
    assert_list(queue_take(queue, SIZE_MAX, 0), 0, 5);
    assert_int_equal(queue_push(queue, list(0, 6)), VLT_E_BUSY);
    assert_int_equal(queue_push(queue, list(0, 5)), VLT_OK);
    queue_free(queue);
}

static void
a_closed_queue_gives_what_it_has_and_takes_nothing(void **state)
{
    struct queue *queue = queue_of(SIZE_MAX);

    assert_int_equal(queue_push(queue, list(0, 3)), VLT_OK);
    assert_false(queue_closed(queue));
    queue_close(queue);
    assert_true(queue_closed(queue));
    assert_int_equal(queue_push(queue, list(3, 4)), VLT_E_CONFLICT);
    assert_list(queue_take(queue, SIZE_MAX, QUEUE_FOREVER), 0, 3);
    assert_null(queue_take(queue, SIZE_MAX, QUEUE_FOREVER));
    queue_free(queue);
}

/* What a taker got, until it got nothing. */
struct taker {
    struct queue *queue;
    struct atomic *got;
};

static void
take_until_closed(void *ctx)
{
    struct taker *taker = ctx;

    while (queue_take(taker->queue, 1, QUEUE_FOREVER) != NULL) {
        (void)atomic_add(taker->got, 1);
    }
}

static void
closing_wakes_all_who_wait(void **state)
{
    struct queue *queue = queue_of(SIZE_MAX);
    struct atomic got = { 0 };
    struct taker taker = { queue, &got };
    struct thread *thread[PRODUCERS];

    for (size_t i = 0; i < PRODUCERS; i++) {
        assert_int_equal(
            thread_start("take", take_until_closed, &taker, &thread[i]),
            VLT_OK);
    }
    assert_int_equal(queue_push(queue, list(0, ITEMS)), VLT_OK);
    /* When all is taken, let them go back to waiting. */
    for (int i = 0; i < CHANCES || atomic_get(&got) < ITEMS; i++) {
        sched_yield();
    }
    queue_close(queue);
    for (size_t i = 0; i < PRODUCERS; i++) {
        thread_join(thread[i]);
    }
    assert_int_equal(atomic_get(&got), ITEMS);
    queue_free(queue);
}

/* A producer's items, numbered through. */
struct producer {
    struct queue *queue;
    struct item item[LISTS * LIST];
};

static void
produce(void *ctx)
{
    struct producer *producer = ctx;

    for (unsigned i = 0; i < LISTS * LIST; i += LIST) {
        for (unsigned j = i; j < i + LIST; j++) {
            producer->item[j].number = j;
            producer->item[j].next =
                j + 1 < i + LIST ? &producer->item[j + 1] : NULL;
        }
        assert_int_equal(queue_push(producer->queue, &producer->item[i]),
                         VLT_OK);
    }
}

static void
nothing_is_lost_and_each_producer_keeps_its_order(void **state)
{
    static struct producer producer[PRODUCERS];
    struct queue *queue = queue_of(SIZE_MAX);
    struct thread *thread[PRODUCERS];
    unsigned next[PRODUCERS] = { 0 };
    size_t got = 0;

    for (size_t i = 0; i < PRODUCERS; i++) {
        producer[i].queue = queue;
        assert_int_equal(
            thread_start("produce", produce, &producer[i], &thread[i]), VLT_OK);
    }
    while (got < (size_t)PRODUCERS * LISTS * LIST) {
        struct item *item = queue_take(queue, 100, QUEUE_FOREVER);

        assert_non_null(item);
        for (; item != NULL; item = item->next, got++) {
            size_t who = 0;

            while (item < producer[who].item ||
                   item >= producer[who].item + LISTS * LIST) {
                who++;
            }
            assert_int_equal(item->number, next[who]);
            next[who]++;
        }
    }
    for (size_t i = 0; i < PRODUCERS; i++) {
        thread_join(thread[i]);
    }
    assert_int_equal(queue_count(queue), 0);
    queue_free(queue);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_come_out_whole_and_in_order),
        cmocka_unit_test(a_take_gets_no_more_than_it_wants),
        cmocka_unit_test(a_list_that_does_not_fit_is_refused_whole),
        cmocka_unit_test(a_closed_queue_gives_what_it_has_and_takes_nothing),
        cmocka_unit_test(closing_wakes_all_who_wait),
        cmocka_unit_test(nothing_is_lost_and_each_producer_keeps_its_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
