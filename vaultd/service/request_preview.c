/*
 * request.preview: what a firm would be given under a request as it would be
 * approved, read as a page of it would be (WIRE.md, 6.5).
 *
 * The grants are drafts of consent, and each of their streams is resolved,
 * scanned, obliged and printed by the functions of a firm's query, one stream
 * at a time: first all that a page holds, to be counted, then the newest rows.
 * Nothing is taken, and no firm's tree has a word of it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "consent/draft.h"
#include "consent/sieve.h"
#include "service/hold.h"
#include "service/narrow_read.h"
#include "service/request_internal.h"
#include "service/resolve_internal.h"
#include "json/json_write.h"

enum {
    ROWS_UNSAID = 5,
    ROWS_MAX = 100, /* shown of a stream */
};

enum phase {
    PHASE_NEXT, /* the next stream, or part */
    PHASE_COUNT,
    PHASE_ROWS,
};

struct draft {
    const struct grant *grant; /* held */
    struct consent_use may;
};

struct preview {
    struct service *service;
    uint8_t request[VLT_ID_LEN];
    struct request_picks picks;
    struct narrow_asked narrow;
    int64_t limit;

    /* What the first step finds. */
    bool begun;
    struct consent_pick pick;
    int missing;             /* a purpose that is not its; VOCAB_NONE */
    const struct firm *firm; /* held */
    struct consent_firm facts;
    int64_t now;
    size_t drafts;
    struct draft draft[TERMS_PURPOSES];

    /* Where it is. */
    enum phase phase;
    size_t at;                   /* of the drafts */
    size_t bound;                /* of its streams */
    bool open;                   /* its part is begun */
    struct consent_sieve *sieve; /* of it; owned */
    uint64_t count;              /* of the stream's rows: a page's */
    bool count_more;             /* there are more of them */
    bool more;                   /* streams than there is room for */
    bool done;
    struct page *page; /* owned; its reading is nobody else's */
    struct vlt_json_out json;
};

void
preview_clear(void *state)
{
    struct preview *preview = state;

    page_free(preview->page);
    consent_sieve_free(preview->sieve);
    for (size_t i = 0; i < preview->drafts; i++) {
        grant_release(preview->draft[i].grant);
    }
    firm_release(preview->firm);
    free(preview);
}

enum vlt_status
preview_check(struct call *call, struct vlt_walk *params)
{
    struct preview *preview = call_state(call, sizeof *preview);
    struct reading *reading;

    if (preview == NULL) {
        return VLT_E_NOMEM;
    }
    preview->service = call->service;
    vlt_walk_ulid(params, "request", preview->request);
    request_read_picks(params, &preview->picks);
    narrow_read(params, &preview->narrow);
    preview->limit = vlt_walk_int_or(params, "limit", 1, ROWS_MAX, ROWS_UNSAID);
    reading = reading_new(call->service, &call->who);
    if (reading != NULL) {
        preview->page = page_new(reading, NULL);
    }
    reading_release(reading); /* the page holds it */
    if (preview->page == NULL) {
        return VLT_E_NOMEM;
    }
    preview->page->apart = true;
    return VLT_OK;
}

/* ---- the grants that would be ---- */

static bool
take_draft(void *ctx, const struct grant *grant, const struct consent_use *may)
{
    struct preview *preview = ctx;
    struct draft *draft = &preview->draft[preview->drafts++];

    *draft = (struct draft){ .grant = grant_hold(grant), .may = *may };
    return preview->drafts < TERMS_PURPOSES;
}

static bool
take_request(void *ctx, const struct consent_request *request)
{
    struct preview *preview = ctx;

    preview->missing =
        request_resolve_picks(&preview->picks, request, &preview->pick);
    preview->firm =
        identity_firm_by_id(preview->service->identity, request->firm);
    return false;
}

static enum vlt_status
find_request(struct call *call)
{
    struct preview *preview = call->state;
    char text[VLT_ULID_TEXT];

    if (consent_request_find(call->service->consent, preview->request,
                             take_request, preview) != VLT_OK) {
        return request_is_use(call->service, preview->request)
                   ? call_refuse_at(call, "request",
                                    "It is a use of a grant, which gives what "
                                    "the grant does.")
                   : call_not_found(call, "request", "request",
                                    vlt_ulid_print(preview->request, text));
    }
    if (preview->missing != VOCAB_NONE) {
        return call_refuse_at(call, "only", "The request has no purpose '%s'.",
                              vocab_purpose(preview->missing)->id);
    }
    if (preview->firm == NULL) {
        return VLT_E_STORAGE;
    }
    preview->facts = guard_firm(preview->firm);
    return VLT_OK;
}

static enum vlt_status
make_drafts(struct call *call)
{
    struct preview *preview = call->state;
    struct consent_world world = guard_world_of(call->service);
    struct consent_approval approval = {
        .pick = preview->pick,
        .narrow = preview->narrow.there ? &preview->narrow.narrow : NULL,
        .firm = &preview->facts,
        .world = &world,
        .now = preview->now,
    };
    struct vlt_buf why;
    enum vlt_status st;

    vlt_buf_init(&why, CALL_DETAIL);
    memcpy(approval.request, preview->request, sizeof approval.request);
    st = consent_draft(call->service->consent, &approval, &why, take_draft,
                       preview);
    if (st != VLT_OK) {
        st = request_refuse_answer(call, st, preview->narrow.there, &why);
    }
    vlt_buf_free(&why);
    return st;
}

static enum vlt_status
begin(struct call *call)
{
    struct preview *preview = call->state;
    enum vlt_status st = find_request(call);

    preview->begun = true;
    preview->now = service_effective(call->service);
    if (st == VLT_OK) {
        st = make_drafts(call);
    }
    if (st == VLT_OK) {
        preview->json = call_result(call);
        vlt_put_ulid(&preview->json, "request", preview->request);
        vlt_put_text(&preview->json, "firm", preview->firm->name);
        vlt_put_list(&preview->json, "parts");
    }
    return st;
}

/* ---- a part ---- */

static enum vlt_status
open_part(struct preview *preview)
{
    const struct draft *draft = &preview->draft[preview->at];
    struct consent_asking asking = { .firm = &preview->facts,
                                     .now = preview->now };
    struct vlt_json_out *json = &preview->json;

    preview->open = true;
    preview->bound = 0;
    vlt_put_object(json, NULL);
    vlt_put_text(json, "purpose",
                 vocab_purpose(draft->grant->terms.purpose)->id);
    noun_put_grant(json, "grant", preview->service, draft->grant, true);
    vlt_put_bool(json, "gives",
                 draft->may.no == CONSENT_YES && !hold_on(preview->service));
    vlt_put_int(json, "min_readings", draft->may.duties.min_readings);
    vlt_put_list(json, "streams");
    return consent_sieve_new(preview->service->consent, &asking, draft->grant,
                             false, &preview->sieve);
}

static void
close_part(struct preview *preview)
{
    consent_sieve_free(preview->sieve);
    preview->sieve = NULL;
    preview->open = false;
    preview->at++;
    vlt_put_end(&preview->json);
    vlt_put_end(&preview->json);
}

/* ---- a stream ---- */

static const struct grant_bound *
bound_of(const struct preview *preview)
{
    return &preview->draft[preview->at].grant->bound[preview->bound];
}

/* What its firm would ask for, as the item has it: all of it, or the newest
 * rows. */
static enum vlt_status
ask_for(struct preview *preview, bool newest)
{
    const struct draft *draft = &preview->draft[preview->at];
    struct reading *reading = preview->page->reading;
    const struct terms_item *item =
        terms_item_of(&draft->grant->terms, bound_of(preview)->n);
    enum vlt_status st;

    asked_free(&reading->asked);
    reading->asked = (struct asked){
        .from = INT64_MIN,
        .to = INT64_MAX,
        .every = item->raw ? 0 : item->bucket_s * VLT_SECOND,
        .stats = resolve_stats(item),
        .limit = newest ? preview->limit : INT64_MAX,
        .descending = newest,
        .json = newest,
        .kind = ASKED_QUERY,
    };
    st = asked_all(&reading->asked);
    if (st != VLT_OK) {
        return st;
    }
    reading->seq = 0;
    preview->page->slices = 0;
    resolve_begin(reading);
    resolve_under(reading, draft->grant, &draft->may.duties);
    st = resolve_bound(preview->page, draft->grant, preview->sieve,
                       bound_of(preview));
    return st == VLT_OK ? resolve_end(reading) : st;
}

/* The next stream that gives anything, or the end. */
static enum vlt_status
step_next(struct preview *preview)
{
    enum vlt_status st = VLT_OK;

    if (preview->at == preview->drafts) {
        preview->done = true;
        return st;
    }
    const struct draft *draft = &preview->draft[preview->at];

    if (!preview->open) {
        st = open_part(preview);
    }
    if (st != VLT_OK) {
        return st;
    }
    if (draft->may.no != CONSENT_YES ||
        preview->bound == draft->grant->bound_count ||
        preview->json.buf->len > NOUN_ROOM) {
        preview->more = preview->more || preview->json.buf->len > NOUN_ROOM;
        close_part(preview);
        return st;
    }
    st = ask_for(preview, false);
    if (st == VLT_OK && preview->page->reading->count == 0) {
        preview->bound++; /* a rule withholds it, or none of its columns */
    } else {
        preview->phase = PHASE_COUNT;
    }
    return st;
}

static enum vlt_status
step_count(struct preview *preview)
{
    const struct page *page = preview->page;
    enum vlt_status st = page_prepare(preview->page);

    if (st != VLT_OK || page->more) {
        return st;
    }
    preview->count = page->rows;
    preview->count_more = !page->final;
    preview->phase = PHASE_ROWS;
    st = ask_for(preview, true);
    if (st == VLT_OK && page->reading->count == 0) {
        preview->bound++; /* it was erased meanwhile */
        preview->phase = PHASE_NEXT;
    }
    return st;
}

static void
put_stream(struct preview *preview)
{
    const struct page *page = preview->page;
    const struct read_stream *at = &page->reading->streams[0];
    struct stream_column columns[SERIES_COLUMNS_MAX];
    struct vlt_json_out *json = &preview->json;
    size_t count = 0;

    vlt_put_object(json, NULL);
    vlt_put_int(json, "n", at->n);
    vlt_put_text(json, "stream", at->stream->name);
    vlt_put_text(json, "shown", at->shown);
    vlt_put_list(json, "columns");
    if (series_columns(at->stream, &at->want, &count, columns) == VLT_OK) {
        for (size_t i = 0; i < count; i++) {
            vlt_put_text(json, NULL, columns[i].name);
        }
    }
    vlt_put_end(json);
    vlt_put_uint(json, "rows", preview->count);
    vlt_put_bool(json, "more", preview->count_more);
    if (page->refused) {
        vlt_put_null(json, "newest"); /* a row is too large to be shown */
    } else {
        vlt_put_raw(json, "newest", vlt_buf_slice(&page->body));
    }
    vlt_put_end(json);
}

static enum vlt_status
step_rows(struct preview *preview)
{
    enum vlt_status st = page_prepare(preview->page);

    if (st == VLT_OK && !preview->page->more) {
        put_stream(preview);
        preview->bound++;
        preview->phase = PHASE_NEXT;
    }
    return st;
}

static enum vlt_status
step(struct preview *preview)
{
    switch (preview->phase) {
    case PHASE_NEXT:
        return step_next(preview);
    case PHASE_COUNT:
        return step_count(preview);
    case PHASE_ROWS:
        return step_rows(preview);
    }
    return VLT_OK;
}

/* A step of one stream at a time, so that others come first in between. */
enum vlt_status
preview_prepare(struct call *call)
{
    struct preview *preview = call->state;
    enum vlt_status st = preview->begun ? VLT_OK : begin(call);

    if (st == VLT_OK) {
        st = step(preview);
    }
    call->job.more = st == VLT_OK && !preview->done;
    if (st == VLT_OK && preview->done) {
        vlt_put_end(&preview->json);
        vlt_put_bool(&preview->json, "more", preview->more);
        vlt_put_end(&preview->json);
    }
    return st;
}
