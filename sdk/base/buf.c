#define _DEFAULT_SOURCE /* explicit_bzero */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CAP_MIN = 64,
    PRINTF_MAX = 4096,
    INT_DIGITS = 20, /* "-9223372036854775808" */
};

void
vlt_buf_init(struct vlt_buf *buf, size_t max)
{
    *buf = (struct vlt_buf){ .max = max };
}

void
vlt_buf_init_secret(struct vlt_buf *buf, size_t max)
{
    *buf = (struct vlt_buf){ .max = max, .secret = true };
}

static void
wipe(const struct vlt_buf *buf)
{
    if (buf->secret && buf->at != NULL) {
        explicit_bzero(buf->at, buf->cap);
    }
}

void
vlt_buf_free(struct vlt_buf *buf)
{
    wipe(buf);
    free(buf->at);
    *buf = (struct vlt_buf){ .max = buf->max, .secret = buf->secret };
}

void
vlt_buf_clear(struct vlt_buf *buf)
{
    wipe(buf);
    buf->len = 0;
    buf->failed = false;
    buf->over = false;
}

/* A secret is moved by hand, since realloc() leaves its bytes where they were.
 */
static uint8_t *
move(const struct vlt_buf *buf, size_t cap)
{
    if (!buf->secret) {
        return realloc(buf->at, cap);
    }
    uint8_t *at = malloc(cap);

    if (at != NULL && buf->at != NULL) {
        memcpy(at, buf->at, buf->len);
        wipe(buf);
        free(buf->at);
    }
    return at;
}

/* There is always one byte more than is needed, for vlt_buf_text()'s zero. */
static bool
grow(struct vlt_buf *buf, size_t need)
{
    size_t cap = buf->cap < CAP_MIN ? CAP_MIN : buf->cap;

    while (cap <= need) {
        cap += cap / 2;
    }
    uint8_t *at = move(buf, cap);

    if (at == NULL) {
        buf->failed = true;
        return false;
    }
    buf->at = at;
    buf->cap = cap;
    return true;
}

static bool
reserve(struct vlt_buf *buf, size_t len)
{
    size_t max = buf->max > 0 ? buf->max : (size_t)VLT_BUF_MAX;

    if (buf->failed) {
        return false;
    }
    if (buf->len > max || len > max - buf->len) {
        buf->failed = true;
        buf->over = true;
        return false;
    }
    return buf->len + len < buf->cap || grow(buf, buf->len + len);
}

uint8_t *
vlt_buf_extend(struct vlt_buf *buf, size_t len)
{
    if (!reserve(buf, len)) {
        return NULL;
    }
    uint8_t *at = buf->at + buf->len;

    buf->len += len;
    return at;
}

void
vlt_buf_put(struct vlt_buf *buf, const void *at, size_t len)
{
    if (len == 0) {
        return;
    }
    uint8_t *room = vlt_buf_extend(buf, len);

    if (room != NULL) {
        memcpy(room, at, len);
    }
}

void
vlt_buf_put_slice(struct vlt_buf *buf, struct vlt_slice bytes)
{
    vlt_buf_put(buf, bytes.at, bytes.len);
}

void
vlt_buf_put_u8(struct vlt_buf *buf, uint8_t value)
{
    vlt_buf_put(buf, &value, 1);
}

void
vlt_buf_put_text(struct vlt_buf *buf, const char *text)
{
    vlt_buf_put(buf, text, strlen(text));
}

void
vlt_buf_put_texts(struct vlt_buf *buf, ...)
{
    va_list texts;
    const char *text;

    va_start(texts, buf);
    while ((text = va_arg(texts, const char *)) != NULL) {
        vlt_buf_put_text(buf, text);
    }
    va_end(texts);
}

void
vlt_buf_put_int(struct vlt_buf *buf, int64_t value)
{
    char digits[INT_DIGITS];
    size_t begin = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        digits[--begin] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        digits[--begin] = '-';
    }
    vlt_buf_put(buf, digits + begin, sizeof digits - begin);
}

void
vlt_buf_printf(struct vlt_buf *buf, const char *format, ...)
{
    va_list args;
    char text[PRINTF_MAX + 1];

    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);

    va_end(args);
    if (len < 0 || len > PRINTF_MAX) {
        buf->over = !buf->failed || buf->over;
        buf->failed = true;
        return;
    }
    vlt_buf_put(buf, text, (size_t)len);
}

bool
vlt_buf_failed(const struct vlt_buf *buf)
{
    return buf->failed;
}

struct vlt_slice
vlt_buf_slice(const struct vlt_buf *buf)
{
    return vlt_slice_of(buf->at, buf->len);
}

const char *
vlt_buf_text(struct vlt_buf *buf)
{
    if (!reserve(buf, 0)) {
        return NULL;
    }
    buf->at[buf->len] = 0;
    return (const char *)buf->at;
}

enum vlt_status
vlt_buf_status(const struct vlt_buf *buf)
{
    if (!buf->failed) {
        return VLT_OK;
    }
    return buf->over ? VLT_E_LIMIT : VLT_E_NOMEM;
}
