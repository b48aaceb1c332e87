/*
 * reauth: the owner proves that it is the owner who asks.
 *
 * A method with METHOD_REAUTH takes the parameter `passphrase` (or the 24 words
 * in its place) beside its own.  It is tried on a worker before the method's
 * prepare step, one at a time, wiped, and never kept: the next call carries it
 * again.  Without it the call is refused with the error `reauth`.  A key file
 * proves nothing here: it lies there for whoever starts the daemon.
 *
 * All that a noun has to do is to set the flag.  What the passphrase opened is
 * there in its later steps, by reauth_opened().
 */
#ifndef SERVICE_REAUTH_H
#define SERVICE_REAUTH_H

#include "service/method.h"
#include "store/slots.h"

struct reauth;

/* Loop: take the passphrase out of the parameters, where it is. */
VLT_MUST_USE enum vlt_status reauth_take(struct call *call,
                                         struct vlt_walk *params);

/* Loop, when all parameters are good: refuse the call if there was none, or if
 * too many were wrong. */
VLT_MUST_USE enum vlt_status reauth_check(struct call *call);

/* Worker: try it. */
VLT_MUST_USE enum vlt_status reauth_prepare(struct call *call);

/* Commit thread: does what it opened still open the vault?  VLT_E_CONFLICT: the
 * slots were changed since. */
VLT_MUST_USE enum vlt_status reauth_still(struct call *call);

/* What it opened: borrowed until the call ends.  NULL before it was tried. */
const struct store_opened *reauth_opened(const struct call *call);

/* What was typed: borrowed, in the method's prepare step alone; then it is
 * wiped. */
const struct vlt_secret *reauth_typed(const struct call *call);

/* The prepare step is over: wipe what was typed. */
void reauth_forget(struct call *call);

/* Wipe and free.  NULL is allowed. */
void reauth_free(struct reauth *reauth);

/*
 * Take a text parameter into a secret and wipe what it was read from.  The
 * caller owns *out.  VLT_E_FORMAT: a fault of params.  VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status
reauth_text(struct vlt_walk *params, const char *name, struct vlt_secret **out);

/* The same of the base64 of a key file's 32 bytes. */
VLT_MUST_USE enum vlt_status
reauth_key(struct vlt_walk *params, const char *name, struct vlt_secret **out);

/* Both where the parameter may be absent, which leaves *out alone. */
VLT_MUST_USE enum vlt_status reauth_text_or(struct vlt_walk *params,
                                            const char *name,
                                            struct vlt_secret **out);
VLT_MUST_USE enum vlt_status reauth_key_or(struct vlt_walk *params,
                                           const char *name,
                                           struct vlt_secret **out);

#endif
