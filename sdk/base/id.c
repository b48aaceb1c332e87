#include "base/id.h"

#include <string.h>

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum {
    ULID_DIGITS = VLT_ULID_TEXT - 1,
    ULID_FIRST_MAX = 7, /* 26 digits hold 130 bits; the first two are zero */
};

/* The place of a character in an alphabet of len; len: not in it. */
static unsigned
place_in(const char *alphabet, unsigned len, uint8_t c)
{
    for (unsigned i = 0; i < len; i++) {
        if ((uint8_t)alphabet[i] == c) {
            return i;
        }
    }
    return len;
}

static uint8_t
upper(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
}

const char *
vlt_ulid_print(const uint8_t id[VLT_ID_LEN], char out[VLT_ULID_TEXT])
{
    unsigned bits = 0; /* not printed yet, of which `count` are valid */
    unsigned count = 2;
    size_t at = 0;

    for (size_t i = 0; i < VLT_ID_LEN; i++) {
        bits = bits << 8 | id[i];
        count += 8;
        while (count >= 5) {
            count -= 5;
            out[at] = crockford[bits >> count & 31];
            at++;
        }
    }
    out[at] = 0;
    return out;
}

enum vlt_status
vlt_ulid_parse(struct vlt_slice text, uint8_t out[VLT_ID_LEN])
{
    uint8_t id[VLT_ID_LEN];
    unsigned bits = 0;
    unsigned count = 0;
    size_t at = 0;

    if (text.len != ULID_DIGITS) {
        return VLT_E_FORMAT;
    }
    for (size_t i = 0; i < ULID_DIGITS; i++) {
        unsigned digit = place_in(crockford, 32, upper(text.at[i]));

        if (digit == 32 || (i == 0 && digit > ULID_FIRST_MAX)) {
            return VLT_E_FORMAT;
        }
        bits = bits << 5 | digit;
        count += i == 0 ? 3 : 5;
        if (count >= 8) {
            count -= 8;
            id[at] = (uint8_t)(bits >> count);
            at++;
        }
    }
    memcpy(out, id, sizeof id);
    return VLT_OK;
}

const char *
vlt_hex_print(const void *at, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = at;

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = 0;
    return out;
}

/* The value of a hex digit; 16: none. */
static unsigned
hex_digit(uint8_t c)
{
    return place_in("0123456789ABCDEF", 16, upper(c));
}

enum vlt_status
vlt_hex_parse(struct vlt_slice text, void *out, size_t len)
{
    uint8_t *bytes = out;

    if (text.len % 2 != 0 || text.len / 2 != len) {
        return VLT_E_FORMAT;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (hex_digit(text.at[i]) == 16) {
            return VLT_E_FORMAT;
        }
    }
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(hex_digit(text.at[2 * i]) << 4 |
                             hex_digit(text.at[2 * i + 1]));
    }
    return VLT_OK;
}
