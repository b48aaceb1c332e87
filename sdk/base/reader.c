#include "base/reader.h"

#include <string.h>

#include "base/writer.h"

enum { INTEGER_MAX = 8 };

struct vlt_reader
vlt_reader_over(struct vlt_slice bytes)
{
    return (struct vlt_reader){ .bytes = bytes };
}

size_t
vlt_reader_left(const struct vlt_reader *r)
{
    return r->failed ? 0 : r->bytes.len - r->at;
}

bool
vlt_reader_done(const struct vlt_reader *r)
{
    return !r->failed && r->at == r->bytes.len;
}

struct vlt_slice
vlt_read_slice(struct vlt_reader *r, size_t len)
{
    if (r->failed || len > r->bytes.len - r->at) {
        r->failed = true;
        return (struct vlt_slice){ 0 };
    }
    if (len == 0) {
        return (struct vlt_slice){ 0 };
    }
    struct vlt_slice taken = vlt_slice_of(r->bytes.at + r->at, len);

    r->at += len;
    return taken;
}

struct vlt_slice
vlt_read_rest(struct vlt_reader *r)
{
    return vlt_read_slice(r, vlt_reader_left(r));
}

void
vlt_read_bytes(struct vlt_reader *r, void *out, size_t len)
{
    struct vlt_slice taken = vlt_read_slice(r, len);

    if (taken.len == 0) {
        memset(out, 0, len);
        return;
    }
    memcpy(out, taken.at, len);
}

void
vlt_read_zeros(struct vlt_reader *r, size_t len)
{
    struct vlt_slice taken = vlt_read_slice(r, len);
    uint8_t some = 0;

    for (size_t i = 0; i < taken.len; i++) {
        some |= taken.at[i];
    }
    if (some != 0) {
        r->failed = true;
    }
}

static uint64_t
read_big(struct vlt_reader *r, size_t len)
{
    uint8_t bytes[INTEGER_MAX];
    uint64_t value = 0;

    vlt_read_bytes(r, bytes, len);
    for (size_t i = 0; i < len; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

uint8_t
vlt_read_u8(struct vlt_reader *r)
{
    struct vlt_slice taken = vlt_read_slice(r, 1);

    return taken.len > 0 ? taken.at[0] : 0;
}

uint16_t
vlt_read_u16(struct vlt_reader *r)
{
    struct vlt_slice taken = vlt_read_slice(r, 2);

    return taken.len > 0 ? (uint16_t)(taken.at[0] | taken.at[1] << 8) : 0;
}

uint32_t
vlt_read_u32(struct vlt_reader *r)
{
    struct vlt_slice taken = vlt_read_slice(r, 4);

    return taken.len > 0 ? vlt_load_u32(taken.at) : 0;
}

uint64_t
vlt_read_u64(struct vlt_reader *r)
{
    struct vlt_slice taken = vlt_read_slice(r, 8);

    return taken.len > 0 ? vlt_load_u64(taken.at) : 0;
}

int32_t
vlt_read_i32(struct vlt_reader *r)
{
    return (int32_t)vlt_read_u32(r);
}

int64_t
vlt_read_i64(struct vlt_reader *r)
{
    return (int64_t)vlt_read_u64(r);
}

uint16_t
vlt_read_be16(struct vlt_reader *r)
{
    return (uint16_t)read_big(r, 2);
}

uint32_t
vlt_read_be32(struct vlt_reader *r)
{
    return (uint32_t)read_big(r, 4);
}

uint64_t
vlt_read_be64(struct vlt_reader *r)
{
    return read_big(r, 8);
}
