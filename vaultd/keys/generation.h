/*
 * generation: the key files of one number N, and which number is in force.
 *
 * header.N, erase.N and keyring.N are written and synced before CURRENT names
 * them; those of another number are destroyed once it does, and at every start.
 * So a crash anywhere leaves one whole generation in force.
 *
 * Status and why as files.h.  Threads: one at a time.
 */
#ifndef KEYS_GENERATION_H
#define KEYS_GENERATION_H

#include "base/buf.h"
#include "crypto/secret.h"

struct generation {
    uint64_t n;
    struct vlt_slice header;        /* HEADER_LEN bytes of header.h */
    const struct vlt_secret *erase; /* E_N, ERASE_STRIPE bytes */
    struct vlt_slice keyring;       /* the whole file, sealed for this N */
};

/* Write the three files; those of this number that a crash left are replaced.
 * Nothing is in force by it.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
generation_write(int dir, const struct generation *generation,
                 struct vlt_buf *why);

/* Put N in force. */
VLT_MUST_USE enum vlt_status generation_switch(int dir, uint64_t n,
                                               struct vlt_buf *why);

/*
 * Destroy the three files of a number that is not in force, in place: first the
 * erase secret, without which the two others are nothing.  Files that are not
 * there are passed over.
 */
VLT_MUST_USE enum vlt_status generation_destroy(int dir, uint64_t n,
                                                struct vlt_buf *why);

#endif
