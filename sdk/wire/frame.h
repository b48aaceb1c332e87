/*
 * frame: the binary messages after READY.
 *
 * A block frame is a header and one block (WIRE.md, 4).  Little-endian:
 *
 *     offset  bytes  field
 *          0      1  version = 1
 *          1      1  kind: 1 append, 2 page, 3 live
 *          2      2  flags: bit 0 FINAL, bit 1 LATE, bit 2 GAP
 *          4      4  zero
 *          8      8  ref: request id of append and page (at most 2^53),
 *                    subscription id of live
 *         16      8  seq, from 1, for each direction and ref
 *         24      …  the block (block.h), which is not looked at here
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_FRAME_H
#define VLT_FRAME_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

enum {
    VLT_FRAME_MAX = 1 << 20, /* bytes, header and block */
    VLT_FRAME_HEAD = 24,
};

#define VLT_FRAME_REF_MAX (UINT64_C(1) << 53) /* of append and page */

enum vlt_frame_kind {
    VLT_FRAME_APPEND = 1,
    VLT_FRAME_PAGE = 2,
    VLT_FRAME_LIVE = 3,
};

enum vlt_frame_flag {
    VLT_FRAME_FINAL = 1, /* the last of its ref */
    VLT_FRAME_LATE = 2,  /* its rows came late */
    VLT_FRAME_GAP = 4,   /* rows are missing before it */
};

struct vlt_frame {
    enum vlt_frame_kind kind;
    uint16_t flags;
    uint64_t ref;
    uint64_t seq;
    struct vlt_slice block; /* borrowed from the message */
};

/*
 * Read a message.
 * VLT_E_LIMIT   over VLT_FRAME_MAX: close with 1009
 * VLT_E_FORMAT  the header breaks a rule: close with 1008
 */
VLT_MUST_USE enum vlt_status vlt_frame_decode(struct vlt_slice bytes,
                                              struct vlt_frame *out);

/* Write the header.  Its fields hold the rules, which is asserted; the block
 * is not looked at. */
void vlt_frame_encode_head(const struct vlt_frame *frame,
                           uint8_t out[VLT_FRAME_HEAD]);

/* Append header and block.  VLT_E_LIMIT: over VLT_FRAME_MAX. */
VLT_MUST_USE enum vlt_status vlt_frame_encode(const struct vlt_frame *frame,
                                              struct vlt_buf *out);

#endif
