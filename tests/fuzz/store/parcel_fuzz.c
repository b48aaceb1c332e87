/*
 * The input as a parcel: nothing comes out of it.  Then the input as a list of
 * what is done to one: how long its text is, in which slices it is packed and
 * unpacked, and what is changed in between.  Unchanged it is what it was;
 * changed, what comes out is a beginning of that, and its end is missed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/reader.h"
#include "store/parcel.h"

enum { TEXT_MAX = 3 * PARCEL_TEXT };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static enum vlt_status
gather(void *ctx, struct vlt_slice bytes)
{
    vlt_buf_put_slice(ctx, bytes);
    return VLT_OK;
}

static const struct parcel_about *
about(void)
{
    static struct parcel_about about;
    static struct vlt_secret *key;

    if (key == NULL &&
        (vlt_secret_init() != VLT_OK || vlt_secret_new(32, &key) != VLT_OK)) {
        abort();
    }
    about.key = key;
    return &about;
}

static void
pack(struct vlt_slice text, size_t step, struct vlt_buf *out)
{
    struct packer *packer;

    if (packer_new(about(), gather, out, &packer) != VLT_OK) {
        abort();
    }
    for (size_t at = 0; at < text.len; at += step) {
        size_t some = text.len - at < step ? text.len - at : step;

        if (packer_put(packer, vlt_slice_of(text.at + at, some)) != VLT_OK) {
            abort();
        }
    }
    if (packer_end(packer) != VLT_OK) {
        abort();
    }
    packer_free(packer);
}

static enum vlt_status
unpack(struct vlt_slice sealed, size_t step, struct vlt_buf *out)
{
    struct unpacker *unpacker;
    enum vlt_status st = VLT_OK;

    if (unpacker_new(about(), gather, out, &unpacker) != VLT_OK) {
        abort();
    }
    for (size_t at = 0; st == VLT_OK && at < sealed.len; at += step) {
        size_t some = sealed.len - at < step ? sealed.len - at : step;

        st = unpacker_put(unpacker, vlt_slice_of(sealed.at + at, some));
    }
    if (st == VLT_OK) {
        st = unpacker_end(unpacker);
    }
    unpacker_free(unpacker);
    return st;
}

/* One thing that is done to a parcel, by four numbers of the input; false: it
 * is as it was. */
static bool
change(struct vlt_buf *sealed, struct vlt_reader *r)
{
    uint8_t what = vlt_read_u8(r);
    size_t at = vlt_read_u32(r) % sealed->len;
    uint8_t bits = vlt_read_u8(r);

    switch (what % 4) {
    case 0:
        return false;
    case 1: /* a byte */
        sealed->at[at] ^= bits;
        return bits != 0;
    case 2: /* cut */
        sealed->len = at;
        return true;
    default: /* the first piece in the place of the second */
        if (sealed->len < 2 * PARCEL_SEALED) {
            return false;
        }
        memcpy(sealed->at + PARCEL_SEALED, sealed->at, PARCEL_SEALED);
        return true;
    }
}

static void
round_trip(struct vlt_reader *r)
{
    static uint8_t text[TEXT_MAX];
    struct vlt_slice in = vlt_slice_of(text, vlt_read_u32(r) % (TEXT_MAX + 1));
    size_t pack_step = 1 + vlt_read_u32(r) % (2 * PARCEL_TEXT);
    size_t unpack_step = 1 + vlt_read_u32(r) % (2 * PARCEL_TEXT);
    struct vlt_buf sealed = { 0 };
    struct vlt_buf out = { 0 };

    for (size_t i = 0; i < in.len; i++) {
        text[i] = (uint8_t)(i * 7 + (i >> 8));
    }
    pack(in, pack_step < 512 ? pack_step + 512 : pack_step, &sealed);
    bool changed = change(&sealed, r);
    enum vlt_status st =
        unpack(vlt_buf_slice(&sealed),
               unpack_step < 512 ? unpack_step + 512 : unpack_step, &out);

    if (changed ? st != VLT_E_AUTH || out.len > in.len
                : st != VLT_OK || out.len != in.len) {
        abort();
    }
    if (out.len > 0 && memcmp(out.at, text, out.len) != 0) {
        abort();
    }
    vlt_buf_free(&sealed);
    vlt_buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_reader r = vlt_reader_over(vlt_slice_of(bytes, len));
    struct vlt_buf out = { 0 };

    if (unpack(vlt_slice_of(bytes, len), 1000, &out) != VLT_E_AUTH ||
        out.len > 0) {
        abort();
    }
    vlt_buf_free(&out);
    round_trip(&r);
    return 0;
}
