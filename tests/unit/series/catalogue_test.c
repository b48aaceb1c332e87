#include "bench.h"

static enum vlt_status
create(struct bench *b, const struct stream *wish)
{
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, 0);
    st = series_create(b->series, b->txn, wish, &why, NULL);
    assert_int_equal(why.len > 0, st == VLT_E_FORMAT); /* it says what */
    vlt_buf_free(&why);
    return st;
}

static void
what_could_not_be_read_back_is_refused(void **state)
{
    struct stream_column column[2] = { one_value[0], one_value[0] };
    struct stream wish;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    wish = wish_of("no such name", one_value, 1);
    assert_int_equal(create(&b, &wish), VLT_E_FORMAT);
    wish = wish_of("a", one_value, 0);
    assert_int_equal(create(&b, &wish), VLT_E_FORMAT);
    wish = wish_of("a", one_value, 1);
    wish.unit[0] = '\0';
    assert_int_equal(create(&b, &wish), VLT_E_FORMAT);
    wish = wish_of("a", one_value, 1);
    wish.category[0] = '\n';
    assert_int_equal(create(&b, &wish), VLT_E_FORMAT);
    for (int64_t keep = -1; keep <= 0; keep++) {
        wish = wish_of("a", one_value, 1);
        wish.keep = keep;
        assert_int_equal(create(&b, &wish), VLT_E_FORMAT);
    }
    wish = wish_of("a", column, 2);
    assert_int_equal(create(&b, &wish), VLT_E_FORMAT); /* one id twice */
    column[1].id = 1;
    assert_int_equal(create(&b, &wish), VLT_E_FORMAT); /* one name twice */
    (void)snprintf(column[1].name, sizeof column[1].name, "time");
    assert_int_equal(create(&b, &wish), VLT_E_FORMAT);
    (void)snprintf(column[1].name, sizeof column[1].name, "b");
    column[1].id = SERIES_COLUMNS_MAX;
    assert_int_equal(create(&b, &wish), VLT_E_FORMAT);
    column[1].id = 1;
    column[1].type = VLT_TYPE_JSON + 1;
    assert_int_equal(create(&b, &wish), VLT_E_FORMAT);
    column[1].type = VLT_TYPE_JSON;
    assert_int_equal(create(&b, &wish), VLT_OK);
    turn_commit(&b);
    bench_reopen(&b);
    bench_end(&b);
}

static void
a_name_is_taken_once(void **state)
{
    struct stream wish = wish_of("a", one_value, 1);
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    assert_int_equal(create(&b, &wish), VLT_OK);
    assert_int_equal(create(&b, &wish), VLT_E_CONFLICT);
    turn_commit(&b);
    turn_begin(&b);
    assert_int_equal(create(&b, &wish), VLT_E_CONFLICT);
    turn_abort(&b);
    bench_end(&b);
}

static void
a_stream_is_found_from_the_commit_on(void **state)
{
    const struct stream *made;
    const struct stream *found;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    made = make_stream(&b, "a");
    assert_null(series_by_name(b.series, vlt_slice_text("a")));
    assert_null(series_by_id(b.series, made->id));
    found = series_now_by_name(b.series, vlt_slice_text("a"));
    assert_ptr_equal(found, made);
    stream_release(found);
    turn_commit(&b);
    found = series_by_id(b.series, made->id);
    assert_ptr_equal(found, made);
    stream_release(found);
    stream_release(made);
    bench_end(&b);
}

static void
a_change_makes_a_new_stream(void **state)
{
    struct series_change change = { .unit = "kW" };
    const struct stream *old;
    const struct stream *now;
    struct bench b;

    bench_begin(&b);
    old = new_stream(&b, "a");
    turn_begin(&b);
    assert_int_equal(series_set(b.series, b.txn, old->id, &change, &now),
                     VLT_OK);
    turn_abort(&b);
    stream_release(now);
    now = series_by_name(b.series, vlt_slice_text("a"));
    assert_ptr_equal(now, old);
    stream_release(now);
    turn_begin(&b);
    assert_int_equal(series_set(b.series, b.txn, old->id, &change, NULL),
                     VLT_OK);
    turn_commit(&b);
    now = series_by_name(b.series, vlt_slice_text("a"));
    assert_string_equal(now->unit, "kW");
    assert_string_equal(now->category, "energy.electricity");
    assert_string_equal(old->unit, "W");
    stream_release(now);
    stream_release(old);
    bench_end(&b);
}

static void
a_bad_change_is_refused(void **state)
{
    static char longer[SERIES_UNIT_MAX + 2];
    const struct series_change bad[] = {
        { .unit = "" },        { .category = "" }, { .keep = -1 },
        { .unit = longer },    { .unit = "\x01" }, { .category = longer },
        { .category = "\xff" }
    };
    const uint8_t nobody[VLT_ID_LEN] = { 1 };
    const struct stream *stream;
    struct bench b;

    memset(longer, 'a', sizeof longer - 1);
    bench_begin(&b);
    stream = new_stream(&b, "a");
    turn_begin(&b);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(series_set(b.series, b.txn, stream->id, &bad[i], NULL),
                         VLT_E_FORMAT);
    }
    assert_int_equal(series_set(b.series, b.txn, nobody, &bad[0], NULL),
                     VLT_E_NOT_FOUND);
    turn_commit(&b);
    bench_reopen(&b);
    stream_release(stream);
    bench_end(&b);
}

static enum vlt_status
add_column(struct bench *b, const struct stream *stream, const char *name,
           uint8_t type)
{
    return series_add_column(b->series, b->txn, stream->id,
                             vlt_slice_text(name), type, NULL);
}

static void
columns_are_added_until_no_id_is_left(void **state)
{
    const struct stream *stream;
    const struct stream *now;
    char name[16];
    struct bench b;

    bench_begin(&b);
    stream = new_stream(&b, "a");
    turn_begin(&b);
    assert_int_equal(add_column(&b, stream, "1st", 0), VLT_E_FORMAT);
    assert_int_equal(add_column(&b, stream, "b", VLT_TYPE_JSON + 1),
                     VLT_E_FORMAT);
    assert_int_equal(add_column(&b, stream, "value", 0), VLT_E_CONFLICT);
    for (int i = 1; i < SERIES_COLUMNS_MAX; i++) {
        (void)snprintf(name, sizeof name, "c%d", i);
        assert_int_equal(add_column(&b, stream, name, VLT_TYPE_I64), VLT_OK);
    }
    assert_int_equal(add_column(&b, stream, "beyond", 0), VLT_E_LIMIT);
    turn_commit(&b);
    bench_reopen(&b);
    now = series_by_name(b.series, vlt_slice_text("a"));
    assert_int_equal(now->columns, SERIES_COLUMNS_MAX);
    assert_int_equal(stream_column_find(now, vlt_slice_text("c63")), 63);
    assert_int_equal(stream_column_find(now, vlt_slice_text("c64")), -1);
    assert_int_equal(now->column[63].id, 63);
    stream_release(now);
    stream_release(stream);
    bench_end(&b);
}

static void
no_column_comes_after_the_last_id(void **state)
{
    const struct stream_column last[] = { { .id = 63, .name = "z" } };
    struct stream wish = wish_of("a", last, 1);
    const struct stream *stream;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    assert_int_equal(series_create(b.series, b.txn, &wish, NULL, &stream),
                     VLT_OK);
    assert_int_equal(add_column(&b, stream, "b", 0), VLT_E_LIMIT);
    turn_commit(&b);
    stream_release(stream);
    bench_end(&b);
}

static bool
note_name(void *ctx, const struct stream *stream)
{
    vlt_buf_printf(ctx, "%s ", stream->name);
    return strcmp(stream->name, "c") != 0;
}

static void
streams_come_by_name(void **state)
{
    static const char *const names[] = { "d", "b/x", "c", "a", "b" };
    struct vlt_buf seen;
    struct bench b;

    bench_begin(&b);
    turn_begin(&b);
    for (size_t i = 0; i < 5; i++) {
        stream_release(make_stream(&b, names[i]));
    }
    turn_commit(&b);
    for (int round = 0; round < 2; round++) {
        vlt_buf_init(&seen, 0);
        series_each(b.series, note_name, &seen);
        assert_true(vlt_slice_is(vlt_buf_slice(&seen), "a b b/x c "));
        vlt_buf_free(&seen);
        bench_reopen(&b);
    }
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_could_not_be_read_back_is_refused),
        cmocka_unit_test(a_name_is_taken_once),
        cmocka_unit_test(a_stream_is_found_from_the_commit_on),
        cmocka_unit_test(a_change_makes_a_new_stream),
        cmocka_unit_test(a_bad_change_is_refused),
        cmocka_unit_test(columns_are_added_until_no_id_is_left),
        cmocka_unit_test(no_column_comes_after_the_last_id),
        cmocka_unit_test(streams_come_by_name),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
