/*
 * bundle: a backup's file, read.
 *
 * store/backup.h opens it and finds its key; what is in it comes out here.
 */
#ifndef STORE_BUNDLE_H
#define STORE_BUNDLE_H

#include "keys/header.h"
#include "keys/keyring.h"
#include "store/backup.h"
#include "store/manifest.h"

struct store_bundle {
    int fd; /* -1: closed */
    struct header header;
    uint8_t header_bytes[HEADER_LEN];
    struct vlt_secret *key; /* BK; NULL: not known yet */
};

/* What stood in front of the data. */
struct bundle_front {
    struct manifest manifest;
    struct manifest_tree tree;
    struct keyring *ring; /* owned */
};

/*
 * Open every piece, in one pass; the data goes to the descriptor, each byte
 * once its piece is known to be whole.  Its key is known.  On failure what was
 * written is of no use, and out->ring is NULL.
 *
 * VLT_E_AUTH     a piece is not what it was, or missing; or what it says does
 *                not fit together
 * VLT_E_FORMAT   a newer version wrote it
 * VLT_E_STORAGE  it cannot be read, or the data not be written
 * VLT_E_NOMEM    no memory, or none that may be locked
 */
VLT_MUST_USE enum vlt_status bundle_unpack(const struct store_bundle *bundle,
                                           int data, struct vlt_buf *why,
                                           struct bundle_front *out);

#endif
