/*
 * http_answer: an HTTP response, printed.
 *
 * Every response but 100 and 101 ends its connection and says so; none may be
 * kept by a cache.
 *
 * Pure but for SHA-1.  Threads: any.
 */
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include "base/buf.h"
#include "base/slice.h"

struct http_reply {
    int status;
    const char *content_type; /* NULL: without body */
    int retry_after_s;        /* 0: no such header */
    bool challenge;           /* WWW-Authenticate: Basic realm="vault" */
    bool head_only;           /* the request was HEAD: the body is left out */
    struct vlt_slice body;
};

void http_reply_put(struct vlt_buf *out, const struct http_reply *reply);

/* A refusal of the door's own: {"code":"invalid","message":says}. */
void http_refusal_put(struct vlt_buf *out, struct http_reply reply,
                      const char *says);

/* HTTP/1.1 100 Continue. */
void http_continue_put(struct vlt_buf *out);

/* Sec-WebSocket-Accept of this Sec-WebSocket-Key. */
void http_accept_put(struct vlt_buf *out, struct vlt_slice key);

/* 101 to this Sec-WebSocket-Key, with the subprotocol vault.v1. */
void http_upgrade_put(struct vlt_buf *out, struct vlt_slice key);

#endif
