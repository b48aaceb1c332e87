/*
 * reading: pages one after the other, as the caller takes them (loop).
 */
#include <stdlib.h>
#include <string.h>

#include "service/page_internal.h"
#include "wire/limits.h"

enum {
    ALONG = 32 /* frames that may be queued together: each is decided anew when
                  consent moves */
};

struct reading *
reading_new(struct service *service, const struct principal *who)
{
    struct reading *reading = calloc(1, sizeof *reading);

    if (reading == NULL) {
        return NULL;
    }
    reading->service = service;
    reading->who = *who;
    reading->refs = 1;
    vlt_sha256_begin(&reading->delivered.hash);
    return reading;
}

void
reading_hold(struct reading *reading)
{
    reading->refs++;
}

void
reading_release(struct reading *reading)
{
    if (reading == NULL || --reading->refs > 0) {
        return;
    }
    for (size_t i = 0; i < reading->count; i++) {
        stream_release(reading->streams[i].stream);
    }
    free(reading->streams);
    asked_free(&reading->asked);
    trail_release(reading->trail);
    free(reading);
}

bool
reading_broken(const struct reading *reading)
{
    return reading->ended && !reading->whole;
}

void
reading_attach(struct session *session, struct reading *reading)
{
    reading_hold(reading);
    reading->next = session->readings;
    session->readings = reading;
}

void
reading_end(struct session *session, struct reading *reading)
{
    struct reading **at = &session->readings;

    reading->ended = true;
    burst_drop(reading);
    while (*at != NULL && *at != reading) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        return;
    }
    *at = reading->next;
    if (reading->live && !reading->busy) {
        reading_close_span(reading);
    }
    reading_release(reading);
}

void
reading_left(struct reading *reading)
{
    struct session *session =
        session_find(reading->service, reading->who.session);

    if (session != NULL) {
        reading_end(session, reading);
    }
}

/* ---- the job of a page ---- */

static enum vlt_status
prepare(struct job *job)
{
    struct page *page = (struct page *)job;
    enum vlt_status st = burst_prepare(page, &job->more);

    if (st == VLT_OK && page->frame.len == 0 && !page->refused && !job->more) {
        job->commit = NULL; /* nothing to release: no turn is needed */
    }
    return st;
}

static enum vlt_status
commit(struct job *job, struct turn *turn)
{
    enum vlt_status st = burst_guard((struct page *)job, turn);

    job->again = st == VLT_E_CONFLICT;
    return st;
}

static void
done(struct job *job, enum vlt_status st)
{
    reading_page_done((struct page *)job, st);
}

/* What keeps any page back; true: nothing. */
static bool
is_open(const struct reading *reading)
{
    struct service *service = reading->service;
    const struct service_sink *sink = &service->config.sink;

    if (reading->ended || reading->credit <= 0 || service->stopping ||
        service->locks > 0 || !service->unlocked) {
        return false;
    }
    return sink->backlog(sink->ctx, reading->who.session) < VLT_LIMIT_OUTBOX;
}

int64_t
reading_due(const struct reading *reading)
{
    bool looks = reading->live && reading->ready == NULL;
    int64_t due = looks ? INT64_MAX : reading->rest;

    for (size_t i = 0; looks && i < reading->count; i++) {
        if (reading->streams[i].dirty && reading->streams[i].due < due) {
            due = reading->streams[i].due;
        }
    }
    return due < reading->rest ? reading->rest : due;
}

bool
reading_lags(const struct reading *reading)
{
    const struct service_sink *sink = &reading->service->config.sink;

    return reading->credit == 0 ||
           sink->backlog(sink->ctx, reading->who.session) >= VLT_LIMIT_OUTBOX;
}

/* Is it to go on now? */
static bool
is_due(const struct reading *reading)
{
    int64_t due = reading_due(reading);

    if (due != INT64_MAX && service_boot(reading->service) < due) {
        subscribe_arm(reading->service);
        return false;
    }
    return due != INT64_MAX;
}

/* A page, and those behind it, are in a job; the reading is the job's, but for
 * what of a query is to be sent meanwhile. */
static void
submit(struct page *page, struct job job)
{
    struct reading *reading = page->reading;

    if (reading->live) {
        reading->busy = true;
    } else {
        reading->making = true;
    }
    page->job = job;
    page->job.waiter = principal_waiter(&reading->who);
    page->job.lane = reading->who.role == ROLE_OWNER ? JOB_OWNER : JOB_OTHERS;
    service_submit(reading->service, &page->job);
}

static void
make_next(struct reading *reading)
{
    struct page *page = page_new(reading, NULL);
    bool firm = reading->who.role == ROLE_FIRM;

    if (page == NULL) {
        return; /* tried again with the next event of its session */
    }
    burst_begin(page);
    submit(page, (struct job){ .prepare = prepare,
                               .commit = firm ? commit : NULL,
                               .done = done });
}

static enum vlt_status
decide(struct job *job, struct turn *turn)
{
    return burst_guard((struct page *)job, turn);
}

/* Decide what waits, all before it having left. */
static void
decide_next(struct reading *reading)
{
    struct page *page = reading->ready;

    reading->ready = NULL;
    submit(page, (struct job){ .commit = decide, .done = done });
}

/* ---- a page that was made ---- */

/* An answer that breaks off: an error with the request's id in place of
 * FINAL. */
static void
break_off(struct session *session, struct page *page, enum vlt_status st)
{
    struct reading *reading = page->reading;
    struct vlt_slice none = { .len = 0 };

    reply_error(reading->service, &reading->who, &reading->id, st,
                page->refused ? &page->fault : NULL, none);
    reading_end(session, reading);
}

static void
send_evidence(const struct page *page)
{
    struct vlt_buf params;
    struct vlt_buf text;

    vlt_buf_init(&params, VLT_LIMIT_TEXT);
    vlt_buf_init(&text, VLT_LIMIT_TEXT);
    page_evidence(page, &params);
    vlt_rpc_put_notification(&text, "audit.head", vlt_buf_slice(&params));
    reply_text(page->reading->service, page->reading->who.session, &text);
    vlt_buf_free(&params);
    vlt_buf_free(&text);
}

static void
send_frame(struct page *page)
{
    struct reading *reading = page->reading;
    const struct service_sink *sink = &reading->service->config.sink;
    struct release *leave = page->leave;

    reading_note_rows(reading, page->frame.len);
    page->leave = NULL;
    if (leave != NULL) {
        release_arm(leave, page->seq, page->frame.len);
    }
    if (reading->asked.json) {
        sink->text(sink->ctx, reading->who.session, &page->frame, leave, false);
    } else {
        sink->binary(sink->ctx, reading->who.session, &page->frame, leave);
    }
}

/* The reading is where the page left it. */
static void
advance(struct page *page)
{
    struct reading *reading = page->reading;

    if (!page->moved) {
        page_move_on(page);
    }
    reading->credit--;
    reading->lagged = reading->lagged && !page->lagged;
    trail_add(reading->trail, page);
}

static void
send_page(struct page *page)
{
    if (page->logged && page->call == NULL) {
        send_evidence(page);
    }
    send_frame(page);
}

/* Send a page with rows, or one that ends its answer. */
static void
send_made(struct session *session, struct page *page)
{
    struct reading *reading = page->reading;

    advance(page);
    send_page(page);
    if (page->final) {
        reading->whole = true;
        reading->ended = true;
        if (reading->outstanding == 0) {
            reading_end(session, reading);
        }
    }
}

/* May what waits go beside what is on its way? */
static bool
goes_along(struct reading *reading)
{
    const struct page *page = reading->ready;

    return page != NULL && page->leave != NULL && page->broke == VLT_OK &&
           reading->outstanding < ALONG &&
           reading->flying + page->frame.len <= VLT_LIMIT_OUTBOX &&
           is_open(reading) && reading_may_more(reading);
}

/* Small pages leave together. */
static void
send_along(struct session *session, struct reading *reading)
{
    while (goes_along(reading)) {
        struct page *page = burst_next(reading);

        send_made(session, page);
        page_free(page);
    }
}

static void
touched_meanwhile(struct reading *reading)
{
    if (reading->again) {
        reading->again = false;
        for (size_t i = 0; i < reading->count; i++) {
            reading->streams[i].dirty = true;
        }
    }
}

static void
send_waiting(struct job *job, enum vlt_status st)
{
    struct page *page = (struct page *)job;
    struct reading *reading = page->reading;
    struct session *session =
        session_find(reading->service, reading->who.session);

    reading->busy = false;
    touched_meanwhile(reading);
    st = st == VLT_OK ? page->broke : st;
    if (session == NULL || reading->ended) {
        if (reading->live) {
            reading_close_span(reading);
        }
    } else if (st != VLT_OK) {
        break_off(session, page, st);
    } else {
        send_made(session, page);
        send_along(session, reading);
        reading_go_on(reading);
    }
    page_free(page);
}

/* Send a page that waited; not from here, where its outbox may be in the
 * middle of letting go of the one before. */
static void
send_next(struct page *page)
{
    page->reading->busy = true;
    page->job = (struct job){ .waiter = principal_waiter(&page->reading->who),
                              .done = send_waiting };
    service_submit(page->reading->service, &page->job);
}

/* The next of what waits, or of what is to be made. */
static void
take_next(struct reading *reading)
{
    if (reading->ready == NULL) {
        make_next(reading);
    } else if (burst_decided(reading->ready)) {
        send_next(burst_next(reading));
    } else {
        decide_next(reading);
    }
}

void
reading_go_on(struct reading *reading)
{
    bool idle = !reading->busy && reading->outstanding == 0 &&
                (reading->ready != NULL || !reading->making);

    if (!is_open(reading)) {
        return;
    }
    if (idle) {
        if (!is_due(reading) || reading_rests(reading)) {
            return;
        }
        take_next(reading);
    }
    if (burst_may_ahead(reading)) {
        make_next(reading);
    }
}

void
reading_page_done(struct page *page, enum vlt_status st)
{
    struct reading *reading = page->reading;
    struct session *session =
        session_find(reading->service, reading->who.session);
    bool live_answer = reading->live && page->call != NULL;

    reading->busy = reading->busy && !reading->live;
    reading->making = false;
    burst_done(page, st == VLT_OK);
    if (session == NULL || reading->ended) {
        if (reading->live) {
            reading_close_span(reading);
        }
        burst_free(page);
        return;
    }
    if (st == VLT_OK && page->refused) {
        st = page->refusal; /* the owner's: no guard was asked */
    }
    if (burst_append(page, st)) {
        reading_go_on(reading);
        return;
    }
    if (st != VLT_OK) {
        break_off(session, page, st);
        burst_free(page);
        return;
    }
    reading->used = reading->used || page->leave != NULL;
    burst_wait(page);
    if (!live_answer && page->frame.len > 0) {
        send_made(session, page);
        send_along(session, reading);
    }
    touched_meanwhile(reading);
    reading_hold(reading); /* the page's own hold may be the last */
    page_free(page);
    if (!reading->ended) {
        reading_go_on(reading);
    }
    reading_release(reading);
}

/* ---- the end of a span ---- */

static enum vlt_status
close_commit(struct job *job, struct turn *turn)
{
    struct page *page = (struct page *)job;
    const struct firm *firm =
        identity_firm_now(turn->service->identity, page->reading->who.id);
    enum vlt_status st =
        firm != NULL ? page_span_close(page, turn, firm) : VLT_OK;

    firm_release(firm);
    return st;
}

static void
close_done(struct job *job, enum vlt_status st)
{
    struct page *page = (struct page *)job;

    (void)st; /* without a close a span counts as used in full */
    page->reading->busy = false;
    page_free(page);
}

void
reading_close_span(struct reading *reading)
{
    struct page *page;

    if (!reading->span.open || reading->busy || !reading->service->unlocked) {
        return;
    }
    page = page_new(reading, NULL);
    if (page == NULL) {
        return; /* without a close the span counts as used in full */
    }
    reading->busy = true;
    page->job.control = true;
    page->job.commit = close_commit;
    page->job.done = close_done;
    service_submit(reading->service, &page->job);
}
