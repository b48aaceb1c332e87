/* Blocks that are stored as they came.  To tell which are, the block that goes
 * with rows has other values than they have: what is read is what was stored.
 */
#include "model.h"

#include "store/record.h"
#include "wire/block.h"

enum { COUNT = 300 };

/* Steps of a tenth, from `first` on, and times from `begin` on. */
static struct vlt_rows *
steps(int64_t begin, double first)
{
    static struct cell cell[COUNT];

    for (size_t i = 0; i < COUNT; i++) {
        cell[i].time = begin + (int64_t)i * VLT_SECOND;
        cell[i].value = first + (double)(i % 7) / 10;
    }
    return rows_of(cell, COUNT);
}

/* A batch of parts of one stream, in a turn of its own. */
static struct series_stored
commit_parts(struct bench *b, const struct series_part *part, size_t parts)
{
    struct series_batch batch = { .source = 1, .parts = parts, .part = part };
    struct series_stored out;

    turn_begin(b);
    assert_int_equal(series_append(b->series, b->txn, &batch, &out), VLT_OK);
    turn_commit(b);
    return out;
}

struct kept {
    struct bench b;
    const struct stream *stream;
    struct vlt_rows *rows;
    struct vlt_buf block; /* other values, ordinal 7 */
    struct series_part part;
};

static void
begin(struct kept *kept, int64_t from)
{
    struct vlt_rows *other = steps(from, 500);

    *kept = (struct kept){ .rows = steps(from, 20) };
    bench_begin(&kept->b);
    kept->stream = new_stream(&kept->b, "a");
    assert_int_equal(
        vlt_block_encode(other, vlt_rows_all(other), 7, &kept->block), VLT_OK);
    vlt_rows_free(other);
    kept->part = (struct series_part){ .stream = kept->stream,
                                       .rows = kept->rows,
                                       .block = vlt_buf_slice(&kept->block) };
}

static void
end(struct kept *kept)
{
    vlt_buf_free(&kept->block);
    vlt_rows_free(kept->rows);
    stream_release(kept->stream);
    bench_end(&kept->b);
}

/* All rows of the stream are those of the block, or none is. */
static void
assert_stored(struct kept *kept, size_t count, bool block)
{
    struct vlt_rows *rows = scan(&kept->b, kept->stream, &want_all, 100);

    assert_int_equal(vlt_rows_count(rows), count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(vlt_f64_of(vlt_rows_bits(rows, i, 0)) >= 500, block);
    }
    vlt_rows_free(rows);
    (void)assert_packed_whole(&kept->b);
}

static bool
has_no_ordinal(void *ctx, const struct store_tail *tail)
{
    struct vlt_slice block = { tail->plain.at + STORE_TAIL_HEAD,
                               tail->plain.len - STORE_TAIL_HEAD };
    struct vlt_block_head head;
    size_t *tails = ctx;

    assert_int_equal(vlt_block_peek(block, NULL, &head), VLT_OK);
    assert_int_equal(head.ordinal, 0);
    assert_int_equal(head.rows, COUNT);
    ++*tails;
    return true;
}

/* One tail, whose block is of no request. */
static void
assert_one_tail(struct bench *b)
{
    struct store_read *read = read_begin(&b->vault);
    const struct store_view *view = store_read_view(read);
    uint64_t first = 0;
    size_t tails = 0;

    assert_int_equal(store_tail_first(view, &first), VLT_OK);
    assert_int_equal(store_tail_each(view, first, has_no_ordinal, &tails),
                     VLT_OK);
    assert_int_equal(tails, 1);
    store_read_end(read);
}

static void
a_block_behind_all_others_is_stored_as_it_came(void **state)
{
    struct kept kept;

    begin(&kept, 0);
    assert_int_equal(commit_parts(&kept.b, &kept.part, 1).rows, COUNT);
    assert_stored(&kept, COUNT, true);
    assert_one_tail(&kept.b);
    bench_reopen(&kept.b);
    assert_stored(&kept, COUNT, true);
    end(&kept);
}

static void
a_block_with_a_row_that_is_there_is_made_anew(void **state)
{
    struct kept kept;
    struct cell first = { .time = 0, .value = 20 };
    struct series_stored out;

    begin(&kept, 0);
    commit_rows(&kept.b, kept.stream, 0, &first, 1);
    out = commit_parts(&kept.b, &kept.part, 1);
    assert_int_equal(out.rows, COUNT - 1);
    assert_int_equal(out.equal, 1);
    assert_stored(&kept, COUNT, false);
    end(&kept);
}

static void
a_block_before_what_is_there_is_made_anew(void **state)
{
    struct kept kept;
    struct cell later = { .time = VLT_DAY, .value = 20 };

    begin(&kept, 0);
    commit_rows(&kept.b, kept.stream, 0, &later, 1);
    assert_int_equal(commit_parts(&kept.b, &kept.part, 1).rows, COUNT);
    assert_stored(&kept, COUNT + 1, false);
    end(&kept);
}

/* Which of two rows at one time is there already is for sifting to say. */
static void
a_block_with_two_rows_at_one_time_is_made_anew(void **state)
{
    struct kept kept;
    struct cell more = { .time = 0, .value = 21 };
    struct vlt_rows *twice = rows_of(&more, 1);

    begin(&kept, 0);
    assert_int_equal(vlt_rows_append(twice, kept.rows, vlt_rows_all(kept.rows)),
                     VLT_OK);
    kept.part.rows = twice;
    commit_parts(&kept.b, &kept.part, 1);
    assert_stored(&kept, COUNT + 1, false);
    vlt_rows_free(twice);
    end(&kept);
}

static void
a_block_of_two_epochs_is_made_anew(void **state)
{
    struct kept kept;

    begin(&kept, EPOCH - 100 * VLT_SECOND);
    commit_parts(&kept.b, &kept.part, 1);
    assert_stored(&kept, COUNT, false);
    end(&kept);
}

static void
a_block_that_another_part_stands_beside_is_made_anew(void **state)
{
    for (size_t last = 0; last < 2; last++) {
        struct vlt_rows *more = steps(VLT_DAY, 30);
        struct series_part part[2];
        struct kept kept;

        begin(&kept, 0);
        part[last] = kept.part;
        part[1 - last] =
            (struct series_part){ .stream = kept.stream, .rows = more };
        commit_parts(&kept.b, part, 2);
        assert_stored(&kept, 2 * COUNT, false);
        vlt_rows_free(more);
        end(&kept);
    }
}

/* Doubles of any size, all over 500: as many bytes as they have. */
static void
a_block_that_is_not_packed_is_made_anew(void **state)
{
    struct vlt_rows *other = steps(0, 500);
    uint32_t seed = 1;
    struct kept kept;

    begin(&kept, 0);
    for (size_t i = 0; i < COUNT; i++) {
        uint64_t bits = (uint64_t)draw_of(&seed, 0x3e0000) << 40;

        bits |= (uint64_t)draw_of(&seed, 1 << 24) << 16;
        bits |= draw_of(&seed, 1 << 16);
        vlt_rows_set_at(other, i, 0, vlt_bits_of(512) + bits);
    }
    vlt_buf_clear(&kept.block);
    assert_int_equal(
        vlt_block_encode(other, vlt_rows_all(other), 0, &kept.block), VLT_OK);
    assert_true(kept.block.len > (size_t)COUNT * sizeof(double));
    kept.part.block = vlt_buf_slice(&kept.block);
    commit_parts(&kept.b, &kept.part, 1);
    assert_stored(&kept, COUNT, false);
    vlt_rows_free(other);
    end(&kept);
}

/* A byte a time, two a cell, and never more than a slab of tails holds. */
static void
what_a_row_of_a_kept_block_takes_is_bounded(void **state)
{
    static const struct vlt_field fields[] = { { 0, VLT_TYPE_F64 },
                                               { 1, VLT_TYPE_BOOL } };
    static const struct vlt_schema schema = { .fields = fields, .count = 2 };
    struct vlt_rows *rows = NULL;

    assert_int_equal(vlt_rows_new(&schema, &rows), VLT_OK);
    for (size_t i = 0; i < 60000; i++) {
        assert_int_equal(vlt_rows_add(rows, (int64_t)i), VLT_OK);
        vlt_rows_set_at(rows, i, 0, vlt_bits_of(1));
        vlt_rows_set_at(rows, i, 1, 1);
    }
    assert_true(series_keeps_block(rows, 256 << 10));
    assert_false(series_keeps_block(rows, (256 << 10) + 1));
    assert_false(series_keeps_block(rows, 0));
    vlt_rows_keep(rows, (struct vlt_range){ .from = 0, .count = COUNT });
    assert_true(series_keeps_block(rows, COUNT * 5));
    assert_false(series_keeps_block(rows, COUNT * 5 + 1));
    vlt_rows_free(rows);
}

static void
a_block_with_a_column_without_values_is_made_anew(void **state)
{
    static const struct stream_column two[] = {
        { .id = 0, .type = VLT_TYPE_F64, .name = "value" },
        { .id = 1, .type = VLT_TYPE_F64, .name = "never" },
    };
    struct stream wish = wish_of("b", two, 2);
    struct vlt_rows *wide;
    struct kept kept;

    begin(&kept, 0);
    stream_release(kept.stream);
    turn_begin(&kept.b);
    assert_int_equal(
        series_create(kept.b.series, kept.b.txn, &wish, NULL, &kept.stream),
        VLT_OK);
    turn_commit(&kept.b);
    wide = rows_for(kept.stream, &want_all);
    assert_int_equal(vlt_rows_append(wide, kept.rows, vlt_rows_all(kept.rows)),
                     VLT_OK);
    kept.part.stream = kept.stream;
    kept.part.rows = wide;
    commit_parts(&kept.b, &kept.part, 1);
    assert_stored(&kept, COUNT, false);
    vlt_rows_free(wide);
    end(&kept);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_behind_all_others_is_stored_as_it_came),
        cmocka_unit_test(a_block_with_a_row_that_is_there_is_made_anew),
        cmocka_unit_test(a_block_before_what_is_there_is_made_anew),
        cmocka_unit_test(a_block_with_two_rows_at_one_time_is_made_anew),
        cmocka_unit_test(a_block_of_two_epochs_is_made_anew),
        cmocka_unit_test(a_block_that_another_part_stands_beside_is_made_anew),
        cmocka_unit_test(what_a_row_of_a_kept_block_takes_is_bounded),
        cmocka_unit_test(a_block_with_a_column_without_values_is_made_anew),
        cmocka_unit_test(a_block_that_is_not_packed_is_made_anew),
    };

    if (run_quietly() != 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
