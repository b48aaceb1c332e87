/*
 * seal: a record's bytes, sealed and bound to its place.
 *
 *     u8 suite = 1 ‖ kid (8) ‖ nonce (24) ‖ ciphertext ‖ tag (16)
 *
 * Nothing here knows LMDB or where keys are kept.
 *
 * Threads: any.
 */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include "base/buf.h"
#include "base/id.h"
#include "crypto/secret.h"

enum {
    SEAL_KID = 8,
    SEAL_MORE = 49, /* bytes that a sealed record is longer than its text */
    SEAL_AAD = 64,
    SEAL_PLAIN_MAX = 2 << 20, /* bytes with padding */
};

enum seal_type {
    SEAL_ROOT = 1,
    SEAL_TAIL = 2,
    SEAL_CHUNK = 3,
    SEAL_HEAD = 4,
    SEAL_ROLL = 5,
    SEAL_LANE = 6,
    SEAL_META = 7,
    SEAL_DEDUP = 8,
    SEAL_IDEM = 9,
    SEAL_AUDIT = 10,
};

/* Where a record belongs. */
struct seal_place {
    enum seal_type type;
    uint8_t meta;                /* meta type; else 0 */
    int32_t epoch;               /* else 0 */
    uint8_t subject[VLT_ID_LEN]; /* stream, meta id, tree, … ; else zero */
    uint64_t position;           /* arrival, no, audit index; else 0 */
    uint64_t version;            /* of a versioned record; else 0 */
};

/* Length of a plaintext of len bytes with its padding: up to 256 bytes the
 * next multiple of 16, above of 2^(floor(log2 len) - 3). */
size_t seal_padded(size_t len);

/* The same for chunks, heads and roll-ups, whose length as a record, sealed,
 * is up to 2,022 bytes the next multiple of 64 (at most 2,022), above the next
 * of whole pages of 4,096 less 16 bytes: LMDB takes as much for it anyway. */
size_t seal_padded_piece(size_t len);

/* The 64 bytes that bind a plaintext of padded bytes to its place. */
void seal_aad(const struct seal_place *place,
              const uint8_t vault_id[VLT_ID_LEN], size_t padded,
              uint8_t out[SEAL_AAD]);

/* What it takes to seal or open one record. */
struct seal_with {
    struct vlt_key key;
    const uint8_t *kid;      /* SEAL_KID bytes */
    const uint8_t *vault_id; /* VLT_ID_LEN bytes */
};

/* Seal padded plaintext: padded.len + SEAL_MORE bytes go to out, which must
 * not overlap it. */
void seal_make(struct seal_with with, const struct seal_place *place,
               struct vlt_slice padded, uint8_t *out);

/* The kid of a sealed record, borrowed from it; NULL: it is too short, too
 * long or of another suite. */
const uint8_t *seal_kid(struct vlt_slice sealed);

/*
 * Open a sealed record whose kid is known: its plaintext with padding is
 * appended to out.
 * VLT_E_AUTH   not of this place, key or vault, or changed
 * VLT_E_NOMEM, VLT_E_LIMIT  as vlt_buf_status(); out is as it was
 */
VLT_MUST_USE enum vlt_status seal_open(struct seal_with with,
                                       const struct seal_place *place,
                                       struct vlt_slice sealed,
                                       struct vlt_buf *out);

#endif
