#include "base/writer.h"

#include <string.h>

struct vlt_writer
vlt_writer_over(void *at, size_t cap)
{
    return (struct vlt_writer){ .at = at, .cap = cap };
}

/* Where the next len bytes go; NULL when they do not fit. */
static uint8_t *
take(struct vlt_writer *w, size_t len)
{
    if (w->failed || len > w->cap - w->len) {
        w->failed = true;
        return NULL;
    }
    if (len == 0) {
        return NULL;
    }
    uint8_t *at = w->at + w->len;

    w->len += len;
    return at;
}

static void
write_big(struct vlt_writer *w, uint64_t value, size_t len)
{
    uint8_t *at = take(w, len);

    for (size_t i = 0; at != NULL && i < len; i++) {
        at[len - 1 - i] = (uint8_t)(value >> 8 * i);
    }
}

void
vlt_write_u8(struct vlt_writer *w, uint8_t value)
{
    uint8_t *at = take(w, 1);

    if (at != NULL) {
        at[0] = value;
    }
}

void
vlt_write_u16(struct vlt_writer *w, uint16_t value)
{
    uint8_t *at = take(w, 2);

    if (at != NULL) {
        at[0] = (uint8_t)value;
        at[1] = (uint8_t)(value >> 8);
    }
}

void
vlt_write_u32(struct vlt_writer *w, uint32_t value)
{
    uint8_t *at = take(w, 4);

    if (at != NULL) {
        vlt_store_u32(at, value);
    }
}

void
vlt_write_u64(struct vlt_writer *w, uint64_t value)
{
    uint8_t *at = take(w, 8);

    if (at != NULL) {
        vlt_store_u64(at, value);
    }
}

void
vlt_write_i32(struct vlt_writer *w, int32_t value)
{
    vlt_write_u32(w, (uint32_t)value);
}

void
vlt_write_i64(struct vlt_writer *w, int64_t value)
{
    vlt_write_u64(w, (uint64_t)value);
}

void
vlt_write_be16(struct vlt_writer *w, uint16_t value)
{
    write_big(w, value, 2);
}

void
vlt_write_be32(struct vlt_writer *w, uint32_t value)
{
    write_big(w, value, 4);
}

void
vlt_write_be64(struct vlt_writer *w, uint64_t value)
{
    write_big(w, value, 8);
}

void
vlt_write_bytes(struct vlt_writer *w, const void *at, size_t len)
{
    uint8_t *room = take(w, len);

    if (room != NULL) {
        memcpy(room, at, len);
    }
}

void
vlt_write_slice(struct vlt_writer *w, struct vlt_slice bytes)
{
    vlt_write_bytes(w, bytes.at, bytes.len);
}

void
vlt_write_zeros(struct vlt_writer *w, size_t len)
{
    uint8_t *room = take(w, len);

    if (room != NULL) {
        memset(room, 0, len);
    }
}

struct vlt_slice
vlt_writer_slice(const struct vlt_writer *w)
{
    return vlt_slice_of(w->at, w->len);
}

uint32_t
vlt_load_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

uint64_t
vlt_load_u64(const uint8_t *at)
{
    return vlt_load_u32(at) | (uint64_t)vlt_load_u32(at + 4) << 32;
}

uint64_t
vlt_load_be64(const uint8_t *at)
{
    uint64_t value = 0;

    for (size_t i = 0; i < 8; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

void
vlt_store_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    at[2] = (uint8_t)(value >> 16);
    at[3] = (uint8_t)(value >> 24);
}

void
vlt_store_u64(uint8_t *at, uint64_t value)
{
    vlt_store_u32(at, (uint32_t)value);
    vlt_store_u32(at + 4, (uint32_t)(value >> 32));
}

void
vlt_store_be64(uint8_t *at, uint64_t value)
{
    for (size_t i = 0; i < 8; i++) {
        at[7 - i] = (uint8_t)(value >> 8 * i);
    }
}
