/* What parses lies inside the head and keeps its rules; and so does what the
 * rules make of it. */
#include <stdlib.h>

#include "net/http_rules.h"

static void
check_inside(struct vlt_slice part, const uint8_t *bytes, size_t len)
{
    if (part.at != NULL && (part.at < bytes || part.len > len ||
                            (size_t)(part.at - bytes) > len - part.len)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct http_site site = { .place = PLACE_TLS };
    struct vlt_slice all = { .at = bytes, .len = len };
    struct http_head head;

    all.len = http_head_find(all);
    if (http_head_parse(all, &head) != VLT_OK) {
        return 0;
    }
    check_inside(head.verb, bytes, all.len);
    check_inside(head.path, bytes, all.len);
    check_inside(head.query, bytes, all.len);
    for (int i = 0; i < HTTP_FIELDS; i++) {
        check_inside(head.field[i], bytes, all.len);
    }
    struct http_ruling ruling = http_rule(&head, &site);

    if ((ruling.course == HTTP_REFUSE) != (ruling.status != 0) ||
        (ruling.course == HTTP_TO_SERVICE && head.length > HTTP_BODY_MAX)) {
        abort();
    }
    return 0;
}
