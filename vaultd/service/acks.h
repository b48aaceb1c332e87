/*
 * acks: what left under a use or a span, until its firm has signed for it.
 *
 * The log has the digest of each page that was allowed to leave; what was given
 * to the socket, whole, is known here.  Of each firm the newest ACKS_FIRM are
 * kept, in memory: after a restart, or a lock, what is not signed for stays so,
 * which changes nothing.  What was signed for is in the log.
 *
 * Threads: any; it has a lock of its own.
 */
#ifndef ACKS_H
#define ACKS_H

#include "base/status.h"
#include "wire/ack.h"

enum { ACKS_FIRM = 256 /* uses and spans of one firm */ };

struct acks;

/* What a claim has found. */
enum acks_found {
    ACKS_NONE,  /* no such use or span, it is not over, or it was long ago */
    ACKS_OTHER, /* it is there, but something else left */
    ACKS_BUSY,  /* somebody is about to acknowledge it */
    ACKS_AGAIN, /* it is acknowledged */
    ACKS_FRESH, /* it is the caller's to settle */
};

/* VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status acks_new(struct acks **out);
void acks_free(struct acks *acks); /* NULL is allowed */

/* Forget all: the vault is locked. */
void acks_clear(struct acks *acks);

/* This left for a firm (16 bytes), and nothing more will under it.  Without
 * memory it is forgotten. */
void acks_left(struct acks *acks, const uint8_t firm[VLT_ID_LEN],
               const struct vlt_ack *what);

/* May the firm acknowledge this?  by stands for who asks; asking again is the
 * same.  *when, ns, is set with ACKS_AGAIN. */
enum acks_found acks_claim(struct acks *acks, const uint8_t firm[VLT_ID_LEN],
                           const struct vlt_ack *what, const void *by,
                           int64_t *when);

/* End a claim: acknowledged at when, ns, or, with 0, not. */
void acks_settle(struct acks *acks, const uint8_t firm[VLT_ID_LEN],
                 const void *by, int64_t when);

#endif
