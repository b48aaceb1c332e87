/*
 * reading: pages of one query or subscription, as they come in a session.
 *
 * A page is matched by kind and ref, must follow the last by seq, and is held
 * against the evidence that came with it, before the caller hears of it.  Pages
 * of nobody are dropped: their reading may have ended meanwhile.
 */
#ifndef VLT_READING_H
#define VLT_READING_H

#include <vault/client.h>

#include "base/id.h"
#include "client/acknowledge.h"
#include "client/call.h"
#include "client/evidence.h"
#include "client/series.h"
#include "wire/frame.h"

/* Rows of one page, before they go to the caller. */
typedef void vlt_came_fn(void *owner, const struct vlt_rows *rows);

/* A page is through (seq is the wire's). */
typedef void vlt_taken_fn(void *owner, struct vault_client *client,
                          uint64_t seq);

/* It ended; it is freed by itself afterwards. */
typedef void vlt_over_fn(void *owner, struct vault_client *client,
                         enum vault_status status);

struct vlt_reading {
    struct vlt_reading *next;
    enum vlt_frame_kind kind; /* PAGE or LIVE */
    uint64_t ref;
    uint64_t seq;    /* of the last page, in the session that is open */
    uint64_t before; /* to be added to seq for the caller */
    bool over;       /* to be freed */
    unsigned taken;  /* pages since credit was given */
    struct vlt_series series;
    bool has_grant;
    uint8_t grant[VLT_ID_LEN];
    struct vlt_evidence evidence; /* of the page to come */
    struct vlt_signing signing;   /* of what came */
    vault_page_fn *fn;
    vault_end_fn *end; /* of a query of the event face; NULL */
    void *ctx;         /* of both */
    void *owner;       /* of the next three, which may be NULL */
    vlt_came_fn *on_rows;
    vlt_taken_fn *on_page;
    vlt_over_fn *on_end;
};

/* The client owns it from vlt_reading_begin() on.  NULL: no memory. */
struct vlt_reading *vlt_reading_new(enum vlt_frame_kind kind,
                                    const char *grant);

/* For one that was not begun.  NULL is allowed. */
void vlt_reading_free(struct vlt_reading *reading);

/* It was answered: take series and evidence, expect pages of this ref. */
enum vault_status vlt_reading_begin(struct vault_client *client,
                                    struct vlt_reading *reading, uint64_t ref,
                                    const struct vlt_answer *answer);

/* End it; on_end hears of it. */
void vlt_reading_end(struct vault_client *client, struct vlt_reading *reading,
                     enum vault_status status);

/* End it, tell nobody. */
void vlt_reading_forget(struct vlt_reading *reading);

/* A binary message. */
enum vault_status vlt_reading_frame(struct vault_client *client,
                                    struct vlt_slice bytes);

/* A notification that may be a reading's.  False: it is none's. */
bool vlt_reading_notice(struct vault_client *client, const struct vlt_rpc *rpc,
                        struct vlt_slice text);

/* An error object after the answer began.  False: of no reading. */
bool vlt_reading_error(struct vault_client *client, const struct vlt_rpc *rpc);

/* Free those that are over.  Not from inside a callback. */
void vlt_reading_sweep(struct vault_client *client);

/* The session is READY: subscriptions go on. */
void vlt_reading_resume_all(struct vault_client *client);

/* It broke; again: it will be tried anew, so subscriptions stay. */
void vlt_reading_break_all(struct vault_client *client,
                           enum vault_status status, bool again);

/* The client is freed. */
void vlt_reading_free_all(struct vault_client *client);

#endif
