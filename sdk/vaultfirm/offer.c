/*
 * offer: what a counter-offer changes, as the vault says it.
 */
#include <string.h>

#include "base/id.h"
#include "vaultfirm/vaultfirm.h"

enum { PAYLOAD_MAX = 1 << 16, DEPTH = 8 };

static const struct view_column diff_columns[] = {
    { "what", "path", VIEW_TEXT },
    { "asked", "asked", VIEW_TEXT },
    { "offered", "offered", VIEW_TEXT },
    { .head = NULL },
};

/* The payload of a JWS, which is verified before it is accepted, not here. */
static struct vlt_json *
payload_of(struct vlt_slice jws)
{
    const uint8_t *first = jws.len > 0 ? memchr(jws.at, '.', jws.len) : NULL;
    const uint8_t *second = NULL;
    struct vlt_json *document = NULL;
    struct vlt_buf payload = { 0 };

    if (first != NULL) {
        first++;
        second = memchr(first, '.', jws.len - (size_t)(first - jws.at));
    }
    if (second == NULL ||
        vlt_base64url_get(vlt_slice_of(first, (size_t)(second - first)),
                          &payload) != VLT_OK ||
        vlt_json_parse(vlt_buf_slice(&payload), PAYLOAD_MAX, DEPTH, NULL,
                       &document) != VLT_OK) {
        document = NULL;
    }
    vlt_buf_free(&payload);
    return document;
}

void
firm_put_offers(struct run *run)
{
    const struct vlt_json *parts = vlt_json_get(run->result, "parts");

    for (size_t i = 0; i < vlt_json_count(parts); i++) {
        const struct vlt_json *part = vlt_json_item(parts, i);
        struct vlt_json *offer =
            vlt_slice_is(vlt_json_text_of(vlt_json_get(part, "state")),
                         "countered")
                ? payload_of(vlt_json_text_of(vlt_json_get(part, "offer")))
                : NULL;

        if (offer == NULL) {
            continue;
        }
        vlt_buf_put_text(&run->text, "\noffered for ");
        view_value(vlt_json_get(part, "purpose"), VIEW_TEXT, run->now,
                   &run->text);
        vlt_buf_put_text(&run->text, " (vaultfirm answer):\n");
        view_table(run, diff_columns, vlt_json_get(offer, "diff"));
        vlt_json_free(offer);
    }
}
