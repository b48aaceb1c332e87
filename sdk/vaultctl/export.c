#include "vaultctl/export.h"

#include <string.h>

#include "base/id.h"

enum {
    PAYLOAD_MAX = 49152, /* bytes of a receipt's payload */
    DEPTH = 8,
    PATH = 64,
};

/* The three parts of a compact JWS; false: it has not three. */
static bool
split(struct vlt_slice jws, struct vlt_slice part[3])
{
    const uint8_t *at = jws.at;
    size_t left = jws.len;

    for (int i = 0; i < 3; i++) {
        const uint8_t *dot = left > 0 ? memchr(at, '.', left) : NULL;
        size_t len = dot != NULL ? (size_t)(dot - at) : left;

        if ((dot == NULL) != (i == 2) || len == 0) {
            return false;
        }
        part[i] = vlt_slice_of(at, len);
        at += len + 1;
        left -= len + (dot != NULL);
    }
    return true;
}

static enum vlt_status
read_claims(struct export *out)
{
    struct vlt_buf text;
    enum vlt_status st;

    vlt_buf_init(&text, PAYLOAD_MAX);
    st = vlt_base64url_get(out->payload, &text);
    if (st == VLT_OK) {
        st = vlt_json_parse(vlt_buf_slice(&text), PAYLOAD_MAX, DEPTH, NULL,
                            &out->claims);
    }
    vlt_buf_free(&text);
    return st == VLT_E_LIMIT ? VLT_E_FORMAT : st;
}

enum vlt_status
export_begin(struct vlt_slice receipt, struct vlt_slice countersigned,
             struct export *out)
{
    struct export made = { .signatures = countersigned.len > 0 ? 2 : 1 };
    struct vlt_slice part[3];
    enum vlt_status st;

    if (!split(receipt, part)) {
        return VLT_E_FORMAT;
    }
    made.header[0] = part[0];
    made.payload = part[1];
    made.signature[0] = part[2];
    if (made.signatures == 2 && (!split(countersigned, part) ||
                                 !vlt_slice_equal(part[1], made.payload))) {
        return VLT_E_FORMAT;
    }
    made.header[1] = part[0];
    made.signature[1] = part[2];
    st = read_claims(&made);
    if (st == VLT_OK) {
        *out = made;
    }
    return st;
}

void
export_end(struct export *export)
{
    vlt_json_free(export->claims);
    export->claims = NULL;
}

const struct vlt_json *
export_claim(const struct export *export, const char *path)
{
    const struct vlt_json *node = export->claims;

    while (*path != '\0') {
        char name[PATH] = { 0 };
        size_t len = strcspn(path, ".");

        if (len >= sizeof name) {
            return NULL;
        }
        memcpy(name, path, len);
        node = vlt_json_get(node, name);
        path += len + (path[len] == '.');
    }
    return node;
}

struct vlt_slice
export_text(const struct export *export, const char *path)
{
    return vlt_json_text_of(export_claim(export, path));
}

int64_t
export_int(const struct export *export, const char *path)
{
    return vlt_json_int_of(export_claim(export, path));
}

bool
export_flag(const struct export *export, const char *path)
{
    return vlt_json_bool_of(export_claim(export, path));
}

bool
export_says(const struct export *export, const char *path, const char *word)
{
    return vlt_slice_is(export_text(export, path), word);
}

void
export_put_jws(const struct export *export, struct vlt_json_out *json,
               const char *name)
{
    vlt_put_object(json, name);
    vlt_put_slice(json, "payload", export->payload);
    vlt_put_list(json, "signatures");
    for (size_t i = 0; i < export->signatures; i++) {
        vlt_put_object(json, NULL);
        vlt_put_slice(json, "protected", export->header[i]);
        vlt_put_slice(json, "signature", export->signature[i]);
        vlt_put_end(json);
    }
    vlt_put_end(json);
    vlt_put_end(json);
}
