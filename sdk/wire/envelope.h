/*
 * envelope: how a device that holds no session shows whose a message is.
 *
 * A device has the token of its source (address.h): an id of 8 bytes, and a
 * secret of 32 that never travels.  It numbers its messages: by a counter from
 * 1, and by a boot id, which is random and new when the counter starts again,
 * or zero where the counter outlives the device's power.
 *
 * Signed, a header beside the message:
 *
 *     VD1-Device: <id, 16 hex>.<boot, 16 hex>.<counter>.<mac, base64url>
 *     mac   = HMAC-SHA-256(K_mac, "vd1 ingest" ‖ 00 ‖ method ‖ 00 ‖ target ‖
 *             00 ‖ boot ‖ u64 counter ‖ SHA-256(body))
 *     K_mac = HMAC-SHA-256(secret, "vd1 mac")
 *
 * Sealed, the message itself:
 *
 *     offset  bytes  field
 *          0      4  "VDE" ‖ 01
 *          4      1  suite = 1
 *          5      3  zero
 *          8      8  device id
 *         16      8  boot
 *         24      8  u64 counter
 *         32     24  nonce, random
 *         56         XChaCha20-Poly1305(K_enc, nonce, AAD, body) with its tag
 *
 *     AAD   = bytes 0 to 31 ‖ u16 length of the target ‖ target
 *     K_enc = HMAC-SHA-256(secret, "vd1 enc")
 *
 * The target is an HTTP request's path, with ? and the query where there is one
 * that is not empty; of MQTT the topic.  Integers are big-endian.  What shows
 * that a message comes again is the store's sequence of (source, boot,
 * counter).  Source: WIRE.md, 1.1.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_ENVELOPE_H
#define VLT_ENVELOPE_H

#include "base/buf.h"
#include "crypto/secret.h"

enum {
    VLT_ENVELOPE_ID = 8,         /* bytes of a device's id, and of a boot */
    VLT_ENVELOPE_MAC = 32,       /* bytes */
    VLT_ENVELOPE_HEADER = 98,    /* characters of the longest header */
    VLT_ENVELOPE_TARGET = 4096,  /* bytes of a target, at most */
    VLT_ENVELOPE_HEAD = 56,      /* bytes before what is sealed */
    VLT_ENVELOPE_MORE = 56 + 16, /* that an envelope is longer than its body */
    VLT_ENVELOPE_MAX = 1 << 20,  /* bytes of an envelope */
};

/* Which message of which device. */
struct vlt_envelope {
    uint8_t device[VLT_ENVELOPE_ID];
    uint8_t boot[VLT_ENVELOPE_ID];
    uint64_t counter; /* from 1 */
};

/* ---- signed ---- */

/* What a signature is over; borrowed. */
struct vlt_envelope_request {
    struct vlt_slice method;
    struct vlt_slice target;
    struct vlt_slice body; /* as it is sent, compressed or not */
};

struct vlt_envelope_signed {
    struct vlt_envelope head;
    uint8_t mac[VLT_ENVELOPE_MAC];
};

/* Print the header's value.  Returns out.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
vlt_envelope_sign(const struct vlt_secret *secret,
                  const struct vlt_envelope *head,
                  const struct vlt_envelope_request *request,
                  char out[VLT_ENVELOPE_HEADER + 1]);

/* Read the header's value.  Hex may be of either case, a counter has no sign
 * and no zero in front.  VLT_E_FORMAT: it is not that. */
VLT_MUST_USE enum vlt_status
vlt_envelope_read_header(struct vlt_slice text,
                         struct vlt_envelope_signed *out);

/* Does the signature hold under this secret, in a time that does not depend on
 * its bytes?  VLT_E_AUTH: no.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status
vlt_envelope_check(const struct vlt_secret *secret,
                   const struct vlt_envelope_signed *mac,
                   const struct vlt_envelope_request *request);

/* ---- sealed ---- */

/* Borrowed from the bytes that were read. */
struct vlt_envelope_sealed {
    struct vlt_envelope head;
    struct vlt_slice bound;  /* the first 32 bytes */
    const uint8_t *nonce;    /* 24 bytes */
    struct vlt_slice sealed; /* with its tag, at least 16 bytes */
};

/* Do the bytes say that they are an envelope?  Nothing of it is looked at but
 * its first four. */
bool vlt_envelope_is_sealed(struct vlt_slice bytes);

/* Append an envelope to out.  VLT_E_LIMIT: the target is longer than
 * VLT_ENVELOPE_TARGET, or the envelope than VLT_ENVELOPE_MAX.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status vlt_envelope_seal(const struct vlt_secret *secret,
                                               const struct vlt_envelope *head,
                                               struct vlt_slice target,
                                               struct vlt_slice body,
                                               struct vlt_buf *out);

/*
 * VLT_E_LIMIT   over VLT_ENVELOPE_MAX bytes, or of another suite
 * VLT_E_FORMAT  anything else that is not as above
 */
VLT_MUST_USE enum vlt_status
vlt_envelope_read_sealed(struct vlt_slice bytes,
                         struct vlt_envelope_sealed *out);

/* Open it: the body is appended to out, which is left as it was on failure.
 * VLT_E_AUTH: not for this secret or target, or changed; VLT_E_LIMIT,
 * VLT_E_NOMEM: out is full. */
VLT_MUST_USE enum vlt_status
vlt_envelope_open(const struct vlt_secret *secret,
                  const struct vlt_envelope_sealed *envelope,
                  struct vlt_slice target, struct vlt_buf *out);

#endif
