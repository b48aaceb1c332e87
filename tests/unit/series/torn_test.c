/* Rows of one time that are more than a record holds lose none of them. */
#include "model.h"

static const struct stream_column note[] = {
    { .id = 0, .type = VLT_TYPE_TEXT, .name = "note" },
    { .id = 1, .type = VLT_TYPE_I64, .name = "n" },
};

static const struct stream *
note_stream(struct bench *b)
{
    struct stream wish = wish_of("a", note, 2);
    const struct stream *stream;

    turn_begin(b);
    assert_int_equal(series_create(b->series, b->txn, &wish, NULL, &stream),
                     VLT_OK);
    turn_commit(b);
    return stream;
}

/* Texts of which no coding takes more than an eighth away, at one time. */
static void
add_notes(struct vlt_rows *rows, uint32_t *x, size_t count, size_t len)
{
    char *text = malloc(len);

    assert_non_null(text);
    for (size_t row = 0; row < count; row++) {
        for (size_t i = 0; i < len; i++) {
            text[i] = (char)(1 + draw_of(x, 127));
        }
        assert_int_equal(vlt_rows_add(rows, VLT_HOUR), VLT_OK);
        assert_int_equal(vlt_rows_set_text(rows, 0, vlt_slice_of(text, len)),
                         VLT_OK);
        vlt_rows_set(rows, 1, draw_of(x, 1000));
    }
    free(text);
}

/* Small rows first, then large ones, then small ones again: the large ones
 * do not all go into the record that the first begin. */
static void
try_notes(size_t large, size_t len, size_t small)
{
    struct model model;
    struct bench b;
    struct vlt_rows *rows;
    uint32_t x = 7;

    bench_begin_small(&b);
    model_begin(&model, note_stream(&b));
    rows = rows_for(model.stream, &want_all);
    add_notes(rows, &x, 100, 200);
    commit_model(&b, &model, rows);
    rows = rows_for(model.stream, &want_all);
    add_notes(rows, &x, large, len);
    add_notes(rows, &x, small, 200);
    commit_model(&b, &model, rows);
    assert_true(stat_now(&b).chunks > 0);
    assert_model(&b, &model, 1000);
    reopen_small(&b);
    assert_model(&b, &model, 1000);
    model_end(&model);
    bench_end(&b);
}

static void
few_rows_behind_a_full_record_of_their_time_are_there(void **state)
{
    for (size_t len = 231000; len <= 239000; len += 1000) {
        try_notes(5, len, 0);
    }
}

static void
many_rows_behind_a_full_record_of_their_time_are_there(void **state)
{
    for (size_t small = 640; small <= 740; small += 20) {
        try_notes(4, 262000, small);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_rows_behind_a_full_record_of_their_time_are_there),
        cmocka_unit_test(
            many_rows_behind_a_full_record_of_their_time_are_there),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
