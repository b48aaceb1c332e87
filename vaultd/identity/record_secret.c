#include "identity/record_internal.h"

#include <assert.h>
#include <string.h>

enum { MEMBER_MAX = 16 };

/*
 * Where the hex digits of len bytes stand that are the member's value; NULL:
 * they do not.  No text of a record can look like it, since a quote within a
 * text has a backslash before it.
 */
static char *
find_digits(const struct vlt_buf *json, const char *member, size_t len)
{
    char head[MEMBER_MAX + 4] = "\"";
    size_t head_len = strlen(member) + 4;

    memcpy(head + 1, member, strlen(member));
    memcpy(head + 1 + strlen(member), "\":\"", 3);
    for (size_t i = 0; i + head_len + 2 * len < json->len; i++) {
        char *at = (char *)json->at + i;

        if (memcmp(at, head, head_len) == 0) {
            return at[head_len + 2 * len] == '"' ? at + head_len : NULL;
        }
    }
    return NULL;
}

void
record_fill(struct vlt_buf *json, const char *member,
            const struct vlt_secret *secret)
{
    size_t len = vlt_secret_len(secret);

    if (vlt_buf_failed(json)) {
        return;
    }
    char *digits = find_digits(json, member, len);

    assert(digits != NULL);
    vlt_hex_print(vlt_secret_peek(secret), len, digits);
    digits[2 * len] = '"'; /* where the print's zero went */
}

enum vlt_status
record_part(struct vlt_slice json, const char *member, struct vlt_buf *bare,
            struct vlt_secret *secret)
{
    size_t len = vlt_secret_len(secret);
    enum vlt_status st;

    vlt_buf_init_secret(bare, RECORD_MAX);
    vlt_buf_put_slice(bare, json);
    st = vlt_buf_status(bare);
    if (st != VLT_OK) {
        return st;
    }
    char *digits = find_digits(bare, member, len);

    if (digits == NULL) {
        return VLT_E_FORMAT;
    }
    st = vlt_hex_parse(vlt_slice_of(digits, 2 * len), vlt_secret_bytes(secret),
                       len);
    memset(digits, '0', 2 * len);
    return st;
}
