/*
 * parcel: bytes of any length, packed into sealed pieces and unpacked again.
 *
 * A parcel is a stream (crypto/stream.h) of pieces of 65,536 bytes of text,
 * so 65,552 sealed; the last has 1 to 65,536 bytes.  (Of nothing at all there
 * is one piece of none.)  Which piece is the last is not written anywhere: it
 * is the one behind which nothing comes, and it opens only as that.
 *
 * Bytes come and go in slices of any size.  Nothing is unpacked before the
 * piece that it is in is known to be whole, in its place, and this parcel's.
 * No I/O: what comes out goes to a function, in order.
 *
 * Threads: a packer or unpacker belongs to one at a time.
 */
#ifndef STORE_PARCEL_H
#define STORE_PARCEL_H

#include "crypto/stream.h"

enum {
    PARCEL_TEXT = 65536,
    PARCEL_SEALED = PARCEL_TEXT + VLT_TAG_LEN,
};

/* Where bytes go: borrowed for the call.  What is not VLT_OK ends it all, and
 * is what the caller of packer or unpacker gets. */
typedef enum vlt_status parcel_fn(void *ctx, struct vlt_slice bytes);

/* Key and random bytes of one parcel; the key is borrowed for its life. */
struct parcel_about {
    const struct vlt_secret *key;
    uint8_t random[VLT_STREAM_RANDOM];
};

struct packer;
struct unpacker;

/* The caller owns *out and frees it with packer_free().  fn gets sealed
 * pieces.  VLT_E_NOMEM: no memory, or none that may be locked. */
VLT_MUST_USE enum vlt_status packer_new(const struct parcel_about *about,
                                        parcel_fn *fn, void *ctx,
                                        struct packer **out);
void packer_free(struct packer *packer); /* NULL is allowed */

/* Some more text.  Status as fn; after a failure, the same again. */
VLT_MUST_USE enum vlt_status packer_put(struct packer *packer,
                                        struct vlt_slice text);

/* That was all: the last piece. */
VLT_MUST_USE enum vlt_status packer_end(struct packer *packer);

/* Likewise; fn gets text. */
VLT_MUST_USE enum vlt_status unpacker_new(const struct parcel_about *about,
                                          parcel_fn *fn, void *ctx,
                                          struct unpacker **out);
void unpacker_free(struct unpacker *unpacker); /* NULL is allowed */

/*
 * Some more of the parcel.
 * VLT_E_AUTH: a piece is not the next, or was changed.  Else as fn.  After a
 * failure, the same again.
 */
VLT_MUST_USE enum vlt_status unpacker_put(struct unpacker *unpacker,
                                          struct vlt_slice sealed);

/* That was all.  VLT_E_AUTH: its end is missing. */
VLT_MUST_USE enum vlt_status unpacker_end(struct unpacker *unpacker);

/* The number of the piece that did not open; else of the next. */
uint64_t unpacker_piece(const struct unpacker *unpacker);

#endif
