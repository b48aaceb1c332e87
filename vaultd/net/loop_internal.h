/*
 * loop_internal: what loop.c and link.c share; libwebsockets is known to these
 * two only.
 *
 * Threads: the loop.
 */
#ifndef LOOP_INTERNAL_H
#define LOOP_INTERNAL_H

#include <libwebsockets.h>

#include "link_tls.h"
#include "loop.h"
#include "tls.h"

struct loop {
    struct lws_context *context;
    struct lws_vhost *inner;  /* wake-ups and watches: no client reaches it */
    struct lws_vhost *plain;  /* links without TLS */
    struct lws_vhost *secure; /* links with TLS; NULL: none */
    struct loop_config config;
    unsigned hooks; /* SSL_CTX that were set up */
    /* The link that is being adopted, until lws has told its wsi. */
    struct link *adopting;
    uint8_t *turn; /* LWS_PRE + LOOP_TURN bytes */
    uint8_t *wire; /* as many, for what TLS of our own made of it */
};

struct link {
    struct loop *loop;
    struct lws *wsi; /* NULL: gone */
    void *owner;
    bool tls;
    struct link_tls *own; /* of one that the vault dialled; owned; NULL */
    bool adopted;         /* link_new() returned it: the owner hears lost() */
    bool greeted;         /* the first bytes came: lws's own deadline is off */
    unsigned busy;        /* callbacks under way: lws may not free the wsi */
    bool wanted;          /* link_want() came since the last writable() */
    bool ending;          /* link_end() was called */
    lws_sorted_usec_list_t timer;
};

struct loop_watch {
    struct lws *wsi;
    void (*readable)(void *ctx);
    void *ctx;
};

/* The callback of both virtual hosts with links. */
int link_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
                  void *in, size_t len);

/* The hook that LWS calls with a fresh SSL_CTX.  0: it is set up. */
int loop_tls_hook(struct lws *wsi, SSL_CTX *context);

/*
 * realloc() for lws, which has it also free (size 0): what is given back is
 * wiped.  lws copies what a socket did not take, and what came while reading
 * was held; an answer may hold a token, a request a passphrase.
 */
void *loop_realloc(void *at, size_t size, const char *reason);

/* The loop of a wsi. */
struct loop *loop_of(struct lws *wsi);

#endif
