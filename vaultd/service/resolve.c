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
#include "service/page_internal.h"
#include "store/record.h"
#include "vocab/vocab.h"

/* Buckets are whole multiples from 1970-01-05, a Monday. */
#define GRID_ORIGIN (4 * VLT_DAY)

static bool
has_star(const char *pattern)
{
    return strchr(pattern, '*') != NULL;
}

/* A refusal by the worker; the guard logs it and it is answered. */
static enum vlt_status
refuse(struct page *page, enum vlt_status st, enum vlt_rpc_code code,
       const char *message)
{
    page->refused = true;
    page->refusal = st;
    page->fault.code = (int)code;
    (void)strncpy(page->fault.message, message, sizeof page->fault.message - 1);
    return VLT_OK;
}

static enum vlt_status
exceeds(struct page *page, const char *what)
{
    page->fault.exceeds[0] = what;
    page->fault.exceeds[1] = NULL;
    return refuse(page, VLT_E_DENIED, VLT_RPC_SCOPE,
                  "The grant covers less; see exceeds.");
}

static enum vlt_status
denied(struct page *page, const char *why)
{
    (void)strncpy(page->fault.detail, why, sizeof page->fault.detail - 1);
    return refuse(page, VLT_E_DENIED, VLT_RPC_DENIED, "Denied.");
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

static bool
is_text(uint8_t type)
{
    return type == VLT_TYPE_TEXT || type == VLT_TYPE_JSON;
}

/* The columns of a stream that were asked for; false: none is its. */
static bool
pick_columns(const struct asked *asked, const struct stream *stream,
             bool numbers_only, struct series_want *want)
{
    for (size_t i = 0; i < stream->columns; i++) {
        const struct stream_column *column = &stream->column[i];

        if (wants_column(asked, column->name) &&
            !(numbers_only && is_text(column->type))) {
            want->column[want->columns++] = column->id;
        }
    }
    return want->columns > 0;
}

/* Filters that the scan applies: of the owner's only, since a firm's are
 * applied to what it is given. */
static enum vlt_status
pick_where(struct page *page, const struct stream *stream,
           struct series_want *want)
{
    const struct asked *asked = &page->reading->asked;

    for (size_t i = 0; i < asked->wheres && i < 8; i++) {
        int at =
            stream_column_find(stream, vlt_slice_text(asked->where[i].column));

        if (at < 0 || is_text(stream->column[at].type)) {
            (void)snprintf(page->fault.at, sizeof page->fault.at,
                           "where[%zu].column", i);
            return refuse(page, VLT_E_FORMAT, VLT_RPC_PARAMS,
                          "A stream has no such column of numbers.");
        }
        want->where[i] = (struct series_where){
            .column = stream->column[at].id,
            .compare = asked->where[i].compare,
            .value = asked->where[i].value,
        };
        want->where_count++;
    }
    return VLT_OK;
}

/* ---- adding streams ---- */

static int64_t
ceil_grid(int64_t time, int64_t every)
{
    int64_t from = time - GRID_ORIGIN;

    return GRID_ORIGIN - vlt_floor_div(-from, every) * every;
}

static int64_t
floor_grid(int64_t time, int64_t every)
{
    return GRID_ORIGIN + vlt_floor_div(time - GRID_ORIGIN, every) * every;
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
        first = ceil_grid(first, want->every);
    }
    if (want->from < first) {
        want->from = first;
    }
    if (want->to < want->from) {
        want->to = want->from;
    }
}

static struct read_stream *
add(struct reading *reading, const struct stream *stream)
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

static bool
matches(const struct asked *asked, const char *name)
{
    for (size_t i = 0; i < asked->patterns; i++) {
        if (vlt_pattern_matches(vlt_slice_text(asked->pattern[i]),
                                vlt_slice_text(name))) {
            return true;
        }
    }
    return false;
}

/* ---- the owner ---- */

struct gathering {
    struct page *page;
    enum vlt_status st;
};

static bool
gather(void *ctx, const struct stream *stream)
{
    struct gathering *gathering = ctx;
    struct reading *reading = gathering->page->reading;
    struct series_want want = { .columns = 0 };
    struct read_stream *at;

    if (!matches(&reading->asked, stream->name) ||
        !pick_columns(&reading->asked, stream, reading->asked.every != 0,
                      &want)) {
        return true;
    }
    gathering->st = pick_where(gathering->page, stream, &want);
    if (gathering->page->refused) {
        return false;
    }
    if (reading->count == READING_STREAMS) {
        gathering->st = refuse(gathering->page, VLT_E_LIMIT, VLT_RPC_PARAMS,
                               "Over 1,024 streams match; ask for fewer.");
        return false;
    }
    at = add(reading, stream);
    if (at == NULL) {
        gathering->st = VLT_E_NOMEM;
        return false;
    }
    at->want.columns = want.columns;
    memcpy(at->want.column, want.column, sizeof want.column);
    at->want.where_count = want.where_count;
    memcpy(at->want.where, want.where, sizeof want.where);
    return true;
}

/* A name without * that is no stream's: said, with the name. */
static enum vlt_status
check_names(struct page *page)
{
    const struct reading *reading = page->reading;

    for (size_t i = 0; i < reading->asked.patterns; i++) {
        const char *name = reading->asked.pattern[i];
        const struct stream *stream;

        if (has_star(name)) {
            continue;
        }
        stream = series_by_name(reading->service->series, vlt_slice_text(name));
        if (stream == NULL) {
            (void)snprintf(page->fault.at, sizeof page->fault.at,
                           "streams[%zu]", i);
            (void)snprintf(page->fault.detail, sizeof page->fault.detail,
                           "not_found");
            (void)refuse(page, VLT_E_NOT_FOUND, VLT_RPC_PARAMS, "");
            (void)snprintf(page->fault.message, sizeof page->fault.message,
                           "There is no stream '%s'.", name);
            return VLT_OK;
        }
        stream_release(stream);
    }
    return VLT_OK;
}

static enum vlt_status
resolve_owner(struct reading *reading, struct page *page)
{
    struct gathering gathering = { .page = page, .st = VLT_OK };
    enum vlt_status st = check_names(page);

    if (st != VLT_OK || page->refused) {
        return st;
    }
    series_each(reading->service->series, gather, &gathering);
    if (gathering.st == VLT_OK && !page->refused && reading->count == 0 &&
        reading->asked.columns > 0) {
        (void)snprintf(page->fault.at, sizeof page->fault.at, "columns");
        return refuse(page, VLT_E_FORMAT, VLT_RPC_PARAMS,
                      "No matching stream has such a column.");
    }
    return gathering.st;
}

/* ---- a firm, under its grant ---- */

static const struct terms_item *
item_of(const struct grant *grant, int n)
{
    for (size_t i = 0; i < grant->terms.item_count; i++) {
        if (grant->terms.items[i].n == n) {
            return &grant->terms.items[i];
        }
    }
    return NULL;
}

/* The vocabulary's statistics in series' bits: both stand in one order of
 * their own, so names decide. */
static unsigned
series_stats(unsigned stats)
{
    static const char *const words[] = { "mean",  "min",   "max", "sum",
                                         "count", "first", "last" };
    unsigned out = 0;

    for (unsigned i = 0; i < 7; i++) {
        const struct vocab_value *value =
            vocab_value_find(VOCAB_STAT, words[i], strlen(words[i]));

        if (value != NULL && (stats & (unsigned)value->value) != 0) {
            out |= 1U << i;
        }
    }
    return out;
}

bool
resolve_on_grid(int64_t time, int64_t every)
{
    int64_t from = time - GRID_ORIGIN;

    return from == vlt_floor_div(from, every) * every;
}

/* What of the firm's own parameters exceeds this item; NULL: nothing. */
static const char *
beyond(const struct asked *asked, const struct terms_item *item)
{
    if (item->raw) {
        return NULL; /* raw contains every bucket and statistic */
    }
    if (asked->every != item->bucket_s * VLT_SECOND) {
        return "every";
    }
    if ((asked->stats & ~series_stats(item->stats)) != 0) {
        return "stats";
    }
    return NULL;
}

/* Window and delay (consent.md, 9): a query that reaches further is cut. */
static void
cut_interval(const struct grant *grant, const struct terms_item *item,
             int64_t now, struct series_want *want)
{
    int64_t first = item->window_s == TERMS_WINDOW_NEW
                        ? grant->nbf
                        : now - item->window_s * VLT_SECOND;
    int64_t last = now - item->delay_s * VLT_SECOND;

    if (want->every != 0) {
        first = ceil_grid(first, want->every);
        last = floor_grid(last, want->every);
    }
    if (want->from < first) {
        want->from = first;
    }
    if (want->to > last) {
        want->to = last;
    }
    if (want->to < want->from) {
        want->to = want->from;
    }
}

/* One bound stream that was asked for. */
static enum vlt_status
take_bound(struct page *page, const struct grant *grant,
           const struct grant_bound *bound, const struct stream *stream,
           const char *shown)
{
    struct reading *reading = page->reading;
    const struct terms_item *item = item_of(grant, bound->n);
    struct series_want want = { .columns = 0 };
    const char *more;

    if (item == NULL) {
        return denied(page, "the grant has no such item");
    }
    more = beyond(&reading->asked, item);
    if (more != NULL) {
        return exceeds(page, more);
    }
    if (!pick_columns(&reading->asked, stream,
                      !item->raw || reading->asked.every != 0 ||
                          item->round.nano != 0,
                      &want)) {
        return reading->asked.columns > 0 ? exceeds(page, "columns") : VLT_OK;
    }
    struct read_stream *at = add(reading, stream);

    if (at == NULL) {
        return VLT_E_NOMEM;
    }
    at->n = bound->n;
    (void)snprintf(at->shown, sizeof at->shown, "%s", shown);
    at->want.columns = want.columns;
    memcpy(at->want.column, want.column, sizeof want.column);
    at->want.min_readings = (unsigned)reading->duties.min_readings;
    at->round = item->round;
    cut_interval(grant, item, service_effective(reading->service), &at->want);
    at->every = item->every_s * VLT_SECOND;
    if (item->delay_s * VLT_SECOND > reading->delay) {
        reading->delay = item->delay_s * VLT_SECOND;
    }
    return VLT_OK;
}

/* Every name without * must be one that the grant shows. */
static bool
names_all_shown(const struct reading *reading)
{
    for (size_t i = 0; i < reading->asked.patterns; i++) {
        bool found = has_star(reading->asked.pattern[i]);

        for (size_t j = 0; !found && j < reading->count; j++) {
            found = strcmp(reading->asked.pattern[i],
                           reading->streams[j].shown) == 0;
        }
        if (!found) {
            return false;
        }
    }
    return reading->count > 0;
}

static enum vlt_status
take_all(struct page *page, const struct grant *grant)
{
    struct reading *reading = page->reading;
    bool show = grant->duties.show_names;

    for (size_t i = 0; i < grant->bound_count && !page->refused; i++) {
        const struct grant_bound *bound = &grant->bound[i];
        const struct stream *stream =
            series_by_id(reading->service->series, bound->stream);
        enum vlt_status st = VLT_OK;

        if (stream == NULL) {
            continue;
        }
        const char *shown = show ? stream->name : bound->alias;

        if (matches(&reading->asked, shown)) {
            st = take_bound(page, grant, bound, stream, shown);
        }
        stream_release(stream);
        if (st != VLT_OK) {
            return st;
        }
    }
    if (!page->refused && !names_all_shown(reading)) {
        return denied(page, "a name is outside the grant");
    }
    return VLT_OK;
}

static enum vlt_status
refuse_use(struct page *page, const struct consent_use *use)
{
    page->fault.retry_ms = use->retry_ms;
    switch (use->no) {
    case CONSENT_NO_ENDED:
        return refuse(page, VLT_E_DENIED, VLT_RPC_ENDED,
                      "The grant has ended; its receipt says how.");
    case CONSENT_NO_RATE:
        return refuse(page, VLT_E_QUOTA, VLT_RPC_RATE,
                      "The grant's rate is spent; wait.");
    case CONSENT_NO_PENDING:
        page->fault.waits_for = "owner";
        return refuse(page, VLT_E_DENIED, VLT_RPC_PENDING,
                      "The owner has to say yes to this use.");
    case CONSENT_YES:
    case CONSENT_NO_DENIED:
        break;
    }
    return denied(page, "no grant covers this");
}

static enum vlt_status
resolve_firm(struct reading *reading, struct page *page)
{
    struct service *service = reading->service;
    const struct firm *firm =
        identity_firm_by_id(service->identity, reading->who.id);
    struct consent_use may;
    enum vlt_status st;

    if (firm == NULL) {
        return denied(page, "no such firm");
    }
    struct consent_firm facts = guard_firm(firm);
    struct consent_asking asking = {
        .firm = &facts,
        .live = reading->live,
        .now = service_effective(service),
    };

    memcpy(asking.grant, reading->asked.grant, sizeof asking.grant);
    memcpy(reading->grant, reading->asked.grant, sizeof reading->grant);
    consent_may(service->consent, &asking, &may);
    if (may.no != CONSENT_YES) {
        st = refuse_use(page, &may);
    } else if (reading->live && may.grant->terms.common.action != VOCAB_LIVE) {
        st = exceeds(page, "live");
    } else if (may.grant->terms.common.action == VOCAB_CONTACT) {
        st = denied(page, "the grant gives no data");
    } else {
        reading->duties = may.duties;
        reading->terms_version = may.grant->terms_version;
        st = take_all(page, may.grant);
    }
    grant_release(may.grant);
    firm_release(firm);
    return st;
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
        at->at.time =
            at->want.every != 0 ? floor_grid(last, at->want.every) : last + 1;
    }
}

/* A subscription knows what had arrived when it began: rows that come after
 * that, with an earlier time, are late for it. */
static enum vlt_status
place_all(struct reading *reading)
{
    struct store_read *read = NULL;
    uint64_t next = 0;
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
        st = store_tail_next(store_read_view(read), &next);
        store_read_end(read);
    }
    for (size_t i = 0; st == VLT_OK && i < reading->count; i++) {
        reading->streams[i].late = next - 1;
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
    reading->left = reading->asked.limit;
    st = reading->who.role == ROLE_FIRM ? resolve_firm(reading, page)
                                        : resolve_owner(reading, page);
    if (st == VLT_OK && !page->refused) {
        st = place_all(reading);
        reading->resolved = st == VLT_OK;
    }
    return st;
}
