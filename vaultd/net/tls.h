/*
 * tls: how the vault speaks TLS (WIRE.md, 2).
 *
 * TLS 1.3 only; groups X25519MLKEM768 where OpenSSL has it, X25519, P-256; no
 * tickets, no resumption, no early data, no client certificate.  The
 * certificate is self-signed, ECDSA P-256, made in memory at each start:
 * nothing of TLS is on the disk.  Who the vault is, is proved by the handshake
 * inside.
 *
 * Threads: the loop.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <openssl/ssl.h>

#include "base/status.h"

enum {
    TLS_EKM_LEN = 32,
};

/* What the certificate is made out to, beside localhost and its addresses. */
struct tls_names {
    const char *address;      /* numeric, of the listener; NULL: none */
    const char *const *hosts; /* DNS names or addresses, NULL-ended; or NULL */
};

/* Set everything in a fresh context.  VLT_E_STORAGE: OpenSSL refuses; it was
 * logged. */
VLT_MUST_USE enum vlt_status tls_set_up(SSL_CTX *context,
                                        const struct tls_names *names);

/* The same of a context for connections that the vault dials: no certificate,
 * and none is looked at. */
VLT_MUST_USE enum vlt_status tls_set_client(SSL_CTX *context);

/* TLS-Exporter("EXPORTER-Channel-Binding", no context, 32 bytes). */
VLT_MUST_USE enum vlt_status tls_ekm(SSL *ssl, uint8_t out[TLS_EKM_LEN]);

#endif
