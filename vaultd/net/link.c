#include <openssl/ssl.h>

#include "loop_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "util/log.h"

enum {
    TURNS = 4 /* of one link at most, before others come */
};

static void
timer_fired(lws_sorted_usec_list_t *timer)
{
    struct link *link = lws_container_of(timer, struct link, timer);
    struct loop *loop = link->loop;

    loop->config.events->timer(link->owner);
    /* lws polls after its timers: see loop.c. */
    loop_wake(loop);
}

/* Give the descriptor to lws.  Takes link and fd, also on failure. */
static struct link *
adopt(struct link *link, int fd)
{
    struct loop *loop = link->loop;
    bool tls = link->tls;
    lws_adopt_desc_t adopt = {
        .vh = tls ? loop->secure : loop->plain,
        .type = LWS_ADOPT_SOCKET | (tls ? LWS_ADOPT_ALLOW_SSL : 0),
        .fd = { .sockfd = fd },
        .opaque = link,
    };

    loop->adopting = link;
    /* It closes fd when it fails; a wsi that was made is destroyed then, at
     * once or later, and told by WSI_DESTROY. */
    struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&adopt);
    bool gone = loop->adopting == NULL;

    loop->adopting = NULL;
    if (wsi != NULL) {
        link->adopted = true;
        return link;
    }
    if (!gone && link->wsi == NULL) {
        link_tls_free(link->own);
        free(link);
    } else if (!gone) {
        link->ending = true;
    }
    return NULL;
}

struct link *
link_new(struct loop *loop, int fd, bool tls, void *owner)
{
    struct link *link = calloc(1, sizeof *link);

    if (link == NULL || (tls && loop->secure == NULL)) {
        free(link);
        close(fd);
        return NULL;
    }
    link->loop = loop;
    link->owner = owner;
    link->tls = tls;
    return adopt(link, fd);
}

struct link *
link_dial(struct loop *loop, int fd, const char *host, void *owner)
{
    struct link *link = calloc(1, sizeof *link);

    if (link == NULL || link_tls_new(host, &link->own) != VLT_OK) {
        free(link);
        close(fd);
        return NULL;
    }
    link->loop = loop;
    link->owner = owner;
    link = adopt(link, fd);
    if (link != NULL) {
        link_want(link); /* it is connected when it can be written */
    }
    return link;
}

void
link_want(struct link *link)
{
    if (link->wsi != NULL && !link->ending) {
        link->wanted = true;
        lws_callback_on_writable(link->wsi);
    }
}

bool
link_held(const struct link *link)
{
    return link->wsi != NULL &&
           (lws_partial_buffered(link->wsi) != 0 ||
            (link->own != NULL && link_tls_pending(link->own) > 0));
}

/* A turn of what TLS of our own has to send. */
static bool
write_wire(struct link *link)
{
    uint8_t *wire = link->loop->wire + LWS_PRE;
    size_t len = link_tls_take(link->own, wire, LOOP_TURN);

    return len == 0 ||
           lws_write(link->wsi, wire, len, LWS_WRITE_RAW) == (int)len;
}

/* Encrypt a turn and send what fits; the rest is held, and asks for more. */
static bool
write_own(struct link *link, uint8_t *turn, size_t len)
{
    enum vlt_status st = link_tls_write(link->own, turn, len);

    vlt_wipe(turn, len);
    if (st != VLT_OK || !write_wire(link)) {
        return false;
    }
    if (link_tls_pending(link->own) > 0) {
        link_want(link);
    }
    return true;
}

bool
link_write(struct link *link, const uint8_t *bytes, size_t len)
{
    uint8_t *turn = loop_turn_buffer(link->loop);

    assert(len <= LOOP_TURN);
    if (link->wsi == NULL || link->ending) {
        return false;
    }
    if (bytes != turn) {
        memcpy(turn, bytes, len);
    }
    if (link->own != NULL) {
        return write_own(link, turn, len);
    }
    /* It returns the full length even when it kept a part for later. */
    bool written = lws_write(link->wsi, turn, len, LWS_WRITE_RAW) == (int)len;

    vlt_wipe(turn, len);
    return written;
}

void
link_read(struct link *link, bool on)
{
    if (link->wsi != NULL) {
        lws_rx_flow_control(link->wsi, on ? 1 : 0);
    }
}

void
link_timer(struct link *link, int64_t us)
{
    if (us <= 0 || link->wsi == NULL) {
        lws_sul_cancel(&link->timer);
        return;
    }
    lws_sul_schedule(link->loop->context, 0, &link->timer, timer_fired, us);
}

static void
discard_unsent(const struct link *link)
{
    struct linger none = { .l_onoff = 1, .l_linger = 0 };

    if (setsockopt(lws_get_socket_fd(link->wsi), SOL_SOCKET, SO_LINGER, &none,
                   sizeof none) != 0) {
        log_warning("net", "SO_LINGER: errno %d", errno);
    }
}

void
link_end(struct link *link, bool reset)
{
    if (link->wsi == NULL) {
        return;
    }
    if (reset) {
        discard_unsent(link);
    }
    if (link->ending) {
        return;
    }
    link->ending = true;
    link_timer(link, 0);
    /* Inside its own callback lws still needs the wsi: it is ended by what the
     * callback returns.  Elsewhere at once; a raw socket is closed without
     * another byte, what lws had kept is dropped. */
    if (link->busy == 0) {
        lws_set_timeout(link->wsi, PENDING_TIMEOUT_USER_REASON_BASE,
                        LWS_TO_KILL_SYNC);
    }
}

void
link_finish(struct link *link)
{
    if (link->wsi == NULL || link->ending) {
        return;
    }
    SSL *ssl = lws_get_ssl(link->wsi);

    if (ssl != NULL && SSL_is_init_finished(ssl)) {
        (void)SSL_shutdown(ssl);
    }
    (void)shutdown(lws_get_socket_fd(link->wsi), SHUT_WR);
}

bool
link_secure(const struct link *link)
{
    if (link->own != NULL) {
        return link_tls_ready(link->own);
    }
    if (!link->tls) {
        return true;
    }
    SSL *ssl = link->wsi != NULL ? lws_get_ssl(link->wsi) : NULL;

    return ssl != NULL && lws_is_ssl(link->wsi) != 0 &&
           SSL_is_init_finished(ssl) && SSL_version(ssl) == TLS1_3_VERSION;
}

uint64_t
link_wire_bytes(const struct link *link)
{
    SSL *ssl = link->tls && link->wsi != NULL ? lws_get_ssl(link->wsi) : NULL;

    return ssl != NULL ? BIO_number_read(SSL_get_rbio(ssl)) : 0;
}

enum vlt_status
link_ekm(const struct link *link, uint8_t out[32])
{
    if (link->own != NULL) {
        return link_tls_ekm(link->own, out);
    }
    SSL *ssl = link->wsi != NULL ? lws_get_ssl(link->wsi) : NULL;

    return ssl != NULL ? tls_ekm(ssl, out) : VLT_E_STORAGE;
}

/* ---- what lws tells ---- */

/* What came on a link that we dialled: in pieces of the buffer of a turn. */
static void
receive_own(struct link *link, struct vlt_slice bytes)
{
    bool was = link_tls_ready(link->own);
    enum vlt_status st = link_tls_feed(link->own, bytes);
    size_t len = 0;

    while (st == VLT_OK && !link->ending && link_tls_ready(link->own)) {
        uint8_t *text = link->loop->wire + LWS_PRE;

        st = link_tls_read(link->own, text, LOOP_TURN, &len);
        if (len == 0) {
            break;
        }
        link->loop->config.events->received(link->owner,
                                            vlt_slice_of(text, len));
        vlt_wipe(text, len);
    }
    if (st != VLT_OK) {
        link_end(link, false);
    } else if (link_tls_pending(link->own) > 0 ||
               was != link_tls_ready(link->own)) {
        link_want(link);
    }
}

/* True: the owner may write.  What TLS has to say by itself goes first. */
static bool
ready_to_write(struct link *link)
{
    if (link->own == NULL) {
        return true;
    }
    if (lws_partial_buffered(link->wsi) != 0) {
        return false;
    }
    if (link_tls_pending(link->own) > 0) {
        if (!write_wire(link)) {
            link_end(link, false);
        } else if (link_tls_ready(link->own) ||
                   link_tls_pending(link->own) > 0) {
            link_want(link);
        }
        return false;
    }
    return link_tls_ready(link->own);
}

/* The library's buffer is wiped behind it: a passphrase or a token may have
 * come, and nothing may be read for hours. */
static void
receive(struct link *link, void *in, size_t len)
{
    if (!link->greeted) {
        /* Ours run instead (rule 7). */
        lws_set_timeout(link->wsi, NO_PENDING_TIMEOUT, 0);
        link->greeted = true;
        if (link->own == NULL && !link_secure(link)) {
            log_error("net", "a TLS connection is not encrypted");
            link_end(link, true);
            return;
        }
    }
    if (link->own != NULL) {
        receive_own(link, vlt_slice_of(in, len));
    } else {
        link->loop->config.events->received(link->owner, vlt_slice_of(in, len));
    }
    vlt_wipe(in, len);
}

static void
destroyed(struct link *link)
{
    lws_sul_cancel(&link->timer);
    link->wsi = NULL;
    if (link->loop->adopting == link) {
        link->loop->adopting = NULL;
    }
    if (link->adopted) {
        link->loop->config.events->lost(link->owner);
    }
    link_tls_free(link->own);
    free(link);
}

/* The first word of a wsi: its opaque pointer is not set yet. */
static void
created(struct lws *wsi)
{
    struct loop *loop = loop_of(wsi);

    if (loop->adopting != NULL) {
        loop->adopting->wsi = wsi;
    }
}

/* Have the owner write while it wants to and the kernel takes it: TURNS times
 * at most, then others come. */
static void
write_turns(struct link *link)
{
    for (int i = 0; i < TURNS && !link->ending && ready_to_write(link); i++) {
        link->wanted = false;
        link->loop->config.events->writable(link->owner);
        if (!link->wanted || link->ending || link_held(link) ||
            lws_send_pipe_choked(link->wsi) != 0) {
            break;
        }
    }
}

int
link_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
              void *in, size_t len)
{
    struct link *link = NULL;

    (void)user;
    if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS) {
        return loop_tls_hook(wsi, (SSL_CTX *)user);
    }
    if (reason == LWS_CALLBACK_WSI_CREATE) {
        created(wsi);
        return 0;
    }
    if (reason != LWS_CALLBACK_RAW_RX && reason != LWS_CALLBACK_RAW_WRITEABLE &&
        reason != LWS_CALLBACK_WSI_DESTROY) {
        return 0;
    }
    link = lws_get_opaque_user_data(wsi);
    if (link == NULL) {
        return 0;
    }
    if (reason == LWS_CALLBACK_WSI_DESTROY) {
        destroyed(link);
        return 0;
    }
    link->busy++;
    if (reason == LWS_CALLBACK_RAW_RX && !link->ending) {
        receive(link, in, len);
    } else {
        write_turns(link);
    }
    link->busy--;
    return link->ending ? -1 : 0;
}
