/*
 * http_internal: what pushes are answered, and what is read of a request
 * whether the vault is locked or not (loop).
 */
#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H

#include "base/buf.h"
#include "service/service.h"

struct adapter;

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
/* The same, with how long to wait. */
void http_refuse_wait(struct service *service, uint64_t connection,
                      enum http_refusal why, int64_t wait_ms);

/* ---- http_read.c ---- */

/* The token that a request shows: borrowed from it or from room, which should
 * be one that is wiped.  Empty: none, or one in the address. */
struct vlt_slice http_token_of(const struct http_request *request,
                               struct vlt_buf *room);

/* The value of a parameter of a query; empty: none. */
struct vlt_slice http_value_of(struct vlt_slice query, const char *name);
/* The same; NULL is no query. */
struct vlt_slice http_query_value(const char *query, const char *name);

/* A request to /query, whose token is known. */
void http_answer_query(struct service *service, uint64_t connection,
                       const struct http_request *request);

/* A push whose sender is known, while the vault is locked. */
struct http_push {
    const struct adapter *adapter;
    struct vlt_slice token; /* borrowed */
    size_t source;          /* at the gate */
};

#endif
