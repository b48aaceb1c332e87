/*
 * slice: rows of the records that were opened go to a page.
 */
#include <assert.h>
#include <string.h>

#include "series/slice_internal.h"

bool
rows_have_texts(const struct vlt_rows *rows)
{
    for (size_t i = 0; i < vlt_rows_columns(rows); i++) {
        enum vlt_type type = vlt_rows_column(rows, i).field.type;

        if (type == VLT_TYPE_TEXT || type == VLT_TYPE_JSON) {
            return true;
        }
    }
    return false;
}

/* What a row takes of a page: 8 bytes a cell, and the bytes of each text. */
static size_t
size_of(const struct page *page, const struct vlt_rows *rows, size_t row)
{
    size_t size = 0;

    for (size_t i = 0; i < vlt_rows_columns(page->rows); i++) {
        struct vlt_field field = vlt_rows_column(page->rows, i).field;

        size += sizeof(uint64_t);
        if (field.type == VLT_TYPE_TEXT || field.type == VLT_TYPE_JSON) {
            size_t at = vlt_rows_find(rows, field.id);

            size += at != SIZE_MAX ? vlt_rows_text(rows, row, at).len : 0;
        }
    }
    return size;
}

enum vlt_status
page_add(struct page *page, const struct vlt_rows *rows, size_t row, bool *full)
{
    struct vlt_range one = { .from = row, .count = 1 };
    size_t size = size_of(page, rows, row);
    size_t count = vlt_rows_count(page->rows);

    *full = count > 0 &&
            (count >= page->most_rows || page->bytes + size > page->most_bytes);
    if (*full) {
        return VLT_OK;
    }
    page->bytes += size;
    return vlt_rows_pick(page->rows, rows, one);
}

/* How many rows of numbers there is room for: one at least. */
static size_t
page_room(const struct page *page)
{
    size_t size = vlt_rows_columns(page->rows) * sizeof(uint64_t);
    size_t count = vlt_rows_count(page->rows);
    size_t room = page->most_rows > count ? page->most_rows - count : 0;
    size_t bytes =
        page->most_bytes > page->bytes ? page->most_bytes - page->bytes : 0;

    if (size > 0 && room > bytes / size) {
        room = bytes / size;
    }
    return room > 0 || count > 0 ? room : 1;
}

/* Rows of a range, as page_add(), as many at once as there is room for; *given:
 * so many were. */
static enum vlt_status
page_add_run(struct page *page, const struct vlt_rows *rows,
             struct vlt_range range, size_t *given)
{
    size_t columns = vlt_rows_columns(page->rows);
    size_t room = page_room(page);
    bool full = false;
    enum vlt_status st = VLT_OK;

    *given = 0;
    while (page->texts && st == VLT_OK && *given < range.count && !full) {
        st = page_add(page, rows, range.from + *given, &full);
        *given += st == VLT_OK && !full;
    }
    if (page->texts) {
        return st;
    }
    range.count = range.count < room ? range.count : room;
    st = vlt_rows_pick(page->rows, rows, range);
    if (st == VLT_OK) {
        page->bytes += range.count * columns * sizeof(uint64_t);
        *given = range.count;
    }
    return st;
}

/* The first row from `row` on, before `end`, that is wanted, or is not; `end`
 * where there is none. */
static size_t
next_row(const struct slice *slice, size_t row, size_t end, bool wanted)
{
    if (slice->holds == NULL) {
        return wanted ? row : end;
    }
    const uint8_t *at = memchr(slice->holds + row, wanted, end - row);

    return at != NULL ? (size_t)(at - slice->holds) : end;
}

/* *at is behind the row before this one. */
static void
move_behind(const struct slice *slice, size_t row, struct series_at *at)
{
    at->time = vlt_rows_times(slice->rows)[row - 1];
    at->count = (uint32_t)(row - vlt_rows_seek(slice->rows, at->time));
}

/* Where an empty page gets all there is in one piece, most rows of the slice,
 * and the same columns, the rows change hands and none is copied. */
static bool
hand_over(struct slice *slice, struct vlt_range range, struct series_at *at,
          struct page *page)
{
    size_t room = page_room(page);
    size_t count = vlt_rows_count(slice->rows);
    struct series_at behind;

    assert(vlt_rows_count(page->rows) == 0);
    range.count = range.count < room ? range.count : room;
    if (slice->holds != NULL || page->texts || range.count < count / 2 ||
        range.count == 0) {
        return false;
    }
    move_behind(slice, range.from + range.count, &behind);
    if (!vlt_rows_swap(page->rows, slice->rows)) {
        return false;
    }
    vlt_rows_keep(page->rows, range);
    page->bytes = range.count * vlt_rows_columns(page->rows) * sizeof(uint64_t);
    slice->handed = true;
    slice->left = range.from + range.count < count;
    *at = behind;
    return true;
}

enum vlt_status
slice_give_up(struct slice *slice, int64_t horizon, struct series_at *at,
              struct page *page)
{
    size_t end = vlt_rows_seek(slice->rows, horizon);
    size_t begin = vlt_rows_seek(slice->rows, at->time) + at->count;
    size_t row = begin;
    enum vlt_status st = VLT_OK;

    if (begin < end &&
        hand_over(slice,
                  (struct vlt_range){ .from = begin, .count = end - begin }, at,
                  page)) {
        return VLT_OK;
    }
    while (st == VLT_OK && row < end) {
        struct vlt_range run = { .from = next_row(slice, row, end, true) };
        size_t given = 0;

        run.count = next_row(slice, run.from, end, false) - run.from;
        if (run.count > 0) {
            st = page_add_run(page, slice->rows, run, &given);
        }
        row = run.from + given;
        if (given < run.count) {
            break;
        }
    }
    if (row > begin) {
        move_behind(slice, row, at);
    }
    return st;
}

/* Backwards: the rows that are left are those before this one. */
static size_t
left_down(const struct slice *slice, const struct series_at *at)
{
    size_t count = vlt_rows_count(slice->rows);
    size_t row = vlt_rows_seek(slice->rows, at->time) + at->count;

    return row < count ? row : count;
}

enum vlt_status
slice_give_down(const struct slice *slice, int64_t horizon,
                struct series_at *at, struct page *page)
{
    const int64_t *times = vlt_rows_times(slice->rows);

    for (size_t row = left_down(slice, at);
         row > 0 && times[row - 1] >= horizon; row--) {
        bool full = false;
        enum vlt_status st = VLT_OK;

        if (slice->holds == NULL || slice->holds[row - 1] != 0) {
            st = page_add(page, slice->rows, row - 1, &full);
        }
        if (st != VLT_OK || full) {
            return st;
        }
        at->time = times[row - 1];
        at->count = (uint32_t)(row - 1 - vlt_rows_seek(slice->rows, at->time));
    }
    return VLT_OK;
}

struct share
slice_share(const struct slice *slice, int64_t horizon,
            const struct series_at *at, const struct page *page)
{
    bool down = slice->want->descending;
    size_t edge = vlt_rows_seek(slice->rows, horizon);
    size_t next = vlt_rows_seek(slice->rows, at->time) + at->count;
    size_t row = down ? edge : next;
    size_t end = down ? left_down(slice, at) : edge;
    struct share share = { .rows = 0 };

    for (; row < end && share.bytes < page->most_bytes; row++) {
        share.rows++;
        if (slice->holds == NULL || slice->holds[row] != 0) {
            share.bytes += size_of(page, slice->rows, row);
        }
    }
    return share;
}

bool
slice_left(const struct slice *slice, const struct series_at *at)
{
    if (slice->opened < slice->plan.count || slice->plan.cut) {
        return true;
    }
    if (slice->handed) {
        return slice->left;
    }
    if (slice->want->descending) {
        return left_down(slice, at) > 0;
    }
    return vlt_rows_seek(slice->rows, at->time) + at->count <
           vlt_rows_count(slice->rows);
}
