/*
 * subscription_internal: what a subscription holds, for subscription.c, which
 * runs it, subscription_ask.c, which asks for it, subscription_grant.c, which
 * follows its grant, and subscribe.c, which makes and ends it.
 */
#ifndef VLT_SUBSCRIPTION_INTERNAL_H
#define VLT_SUBSCRIPTION_INTERNAL_H

#include "client/client_internal.h"
#include "client/reading.h"

/*
 * Pages are counted by the caller's numbers, over all sessions.  Three places
 * are known by such a count and, for the vault, by a cursor:
 *
 *     cursor   behind what is acknowledged; stands for itself
 *     base     behind what came before the session's part; stands for itself
 *     place    behind all that was shown; the vault knows it while it keeps the
 *              part's newest pages, so not over its restart
 */
struct vault_subscription {
    struct vault_subscription *next;
    struct vault_client *client;
    char *grant;                  /* owned; NULL */
    char **streams;               /* owned, NULL-ended */
    char **columns;               /* owned, NULL-ended; NULL */
    char *cursor;                 /* owned; NULL: from now */
    char *base;                   /* owned; NULL: none */
    char *place;                  /* owned; NULL: that of cursor */
    struct vlt_reading *reading;  /* of the open session; the client's */
    struct vlt_reading *to_begin; /* asked, not answered */
    bool to_ask;                  /* not before ask_ms */
    int64_t ask_ms;
    unsigned failures; /* in a row */
    bool looking;      /* grant.show is under way */
    bool changed;      /* the grant did, since it was asked */
    uint64_t pages;    /* shown, of all parts before this one */
    uint64_t safe;     /* pages that may be acknowledged */
    uint64_t acked;    /* pages before cursor */
    uint64_t asked;    /* pages by the ack under way; 0: none */
    bool hold;         /* only when the caller says so */
    bool begun;        /* the vault has given it once */
    int64_t latest;    /* of the rows that came; INT64_MIN */
    bool over;
    bool let_go; /* by the caller: to be freed */
    vault_page_fn *fn;
    vault_end_fn *end;
    void *ctx;
    struct vlt_wait *wait; /* of the first answer; NULL */
};

/* ---- subscription.c ---- */

/* It is over: the caller hears of it, once. */
void vlt_subscription_finish(struct vault_subscription *sub,
                             enum vault_status status);

/* Put a copy of text in the place of what is at *at; empty text changes
 * nothing.  VAULT_E_NOMEM. */
enum vault_status vlt_subscription_keep(char **at, struct vlt_slice text);

/* Pages that were shown. */
uint64_t vlt_subscription_shown(const struct vault_subscription *sub);

/* Tell the vault what is safe, if it is not told already. */
void vlt_subscription_acknowledge(struct vault_subscription *sub);

/* A reading for its part of a session; the caller's.  NULL: no memory. */
struct vlt_reading *vlt_subscription_part(struct vault_subscription *sub);

/* The part is over: the next goes on behind its last page. */
void vlt_subscription_leave(struct vault_subscription *sub);

/* ---- subscription_ask.c ---- */

/* Ask the vault for it in a step, when so many ms have gone. */
void vlt_subscription_want(struct vault_subscription *sub, int64_t ms);

/* Ask the vault for it now, or where no call is free, as soon as there is. */
enum vault_status vlt_subscription_ask(struct vault_subscription *sub);

/* ---- subscribe.c ---- */

/* NULL is not allowed; it is in no list. */
void vlt_subscription_free(struct vault_subscription *sub);

#endif
