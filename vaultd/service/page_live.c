/*
 * page_live: the pages of a subscription (a worker).
 *
 * A stream is told in sweeps.  A sweep tells what could be seen when it began,
 * in as many pages as that takes, whenever the caller takes them; the next
 * begins no sooner than the grant's interval allows.  So the pages of a sweep
 * may follow one another at once, and none of them looks again.
 */
#include "service/page_internal.h"

/* The next stream that may have rows and whose time has come, from where it got
 * to, round and round; count: none. */
static size_t
next_dirty(const struct reading *reading)
{
    int64_t boot = service_boot(reading->service);

    for (size_t i = 0; i < reading->count; i++) {
        size_t at = (reading->current + i) % reading->count;

        if (reading->streams[at].dirty && reading->streams[at].due <= boot) {
            return at;
        }
    }
    return reading->count;
}

/* What is packed does not keep the arrival of rows that came behind all others;
 * but those that come behind the stream's newest row come after the sweep. */
static void
end_at_newest(const struct reading *reading, struct read_stream *at)
{
    uint64_t rows;
    int64_t first;
    int64_t last;

    if (series_extent(reading->service->series, at->stream->id, &rows, &first,
                      &last) &&
        last < at->want.to) {
        at->want.to = last + 1;
    }
}

/* Begin a sweep of what arrived before end, or go on with the one under way
 * (true).  What rows are too old for moves with the clock, in a sweep as well;
 * what they are too young for does not, but back. */
static bool
sweep(const struct reading *reading, struct read_stream *at, uint64_t end)
{
    bool under_way = at->want.below != 0;
    int64_t to = at->want.to;

    resolve_reach(reading, at, service_effective(reading->service));
    if (!under_way) {
        at->want.below = end;
        end_at_newest(reading, at);
    } else if (to < at->want.to) {
        at->want.to = to;
    }
    return under_way;
}

void
page_end_sweep(const struct page *page, struct read_stream *at, bool told)
{
    at->want.below = 0;
    at->dirty = page->behind;
    if (told) {
        at->due = service_boot(page->reading->service) + at->every;
    }
}

enum vlt_status
page_make_live(struct page *page, const struct store_view *view)
{
    struct reading *reading = page->reading;
    uint64_t end = 0;
    enum vlt_status st = series_end(reading->service->series, view, &end);

    page->index = next_dirty(reading);
    while (st == VLT_OK && page->index < reading->count) {
        struct read_stream *at = &reading->streams[page->index];
        bool under_way = sweep(reading, at, end);

        st = page_scan(page, view, false);
        page->behind = at->want.below < end;
        if (st != VLT_OK || page->rows > 0) {
            return st;
        }
        /* Nothing came of it: the stream is where the scan got to. */
        at->at = page->at;
        at->late = page->late_at;
        if (page->stream_done && !page->late) {
            page_end_sweep(page, at, under_way);
        }
        page->index = next_dirty(reading);
        page->more = page->index < reading->count && page_opened_enough(view);
        if (page->more) {
            return st;
        }
    }
    return st;
}
