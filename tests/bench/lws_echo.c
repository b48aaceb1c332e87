/*
 * lws_echo: the limit of round trips.  Echoes every text message.
 *
 * usage: lws_echo; prints its port on loopback, runs until it is killed.
 */
#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

enum { ROOM = 4096 };

struct session {
    unsigned char text[LWS_PRE + ROOM];
    size_t len;
};

static int
echo(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
     size_t len)
{
    struct session *session = user;

    if (reason == LWS_CALLBACK_RECEIVE) {
        if (len > ROOM) {
            return -1;
        }
        memcpy(session->text + LWS_PRE, in, len);
        session->len = len;
        (void)lws_callback_on_writable(wsi);
    }
    if (reason == LWS_CALLBACK_SERVER_WRITEABLE && session->len > 0) {
        size_t out = session->len;

        session->len = 0;
        return lws_write(wsi, session->text + LWS_PRE, out, LWS_WRITE_TEXT) < 0
                   ? -1
                   : 0;
    }
    return 0;
}

int
main(void)
{
    static const struct lws_protocols protocols[] = {
        { .name = "vault.v1",
          .callback = echo,
          .per_session_data_size = sizeof(struct session),
          .rx_buffer_size = ROOM },
        { .name = NULL },
    };
    struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS
    };
    struct lws_context *context;

    lws_set_log_level(LLL_ERR, NULL);
    context = lws_create_context(&info);
    if (context == NULL) {
        return 1;
    }
    info.protocols = protocols;
    info.iface = "127.0.0.1";
    info.port = 0;

    struct lws_vhost *vhost = lws_create_vhost(context, &info);

    if (vhost == NULL) {
        return 1;
    }
    (void)printf("%d\n", lws_get_vhost_listen_port(vhost));
    (void)fflush(stdout);
    while (lws_service(context, 0) >= 0) {
    }
    lws_context_destroy(context);
    return 0;
}
