/*
 * subscription: a subscription over as many sessions as it takes.
 *
 * Each session's part is a reading.  Pages are acknowledged one at a time, in
 * the background.  The next part goes on behind the last page that was shown,
 * acknowledged or not, which the vault knows by the part's cursor and number
 * (WIRE.md, data.subscribe).  Where it does not know it any more, it goes on
 * behind what is acknowledged, and the pages after that come again: nothing is
 * left out by what it looks like.
 */
#ifndef VLT_SUBSCRIPTION_H
#define VLT_SUBSCRIPTION_H

#include <vault/client.h>

#include <stdbool.h>

#include "base/status.h"
#include "json/json.h"

/* A session is READY: they are to be asked for. */
void vlt_subscription_resume_all(struct vault_client *client);

/* Ask for what is due.  What the vault refuses for now is asked for again after
 * a while. */
void vlt_subscription_step_all(struct vault_client *client);

/* When the next of them is due, by vlt_client_now_ms(); INT64_MAX: never. */
int64_t vlt_subscription_due(const struct vault_client *client);

/* It broke; without again they end with this status. */
void vlt_subscription_break_all(struct vault_client *client,
                                enum vault_status status, bool again);

/* The vault told grant.changed: where that is the grant's end, its
 * subscriptions end with VAULT_E_ENDED, and detail and reason say why.  While
 * it is suspended they rest; resumed or narrowed they are asked for anew.  The
 * vault itself ends its part in silence. */
void vlt_subscription_changed(struct vault_client *client,
                              const struct vlt_json *params);

/* Free those that were let go.  Not from inside a callback. */
void vlt_subscription_sweep(struct vault_client *client);

void vlt_subscription_free_all(struct vault_client *client);

#endif
