/* Sums of what is in chunks, as bytes. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/writer.h"
#include "series/summary_record.h"

enum {
    ROOM = 4096,
    COLUMNS = 4,
};

static const struct vlt_field fields[] = {
    { .id = 0, .type = VLT_TYPE_F64 },   { .id = 1, .type = VLT_TYPE_I64 },
    { .id = 3, .type = VLT_TYPE_BOOL },  { .id = 9, .type = VLT_TYPE_TEXT },
    { .id = 63, .type = VLT_TYPE_JSON },
};
static const struct vlt_schema schema = { .fields = fields, .count = 5 };

static const struct summary_columns columns = { .count = COLUMNS,
                                                .id = { 0, 1, 3, 9 } };

/* Some rows, summed up for each of the columns. */
static void
sum_some(struct vlt_stat *stat, int64_t first)
{
    static const char words[] = "some words";
    struct vlt_rows *rows;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (int64_t i = 0; i < 5; i++) {
        assert_int_equal(vlt_rows_add(rows, first + i), VLT_OK);
        vlt_rows_set(rows, 0, vlt_bits_of(i == 2 ? 1e300 : 0.1 * (double)i));
        vlt_rows_set(rows, 1, (uint64_t)(i - 3));
        if (i > 1) {
            vlt_rows_set(rows, 2, i == 2);
        }
        assert_int_equal(vlt_rows_set_text(rows, 3, vlt_slice_text(words)),
                         VLT_OK);
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        vlt_stat_init(&stat[i], fields[i].type);
        vlt_stat_add(&stat[i], rows, i, vlt_rows_all(rows));
    }
    vlt_rows_free(rows);
}

static size_t
finish(struct vlt_buf *out, uint8_t bytes[ROOM])
{
    size_t len = out->len;

    assert_true(len <= ROOM);
    memset(bytes, 0, ROOM);
    memcpy(bytes, out->at, len);
    vlt_buf_free(out);
    return len;
}

static size_t
encode_head(uint8_t bytes[ROOM])
{
    struct chunk_entry entry[3] = {
        { .no = 4, .rows = 5, .first = -7, .last = -3 },
        { .no = 2, .rows = 5, .first = 20, .last = 24, .rolled = true },
        { .no = 3,
          .rows = 5,
          .first = 20,
          .last = 24,
          .marked = true,
          .arrival = 77 },
    };
    struct vlt_stat stat[3 * COLUMNS];
    struct head_record head = {
        .columns = columns, .count = 3, .entry = entry, .stat = stat
    };
    struct vlt_buf out;

    for (size_t i = 0; i < 3; i++) {
        sum_some(&stat[i * COLUMNS], entry[i].first);
    }
    vlt_buf_init(&out, 0);
    assert_int_equal(head_record_encode(&head, &out), VLT_OK);
    return finish(&out, bytes);
}

static size_t
encode_roll(uint8_t bytes[ROOM])
{
    struct vlt_stat stat[SUMMARY_HOURS * COLUMNS];
    struct roll_record roll = {
        .columns = columns, .day = -3, .hours = 0x800005, .stat = stat
    };
    struct vlt_buf out;

    for (size_t i = 0; i < SUMMARY_HOURS; i++) {
        sum_some(&stat[i * COLUMNS], -3 * VLT_DAY + (int64_t)i * VLT_HOUR);
    }
    vlt_buf_init(&out, 0);
    assert_int_equal(roll_record_encode(&roll, &out), VLT_OK);
    return finish(&out, bytes);
}

static void
assert_same(struct vlt_buf *again, const uint8_t *bytes, size_t len)
{
    assert_true(again->len <= len);
    assert_memory_equal(again->at, bytes, again->len);
    for (size_t i = again->len; i < len; i++) {
        assert_int_equal(bytes[i], 0);
    }
    vlt_buf_free(again);
}

/* What decodes must be what it encodes to, but for zeros behind it; and what
 * is stepped over must be no more than what is read. */
static enum vlt_status
try_head(const uint8_t *bytes, size_t len)
{
    struct vlt_slice slice = vlt_slice_of(bytes, len);
    struct head_record head;
    struct head_record bare;
    struct vlt_buf again;
    enum vlt_status st = head_record_decode(slice, &schema, &head);

    if (head_record_decode(slice, NULL, &bare) == VLT_OK) {
        assert_null(bare.stat);
        head_record_free(&bare);
    } else {
        assert_int_not_equal(st, VLT_OK);
    }
    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&again, 0);
    assert_int_equal(head_record_encode(&head, &again), VLT_OK);
    assert_same(&again, bytes, len);
    head_record_free(&head);
    return VLT_OK;
}

static enum vlt_status
try_roll(const uint8_t *bytes, size_t len)
{
    struct roll_record roll;
    struct vlt_buf again;
    enum vlt_status st =
        roll_record_decode(vlt_slice_of(bytes, len), &schema, &roll);

    if (st != VLT_OK) {
        return st;
    }
    vlt_buf_init(&again, 0);
    assert_int_equal(roll_record_encode(&roll, &again), VLT_OK);
    assert_same(&again, bytes, len);
    roll_record_free(&roll);
    return VLT_OK;
}

/* Both records pass through the same tests. */
struct kind {
    size_t (*encode)(uint8_t bytes[ROOM]);
    enum vlt_status (*try)(const uint8_t *bytes, size_t len);
};

static const struct kind kinds[] = {
    { encode_head, try_head },
    { encode_roll, try_roll },
};

/* ---- both ---- */

static void
zeros_may_follow_and_nothing_else(void **state)
{
    for (size_t kind = 0; kind < 2; kind++) {
        uint8_t bytes[ROOM];
        size_t len = kinds[kind].encode(bytes);

        for (size_t more = 0; more < 100; more++) {
            assert_int_equal(kinds[kind].try(bytes, len + more), VLT_OK);
        }
        bytes[len + 50] = 1;
        assert_int_equal(kinds[kind].try(bytes, len + 51), VLT_E_FORMAT);
    }
}

static void
it_is_refused_when_cut_anywhere(void **state)
{
    for (size_t kind = 0; kind < 2; kind++) {
        uint8_t bytes[ROOM];
        size_t len = kinds[kind].encode(bytes);

        for (size_t cut = 0; cut < len; cut++) {
            uint8_t *copy = malloc(cut + 1); /* a read behind it shows */

            assert_non_null(copy);
            memcpy(copy, bytes, cut);
            assert_int_equal(kinds[kind].try(copy, cut), VLT_E_FORMAT);
            free(copy);
        }
    }
}

static void
what_decodes_of_any_tampering_is_what_it_encodes_to(void **state)
{
    for (size_t kind = 0; kind < 2; kind++) {
        uint8_t bytes[ROOM];
        size_t len = kinds[kind].encode(bytes);

        for (size_t i = 0; i < len; i++) {
            uint8_t good = bytes[i];

            for (unsigned bit = 0; bit < 8; bit++) {
                enum vlt_status st;

                bytes[i] = good ^ (uint8_t)(1U << bit);
                st = kinds[kind].try(bytes, len + 64);
                assert_true(st == VLT_OK || st == VLT_E_FORMAT ||
                            st == VLT_E_LIMIT);
            }
            bytes[i] = good;
        }
    }
}

static void
a_newer_version_is_beyond_the_limit_and_none_is_malformed(void **state)
{
    for (size_t kind = 0; kind < 2; kind++) {
        uint8_t bytes[ROOM];
        size_t len = kinds[kind].encode(bytes);

        bytes[0] = 2;
        assert_int_equal(kinds[kind].try(bytes, len), VLT_E_LIMIT);
        bytes[0] = 0;
        assert_int_equal(kinds[kind].try(bytes, len), VLT_E_FORMAT);
    }
}

static void
columns_are_the_streams_ascending_and_not_too_many(void **state)
{
    static const size_t at[] = { 8, 16 }; /* of the column ids */

    for (size_t kind = 0; kind < 2; kind++) {
        uint8_t bytes[ROOM];
        size_t len = kinds[kind].encode(bytes);
        uint8_t *ids = &bytes[at[kind]];

        ids[2] = 2; /* which the stream has not */
        assert_int_equal(kinds[kind].try(bytes, len), VLT_E_FORMAT);
        ids[2] = 1;
        assert_int_equal(kinds[kind].try(bytes, len), VLT_E_FORMAT);
        ids[2] = 3;
        ids[5] = 1; /* where zeros fill up */
        assert_int_equal(kinds[kind].try(bytes, len), VLT_E_FORMAT);
        ids[5] = 0;
        assert_int_equal(kinds[kind].try(bytes, len), VLT_OK);
        bytes[1] = SUMMARY_COLUMNS + 1;
        assert_int_equal(kinds[kind].try(bytes, len), VLT_E_FORMAT);
    }
}

/* ---- heads ---- */

static void
a_head_comes_back_with_its_summaries_or_without(void **state)
{
    struct head_record head;
    uint8_t bytes[ROOM];
    size_t len = encode_head(bytes);

    assert_int_equal(
        head_record_decode(vlt_slice_of(bytes, len), &schema, &head), VLT_OK);
    assert_int_equal(head.columns.count, COLUMNS);
    assert_int_equal(head.count, 3);
    assert_int_equal(head.entry[1].no, 2);
    assert_true(head.entry[1].rolled);
    assert_int_equal(head.entry[2].arrival, 77);
    assert_int_equal(head.stat[1].n, 5);
    assert_int_equal(head.stat[1].min, (uint64_t)-3);
    assert_int_equal(head.stat[2].n, 3);
    assert_int_equal(head.stat[3].n, 5);
    assert_int_equal(head.stat[2 * COLUMNS + 3].last_time, 24);
    head_record_free(&head);
    assert_int_equal(head_record_decode(vlt_slice_of(bytes, len), NULL, &head),
                     VLT_OK);
    assert_null(head.stat);
    assert_int_equal(head.entry[2].no, 3);
    head_record_free(&head);
}

static void
entries_of_a_head_stand_in_order(void **state)
{
    uint8_t bytes[ROOM];
    size_t len = encode_head(bytes);

    vlt_store_u64(&bytes[16 + 16], 21); /* the first one's first time */
    vlt_store_u64(&bytes[16 + 24], 22);
    assert_int_equal(try_head(bytes, len), VLT_E_FORMAT);
}

static void
a_head_has_so_many_entries_and_at_least_one(void **state)
{
    struct head_record head = { .columns = { .count = 0 },
                                .count = SUMMARY_CHUNKS };
    struct chunk_entry *entry = calloc(SUMMARY_CHUNKS, sizeof *entry);
    struct vlt_stat none = { .n = 0 };
    struct vlt_buf out;

    assert_non_null(entry);
    for (size_t i = 0; i < SUMMARY_CHUNKS; i++) {
        entry[i] = (struct chunk_entry){ .no = i + 1, .rows = 1 };
    }
    head.entry = entry;
    head.stat = &none;
    vlt_buf_init(&out, 0);
    assert_int_equal(head_record_encode(&head, &out), VLT_OK);
    assert_int_equal(try_head(out.at, out.len), VLT_OK);
    out.at[2]++;
    assert_int_equal(try_head(out.at, out.len), VLT_E_FORMAT);
    out.at[2] = 0;
    out.at[3] = 0;
    assert_int_equal(try_head(out.at, out.len), VLT_E_FORMAT);
    vlt_buf_clear(&out);
    head.count++;
    assert_int_equal(head_record_encode(&head, &out), VLT_E_LIMIT);
    vlt_buf_free(&out);
    free(entry);
}

/* ---- roll-ups ---- */

static void
a_roll_up_comes_back_hour_by_hour(void **state)
{
    struct roll_record roll;
    uint8_t bytes[ROOM];
    size_t len = encode_roll(bytes);

    assert_int_equal(
        roll_record_decode(vlt_slice_of(bytes, len), &schema, &roll), VLT_OK);
    assert_int_equal(roll.day, -3);
    assert_int_equal(roll.hours, 0x800005);
    for (size_t hour = 0; hour < SUMMARY_HOURS; hour++) {
        bool there = hour == 0 || hour == 2 || hour == 23;
        const struct vlt_stat *stat = &roll.stat[hour * COLUMNS];

        assert_int_equal(stat[0].n, there ? 5 : 0);
        assert_int_equal(stat[0].type, VLT_TYPE_F64);
        assert_int_equal(stat[2].n, there ? 3 : 0);
        assert_int_equal(stat[1].first_time,
                         there ? -3 * VLT_DAY + (int64_t)hour * VLT_HOUR : 0);
    }
    roll_record_free(&roll);
}

static void
a_day_has_from_one_to_24_hours(void **state)
{
    uint8_t bytes[ROOM];
    size_t len = encode_roll(bytes);

    bytes[11] = 1; /* the 25th */
    assert_int_equal(try_roll(bytes, len), VLT_E_FORMAT);
    memset(&bytes[8], 0, 4);
    memset(&bytes[24], 0, len - 24);
    assert_int_equal(try_roll(bytes, len), VLT_E_FORMAT);
}

static void
a_column_is_found_by_its_id(void **state)
{
    assert_int_equal(summary_find(&columns, 0), 0);
    assert_int_equal(summary_find(&columns, 9), 3);
    assert_int_equal(summary_find(&columns, 2), SIZE_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeros_may_follow_and_nothing_else),
        cmocka_unit_test(it_is_refused_when_cut_anywhere),
        cmocka_unit_test(what_decodes_of_any_tampering_is_what_it_encodes_to),
        cmocka_unit_test(
            a_newer_version_is_beyond_the_limit_and_none_is_malformed),
        cmocka_unit_test(columns_are_the_streams_ascending_and_not_too_many),
        cmocka_unit_test(a_head_comes_back_with_its_summaries_or_without),
        cmocka_unit_test(entries_of_a_head_stand_in_order),
        cmocka_unit_test(a_head_has_so_many_entries_and_at_least_one),
        cmocka_unit_test(a_roll_up_comes_back_hour_by_hour),
        cmocka_unit_test(a_day_has_from_one_to_24_hours),
        cmocka_unit_test(a_column_is_found_by_its_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
