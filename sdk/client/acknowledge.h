/*
 * acknowledge: signing for what came under a grant (WIRE.md, grant.ack).
 *
 * A reading takes a digest of each message; when its answer is whole, or its
 * span is over, an acknowledgement is due.  What is due is sent in the
 * background, one at a time, and once more in the next session where no answer
 * came; what the vault does not take is given up.  At most VLT_ACKS_DUE are
 * kept, the newest.
 */
#ifndef VLT_ACKNOWLEDGE_H
#define VLT_ACKNOWLEDGE_H

#include <vault/client.h>

#include "crypto/hash.h"
#include "wire/ack.h"

struct vlt_reading;

enum { VLT_ACKS_DUE = 64 };

/* What came of the use or span under way. */
struct vlt_signing {
    bool begun;
    bool held;         /* its caller says when it is safe */
    uint64_t released; /* seq up to which the caller said so */
    struct vlt_ack what;
    struct vlt_sha256 hash;
};

struct vlt_ack_due {
    struct vlt_ack what;
    const struct vlt_reading *of; /* whose caller is waited for; NULL */
};

/* A client's. */
struct vlt_acks {
    bool wanted;
    bool asked;                /* sent is under way */
    unsigned closing;          /* answers that tell whether a span came whole */
    int64_t not_before;        /* ms: the vault asked to wait; 0 */
    struct vlt_ack sent;       /* what was asked last */
    enum vault_status refused; /* the first that was, since it was told */
    size_t count;
    struct vlt_ack_due due[VLT_ACKS_DUE]; /* oldest first */
};

/* The log's entry for a page that is to come, whose detail this is: does
 * another span begin? */
void vlt_acks_entry(struct vault_client *client, struct vlt_reading *reading,
                    struct vlt_slice detail);

/* A page, its whole message. */
void vlt_acks_page(struct vlt_reading *reading, uint64_t seq,
                   struct vlt_slice message);

/* Nothing more of the use or span comes. */
void vlt_acks_whole(struct vault_client *client, struct vlt_reading *reading);

/* Pages up to seq are safe with the caller. */
void vlt_acks_release(struct vault_client *client, struct vlt_reading *reading,
                      uint64_t seq);

/* Ask the vault to end a subscription, and sign for its last span where all of
 * it came. */
void vlt_acks_unsubscribe(struct vault_client *client,
                          const struct vlt_reading *reading);

/* The reading goes: what its caller did not release stays unsigned. */
void vlt_acks_forget(struct vault_client *client,
                     const struct vlt_reading *reading);

/* Send what is due. */
void vlt_acks_step(struct vault_client *client);

/* When that is to be called anyway, by vlt_client_now_ms(); INT64_MAX: not. */
int64_t vlt_acks_moment(const struct vault_client *client);

#endif
