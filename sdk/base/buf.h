/*
 * buf: bytes that grow.
 *
 * A buffer is a plain value that begins as { 0 } or by vlt_buf_init() and ends
 * with vlt_buf_free().  An append that has no memory, or would pass the
 * buffer's maximum, fails the buffer for good; so a producer appends freely
 * and asks once, at the end, with vlt_buf_failed().
 */
#ifndef VLT_BUF_H
#define VLT_BUF_H

#include "base/slice.h"
#include "base/status.h"

struct vlt_buf {
    uint8_t *at; /* owned; NULL while empty */
    size_t len;  /* bytes in use */
    size_t cap;  /* bytes allocated */
    size_t max;  /* most bytes it may ever hold; 0 is VLT_BUF_MAX */
    bool failed; /* an append did not fit; the contents are of no use */
    bool over;   /* it failed by its maximum, not for want of memory */
    bool secret; /* wiped wherever its bytes leave it */
};

enum {
    VLT_BUF_MAX = 1 << 30,
};

/* An empty buffer that may hold at most max bytes (0: VLT_BUF_MAX). */
void vlt_buf_init(struct vlt_buf *buf, size_t max);

/* The same, for what must not outlive its use: it is wiped when it grows, is
 * cleared or freed.  Whoever shortens it by hand wipes the rest. */
void vlt_buf_init_secret(struct vlt_buf *buf, size_t max);

/* Free what it holds and leave it empty.  Harmless on { 0 }. */
void vlt_buf_free(struct vlt_buf *buf);

/* Empty it, keeping its memory and its maximum; a failure is forgotten. */
void vlt_buf_clear(struct vlt_buf *buf);

void vlt_buf_put(struct vlt_buf *buf, const void *at, size_t len);
void vlt_buf_put_slice(struct vlt_buf *buf, struct vlt_slice bytes);
void vlt_buf_put_u8(struct vlt_buf *buf, uint8_t value);

/* The bytes of a C string, without its terminating zero. */
void vlt_buf_put_text(struct vlt_buf *buf, const char *text);

/* C strings one behind another, up to a NULL, as the last argument has to be.
 * What is printed often is put so: printf takes longer than all the rest. */
void vlt_buf_put_texts(struct vlt_buf *buf, ...) __attribute__((sentinel));

/* In decimal digits. */
void vlt_buf_put_int(struct vlt_buf *buf, int64_t value);

/* As printf; at most 4,096 bytes at a time: more fails the buffer. */
void vlt_buf_printf(struct vlt_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Room for len more bytes, uninitialised, already counted in buf->len; NULL
 * when the buffer failed.  Borrowed until the next append. */
uint8_t *vlt_buf_extend(struct vlt_buf *buf, size_t len);

/* Did an append fail, ever? */
bool vlt_buf_failed(const struct vlt_buf *buf);

/* What it holds: borrowed until the next append. */
struct vlt_slice vlt_buf_slice(const struct vlt_buf *buf);

/* What it holds as a C string: a zero is put behind it (not counted).
 * Borrowed until the next append; NULL when the buffer failed. */
const char *vlt_buf_text(struct vlt_buf *buf);

/* VLT_OK, or why it failed: VLT_E_LIMIT over the maximum, else VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status vlt_buf_status(const struct vlt_buf *buf);

#endif
