/*
 * Rows out: data.query here, data.latest in latest.c.  Rows in: op_append.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/append_internal.h"
#include "service/latest_internal.h"
#include "service/nouns.h"
#include "service/page_internal.h"
#include "wire/page.h"

enum {
    ANSWER_NAMES = 128 << 10, /* of an answer, for what names its streams */
};

static const char *const type_words[] = { "f64", "i64", "bool", "text",
                                          "json" };

/* ---- what comes before the pages ---- */

static void
put_series(struct vlt_json_out *json, const struct reading *reading)
{
    vlt_put_list(json, "series");
    for (size_t i = 0; i < reading->count; i++) {
        struct stream_column columns[SERIES_COLUMNS_MAX];
        size_t count = 0;

        if (series_columns(reading->streams[i].stream,
                           &reading->streams[i].want, &count,
                           columns) != VLT_OK) {
            continue;
        }
        vlt_put_object(json, NULL);
        vlt_put_uint(json, "ordinal", i);
        vlt_put_text(json, "stream", reading->streams[i].shown);
        vlt_put_list(json, "columns");
        for (size_t j = 0; j < count; j++) {
            vlt_put_object(json, NULL);
            vlt_put_text(json, "name", columns[j].name);
            vlt_put_text(json, "type", type_words[columns[j].type]);
            vlt_put_int(json, "id", columns[j].id);
            vlt_put_end(json);
        }
        vlt_put_end(json);
        vlt_put_end(json);
    }
    vlt_put_end(json);
}

static bool
named_before(const struct reading *reading, size_t stream, const char *name)
{
    for (size_t i = 0; i < stream; i++) {
        struct stream_column columns[SERIES_COLUMNS_MAX];
        size_t count = 0;

        if (series_columns(reading->streams[i].stream,
                           &reading->streams[i].want, &count,
                           columns) != VLT_OK) {
            continue;
        }
        for (size_t j = 0; j < count; j++) {
            if (strcmp(columns[j].name, name) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* The names over all series, in order of first use. */
static void
put_columns(struct vlt_json_out *json, const struct reading *reading)
{
    vlt_put_list(json, "columns");
    for (size_t i = 0; i < reading->count; i++) {
        struct stream_column columns[SERIES_COLUMNS_MAX];
        size_t count = 0;

        if (series_columns(reading->streams[i].stream,
                           &reading->streams[i].want, &count,
                           columns) != VLT_OK) {
            continue;
        }
        for (size_t j = 0; j < count; j++) {
            if (!named_before(reading, i, columns[j].name)) {
                vlt_put_text(json, NULL, columns[j].name);
            }
        }
    }
    vlt_put_end(json);
}

static void
put_time_or_null(struct vlt_json_out *json, const char *name, int64_t time)
{
    if (time <= VLT_TIME_MIN || time >= VLT_TIME_MAX) {
        vlt_put_null(json, name);
    } else {
        vlt_put_time(json, name, time);
    }
}

void
data_put_scope(struct vlt_json_out *json, const struct reading *reading)
{
    static const char *const words[] = { "mean",  "min",   "max", "sum",
                                         "count", "first", "last" };
    const struct asked *asked = &reading->asked;
    int64_t from =
        reading->count > 0 ? reading->streams[0].want.from : asked->from;
    int64_t to = reading->count > 0 ? reading->streams[0].want.to : asked->to;

    vlt_put_object(json, "scope");
    put_time_or_null(json, "from", from);
    put_time_or_null(json, "to", to);
    if (asked->every != 0) {
        vlt_put_int(json, "every", asked->every / VLT_SECOND);
        vlt_put_list(json, "stats");
        for (unsigned i = 0; i < 7; i++) {
            if ((asked->stats & (1U << i)) != 0) {
                vlt_put_text(json, NULL, words[i]);
            }
        }
        vlt_put_end(json);
    } else {
        vlt_put_null(json, "every");
        vlt_put_text(json, "stats", "raw");
    }
    vlt_put_int(json, "delay_s", reading->delay / VLT_SECOND);
    vlt_put_null(json, "round");
    if (reading->who.role == ROLE_FIRM) {
        vlt_put_int(json, "terms", reading->terms_version);
    } else {
        vlt_put_null(json, "terms");
    }
    vlt_put_end(json);
}

bool
data_answer_fits(const struct reading *reading)
{
    struct vlt_json_out json;
    struct vlt_buf text;
    bool fits;

    vlt_buf_init(&text, ANSWER_NAMES);
    json = vlt_json_out(&text);
    vlt_put_object(&json, NULL);
    put_columns(&json, reading);
    put_series(&json, reading);
    vlt_put_end(&json);
    fits = !vlt_buf_failed(&text);
    vlt_buf_free(&text);
    return fits;
}

void
data_put_answer(struct vlt_json_out *json, struct reading *reading)
{
    struct position positions[CURSOR_STREAMS];
    struct vlt_buf cursor;

    if (reading->live) {
        vlt_put_uint(json, "subscription", reading->ref);
    }
    vlt_put_bool(json, "pages", true);
    put_columns(json, reading);
    put_series(json, reading);
    data_put_scope(json, reading);
    vlt_buf_init(&cursor, VLT_LIMIT_CURSOR);
    if (cursor_positions(reading, positions)) {
        cursor_put(reading, positions, &cursor);
    }
    if (cursor.len > 0 && !vlt_buf_failed(&cursor)) {
        vlt_put_slice(json, "cursor", vlt_buf_slice(&cursor));
        trail_begin(reading, vlt_buf_slice(&cursor), positions);
    } else {
        vlt_put_null(json, "cursor");
    }
    vlt_buf_free(&cursor);
}

/* ---- the call that begins a reading ---- */

enum vlt_status
data_begin(struct call *call, struct vlt_walk *params, enum asked_kind kind)
{
    struct reading *reading = reading_new(call->service, &call->who);
    struct page *page = NULL;
    enum vlt_status st;

    if (reading == NULL) {
        return VLT_E_NOMEM;
    }
    reading->live = kind == ASKED_SUBSCRIBE;
    reading->id = call->id;
    st = asked_read(call, params, kind, &reading->asked);
    if (st == VLT_OK && kind == ASKED_QUERY) {
        static const uint8_t none[VLT_ID_LEN];

        memcpy(reading->use, reading->asked.use, sizeof reading->use);
        reading->used = memcmp(reading->use, none, sizeof none) != 0;
    }
    if (st == VLT_OK && kind != ASKED_SUBSCRIBE) {
        st = reading_may_begin(reading, &call->fault);
    }
    if (st == VLT_OK) {
        reading->credit = reading->asked.credit;
        page = page_new(reading, call);
        st = page != NULL ? VLT_OK : VLT_E_NOMEM;
    }
    reading_release(reading); /* the page holds it */
    call->state = page;
    return st;
}

enum vlt_status
data_prepare(struct call *call)
{
    struct page *page = call->state;
    enum vlt_status st = page_prepare(page);

    call->job.more = page->more;
    return st;
}

enum vlt_status
data_commit(struct call *call, struct turn *turn)
{
    enum vlt_status st = page_guard(call->state, turn);

    call->job.again = st == VLT_E_CONFLICT;
    return st;
}

void
data_clear(void *state)
{
    burst_free(state);
}

/* ---- query ---- */

enum vlt_status
data_begin_numbered(struct call *call, struct vlt_walk *params,
                    enum asked_kind kind)
{
    bool needed = kind == ASKED_QUERY || call->who.role == ROLE_FIRM;
    enum vlt_status st = data_begin(call, params, kind);

    if (st == VLT_OK && call->id.kind != VLT_RPC_ID_INT && needed) {
        return call_refuse_as(call, VLT_RPC_INVALID,
                              "Pages refer to the request: its id must be an "
                              "integer.");
    }
    if (st == VLT_OK) {
        struct page *page = call->state;

        page->reading->ref = (uint64_t)call->id.number;
    }
    return st;
}

/* Its burst is made in the call's own job, so that one commit serves the first
 * pages. */
static enum vlt_status
query_check(struct call *call, struct vlt_walk *params)
{
    enum vlt_status st = data_begin_numbered(call, params, ASKED_QUERY);

    if (st == VLT_OK) {
        burst_begin(call->state);
    }
    return st;
}

static enum vlt_status
query_prepare(struct call *call)
{
    return burst_prepare(call->state, &call->job.more);
}

static enum vlt_status
query_commit(struct call *call, struct turn *turn)
{
    enum vlt_status st = burst_guard(call->state, turn);

    call->job.again = st == VLT_E_CONFLICT;
    if (call->job.again) {
        burst_again(call->state);
    }
    return st;
}

static void
query_done(struct call *call, enum vlt_status st)
{
    struct page *page = call->state;
    struct reading *reading = page->reading;
    struct session *session = session_find(call->service, call->who.session);

    if (st == VLT_OK && page->refused) {
        call->fault = page->fault; /* the owner's: no guard was asked */
        st = page->refusal;
    }
    if (st != VLT_OK || session == NULL) {
        burst_done(page, st == VLT_OK);
        call_fail(call, st != VLT_OK ? st : VLT_E_NOT_FOUND);
        return;
    }
    after_run(call->service, page->after);
    after_free(page->after);
    page->after = NULL;
    struct vlt_json_out json = call_result(call);

    data_put_answer(&json, reading);
    vlt_put_end(&json);
    if (page->logged) {
        page_evidence(page, &call->audit);
    }
    /* The page outlives its call, which goes out first. */
    call->state = NULL;
    reading_attach(session, reading);
    call_answer(call);
    reading_page_done(page, VLT_OK);
}

const struct method op_data[] = {
    { .name = "data.append",
      .roles = ROLE_OWNER | ROLE_SOURCE,
      .check = append_check,
      .commit = append_commit,
      .done = append_done,
      .clear = append_clear },
    { .name = "data.query",
      .roles = ROLE_OWNER | ROLE_FIRM,
      .flags = METHOD_READS,
      .check = query_check,
      .prepare = query_prepare,
      .commit = query_commit,
      .done = query_done,
      .clear = data_clear },
    { .name = "data.latest",
      .roles = ROLE_OWNER | ROLE_FIRM,
      .flags = METHOD_READS,
      .check = latest_check,
      .prepare = latest_prepare,
      .commit = data_commit,
      .done = latest_done,
      .clear = data_clear },
    { .name = NULL },
};
