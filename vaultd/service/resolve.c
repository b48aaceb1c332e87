/*
 * resolve: which streams, columns and interval an answer has (a worker).
 *
 * What a firm may not see and what is not there are one refusal; what exceeds
 * the grant in the firm's own parameters is named (consent.md, 11).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "base/time.h"
#include "service/resolve_internal.h"
#include "store/record.h"
#include "vocab/vocab.h"

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

/* Rows older than the stream keeps are invisible at once, and so are buckets
 * that begin before that: they would be of some of their rows. */
static void
clip_kept(struct service *service, const struct stream *stream,
          struct series_want *want)
{
    int64_t first;

    if (stream->keep == INT64_MAX) {
        return;
    }
    first = service_effective(service) - stream->keep;
    if (want->every != 0) {
        first = resolve_ceil(first, want->every);
    }
    if (want->from < first) {
        want->from = first;
    }
    if (want->to < want->from) {
        want->to = want->from;
    }
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
    at->want.from = reading->asked.from;
    at->want.to = reading->asked.to;
    clip_kept(reading->service, stream, &at->want);
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

/* Where a stream begins: by its cursor, from what was asked, or, of a
 * subscription without either, behind what is there already. */
static void
place(struct reading *reading, struct read_stream *at)
{
    uint64_t rows;
    int64_t first;
    int64_t last;

    at->at.time = at->want.descending ? at->want.to : at->want.from;
    for (size_t i = 0; i < reading->asked.positions; i++) {
        const struct position *position = &reading->asked.position[i];

        if (memcmp(position->stream, at->stream->id, VLT_ID_LEN) == 0) {
            at->at = position->at;
            at->late = position->late;
            return;
        }
    }
    if (!reading->live || reading->asked.has_from) {
        return;
    }
    if (series_extent(reading->service->series, at->stream->id, &rows, &first,
                      &last) &&
        last >= at->at.time) {
        at->at.time = at->want.every != 0 ? resolve_floor(last, at->want.every)
                                          : last + 1;
    }
}

/* A subscription knows what had arrived when it began: rows that come after
 * that, with an earlier time, are late for it. */
static enum vlt_status
place_all(struct reading *reading)
{
    struct store_read *read = NULL;
    uint64_t end = 0;
    enum vlt_status st;

    for (size_t i = 0; i < reading->count; i++) {
        place(reading, &reading->streams[i]);
        reading->streams[i].dirty = true;
    }
    if (!reading->live || reading->asked.has_cursor) {
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

enum vlt_status
resolve(struct reading *reading, struct page *page)
{
    enum vlt_status st;

    for (size_t i = 0; i < reading->count; i++) {
        stream_release(reading->streams[i].stream);
    }
    reading->count = 0;
    reading->current = 0;
    reading->delay = 0;
    reading->left = reading->asked.limit;
    st = reading->who.role == ROLE_FIRM ? resolve_for_firm(reading, page)
                                        : resolve_for_owner(reading, page);
    if (st == VLT_OK && !page->refused && !data_answer_fits(reading)) {
        (void)snprintf(page->fault.at, sizeof page->fault.at, "streams");
        return resolve_refuse(page, VLT_E_LIMIT, VLT_RPC_PARAMS,
                              "The names and columns of so many streams do "
                              "not fit into one answer; ask for fewer.");
    }
    if (st == VLT_OK && !page->refused) {
        st = place_all(reading);
        reading->resolved = st == VLT_OK;
    }
    return st;
}
