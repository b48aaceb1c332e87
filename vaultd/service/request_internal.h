/*
 * request: the methods of requests, for the table in op_request.c.
 */
#ifndef REQUEST_INTERNAL_H
#define REQUEST_INTERNAL_H

#include "service/noun_internal.h"

/* What a request is read out by: the members of *json, and whose it is. */
struct request_telling {
    struct service *service;
    const struct store_view *view;
    struct vlt_json_out *json;
    const uint8_t *firm; /* principal: only its own; NULL: any */
    enum vlt_status st;  /* VLT_E_NOT_FOUND: another firm's */
};

/* A consent_request_fn; ctx is the telling. */
bool request_tell_outcome(void *ctx, const struct consent_request *request);

/* ---- request_submit.c: the firm's ---- */

enum vlt_status submit_check(struct call *call, struct vlt_walk *params);
enum vlt_status submit_prepare(struct call *call);
enum vlt_status submit_commit(struct call *call, struct turn *turn);
void submit_clear(void *state);

/* ---- request_list.c: the owner looks ---- */

enum vlt_status request_list_check(struct call *call, struct vlt_walk *params);
enum vlt_status request_list_prepare(struct call *call);
void request_list_clear(void *state);
enum vlt_status request_show_check(struct call *call, struct vlt_walk *params);
enum vlt_status request_show_prepare(struct call *call);

/* ---- request_pick.c: what is picked, by parameters `only` and `all` ---- */

enum { REQUEST_PICKS = 32 };

struct request_picks {
    bool all;
    size_t count;
    struct {
        int purpose; /* vocabulary */
        int bit;     /* of a consent_pick */
    } named[REQUEST_PICKS];
};

/* Read both; what is wrong is a fault of params. */
void request_read_picks(struct vlt_walk *params, struct request_picks *out);

/* What was named, by the parts of the request.  A purpose that it has not, or
 * VOCAB_NONE. */
int request_resolve_picks(const struct request_picks *picks,
                          const struct consent_request *request,
                          struct consent_pick *out);

/* ---- request_preview.c: the owner looks at what would leave ---- */

enum vlt_status preview_check(struct call *call, struct vlt_walk *params);
enum vlt_status preview_prepare(struct call *call);
void preview_clear(void *state);

/* ---- request_approve.c: the owner says yes ---- */

/* Say why consent did not take an answer; gives the status to end with.
 * narrows: with a parameter `narrow`. */
enum vlt_status request_refuse_answer(struct call *call, enum vlt_status st,
                                      bool narrows, struct vlt_buf *why);

enum vlt_status approve_check(struct call *call, struct vlt_walk *params);
enum vlt_status approve_commit(struct call *call, struct turn *turn);

/* ---- request_counter.c: the owner offers less ---- */

enum vlt_status counter_check(struct call *call, struct vlt_walk *params);
enum vlt_status counter_commit(struct call *call, struct turn *turn);

/* ---- request_answer.c: the firm accepts an offer, or leaves it ---- */

enum vlt_status answer_check(struct call *call, struct vlt_walk *params);
enum vlt_status answer_prepare(struct call *call);
enum vlt_status answer_commit(struct call *call, struct turn *turn);
void answer_clear(void *state);

/* ---- op_request.c ---- */

/* Answer with the outcome of a request of the calling firm, as the turn has
 * it. */
VLT_MUST_USE enum vlt_status
request_tell_turn(struct call *call, struct turn *turn,
                  const uint8_t request[VLT_ID_LEN]);

/* ---- request_use.c: uses that wait for the owner (asks.h) ---- */

/* The list `uses` of those that wait, of a firm or (NULL) all. */
void request_put_uses(struct vlt_json_out *json, struct service *service,
                      const struct firm *firm);

/* Does a use of this id wait? */
bool request_is_use(struct service *service, const uint8_t id[VLT_ID_LEN]);

/*
 * Answer one: the entry in the log, and the call's result.
 * VLT_E_NOT_FOUND: no use of that id waits.
 */
VLT_MUST_USE enum vlt_status request_answer_use(struct call *call,
                                                struct turn *turn,
                                                const uint8_t id[VLT_ID_LEN],
                                                bool yes);

/* ---- request_binds.c ---- */

/* What is looked at; all borrowed. */
struct request_binding {
    struct service *service;
    const struct store_view *view;
    const struct consent_request *kept;
    const struct firm *firm;
    int64_t now;
};

/* The list `binds`: by item the streams that a grant approved now would give,
 * and how many rows of each. */
VLT_MUST_USE enum vlt_status
request_put_binds(const struct request_binding *binding,
                  struct vlt_json_out *json);

#endif
