/*
 * intake_box: what is in one entry of the inbox, before it is sealed.  Pure.
 *
 * All that says whose it is, when it came and what it is lies inside, with the
 * sender's token, or with what its device signed or sealed: so nobody who only
 * knows the public key can add an entry that is stored.
 *
 *     offset  bytes  field
 *          0      1  version = 1
 *          1      1  way: 1 token, 2 signed, 3 sealed
 *          2      1  bit 0: the body is gzip (of way 1)
 *          3      1  what it came over: 0 not said, else enum http_over + 1
 *          4      4  u32 bytes of the body
 *          8      8  i64 when it came, ns
 *         16      8  u64 the entry's number
 *         24      6  u16 bytes of proof, path, query
 *         30      2  zero
 *         32         proof ‖ path ‖ query ‖ body
 *                    zeros of padding (seal_padded())
 *
 * The proof is the token, or the header VD1-Device; of way 3 there is none, for
 * it is the body.
 */
#ifndef SERVICE_INTAKE_BOX_H
#define SERVICE_INTAKE_BOX_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/status.h"

enum {
    INTAKE_HEAD = 32,
    INTAKE_PROOF = 128, /* bytes, at most */
    INTAKE_PATH = 2048,
    INTAKE_QUERY = 2048,
    INTAKE_BODY = 1 << 20,
};

enum intake_way {
    INTAKE_WAY_TOKEN = 1,
    INTAKE_WAY_SIGNED,
    INTAKE_WAY_SEALED,
};

enum { INTAKE_OVER_MAX = 3 };

/* Slices are borrowed. */
struct intake_box {
    enum intake_way way;
    uint8_t over; /* 0 to INTAKE_OVER_MAX */
    uint64_t number;
    int64_t received; /* ns */
    bool gzip;
    struct vlt_slice proof;
    struct vlt_slice path;
    struct vlt_slice query; /* without ?; empty: none */
    struct vlt_slice body;
};

/* Bytes that it takes in the inbox: with its padding, and sealed. */
size_t intake_box_stored(const struct intake_box *box);

/* Append it; out should be one that is wiped.  VLT_E_LIMIT: a part is longer
 * than it may be.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status intake_box_encode(const struct intake_box *box,
                                               struct vlt_buf *out);

/*
 * VLT_E_LIMIT   a newer version, or a part is longer than it may be
 * VLT_E_FORMAT  anything else that is not as above
 */
VLT_MUST_USE enum vlt_status intake_box_decode(struct vlt_slice bytes,
                                               struct intake_box *out);

#endif
