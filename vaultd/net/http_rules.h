/*
 * http_rules: what is done with a request, by its head alone.
 *
 * The rules are a table, in the order of their weight; the first that is
 * broken answers.  What passes is either a WebSocket upgrade or a request for
 * the service.  Source: RFC 6455, section 4.2.
 *
 * Pure.  Threads: any.
 */
#ifndef HTTP_RULES_H
#define HTTP_RULES_H

#include "http_head.h"

enum {
    HTTP_BODY_MAX = 1 << 20, /* bytes, as they come over the wire */
    HTTP_RETRY_LOCKED_S = 30,
    HTTP_RETRY_BUSY_S = 5,
};

/* Which listener a connection came by. */
enum place {
    PLACE_OWNER,    /* unix socket: WebSocket only */
    PLACE_TLS,      /* WebSocket, and requests of sources */
    PLACE_LOOPBACK, /* plain HTTP: requests only */
    PLACE_PLAIN,    /* the same on the network: what devices have sealed */
    PLACES,
};

struct http_site {
    enum place place;
    bool locked;
    /* Names that Host may have beside those of loopback; each may be NULL. */
    const char *bound;          /* host of the listener's own address */
    const char *local;          /* address that the peer dialled */
    const char *const *hosts;   /* NULL-ended */
    const char *const *origins; /* NULL-ended: what Origin may be */
};

enum http_course {
    HTTP_REFUSE,
    HTTP_TO_SOCKET,  /* answer 101 */
    HTTP_TO_SERVICE, /* read the body, ask the service */
};

struct http_ruling {
    enum http_course course;
    int status;        /* of a refusal */
    int retry_after_s; /* 0: no such header */
    const char *says;  /* one sentence for the peer; static */
};

struct http_ruling http_rule(const struct http_head *head,
                             const struct http_site *site);

/* Is this the name of a host (with any port) that we answer to? */
bool http_host_known(struct vlt_slice host, const struct http_site *site);

#endif
