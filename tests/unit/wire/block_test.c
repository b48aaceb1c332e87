#include "wire/block.h"

#include <stdlib.h>

#include "hex_file.h"
#include "unit.h"

#include "base/time.h"

#define VECTORS VAULT_SOURCE "/tests/vectors/block/"
#define T0 (INT64_C(1700000000) * VLT_SECOND)

static const struct vlt_field f64[] = { { 0, VLT_TYPE_F64 } };
static const struct vlt_field i64[] = { { 5, VLT_TYPE_I64 } };
static const struct vlt_field boolean[] = { { 2, VLT_TYPE_BOOL } };
static const struct vlt_field mixed[] = {
    { 0, VLT_TYPE_F64 },  { 3, VLT_TYPE_I64 },   { 7, VLT_TYPE_BOOL },
    { 9, VLT_TYPE_TEXT }, { 63, VLT_TYPE_JSON },
};

static struct vlt_rows *
rows_of(const struct vlt_field *fields, size_t count)
{
    struct vlt_schema schema = { .fields = fields, .count = count };
    struct vlt_rows *rows = NULL;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    return rows;
}

static void
add(struct vlt_rows *rows, int64_t time)
{
    assert_int_equal(vlt_rows_add(rows, time), VLT_OK);
}

static void
add_f64(struct vlt_rows *rows, int64_t time, double value)
{
    add(rows, time);
    vlt_rows_set(rows, 0, vlt_bits_of(value));
}

static void
say(struct vlt_rows *rows, size_t column, const char *words)
{
    assert_int_equal(vlt_rows_set_text(rows, column, vlt_slice_text(words)),
                     VLT_OK);
}

static struct vlt_buf
encoded(const struct vlt_rows *rows)
{
    struct vlt_buf buf = { 0 };

    assert_int_equal(vlt_block_encode(rows, vlt_rows_all(rows), 0, &buf),
                     VLT_OK);
    return buf;
}

static struct vlt_rows *
decoded(struct vlt_slice bytes)
{
    struct vlt_rows *rows = NULL;
    const char *why = "";
    enum vlt_status st =
        vlt_block_decode(bytes, VLT_BLOCK_WIRE, NULL, &why, &rows);

    if (st != VLT_OK) {
        print_message("%s\n", why);
    }
    assert_int_equal(st, VLT_OK);
    return rows;
}

/* Encode and decode; the rows are freed.  Returns the block's bytes. */
static size_t
goes_round(struct vlt_rows *rows)
{
    struct vlt_buf buf = encoded(rows);
    struct vlt_rows *again = decoded(vlt_buf_slice(&buf));
    size_t len = buf.len;

    assert_true(vlt_rows_same(rows, again));
    vlt_rows_free(again);
    vlt_rows_free(rows);
    vlt_buf_free(&buf);
    return len;
}

/* ---- vectors ---- */

/* These rows and this file are the same; the rows are freed. */
static void
holds(struct vlt_rows *rows, const char *path)
{
    uint8_t bytes[512];
    size_t len = hex_file(path, bytes, sizeof bytes);
    struct vlt_buf buf = encoded(rows);
    struct vlt_rows *again = decoded(vlt_slice_of(bytes, len));

    assert_true(vlt_rows_same(rows, again));
    assert_int_equal(buf.len, len);
    assert_memory_equal(buf.at, bytes, len);
    vlt_rows_free(again);
    vlt_rows_free(rows);
    vlt_buf_free(&buf);
}

static void
one_row_is_as_published(void **state)
{
    struct vlt_rows *rows = rows_of(f64, 1);

    add_f64(rows, T0, 21.5);
    holds(rows, VECTORS "one_row.hex");
}

static void
four_raw_rows_are_as_published(void **state)
{
    static const double values[] = { 21.5, 21.6, 21.4, -0.0 };
    struct vlt_rows *rows = rows_of(f64, 1);

    for (int i = 0; i < 4; i++) {
        add_f64(rows, T0 + i * VLT_SECOND, values[i]);
    }
    holds(rows, VECTORS "four_rows.hex");
}

static void
a_late_stamp_and_a_patch_are_as_published(void **state)
{
    struct vlt_rows *rows = rows_of(f64, 1);

    for (int i = 0; i < 32; i++) {
        int64_t late = i == 3 ? 2000000 : 0;

        add_f64(rows, T0 + i * VLT_SECOND + late, (215 + i) / 10.0);
        if (i == 5) {
            vlt_rows_set(rows, 0, UINT64_C(0x7ff8000000000001));
        }
    }
    holds(rows, VECTORS "late_stamp.hex");
}

/* ---- round trips ---- */

/* Doubles that are no decimals, or hardly. */
static const uint64_t strange[] = {
    0x0000000000000000, 0x8000000000000000, /* both zeros */
    0x0000000000000001, 0x800fffffffffffff, /* subnormals */
    0x7fefffffffffffff, 0xffefffffffffffff, /* the greatest */
    0x7ff0000000000000, 0xfff0000000000000, /* infinities */
    0x7ff0000000000001, 0xfff4000000000000, /* signalling NaN */
    0x7ff8000000000000, 0xffffffffffffffff, /* quiet NaN */
    0x4340000000000000, 0x4340000000000001, /* 2^53 and the next */
    0xc340000000000000, 0x3fb999999999999a, /* -2^53, 0.1 */
    0x3fb999999999999b, 0x3e112e0be826d695, /* beside 0.1; 1e-9 */
};

enum { STRANGE = sizeof strange / sizeof *strange };

static void
every_strange_double_alone_goes_round(void **state)
{
    for (size_t i = 0; i < STRANGE; i++) {
        struct vlt_rows *rows = rows_of(f64, 1);

        add(rows, T0);
        vlt_rows_set(rows, 0, strange[i]);
        assert_int_equal(goes_round(rows), 40);
    }
}

/* Whole groups of 128 go another way than what is left of one. */
static void
every_strange_double_among_decimals_goes_round(void **state)
{
    for (size_t count = 40; count <= 300; count += 260) {
        for (size_t i = 0; i < STRANGE * 4; i++) {
            struct vlt_rows *rows = rows_of(f64, 1);

            for (size_t j = 0; j < count; j++) {
                add_f64(rows, T0 + (int64_t)j, 20 + (double)(j * j % 17) / 10);
            }
            vlt_rows_set_at(rows, i / STRANGE * (count - 1) / 3, 0,
                            strange[i % STRANGE]);
            assert_true(goes_round(rows) < 24 + 16 + count * 3);
        }
    }
}

static void
only_strange_doubles_go_round(void **state)
{
    struct vlt_rows *rows = rows_of(f64, 1);

    for (size_t i = 0; i < STRANGE; i++) {
        add(rows, T0);
        vlt_rows_set(rows, 0, strange[i]);
    }
    goes_round(rows);
}

static void
decimals_at_each_scale_go_round(void **state)
{
    double power = 1;

    for (int scale = 0; scale < 16; scale++, power *= 10) {
        struct vlt_rows *rows = rows_of(f64, 1);

        for (int i = 0; i < 1000; i++) {
            add_f64(rows, T0 + i, (12345 + i * 7 % 13) / power);
        }
        assert_true(goes_round(rows) < 24 + 8 + 8 + 8 + 1000);
    }
}

/* The first 128 are decimals; behind them some are none. */
static void
more_than_a_sixteenth_of_patches_is_no_decimals(void **state)
{
    for (int each = 7; each <= 8; each++) {
        struct vlt_rows *rows = rows_of(f64, 1);

        for (int i = 0; i < 256; i++) {
            add_f64(rows, T0 + i,
                    i >= 128 && i % each == 1 ? 1.0 / i : i / 10.);
        }
        struct vlt_buf buf = encoded(rows);

        /* As f64: in planes, or as deltas with patches. */
        assert_int_equal(buf.at[25], each == 7 ? 4 : 1);
        assert_int_equal(buf.at[27], each == 7 ? 0 : 2);
        vlt_buf_free(&buf);
        goes_round(rows);
    }
}

/* Sixteen of 54 bits and a patch among them take more than they are. */
static void
decimals_that_take_more_than_raw_are_raw(void **state)
{
    for (int patch = 0; patch < 2; patch++) {
        struct vlt_rows *rows = rows_of(f64, 1);

        for (int i = 0; i < 16; i++) {
            double value = 0x1p53 - i * i * 1e12;

            add_f64(rows, T0 + i, i % 2 == 0 ? value : -value);
        }
        if (patch == 1) {
            vlt_rows_set_at(rows, 7, 0, strange[1]);
        }
        struct vlt_buf buf = encoded(rows);

        assert_int_equal(buf.at[25], patch == 1 ? 3 : 1);
        vlt_buf_free(&buf);
        goes_round(rows);
    }
}

static void
integers_of_each_width_go_round(void **state)
{
    for (unsigned width = 0; width < 64; width++) {
        struct vlt_rows *rows = rows_of(i64, 1);
        uint64_t x = 88172645463325252;

        for (int i = 0; i < 300; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            add(rows, T0 + i);
            vlt_rows_set(rows, 0, x >> width);
        }
        goes_round(rows);
    }
}

static void
the_ends_of_int64_go_round(void **state)
{
    static const int64_t ends[] = { INT64_MIN, INT64_MAX, 0, -1, INT64_MIN };
    struct vlt_rows *rows = rows_of(i64, 1);

    for (int i = 0; i < 5; i++) {
        add(rows, T0);
        vlt_rows_set(rows, 0, (uint64_t)ends[i]);
    }
    goes_round(rows);
}

static void
a_steady_counter_takes_hardly_a_byte(void **state)
{
    struct vlt_rows *rows = rows_of(i64, 1);

    for (int i = 0; i < 1280; i++) {
        add(rows, T0 + i * VLT_SECOND);
        vlt_rows_set(rows, 0, (uint64_t)i * 3);
    }
    /* header, entry, step, first value, then ten groups of 3 bits a value */
    assert_int_equal(goes_round(rows), 24 + 8 + 8 + 8 + 10 + 480);
}

static void
bools_go_round(void **state)
{
    for (int kind = 0; kind < 3; kind++) {
        struct vlt_rows *rows = rows_of(boolean, 1);

        for (int i = 0; i < 29; i++) {
            add(rows, T0 + i);
            vlt_rows_set(rows, 0, kind == 2 ? i % 3 == 0 : kind == 1);
        }
        assert_int_equal(goes_round(rows), 24 + 8 + 8 + (kind == 2 ? 4 : 1));
    }
}

static struct vlt_rows *
mixed_rows(int count)
{
    struct vlt_rows *rows = rows_of(mixed, 5);
    char words[32];

    for (int i = 0; i < count; i++) {
        snprintf(words, sizeof words, "{\"n\":%d}", i % 10);
        add(rows, T0 + i * VLT_MINUTE + i * i % 7);
        if (i % 2 == 0) {
            vlt_rows_set(rows, 0, vlt_bits_of(i / 8.0));
        }
        if (i % 3 == 0) {
            vlt_rows_set(rows, 1, (uint64_t)(i - 100));
        }
        if (i % 5 != 0) {
            vlt_rows_set(rows, 2, i & 1);
        }
        if (i % 7 == 0) {
            say(rows, 3, words);
        }
        if (i % 11 != 0) {
            say(rows, 4, words);
        }
    }
    return rows;
}

static void
columns_with_gaps_go_round(void **state)
{
    for (int count = 0; count < 300; count += 7) {
        goes_round(mixed_rows(count));
    }
}

static void
each_part_decodes_to_its_rows(void **state)
{
    struct vlt_rows *rows = mixed_rows(200);

    for (size_t from = 0; from < 200; from += 41) {
        struct vlt_range range = { from, (200 - from) / 2 };
        struct vlt_buf buf = { 0 };
        struct vlt_rows *part = NULL;

        assert_int_equal(vlt_block_encode(rows, range, 3, &buf), VLT_OK);
        part = decoded(vlt_buf_slice(&buf));
        assert_int_equal(vlt_rows_count(part), range.count);
        for (size_t i = 0; i < range.count; i++) {
            assert_true(vlt_rows_equal(part, i, rows, from + i));
        }
        vlt_rows_free(part);
        vlt_buf_free(&buf);
    }
    vlt_rows_free(rows);
}

static void
a_column_without_a_value_is_left_out(void **state)
{
    struct vlt_rows *rows = rows_of(mixed, 5);
    struct vlt_block_head head;
    struct vlt_buf buf;

    add(rows, T0);
    vlt_rows_set(rows, 1, 4);
    buf = encoded(rows);
    assert_int_equal(vlt_block_peek(vlt_buf_slice(&buf), NULL, &head), VLT_OK);
    assert_int_equal(head.columns, 1);
    assert_int_equal(head.fields[0].id, 3);
    vlt_buf_free(&buf);
    goes_round(rows);
}

/* ---- limits ---- */

/* Two columns of noise are 1 MiB, and no block. */
static void
a_block_over_its_limit_is_not_made(void **state)
{
    struct vlt_rows *rows = rows_of(mixed, 2);
    struct vlt_buf buf = { 0 };
    uint64_t x = 88172645463325252;

    vlt_buf_put_text(&buf, "before");
    for (int i = 0; i < VLT_BLOCK_ROWS; i++) {
        add(rows, T0 + i / 2);
        for (size_t c = 0; c < 2; c++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            vlt_rows_set(rows, c, x);
        }
    }
    assert_int_equal(vlt_block_encode(rows, vlt_rows_all(rows), 0, &buf),
                     VLT_E_LIMIT);
    assert_int_equal(buf.len, 6);
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

static void
a_block_over_what_its_buffer_holds_is_not_made(void **state)
{
    struct vlt_rows *rows = mixed_rows(200);

    for (size_t max = 0; max < 1500; max += 10) {
        struct vlt_buf buf;

        vlt_buf_init(&buf, max + 6);
        vlt_buf_put_text(&buf, "before");
        enum vlt_status st =
            vlt_block_encode(rows, vlt_rows_all(rows), 0, &buf);

        assert_true(st == VLT_E_LIMIT ? buf.len == 6 : buf.len > 600);
        vlt_buf_free(&buf);
    }
    vlt_rows_free(rows);
}

static void
peek_says_what_the_header_says(void **state)
{
    struct vlt_rows *rows = mixed_rows(50);
    struct vlt_buf buf = { 0 };
    struct vlt_block_head head;

    assert_int_equal(vlt_block_encode(rows, vlt_rows_all(rows), 1, &buf),
                     VLT_OK);
    vlt_block_set_ordinal(buf.at, 99);
    vlt_buf_put(&buf, "\0\0\0", 3);
    assert_int_equal(vlt_block_peek(vlt_buf_slice(&buf), NULL, &head), VLT_OK);
    assert_int_equal(head.rows, 50);
    assert_int_equal(head.ordinal, 99);
    assert_int_equal(head.t0, T0);
    assert_int_equal(head.len, buf.len - 3);
    assert_int_equal(head.columns, 5);
    assert_int_equal(head.fields[3].type, VLT_TYPE_TEXT);
    const char *why = "";

    buf.at[0] = 0;
    assert_int_equal(vlt_block_peek(vlt_buf_slice(&buf), &why, &head),
                     VLT_E_FORMAT);
    assert_string_equal(why, "no block: the first byte or the flags");
    vlt_buf_free(&buf);
    vlt_rows_free(rows);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_row_is_as_published),
        cmocka_unit_test(four_raw_rows_are_as_published),
        cmocka_unit_test(a_late_stamp_and_a_patch_are_as_published),
        cmocka_unit_test(every_strange_double_alone_goes_round),
        cmocka_unit_test(every_strange_double_among_decimals_goes_round),
        cmocka_unit_test(only_strange_doubles_go_round),
        cmocka_unit_test(decimals_at_each_scale_go_round),
        cmocka_unit_test(more_than_a_sixteenth_of_patches_is_no_decimals),
        cmocka_unit_test(decimals_that_take_more_than_raw_are_raw),
        cmocka_unit_test(integers_of_each_width_go_round),
        cmocka_unit_test(the_ends_of_int64_go_round),
        cmocka_unit_test(a_steady_counter_takes_hardly_a_byte),
        cmocka_unit_test(bools_go_round),
        cmocka_unit_test(columns_with_gaps_go_round),
        cmocka_unit_test(each_part_decodes_to_its_rows),
        cmocka_unit_test(a_column_without_a_value_is_left_out),
        cmocka_unit_test(a_block_over_its_limit_is_not_made),
        cmocka_unit_test(a_block_over_what_its_buffer_holds_is_not_made),
        cmocka_unit_test(peek_says_what_the_header_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
