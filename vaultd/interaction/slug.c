#include "interaction/slug.h"

#include <stdio.h>
#include <string.h>

static bool
slug_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool
slug_valid(struct vlt_slice text)
{
    if (text.len == 0 || text.len > SLUG_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!slug_byte(text.at[i])) {
            return false;
        }
    }
    return true;
}

/* A byte of a short name as it stands in a slug; 0: it may not stand there. */
static char
folded(uint8_t c)
{
    if (c == '.') {
        return '-';
    }
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    return slug_byte(c) ? (char)c : 0;
}

/* Put the n-th choice into out: base with its end replaced by -n. */
static void
choose(const char *base, int n, char out[SLUG_MAX + 1])
{
    char end[16];
    size_t len = strlen(base);
    size_t end_len = (size_t)snprintf(end, sizeof end, "-%d", n);

    if (len + end_len > SLUG_MAX) {
        len = SLUG_MAX - end_len;
    }
    memcpy(out, base, len);
    memcpy(out + len, end, end_len + 1);
}

enum vlt_status
slug_make(struct vlt_slice name, slug_taken_fn *taken, void *ctx,
          char out[SLUG_MAX + 1])
{
    char base[SLUG_MAX + 1] = { 0 };
    char slug[SLUG_MAX + 1];

    for (size_t i = 0; i < name.len; i++) {
        char c = folded(name.at[i]);

        if (c == 0) {
            return VLT_E_FORMAT;
        }
        if (i < SLUG_MAX) {
            base[i] = c;
        }
    }
    if (name.len == 0) {
        return VLT_E_FORMAT;
    }
    memcpy(slug, base, sizeof slug);
    for (int n = 2; taken(ctx, slug); n++) {
        if (n > SLUG_TRIES) {
            return VLT_E_LIMIT;
        }
        choose(base, n, slug);
    }
    memcpy(out, slug, sizeof slug);
    return VLT_OK;
}
