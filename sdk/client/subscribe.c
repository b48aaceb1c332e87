#include "client/subscription.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/subscription_internal.h"

static void
free_list(char **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        free(list[i]);
    }
    free(list);
}

void
vlt_subscription_free(struct vault_subscription *sub)
{
    vlt_reading_free(sub->to_begin);
    free_list(sub->streams);
    free_list(sub->columns);
    free(sub->grant);
    free(sub->cursor);
    free(sub->base);
    free(sub->place);
    free(sub);
}

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
        vlt_subscription_free(sub);
        return NULL;
    }
    return sub;
}

/* Members that a caller of an older header does not have are 0. */
static bool
take_ask(const struct vault_subscribe *given, struct vault_subscribe *out)
{
    size_t least =
        offsetof(struct vault_subscribe, cursor) + sizeof given->cursor;

    if (given->size < least || given->size > sizeof *out) {
        return false;
    }
    *out = (struct vault_subscribe){ .size = 0 };
    memcpy(out, given, given->size);
    return out->streams != NULL;
}

/* The caller's, in no list yet; NULL: *status says why. */
static struct vault_subscription *
prepare(struct vault_client *client, const struct vault_subscribe *subscribe,
        enum vault_status *status)
{
    struct vault_subscribe ask;

    if (!take_ask(subscribe, &ask)) {
        *status = vlt_client_fault(client, VAULT_E_USAGE,
                                   "size or streams of the subscription is "
                                   "wrong");
        return NULL;
    }
    struct vault_subscription *sub = copy_of(&ask);

    if (sub == NULL) {
        *status = vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
        return NULL;
    }
    sub->client = client;
    sub->hold = ask.hold != 0;
    sub->latest = INT64_MIN;
    return sub;
}

enum vault_status
vault_subscribe_begin(struct vault_client *client,
                      const struct vault_subscribe *subscribe,
                      vault_page_fn *fn, vault_end_fn *end, void *ctx,
                      struct vault_subscription **out)
{
    enum vault_status status = VAULT_OK;
    struct vault_subscription *sub = prepare(client, subscribe, &status);

    if (sub == NULL) {
        return status;
    }
    sub->fn = fn;
    sub->end = end;
    sub->ctx = ctx;
    /* Before READY the session asks for it by itself. */
    if (client->state == VAULT_READY) {
        status = vlt_subscription_ask(sub);
    }
    if (status != VAULT_OK) {
        vlt_subscription_free(sub);
        return status;
    }
    sub->next = client->subscriptions;
    client->subscriptions = sub;
    *out = sub;
    return VAULT_OK;
}

enum vault_status
vault_subscribe_wait(struct vault_client *client,
                     const struct vault_subscribe *subscribe, vault_page_fn *fn,
                     vault_end_fn *end, void *ctx, int timeout_ms,
                     struct vault_subscription **out)
{
    struct vlt_wait wait = { .done = false };
    enum vault_status status = VAULT_OK;

    if (client->state != VAULT_READY) {
        return vlt_client_fault(
            client, VAULT_E_CONNECT,
            "not connected: wait until the client is ready");
    }
    struct vault_subscription *sub = prepare(client, subscribe, &status);

    if (sub == NULL) {
        return status;
    }
    sub->fn = fn;
    sub->end = end;
    sub->ctx = ctx;
    sub->wait = &wait;
    status = vlt_subscription_ask(sub);

    if (status != VAULT_OK) {
        vlt_subscription_free(sub);
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

uint64_t
vault_subscription_unacked(const struct vault_subscription *subscription)
{
    return vlt_subscription_shown(subscription) - subscription->acked;
}

int64_t
vault_subscription_lag_ms(const struct vault_subscription *subscription)
{
    if (subscription->latest == INT64_MIN) {
        return -1;
    }
    int64_t lag = (vlt_client_utc_ns() - subscription->latest) / 1000000;

    return lag > 0 ? lag : 0; /* a row may be ahead of this machine */
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
