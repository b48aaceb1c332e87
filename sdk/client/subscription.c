#include "client/subscription.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "client/ask.h"
#include "client/client_internal.h"
#include "client/newest.h"
#include "client/reading.h"

struct vault_subscription {
    struct vault_subscription *next;
    struct vault_client *client;
    char *grant;                  /* owned; NULL */
    char **streams;               /* owned, NULL-ended */
    char **columns;               /* owned, NULL-ended; NULL */
    char *cursor;                 /* owned; NULL: from now */
    struct vlt_newest newest;     /* times that were shown */
    struct vlt_reading *reading;  /* of the open session; the client's */
    struct vlt_reading *to_begin; /* asked, not answered */
    uint64_t pages;               /* of all sessions before this one */
    uint64_t asked;               /* seq of the ack under way; 0: none */
    uint64_t acked;               /* in the open session */
    bool dirty;                   /* something was shown behind the cursor */
    bool over;
    bool let_go; /* by the caller: to be freed */
    vault_page_fn *fn;
    vault_end_fn *end;
    void *ctx;
    struct vlt_wait *wait; /* of the first answer; NULL */
};

static void
finish(struct vault_subscription *sub, enum vault_status status)
{
    if (sub->over) {
        return;
    }
    sub->over = true;
    if (sub->wait != NULL) {
        sub->wait->done = true;
        sub->wait->status = status;
        sub->wait = NULL;
        return;
    }
    if (sub->end != NULL && !sub->let_go) {
        sub->client->depth++;
        sub->end(sub->ctx, status);
        sub->client->depth--;
    }
}

static enum vault_status
keep_cursor(struct vault_subscription *sub, struct vlt_slice text)
{
    char *copy = text.len > 0 ? vlt_text_copy(text) : NULL;

    if (copy == NULL) {
        return text.len > 0 ? VAULT_E_NOMEM : VAULT_OK;
    }
    free(sub->cursor);
    sub->cursor = copy;
    return VAULT_OK;
}

/* ---- acknowledging ---- */

static void acknowledge(struct vault_subscription *sub);

static void
on_ack(void *ctx, struct vault_client *client, const struct vlt_answer *answer)
{
    struct vault_subscription *sub = ctx;
    uint64_t seq = sub->asked;

    (void)client;
    sub->asked = 0;
    if (sub->reading == NULL || answer->rpc == NULL) {
        return;
    }
    if (answer->status == VAULT_OK) {
        sub->acked = seq;
        if (keep_cursor(sub, vlt_json_text_of(vlt_json_get(
                                 answer->rpc->result, "cursor"))) == VAULT_OK) {
            sub->dirty = sub->reading->seq > seq;
        }
    }
    /* Refused is what is no more the newest page; by now that may be known. */
    if (sub->reading->seq > seq) {
        acknowledge(sub);
    }
}

static void
acknowledge(struct vault_subscription *sub)
{
    char params[80];

    if (sub->asked != 0 || sub->reading == NULL ||
        sub->reading->seq == sub->acked) {
        return;
    }
    snprintf(params, sizeof params, "{\"subscription\":%llu,\"seq\":%llu}",
             (unsigned long long)sub->reading->ref,
             (unsigned long long)sub->reading->seq);
    /* Where it cannot be asked now, the next page asks again. */
    if (vlt_call_begin(sub->client, "data.ack", vlt_slice_text(params), on_ack,
                       sub, NULL) == VAULT_OK) {
        sub->asked = sub->reading->seq;
    }
}

/* ---- a session's part ---- */

static size_t
skip(void *owner, const char *stream, unsigned flags,
     const struct vlt_rows *rows)
{
    struct vault_subscription *sub = owner;

    return (flags & VAULT_PAGE_LATE) != 0
               ? 0
               : vlt_newest_pass(&sub->newest, stream, rows);
}

static void
on_page(void *owner, struct vault_client *client, uint64_t seq)
{
    struct vault_subscription *sub = owner;

    (void)client;
    (void)seq;
    sub->dirty = true;
    acknowledge(sub);
}

static void
on_end(void *owner, struct vault_client *client, enum vault_status status)
{
    struct vault_subscription *sub = owner;
    char params[48];

    sub->pages = sub->reading->before + sub->reading->seq;
    if (client->phase == PHASE_OPEN) {
        snprintf(params, sizeof params, "{\"subscription\":%llu}",
                 (unsigned long long)sub->reading->ref);
        (void)vlt_call_begin(client, "data.unsubscribe", vlt_slice_text(params),
                             NULL, NULL, NULL);
        sub->reading = NULL;
        finish(sub, status);
    } else {
        sub->reading = NULL; /* the session broke: break_all() decides */
    }
}

static enum vault_status
begin_reading(struct vault_subscription *sub, const struct vlt_answer *answer)
{
    const struct vlt_json *result = answer->rpc->result;
    int64_t ref = vlt_json_int_of(vlt_json_get(result, "subscription"));
    struct vlt_slice cursor = vlt_json_text_of(vlt_json_get(result, "cursor"));

    if (ref < 1) {
        return vlt_client_fault(sub->client, VAULT_E_PROTOCOL,
                                "the subscription has no number");
    }
    sub->reading = sub->to_begin;
    sub->to_begin = NULL;
    sub->reading->before = sub->pages;
    sub->acked = 0;
    if (keep_cursor(sub, cursor) != VAULT_OK) {
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
        return; /* broken: tried again by the next session */
    }
    if (status == VAULT_OK) {
        status = begin_reading(sub, answer);
    }
    vlt_reading_free(sub->to_begin);
    sub->to_begin = NULL;
    if (status != VAULT_OK) {
        if (sub->reading != NULL) {
            vlt_reading_forget(sub->reading);
            sub->reading = NULL;
        }
        finish(sub, status);
    } else if (sub->let_go) {
        vlt_reading_end(client, sub->reading, VAULT_OK);
    } else if (sub->wait != NULL) {
        sub->wait->done = true;
        sub->wait = NULL;
    }
}

static enum vault_status
ask(struct vault_subscription *sub)
{
    char says[VLT_ASK_SAYS];
    struct vlt_buf params = { 0 };
    struct vault_subscribe subscribe = { .size = sizeof subscribe,
                                         .grant = sub->grant };
    enum vault_status status;

    subscribe.streams = (const char *const *)sub->streams;
    subscribe.columns = (const char *const *)sub->columns;
    enum vlt_status st =
        vlt_ask_subscribe(&subscribe, sub->cursor, &params, says);

    if (st == VLT_OK) {
        sub->to_begin = vlt_reading_new(VLT_FRAME_LIVE, sub->grant);
        st = sub->to_begin != NULL ? VLT_OK : VLT_E_NOMEM;
    }
    if (st == VLT_E_FORMAT) {
        status = vlt_client_fault(sub->client, VAULT_E_USAGE, "%s", says);
    } else if (st != VLT_OK) {
        status = vlt_client_fault(sub->client, VAULT_E_NOMEM, "out of memory");
    } else {
        sub->to_begin->fn = sub->fn;
        sub->to_begin->ctx = sub->ctx;
        sub->to_begin->owner = sub;
        sub->to_begin->skip = skip;
        sub->to_begin->on_page = on_page;
        sub->to_begin->on_end = on_end;
        status = vlt_call_begin(sub->client, "data.subscribe",
                                vlt_buf_slice(&params), on_begun, sub, NULL);
    }
    if (status != VAULT_OK) {
        vlt_reading_free(sub->to_begin);
        sub->to_begin = NULL;
    }
    vlt_buf_free(&params);
    return status;
}

/* ---- all of a client's ---- */

void
vlt_subscription_resume_all(struct vault_client *client)
{
    for (struct vault_subscription *at = client->subscriptions; at != NULL;
         at = at->next) {
        if (at->over || at->let_go || at->reading != NULL ||
            at->to_begin != NULL) {
            continue;
        }
        vlt_newest_repeat(&at->newest, at->dirty);
        enum vault_status status = ask(at);

        if (status != VAULT_OK) {
            finish(at, status);
        }
    }
}

void
vlt_subscription_break_all(struct vault_client *client,
                           enum vault_status status, bool again)
{
    for (struct vault_subscription *at = client->subscriptions; at != NULL;
         at = at->next) {
        at->reading = NULL;
        if (!again || at->wait != NULL) {
            finish(at, status);
        }
    }
}

static void
free_list(char **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        free(list[i]);
    }
    free(list);
}

static void
free_one(struct vault_subscription *sub)
{
    vlt_reading_free(sub->to_begin);
    vlt_newest_free(&sub->newest);
    free_list(sub->streams);
    free_list(sub->columns);
    free(sub->grant);
    free(sub->cursor);
    free(sub);
}

void
vlt_subscription_sweep(struct vault_client *client)
{
    struct vault_subscription **at = &client->subscriptions;

    while (*at != NULL) {
        struct vault_subscription *sub = *at;

        /* An answer under way still names it. */
        if (sub->let_go && sub->asked == 0 && sub->reading == NULL &&
            sub->to_begin == NULL) {
            *at = sub->next;
            free_one(sub);
        } else {
            at = &sub->next;
        }
    }
}

void
vlt_subscription_free_all(struct vault_client *client)
{
    while (client->subscriptions != NULL) {
        struct vault_subscription *next = client->subscriptions->next;

        free_one(client->subscriptions);
        client->subscriptions = next;
    }
}

/* ---- the public face ---- */

static char **
copy_list(const char *const *list)
{
    size_t count = 0;

    while (list[count] != NULL) {
        count++;
    }
    char **copy = calloc(count + 1, sizeof *copy);

    for (size_t i = 0; copy != NULL && i < count; i++) {
        copy[i] = vlt_text_copy(vlt_slice_text(list[i]));
        if (copy[i] == NULL) {
            free_list(copy);
            return NULL;
        }
    }
    return copy;
}

static bool
copy_text(char **out, const char *text)
{
    *out = text != NULL ? vlt_text_copy(vlt_slice_text(text)) : NULL;
    return text == NULL || *out != NULL;
}

static struct vault_subscription *
copy_of(const struct vault_subscribe *from)
{
    struct vault_subscription *sub = calloc(1, sizeof *sub);

    if (sub == NULL) {
        return NULL;
    }
    bool copied = copy_text(&sub->grant, from->grant) &&
                  copy_text(&sub->cursor, from->cursor);

    sub->streams = copy_list(from->streams);
    copied = copied && sub->streams != NULL;
    if (from->columns != NULL) {
        sub->columns = copy_list(from->columns);
        copied = copied && sub->columns != NULL;
    }
    if (!copied) {
        free_one(sub);
        return NULL;
    }
    return sub;
}

enum vault_status
vault_subscribe_wait(struct vault_client *client,
                     const struct vault_subscribe *subscribe, vault_page_fn *fn,
                     vault_end_fn *end, void *ctx, int timeout_ms,
                     struct vault_subscription **out)
{
    struct vlt_wait wait = { .done = false };
    struct vault_subscription *sub;

    if (client->state != VAULT_READY) {
        return vlt_client_fault(
            client, VAULT_E_CONNECT,
            "not connected: wait until the client is ready");
    }
    if (subscribe->size != sizeof *subscribe || subscribe->streams == NULL) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "size or streams of the subscription is wrong");
    }
    sub = copy_of(subscribe);
    if (sub == NULL) {
        return vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    }
    sub->client = client;
    sub->fn = fn;
    sub->end = end;
    sub->ctx = ctx;
    sub->wait = &wait;
    enum vault_status status = ask(sub);

    if (status != VAULT_OK) {
        free_one(sub);
        return status;
    }
    sub->next = client->subscriptions;
    client->subscriptions = sub;
    status = vlt_client_wait(client, &wait, timeout_ms);
    sub->wait = NULL;
    if (status != VAULT_OK) {
        sub->let_go = true;
        return status;
    }
    *out = sub;
    return VAULT_OK;
}

const char *
vault_subscription_cursor(const struct vault_subscription *subscription)
{
    return subscription->cursor != NULL ? subscription->cursor : "";
}

void
vault_unsubscribe(struct vault_subscription *subscription)
{
    struct vault_client *client = subscription->client;

    subscription->let_go = true;
    if (subscription->reading != NULL) {
        vlt_reading_end(client, subscription->reading, VAULT_OK);
    }
    subscription->over = subscription->to_begin == NULL;
    if (client->depth == 0) {
        vlt_reading_sweep(client);
    }
}
