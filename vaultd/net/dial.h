/*
 * dial: firms that the vault dials, since nobody can dial it (WIRE.md, 1).
 *
 *     RESTING -> LOOKING -> CALLING -> TALKING
 *        ^          |          |          |
 *        +----------+----------+----------+   lost: rest a while
 *
 * A name is looked up by a thread of its own, since getaddrinfo() blocks; a
 * numeric address needs none.  A connection that was dialled is a conn as any
 * other, but that the vault sends the HTTP request and masks its frames.  What
 * goes on in it is the same: the vault proves itself first, and whoever it
 * dialled is a stranger until then.
 *
 * It rests for a random time of up to 1 s, 2 s, 4 s … 5 min (full jitter);
 * after a session from 1 s on again.  While the vault is locked nobody is
 * dialled, since it could not say who it is.
 *
 * Threads: the loop, but for the look-up.
 */
#ifndef DIAL_H
#define DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

struct conn;
struct dial;
struct dials;
struct net;

enum { DIALS_MAX = 32 };

/*
 * Dial these, "wss://host:port/v/<26>", NULL-ended; NULL: nobody.  The first
 * calls are made once the service is there.
 * VLT_E_LIMIT: one is none, or there are too many; why says which.
 */
VLT_MUST_USE enum vlt_status dials_new(struct net *net, const char *const *list,
                                       struct vlt_buf *why, struct dials **out);

/* The port of one of these; 0: it is none. */
uint16_t dial_port(const char *text);

/* Waits for look-ups under way.  NULL is allowed. */
void dials_free(struct dials *dials);

/* Dial no more. */
void dials_stop(struct dials *dials);

/* The loop was woken: perhaps a look-up has ended. */
void dials_woken(struct dials *dials);

/* ---- of a connection ---- */

/* TLS is done: send the request. */
void dial_secure(struct conn *conn);

/* Take bytes of its answer off *bytes. */
void dial_receive(struct conn *conn, struct vlt_slice *bytes);

/* The connection is gone; opened: there was a session. */
void dial_lost(struct dial *dial, bool opened);

#endif
