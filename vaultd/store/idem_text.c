#include "store/idem_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

static const char before[] = "{\"answer\":";
static const char between[] = ",\"t\":";
static const char behind[] = ",\"v\":1}";

enum {
    DIGITS_MAX = 20 /* of an int64, with its sign */
};

void
idem_text_put(struct vlt_buf *out, struct vlt_slice answer, int64_t when_ns)
{
    vlt_buf_put_text(out, before);
    vlt_buf_put_slice(out, answer);
    vlt_buf_printf(out, "%s%" PRId64 "%s", between, when_ns, behind);
}

/* Take text off the end, if it is there. */
static bool
take_end(struct vlt_slice *text, const char *end)
{
    size_t len = strlen(end);

    if (text->len < len || memcmp(text->at + text->len - len, end, len) != 0) {
        return false;
    }
    text->len -= len;
    return true;
}

/* Take the digits off the end. */
static struct vlt_slice
take_number(struct vlt_slice *text)
{
    size_t len = 0;

    while (len < text->len && len < DIGITS_MAX) {
        uint8_t c = text->at[text->len - len - 1];

        if ((c < '0' || c > '9') && c != '-') {
            break;
        }
        len++;
    }
    text->len -= len;
    return vlt_slice_of(text->at + text->len, len);
}

enum vlt_status
idem_text_get(struct vlt_slice text, struct vlt_slice *answer, int64_t *when_ns)
{
    size_t skip = strlen(before);
    int64_t when;

    if (!take_end(&text, behind)) {
        return VLT_E_FORMAT;
    }
    struct vlt_slice number = take_number(&text);

    if (vlt_int_parse(number, &when) != VLT_OK || !take_end(&text, between) ||
        text.len <= skip || memcmp(text.at, before, skip) != 0) {
        return VLT_E_FORMAT;
    }
    *answer = vlt_slice_of(text.at + skip, text.len - skip);
    *when_ns = when;
    return VLT_OK;
}
