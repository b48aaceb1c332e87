#include "wire/block.h"

#include "unit.h"

#include "base/time.h"
#include "base/writer.h"

static const struct vlt_field two[] = { { 0, VLT_TYPE_F64 },
                                        { 9, VLT_TYPE_TEXT } };
static const struct vlt_field one[] = { { 0, VLT_TYPE_F64 } };

static struct vlt_rows *
rows_of(const struct vlt_field *fields, size_t columns, size_t count)
{
    struct vlt_schema schema = { .fields = fields, .count = columns };
    struct vlt_rows *rows = NULL;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(vlt_rows_add(rows, (int64_t)i * VLT_SECOND), VLT_OK);
        vlt_rows_set(rows, 0, vlt_bits_of((double)i));
    }
    return rows;
}

static void
say(struct vlt_rows *rows, const char *words)
{
    assert_int_equal(vlt_rows_set_text(rows, 1, vlt_slice_text(words)), VLT_OK);
}

static struct vlt_buf
encoded(const struct vlt_rows *rows)
{
    struct vlt_buf buf = { 0 };

    assert_int_equal(vlt_block_encode(rows, vlt_rows_all(rows), 0, &buf),
                     VLT_OK);
    return buf;
}

/* Decode the block of these rows into what is there, and free them. */
static void
goes_into(struct vlt_rows *rows, struct vlt_rows **into)
{
    struct vlt_buf buf = encoded(rows);

    assert_int_equal(vlt_block_decode_into(vlt_buf_slice(&buf), VLT_BLOCK_DISK,
                                           NULL, NULL, into),
                     VLT_OK);
    assert_true(vlt_rows_same(*into, rows));
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

/* The length of the last column's payload, as its entry has it. */
static size_t
text_payload(struct vlt_slice block)
{
    return vlt_load_u32(block.at + VLT_BLOCK_HEAD + 2 * VLT_BLOCK_ENTRY - 4);
}

static void
nothing_of_the_block_before_is_left(void **state)
{
    struct vlt_rows *rows = rows_of(two, 2, 9);
    struct vlt_rows *into = NULL;

    say(rows, "the last of nine");
    goes_into(rows, &into);

    /* Its only text is of a row that had none before. */
    rows = rows_of(two, 2, 1);
    say(rows, "one");
    goes_into(rows, &into);

    /* Not each row has a text, and those that have none are counted. */
    rows = rows_of(two, 2, 3);
    assert_int_equal(vlt_rows_add(rows, VLT_HOUR), VLT_OK);
    say(rows, "behind three without");
    goes_into(rows, &into);
    assert_false(vlt_rows_has(into, 0, 1));
    vlt_rows_free(into);
}

static void
more_rows_and_other_columns_than_before_find_room(void **state)
{
    struct vlt_rows *rows = rows_of(two, 2, 2);
    struct vlt_rows *into = NULL;

    say(rows, "two");
    goes_into(rows, &into);
    goes_into(rows_of(one, 1, 5000), &into);
    goes_into(rows_of(one, 1, 20), &into);
    rows = rows_of(two, 2, 700);
    say(rows, "seven hundred");
    goes_into(rows, &into);
    vlt_rows_free(into);
}

static void
of_a_block_that_does_not_decode_nothing_is_left(void **state)
{
    struct vlt_rows *rows = rows_of(one, 1, 100);
    struct vlt_buf buf = encoded(rows);
    struct vlt_rows *into = NULL;
    const char *why = NULL;

    goes_into(rows, &into);
    buf.len -= 3; /* the last payload is too short */
    assert_int_equal(vlt_block_decode_into(vlt_buf_slice(&buf), VLT_BLOCK_DISK,
                                           NULL, &why, &into),
                     VLT_E_FORMAT);
    assert_null(into);
    assert_non_null(why);
    vlt_buf_free(&buf);
}

static void
of_values_that_do_not_decode_nothing_is_left(void **state)
{
    struct vlt_rows *rows = rows_of(two, 2, 10);
    struct vlt_rows *into = NULL;
    const char *why = NULL;

    say(rows, "ten");
    struct vlt_buf buf = encoded(rows);

    goes_into(rows, &into);
    /* The bitmap of the texts is the first of their payload, and says of a row
     * behind the last that it has one. */
    uint8_t *bitmap = buf.at + buf.len - text_payload(vlt_buf_slice(&buf));

    bitmap[1] |= 0x80;
    assert_int_equal(vlt_block_decode_into(vlt_buf_slice(&buf), VLT_BLOCK_DISK,
                                           NULL, &why, &into),
                     VLT_E_FORMAT);
    assert_null(into);
    assert_string_equal(why, "unused bits of a bitmap are not zero");
    vlt_buf_free(&buf);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_of_the_block_before_is_left),
        cmocka_unit_test(more_rows_and_other_columns_than_before_find_room),
        cmocka_unit_test(of_a_block_that_does_not_decode_nothing_is_left),
        cmocka_unit_test(of_values_that_do_not_decode_nothing_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
