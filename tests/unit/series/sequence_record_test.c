/* What is known of a source's sequences, as bytes. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "series/series_internal.h"

enum {
    HEAD = 24,
    BOOT = 24,
    ROOM = HEAD + BOOTS * BOOT,
};

static struct source_seq
some(void)
{
    return (struct source_seq){
        .source = 5,
        .rows = 1,
        .turn_rows = 77,
        .last = 2,
        .turn_last = -6,
        .boots = 4,
        .boot = { { { 9, 1 }, 100, 3 },
                  { { 8, 1 }, 1, 0 },
                  { { 7, 1 }, UINT64_MAX, UINT64_MAX },
                  { { 0 }, 64, 1 } },
    };
}

static void
encode(const struct source_seq *seq, struct vlt_buf *out)
{
    vlt_buf_init(out, STORE_DEDUP_MAX);
    assert_int_equal(sequence_record_encode(seq, out), VLT_OK);
}

static size_t
encode_some(uint8_t bytes[2 * ROOM])
{
    struct source_seq seq = some();
    struct vlt_buf out;

    encode(&seq, &out);
    memset(bytes, 0, 2 * ROOM);
    memcpy(bytes, out.at, out.len);

    size_t len = out.len;

    vlt_buf_free(&out);
    return len;
}

/* What decodes must be what it encodes to, but for zeros behind it. */
static enum vlt_status
try_decode(const uint8_t *bytes, size_t len)
{
    struct source_seq seq = { .source = 5 };
    struct vlt_buf again;
    enum vlt_status st = sequence_record_decode(vlt_slice_of(bytes, len), &seq);

    if (st != VLT_OK) {
        return st;
    }
    assert_int_equal(seq.source, 5);
    encode(&seq, &again);
    assert_true(again.len <= len);
    assert_memory_equal(again.at, bytes, again.len);
    for (size_t i = again.len; i < len; i++) {
        assert_int_equal(bytes[i], 0);
    }
    vlt_buf_free(&again);
    return VLT_OK;
}

static void
what_the_turn_made_of_it_comes_back(void **state)
{
    struct source_seq seq = { .source = 5 };
    struct source_seq given = some();
    uint8_t bytes[2 * ROOM];
    size_t len = encode_some(bytes);

    assert_int_equal(len, ROOM);
    assert_int_equal(sequence_record_decode(vlt_slice_of(bytes, len), &seq),
                     VLT_OK);
    assert_int_equal(seq.rows, 77);
    assert_int_equal(seq.turn_rows, 77);
    assert_int_equal(seq.last, -6);
    assert_int_equal(seq.turn_last, -6);
    assert_int_equal(seq.boots, 4);
    assert_memory_equal(seq.boot, given.boot, sizeof seq.boot);
}

static void
fields_stand_where_the_format_says(void **state)
{
    uint8_t bytes[2 * ROOM];

    (void)encode_some(bytes);
    assert_int_equal(bytes[0], 1);
    assert_int_equal(bytes[1], 4);
    assert_int_equal(bytes[8], 77);
    assert_int_equal(bytes[16], 0xfa);
    assert_int_equal(bytes[HEAD], 9);
    assert_int_equal(bytes[HEAD + 8], 100);
    assert_int_equal(bytes[HEAD + 16], 3);
    assert_int_equal(bytes[HEAD + BOOT], 8);
}

static void
a_source_without_boots_has_a_count(void **state)
{
    struct source_seq seq = { .source = 5, .turn_rows = 3, .turn_last = 9 };
    struct vlt_buf out;

    encode(&seq, &out);
    assert_int_equal(out.len, HEAD);
    assert_int_equal(try_decode(out.at, out.len), VLT_OK);
    vlt_buf_free(&out);
}

static void
zeros_may_follow_and_nothing_else(void **state)
{
    uint8_t bytes[2 * ROOM];
    size_t len = encode_some(bytes);

    for (size_t more = 0; more < ROOM; more++) {
        assert_int_equal(try_decode(bytes, len + more), VLT_OK);
    }
    bytes[len + 9] = 1;
    assert_int_equal(try_decode(bytes, len + 10), VLT_E_FORMAT);
}

static void
it_is_refused_when_cut_anywhere(void **state)
{
    uint8_t bytes[2 * ROOM];
    size_t len = encode_some(bytes);

    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *copy = malloc(cut + 1);

        assert_non_null(copy);
        memcpy(copy, bytes, cut);
        assert_int_equal(try_decode(copy, cut), VLT_E_FORMAT);
        free(copy);
    }
}

static void
what_decodes_of_any_tampering_is_what_it_encodes_to(void **state)
{
    uint8_t bytes[2 * ROOM];
    size_t len = encode_some(bytes);

    for (size_t i = 0; i < len; i++) {
        uint8_t good = bytes[i];

        for (unsigned bit = 0; bit < 8; bit++) {
            enum vlt_status st;

            bytes[i] = good ^ (uint8_t)(1U << bit);
            st = try_decode(bytes, len + 40);
            assert_true(st == VLT_OK || st == VLT_E_FORMAT ||
                        st == VLT_E_LIMIT);
        }
        bytes[i] = good;
    }
}

static void
a_newer_version_is_beyond_the_limit_and_none_is_malformed(void **state)
{
    uint8_t bytes[2 * ROOM];
    size_t len = encode_some(bytes);

    bytes[0] = 3;
    assert_int_equal(try_decode(bytes, len), VLT_E_LIMIT);
    bytes[0] = 2; /* of which the second has boots of the past */
    assert_int_equal(try_decode(bytes, len), VLT_E_FORMAT);
    bytes[0] = 0;
    assert_int_equal(try_decode(bytes, len), VLT_E_FORMAT);
}

static void
more_boots_than_are_remembered_are_refused(void **state)
{
    uint8_t bytes[2 * ROOM];
    size_t len = encode_some(bytes);

    bytes[1] = BOOTS + 1;
    memcpy(&bytes[len], &bytes[HEAD], BOOT);
    bytes[len] = 77; /* another boot */
    assert_int_equal(try_decode(bytes, len + BOOT), VLT_E_FORMAT);
}

static void
a_boot_without_a_sequence_is_refused(void **state)
{
    uint8_t bytes[2 * ROOM];
    size_t len = encode_some(bytes);

    memset(&bytes[HEAD + 8], 0, 8);
    assert_int_equal(try_decode(bytes, len), VLT_E_FORMAT);
}

static void
a_boot_that_is_there_twice_is_refused(void **state)
{
    uint8_t bytes[2 * ROOM];
    size_t len = encode_some(bytes);

    memcpy(&bytes[HEAD + BOOT], &bytes[HEAD], 8);
    assert_int_equal(try_decode(bytes, len), VLT_E_FORMAT);
}

static void
a_time_of_no_rows_is_refused(void **state)
{
    uint8_t bytes[2 * ROOM];
    size_t len = encode_some(bytes);

    memset(&bytes[8], 0, 8);
    assert_int_equal(try_decode(bytes, len), VLT_E_FORMAT);
}

/* Version 2: what gave way to newer boots, of which it is none. */
static void
boots_of_the_past_come_back(void **state)
{
    static uint8_t bytes[HEAD + BOOTS * BOOT + (PAST + 1) * 8];
    struct source_seq given = some();
    struct source_seq seq = { .source = 5 };
    struct vlt_buf out;
    size_t len;

    given.pasts = PAST;
    for (size_t i = 0; i < PAST; i++) {
        given.past[i][0] = (uint8_t)i;
        given.past[i][7] = 5;
    }
    encode(&given, &out);
    len = out.len;
    assert_int_equal(len, ROOM + PAST * 8);
    memcpy(bytes, out.at, len);
    vlt_buf_free(&out);
    assert_int_equal(bytes[0], 2);
    assert_int_equal(bytes[2], 0);
    assert_int_equal(bytes[3], 1);
    assert_int_equal(try_decode(bytes, len), VLT_OK);
    assert_int_equal(sequence_record_decode(vlt_slice_of(bytes, len), &seq),
                     VLT_OK);
    assert_int_equal(seq.pasts, PAST);
    assert_memory_equal(seq.past, given.past, sizeof seq.past);
    assert_memory_equal(seq.boot, given.boot, sizeof seq.boot);
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(try_decode(bytes, cut), VLT_E_FORMAT);
    }
    bytes[2] = 1; /* one more than are kept */
    assert_int_equal(try_decode(bytes, len + 8), VLT_E_FORMAT);
    bytes[2] = 0;
    bytes[0] = 1;
    assert_int_equal(try_decode(bytes, len), VLT_E_FORMAT);
    bytes[0] = 2;
    bytes[ROOM] = 1; /* twice */
    assert_int_equal(try_decode(bytes, len), VLT_E_FORMAT);
    memcpy(&bytes[ROOM], given.boot[2].id, 8); /* one of the last, too */
    assert_int_equal(try_decode(bytes, len), VLT_E_FORMAT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_turn_made_of_it_comes_back),
        cmocka_unit_test(fields_stand_where_the_format_says),
        cmocka_unit_test(a_source_without_boots_has_a_count),
        cmocka_unit_test(zeros_may_follow_and_nothing_else),
        cmocka_unit_test(it_is_refused_when_cut_anywhere),
        cmocka_unit_test(what_decodes_of_any_tampering_is_what_it_encodes_to),
        cmocka_unit_test(
            a_newer_version_is_beyond_the_limit_and_none_is_malformed),
        cmocka_unit_test(more_boots_than_are_remembered_are_refused),
        cmocka_unit_test(a_boot_without_a_sequence_is_refused),
        cmocka_unit_test(a_boot_that_is_there_twice_is_refused),
        cmocka_unit_test(a_time_of_no_rows_is_refused),
        cmocka_unit_test(boots_of_the_past_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
