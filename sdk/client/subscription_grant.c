/*
 * subscription_grant: what becomes of a subscription when its grant changes.
 */
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "client/subscription.h"
#include "client/subscription_internal.h"

/* States of a grant in which it may be used, now or later. */
static const char *const alive[] = { "active", "suspended" };

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
drop_part(struct vault_subscription *sub)
{
    if (sub->reading != NULL) {
        vlt_acks_whole(sub->client, sub->reading);
        vlt_reading_forget(sub->reading);
        vlt_subscription_leave(sub);
    }
}

static void
end_with_grant(struct vault_subscription *sub, struct vlt_slice reason)
{
    struct vault_client *client = sub->client;

    drop_part(sub);
    enum vault_status status =
        vlt_client_fault(client, VAULT_E_ENDED, "the grant has ended: %.*s",
                         (int)reason.len, (const char *)reason.at);

    snprintf(client->reason, sizeof client->reason, "%.*s", (int)reason.len,
             (const char *)reason.at);
    vlt_subscription_finish(sub, status);
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
 * resumed, or on its narrower terms, it is asked for anew.  Where it is being
 * asked for, the answer may be older than this word. */
static void
follow(struct vault_subscription *sub, struct vlt_slice reason)
{
    bool narrowed = vlt_slice_is(reason, "narrowed");

    if (narrowed || vlt_slice_is(reason, "suspended")) {
        drop_part(sub);
        sub->to_ask = sub->changed = false;
    }
    if ((narrowed || vlt_slice_is(reason, "resumed")) && sub->reading == NULL) {
        sub->changed = true;
        vlt_subscription_want(sub, 0);
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
