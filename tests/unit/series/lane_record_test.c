/* What is in force of a lane, as bytes. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "series/lane_record.h"

enum { ROOM = 1024 };

static struct chunk_entry
chunk(uint64_t no, int64_t first)
{
    return (struct chunk_entry){
        .no = no, .first = first, .last = first + 9, .rows = 10
    };
}

static struct head_ref
head(uint64_t no, int64_t first)
{
    return (struct head_ref){
        .no = no, .first = first, .last = first + 99, .chunks = 3
    };
}

/* Something of everything, put in out of order. */
static void
fill(struct lane_record *record)
{
    struct chunk_entry entry[] = { chunk(7, 500), chunk(5, 100), chunk(3, 500),
                                   chunk(9, -20) };
    struct head_ref heads[] = { head(12, 400), head(11, -900), head(10, 400) };
    struct roll_ref rolls[] = { { 21, 4 }, { 20, -1 }, { 22, 9 } };

    *record = (struct lane_record){
        .done = { 40, 44, 480 }, .rows = 1234, .first = -900, .last = 509
    };
    entry[0].level = 15;
    entry[0].rolled = true;
    entry[1].marked = true;
    entry[1].arrival = 39;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(lane_add_short(record, &entry[i]), VLT_OK);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(lane_add_head(record, &heads[i]), VLT_OK);
        assert_int_equal(lane_set_roll(record, &rolls[i]), VLT_OK);
    }
}

static size_t
encode(const struct lane_record *record, uint8_t bytes[ROOM])
{
    struct vlt_buf out;

    vlt_buf_init(&out, ROOM);
    assert_int_equal(lane_record_encode(record, &out), VLT_OK);
    memset(bytes, 0, ROOM);
    memcpy(bytes, out.at, out.len);

    size_t len = out.len;

    vlt_buf_free(&out);
    return len;
}

static size_t
encode_some(uint8_t bytes[ROOM])
{
    struct lane_record record;

    fill(&record);

    size_t len = encode(&record, bytes);

    lane_record_free(&record);
    return len;
}

/* What decodes must be what it encodes to, but for zeros behind it. */
static enum vlt_status
try_decode(const uint8_t *bytes, size_t len)
{
    struct lane_record record;
    struct vlt_buf again;
    enum vlt_status st = lane_record_decode(vlt_slice_of(bytes, len), &record);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&again, 0);
    assert_int_equal(lane_record_encode(&record, &again), VLT_OK);
    assert_true(again.len <= len);
    assert_memory_equal(again.at, bytes, again.len);
    for (size_t i = again.len; i < len; i++) {
        assert_int_equal(bytes[i], 0);
    }
    vlt_buf_free(&again);
    lane_record_free(&record);
    return VLT_OK;
}

static void
all_fields_come_back(void **state)
{
    struct lane_record record;
    uint8_t bytes[ROOM];
    size_t len = encode_some(bytes);

    assert_int_equal(lane_record_decode(vlt_slice_of(bytes, len), &record),
                     VLT_OK);
    assert_int_equal(record.done.a0, 40);
    assert_int_equal(record.done.a, 44);
    assert_int_equal(record.done.t, 480);
    assert_int_equal(record.rows, 1234);
    assert_int_equal(record.first, -900);
    assert_int_equal(record.last, 509);
    assert_int_equal(record.shorts, 4);
    assert_int_equal(record.entry[1].arrival, 39);
    assert_true(record.entry[1].marked && !record.entry[1].rolled);
    assert_int_equal(record.entry[3].level, 15);
    assert_true(record.entry[3].rolled && !record.entry[3].marked);
    assert_int_equal(record.head[0].chunks, 3);
    assert_int_equal(record.head[0].last, -801);
    lane_record_free(&record);
}

static void
what_was_put_in_any_order_stands_in_order(void **state)
{
    static const uint64_t shorts[] = { 9, 5, 3, 7 };
    static const uint64_t heads[] = { 11, 10, 12 };
    static const int32_t days[] = { -1, 4, 9 };
    struct lane_record record;

    fill(&record);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(record.entry[i].no, shorts[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(record.head[i].no, heads[i]);
        assert_int_equal(record.roll[i].day, days[i]);
    }
    lane_record_free(&record);
}

static void
a_roll_up_takes_the_place_of_the_one_of_its_day(void **state)
{
    struct roll_ref anew = { .no = 99, .day = 4 };
    struct lane_record record;

    fill(&record);
    assert_int_equal(lane_set_roll(&record, &anew), VLT_OK);
    assert_int_equal(record.rolls, 3);
    assert_int_equal(record.roll[1].no, 99);
    lane_record_free(&record);
}

static void
what_is_taken_out_leaves_the_others(void **state)
{
    struct lane_record record;
    uint8_t bytes[ROOM];

    fill(&record);
    lane_drop_short(&record, 1);
    lane_drop_head(&record, 0);
    lane_drop_roll(&record, 2);
    assert_int_equal(record.shorts, 3);
    assert_int_equal(record.entry[0].no, 9);
    assert_int_equal(record.entry[1].no, 3);
    assert_int_equal(record.heads, 2);
    assert_int_equal(record.head[0].no, 10);
    assert_int_equal(record.rolls, 2);
    assert_int_equal(record.roll[1].day, 4);
    assert_int_equal(try_decode(bytes, encode(&record, bytes)), VLT_OK);
    lane_record_free(&record);
}

/* Lists grow by doubling: whatever is put and taken, they have the room. */
static void
lists_shrink_and_grow_at_every_count(void **state)
{
    for (size_t most = 1; most < 40; most++) {
        struct lane_record record = { .rows = 1 };

        for (uint64_t i = 0; i < most; i++) {
            struct chunk_entry entry = chunk(i + 1, (int64_t)i);

            assert_int_equal(lane_add_short(&record, &entry), VLT_OK);
        }
        for (size_t i = 0; i < most / 2 + 1; i++) {
            lane_drop_short(&record, 0);
        }
        for (uint64_t i = 0; i < 40; i++) {
            struct chunk_entry entry = chunk(100 + i, (int64_t)(100 + i));

            assert_int_equal(lane_add_short(&record, &entry), VLT_OK);
        }
        assert_int_equal(record.shorts, most - (most / 2 + 1) + 40);
        lane_record_free(&record);
    }
}

static void
fields_stand_where_the_format_says(void **state)
{
    uint8_t bytes[ROOM];

    assert_int_equal(encode_some(bytes), LANE_HEAD + 4 * LANE_ENTRY +
                                             3 * LANE_HEAD_REF +
                                             3 * LANE_ROLL_REF);
    assert_int_equal(bytes[0], 1);
    assert_int_equal(bytes[2], 4);
    assert_int_equal(bytes[4], 3);
    assert_int_equal(bytes[6], 3);
    assert_int_equal(bytes[8], 40);
    assert_int_equal(bytes[16], 44);
    assert_int_equal(bytes[LANE_HEAD], 9);
    assert_int_equal(bytes[LANE_HEAD + LANE_ENTRY], 5);
    assert_int_equal(bytes[LANE_HEAD + LANE_ENTRY + 13], 2);
    assert_int_equal(bytes[LANE_HEAD + LANE_ENTRY + 32], 39);
    assert_int_equal(bytes[LANE_HEAD + 4 * LANE_ENTRY], 11);
    assert_int_equal(bytes[LANE_HEAD + 4 * LANE_ENTRY + 3 * LANE_HEAD_REF], 20);
}

static void
a_lane_without_anything_is_a_record_too(void **state)
{
    struct lane_record record = { .rows = 0 };
    uint8_t bytes[ROOM];

    assert_int_equal(encode(&record, bytes), LANE_HEAD);
    assert_int_equal(try_decode(bytes, LANE_HEAD), VLT_OK);
}

static void
zeros_may_follow_and_nothing_else(void **state)
{
    uint8_t bytes[ROOM];
    size_t len = encode_some(bytes);

    for (size_t more = 0; more < 100; more++) {
        assert_int_equal(try_decode(bytes, len + more), VLT_OK);
    }
    bytes[len + 50] = 1;
    assert_int_equal(try_decode(bytes, len + 50), VLT_OK);
    assert_int_equal(try_decode(bytes, len + 51), VLT_E_FORMAT);
}

static void
it_is_refused_when_cut_anywhere(void **state)
{
    uint8_t bytes[ROOM];
    size_t len = encode_some(bytes);

    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *copy = malloc(cut + 1); /* so that a read behind it shows */
        enum vlt_status st;

        assert_non_null(copy);
        memcpy(copy, bytes, cut);
        st = try_decode(copy, cut);
        free(copy);
        /* The last bytes of the last roll-up are zeros, but not optional. */
        assert_int_equal(st, VLT_E_FORMAT);
    }
}

static void
what_decodes_of_any_tampering_is_what_it_encodes_to(void **state)
{
    uint8_t bytes[ROOM];
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
    uint8_t bytes[ROOM];
    size_t len = encode_some(bytes);

    bytes[0] = 2;
    assert_int_equal(try_decode(bytes, len), VLT_E_LIMIT);
    bytes[0] = 0;
    assert_int_equal(try_decode(bytes, len), VLT_E_FORMAT);
}

/* ---- what contradicts itself ---- */

struct broken {
    const char *what;
    size_t at;
    uint8_t byte;
};

static void
what_contradicts_itself_is_refused(void **state)
{
    /* clang-format off */
    static const struct broken cases[] = {
        { "the zero behind the version",     1, 1 },
        { "A0 above A",                      8, 45 },
        { "a chunk without a number",        LANE_HEAD, 0 },
        { "a chunk without rows",            LANE_HEAD + 8, 0 },
        { "an unknown flag",                 LANE_HEAD + 13, 4 },
        { "a flag without its arrival",      LANE_HEAD + 13, 2 },
        { "an arrival without its flag",     LANE_HEAD + 32, 2 },
        { "a chunk's zero",                  LANE_HEAD + 15, 1 },
        { "chunks that are out of order",    LANE_HEAD + 23, 0 },
        { "a chunk that ends too early",     LANE_HEAD + 31, 0x80 },
        { "a head without a number",         LANE_HEAD + 160, 0 },
        { "a head without chunks",           LANE_HEAD + 160 + 24, 0 },
        { "a head's zero",                   LANE_HEAD + 160 + 31, 1 },
        { "heads that are out of order",     LANE_HEAD + 160 + 15, 0 },
        { "a roll-up without a number",      LANE_HEAD + 256, 0 },
        { "roll-ups that are out of order",  LANE_HEAD + 256 + 11, 0 },
        { "a roll-up's zero",                LANE_HEAD + 256 + 12, 1 },
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[ROOM];
        size_t len = encode_some(bytes);

        assert_int_not_equal(bytes[cases[i].at], cases[i].byte);
        bytes[cases[i].at] = cases[i].byte;
        if (try_decode(bytes, len) != VLT_E_FORMAT) {
            fail_msg("%s is taken", cases[i].what);
        }
    }
}

static void
a_lane_without_rows_has_no_chunks(void **state)
{
    uint8_t bytes[ROOM];
    size_t len = encode_some(bytes);

    memset(&bytes[32], 0, 8);
    assert_int_equal(try_decode(bytes, len), VLT_E_FORMAT);
}

/* ---- limits ---- */

static void
there_are_so_many_of_each_and_no_more(void **state)
{
    struct lane_record record = { .rows = 1 };
    struct chunk_entry entry = chunk(1, 0);
    struct head_ref ref = head(1, 0);
    struct vlt_buf out;

    for (uint64_t i = 0; i < LANE_SHORTS_MAX; i++) {
        entry.no = i + 1;
        assert_int_equal(lane_add_short(&record, &entry), VLT_OK);
    }
    entry.no++;
    assert_int_equal(lane_add_short(&record, &entry), VLT_E_LIMIT);
    for (uint64_t i = 0; i < LANE_HEADS_MAX; i++) {
        ref.no = i + 1;
        assert_int_equal(lane_add_head(&record, &ref), VLT_OK);
    }
    ref.no++;
    assert_int_equal(lane_add_head(&record, &ref), VLT_E_LIMIT);
    for (int32_t i = 0; i < LANE_ROLLS_MAX; i++) {
        struct roll_ref roll = { .no = 1, .day = i };

        assert_int_equal(lane_set_roll(&record, &roll), VLT_OK);
    }
    struct roll_ref roll = { .no = 1, .day = LANE_ROLLS_MAX };

    assert_int_equal(lane_set_roll(&record, &roll), VLT_E_LIMIT);
    roll.day--;
    assert_int_equal(lane_set_roll(&record, &roll), VLT_OK);
    vlt_buf_init(&out, 0);
    assert_int_equal(lane_record_encode(&record, &out), VLT_OK);
    assert_int_equal(try_decode(out.at, out.len), VLT_OK);
    vlt_buf_free(&out);
    lane_record_free(&record);
}

static void
more_than_there_may_be_is_refused_before_it_is_read(void **state)
{
    /* clang-format off */
    static const struct { size_t at; uint16_t count; } cases[] = {
        { 2, LANE_SHORTS_MAX + 1 },
        { 4, LANE_HEADS_MAX + 1 },
        { 6, LANE_ROLLS_MAX + 1 },
    };
    /* clang-format on */
    for (size_t i = 0; i < 3; i++) {
        uint8_t bytes[ROOM];
        size_t len = encode_some(bytes);

        bytes[cases[i].at] = (uint8_t)cases[i].count;
        bytes[cases[i].at + 1] = (uint8_t)(cases[i].count >> 8);
        assert_int_equal(try_decode(bytes, len), VLT_E_LIMIT);
    }
}

/* ---- what is in chunks ---- */

static void
a_row_is_in_a_chunk_by_its_arrival_or_by_its_time(void **state)
{
    struct lane_done done = { .a0 = 10, .a = 20, .t = 100 };

    assert_true(lane_holds(&done, 9, INT64_MAX));
    assert_false(lane_holds(&done, 10, 101));
    assert_true(lane_holds(&done, 10, 100));
    assert_true(lane_holds(&done, 19, 100));
    assert_false(lane_holds(&done, 20, 100));
    assert_false(lane_holds(&done, 20, INT64_MIN));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_fields_come_back),
        cmocka_unit_test(what_was_put_in_any_order_stands_in_order),
        cmocka_unit_test(a_roll_up_takes_the_place_of_the_one_of_its_day),
        cmocka_unit_test(what_is_taken_out_leaves_the_others),
        cmocka_unit_test(lists_shrink_and_grow_at_every_count),
        cmocka_unit_test(fields_stand_where_the_format_says),
        cmocka_unit_test(a_lane_without_anything_is_a_record_too),
        cmocka_unit_test(zeros_may_follow_and_nothing_else),
        cmocka_unit_test(it_is_refused_when_cut_anywhere),
        cmocka_unit_test(what_decodes_of_any_tampering_is_what_it_encodes_to),
        cmocka_unit_test(
            a_newer_version_is_beyond_the_limit_and_none_is_malformed),
        cmocka_unit_test(what_contradicts_itself_is_refused),
        cmocka_unit_test(a_lane_without_rows_has_no_chunks),
        cmocka_unit_test(there_are_so_many_of_each_and_no_more),
        cmocka_unit_test(more_than_there_may_be_is_refused_before_it_is_read),
        cmocka_unit_test(a_row_is_in_a_chunk_by_its_arrival_or_by_its_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
