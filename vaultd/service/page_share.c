/*
 * page_share: live pages of one scope, scanned and encoded once (shared.h).
 *
 * Late rows are not shared: how far back a reader may be told of them moves
 * with the clock, for each of its own.
 */
#include <string.h>

#include "crypto/hash.h"
#include "service/page_internal.h"
#include "service/shared.h"

/* All that a scan in order, and what becomes of its rows, depend on.  It is
 * hashed as it lies in memory, so that a gap in it has to be zero. */
struct scope {
    uint8_t stream[VLT_ID_LEN];
    uint64_t stream_columns; /* it is widened only */
    uint64_t columns;
    uint8_t column[SERIES_COLUMNS_MAX];
    int64_t from, to;
    uint64_t below;
    int64_t every, origin;
    uint64_t stats, min_readings;
    int64_t at_time;
    uint64_t at_count;
    int64_t round_nano;
    uint64_t round_length;
    uint64_t most_rows, most_bytes;
    uint64_t json;
    uint64_t gaps;
    struct grant_gap gap[CONSENT_GAPS_NOW];
};

static void
scope_of(const struct page *page, const struct read_stream *at,
         struct page_most most, uint8_t out[VLT_HASH_LEN])
{
    const struct reading *reading = page->reading;
    const struct series_want *want = &at->want;
    struct vlt_slice bytes;
    struct scope scope;

    memset(&scope, 0, sizeof scope);
    memcpy(scope.stream, at->stream->id, sizeof scope.stream);
    scope.stream_columns = at->stream->columns;
    scope.columns = want->columns;
    memcpy(scope.column, want->column, want->columns);
    /* Rows before where it is are done, so a bound before that is none. */
    scope.from = want->from > at->at.time ? want->from : at->at.time;
    scope.to = want->to;
    scope.below = want->below;
    scope.every = want->every;
    scope.origin = want->origin;
    scope.stats = want->stats;
    scope.min_readings = want->min_readings;
    scope.at_time = at->at.time;
    scope.at_count = at->at.count;
    scope.round_nano = at->round.nano;
    scope.round_length = at->round.length;
    scope.most_rows = most.rows;
    scope.most_bytes = most.bytes;
    scope.json = reading->asked.json;
    scope.gaps = reading->gaps;
    for (size_t i = 0; i < reading->gaps; i++) {
        scope.gap[i].from = reading->gap[i].from;
        scope.gap[i].to = reading->gap[i].to;
        scope.gap[i].hidden = reading->gap[i].hidden;
    }
    bytes = vlt_slice_of(&scope, sizeof scope);
    vlt_hash(&bytes, 1, out);
}

bool
page_share_take(struct page *page, struct read_stream *at,
                struct page_most most, struct page_share *share)
{
    struct service *service = page->reading->service;
    struct shared_page shared = { .rows = 0 };

    scope_of(page, at, most, share->scope);
    vlt_buf_clear(&page->body);
    share->making = shared_begin(service->shared, share->scope, &shared,
                                 &page->body) == SHARED_MAKE;
    if (share->making) {
        share->withheld = page->reading->withheld;
        page->withheld = share->withheld; /* its head is its own */
        page->reading->withheld = false;  /* what this scan does is told */
    }
    /* What was erased since is in it yet. */
    if (share->making || vlt_buf_failed(&page->body) ||
        series_erased_since(service->series, at->stream->id, shared.snapshot)) {
        return false;
    }
    page->snapshot = shared.snapshot;
    page->at = shared.at;
    page->stream_done = shared.done;
    page->rows = shared.rows;
    page->final = false;
    page->reading->withheld = page->reading->withheld || shared.withheld;
    page->given = (struct given){ .rows = shared.rows,
                                  .first = shared.first,
                                  .last = shared.last };
    if (shared.rows > 0) {
        shared_count(service->shared, false);
    }
    return true;
}

void
page_share_give(const struct page *page, enum vlt_status st,
                struct page_share *share)
{
    struct shared_page made = { .snapshot = page->snapshot,
                                .rows = page->rows,
                                .first = page->given.first,
                                .last = page->given.last,
                                .at = page->at,
                                .done = page->stream_done,
                                .withheld = page->reading->withheld };
    bool good = st == VLT_OK && !page->refused;

    if (share->making) {
        shared_made(page->reading->service->shared, share->scope,
                    good ? &made : NULL, vlt_buf_slice(&page->body));
        page->reading->withheld = made.withheld || share->withheld;
        share->making = false;
    }
}
