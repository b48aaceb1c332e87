/*
 * tls: TLS 1.3 as a filter between two buffers; it touches no descriptor, so
 * nothing here can block or raise SIGPIPE.
 *
 * No certificate is checked: who answers is shown by the handshake (wire/
 * handshake.h), which is bound to this connection by the exporter.  No tickets,
 * no resumption, no early data.
 *
 * Threads: a filter belongs to one.
 */
#ifndef VLT_TLS_H
#define VLT_TLS_H

#include "base/buf.h"
#include "base/slice.h"
#include "wire/handshake.h"

struct vlt_tls;

/* The caller owns *out.  name is the host, put into SNI where it is a DNS
 * name; copied. */
VLT_MUST_USE enum vlt_status vlt_tls_new(const char *name,
                                         struct vlt_tls **out);

struct vlt_tls_host;

/* What a listener's connections have in common: a self-signed certificate,
 * ECDSA P-256, made in memory.  The caller owns *out; connections outlive it.
 */
VLT_MUST_USE enum vlt_status vlt_tls_host_new(struct vlt_tls_host **out);

/* NULL is allowed. */
void vlt_tls_host_free(struct vlt_tls_host *host);

/* A connection that somebody dialled.  The caller owns *out. */
VLT_MUST_USE enum vlt_status vlt_tls_accept(struct vlt_tls_host *host,
                                            struct vlt_tls **out);

/* NULL is allowed. */
void vlt_tls_free(struct vlt_tls *tls);

/* Bytes that came from the other end. */
VLT_MUST_USE enum vlt_status vlt_tls_feed(struct vlt_tls *tls,
                                          struct vlt_slice bytes);

/* Go on with the handshake.  VLT_E_BUSY: bytes are wanted first.
 * VLT_E_FORMAT: it failed. */
VLT_MUST_USE enum vlt_status vlt_tls_handshake(struct vlt_tls *tls);

/* The exporter's 32 bytes, after the handshake. */
VLT_MUST_USE enum vlt_status vlt_tls_exporter(struct vlt_tls *tls,
                                              uint8_t out[VLT_EKM_LEN]);

/* Append what can be read to plain.  VLT_E_FORMAT: a record is broken. */
VLT_MUST_USE enum vlt_status vlt_tls_read(struct vlt_tls *tls,
                                          struct vlt_buf *plain);

/* Encrypt bytes, which then wait for vlt_tls_take(). */
VLT_MUST_USE enum vlt_status vlt_tls_write(struct vlt_tls *tls,
                                           struct vlt_slice bytes);

/* Append what is to be sent to out. */
VLT_MUST_USE enum vlt_status vlt_tls_take(struct vlt_tls *tls,
                                          struct vlt_buf *out);

#endif
