#include "wiped.h"

#include <string.h>

#include "crypto/secret.h"

/* Move to larger memory, as realloc() would but for the wiping. */
static void
grow(struct vlt_buf *buf, size_t len)
{
    struct vlt_buf larger;

    vlt_buf_init(&larger, buf->max);
    if (vlt_buf_extend(&larger, buf->len + len) == NULL) {
        buf->failed = true;
        buf->over = larger.over;
        return;
    }
    larger.len = buf->len;
    if (buf->len > 0) {
        memcpy(larger.at, buf->at, buf->len);
    }
    wiped_free(buf);
    *buf = larger;
}

uint8_t *
wiped_extend(struct vlt_buf *buf, size_t len)
{
    if (!buf->failed && buf->len + len >= buf->cap) {
        grow(buf, len > buf->len / 2 ? len : buf->len / 2);
    }
    return vlt_buf_extend(buf, len);
}

void
wiped_put(struct vlt_buf *buf, struct vlt_slice bytes)
{
    uint8_t *at = wiped_extend(buf, bytes.len);

    if (at != NULL && bytes.len > 0) {
        memcpy(at, bytes.at, bytes.len);
    }
}

void
wiped_free(struct vlt_buf *buf)
{
    vlt_wipe(buf->at, buf->cap);
    vlt_buf_free(buf);
}
