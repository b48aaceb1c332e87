/*
 * upgrade: from HTTP to WebSocket (RFC 6455, section 4): what the end that
 * dials says and hears; and the knock, its request, as the listener of a firm
 * hears it from a vault that dials out.
 *
 * The request names the subprotocol vault.v1 and offers no extension.  The
 * answer is read strictly: CRLF at each line's end, no folded lines, none of
 * the fields that matter twice.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_UPGRADE_H
#define VLT_UPGRADE_H

#include "base/buf.h"
#include "base/slice.h"
#include "wire/address.h"

enum {
    VLT_UPGRADE_MAX = 8192,        /* bytes of an answer's head */
    VLT_UPGRADE_NONCE = 16,        /* bytes */
    VLT_UPGRADE_ACCEPT = 28 + 1,   /* base64 of SHA-1, and the zero */
    VLT_UPGRADE_RETRY_MAX = 86400, /* s, of Retry-After */
    VLT_UPGRADE_SWITCHED = 101,    /* the status that is a yes */
    VLT_UPGRADE_UNAVAILABLE = 503, /* a locked vault's */
};

/* Append the request to out.  host is what stands in Host, port and all. */
void vlt_upgrade_put(const char *path, const char *host,
                     const uint8_t nonce[VLT_UPGRADE_NONCE],
                     struct vlt_buf *out);

struct vlt_upgrade {
    int status;      /* 100 to 599 */
    size_t used;     /* bytes of the head; what follows is WebSocket's */
    int64_t retry_s; /* Retry-After in seconds; 0: none */
};

/*
 * Read the head of an answer.
 * VLT_E_BUSY    not all of it is here yet
 * VLT_E_LIMIT   over VLT_UPGRADE_MAX bytes without an end
 * VLT_E_FORMAT  no HTTP/1.1 answer, or a 101 that is not what was asked for
 */
VLT_MUST_USE enum vlt_status vlt_upgrade_read(struct vlt_slice bytes,
                                              const char *accept,
                                              struct vlt_upgrade *out);

/* ---- the listener's half ---- */

struct vlt_knock {
    uint8_t rendezvous[VLT_RENDEZVOUS];
    uint8_t nonce[VLT_UPGRADE_NONCE]; /* to be answered */
    size_t used;                      /* bytes of the head */
};

/*
 * Read the head of a vault's request: GET /v/<26 base32>, Host, an upgrade to
 * WebSocket 13 with the subprotocol vault.v1, and no Origin.
 * VLT_E_BUSY    not all of it is here yet
 * VLT_E_LIMIT   over VLT_UPGRADE_MAX bytes without an end
 * VLT_E_FORMAT  anything else
 */
VLT_MUST_USE enum vlt_status vlt_knock_read(struct vlt_slice bytes,
                                            struct vlt_knock *out);

/* Append the answer that switches; accept is that of the knock's nonce. */
void vlt_knock_answer(const char *accept, struct vlt_buf *out);

#endif
