/*
 * intake_box: what is in one entry of the inbox, before it is sealed.  Pure.
 *
 * All that says whose it is, when it came and what it is lies inside, with the
 * sender's token: so nobody who only knows the public key can add an entry.
 *
 *     offset  bytes  field
 *          0      1  version = 1
 *          1      1  way = 1 (HTTP)
 *          2      1  bit 0: the body is gzip
 *          3      1  zero
 *          4      4  u32 bytes of the body
 *          8      8  i64 when it came, ns
 *         16      8  u64 the entry's number
 *         24      6  u16 bytes of token, path, query
 *         30      2  zero
 *         32         token ‖ path ‖ query ‖ body
 *                    zeros of padding (seal_padded())
 */
#ifndef SERVICE_INTAKE_BOX_H
#define SERVICE_INTAKE_BOX_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/status.h"

enum {
    INTAKE_HEAD = 32,
    INTAKE_TOKEN = 128, /* bytes, at most */
    INTAKE_PATH = 2048,
    INTAKE_QUERY = 2048,
    INTAKE_BODY = 1 << 20,
};

/* Slices are borrowed. */
struct intake_box {
    uint64_t number;
    int64_t received; /* ns */
    bool gzip;
    struct vlt_slice token;
    struct vlt_slice path;
    struct vlt_slice query; /* without ?; empty: none */
    struct vlt_slice body;
};

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
