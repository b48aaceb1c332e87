/*
 * Which atoms of a request are meant: `only`, a list of purposes with the
 * number of an item, or `all` (WIRE.md, 6.5).
 */
#include "service/request_internal.h"

enum { CONTACT = 31 /* the bit of `contact` in a pick */ };

static void
read_one(struct vlt_walk *item, struct request_picks *out)
{
    struct vlt_slice purpose = vlt_walk_text(item, "purpose", 1, VOCAB_ID_MAX);
    int64_t n = vlt_walk_int_or(item, "n", 1, TERMS_ITEMS, 0);
    int found = vocab_purpose_find((const char *)purpose.at, purpose.len);

    if (!vlt_walk_failed(item) && found == VOCAB_NONE) {
        vlt_walk_fault(item, "purpose", "is no purpose");
    }
    out->named[out->count].purpose = found;
    out->named[out->count].bit = n > 0 ? (int)n - 1 : CONTACT;
}

static void
read_only(struct vlt_walk *params, struct request_picks *out)
{
    const struct vlt_json *list;

    if (!vlt_walk_has(params, "only")) {
        vlt_walk_null(params, "only");
        return;
    }
    list = vlt_walk_list(params, "only", 1, REQUEST_PICKS);
    for (size_t i = 0; i < vlt_json_count(list); i++) {
        struct vlt_walk item;

        vlt_walk_item(&item, params, "only", list, i);
        read_one(&item, out);
        if (vlt_walk_end(&item) != VLT_OK) {
            return;
        }
        out->count++;
    }
}

void
request_read_picks(struct vlt_walk *params, struct request_picks *out)
{
    out->all = vlt_walk_bool_or(params, "all", false);
    read_only(params, out);
    if (out->all && out->count > 0) {
        vlt_walk_fault(params, "all", "stands beside only; give one of them");
    }
}

int
request_resolve_picks(const struct request_picks *picks,
                      const struct consent_request *request,
                      struct consent_pick *out)
{
    int missing = VOCAB_NONE;

    *out = (struct consent_pick){ .all = picks->all };
    for (size_t i = 0; i < picks->count; i++) {
        size_t part = 0;

        while (part < request->parts &&
               request->part[part].purpose != picks->named[i].purpose) {
            part++;
        }
        if (part == request->parts) {
            missing = picks->named[i].purpose;
        } else {
            out->items[part] |= 1U << picks->named[i].bit;
        }
    }
    return missing;
}
