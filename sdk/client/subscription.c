#include "client/subscription.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/subscription_internal.h"

void
vlt_subscription_finish(struct vault_subscription *sub,
                        enum vault_status status)
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

enum vault_status
vlt_subscription_keep(char **at, struct vlt_slice text)
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
        vlt_subscription_keep(
            &sub->cursor, vlt_json_text_of(vlt_json_get(
                              answer->rpc->result, "cursor"))) == VAULT_OK) {
        sub->acked = pages;
    }
    /* Refused is what is no more the newest page; by now that may be known. */
    if (sub->safe > pages) {
        vlt_subscription_acknowledge(sub);
    }
}

/* Pages of earlier parts the vault can no longer be told of one by one, but all
 * of them lie before this part's base. */
void
vlt_subscription_acknowledge(struct vault_subscription *sub)
{
    char params[80];

    if (sub->asked != 0 || sub->reading == NULL || sub->safe <= sub->acked) {
        return;
    }
    uint64_t before = sub->reading->before;

    if (sub->safe >= before && sub->acked < before && sub->base != NULL &&
        vlt_subscription_keep(&sub->cursor, vlt_slice_text(sub->base)) ==
            VAULT_OK) {
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
    vlt_subscription_acknowledge(sub);
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
        vlt_subscription_acknowledge(sub);
    }
}

void
vlt_subscription_leave(struct vault_subscription *sub)
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
    vlt_subscription_leave(sub);
    if (open) { /* else break_all() decides */
        vlt_subscription_finish(sub, status);
    }
}

struct vlt_reading *
vlt_subscription_part(struct vault_subscription *sub)
{
    struct vlt_reading *reading = vlt_reading_new(VLT_FRAME_LIVE, sub->grant);

    if (reading != NULL) {
        reading->signing.held = sub->hold;
        reading->fn = sub->fn;
        reading->ctx = sub->ctx;
        reading->owner = sub;
        reading->on_rows = on_rows;
        reading->on_page = on_page;
        reading->on_end = on_end;
    }
    return reading;
}

/* ---- all of a client's ---- */

void
vlt_subscription_break_all(struct vault_client *client,
                           enum vault_status status, bool again)
{
    for (struct vault_subscription *at = client->subscriptions; at != NULL;
         at = at->next) {
        if (!again || at->wait != NULL) {
            vlt_subscription_finish(at, status);
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
            sub->to_begin == NULL && !sub->looking) {
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
