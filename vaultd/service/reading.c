/*
 * reading: pages one after the other, as the caller takes them (loop).
 */
#include <stdlib.h>
#include <string.h>

#include "service/page_internal.h"
#include "wire/limits.h"

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
    free(reading->asked.position);
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

/* What keeps the next page back; true: nothing. */
static bool
may_go_on(const struct reading *reading)
{
    struct service *service = reading->service;
    const struct service_sink *sink = &service->config.sink;

    if (reading->busy || reading->ended || reading->outstanding > 0 ||
        reading->credit == 0 || service->stopping || service->locks > 0 ||
        !service->unlocked) {
        return false;
    }
    return sink->backlog(sink->ctx, reading->who.session) < VLT_LIMIT_OUTBOX;
}

int64_t
reading_due(const struct reading *reading)
{
    int64_t due = reading->live ? INT64_MAX : reading->rest;

    for (size_t i = 0; reading->live && i < reading->count; i++) {
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

static void
make_next(struct reading *reading)
{
    struct page *page = page_new(reading, NULL);

    if (page == NULL) {
        return; /* tried again with the next event of its session */
    }
    burst_begin(page);
    reading->busy = true;
    page->job.waiter = principal_waiter(&reading->who);
    page->job.lane = reading->who.role == ROLE_OWNER ? JOB_OWNER : JOB_OTHERS;
    page->job.prepare = prepare;
    page->job.commit = reading->who.role == ROLE_FIRM ? commit : NULL;
    page->job.done = done;
    service_submit(reading->service, &page->job);
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
        leave->armed = true;
        leave->seq = page->seq;
        reading_hold(reading);
        reading->outstanding++;
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
    reading->withheld = false;
    reading->lagged = reading->lagged && !page->lagged;
    if (reading->live && page->stream_done && page->index < reading->count) {
        page_end_sweep(page, &reading->streams[page->index], true);
    }
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
        reading_end(session, reading);
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
    st = st == VLT_OK ? page->broke : st;
    if (session != NULL && !reading->ended && st != VLT_OK) {
        break_off(session, page, st);
    } else if (session != NULL && !reading->ended) {
        burst_give(page);
        send_made(session, page);
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

void
reading_go_on(struct reading *reading)
{
    struct page *page;

    if (!may_go_on(reading) || !is_due(reading) || reading_rests(reading)) {
        return;
    }
    page = burst_next(reading);
    if (page != NULL) {
        send_next(page);
    } else {
        make_next(reading);
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

void
reading_page_done(struct page *page, enum vlt_status st)
{
    struct reading *reading = page->reading;
    struct session *session =
        session_find(reading->service, reading->who.session);
    bool live_answer = reading->live && page->call != NULL;

    reading->busy = false;
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
    if (st != VLT_OK) {
        break_off(session, page, st);
        burst_free(page);
        return;
    }
    reading->used = reading->used || page->leave != NULL;
    burst_wait(page);
    if (page->made) {
        burst_give(page);
    }
    if (!live_answer && page->frame.len > 0) {
        send_made(session, page);
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
