/*
 * stream: a long text under one key, in pieces that cannot be cut off, left
 * out, swapped or doubled.
 *
 * A piece is XChaCha20-Poly1305 without AAD, with its tag behind it, under the
 * nonce
 *
 *     offset  bytes  field
 *          0     16  of the stream, random
 *         16      7  the piece's number, from 0, big-endian
 *         23      1  1: the last, 0: another follows
 *
 * So a nonce is never used twice as long as the key serves one stream alone,
 * which is for the caller to see to: a key is drawn for a stream, with its 16
 * bytes, and for nothing else.
 *
 * A struct vlt_stream is a plain value of one end; it holds no secret.
 */
#ifndef VLT_STREAM_H
#define VLT_STREAM_H

#include "crypto/aead.h"

enum { VLT_STREAM_RANDOM = 16 };

struct vlt_stream {
    uint8_t random[VLT_STREAM_RANDOM];
    uint64_t number; /* of the next piece */
    bool ended;      /* the last one was */
};

/* Before the first piece. */
struct vlt_stream vlt_stream_of(const uint8_t random[VLT_STREAM_RANDOM]);

/*
 * Seal the next piece: plain.len + VLT_TAG_LEN bytes go to sealed, which does
 * not overlap plain.
 * VLT_E_LIMIT: the last piece was sealed, or 2^56 are.
 */
VLT_MUST_USE enum vlt_status vlt_stream_seal(struct vlt_stream *stream,
                                             struct vlt_key key,
                                             struct vlt_slice plain, bool last,
                                             uint8_t *sealed);

/*
 * Open the next piece: sealed.len - VLT_TAG_LEN bytes go to plain.
 * VLT_E_AUTH: it is not the next of this stream, or not the last where last is
 * said, or one behind the last; then plain holds nothing of the text, and the
 * stream is where it was.
 */
VLT_MUST_USE enum vlt_status vlt_stream_open(struct vlt_stream *stream,
                                             struct vlt_key key,
                                             struct vlt_slice sealed, bool last,
                                             uint8_t *plain);

#endif
