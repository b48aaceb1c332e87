/*
 * subscription_ask: when a subscription asks the vault for its part of a
 * session, and what a refusal does to it.
 *
 *     to_ask --> to_begin --> reading          the vault gives it
 *       ^ ^         |
 *       | +---------+  no call is free, the place is unknown, or a refusal that
 *       |           |  passes: after a while
 *       |           v
 *       +-------- looking --> rests            denied, though it was given
 * once: grant.show tells whether the grant is suspended
 *
 * What rests is asked for anew when grant.changed says so, or by the next
 * session.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ask.h"
#include "client/subscription.h"
#include "client/subscription_internal.h"

enum {
    ASK_BUSY_MS = 100, /* while others' calls are as many as may be */
    ASK_FIRST = 6,     /* tries, before it was given once */
};

void
vlt_subscription_want(struct vault_subscription *sub, int64_t ms)
{
    sub->to_ask = true;
    sub->ask_ms = vlt_client_now_ms() + ms;
}

/* ---- refusals ---- */

static void
try_later(struct vault_subscription *sub)
{
    vlt_subscription_want(sub,
                          vlt_client_backoff(sub->client, sub->failures++));
}

/* Can the same be granted later?  Not everything that a vault refuses the first
 * time is worth to be waited for: then the caller hears of it. */
static bool
passes(const struct vault_subscription *sub, enum vault_status status)
{
    switch (status) {
    case VAULT_E_RATE:
    case VAULT_E_BUSY:
        return sub->begun || sub->failures < ASK_FIRST;
    case VAULT_E_PENDING:
    case VAULT_E_LOCKED:
    case VAULT_E_STORAGE:
    case VAULT_E_UNKNOWN:
    case VAULT_E_INTERNAL:
        return sub->begun;
    case VAULT_OK:
    case VAULT_E_NOMEM:
    case VAULT_E_USAGE:
    case VAULT_E_PARAMS:
    case VAULT_E_NOT_FOUND:
    case VAULT_E_DENIED:
    case VAULT_E_ENDED:
    case VAULT_E_SCOPE:
    case VAULT_E_REAUTH:
    case VAULT_E_CONFLICT:
    case VAULT_E_CONNECT:
    case VAULT_E_TIMEOUT:
    case VAULT_E_IDENTITY:
    case VAULT_E_AUTH:
    case VAULT_E_PROTOCOL:
    case VAULT_E_FILE:
        return false;
    }
    return false;
}

/* The grant of a subscription that was denied: suspended it rests.  Where that
 * is not it, or may not be known, the vault gives nothing to anybody. */
static void
on_shown(void *ctx, struct vault_client *client,
         const struct vlt_answer *answer)
{
    struct vault_subscription *sub = ctx;
    struct vlt_slice state = { 0 };

    (void)client;
    sub->looking = false;
    if (answer->rpc == NULL || sub->over || sub->let_go) {
        return;
    }
    if (answer->status == VAULT_OK) {
        state = vlt_json_text_of(
            vlt_json_get(vlt_json_get(answer->rpc->result, "grant"), "state"));
    }
    if (sub->changed) {
        vlt_subscription_want(sub, 0);
    } else if (!vlt_slice_is(state, "suspended")) {
        try_later(sub);
    }
}

static void
look(struct vault_subscription *sub)
{
    struct vlt_buf params = { 0 };
    struct vlt_json_out put = vlt_json_out(&params);

    vlt_put_object(&put, NULL);
    vlt_put_text(&put, "grant", sub->grant);
    vlt_put_end(&put);
    sub->looking =
        !vlt_buf_failed(&params) &&
        vlt_call_begin(sub->client, "grant.show", vlt_buf_slice(&params),
                       on_shown, sub, NULL) == VAULT_OK;
    if (!sub->looking) {
        try_later(sub);
    }
    vlt_buf_free(&params);
}

/* The vault does not know the place any more: then behind the cursor. */
static bool
place_is_lost(struct vault_subscription *sub, enum vault_status status)
{
    if (status != VAULT_E_PARAMS || sub->place == NULL ||
        strcmp(sub->client->at, "cursor") != 0) {
        return false;
    }
    free(sub->place);
    sub->place = NULL;
    return true;
}

static void
refused(struct vault_subscription *sub, enum vault_status status)
{
    if (sub->over || sub->let_go || sub->wait != NULL) {
        vlt_subscription_finish(sub, status);
    } else if (sub->changed || place_is_lost(sub, status)) {
        vlt_subscription_want(sub, 0);
    } else if (status == VAULT_E_DENIED && sub->begun && sub->grant != NULL) {
        look(sub);
    } else if (passes(sub, status)) {
        try_later(sub);
    } else {
        vlt_subscription_finish(sub, status);
    }
}

/* ---- asking ---- */

/* Where it went on behind the last page, what is not acknowledged is still so;
 * where it went on behind the cursor, those pages come again. */
static enum vault_status
begin_reading(struct vault_subscription *sub, const struct vlt_answer *answer)
{
    const struct vlt_json *result = answer->rpc->result;
    int64_t ref = vlt_json_int_of(vlt_json_get(result, "subscription"));
    struct vlt_slice cursor = vlt_json_text_of(vlt_json_get(result, "cursor"));
    bool again = sub->place == NULL;

    if (ref < 1) {
        return vlt_client_fault(sub->client, VAULT_E_PROTOCOL,
                                "the subscription has no number");
    }
    sub->reading = sub->to_begin;
    sub->to_begin = NULL;
    sub->reading->before = sub->pages;
    sub->begun = true;
    sub->to_ask = sub->changed = false;
    sub->failures = 0;
    free(sub->base);
    free(sub->place);
    sub->base = sub->place = NULL;
    if (again) {
        sub->acked = sub->safe = sub->pages;
    }
    if (vlt_subscription_keep(&sub->base, cursor) != VAULT_OK ||
        (again && vlt_subscription_keep(&sub->cursor, cursor) != VAULT_OK)) {
        return vlt_client_fault(sub->client, VAULT_E_NOMEM, "out of memory");
    }
    return vlt_reading_begin(sub->client, sub->reading, (uint64_t)ref, answer);
}

static void
on_begun(void *ctx, struct vault_client *client,
         const struct vlt_answer *answer)
{
    struct vault_subscription *sub = ctx;
    enum vault_status status = answer->status;

    if (answer->rpc == NULL && sub->wait == NULL) {
        vlt_reading_free(sub->to_begin);
        sub->to_begin = NULL;
        return; /* broken: the next session asks again */
    }
    if (status == VAULT_OK) {
        status = begin_reading(sub, answer);
    }
    vlt_reading_free(sub->to_begin);
    sub->to_begin = NULL;
    if (status != VAULT_OK && sub->reading != NULL) {
        vlt_reading_forget(sub->reading);
        sub->reading = NULL;
        vlt_subscription_finish(sub, status);
    } else if (status != VAULT_OK) {
        refused(sub, status);
    } else if (sub->let_go || sub->over) {
        vlt_reading_end(client, sub->reading, VAULT_OK);
    } else {
        vlt_subscription_acknowledge(sub);
        if (sub->wait != NULL) {
            sub->wait->done = true;
            sub->wait = NULL;
        }
    }
}

/* The parameters.  On failure the client's detail says why. */
static enum vault_status
put_ask(struct vault_subscription *sub, struct vlt_buf *params)
{
    char says[VLT_ASK_SAYS];
    const char *from = sub->place != NULL ? sub->place : sub->cursor;
    struct vault_subscribe ask = { .size = sizeof ask, .grant = sub->grant };

    if (sub->begun && from == NULL) {
        return vlt_client_fault(sub->client, VAULT_E_CONNECT,
                                "the subscription has more streams than a "
                                "cursor can hold, so it cannot go on");
    }
    ask.streams = (const char *const *)sub->streams;
    ask.columns = (const char *const *)sub->columns;
    enum vlt_status st = vlt_ask_subscribe(&ask, from, params, says);

    if (st == VLT_E_FORMAT) {
        return vlt_client_fault(sub->client, VAULT_E_USAGE, "%s", says);
    }
    return st == VLT_OK
               ? VAULT_OK
               : vlt_client_fault(sub->client, VAULT_E_NOMEM, "out of memory");
}

/* Send it, with a reading that is to begin by the answer. */
static enum vault_status
send_ask(struct vault_subscription *sub, struct vlt_slice params)
{
    sub->to_begin = vlt_subscription_part(sub);
    if (sub->to_begin == NULL) {
        return vlt_client_fault(sub->client, VAULT_E_NOMEM, "out of memory");
    }
    enum vault_status status = vlt_call_begin(sub->client, "data.subscribe",
                                              params, on_begun, sub, NULL);

    if (status != VAULT_OK) {
        vlt_reading_free(sub->to_begin);
        sub->to_begin = NULL;
    }
    return status;
}

enum vault_status
vlt_subscription_ask(struct vault_subscription *sub)
{
    struct vlt_buf params = { 0 };
    enum vault_status status = put_ask(sub, &params);

    sub->to_ask = sub->changed = false;
    if (status == VAULT_OK) {
        status = vlt_call_room(sub->client)
                     ? send_ask(sub, vlt_buf_slice(&params))
                     : VAULT_E_BUSY;
    }
    if (status == VAULT_E_BUSY) {
        vlt_subscription_want(sub, ASK_BUSY_MS);
        status = VAULT_OK;
    }
    vlt_buf_free(&params);
    return status;
}

/* ---- all of a client's ---- */

static bool
is_idle(const struct vault_subscription *sub)
{
    return !sub->over && !sub->let_go && sub->reading == NULL &&
           sub->to_begin == NULL && !sub->looking;
}

void
vlt_subscription_resume_all(struct vault_client *client)
{
    for (struct vault_subscription *at = client->subscriptions; at != NULL;
         at = at->next) {
        if (is_idle(at)) {
            at->failures = 0;
            vlt_subscription_want(at, 0);
        }
    }
}

void
vlt_subscription_step_all(struct vault_client *client)
{
    int64_t now = vlt_client_now_ms();

    for (struct vault_subscription *at = client->subscriptions;
         at != NULL && client->state == VAULT_READY; at = at->next) {
        if (!at->to_ask || !is_idle(at) || now < at->ask_ms) {
            continue;
        }
        enum vault_status status = vlt_subscription_ask(at);

        if (status != VAULT_OK) {
            vlt_subscription_finish(at, status);
        }
    }
}

int64_t
vlt_subscription_due(const struct vault_client *client)
{
    int64_t due = INT64_MAX;

    if (client->state != VAULT_READY) {
        return due; /* READY is a step by itself */
    }
    for (const struct vault_subscription *at = client->subscriptions;
         at != NULL; at = at->next) {
        if (at->to_ask && is_idle(at) && at->ask_ms < due) {
            due = at->ask_ms;
        }
    }
    return due;
}
