#include "wire/rekey.h"

#include <string.h>

#include "wire/jws.h"
#include "wire/limits.h"
#include "json/json.h"
#include "json/json_write.h"

enum { PAYLOAD_MAX = 1024, DEPTH = 2, KEY_TEXT = 43 };

static enum vlt_status
put_payload(const struct vlt_rekey *rekey, const uint8_t next[VLT_SIGN_PK],
            struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);
    char text[VLT_IDENTITY_TEXT];
    struct vlt_buf key = { 0 };
    enum vlt_status st;

    vlt_base64url_put(&key, vlt_slice_of(next, VLT_SIGN_PK));
    vlt_put_object(&json, NULL);
    vlt_put_int(&json, "v", 1);
    vlt_put_ulid(&json, "jti", rekey->jti);
    vlt_put_text(&json, "iss",
                 vlt_identity_print(VLT_IDENTITY_FIRM, rekey->iss, text));
    vlt_put_text(&json, "aud",
                 vlt_identity_print(VLT_IDENTITY_RECEIPT, rekey->aud, text));
    vlt_put_int(&json, "iat", rekey->iat);
    vlt_put_slice(&json, "next", vlt_buf_slice(&key));
    vlt_put_end(&json);
    st = vlt_buf_status(&key);
    vlt_buf_free(&key);
    return st == VLT_OK ? vlt_buf_status(out) : st;
}

static void
read_identity(struct vlt_walk *walk, const char *name,
              enum vlt_identity_kind kind, uint8_t out[VLT_IDENTITY_LEN])
{
    struct vlt_slice text = vlt_walk_text(walk, name, 1, VLT_IDENTITY_TEXT);

    if (!vlt_walk_failed(walk) &&
        vlt_identity_parse(kind, text, out) != VLT_OK) {
        vlt_walk_fault(walk, name, "is no such id");
    }
}

static void
read_key(struct vlt_walk *walk, uint8_t out[VLT_SIGN_PK])
{
    struct vlt_slice text = vlt_walk_text(walk, "next", KEY_TEXT, KEY_TEXT);
    struct vlt_buf key = { 0 };

    if (!vlt_walk_failed(walk) &&
        (vlt_base64url_get(text, &key) != VLT_OK || key.len != VLT_SIGN_PK)) {
        vlt_walk_fault(walk, "next", "must be a key in base64url");
    }
    if (!vlt_walk_failed(walk)) {
        memcpy(out, key.at, VLT_SIGN_PK);
    }
    vlt_buf_free(&key);
}

enum vlt_status
vlt_rekey_read(struct vlt_slice payload, struct vlt_rekey *out)
{
    struct vlt_json *root = NULL;
    struct vlt_rekey rekey = { .iat = 0 };
    struct vlt_walk walk;
    enum vlt_status st =
        vlt_json_parse(payload, PAYLOAD_MAX, DEPTH, NULL, &root);

    if (st != VLT_OK) {
        return st;
    }
    vlt_walk_begin(&walk, root);
    (void)vlt_walk_int(&walk, "v", 1, 1);
    vlt_walk_ulid(&walk, "jti", rekey.jti);
    read_identity(&walk, "iss", VLT_IDENTITY_FIRM, rekey.iss);
    read_identity(&walk, "aud", VLT_IDENTITY_RECEIPT, rekey.aud);
    rekey.iat = vlt_walk_int(&walk, "iat", 0, INT64_MAX);
    read_key(&walk, rekey.next);
    st = vlt_walk_end(&walk);
    if (st == VLT_OK) {
        *out = rekey;
    }
    vlt_json_free(root);
    return st;
}

enum vlt_status
vlt_rekey_sign(const struct vlt_signer *old, const struct vlt_signer *next,
               const struct vlt_rekey *rekey, struct vlt_buf *change,
               struct vlt_buf *accept)
{
    struct vlt_buf payload = { 0 };
    enum vlt_status st;

    vlt_buf_init(&payload, PAYLOAD_MAX);
    st = put_payload(rekey, vlt_signer_pk(next), &payload);
    if (st == VLT_OK) {
        st = vlt_jws_sign(old, VLT_TYP_REKEY, vlt_buf_slice(&payload), change);
    }
    if (st == VLT_OK) {
        st = vlt_jws_sign(next, VLT_TYP_REKEY, vlt_buf_slice(&payload), accept);
    }
    vlt_buf_free(&payload);
    return st;
}

/* One of the two, its payload read. */
static enum vlt_status
verify(struct vlt_slice token, const uint8_t pk[VLT_SIGN_PK],
       struct vlt_buf *payload, struct vlt_rekey *out)
{
    enum vlt_status st =
        vlt_jws_verify(token, VLT_LIMIT_REKEY_JWS, VLT_TYP_REKEY, pk, payload);

    if (st == VLT_OK) {
        st = vlt_rekey_read(vlt_buf_slice(payload), out);
        st = st == VLT_E_LIMIT ? VLT_E_FORMAT : st;
    }
    return st;
}

enum vlt_status
vlt_rekey_verify(struct vlt_slice change, struct vlt_slice accept,
                 const uint8_t old[VLT_SIGN_PK], const char **which,
                 struct vlt_rekey *out)
{
    struct vlt_rekey rekey;
    struct vlt_rekey again;
    struct vlt_buf first = { 0 };
    struct vlt_buf second = { 0 };
    enum vlt_status st;

    vlt_buf_init(&first, VLT_LIMIT_REKEY_JWS);
    vlt_buf_init(&second, VLT_LIMIT_REKEY_JWS);
    *which = "change";
    st = verify(change, old, &first, &rekey);
    if (st == VLT_OK) {
        *which = "accept";
        st = verify(accept, rekey.next, &second, &again);
    }
    if (st == VLT_OK && (first.len != second.len ||
                         memcmp(first.at, second.at, first.len) != 0)) {
        st = VLT_E_FORMAT;
    }
    if (st == VLT_OK) {
        *out = rekey;
    }
    vlt_buf_free(&first);
    vlt_buf_free(&second);
    return st;
}
