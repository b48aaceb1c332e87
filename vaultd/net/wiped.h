/*
 * wiped: a buffer that leaves none of its bytes in memory that it gives back,
 * neither when it grows nor when it is freed.  For what may hold a passphrase
 * or a token.
 *
 * Threads: a buffer belongs to one.
 */
#ifndef WIPED_H
#define WIPED_H

#include "base/buf.h"

/* As vlt_buf_extend(): room for len more bytes, already counted; NULL when the
 * buffer failed. */
uint8_t *wiped_extend(struct vlt_buf *buf, size_t len);

/* As vlt_buf_put_slice(). */
void wiped_put(struct vlt_buf *buf, struct vlt_slice bytes);

/* As vlt_buf_free(). */
void wiped_free(struct vlt_buf *buf);

#endif
