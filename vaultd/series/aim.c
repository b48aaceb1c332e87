/*
 * aim: how many records a slice opens.
 *
 * A record says how many rows it has, and of numbers that is all: each takes 8
 * bytes.  How long texts are, of a column that is asked for or another, nobody
 * knows before they are open.  So few records are opened first; what they have
 * says how many are opened then, and again, until they are about enough for a
 * page, or much: a stream may have more than there is memory.  Of a wrong guess
 * no more is open than OPEN_BYTES above a page, and a record.  That bound does
 * not hold where nothing can be given of as much, since the records overlap:
 * then there is no choice but to open more.
 */
#include "series/slice_internal.h"

enum {
    OPEN_BYTES = 4 << 20,
    FIRST = 2,     /* records: what is left of one may be little, or nothing */
    SOME = 4096,   /* rows of texts, that may fill a page */
    BEFORE = 1024, /* rows of numbers, that the first record may have before */
    GROWTH = 4     /* times as many, where nothing of them counts */
};

/* How many records to open so that about `rows` rows come of them. */
static size_t
records_of(const struct slice *slice, size_t rows)
{
    size_t total = 0;
    size_t i = 0;

    while (i < slice->plan.count && total < rows) {
        total += piece_rows(&slice->plan.piece[i++]);
    }
    return i > 0 ? i : (slice->plan.count > 0);
}

/* Rows of numbers that fill a page, and so many that may be before it.  Where
 * conditions are to hold, only some may count. */
static size_t
rows_of_numbers(const struct series_want *want, const struct page *page,
                size_t before)
{
    size_t columns = vlt_rows_columns(page->rows);
    size_t fit;

    if (want->where_count > 0 || columns == 0) {
        return page->most_rows;
    }
    fit = page->most_bytes / (columns * sizeof(uint64_t));
    return fit < page->most_rows && before < page->most_rows - fit
               ? fit + before
               : page->most_rows;
}

size_t
aim_rows(const struct series_want *want, const struct page *page)
{
    if (!page->texts) {
        return rows_of_numbers(want, page, BEFORE);
    }
    return want->where_count == 0 && SOME < page->most_rows ? SOME
                                                            : page->most_rows;
}

bool
aim_fills(const struct page *page, size_t bytes)
{
    return bytes >= page->most_bytes - page->most_bytes / 4;
}

struct aim
aim_of(const struct slice *slice, const struct series_at *at,
       const struct page *page)
{
    const struct plan *plan = &slice->plan;
    bool texts = rows_have_texts(slice->rows);
    size_t rows = page->texts
                      ? page->most_rows
                      : rows_of_numbers(slice->want, page, plan->piece[0].rows);
    size_t most = records_of(slice, rows + at->count);
    size_t room = SIZE_MAX - OPEN_BYTES;

    return (struct aim){
        .upto = texts && FIRST < most ? FIRST : most,
        .high = most,
        .settled = !texts,
        .most =
            (page->most_bytes < room ? page->most_bytes : room) + OPEN_BYTES,
    };
}

void
aim_begin(struct aim *aim)
{
    aim->bytes = 0;
    aim->taken = 0;
    aim->over = false;
}

void
aim_count(struct aim *aim, const struct vlt_rows *rows, size_t from)
{
    struct vlt_range range = { .from = from,
                               .count = vlt_rows_count(rows) - from };

    aim->taken++;
    if (aim->settled) {
        return;
    }
    aim->bytes += vlt_rows_size(rows, range);
    aim->over = aim->bytes > aim->most && aim->taken < aim->upto;
}

/* Fewer, but more than were too few: as many as were opened, which were others
 * where records overlap, or half of what is left to choose from. */
static void
aim_lower(struct aim *aim)
{
    size_t half;

    aim->high = aim->upto - 1;
    half = aim->low + (aim->high - aim->low + 1) / 2;
    aim->upto = aim->taken > aim->low + 1 && aim->taken - 1 < half
                    ? aim->taken - 1
                    : half;
    aim->settled = aim->upto <= aim->low || aim->upto <= 1;
}

/* More: as many as a page has room for if all rows are like these, and an
 * eighth.  Where records overlap, most of what they have does not count yet:
 * so it is half as many again at least, since each step opens all anew. */
static void
aim_higher(struct aim *aim, const struct slice *slice, struct share share,
           const struct page *page)
{
    size_t least = aim->upto + aim->upto / 2 + 1;
    size_t more = aim->upto * GROWTH;

    if (share.bytes > 0) {
        size_t rows = page->most_bytes / (share.bytes / share.rows + 1);

        rows = rows < page->most_rows ? rows : page->most_rows;
        more = records_of(slice, rows + rows / 8 + slice->plan.piece[0].rows);
    }
    aim->low = aim->upto;
    aim->upto = more > least ? more : least;
    if (aim->upto > aim->high) {
        aim->upto = aim->high;
    }
}

bool
aim_again(struct aim *aim, const struct slice *slice, int64_t horizon,
          const struct series_at *at, const struct page *page)
{
    struct share share;

    if (aim->settled) {
        return false;
    }
    if (aim->over) {
        aim_lower(aim);
        return true;
    }
    share = slice_share(slice, horizon, at, page);
    if (aim->upto >= aim->high || aim_fills(page, share.bytes) ||
        (aim->bytes > aim->most / 2 && share.rows > 0)) {
        return false;
    }
    aim_higher(aim, slice, share, page);
    return true;
}

void
aim_double(struct aim *aim, const struct slice *slice)
{
    size_t all = slice->plan.count;

    aim->upto = slice->opened < all / 2 ? 2 * slice->opened : all;
    aim->settled = true;
}
