/*
 * bench_echo PATH, bench_echo tls: bare libwebsockets on a unix socket, or by
 * TLS on a port of loopback.  Each text message of up to 4 KiB is sent back,
 * one at a time on a connection; "push COUNT SIZE" is answered by so many
 * binary messages of so many bytes, as fast as they are taken.  It prints
 * "ready" and its port when it listens, and runs until it is ended by a signal.
 *
 * TLS is set up as the vault's, so both have the same certificate and groups.
 */
#include <libwebsockets.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "net/tls.h"

enum { MESSAGE = 4096, ARGS = 2 };

/* What libwebsockets keeps for a connection: hardly anything while it is
 * idle. */
struct echo {
    size_t len;           /* bytes that wait to be sent; 0: none */
    unsigned char *bytes; /* LWS_PRE and a message; NULL: none waits */
    unsigned pushes;      /* messages that are still to be pushed */
    unsigned size;
};

static int
on_receive(struct lws *wsi, struct echo *echo, const void *in, size_t len)
{
    if (echo->bytes == NULL) {
        echo->bytes = malloc(LWS_PRE + MESSAGE + 1);
    }
    if (echo->bytes == NULL || len > MESSAGE - echo->len) {
        return -1;
    }
    memcpy(echo->bytes + LWS_PRE + echo->len, in, len);
    echo->len += len;
    if (lws_is_final_fragment(wsi)) {
        echo->bytes[LWS_PRE + echo->len] = '\0';
        lws_callback_on_writable(wsi);
    }
    return 0;
}

static int
write_message(struct lws *wsi, unsigned char *bytes, size_t len,
              enum lws_write_protocol how)
{
    return lws_write(wsi, bytes, len, how) == (int)len ? 0 : -1;
}

static int
push(struct lws *wsi, struct echo *echo)
{
    unsigned char bytes[LWS_PRE + MESSAGE] = { 0 };

    echo->pushes--;
    if (echo->pushes > 0) {
        lws_callback_on_writable(wsi);
    }
    return write_message(wsi, bytes + LWS_PRE, echo->size, LWS_WRITE_BINARY);
}

static int
on_writable(struct lws *wsi, struct echo *echo)
{
    unsigned char *bytes = echo->bytes;
    size_t len = echo->len;
    int result = 0;

    if (echo->pushes > 0) {
        return push(wsi, echo);
    }
    if (bytes == NULL) {
        return 0;
    }
    echo->bytes = NULL;
    echo->len = 0;
    if (sscanf((const char *)bytes + LWS_PRE, "push %u %u", &echo->pushes,
               &echo->size) == 2 &&
        echo->size <= MESSAGE) {
        lws_callback_on_writable(wsi);
    } else {
        result = write_message(wsi, bytes + LWS_PRE, len, LWS_WRITE_TEXT);
    }
    free(bytes);
    return result;
}

/* A fresh SSL_CTX comes as user. */
static int
set_up(SSL_CTX *context)
{
    struct tls_names names = { .address = NULL };

    return tls_set_up(context, &names) == VLT_OK ? 0 : -1;
}

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
         void *in, size_t len)
{
    struct echo *echo = user;

    switch ((int)reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        return set_up(user);
    case LWS_CALLBACK_RECEIVE:
        return on_receive(wsi, echo, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return on_writable(wsi, echo);
    case LWS_CALLBACK_CLOSED:
        free(echo->bytes);
        echo->bytes = NULL;
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    { .name = "vault.v1",
      .callback = on_event,
      .per_session_data_size = sizeof(struct echo),
      .rx_buffer_size = MESSAGE },
    { .name = NULL },
};

static struct lws_context *
start(const char *where, bool tls)
{
    struct lws_context_creation_info info = {
        .port = 0,
        .iface = tls ? "127.0.0.1" : where,
        .protocols = protocols,
        .options = tls ? LWS_SERVER_OPTION_DISABLE_IPV6 |
                             LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                             LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX
                       : LWS_SERVER_OPTION_UNIX_SOCK,
        .vhost_name = "bench",
        .gid = -1, /* as they are */
        .uid = -1,
    };

    lws_set_log_level(LLL_ERR, NULL);
    return lws_create_context(&info);
}

int
main(int argc, char **argv)
{
    if (argc != ARGS) {
        bench_die("usage: bench_echo PATH|tls", 0);
    }
    bool tls = strcmp(argv[1], "tls") == 0;
    struct lws_context *context = start(argv[1], tls);

    if (context == NULL) {
        bench_die("libwebsockets does not start", 0);
    }
    printf("ready %d\n", tls ? lws_get_vhost_listen_port(
                                   lws_get_vhost_by_name(context, "bench"))
                             : 0);
    (void)fflush(stdout);
    while (lws_service(context, 0) >= 0) {
    }
    lws_context_destroy(context);
    return 0;
}
