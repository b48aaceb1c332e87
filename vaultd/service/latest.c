/*
 * latest: the steps of data.latest, which is a page within its answer.
 */
#include <stdio.h>
#include <string.h>

#include "service/latest_internal.h"
#include "service/resolve_internal.h"
#include "wire/page.h"

enum {
    ENTRY_NAMES = 40 << 10, /* of an entry's detail, for names of streams */
    ENTRY_EACH = 120,       /* and for what it says of each, but the name */
};

enum vlt_status
latest_check(struct call *call, struct vlt_walk *params)
{
    enum vlt_status st = data_begin_numbered(call, params, ASKED_LATEST);

    if (st == VLT_OK) {
        struct page *page = call->state;

        page->reading->asked.json = true;
    }
    return st;
}

/* The last row of a stream that passes what binds it: by a scan backwards,
 * for a firm under its obligations. */
static enum vlt_status
last_before(struct page *page, struct read_stream *at, int64_t to,
            const struct store_view *view, struct vlt_rows *rows)
{
    struct series_want want = at->want;
    bool more;

    want.descending = true;
    want.to = to > want.from ? to : want.from;
    at->at = (struct series_at){ .time = want.to };
    return series_scan(page->reading->service->series, view, at->stream, &want,
                       &at->at, 1, 1 << 20, rows, &more);
}

/* The same, behind the gaps of the grant: where a gap has it, the last one
 * before that gap.  The caller frees *rows, also on failure. */
static enum vlt_status
latest_rows(struct page *page, struct read_stream *at,
            const struct store_view *view, struct vlt_rows **rows)
{
    const struct reading *reading = page->reading;
    enum vlt_status st = page_new_rows(at, rows);
    int64_t to = at->want.to;

    for (size_t i = 0; st == VLT_OK && i <= reading->gaps; i++) {
        const struct grant_gap *gap;

        st = last_before(page, at, to, view, *rows);
        gap = st == VLT_OK && vlt_rows_count(*rows) > 0
                  ? page_gap_at(reading, at, vlt_rows_times(*rows)[0])
                  : NULL;
        if (gap == NULL) {
            break;
        }
        to = at->want.every != 0 ? resolve_floor(gap->from, at->want.every)
                                 : gap->from;
        vlt_rows_free(*rows);
        *rows = NULL;
        st = page_new_rows(at, rows);
    }
    return st;
}

static void
put_latest(struct vlt_json_out *json, const struct read_stream *at,
           const struct vlt_rows *rows)
{
    struct stream_column columns[SERIES_COLUMNS_MAX];
    size_t count = 0;
    bool some = vlt_rows_count(rows) > 0;

    if (series_columns(at->stream, &at->want, &count, columns) != VLT_OK) {
        return;
    }
    vlt_put_object(json, NULL);
    vlt_put_text(json, "stream", at->shown);
    vlt_put_list(json, "columns");
    for (size_t i = 0; i < count; i++) {
        vlt_put_text(json, NULL, columns[i].name);
    }
    vlt_put_end(json);
    if (some) {
        vlt_put_time(json, "time", vlt_rows_times(rows)[0]);
        vlt_put_list(json, "values");
        for (size_t i = 0; i < count; i++) {
            vlt_page_put_cell(json, rows, 0,
                              vlt_rows_find(rows, columns[i].id));
        }
        vlt_put_end(json);
    } else {
        vlt_put_null(json, "time");
        vlt_put_list(json, "values");
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

static enum vlt_status
latest_one(struct page *page, struct read_stream *at,
           const struct store_view *view, struct vlt_json_out *json)
{
    struct vlt_rows *rows = NULL;
    struct vlt_rows *rounded = NULL;
    enum vlt_status st = latest_rows(page, at, view, &rows);

    if (st == VLT_OK && at->round.nano != 0) {
        st = oblige_round(at->stream, &at->want, at->round, rows, &rounded);
    }
    if (st == VLT_OK) {
        const struct vlt_rows *given = rounded != NULL ? rounded : rows;

        page_note(page, at, given);
        put_latest(json, at, given);
    }
    vlt_rows_free(rounded);
    vlt_rows_free(rows);
    return st;
}

/* The entry names every stream that gave a row. */
static bool
entry_fits(const struct reading *reading)
{
    size_t len = 0;

    for (size_t i = 0; i < reading->count; i++) {
        const struct read_stream *at = &reading->streams[i];

        if (at->given.rows > 0) {
            len += ENTRY_EACH + strlen(at->stream->name);
        }
    }
    return reading->who.role == ROLE_OWNER || len <= ENTRY_NAMES;
}

static enum vlt_status
too_many(struct page *page)
{
    page->refused = true;
    page->refusal = VLT_E_LIMIT;
    page->fault.code = VLT_RPC_PARAMS;
    (void)snprintf(page->fault.at, sizeof page->fault.at, "streams");
    (void)snprintf(page->fault.message, sizeof page->fault.message,
                   "So many streams do not fit into one entry of the log; ask "
                   "for fewer.");
    return VLT_OK;
}

enum vlt_status
latest_prepare(struct call *call)
{
    struct page *page = call->state;
    struct reading *reading = page->reading;
    struct store_read *read = NULL;
    struct vlt_json_out json;
    enum vlt_status st = VLT_OK;

    page_begin(page);
    page->many = true;
    vlt_buf_clear(&call->result); /* a turn may have sent it back here */
    if (!reading->resolved) {
        st = resolve(reading, page);
    }
    if (st != VLT_OK || page->refused) {
        return st;
    }
    st = store_read_begin(call->service->store, &read);
    if (st != VLT_OK) {
        return st;
    }
    page->snapshot = store_view_number(store_read_view(read));
    json = call_result(call);
    vlt_put_list(&json, "series");
    for (size_t i = 0; st == VLT_OK && i < reading->count; i++) {
        st = latest_one(page, &reading->streams[i], store_read_view(read),
                        &json);
    }
    page->opened += store_view_opened(store_read_view(read));
    store_read_end(read);
    if (st != VLT_OK) {
        return st;
    }
    if (!entry_fits(reading)) {
        return too_many(page);
    }
    vlt_put_end(&json);
    data_put_scope(&json, reading);
    vlt_put_end(&json);
    vlt_sha256_of(vlt_buf_slice(&call->result), page->sha256);
    /* For the log: bytes and digest of what the answer carries. */
    vlt_buf_clear(&page->frame);
    vlt_buf_put_slice(&page->frame, vlt_buf_slice(&call->result));
    return vlt_buf_status(&call->result);
}

void
latest_done(struct call *call, enum vlt_status st)
{
    struct page *page = call->state;
    const struct service_sink *sink = &call->service->config.sink;
    struct release *leave = page->leave;
    struct vlt_buf text;

    after_run(call->service, page->after);
    if (st == VLT_OK && page->refused) {
        call->fault = page->fault;
        st = page->refusal;
    }
    if (st != VLT_OK) {
        call_fail(call, st);
        return;
    }
    if (page->logged) {
        page_evidence(page, &call->audit);
    }
    vlt_buf_init(&text, VLT_LIMIT_TEXT);
    vlt_rpc_put_response(&text, &call->id, vlt_buf_slice(&call->result),
                         vlt_buf_slice(&call->audit));
    if (vlt_buf_failed(&text)) {
        vlt_buf_free(&text);
        (void)call_refuse(call, VLT_E_LIMIT,
                          "The answer is over %d bytes; ask for fewer "
                          "streams.",
                          VLT_LIMIT_TEXT);
        call_fail(call, VLT_E_LIMIT);
        return;
    }
    reading_note_rows(page->reading,
                      text.len + (page->logged ? PAGE_ENTRY : 0));
    page->leave = NULL;
    /* No page follows: what is left of the reading is its release. */
    page->reading->ended = true;
    page->reading->whole = true;
    if (leave != NULL) {
        leave->final = true;
        release_arm(leave, page->seq, text.len);
        page->reading->seq = page->seq;
    }
    sink->text(sink->ctx, call->who.session, &text, leave, false);
    vlt_buf_free(&text);
    call_free(call);
}
