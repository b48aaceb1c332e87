/* The queue of first answers, and their text. */
#include "unit.h"

#include <string.h>

#include "store/idem_queue.h"
#include "store/idem_text.h"

static struct idem_item
item(uint64_t version)
{
    return (struct idem_item){ .version = version,
                               .key = { (uint8_t)version } };
}

static void
push(struct idem_queue *queue, uint64_t version)
{
    struct idem_item one = item(version);

    assert_int_equal(idem_queue_push(queue, &one), VLT_OK);
}

static void
add(struct idem_queue *queue, struct idem_change *change, uint64_t version)
{
    struct idem_item one = item(version);

    assert_int_equal(idem_change_add(queue, change, &one), VLT_OK);
}

static void
the_oldest_comes_first(void **state)
{
    struct idem_queue queue = { 0 };
    struct idem_change change = { 0 };

    assert_null(idem_queue_oldest(&queue, &change));
    push(&queue, 9);
    push(&queue, 3);
    push(&queue, 7);
    idem_queue_sort(&queue);
    assert_int_equal(idem_queue_oldest(&queue, &change)->version, 3);
    change.dropped = 2;
    assert_int_equal(idem_queue_oldest(&queue, &change)->version, 9);
    assert_int_equal(idem_queue_left(&queue, &change), 1);
    change.dropped = 3;
    assert_null(idem_queue_oldest(&queue, &change));
    idem_queue_free(&queue);
}

static void
a_change_counts_only_when_it_is_applied(void **state)
{
    struct idem_queue queue = { 0 };
    struct idem_change change = { 0 };
    struct idem_change none = { 0 };

    push(&queue, 1);
    push(&queue, 2);
    change.dropped = 1;
    add(&queue, &change, 5);
    add(&queue, &change, 5);
    assert_int_equal(idem_queue_left(&queue, &none), 2);
    assert_int_equal(idem_queue_left(&queue, &change), 3);
    assert_int_equal(idem_queue_oldest(&queue, &none)->version, 1);
    idem_change_apply(&queue, &change);
    assert_int_equal(idem_queue_left(&queue, &none), 3);
    assert_int_equal(idem_queue_oldest(&queue, &none)->version, 2);
    idem_change_free(&change);
    idem_queue_free(&queue);
}

static void
a_long_life_does_not_grow_the_memory(void **state)
{
    struct idem_queue queue = { 0 };

    for (uint64_t i = 1; i <= 100000; i++) {
        struct idem_change change = { .dropped = queue.count > 100 ? 2 : 0 };

        add(&queue, &change, i);
        idem_change_apply(&queue, &change);
        idem_change_free(&change);
    }
    assert_true(queue.cap <= 1024);
    for (size_t i = 1; i < queue.count; i++) {
        const struct idem_item *at = queue.item + queue.head + i;

        assert_int_equal(at->version, (at - 1)->version + 1);
    }
    assert_int_equal(queue.item[queue.head + queue.count - 1].version, 100000);
    idem_queue_free(&queue);
}

static const struct {
    const char *answer;
    int64_t when;
    const char *text;
} texts[] = {
    { "{}", 5, "{\"answer\":{},\"t\":5,\"v\":1}" },
    { "null", -7, "{\"answer\":null,\"t\":-7,\"v\":1}" },
    { "\",\\\"t\\\":9\"", INT64_MAX,
      "{\"answer\":\",\\\"t\\\":9\",\"t\":9223372036854775807,\"v\":1}" },
    { "{\"t\":9,\"v\":1}", 1,
      "{\"answer\":{\"t\":9,\"v\":1},\"t\":1,\"v\":1}" },
    { "12", INT64_MIN, "{\"answer\":12,\"t\":-9223372036854775808,\"v\":1}" },
};

static void
answers_are_wrapped_and_unwrapped(void **state)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct vlt_buf text = { 0 };
        struct vlt_slice answer;
        int64_t when;

        idem_text_put(&text, vlt_slice_text(texts[i].answer), texts[i].when);
        assert_string_equal(vlt_buf_text(&text), texts[i].text);
        assert_int_equal(idem_text_get(vlt_buf_slice(&text), &answer, &when),
                         VLT_OK);
        assert_true(vlt_slice_is(answer, texts[i].answer));
        assert_true(when == texts[i].when);
        vlt_buf_free(&text);
    }
}

static void
no_other_text_is_unwrapped(void **state)
{
    static const char *const refused[] = {
        "",
        "{}",
        "{\"answer\":,\"t\":5,\"v\":1}",
        "{\"answer\":{},\"t\":,\"v\":1}",
        "{\"answer\":{},\"t\":5x,\"v\":1}",
        "{\"answer\":{},\"t\":5,\"v\":2}",
        "{\"answer\":{},\"t\":5,\"v\":1} ",
        "{\"answer\":{},\"t\":99999999999999999999,\"v\":1}",
        "{\"answer\":{},\"t\":5-5,\"v\":1}",
        "\"answer\":{},\"t\":5,\"v\":1}",
        ",\"t\":5,\"v\":1}",
    };

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct vlt_slice answer;
        int64_t when;

        print_message("%s\n", refused[i]);
        assert_int_equal(
            idem_text_get(vlt_slice_text(refused[i]), &answer, &when),
            VLT_E_FORMAT);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_comes_first),
        cmocka_unit_test(a_change_counts_only_when_it_is_applied),
        cmocka_unit_test(a_long_life_does_not_grow_the_memory),
        cmocka_unit_test(answers_are_wrapped_and_unwrapped),
        cmocka_unit_test(no_other_text_is_unwrapped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
