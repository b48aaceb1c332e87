#include "wire/block.h"

#include <stdlib.h>

#include "block_rows.h"

static void
texts_that_repeat_become_a_dictionary(void **state)
{
    static const char *const words[] = { "open", "closed", "tilted" };
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_TEXT);
    size_t len;

    for (int i = 0; i < 256; i++) {
        block_add_text(rows, words[i * i % 3]);
    }
    /* header, entry, step; count, three lengths, the words; two groups */
    assert_int_equal(block_round(rows, &len), 3);
    assert_true(len < 24 + 8 + 8 + 2 + 4 + 16 + 2 * 33);
}

static void
texts_that_differ_go_round(void **state)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_TEXT);
    char words[64];

    for (int i = 0; i < 5000; i++) {
        snprintf(words, sizeof words, "%.*s %d ü", i % 40,
                 "a text that is cut at one length or another", i);
        block_add_text(rows, words);
    }
    (void)block_round(rows, NULL);
}

static void
an_empty_text_goes_round(void **state)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_TEXT);

    block_add_text(rows, "");
    block_add(rows);
    (void)block_round(rows, NULL);
}

static void
the_longest_text_goes_round(void **state)
{
    struct vlt_rows *rows = block_rows_of(VLT_TYPE_TEXT);
    char *words = malloc(VLT_VALUE_MAX + 1);

    assert_non_null(words);
    memset(words, 'x', VLT_VALUE_MAX);
    words[VLT_VALUE_MAX] = 0;
    block_add_text(rows, words);
    free(words);
    (void)block_round(rows, NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_repeat_become_a_dictionary),
        cmocka_unit_test(texts_that_differ_go_round),
        cmocka_unit_test(an_empty_text_goes_round),
        cmocka_unit_test(the_longest_text_goes_round),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
