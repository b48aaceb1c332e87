/*
 * Subscriptions: rows as they are committed (loop).
 */
#include <stdlib.h>
#include <string.h>

#include "service/intake.h"
#include "service/nouns.h"
#include "service/owed.h"
#include "service/page_internal.h"
#include "service/seeds.h"
#include "wire/limits.h"

/* Delayed and bucketed scopes are looked at so often; what is due then is told
 * by the scan. */
#define LOOK_AGAIN VLT_SECOND

/* ---- subscribe ---- */

static enum vlt_status
subscribe_check(struct call *call, struct vlt_walk *params)
{
    struct session *session = session_find(call->service, call->who.session);
    unsigned count = 0;
    enum vlt_status st;

    for (struct reading *at = session->readings; at != NULL; at = at->next) {
        count += at->live;
    }
    if (count >= READING_SUBS) {
        call->fault.retry_ms = 1000; /* when one ends, nobody can tell */
        return call_refuse(call, VLT_E_QUOTA,
                           "%d subscriptions are open; end one first.",
                           READING_SUBS);
    }
    st = data_begin(call, params, ASKED_SUBSCRIBE);
    if (st == VLT_OK) {
        struct page *page = call->state;

        page->reading->ref = session->next_sub++;
    }
    return st;
}

static void
subscribe_done(struct call *call, enum vlt_status st)
{
    struct page *page = call->state;
    struct session *session = session_find(call->service, call->who.session);

    after_run(call->service, page->after);
    after_free(page->after);
    page->after = NULL;
    if (st == VLT_OK && page->refused) {
        call->fault = page->fault;
        st = page->refusal;
    }
    if (st != VLT_OK || session == NULL) {
        call_fail(call, st != VLT_OK ? st : VLT_E_NOT_FOUND);
        return;
    }
    struct vlt_json_out json = call_result(call);

    data_put_answer(&json, page->reading);
    vlt_put_end(&json);
    call->state = NULL;
    reading_attach(session, page->reading);
    call_answer(call);
    reading_page_done(page, VLT_OK);
}

/* ---- ack, unsubscribe ---- */

struct naming {
    uint64_t ref;
    uint64_t seq;
};

static struct reading *
find_reading(struct session *session, uint64_t ref, bool live)
{
    struct reading *at = session->readings;

    while (at != NULL && (at->ref != ref || at->live != live)) {
        at = at->next;
    }
    return at;
}

static enum vlt_status
ack_check(struct call *call, struct vlt_walk *params)
{
    struct session *session = session_find(call->service, call->who.session);
    uint64_t ref =
        (uint64_t)vlt_walk_int(params, "subscription", 1, INT64_C(1) << 53);
    uint64_t seq = (uint64_t)vlt_walk_int(params, "seq", 0, INT64_MAX);
    struct reading *reading = find_reading(session, ref, true);
    struct position positions[CURSOR_STREAMS];
    struct vlt_buf cursor;

    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    if (reading == NULL) {
        return call_refuse_at(call, "subscription",
                              "There is no such subscription.");
    }
    if (trail_at(reading->trail, seq, positions) != VLT_OK) {
        return call_refuse_at(call, "seq",
                              "The newest page has seq %llu; acknowledge "
                              "that or one of the 256 before it.",
                              (unsigned long long)trail_last(reading->trail));
    }
    struct vlt_json_out json = call_result(call);

    vlt_buf_init(&cursor, VLT_LIMIT_CURSOR);
    cursor_put(reading, positions, &cursor);
    vlt_put_uint(&json, "subscription", ref);
    vlt_put_uint(&json, "seq", seq);
    vlt_put_slice(&json, "cursor", vlt_buf_slice(&cursor));
    vlt_put_end(&json);
    vlt_buf_free(&cursor);
    return VLT_OK;
}

static enum vlt_status
unsubscribe_check(struct call *call, struct vlt_walk *params)
{
    struct session *session = session_find(call->service, call->who.session);
    uint64_t *ref = call_state(call, sizeof *ref);

    if (ref == NULL) {
        return VLT_E_NOMEM;
    }
    *ref = (uint64_t)vlt_walk_int(params, "subscription", 1, INT64_C(1) << 53);
    if (vlt_walk_failed(params)) {
        return VLT_E_FORMAT;
    }
    return find_reading(session, *ref, true) != NULL
               ? VLT_OK
               : call_refuse_at(call, "subscription",
                                "There is no such subscription.");
}

static void
unsubscribe_begin(struct call *call)
{
    struct session *session = session_find(call->service, call->who.session);
    const uint64_t *ref = call->state;
    struct reading *reading = find_reading(session, *ref, true);

    release_finish(reading);
    /* What of a firm's is queued yet, and has not begun, is dropped. */
    uint64_t last = call->who.role == ROLE_FIRM ? reading->delivered.last_seq
                                                : reading->seq;
    struct vlt_json_out json = call_result(call);

    vlt_put_uint(&json, "subscription", *ref);
    vlt_put_uint(&json, "last_seq", last);
    vlt_put_end(&json);
    reading_end(session, reading);
}

const struct method op_subscribe[] = {
    { .name = "data.subscribe",
      .roles = ROLE_OWNER | ROLE_FIRM,
      .flags = METHOD_READS,
      .check = subscribe_check,
      .prepare = data_prepare,
      .commit = data_commit,
      .done = subscribe_done,
      .clear = data_clear },
    { .name = "data.ack", .roles = ROLE_OWNER | ROLE_FIRM, .check = ack_check },
    { .name = "data.unsubscribe",
      .roles = ROLE_OWNER | ROLE_FIRM,
      .check = unsubscribe_check,
      .begin = unsubscribe_begin },
    { .name = NULL },
};

/* ---- credit ---- */

void
subscribe_notification(struct service *service, struct session *session,
                       const struct vlt_rpc *rpc)
{
    struct vlt_walk params;
    uint64_t ref;
    int64_t pages;

    (void)service;
    if (!vlt_slice_is(rpc->method, "flow.credit") || rpc->params == NULL) {
        return;
    }
    vlt_walk_begin(&params, rpc->params);
    ref = (uint64_t)vlt_walk_int(&params, "ref", 0, INT64_C(1) << 53);
    pages = vlt_walk_int(&params, "pages", 1, VLT_LIMIT_CREDIT);
    if (vlt_walk_end(&params) != VLT_OK) {
        return;
    }
    /* A query and a subscription may have the same number: both get it. */
    struct reading *next = NULL;

    for (struct reading *at = session->readings; at != NULL; at = next) {
        next = at->next; /* it may end */
        if (at->ref == ref) {
            at->credit = at->credit + pages < VLT_LIMIT_CREDIT
                             ? at->credit + pages
                             : VLT_LIMIT_CREDIT;
            reading_go_on(at);
        }
    }
}

/* ---- what moves them on ---- */

/* Each reading may end itself while the list is walked: it is held. */
static void
go_on_all(struct session *session)
{
    struct reading *at = session->readings;

    while (at != NULL) {
        struct reading *next = at->next;

        reading_go_on(at);
        at = next;
    }
}

void
service_writable(struct service *service, uint64_t number)
{
    struct session *session = session_find(service, number);

    if (session != NULL) {
        go_on_all(session);
    }
}

struct touching {
    const struct touched *touched;
    size_t count;
};

static bool
is_touched(const struct touching *touching, const uint8_t id[VLT_ID_LEN])
{
    for (size_t i = 0; i < touching->count; i++) {
        if (memcmp(touching->touched[i].stream, id, VLT_ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static void
touch(void *ctx, struct session *session)
{
    const struct touching *touching = ctx;

    for (struct reading *at = session->readings; at != NULL; at = at->next) {
        bool any = false;

        if (!at->live) {
            continue;
        }
        for (size_t i = 0; !at->busy && i < at->count; i++) {
            if (is_touched(touching, at->streams[i].stream->id)) {
                at->streams[i].dirty = true;
                any = true;
            }
        }
        /* While a page is made its streams are the worker's: look again at all
         * of them when it is done. */
        at->again = at->again || at->busy;
        if (any) {
            /* It is told once, by the page that catches up. */
            at->lagged = at->lagged || reading_lags(at);
            reading_go_on(at);
        }
    }
}

void
subscribe_touched(struct service *service)
{
    struct touching touching = { .count = 0 };
    struct touched *taken;

    lock_take(service->touch_lock);
    taken = service->touched;
    touching.count = service->touched_count;
    service->touched = NULL;
    service->touched_count = 0;
    service->touched_cap = 0;
    lock_drop(service->touch_lock);
    touching.touched = taken;
    if (touching.count > 0) {
        session_each(service, touch, &touching);
    }
    free(taken);
}

/* A scope that time alone moves: delayed or in buckets. */
static bool
moves_by_time(const struct reading *reading)
{
    return reading->live && (reading->delay > 0 || reading->asked.every > 0);
}

struct waking {
    int64_t boot;
    int64_t next;
};

static void
wake(void *ctx, struct session *session)
{
    struct waking *waking = ctx;
    struct reading *next = NULL;

    for (struct reading *at = session->readings; at != NULL; at = next) {
        next = at->next; /* an answer may end */
        if (at->busy) {
            continue;
        }
        if (moves_by_time(at) && waking->boot >= at->look) {
            at->look = waking->boot + LOOK_AGAIN;
            for (size_t i = 0; i < at->count; i++) {
                at->streams[i].dirty = true;
            }
        }
        if ((at->live || at->rest > 0) && waking->boot >= reading_due(at)) {
            at->rest = 0;
            reading_go_on(at);
        }
    }
}

static void
soonest(void *ctx, struct session *session)
{
    struct waking *waking = ctx;

    for (struct reading *at = session->readings; at != NULL; at = at->next) {
        int64_t when = INT64_MAX;

        /* What waits for credit or room is woken by that, as is an answer that
         * does not rest. */
        if (!at->busy && at->credit > 0 && at->outstanding == 0 &&
            ((at->live && at->ready == NULL) || at->rest > 0)) {
            when = reading_due(at);
        }
        if (moves_by_time(at) && at->look < when) {
            when = at->look;
        }
        if (when < waking->next) {
            waking->next = when;
        }
    }
}

int64_t
subscribe_next(const struct service *service)
{
    struct waking waking = { .next = INT64_MAX };

    session_each((struct service *)(uintptr_t)service, soonest, &waking);
    return waking.next;
}

void
subscribe_arm(struct service *service)
{
    const struct service_sink *sink = &service->config.sink;
    int64_t next = subscribe_next(service);

    if (service->clock_due < next) {
        next = service->clock_due;
    }
    if (owed_due(service) < next) {
        next = owed_due(service);
    }
    if (intake_due(service) < next) {
        next = intake_due(service);
    }
    if (next != service->due) {
        service->due = next;
        sink->due(sink->ctx, next);
    }
}

void
subscribe_due(struct service *service, int64_t boot)
{
    struct waking waking = { .boot = boot };

    session_each(service, wake, &waking);
}

/* ---- ends ---- */

void
session_end_reads(struct service *service, struct session *session)
{
    (void)service;
    while (session->readings != NULL) {
        reading_end(session, session->readings);
    }
}

struct cutting {
    struct service *service;
    const uint8_t *grant;
    struct after_cut *cut;
    const struct call_fault *says; /* to whoever reads; NULL: nothing */
};

/* End one answer, or subscription, of a grant. */
static void
cut_one(const struct cutting *cutting, struct session *session,
        struct reading *reading)
{
    struct vlt_slice none = { .len = 0 };

    if (seed_decision_cached()) {
        return;
    }
    if (cutting->says != NULL) {
        reply_error(cutting->service, &reading->who, &reading->id,
                    VLT_E_CONFLICT, cutting->says, none);
    }
    reading_end(session, reading);
}

static void
cut(void *ctx, struct session *session)
{
    struct cutting *cutting = ctx;
    struct reading *at = session->readings;

    while (at != NULL) {
        struct reading *next = at->next;

        if (session->who.role == ROLE_FIRM &&
            memcmp(at->grant, cutting->grant, VLT_ID_LEN) == 0) {
            if (at->delivered.last_seq > cutting->cut->last_seq) {
                cutting->cut->last_seq = at->delivered.last_seq;
            }
            cutting->cut->rows += at->delivered.rows;
            cut_one(cutting, session, at);
        }
        at = next;
    }
}

void
subscribe_cut(struct service *service, const uint8_t grant[VLT_ID_LEN],
              bool tells, struct after_cut *out)
{
    static const struct call_fault changed = {
        .code = VLT_RPC_CONFLICT,
        .message = "The grant's terms changed meanwhile; ask again.",
    };
    struct cutting cutting = { .service = service,
                               .grant = grant,
                               .cut = out,
                               .says = tells ? &changed : NULL };

    session_each(service, cut, &cutting);
}
