/* Documents that have memory of their own, as the daemon's have. */
#include "json/json.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

#if defined __SANITIZE_ADDRESS__
#define WATCHED true
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WATCHED true
#endif
#endif
#ifndef WATCHED
#define WATCHED false /* the C library's heap can be asked */
#endif

enum { TEXT_MAX = 4 << 20, DEPTH = 64, MIB = 1 << 20, THREADS = 8 };

static struct vlt_json *
parsed(struct vlt_slice text)
{
    struct vlt_json *json = NULL;

    assert_int_equal(vlt_json_parse(text, TEXT_MAX, DEPTH, NULL, &json),
                     VLT_OK);
    return json;
}

/* A list of so many objects of four members, and one long text before them. */
static void
put_list(struct vlt_buf *out, size_t count, size_t long_text)
{
    vlt_buf_clear(out);
    vlt_buf_put_text(out, "[\"");
    for (size_t i = 0; i < long_text; i++) {
        vlt_buf_put_u8(out, (uint8_t)('a' + i % 26));
    }
    vlt_buf_put_text(out, "\"");
    for (size_t i = 0; i < count; i++) {
        char number[24];

        (void)snprintf(number, sizeof number, "%zu", i);
        vlt_buf_put_text(out, ",{\"t\":");
        vlt_buf_put_text(out, number);
        vlt_buf_put_text(out, ",\"v\":0.5,\"name\":\"caf\xC3\xA9\",\"l\":[[],"
                              "true,null,[1,2,3,4,5,6,7,8,9,10]]}");
    }
    vlt_buf_put_text(out, "]");
}

static void
must_print_the_same(const struct vlt_json *json, struct vlt_slice text)
{
    struct vlt_buf out = { 0 };

    vlt_json_print(json, false, &out);
    assert_int_equal(out.len, text.len);
    assert_memory_equal(out.at, text.at, text.len);
    vlt_buf_free(&out);
}

static void
a_text_of_any_size_is_read_as_it_was_written(void **state)
{
    struct vlt_buf text = { 0 };

    for (size_t count = 0; count < 3000; count += 1 + count) {
        for (size_t len = 0; len < 100000; len += 1 + 3 * len) {
            put_list(&text, count, len);
            struct vlt_json *json = parsed(vlt_buf_slice(&text));

            must_print_the_same(json, vlt_buf_slice(&text));
            vlt_json_free(json);
        }
    }
    vlt_buf_free(&text);
}

static void
a_document_of_one_value_is_read_too(void **state)
{
    static const char *const texts[] = { "true", "false",  "null", "7",
                                         "2.5",  "\"té\"", "[]",   "{}" };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct vlt_json *json = parsed(vlt_slice_text(texts[i]));
        struct vlt_json *other = vlt_json_hold(json);

        vlt_json_free(json);
        must_print_the_same(other, vlt_slice_text(texts[i]));
        vlt_json_free(other);
    }
    vlt_json_free(NULL);
}

static void
documents_go_in_any_order(void **state)
{
    enum { ALL = 40 };
    struct vlt_json *all[ALL];
    struct vlt_buf text = { 0 };

    for (size_t i = 0; i < ALL; i++) {
        put_list(&text, i, i);
        all[i] = parsed(vlt_buf_slice(&text));
    }
    for (size_t i = 0; i < ALL; i++) {
        size_t k = i * 7 % ALL;

        put_list(&text, k, k);
        must_print_the_same(all[k], vlt_buf_slice(&text));
        vlt_json_free(all[k]);
    }
    vlt_buf_free(&text);
}

static void
a_document_lives_until_its_last_owner(void **state)
{
    struct vlt_slice text = vlt_slice_text("{\"a\":[1,{\"b\":\"c\"}]}");
    struct vlt_json *json = parsed(text);
    struct vlt_json *other = vlt_json_hold(json);
    struct vlt_json *third = vlt_json_hold(other);

    vlt_json_free(json);
    must_print_the_same(other, text);
    vlt_json_free(other);
    /* What would be taken of it if it were gone. */
    struct vlt_json *next = parsed(vlt_slice_text("[7,7,7,7,7,7,7,7,7,7]"));

    must_print_the_same(third, text);
    vlt_json_free(next);
    vlt_json_free(third);
}

static size_t
in_use(void)
{
    struct mallinfo2 heap = mallinfo2();

    return heap.uordblks + heap.hblkhd;
}

static void
a_text_that_is_refused_leaves_nothing_behind(void **state)
{
    struct vlt_buf text = { 0 };
    struct vlt_json *json = NULL;

    size_t before = 0;

    put_list(&text, 40, 20000);

    for (size_t len = 0; len < text.len; len += len < 300 ? 1 : 17) {
        if (len == 200) {
            before = in_use(); /* what is kept is there */
        }
        assert_int_equal(vlt_json_parse(vlt_slice_of(text.at, len), TEXT_MAX,
                                        DEPTH, NULL, &json),
                         VLT_E_FORMAT);
    }
    assert_null(json);
    if (!WATCHED) {
        assert_true(in_use() <= before);
    }
    vlt_buf_free(&text);
}

static void
must_be_wiped(struct vlt_slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        assert_int_equal(bytes.at[i], 0);
    }
}

/* The memory of a document that is kept for the next one has nothing of it. */
static void
a_document_is_wiped_when_it_goes(void **state)
{
    struct vlt_json *json = parsed(
        vlt_slice_text("{\"the name\":\"the secret\",\"x\":[1,2,\"more\"]}"));
    struct vlt_slice secret = vlt_json_text_of(vlt_json_get(json, "the name"));
    struct vlt_slice more =
        vlt_json_text_of(vlt_json_item(vlt_json_get(json, "x"), 2));

    assert_true(vlt_slice_is(secret, "the secret"));
    assert_true(vlt_slice_is(more, "more"));
    vlt_json_free(json);
    if (WATCHED) {
        skip(); /* nothing is kept */
    }
    must_be_wiped(secret);
    must_be_wiped(more);
}

/* A text that is refused in a word has given that back before. */
static void
what_was_read_of_a_refused_text_is_wiped(void **state)
{
    struct vlt_json *json = parsed(vlt_slice_text("[\"the secret\\u0001\"]"));
    struct vlt_slice where = vlt_json_text_of(vlt_json_item(json, 0));

    vlt_json_free(json);
    assert_int_equal(vlt_json_parse(vlt_slice_text("[\"the secret\\u0000\"]"),
                                    TEXT_MAX, DEPTH, NULL, &json),
                     VLT_E_FORMAT);
    if (WATCHED) {
        skip();
    }
    must_be_wiped(where);
}

/* Bytes of the heap for the text's document. */
static size_t
taken_for(struct vlt_slice text)
{
    size_t before = in_use();
    struct vlt_json *json = parsed(text);
    size_t after = in_use();

    vlt_json_free(json);
    assert_true(WATCHED || in_use() <= before + 4 * 4096 + 1024);
    return after - before;
}

static void
a_text_costs_no_more_memory_than_pieces_would(void **state)
{
    struct vlt_buf text = { 0 };

    if (WATCHED) {
        skip();
    }
    put_list(&text, 0, MIB);
    assert_in_range(taken_for(vlt_buf_slice(&text)), MIB, MIB + 80 * 1024);
    vlt_buf_clear(&text);
    vlt_buf_put_text(&text, "[\"\"");
    while (text.len < MIB - 16) {
        vlt_buf_put_text(&text, ",\"abc\"");
    }
    vlt_buf_put_text(&text, "]");
    size_t taken = taken_for(vlt_buf_slice(&text));

    /* A node of 40 bytes, its text and its place in the list by 6 of text. */
    print_message("%zu bytes for %zu of text\n", taken, text.len);
    assert_in_range(taken, 10 * text.len, 18 * text.len);
    vlt_buf_free(&text);
}

static void *
read_many(void *ctx)
{
    struct vlt_json **kept = ctx;
    struct vlt_buf text = { 0 };

    for (size_t i = 0; i < 400; i++) {
        put_list(&text, i % 50, i * 30);
        struct vlt_json *json = parsed(vlt_buf_slice(&text));

        must_print_the_same(json, vlt_buf_slice(&text));
        vlt_json_free(json);
    }
    put_list(&text, 3, 3);
    *kept = parsed(vlt_buf_slice(&text));
    vlt_buf_free(&text);
    return NULL;
}

static void
threads_have_documents_of_their_own_and_free_those_of_others(void **state)
{
    pthread_t threads[THREADS];
    struct vlt_json *kept[THREADS];
    struct vlt_buf text = { 0 };

    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_many, &kept[i]),
                         0);
    }
    put_list(&text, 3, 3);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        must_print_the_same(kept[i], vlt_buf_slice(&text));
        vlt_json_free(kept[i]);
    }
    vlt_buf_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_of_any_size_is_read_as_it_was_written),
        cmocka_unit_test(a_document_of_one_value_is_read_too),
        cmocka_unit_test(documents_go_in_any_order),
        cmocka_unit_test(a_document_lives_until_its_last_owner),
        cmocka_unit_test(a_text_that_is_refused_leaves_nothing_behind),
        cmocka_unit_test(a_document_is_wiped_when_it_goes),
        cmocka_unit_test(what_was_read_of_a_refused_text_is_wiped),
        cmocka_unit_test(a_text_costs_no_more_memory_than_pieces_would),
        cmocka_unit_test(
            threads_have_documents_of_their_own_and_free_those_of_others),
    };

    vlt_json_own_memory();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
