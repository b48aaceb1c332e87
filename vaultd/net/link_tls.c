#include "link_tls.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>

enum { NAME_MAX_LEN = 256 };

struct link_tls {
    SSL_CTX *context;
    SSL *ssl; /* owns both BIOs */
    BIO *in;  /* what came */
    BIO *out; /* what is to be sent */
};

static bool
is_name(const char *host)
{
    uint8_t at[16];

    return inet_pton(AF_INET, host, at) != 1 &&
           inet_pton(AF_INET6, host, at) != 1;
}

static bool
set_name(SSL *ssl, const char *host)
{
    char copy[NAME_MAX_LEN]; /* OpenSSL's macro drops a const */

    if (!is_name(host)) {
        return true;
    }
    (void)snprintf(copy, sizeof copy, "%s", host);
    return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
                    TLSEXT_NAMETYPE_host_name, copy) == 1;
}

static bool
set_up(struct link_tls *tls, const char *host)
{
    tls->context = SSL_CTX_new(TLS_client_method());
    if (tls->context == NULL || tls_set_client(tls->context) != VLT_OK) {
        return false;
    }
    tls->ssl = SSL_new(tls->context);
    tls->in = BIO_new(BIO_s_mem());
    tls->out = BIO_new(BIO_s_mem());
    if (tls->ssl == NULL || tls->in == NULL || tls->out == NULL) {
        BIO_free(tls->in);
        BIO_free(tls->out);
        return false;
    }
    SSL_set_bio(tls->ssl, tls->in, tls->out);
    SSL_set_connect_state(tls->ssl);
    return set_name(tls->ssl, host);
}

/* What a call of OpenSSL's that gave r means; nothing is left in its queue. */
static enum vlt_status
meaning(const struct link_tls *tls, int r)
{
    int error = SSL_get_error(tls->ssl, r);

    ERR_clear_error();
    switch (error) {
    case SSL_ERROR_NONE:
        return VLT_OK;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return VLT_E_BUSY;
    case SSL_ERROR_ZERO_RETURN:
        return VLT_E_NOT_FOUND;
    default:
        return VLT_E_FORMAT;
    }
}

static enum vlt_status
shake(struct link_tls *tls)
{
    ERR_clear_error();
    enum vlt_status st = meaning(tls, SSL_do_handshake(tls->ssl));

    return st == VLT_E_BUSY ? VLT_OK : st;
}

enum vlt_status
link_tls_new(const char *name, struct link_tls **out)
{
    struct link_tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL) {
        return VLT_E_NOMEM;
    }
    /* The first message of the handshake is pending then. */
    bool made = set_up(tls, name) && shake(tls) == VLT_OK;

    ERR_clear_error();
    if (!made) {
        link_tls_free(tls);
        return VLT_E_NOMEM;
    }
    *out = tls;
    return VLT_OK;
}

void
link_tls_free(struct link_tls *tls)
{
    if (tls != NULL) {
        SSL_free(tls->ssl);
        SSL_CTX_free(tls->context);
        free(tls);
    }
}

enum vlt_status
link_tls_feed(struct link_tls *tls, struct vlt_slice bytes)
{
    if (BIO_write(tls->in, bytes.at, (int)bytes.len) != (int)bytes.len) {
        return VLT_E_NOMEM;
    }
    return link_tls_ready(tls) ? VLT_OK : shake(tls);
}

bool
link_tls_ready(const struct link_tls *tls)
{
    return SSL_is_init_finished(tls->ssl) &&
           SSL_version(tls->ssl) == TLS1_3_VERSION;
}

enum vlt_status
link_tls_read(struct link_tls *tls, uint8_t *out, size_t size, size_t *len)
{
    ERR_clear_error();
    int got = SSL_read(tls->ssl, out, (int)size);
    enum vlt_status st = got > 0 ? VLT_OK : meaning(tls, got);

    *len = got > 0 ? (size_t)got : 0;
    return st == VLT_E_BUSY ? VLT_OK : st;
}

enum vlt_status
link_tls_write(struct link_tls *tls, const uint8_t *bytes, size_t len)
{
    ERR_clear_error();
    /* Its buffer grows: all of it goes in. */
    return meaning(tls, SSL_write(tls->ssl, bytes, (int)len));
}

size_t
link_tls_pending(const struct link_tls *tls)
{
    return BIO_ctrl_pending(tls->out);
}

size_t
link_tls_take(struct link_tls *tls, uint8_t *out, size_t size)
{
    int got = BIO_read(tls->out, out, (int)size);

    return got > 0 ? (size_t)got : 0;
}

enum vlt_status
link_tls_ekm(const struct link_tls *tls, uint8_t out[TLS_EKM_LEN])
{
    return tls_ekm(tls->ssl, out);
}
