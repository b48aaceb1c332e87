/*
 * link_tls: TLS of a connection that the vault dialled: a filter between bytes,
 * which touches no descriptor.
 *
 * TLS 1.3 only, as tls.h has it.  No certificate is looked at: who answers is
 * shown by the handshake inside, which is bound to the connection.  What was
 * read is wiped behind its reader.
 *
 * Threads: the loop.
 */
#ifndef LINK_TLS_H
#define LINK_TLS_H

#include "base/slice.h"
#include "tls.h"

struct link_tls;

/* The caller owns *out.  name is the host, put into SNI where it is a DNS name.
 */
VLT_MUST_USE enum vlt_status link_tls_new(const char *name,
                                          struct link_tls **out);
/* NULL is allowed. */
void link_tls_free(struct link_tls *tls);

/* Bytes that came; then the handshake goes on.  VLT_E_FORMAT: it failed. */
VLT_MUST_USE enum vlt_status link_tls_feed(struct link_tls *tls,
                                           struct vlt_slice bytes);

/* Is the handshake done? */
bool link_tls_ready(const struct link_tls *tls);

/* Read at most size bytes of text; *len is 0 when there are none now.
 * VLT_E_NOT_FOUND: there will be none.  VLT_E_FORMAT: it is broken. */
VLT_MUST_USE enum vlt_status link_tls_read(struct link_tls *tls, uint8_t *out,
                                           size_t size, size_t *len);

/* Encrypt, which is then pending. */
VLT_MUST_USE enum vlt_status link_tls_write(struct link_tls *tls,
                                            const uint8_t *bytes, size_t len);

/* Bytes that are to be sent, and at most size of them. */
size_t link_tls_pending(const struct link_tls *tls);
size_t link_tls_take(struct link_tls *tls, uint8_t *out, size_t size);

/* As tls_ekm(). */
VLT_MUST_USE enum vlt_status link_tls_ekm(const struct link_tls *tls,
                                          uint8_t out[TLS_EKM_LEN]);

#endif
