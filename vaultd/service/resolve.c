/*
 * resolve: which streams, columns and interval an answer has (a worker).
 *
 * What a firm may not see and what is not there are one refusal; what exceeds
 * the grant in the firm's own parameters is named (WIRE.md, 5.2).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/time.h"
#include "service/resolve_internal.h"
#include "store/record.h"
#include "vocab/vocab.h"

#define USE_GRAIN (VLT_SECOND / 1000 - 1) /* an id has milliseconds */

/* Buckets are whole multiples from 1970-01-05, a Monday. */
#define GRID_ORIGIN (4 * VLT_DAY)

bool
resolve_has_star(const char *pattern)
{
    return strchr(pattern, '*') != NULL;
}

enum vlt_status
resolve_refuse(struct page *page, enum vlt_status st, enum vlt_rpc_code code,
               const char *message)
{
    page->refused = true;
    page->refusal = st;
    page->fault.code = (int)code;
    (void)strncpy(page->fault.message, message, sizeof page->fault.message - 1);
    return VLT_OK;
}

/* ---- columns ---- */

static bool
wants_column(const struct asked *asked, const char *name)
{
    for (size_t i = 0; i < asked->columns; i++) {
        if (strcmp(asked->column[i], name) == 0) {
            return true;
        }
    }
    return asked->columns == 0;
}

bool
resolve_is_text(uint8_t type)
{
    return type == VLT_TYPE_TEXT || type == VLT_TYPE_JSON;
}

/* The columns of a stream that were asked for; false: none is its. */
bool
resolve_columns(const struct asked *asked, const struct stream *stream,
                bool numbers_only, struct series_want *want)
{
    for (size_t i = 0; i < stream->columns; i++) {
        const struct stream_column *column = &stream->column[i];

        if (wants_column(asked, column->name) &&
            !(numbers_only && resolve_is_text(column->type))) {
            want->column[want->columns++] = column->id;
        }
    }
    return want->columns > 0;
}

/* ---- adding streams ---- */

int64_t
resolve_ceil(int64_t time, int64_t every)
{
    int64_t from = time - GRID_ORIGIN;

    return GRID_ORIGIN - vlt_floor_div(-from, every) * every;
}

int64_t
resolve_floor(int64_t time, int64_t every)
{
    return GRID_ORIGIN + vlt_floor_div(time - GRID_ORIGIN, every) * every;
}

bool
resolve_on_grid(int64_t time, int64_t every)
{
    int64_t from = time - GRID_ORIGIN;

    return from == vlt_floor_div(from, every) * every;
}

/* The time that pages show, by the wall clock: now, or when the use was taken
 * that they belong to.  Clocks are read one after the other, so that they
 * differ by a little; only where the wall clock was put back is that what it
 * is behind, and all pages of a use have the same. */
static int64_t
newest(const struct reading *reading, int64_t now)
{
    int64_t wall = service_wall(reading->service);
    int64_t behind = service_running(reading->service) - wall;
    int64_t last = wall < now ? wall : now;

    if (reading->used && !reading->live) {
        int64_t taken = consent_use_time(reading->use) + USE_GRAIN;

        taken -= behind > VLT_SECOND ? behind : 0;
        last = taken < last ? taken : last;
    }
    return last;
}

/* Up to where rows are old enough to be told.  Of live buckets only closed ones
 * are, the owner's too.  The pages of one use have what there was when it was
 * taken: else it could be asked again and again for what comes.
 *
 * It is the wall clock that says how old a row is: effective time is ahead of
 * it after the clock was, and would make buckets closed that still fill. */
static int64_t
visible(const struct reading *reading, const struct read_stream *at,
        int64_t now)
{
    int64_t last = newest(reading, now) - at->reach.delay;
    bool live_buckets = reading->live && at->want.every != 0;

    if (!at->reach.granted && !live_buckets) {
        return INT64_MAX;
    }
    return at->want.every != 0 ? resolve_floor(last, at->want.every) : last;
}

static int64_t
later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* From where on rows are young enough: by the grant, and by
 * what the stream keeps, since older rows are invisible at once.  So are
 * buckets that begin before that: they would be of some of their rows. */
static int64_t
oldest(const struct read_stream *at, int64_t now)
{
    /* INT64_MAX ns ago is before any row. */
    int64_t first = later(now - at->reach.window, now - at->reach.keep);

    first = later(first, at->reach.first);
    return at->want.every != 0 && first > VLT_TIME_MIN
               ? resolve_ceil(first, at->want.every)
               : first;
}

void
resolve_reach(const struct reading *reading, struct read_stream *at,
              int64_t now)
{
    int64_t last = visible(reading, at, now);

    at->want.from = later(reading->asked.from, oldest(at, now));
    at->want.to = reading->asked.to < last ? reading->asked.to : last;
    at->want.to = later(at->want.to, at->want.from);
}

struct read_stream *
resolve_add(struct reading *reading, const struct stream *stream)
{
    size_t size = (reading->count + 1) * sizeof *reading->streams;
    struct read_stream *more = realloc(reading->streams, size);

    if (more == NULL) {
        return NULL;
    }
    reading->streams = more;

    struct read_stream *at = &more[reading->count++];

    memset(at, 0, sizeof *at);
    at->stream = stream_hold(stream);
    memcpy(at->shown, stream->name, sizeof at->shown);
    at->want.every = reading->asked.every;
    at->want.origin = GRID_ORIGIN;
    at->want.stats = reading->asked.stats;
    at->want.descending = reading->asked.descending;
    at->reach = (struct reach){ .first = INT64_MIN,
                                .window = INT64_MAX,
                                .keep = stream->keep };
    return at;
}

bool
resolve_matches(const struct asked *asked, const char *name)
{
    for (size_t i = 0; i < asked->patterns; i++) {
        if (vlt_pattern_matches(vlt_slice_text(asked->pattern[i]),
                                vlt_slice_text(name))) {
            return true;
        }
    }
    return false;
}

/* The place that the cursor has for this stream; NULL: none. */
static const struct position *
kept_place(const struct asked *asked, const struct stream *stream)
{
    for (size_t i = 0; i < asked->positions; i++) {
        if (memcmp(asked->position[i].stream, stream->id, VLT_ID_LEN) == 0) {
            return &asked->position[i];
        }
    }
    return NULL;
}

/* Behind what is there already. */
static int64_t
behind_all(const struct reading *reading, const struct read_stream *at)
{
    uint64_t rows;
    int64_t first;
    int64_t last;

    if (!series_extent(reading->service->series, at->stream->id, &rows, &first,
                       &last) ||
        last < at->want.from) {
        return at->want.from;
    }
    return at->want.every != 0 ? resolve_floor(last, at->want.every) : last + 1;
}

/*
 * Where a subscription begins: by its cursor, from what was asked, or behind
 * what is there already; but nowhere beyond what is visible, since rows before
 * its place are told when they arrive, as late.
 *
 * A cursor may have a place that was visible and is no longer, where the delay
 * grew: it stands, so that nothing comes twice, and is waited for.  One beyond
 * now was never reached by a page.
 */
static void
place_live(const struct reading *reading, struct read_stream *at, int64_t now)
{
    const struct position *kept = kept_place(&reading->asked, at->stream);
    int64_t most = visible(reading, at, now);

    at->at = (struct series_at){ .time = at->want.from };
    if (kept != NULL) {
        at->at = kept->at;
        at->late = kept->late;
    } else if (!reading->asked.has_from) {
        at->at.time = behind_all(reading, at);
    }
    if (at->at.time > (kept != NULL ? later(most, now) : most)) {
        at->at = (struct series_at){ .time = most };
    }
    at->dirty = true;
}

/* A subscription knows what had arrived when it began: rows that come after
 * that, with an earlier time, are late for it. */
static enum vlt_status
place_all_live(struct reading *reading, int64_t now)
{
    struct store_read *read = NULL;
    uint64_t end = 0;
    enum vlt_status st;

    for (size_t i = 0; i < reading->count; i++) {
        place_live(reading, &reading->streams[i], now);
    }
    if (reading->asked.has_cursor) {
        return VLT_OK;
    }
    st = store_read_begin(reading->service->store, &read);
    if (st == VLT_OK) {
        st = series_end(reading->service->series, store_read_view(read), &end);
        store_read_end(read);
    }
    for (size_t i = 0; st == VLT_OK && i < reading->count; i++) {
        reading->streams[i].late = (struct series_mark){ .arrival = end };
    }
    return st;
}

/* A query begins at its end of the range, or where its cursor is. */
static void
place(const struct asked *asked, struct read_stream *at)
{
    const struct position *kept = kept_place(asked, at->stream);
    struct series_at begin = { .time = at->want.descending ? at->want.to
                                                           : at->want.from };

    at->at = kept != NULL ? kept->at : begin;
}

/* Reach of all streams as it is now, and where each begins. */
static enum vlt_status
place_all(struct reading *reading)
{
    int64_t now = service_effective(reading->service);

    for (size_t i = 0; i < reading->count; i++) {
        resolve_reach(reading, &reading->streams[i], now);
        place(&reading->asked, &reading->streams[i]);
    }
    return reading->live ? place_all_live(reading, now) : VLT_OK;
}

void
resolve_begin(struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        stream_release(reading->streams[i].stream);
    }
    reading->count = 0;
    reading->current = 0;
    reading->delay = 0;
    reading->left = reading->asked.limit;
    reading->page_rows = 0;
    reading->unlike = false;
}

enum vlt_status
resolve_end(struct reading *reading)
{
    enum vlt_status st = place_all(reading);

    for (size_t i = 0; i < reading->count; i++) {
        reading->streams[i].begin = reading->streams[i].at;
    }
    reading->resolved = st == VLT_OK;
    return st;
}

enum vlt_status
resolve(struct reading *reading, struct page *page)
{
    enum vlt_status st;

    resolve_begin(reading);
    st = reading->who.role == ROLE_FIRM ? resolve_for_firm(reading, page)
                                        : resolve_for_owner(reading, page);
    if (st == VLT_OK && !page->refused && !data_answer_fits(reading)) {
        (void)snprintf(page->fault.at, sizeof page->fault.at, "streams");
        return resolve_refuse(page, VLT_E_LIMIT, VLT_RPC_PARAMS,
                              "The names and columns of so many streams do "
                              "not fit into one answer; ask for fewer.");
    }
    return st == VLT_OK && !page->refused ? resolve_end(reading) : st;
}
