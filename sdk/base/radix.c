#include "base/id.h"

#include <string.h>

/*
 * An alphabet of RFC 4648 as a code of `width` bits a character.  Bytes go in
 * and out from the highest bit on.
 */
struct radix {
    const char *alphabet;
    unsigned width;
};

static const struct radix base32 = { "abcdefghijklmnopqrstuvwxyz234567", 5 };
static const struct radix base64 = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6
};
static const struct radix base64url = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 6
};

static size_t
chars_for(const struct radix *radix, size_t bytes)
{
    return (bytes * 8 + radix->width - 1) / radix->width;
}

/* Write chars_for(len) characters to out. */
static void
print(const struct radix *radix, const uint8_t *at, size_t len, char *out)
{
    unsigned mask = (1U << radix->width) - 1;
    unsigned bits = 0; /* not printed yet, of which `count` are valid */
    unsigned count = 0;

    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | at[i];
        count += 8;
        while (count >= radix->width) {
            count -= radix->width;
            *out = radix->alphabet[bits >> count & mask];
            out++;
        }
    }
    if (count > 0) {
        *out = radix->alphabet[bits << (radix->width - count) & mask];
    }
}

/* The value of a character; false: it is none of this alphabet. */
static bool
value_of(const struct radix *radix, uint8_t c, unsigned *out)
{
    const char *at = memchr(radix->alphabet, c, (size_t)1 << radix->width);

    if (at == NULL) {
        return false;
    }
    *out = (unsigned)(at - radix->alphabet);
    return true;
}

/* Read all of text, which chars_for(len) says is as long as len bytes want. */
static bool
parse(const struct radix *radix, struct vlt_slice text, uint8_t *out)
{
    unsigned bits = 0;
    unsigned count = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned value;

        if (!value_of(radix, text.at[i], &value)) {
            return false;
        }
        bits = bits << radix->width | value;
        count += radix->width;
        if (count >= 8) {
            count -= 8;
            *out = (uint8_t)(bits >> count);
            out++;
        }
    }
    return (bits & ((1U << count) - 1)) == 0;
}

const char *
vlt_base32_print(const void *at, size_t len, char *out)
{
    print(&base32, at, len, out);
    out[chars_for(&base32, len)] = 0;
    return out;
}

enum vlt_status
vlt_base32_parse(struct vlt_slice text, void *out, size_t len)
{
    unsigned value;

    if (len > SIZE_MAX / 16 || text.len != chars_for(&base32, len)) {
        return VLT_E_FORMAT;
    }
    /* First all characters, so that out stays untouched on failure. */
    for (size_t i = 0; i < text.len; i++) {
        if (!value_of(&base32, text.at[i], &value)) {
            return VLT_E_FORMAT;
        }
    }
    size_t spare = text.len * base32.width - len * 8;

    if (text.len > 0 && value_of(&base32, text.at[text.len - 1], &value) &&
        (value & ((1U << spare) - 1)) != 0) {
        return VLT_E_FORMAT;
    }
    return parse(&base32, text, out) ? VLT_OK : VLT_E_FORMAT;
}

static void
put(struct vlt_buf *out, const struct radix *radix, struct vlt_slice bytes)
{
    uint8_t *room = vlt_buf_extend(out, chars_for(radix, bytes.len));

    if (room != NULL) {
        print(radix, bytes.at, bytes.len, (char *)room);
    }
}

/* Append what text says; a failure takes it back. */
static enum vlt_status
get(const struct radix *radix, struct vlt_slice text, struct vlt_buf *out)
{
    size_t len = text.len / 8 * radix->width + text.len % 8 * radix->width / 8;
    size_t before = out->len;

    if (chars_for(radix, len) != text.len) {
        return VLT_E_FORMAT;
    }
    uint8_t *room = vlt_buf_extend(out, len);

    if (room == NULL) {
        return vlt_buf_status(out);
    }
    if (!parse(radix, text, room)) {
        out->len = before;
        return VLT_E_FORMAT;
    }
    return VLT_OK;
}

void
vlt_base64url_put(struct vlt_buf *out, struct vlt_slice bytes)
{
    put(out, &base64url, bytes);
}

enum vlt_status
vlt_base64url_get(struct vlt_slice text, struct vlt_buf *out)
{
    return get(&base64url, text, out);
}

void
vlt_base64_put(struct vlt_buf *out, struct vlt_slice bytes)
{
    put(out, &base64, bytes);
    vlt_buf_put(out, "==", (3 - bytes.len % 3) % 3);
}

enum vlt_status
vlt_base64_get(struct vlt_slice text, struct vlt_buf *out)
{
    size_t padding = 0;

    if (text.len % 4 != 0) {
        return VLT_E_FORMAT;
    }
    while (padding < 2 && padding < text.len &&
           text.at[text.len - 1 - padding] == '=') {
        padding++;
    }
    return get(&base64, vlt_slice_of(text.at, text.len - padding), out);
}
