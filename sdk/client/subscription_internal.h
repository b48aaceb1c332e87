/*
 * subscription_internal: what a subscription holds, for subscription.c, which
 * runs it, and subscribe.c, which makes and ends it.
 */
#ifndef VLT_SUBSCRIPTION_INTERNAL_H
#define VLT_SUBSCRIPTION_INTERNAL_H

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
    uint64_t released;            /* may be acknowledged; likewise */
    bool hold;                    /* only when the caller says so */
    int64_t latest;               /* of the rows that came; INT64_MIN */
    bool dirty;                   /* something was shown behind the cursor */
    bool over;
    bool let_go; /* by the caller: to be freed */
    vault_page_fn *fn;
    vault_end_fn *end;
    void *ctx;
    struct vlt_wait *wait; /* of the first answer; NULL */
};

/* Ask the vault for it: data.subscribe, behind the cursor. */
enum vault_status vlt_subscription_ask(struct vault_subscription *sub);

/* NULL is not allowed; it is in no list. */
void vlt_subscription_free(struct vault_subscription *sub);

#endif
