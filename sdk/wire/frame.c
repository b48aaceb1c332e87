#include "wire/frame.h"

#include <assert.h>

#include "base/reader.h"
#include "base/writer.h"

enum {
    VERSION = 1,
    FLAGS_KNOWN = VLT_FRAME_FINAL | VLT_FRAME_LATE | VLT_FRAME_GAP,
};

static bool
kind_known(uint8_t kind)
{
    return kind >= VLT_FRAME_APPEND && kind <= VLT_FRAME_LIVE;
}

/* A request's id is an integer that a double holds; a subscription's may be
 * any. */
static bool
ref_holds(uint8_t kind, uint64_t ref)
{
    return kind == VLT_FRAME_LIVE || ref <= VLT_FRAME_REF_MAX;
}

enum vlt_status
vlt_frame_decode(struct vlt_slice bytes, struct vlt_frame *out)
{
    if (bytes.len > VLT_FRAME_MAX) {
        return VLT_E_LIMIT;
    }
    struct vlt_reader r = vlt_reader_over(bytes);
    uint8_t version = vlt_read_u8(&r);
    uint8_t kind = vlt_read_u8(&r);
    uint16_t flags = vlt_read_u16(&r);
    uint32_t reserved = vlt_read_u32(&r);
    uint64_t ref = vlt_read_u64(&r);
    uint64_t seq = vlt_read_u64(&r);
    struct vlt_slice block = vlt_read_rest(&r);

    if (!vlt_reader_done(&r) || version != VERSION || !kind_known(kind) ||
        (flags & ~FLAGS_KNOWN) != 0 || reserved != 0 || !ref_holds(kind, ref) ||
        seq == 0) {
        return VLT_E_FORMAT;
    }
    *out = (struct vlt_frame){ .kind = (enum vlt_frame_kind)kind,
                               .flags = flags,
                               .ref = ref,
                               .seq = seq,
                               .block = block };
    return VLT_OK;
}

void
vlt_frame_encode_head(const struct vlt_frame *frame,
                      uint8_t out[VLT_FRAME_HEAD])
{
    struct vlt_writer w = vlt_writer_over(out, VLT_FRAME_HEAD);

    assert(kind_known((uint8_t)frame->kind) &&
           (frame->flags & ~FLAGS_KNOWN) == 0 && frame->seq > 0 &&
           ref_holds((uint8_t)frame->kind, frame->ref));
    vlt_write_u8(&w, VERSION);
    vlt_write_u8(&w, (uint8_t)frame->kind);
    vlt_write_u16(&w, frame->flags);
    vlt_write_u32(&w, 0);
    vlt_write_u64(&w, frame->ref);
    vlt_write_u64(&w, frame->seq);
}

enum vlt_status
vlt_frame_encode(const struct vlt_frame *frame, struct vlt_buf *out)
{
    uint8_t head[VLT_FRAME_HEAD];

    if (frame->block.len > VLT_FRAME_MAX - VLT_FRAME_HEAD) {
        return VLT_E_LIMIT;
    }
    vlt_frame_encode_head(frame, head);
    vlt_buf_put(out, head, sizeof head);
    vlt_buf_put_slice(out, frame->block);
    return vlt_buf_status(out);
}
