#include "client/tls.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

enum {
    PIECE = 16384, /* bytes of one record */
    DAY_S = 86400, /* clocks differ */
    VALID_DAYS = 3650,
};

struct vlt_tls {
    SSL_CTX *context;
    SSL *ssl; /* owns both BIOs */
    BIO *in;  /* ciphertext that came */
    BIO *out; /* ciphertext to send */
};

static const char label[] = "EXPORTER-Channel-Binding";

/* OpenSSL 3.0 knows no X25519MLKEM768 and then refuses the whole list. */
static bool
set_groups(SSL_CTX *context)
{
    return SSL_CTX_set1_groups_list(context, "X25519MLKEM768:X25519:P-256") ==
               1 ||
           SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1;
}

static bool
address_literal(const char *name)
{
    uint8_t at[16];

    return inet_pton(AF_INET, name, at) == 1 ||
           inet_pton(AF_INET6, name, at) == 1;
}

/* What both ends have in common. */
static bool
set_context(SSL_CTX *context)
{
    if (context == NULL ||
        SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        !set_groups(context)) {
        return false;
    }
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    return true;
}

/* The connection, and its two buffers. */
static bool
set_ssl(struct vlt_tls *tls)
{
    tls->ssl = SSL_new(tls->context);
    if (tls->ssl == NULL) {
        return false;
    }
    tls->in = BIO_new(BIO_s_mem());
    tls->out = BIO_new(BIO_s_mem());
    if (tls->in == NULL || tls->out == NULL) {
        BIO_free(tls->in);
        BIO_free(tls->out);
        return false;
    }
    SSL_set_bio(tls->ssl, tls->in, tls->out);
    return true;
}

static bool
set_up(struct vlt_tls *tls, const char *name)
{
    tls->context = SSL_CTX_new(TLS_client_method());
    if (!set_context(tls->context) || !set_ssl(tls)) {
        return false;
    }
    SSL_set_connect_state(tls->ssl);
    if (address_literal(name)) {
        return true;
    }
    /* The macro drops a const that clang minds. */
    char copy[VLT_HOST_TEXT];

    snprintf(copy, sizeof copy, "%s", name);
    return SSL_ctrl(tls->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
                    TLSEXT_NAMETYPE_host_name, copy) == 1;
}

enum vlt_status
vlt_tls_new(const char *name, struct vlt_tls **out)
{
    struct vlt_tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL) {
        return VLT_E_NOMEM;
    }
    bool made = set_up(tls, name);

    ERR_clear_error();
    if (!made) {
        vlt_tls_free(tls);
        return VLT_E_NOMEM;
    }
    *out = tls;
    return VLT_OK;
}

void
vlt_tls_free(struct vlt_tls *tls)
{
    if (tls == NULL) {
        return;
    }
    SSL_free(tls->ssl);
    SSL_CTX_free(tls->context);
    free(tls);
}

/* ---- the end that was dialled ---- */

struct vlt_tls_host {
    SSL_CTX *context;
};

/* Nobody looks at it: who is there the handshake tells. */
static bool
set_certificate(SSL_CTX *context)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    bool good = key != NULL && cert != NULL &&
                X509_set_version(cert, X509_VERSION_3) == 1 &&
                ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) == 1 &&
                X509_gmtime_adj(X509_getm_notBefore(cert), -DAY_S) != NULL &&
                X509_time_adj_ex(X509_getm_notAfter(cert), VALID_DAYS, 0,
                                 NULL) != NULL &&
                X509_set_pubkey(cert, key) == 1 &&
                X509_sign(cert, key, EVP_sha256()) != 0 &&
                SSL_CTX_use_certificate(context, cert) == 1 &&
                SSL_CTX_use_PrivateKey(context, key) == 1;

    X509_free(cert);
    EVP_PKEY_free(key);
    return good;
}

enum vlt_status
vlt_tls_host_new(struct vlt_tls_host **out)
{
    struct vlt_tls_host *host = calloc(1, sizeof *host);

    if (host == NULL) {
        return VLT_E_NOMEM;
    }
    host->context = SSL_CTX_new(TLS_server_method());
    bool made = set_context(host->context) &&
                SSL_CTX_set_num_tickets(host->context, 0) == 1 &&
                set_certificate(host->context);

    ERR_clear_error();
    if (!made) {
        vlt_tls_host_free(host);
        return VLT_E_NOMEM;
    }
    *out = host;
    return VLT_OK;
}

void
vlt_tls_host_free(struct vlt_tls_host *host)
{
    if (host != NULL) {
        SSL_CTX_free(host->context);
        free(host);
    }
}

enum vlt_status
vlt_tls_accept(struct vlt_tls_host *host, struct vlt_tls **out)
{
    struct vlt_tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL) {
        return VLT_E_NOMEM;
    }
    SSL_CTX_up_ref(host->context);
    tls->context = host->context;
    bool made = set_ssl(tls);

    ERR_clear_error();
    if (!made) {
        vlt_tls_free(tls);
        return VLT_E_NOMEM;
    }
    SSL_set_accept_state(tls->ssl);
    *out = tls;
    return VLT_OK;
}

enum vlt_status
vlt_tls_feed(struct vlt_tls *tls, struct vlt_slice bytes)
{
    return BIO_write(tls->in, bytes.at, (int)bytes.len) == (int)bytes.len
               ? VLT_OK
               : VLT_E_NOMEM;
}

/* What a call of OpenSSL's that gave r means.  Its queue of errors belongs to
 * the thread, so nothing is left in it. */
static enum vlt_status
meaning(struct vlt_tls *tls, int r)
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

enum vlt_status
vlt_tls_handshake(struct vlt_tls *tls)
{
    ERR_clear_error();
    return meaning(tls, SSL_do_handshake(tls->ssl));
}

enum vlt_status
vlt_tls_exporter(struct vlt_tls *tls, uint8_t out[VLT_EKM_LEN])
{
    int made = SSL_export_keying_material(tls->ssl, out, VLT_EKM_LEN, label,
                                          sizeof label - 1, NULL, 0, 0);

    ERR_clear_error();
    return made == 1 ? VLT_OK : VLT_E_FORMAT;
}

enum vlt_status
vlt_tls_read(struct vlt_tls *tls, struct vlt_buf *plain)
{
    uint8_t piece[PIECE];

    for (;;) {
        ERR_clear_error();
        int got = SSL_read(tls->ssl, piece, sizeof piece);

        if (got <= 0) {
            enum vlt_status st = meaning(tls, got);

            /* An orderly end is seen by the descriptor, too. */
            return st == VLT_E_BUSY || st == VLT_E_NOT_FOUND ? VLT_OK : st;
        }
        vlt_buf_put(plain, piece, (size_t)got);
        if (vlt_buf_failed(plain)) {
            return vlt_buf_status(plain);
        }
    }
}

enum vlt_status
vlt_tls_write(struct vlt_tls *tls, struct vlt_slice bytes)
{
    ERR_clear_error();
    if (bytes.len == 0) {
        return VLT_OK;
    }
    return meaning(tls, SSL_write(tls->ssl, bytes.at, (int)bytes.len));
}

enum vlt_status
vlt_tls_take(struct vlt_tls *tls, struct vlt_buf *out)
{
    size_t len = BIO_ctrl_pending(tls->out);

    if (len == 0) {
        return VLT_OK;
    }
    uint8_t *at = vlt_buf_extend(out, len);

    if (at == NULL) {
        return vlt_buf_status(out);
    }
    return BIO_read(tls->out, at, (int)len) == (int)len ? VLT_OK : VLT_E_NOMEM;
}
