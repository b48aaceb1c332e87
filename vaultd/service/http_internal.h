/*
 * http_internal: what pushes are answered, and what is read of a request
 * whether the vault is locked or not (loop).
 */
#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H

#include "base/buf.h"
#include "service/device.h"
#include "service/service.h"

struct adapter;
struct source;

enum {
    HTTP_AUTHORIZATION_MAX = 1024, /* bytes */
};

/* Why nothing of a request was done. */
enum http_refusal {
    HTTP_REFUSED_ADDRESS,
    HTTP_REFUSED_TOKEN,
    HTTP_REFUSED_SOURCE,
    HTTP_REFUSED_PRECISION,
    HTTP_REFUSED_QUERY,
    HTTP_REFUSED_BODY,
    HTTP_REFUSED_SIZE,
    HTTP_REFUSED_LOCKED,
    HTTP_REFUSED_BUSY,
    HTTP_REFUSED_FULL,
    HTTP_REFUSED_INBOX,
    HTTP_REFUSED_MISPLACED,
    HTTP_REFUSED_SPENT,
    HTTP_REFUSED_FAST,
    HTTP_REFUSED_MANY,
    HTTP_REFUSED_PLAIN,
    HTTP_REFUSED_BELOW,
};

/* ---- http_say.c ---- */

/* Answer; frees the body. */
void http_answer(struct service *service, uint64_t connection,
                 struct http_answer *answer);
/* Done, and nothing to say. */
void http_answer_empty(struct service *service, uint64_t connection,
                       int status);
void http_answer_json(struct service *service, uint64_t connection,
                      const char *json);
/* What was taken into the inbox, by its adapter's status. */
void http_answer_taken(struct service *service, uint64_t connection,
                       int status);
void http_refuse(struct service *service, uint64_t connection,
                 enum http_refusal why);
/* A request whose claim was refused with this status (http_claim_of()). */
void http_refuse_claim(struct service *service, uint64_t connection,
                       enum vlt_status st);
/* The same, with how long to wait. */
void http_refuse_wait(struct service *service, uint64_t connection,
                      enum http_refusal why, int64_t wait_ms);

/* ---- http_read.c ---- */

/* How a request says whose it is; nothing of it is proved. */
struct http_claim {
    enum way way;               /* WAY_BEARER, WAY_MAC, WAY_SEALED */
    struct vlt_slice token;     /* WAY_BEARER; borrowed */
    struct device_claim device; /* the others */
};

/*
 * Read it: one way and no other.  What is borrowed is so from the request or
 * from room, which should be one that is wiped.
 * VLT_E_AUTH    none, two at once, a token in the address, or not well formed
 * VLT_E_DENIED  a way that is not taken over what it came over: what shows a
 *               token or a body to the network
 */
VLT_MUST_USE enum vlt_status http_claim_of(const struct http_request *request,
                                           struct vlt_buf *room,
                                           struct http_claim *out);

/* What a device signs or binds of an address (wire/envelope.h): the path, and
 * with ? the query if there is one.  Appended to out. */
void http_put_target(struct vlt_slice path, struct vlt_slice query,
                     struct vlt_buf *out);

/* The value of a parameter of a query; empty: none. */
struct vlt_slice http_value_of(struct vlt_slice query, const char *name);
/* The same; NULL is no query. */
struct vlt_slice http_query_value(const char *query, const char *name);

/* A request to /query, whose token is known. */
void http_answer_query(struct service *service, uint64_t connection,
                       const struct http_request *request);

/* A push to a locked vault. */
struct http_waiting {
    const struct adapter *adapter;
    const struct http_claim *claim; /* borrowed */
    size_t source;                  /* at the gate */
};

/* ---- http_push.c ---- */

/* Store what a request brings.  Takes source, which is NULL where a device
 * claims to be what nobody is. */
struct http_bringing {
    const struct http_request *request;
    const struct http_claim *claim;
    const struct adapter *adapter;
    const struct source *source;
};
void http_push(struct service *service, uint64_t connection,
               const struct http_bringing *bringing);

#endif
