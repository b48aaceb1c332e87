#include "base/reader.h"

#include <string.h>

#include "base/writer.h"
#include "unit.h"

enum { RECORD_LEN = 1 + 2 + 4 + 8 + 4 + 8 + 2 + 4 + 8 + 3 + 2 };

/* One of everything that can be written. */
static void
write_record(struct vlt_writer *w)
{
    vlt_write_u8(w, 0xF1);
    vlt_write_u16(w, 0xF102);
    vlt_write_u32(w, 0xF1020304);
    vlt_write_u64(w, 0xF102030405060708);
    vlt_write_i32(w, INT32_MIN);
    vlt_write_i64(w, INT64_MIN);
    vlt_write_be16(w, 0xF102);
    vlt_write_be32(w, 0xF1020304);
    vlt_write_be64(w, 0xF102030405060708);
    vlt_write_slice(w, vlt_slice_text("abc"));
    vlt_write_zeros(w, 2);
}

/* Read it back: is it what was written? */
static bool
reads_back(struct vlt_slice record)
{
    struct vlt_reader r = vlt_reader_over(record);
    bool same = vlt_read_u8(&r) == 0xF1;

    same = vlt_read_u16(&r) == 0xF102 && same;
    same = vlt_read_u32(&r) == 0xF1020304 && same;
    same = vlt_read_u64(&r) == 0xF102030405060708 && same;
    same = vlt_read_i32(&r) == INT32_MIN && same;
    same = vlt_read_i64(&r) == INT64_MIN && same;
    same = vlt_read_be16(&r) == 0xF102 && same;
    same = vlt_read_be32(&r) == 0xF1020304 && same;
    same = vlt_read_be64(&r) == 0xF102030405060708 && same;
    same = vlt_slice_is(vlt_read_slice(&r, 3), "abc") && same;
    vlt_read_zeros(&r, 2);
    return same && vlt_reader_done(&r);
}

static void
what_was_written_is_read_back(void **state)
{
    uint8_t record[RECORD_LEN];
    struct vlt_writer w = vlt_writer_over(record, sizeof record);

    write_record(&w);
    assert_false(w.failed);
    assert_int_equal(w.len, RECORD_LEN);
    assert_true(reads_back(vlt_writer_slice(&w)));
}

static void
every_byte_of_the_record_counts(void **state)
{
    uint8_t record[RECORD_LEN];
    struct vlt_writer w = vlt_writer_over(record, sizeof record);

    write_record(&w);
    for (size_t i = 0; i < sizeof record; i++) {
        record[i] ^= 0x80;
        assert_false(reads_back(vlt_slice_of(record, sizeof record)));
        record[i] ^= 0x80;
    }
}

static void
a_record_cut_anywhere_fails(void **state)
{
    uint8_t record[RECORD_LEN];
    struct vlt_writer w = vlt_writer_over(record, sizeof record);

    write_record(&w);
    for (size_t len = 0; len < sizeof record; len++) {
        assert_false(reads_back(vlt_slice_of(record, len)));
    }
}

static void
a_failed_cursor_yields_zeros_for_good(void **state)
{
    const uint8_t bytes[] = { 1, 2, 3 };
    uint8_t copy[2] = { 9, 9 };
    struct vlt_reader r = vlt_reader_over(vlt_slice_of(bytes, sizeof bytes));

    assert_int_equal(vlt_read_u32(&r), 0);
    assert_true(r.failed);
    assert_int_equal(vlt_read_u8(&r), 0);
    assert_int_equal(vlt_read_slice(&r, 0).len, 0);
    vlt_read_bytes(&r, copy, sizeof copy);
    assert_int_equal(copy[0] | copy[1], 0);
    assert_int_equal(vlt_read_rest(&r).len, 0);
    assert_int_equal(vlt_reader_left(&r), 0);
    assert_false(vlt_reader_done(&r));
}

static void
a_length_that_would_wrap_fails(void **state)
{
    const uint8_t bytes[] = { 1, 2, 3 };
    struct vlt_reader r = vlt_reader_over(vlt_slice_of(bytes, sizeof bytes));

    vlt_read_u8(&r);
    assert_int_equal(vlt_read_slice(&r, SIZE_MAX).len, 0);
    assert_true(r.failed);
}

static void
bytes_behind_the_record_are_not_done(void **state)
{
    const uint8_t bytes[] = { 1, 2, 3 };
    struct vlt_reader r = vlt_reader_over(vlt_slice_of(bytes, sizeof bytes));

    assert_int_equal(vlt_read_be16(&r), 0x0102);
    assert_false(vlt_reader_done(&r));
    assert_int_equal(vlt_reader_left(&r), 1);
    assert_int_equal(vlt_read_rest(&r).len, 1);
    assert_true(vlt_reader_done(&r));
}

static void
a_reserved_byte_that_is_not_zero_fails(void **state)
{
    const uint8_t bytes[] = { 0, 0, 1, 0 };
    struct vlt_reader r = vlt_reader_over(vlt_slice_of(bytes, sizeof bytes));

    vlt_read_zeros(&r, 2);
    assert_false(r.failed);
    vlt_read_zeros(&r, 2);
    assert_true(r.failed);
}

static void
a_write_that_does_not_fit_writes_nothing(void **state)
{
    uint8_t bytes[4] = { 7, 7, 7, 7 };
    struct vlt_writer w = vlt_writer_over(bytes, 3);

    vlt_write_u32(&w, 0);
    assert_true(w.failed);
    vlt_write_u8(&w, 0);
    vlt_write_zeros(&w, 1);
    vlt_write_bytes(&w, "x", 1);
    assert_int_equal(w.len, 0);
    for (size_t i = 0; i < sizeof bytes; i++) {
        assert_int_equal(bytes[i], 7);
    }
}

static void
loose_integers_are_little_endian_but_one(void **state)
{
    const uint8_t bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 0xF8 };
    uint8_t again[8];

    assert_true(vlt_load_u32(bytes) == 0x04030201);
    assert_true(vlt_load_u64(bytes) == 0xF807060504030201);
    assert_true(vlt_load_be64(bytes) == 0x01020304050607F8);
    vlt_store_u64(again, vlt_load_u64(bytes));
    assert_memory_equal(again, bytes, 8);
    vlt_store_be64(again, vlt_load_be64(bytes));
    assert_memory_equal(again, bytes, 8);
    vlt_store_u32(again, 0xAABBCCDD);
    assert_true(vlt_load_u32(again) == 0xAABBCCDD && again[4] == 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(every_byte_of_the_record_counts),
        cmocka_unit_test(a_record_cut_anywhere_fails),
        cmocka_unit_test(a_failed_cursor_yields_zeros_for_good),
        cmocka_unit_test(a_length_that_would_wrap_fails),
        cmocka_unit_test(bytes_behind_the_record_are_not_done),
        cmocka_unit_test(a_reserved_byte_that_is_not_zero_fails),
        cmocka_unit_test(a_write_that_does_not_fit_writes_nothing),
        cmocka_unit_test(loose_integers_are_little_endian_but_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
