#include "vaultctl/heads_judge.h"

#include <stdio.h>
#include <string.h>

#include "base/id.h"

enum { DETAIL_MAX = 65536, DETAIL_DEPTH = 8, INSTANCE_TEXT = 9 };

enum heads_verdict
heads_compare(const struct vlt_checkpoint *kept,
              const struct vlt_checkpoint *shown)
{
    if (!vlt_origin_equal(&kept->origin, &shown->origin)) {
        return HEADS_OTHER;
    }
    if (shown->size != kept->size) {
        return shown->size < kept->size ? HEADS_BACK : HEADS_GREW;
    }
    return memcmp(kept->root, shown->root, sizeof kept->root) == 0
               ? HEADS_SAME
               : HEADS_FORKED;
}

static bool
read_hash(struct vlt_slice text, uint8_t out[VLT_HASH_LEN])
{
    struct vlt_buf hash;
    bool good;

    vlt_buf_init(&hash, VLT_HASH_LEN);
    good = vlt_base64_get(text, &hash) == VLT_OK && hash.len == VLT_HASH_LEN;
    if (good) {
        memcpy(out, hash.at, VLT_HASH_LEN);
    }
    vlt_buf_free(&hash);
    return good;
}

bool
heads_extends(const struct vlt_checkpoint *kept,
              const struct vlt_checkpoint *shown, const struct vlt_json *path)
{
    struct vlt_tree_path hashes = { .count = vlt_json_count(path) };

    if (hashes.count > VLT_TREE_LEVELS) {
        return false;
    }
    for (size_t i = 0; i < hashes.count; i++) {
        if (!read_hash(vlt_json_text_of(vlt_json_item(path, i)),
                       hashes.hash[i])) {
            return false;
        }
    }
    return vlt_tree_verify_consistency(kept->size, kept->root, shown->size,
                                       shown->root, &hashes) == VLT_OK;
}

/* Does this detail say that it carries on that instance? */
static bool
carries_on(struct vlt_slice detail, const char *instance, uint64_t *size)
{
    struct vlt_json *document = NULL;
    bool does;

    if (vlt_json_parse(detail, DETAIL_MAX, DETAIL_DEPTH, NULL, &document) !=
        VLT_OK) {
        return false;
    }
    does = vlt_slice_is(vlt_json_text_of(vlt_json_get(document, "event")),
                        "restored") &&
           vlt_slice_is(vlt_json_text_of(vlt_json_get(document, "instance")),
                        instance);
    if (does) {
        *size = (uint64_t)vlt_json_int_of(vlt_json_get(document, "size"));
    }
    vlt_json_free(document);
    return does;
}

bool
heads_carried_on(const struct vlt_json *entries, uint32_t instance,
                 uint64_t *size)
{
    char text[INSTANCE_TEXT];

    (void)snprintf(text, sizeof text, "%08x", (unsigned)instance);
    for (size_t i = 0; i < vlt_json_count(entries); i++) {
        const struct vlt_json *entry = vlt_json_item(entries, i);

        if (vlt_slice_is(vlt_json_text_of(vlt_json_get(entry, "type")),
                         "restore") &&
            carries_on(vlt_json_text_of(vlt_json_get(entry, "detail")), text,
                       size)) {
            return true;
        }
    }
    return false;
}
