#include "wire/block_internal.h"

#include <stdlib.h>
#include <zstd.h>

enum {
    LEVEL = 1,
    WINDOW_MAX = 8 << 20,
    HAS_DICTIONARY = 3, /* bits of the frame header's first byte */
    HAS_CHECKSUM = 4,
    SINGLE_SEGMENT = 32,
};

/* RFC 8878, section 3.1.1. */
static const uint32_t mark_of_frames = 0xfd2fb528;

void
block_zstd_fini(struct block_zstd *zstd)
{
    ZSTD_freeCCtx(zstd->packer);
    ZSTD_freeDCtx(zstd->reader);
    *zstd = (struct block_zstd){ 0 };
}

/* ---- decoding ---- */

/* The size that the window's byte stands for; RFC 8878, section 3.1.1.1.2. */
static uint64_t
window_of(uint8_t byte)
{
    uint64_t base = UINT64_C(1) << (10 + (byte >> 3));

    return base + base / 8 * (byte & 7);
}

bool
block_frame_holds(struct vlt_slice frame, size_t len, struct block_fault *fault)
{
    struct vlt_reader r = vlt_reader_over(frame);
    uint32_t mark = vlt_read_u32(&r);
    uint8_t flags = vlt_read_u8(&r);
    bool windowed = (flags & SINGLE_SEGMENT) == 0;
    uint64_t window = windowed ? window_of(vlt_read_u8(&r)) : len;

    /* Another kind of frame may be skipped, and has no contents. */
    if (r.failed || mark != mark_of_frames) {
        return block_refuse(fault, VLT_E_FORMAT, "no frame of zstd");
    }
    if ((flags & HAS_DICTIONARY) != 0) {
        return block_refuse(fault, VLT_E_FORMAT,
                            "a frame of zstd that needs a dictionary");
    }
    if ((flags & HAS_CHECKSUM) != 0) {
        return block_refuse(fault, VLT_E_FORMAT,
                            "a frame of zstd with a checksum");
    }
    if (window > WINDOW_MAX) {
        return block_refuse(fault, VLT_E_FORMAT,
                            "a frame of zstd with a window over 8 MiB");
    }
    /* Without a size, or broken, it is one that no block has. */
    if (ZSTD_getFrameContentSize(frame.at, frame.len) != len) {
        return block_refuse(fault, VLT_E_FORMAT,
                            "a frame of zstd of another size");
    }
    if (ZSTD_findFrameCompressedSize(frame.at, frame.len) != frame.len) {
        return block_refuse(fault, VLT_E_FORMAT, "not one frame of zstd");
    }
    return true;
}

bool
block_read_frame(struct block_zstd *zstd, struct vlt_slice frame, uint8_t *out,
                 size_t len, struct block_fault *fault)
{
    if (zstd->reader == NULL) {
        zstd->reader = ZSTD_createDCtx();
    }
    if (zstd->reader == NULL) {
        return block_refuse(fault, VLT_E_NOMEM, "no memory");
    }
    if (ZSTD_decompressDCtx(zstd->reader, out, len, frame.at, frame.len) !=
        len) {
        return block_refuse(fault, VLT_E_FORMAT,
                            "a frame of zstd that does not unpack");
    }
    return true;
}

/* ---- encoding ---- */

/* Pack into room for `most` bytes.  0: it takes more, or there is no memory. */
static size_t
pack(struct block_zstd *zstd, struct vlt_slice bytes, uint8_t *room,
     size_t most)
{
    if (zstd->packer == NULL) {
        zstd->packer = ZSTD_createCCtx();
    }
    if (zstd->packer == NULL) {
        return 0;
    }
    size_t len =
        ZSTD_compressCCtx(zstd->packer, room, most, bytes.at, bytes.len, LEVEL);

    return ZSTD_isError(len) ? 0 : len;
}

bool
block_put_frame(struct block_zstd *zstd, struct vlt_slice bytes, size_t most,
                struct vlt_buf *out)
{
    uint8_t *room = malloc(most);

    if (room == NULL) {
        return false;
    }
    size_t len = pack(zstd, bytes, room, most);

    if (len > 0) {
        vlt_buf_put(out, room, len);
    }
    free(room);
    return len > 0;
}
