/*
 * bench_echo SOCKET: bare libwebsockets on a unix socket: each text message of
 * up to 4 KiB is sent back, one at a time on a connection.  It prints "ready"
 * when it listens, and runs until it is ended by a signal.
 */
#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

enum { MESSAGE = 4096, ARGS = 2 };

/* What libwebsockets keeps for a connection; it writes before the text. */
struct echo {
    size_t len; /* bytes that wait to be sent; 0: none */
    unsigned char bytes[LWS_PRE + MESSAGE];
};

static int
on_receive(struct lws *wsi, struct echo *echo, const void *in, size_t len)
{
    if (len > MESSAGE - echo->len) {
        return -1;
    }
    memcpy(echo->bytes + LWS_PRE + echo->len, in, len);
    echo->len += len;
    if (lws_is_final_fragment(wsi)) {
        lws_callback_on_writable(wsi);
    }
    return 0;
}

static int
on_writable(struct lws *wsi, struct echo *echo)
{
    size_t len = echo->len;

    echo->len = 0;
    if (len == 0) {
        return 0;
    }
    return lws_write(wsi, echo->bytes + LWS_PRE, len, LWS_WRITE_TEXT) ==
                   (int)len
               ? 0
               : -1;
}

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
         void *in, size_t len)
{
    if (reason == LWS_CALLBACK_RECEIVE) {
        return on_receive(wsi, user, in, len);
    }
    if (reason == LWS_CALLBACK_SERVER_WRITEABLE) {
        return on_writable(wsi, user);
    }
    return 0;
}

static const struct lws_protocols protocols[] = {
    { .name = "vault.v1",
      .callback = on_event,
      .per_session_data_size = sizeof(struct echo),
      .rx_buffer_size = MESSAGE },
    { .name = NULL },
};

static struct lws_context *
start(const char *path)
{
    struct lws_context_creation_info info = {
        .port = 0,
        .iface = path,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_UNIX_SOCK,
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
        bench_die("usage: bench_echo SOCKET", 0);
    }
    struct lws_context *context = start(argv[1]);

    if (context == NULL) {
        bench_die("libwebsockets does not start", 0);
    }
    puts("ready");
    (void)fflush(stdout);
    while (lws_service(context, 0) >= 0) {
    }
    lws_context_destroy(context);
    return 0;
}
