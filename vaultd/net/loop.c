#include "loop_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"

enum {
    READ_MAX = 65536,   /* bytes that one read takes */
    OWN_TIMEOUT_S = 60, /* lws's deadlines: far behind ours */
};

struct loop_timer {
    lws_sorted_usec_list_t entry;
    struct loop *loop;
    void (*fire)(void *ctx);
    void *ctx;
};

static int inner_callback(struct lws *wsi, enum lws_callback_reasons reason,
                          void *user, void *in, size_t len);

/* What wakes the loop, and listeners. */
static const struct lws_protocols inner_protocols[] = {
    { .name = "inner", .callback = inner_callback },
    { .name = NULL },
};

static const struct lws_protocols link_protocols[] = {
    { .name = "link", .callback = link_callback, .tx_packet_size = LOOP_TURN },
    { .name = NULL },
};

/* lws's own lines; it has an error where only a peer went away, so what it
 * calls an error is a warning here. */
static void
pass_log(int level, const char *line)
{
    size_t len = strcspn(line, "\n");

    if (level == LLL_ERR) {
        log_warning("net", "lws: %.*s", (int)len, line);
    } else {
        log_debug("net", "lws: %.*s", (int)len, line);
    }
}

struct loop *
loop_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

int
loop_tls_hook(struct lws *wsi, SSL_CTX *context)
{
    struct loop *loop = loop_of(wsi);

    if (tls_set_up(context, loop->config.names) != VLT_OK) {
        return -1;
    }
    loop->hooks++;
    return 0;
}

/* EVENT_WAIT_CANCELLED comes to every protocol of every virtual host; this is
 * the one that hears it. */
static int
inner_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
               void *in, size_t len)
{
    struct loop_watch *watch = NULL;

    (void)user;
    (void)in;
    (void)len;
    if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED) {
        struct loop *loop = loop_of(wsi);

        loop->config.woken(loop->config.ctx);
        return 0;
    }
    if (reason == LWS_CALLBACK_RAW_RX_FILE) {
        watch = lws_get_opaque_user_data(wsi);
        watch->readable(watch->ctx);
    }
    return 0;
}

static struct lws_context *
make_context(struct loop *loop)
{
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .options =
            LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
            (loop->config.tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
        .pt_serv_buf_size = READ_MAX + LWS_PRE,
        .timeout_secs = OWN_TIMEOUT_S,
        .user = loop,
    };

    return lws_create_context(&info);
}

static struct lws_vhost *
make_vhost(struct loop *loop, const char *name,
           const struct lws_protocols *protocols, bool tls)
{
    /* Without DO_SSL_GLOBAL_INIT in its own options too, a virtual host is
     * silently in the clear (rule 3).  Without a proxy lws takes http_proxy
     * from the environment, complains of what it does not understand and keeps
     * what may be a password; an empty one is none. */
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .vhost_name = name,
        .protocols = protocols,
        .alpn = "http/1.1",
        .http_proxy_address = "",
        .http_proxy_port = 1,
        .options = tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                             LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX
                       : 0,
    };

    return lws_create_vhost(loop->context, &info);
}

static enum vlt_status
make_vhosts(struct loop *loop, struct vlt_buf *why)
{
    loop->inner = make_vhost(loop, "inner", inner_protocols, false);
    loop->plain = make_vhost(loop, "plain", link_protocols, false);
    if (loop->inner == NULL || loop->plain == NULL) {
        vlt_buf_put_text(why, "libwebsockets cannot be set up");
        return VLT_E_STORAGE;
    }
    if (!loop->config.tls) {
        return VLT_OK;
    }
    loop->secure = make_vhost(loop, "secure", link_protocols, true);
    if (loop->secure == NULL || loop->hooks != 1) {
        vlt_buf_put_text(why, "TLS cannot be switched on");
        return VLT_E_STORAGE;
    }
    return VLT_OK;
}

enum vlt_status
loop_new(const struct loop_config *config, struct vlt_buf *why,
         struct loop **out)
{
    struct loop *loop = calloc(1, sizeof *loop);
    enum vlt_status st = VLT_E_STORAGE;

    if (loop == NULL) {
        return VLT_E_NOMEM;
    }
    loop->config = *config;
    loop->turn = malloc(LWS_PRE + LOOP_TURN);
    loop->wire = malloc(LWS_PRE + LOOP_TURN);
    if (loop->turn == NULL || loop->wire == NULL) {
        st = VLT_E_NOMEM;
        goto done;
    }
    lws_set_log_level(LLL_ERR | LLL_WARN, pass_log);
    lws_set_allocator(loop_realloc);
    loop->context = make_context(loop);
    if (loop->context == NULL) {
        vlt_buf_put_text(why, "libwebsockets cannot be set up");
        goto done;
    }
    st = make_vhosts(loop, why);
    loop->config.names = NULL; /* borrowed until here */
    if (st == VLT_OK) {
        *out = loop;
        loop = NULL;
    }

done:
    loop_free(loop);
    return st;
}

void
loop_free(struct loop *loop)
{
    if (loop == NULL) {
        return;
    }
    if (loop->context != NULL) {
        lws_context_destroy(loop->context);
    }
    free(loop->turn);
    free(loop->wire);
    free(loop);
}

bool
loop_turn(struct loop *loop)
{
    return lws_service(loop->context, 0) >= 0;
}

void
loop_wake(struct loop *loop)
{
    lws_cancel_service(loop->context);
}

uint8_t *
loop_turn_buffer(struct loop *loop)
{
    return loop->turn + LWS_PRE;
}

/* ---- timers ---- */

static void
timer_fired(lws_sorted_usec_list_t *entry)
{
    struct loop_timer *timer =
        lws_container_of(entry, struct loop_timer, entry);

    timer->fire(timer->ctx);
    /* lws polls after its timers: what they asked for must not wait for that
     * to end. */
    loop_wake(timer->loop);
}

struct loop_timer *
loop_timer_new(struct loop *loop, void (*fire)(void *ctx), void *ctx)
{
    struct loop_timer *timer = calloc(1, sizeof *timer);

    if (timer != NULL) {
        timer->loop = loop;
        timer->fire = fire;
        timer->ctx = ctx;
    }
    return timer;
}

void
loop_timer_free(struct loop_timer *timer)
{
    if (timer != NULL) {
        lws_sul_cancel(&timer->entry);
        free(timer);
    }
}

void
loop_timer_set(struct loop_timer *timer, int64_t us)
{
    lws_sul_schedule(timer->loop->context, 0, &timer->entry, timer_fired, us);
}

void
loop_timer_stop(struct loop_timer *timer)
{
    lws_sul_cancel(&timer->entry);
}

/* ---- watches ---- */

struct loop_watch *
loop_watch_new(struct loop *loop, int fd, void (*readable)(void *ctx),
               void *ctx)
{
    struct loop_watch *watch = calloc(1, sizeof *watch);

    if (watch == NULL) {
        close(fd);
        return NULL;
    }
    watch->readable = readable;
    watch->ctx = ctx;
    lws_adopt_desc_t adopt = {
        .vh = loop->inner,
        .type = LWS_ADOPT_RAW_FILE_DESC,
        .fd = { .filefd = fd },
        .vh_prot_name = "inner",
        .opaque = watch,
    };

    watch->wsi = lws_adopt_descriptor_vhost_via_info(&adopt);
    if (watch->wsi == NULL) {
        free(watch);
        close(fd);
        return NULL;
    }
    return watch;
}

void
loop_watch_pause(struct loop_watch *watch, bool paused)
{
    lws_rx_flow_control(watch->wsi, paused ? 0 : 1);
}

void
loop_watch_free(struct loop_watch *watch)
{
    if (watch != NULL) {
        lws_set_timeout(watch->wsi, PENDING_TIMEOUT_USER_REASON_BASE,
                        LWS_TO_KILL_SYNC);
        free(watch);
    }
}
