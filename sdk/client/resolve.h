/*
 * resolve: the addresses of a host, looked up by a thread of its own.
 *
 * The thread takes no signal, and outlives a lookup that is given up: both
 * ends hold the same counted struct, and the last one frees it.
 *
 * Threads: a lookup belongs to the one that made it.
 */
#ifndef VLT_RESOLVE_H
#define VLT_RESOLVE_H

#include <netdb.h>

#include <stdbool.h>

#include "base/status.h"

struct vlt_resolve;

/* Begin.  The caller owns *out.  VLT_E_NOMEM: no thread, descriptor, memory. */
VLT_MUST_USE enum vlt_status vlt_resolve_new(const char *host, uint16_t port,
                                             struct vlt_resolve **out);

/* Readable when it is done. */
int vlt_resolve_fd(const struct vlt_resolve *resolve);

/* Is it done?  *error is getaddrinfo()'s; *out, the caller's, goes to
 * freeaddrinfo(). */
bool vlt_resolve_done(struct vlt_resolve *resolve, int *error,
                      struct addrinfo **out);

/* Give up or forget.  NULL is allowed. */
void vlt_resolve_end(struct vlt_resolve *resolve);

#endif
