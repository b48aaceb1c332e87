/*
 * page_size: how many rows a page may have (a worker).
 *
 * A page of a long answer is like the one before it.
 */
#include "service/page_internal.h"

#include "wire/limits.h"

enum {
    BLOCK_BYTES = 512 << 10, /* decoded size of a page of blocks: its block
                                stays below a frame's limit */
    JSON_BYTES = 32 << 10,   /* the same of a page of JSON with texts, of which
                                a byte may take six: these are below a message's
                                limit */
    JSON_HEAD = 1024,        /* of a message, for what is around its rows */
    JSON_ROW = 40,           /* bytes of a time, printed */
    JSON_CELL = 26,          /* of a number */
    SHORT_ROW = 32,          /* as most are */
    SHORT_CELL = 8,
};

static bool
has_texts(const struct vlt_rows *rows)
{
    for (size_t c = 0; c < vlt_rows_columns(rows); c++) {
        enum vlt_type type = vlt_rows_column(rows, c).field.type;

        if (type == VLT_TYPE_TEXT || type == VLT_TYPE_JSON) {
            return true;
        }
    }
    return false;
}

bool
page_may_guess(const struct reading *reading, const struct vlt_rows *rows)
{
    return reading->asked.json && !reading->live && !reading->unlike &&
           reading->page_rows > 0 && reading->page_index == reading->current &&
           !has_texts(rows);
}

/* Rows that fit into a message of JSON however long each is printed; where the
 * page before says how long they are, an eighth longer, if they are numbers. */
static size_t
most_of_json(const struct reading *reading, const struct vlt_rows *rows)
{
    size_t row = JSON_ROW + JSON_CELL * vlt_rows_columns(rows);
    size_t most = (VLT_LIMIT_TEXT - JSON_HEAD) / row;

    if (page_may_guess(reading, rows)) {
        size_t seen = (VLT_LIMIT_TEXT - JSON_HEAD) * reading->page_rows /
                      (reading->page_bytes + reading->page_bytes / 8);

        most = seen > most ? seen : most;
    }
    return most;
}

size_t
page_most_rows(const struct reading *reading, const struct vlt_rows *rows)
{
    size_t most = SERIES_PAGE_ROWS;

    if (reading->asked.json) {
        most = most_of_json(reading, rows);
        most = most < SERIES_PAGE_ROWS ? most : SERIES_PAGE_ROWS;
    }
    if (reading->live && most > SPAN_ROWS / 8) {
        most = SPAN_ROWS / 8;
    }
    if (reading->left < (int64_t)most && reading->asked.wheres == 0) {
        most = (size_t)reading->left;
    }
    return most > 0 ? most : 1;
}

size_t
page_most_bytes(const struct reading *reading, const struct vlt_rows *rows)
{
    return reading->asked.json && has_texts(rows) ? JSON_BYTES : BLOCK_BYTES;
}

void
page_note_size(const struct page *page)
{
    struct reading *reading = page->reading;

    if (page->frame.len > 0) {
        reading->page_rows = page->rows;
        reading->page_bytes = page->frame.len;
        reading->page_index = page->index;
    }
}

/* Make the frame so large, and empty. */
static enum vlt_status
reserve(struct page *page, size_t bytes)
{
    enum vlt_status st;

    vlt_buf_clear(&page->frame);
    (void)vlt_buf_extend(&page->frame, bytes);
    st = vlt_buf_status(&page->frame);
    vlt_buf_clear(&page->frame);
    return st;
}

enum vlt_status
page_make_room(struct page *page, struct vlt_rows *rows)
{
    const struct reading *reading = page->reading;
    size_t most = BLOCK_BYTES / (8 + 8 * vlt_rows_columns(rows));
    size_t last = reading->page_rows;
    enum vlt_status st = reserve(page, reading->page_bytes);

    return st == VLT_OK ? vlt_rows_reserve(rows, last < most ? last : most)
                        : st;
}

enum vlt_status
page_room_for(struct page *page, const struct vlt_rows *rows)
{
    size_t row = SHORT_ROW + SHORT_CELL * vlt_rows_columns(rows);
    size_t bytes = vlt_rows_count(rows) * row;

    return reserve(page, bytes < VLT_LIMIT_TEXT ? bytes : VLT_LIMIT_TEXT);
}
