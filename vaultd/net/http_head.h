/*
 * http_head: the head of one HTTP/1 request, read strictly.
 *
 *     METHOD SP /path[?query] SP HTTP/1.x CRLF
 *     *( name ":" OWS value OWS CRLF ) CRLF
 *
 * Lines end in CRLF and nothing else; no folding, no blank before the colon,
 * no control characters, origin-form only, at most HTTP_FIELDS_MAX fields.  A
 * field that means something here may come once, but for the lists Connection,
 * Upgrade and Sec-WebSocket-Protocol.  What is not understood is refused, never
 * repaired.  Source: RFC 9112, RFC 6455 section 4.2.1.
 *
 * Pure.  Threads: any.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "base/slice.h"
#include "base/status.h"

enum {
    HTTP_HEAD_MAX = 8192, /* bytes of a head */
    HTTP_TARGET_MAX = 2048,
    HTTP_FIELDS_MAX = 64,
};

enum http_method {
    HTTP_OTHER,
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
};

/* The fields that are looked at. */
enum http_field {
    HTTP_HOST,
    HTTP_ORIGIN,
    HTTP_AUTHORIZATION,
    HTTP_CONTENT_TYPE,
    HTTP_CONTENT_ENCODING,
    HTTP_CONTENT_LENGTH,
    HTTP_TRANSFER_ENCODING,
    HTTP_EXPECT,
    HTTP_CONNECTION,
    HTTP_UPGRADE,
    HTTP_WS_KEY,
    HTTP_WS_VERSION,
    HTTP_WS_PROTOCOL,
    HTTP_DEVICE,
    HTTP_FIELDS,
};

/* All slices are borrowed from the head that was read. */
struct http_head {
    enum http_method method;
    int minor;              /* of HTTP/1.minor; -1: of no version we know */
    struct vlt_slice verb;  /* the method as it came */
    struct vlt_slice path;  /* from the / on, without the query */
    struct vlt_slice query; /* behind the ?; at is NULL without one */
    /* at is NULL where it is absent; of a list, the first line of it. */
    struct vlt_slice field[HTTP_FIELDS];
    uint64_t length;         /* Content-Length; UINT64_MAX: over 2^64 */
    bool connection_upgrade; /* Connection names upgrade */
    bool upgrade_websocket;  /* Upgrade names websocket */
    bool upgrade_other;      /* Upgrade names something else */
    bool offers_vault;       /* Sec-WebSocket-Protocol names vault.v1 */
};

/* Bytes up to and with the empty line that ends a head; 0: not yet there. */
size_t http_head_find(struct vlt_slice bytes);

/*
 * Read a head of exactly the length that http_head_find() told.
 * VLT_E_FORMAT  it is not well formed
 * VLT_E_LIMIT   it is larger, or has more fields, than is taken
 */
VLT_MUST_USE enum vlt_status http_head_parse(struct vlt_slice bytes,
                                             struct http_head *out);

/* Does this comma-separated list name the token?  fold: upper and lower case
 * are the same. */
bool http_list_has(struct vlt_slice list, const char *token, bool fold);

/* The same text, upper and lower case being the same? */
bool http_same(struct vlt_slice text, const char *other);

#endif
