#include "client/subscription.h"

#include <stdlib.h>

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
    vlt_newest_free(&sub->newest);
    free_list(sub->streams);
    free_list(sub->columns);
    free(sub->grant);
    free(sub->cursor);
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
    enum vault_status status = vlt_subscription_ask(sub);

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
