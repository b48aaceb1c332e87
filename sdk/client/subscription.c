#include "client/subscription.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/ask.h"
#include "client/subscription_internal.h"

/* States of a grant in which it may be used, now or later. */
static const char *const alive[] = { "active", "suspended" };

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

/* Empty text changes nothing. */
static enum vault_status
keep_text(char **at, struct vlt_slice text)
{
    char *copy = text.len > 0 ? vlt_text_copy(text) : NULL;

    if (copy == NULL) {
        return text.len > 0 ? VAULT_E_NOMEM : VAULT_OK;
    }
    free(*at);
    *at = copy;
    return VAULT_OK;
}

uint64_t
vlt_subscription_shown(const struct vault_subscription *sub)
{
    return sub->reading != NULL ? sub->reading->before + sub->reading->seq
                                : sub->pages;
}

/* ---- acknowledging ---- */

static void acknowledge(struct vault_subscription *sub);

static void
on_ack(void *ctx, struct vault_client *client, const struct vlt_answer *answer)
{
    struct vault_subscription *sub = ctx;
    uint64_t pages = sub->asked;

    (void)client;
    sub->asked = 0;
    if (answer->rpc == NULL) {
        return;
    }
    if (answer->status == VAULT_OK && pages > sub->acked &&
        keep_text(&sub->cursor,
                  vlt_json_text_of(vlt_json_get(answer->rpc->result,
                                                "cursor"))) == VAULT_OK) {
        sub->acked = pages;
    }
    /* Refused is what is no more the newest page; by now that may be known. */
    if (sub->safe > pages) {
        acknowledge(sub);
    }
}

/* Pages of earlier parts the vault can no longer be told of one by one, but all
 * of them lie before this part's base. */
static void
acknowledge(struct vault_subscription *sub)
{
    char params[80];

    if (sub->asked != 0 || sub->reading == NULL || sub->safe <= sub->acked) {
        return;
    }
    uint64_t before = sub->reading->before;

    if (sub->safe >= before && sub->acked < before && sub->base != NULL &&
        keep_text(&sub->cursor, vlt_slice_text(sub->base)) == VAULT_OK) {
        sub->acked = before;
    }
    if (sub->safe <= before) {
        return;
    }
    snprintf(params, sizeof params, "{\"subscription\":%llu,\"seq\":%llu}",
             (unsigned long long)sub->reading->ref,
             (unsigned long long)(sub->safe - before));
    /* Where it cannot be asked now, the next page asks again. */
    if (vlt_call_begin(sub->client, "data.ack", vlt_slice_text(params), on_ack,
                       sub, NULL) == VAULT_OK) {
        sub->asked = sub->safe;
    }
}

void
vault_subscription_ack(struct vault_subscription *sub)
{
    sub->safe = vlt_subscription_shown(sub);
    if (sub->reading != NULL) {
        vlt_acks_release(sub->client, sub->reading, sub->reading->seq);
    }
    acknowledge(sub);
}

/* ---- a session's part ---- */

static void
on_rows(void *owner, const struct vlt_rows *rows)
{
    struct vault_subscription *sub = owner;
    size_t count = vlt_rows_count(rows);

    if (count > 0 && vlt_rows_times(rows)[count - 1] > sub->latest) {
        sub->latest = vlt_rows_times(rows)[count - 1];
    }
}

static void
on_page(void *owner, struct vault_client *client, uint64_t seq)
{
    struct vault_subscription *sub = owner;

    (void)client;
    (void)seq;
    if (!sub->hold) {
        sub->safe = vlt_subscription_shown(sub);
        acknowledge(sub);
    }
}

/* The part is over: the next goes on behind its last page. */
static void
leave(struct vault_subscription *sub)
{
    struct vlt_buf place = { 0 };
    uint64_t seq = sub->reading->seq;

    sub->pages = vlt_subscription_shown(sub);
    sub->reading = NULL;
    free(sub->place);
    sub->place = NULL;
    if (sub->base == NULL || sub->pages == sub->acked) {
        return;
    }
    vlt_buf_put_text(&place, sub->base);
    if (seq > 0) {
        vlt_buf_printf(&place, ".%llu", (unsigned long long)seq);
    }
    if (!vlt_buf_failed(&place)) { /* else some pages come again */
        sub->place = vlt_text_copy(vlt_buf_slice(&place));
    }
    vlt_buf_free(&place);
}

static void
on_end(void *owner, struct vault_client *client, enum vault_status status)
{
    struct vault_subscription *sub = owner;

    bool open = client->phase == PHASE_OPEN;

    if (open) {
        vlt_acks_unsubscribe(client, sub->reading);
    }
    leave(sub);
    if (open) { /* else break_all() decides */
        finish(sub, status);
    }
}

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
    free(sub->base);
    free(sub->place);
    sub->base = sub->place = NULL;
    if (again) {
        sub->acked = sub->safe = sub->pages;
    }
    if (keep_text(&sub->base, cursor) != VAULT_OK ||
        (again && keep_text(&sub->cursor, cursor) != VAULT_OK)) {
        return vlt_client_fault(sub->client, VAULT_E_NOMEM, "out of memory");
    }
    return vlt_reading_begin(sub->client, sub->reading, (uint64_t)ref, answer);
}

/* The vault does not know the place any more: ask again, behind the cursor.
 * False: that is not it. */
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
    if (!sub->let_go && place_is_lost(sub, status)) {
        status = vlt_subscription_ask(sub);
        if (status == VAULT_OK) {
            return;
        }
    }
    if (status != VAULT_OK) {
        if (sub->reading != NULL) {
            vlt_reading_forget(sub->reading);
            sub->reading = NULL;
        }
        finish(sub, status);
    } else if (sub->let_go) {
        vlt_reading_end(client, sub->reading, VAULT_OK);
    } else {
        acknowledge(sub);
    }
    if (status == VAULT_OK && sub->wait != NULL) {
        sub->wait->done = true;
        sub->wait = NULL;
    }
}

enum vault_status
vlt_subscription_ask(struct vault_subscription *sub)
{
    char says[VLT_ASK_SAYS];
    struct vlt_buf params = { 0 };
    struct vault_subscribe subscribe = { .size = sizeof subscribe,
                                         .grant = sub->grant };
    enum vault_status status;

    if (sub->begun && sub->place == NULL && sub->cursor == NULL) {
        return vlt_client_fault(sub->client, VAULT_E_CONNECT,
                                "the subscription has more streams than a "
                                "cursor can hold, so it cannot go on");
    }
    subscribe.streams = (const char *const *)sub->streams;
    subscribe.columns = (const char *const *)sub->columns;
    enum vlt_status st = vlt_ask_subscribe(
        &subscribe, sub->place != NULL ? sub->place : sub->cursor, &params,
        says);

    if (st == VLT_OK) {
        sub->to_begin = vlt_reading_new(VLT_FRAME_LIVE, sub->grant);
        st = sub->to_begin != NULL ? VLT_OK : VLT_E_NOMEM;
    }
    if (st == VLT_E_FORMAT) {
        status = vlt_client_fault(sub->client, VAULT_E_USAGE, "%s", says);
    } else if (st != VLT_OK) {
        status = vlt_client_fault(sub->client, VAULT_E_NOMEM, "out of memory");
    } else {
        sub->to_begin->signing.held = sub->hold;
        sub->to_begin->fn = sub->fn;
        sub->to_begin->ctx = sub->ctx;
        sub->to_begin->owner = sub;
        sub->to_begin->on_rows = on_rows;
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
        enum vault_status status = vlt_subscription_ask(at);

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

static bool
is_over(struct vlt_slice state)
{
    for (size_t i = 0; i < sizeof alive / sizeof *alive; i++) {
        if (vlt_slice_is(state, alive[i])) {
            return false;
        }
    }
    return state.len > 0;
}

/* The vault ended its part by itself, so there is nothing to unsubscribe. */
static void
drop_reading(struct vault_subscription *sub)
{
    if (sub->reading != NULL) {
        vlt_acks_whole(sub->client, sub->reading);
        vlt_reading_forget(sub->reading);
        leave(sub);
    }
}

static void
end_with_grant(struct vault_subscription *sub, struct vlt_slice reason)
{
    struct vault_client *client = sub->client;

    drop_reading(sub);
    enum vault_status status =
        vlt_client_fault(client, VAULT_E_ENDED, "the grant has ended: %.*s",
                         (int)reason.len, (const char *)reason.at);

    snprintf(client->reason, sizeof client->reason, "%.*s", (int)reason.len,
             (const char *)reason.at);
    finish(sub, status);
}

/* Is it still wanted, and under this grant? */
static bool
is_under(const struct vault_subscription *sub, const uint8_t grant[VLT_ID_LEN])
{
    uint8_t own[VLT_ID_LEN];

    return !sub->over && !sub->let_go && sub->grant != NULL &&
           vlt_ulid_parse(vlt_slice_text(sub->grant), own) == VLT_OK &&
           memcmp(own, grant, sizeof own) == 0;
}

/* A grant that goes on.  Suspended and narrowed the vault has ended its part;
 * resumed, or on its narrower terms, it is asked for anew behind the cursor. */
static void
follow(struct vault_subscription *sub, struct vlt_slice reason)
{
    bool narrowed = vlt_slice_is(reason, "narrowed");

    if (narrowed || vlt_slice_is(reason, "suspended")) {
        drop_reading(sub);
    }
    if ((narrowed || vlt_slice_is(reason, "resumed")) && sub->reading == NULL &&
        sub->to_begin == NULL) {
        enum vault_status status = vlt_subscription_ask(sub);

        if (status != VAULT_OK) {
            finish(sub, status);
        }
    }
}

void
vlt_subscription_changed(struct vault_client *client,
                         const struct vlt_json *params)
{
    struct vlt_slice reason = vlt_json_text_of(vlt_json_get(params, "reason"));
    struct vlt_slice state = vlt_json_text_of(vlt_json_get(params, "state"));
    uint8_t grant[VLT_ID_LEN];

    if (vlt_ulid_parse(vlt_json_text_of(vlt_json_get(params, "grant")),
                       grant) != VLT_OK) {
        return;
    }
    for (struct vault_subscription *at = client->subscriptions; at != NULL;
         at = at->next) {
        if (!is_under(at, grant)) {
            continue;
        }
        if (is_over(state)) {
            end_with_grant(at, reason.len > 0 ? reason : state);
        } else {
            follow(at, reason);
        }
    }
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
            vlt_subscription_free(sub);
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

        vlt_subscription_free(client->subscriptions);
        client->subscriptions = next;
    }
}
