/*
 * bench_must FOLDER: bare libwebsockets by TLS on a port of loopback,
 * which answers each text message, a call of data.latest, with no more than
 * what must be done for it (limits/bare_use.h).  One thread has the
 * connections, one logs what waits.  It prints "ready" and its port when it
 * listens, and runs until it is ended by a signal.
 */
#include <libwebsockets.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "limits/bare_use.h"
#include "net/tls.h"

enum {
    MESSAGE = 4096,
    ARGS = 2,
};

/* A connection, which is a firm, with one call at a time. */
struct session {
    struct lws *wsi; /* NULL: none has this firm's place */
    struct bare_call call;
    struct vlt_buf in;  /* of a message that is not whole yet */
    struct vlt_buf out; /* LWS_PRE and an answer; empty: none waits */
    bool under_way;
};

struct list {
    struct session *at[BARE_FIRMS];
    size_t count;
};

struct must {
    struct bare_use use;
    struct lws_context *context;
    struct session session[BARE_FIRMS];
    pthread_mutex_t lock;
    pthread_cond_t wake; /* something waits */
    struct list waiting; /* read, to be logged */
    struct list logged;  /* to be answered */
};

/* ---- what is logged ---- */

static void
log_all(struct must *must, const struct list *list)
{
    struct bare_call *calls[BARE_FIRMS];

    for (size_t i = 0; i < list->count; i++) {
        calls[i] = &list->at[i]->call;
    }
    bare_use_log(&must->use, calls, list->count);
}

/* What came while the last commit was made goes with this one. */
static void
log_waiting(struct must *must)
{
    (void)pthread_mutex_lock(&must->lock);
    while (must->waiting.count == 0) {
        (void)pthread_cond_wait(&must->wake, &must->lock);
    }
    struct list list = must->waiting;

    must->waiting.count = 0;
    (void)pthread_mutex_unlock(&must->lock);
    log_all(must, &list);
    (void)pthread_mutex_lock(&must->lock);
    for (size_t i = 0; i < list.count; i++) {
        must->logged.at[must->logged.count++] = list.at[i];
    }
    (void)pthread_mutex_unlock(&must->lock);
    lws_cancel_service(must->context);
}

static void *
log_thread(void *ctx)
{
    for (;;) {
        log_waiting(ctx);
    }
    return NULL;
}

/* ---- answers ---- */

static void
answer(struct session *session)
{
    static const uint8_t front[LWS_PRE] = { 0 };

    vlt_buf_put(&session->out, front, sizeof front);
    bare_use_print(&session->call, &session->out);
    if (vlt_buf_failed(&session->out)) {
        bench_die("memory", 0);
    }
    lws_callback_on_writable(session->wsi);
}

static void
answer_logged(struct must *must)
{
    (void)pthread_mutex_lock(&must->lock);
    struct list list = must->logged;

    must->logged.count = 0;
    (void)pthread_mutex_unlock(&must->lock);
    for (size_t i = 0; i < list.count; i++) {
        answer(list.at[i]);
    }
}

/* ---- connections ---- */

static int
on_established(struct must *must, struct lws *wsi, struct session **session)
{
    for (size_t i = 0; i < BARE_FIRMS; i++) {
        if (must->session[i].wsi == NULL) {
            *session = &must->session[i];
            (*session)->wsi = wsi;
            (*session)->call.firm = i;
            return 0;
        }
    }
    return -1;
}

static int
on_closed(struct session *session)
{
    if (session != NULL && session->under_way) {
        bench_die("a connection ended within a call", 0);
    }
    if (session != NULL) {
        session->wsi = NULL;
    }
    return 0;
}

static int
on_receive(struct must *must, struct session *session, struct vlt_slice bytes)
{
    if (session->under_way || session->in.len + bytes.len > MESSAGE) {
        return -1;
    }
    vlt_buf_put_slice(&session->in, bytes);
    if (!lws_is_final_fragment(session->wsi)) {
        return 0;
    }
    session->under_way = true;
    bare_use_read(&must->use, vlt_buf_slice(&session->in), &session->call);
    vlt_buf_clear(&session->in);
    (void)pthread_mutex_lock(&must->lock);
    must->waiting.at[must->waiting.count++] = session;
    if (must->waiting.count == 1) {
        (void)pthread_cond_signal(&must->wake);
    }
    (void)pthread_mutex_unlock(&must->lock);
    return 0;
}

static int
on_writable(struct session *session)
{
    struct vlt_buf *out = &session->out;
    size_t len = out->len;

    if (len == 0) {
        return 0;
    }
    session->under_way = false;
    int wrote = lws_write(session->wsi, out->at + LWS_PRE, len - LWS_PRE,
                          LWS_WRITE_TEXT);

    vlt_buf_clear(out);
    return wrote == (int)(len - LWS_PRE) ? 0 : -1;
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
    struct must *must = lws_context_user(lws_get_context(wsi));
    struct session **session = user;

    switch ((int)reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        return set_up(user);
    case LWS_CALLBACK_ESTABLISHED:
        return on_established(must, wsi, session);
    case LWS_CALLBACK_RECEIVE:
        return on_receive(must, *session, vlt_slice_of(in, len));
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        answer_logged(must);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return on_writable(*session);
    case LWS_CALLBACK_CLOSED:
        return on_closed(*session);
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    { .name = "vault.v1",
      .callback = on_event,
      .per_session_data_size = sizeof(struct session *),
      .rx_buffer_size = MESSAGE },
    { .name = NULL },
};

static void
start(struct must *must)
{
    struct lws_context_creation_info info = {
        .port = 0, /* any */
        .iface = "127.0.0.1",
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_DISABLE_IPV6 |
                   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX,
        .vhost_name = "bench",
        .user = must,
        .gid = -1, /* as they are */
        .uid = -1,
    };
    pthread_t thread;

    lws_set_log_level(LLL_ERR, NULL);
    must->context = lws_create_context(&info);
    if (must->context == NULL) {
        bench_die("libwebsockets does not start", 0);
    }
    if (pthread_create(&thread, NULL, log_thread, must) != 0) {
        bench_die("no thread", 0);
    }
}

int
main(int argc, char **argv)
{
    static struct must must = { .lock = PTHREAD_MUTEX_INITIALIZER,
                                .wake = PTHREAD_COND_INITIALIZER };

    if (argc != ARGS || vlt_secret_init() != VLT_OK) {
        bench_die("usage: bench_must FOLDER", 0);
    }
    bare_use_open(&must.use, argv[1]);
    start(&must);
    printf("ready %d\n", lws_get_vhost_listen_port(
                             lws_get_vhost_by_name(must.context, "bench")));
    (void)fflush(stdout);
    while (lws_service(must.context, 0) >= 0) {
    }
    return 0;
}
