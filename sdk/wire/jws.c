#include "wire/jws.h"

#include <string.h>

#include "base/id.h"
#include "crypto/hash.h"
#include "wire/limits.h"
#include "json/json.h"
#include "json/json_write.h"

enum {
    PARTS = 3,
};

/* The three parts of a compact form, still in base64url. */
struct parts {
    struct vlt_slice header;
    struct vlt_slice payload;
    struct vlt_slice signature;
    struct vlt_slice signed_bytes; /* the first two and their full stop */
};

const char *
vlt_jws_kid(const uint8_t pk[VLT_SIGN_PK], char out[VLT_KID_TEXT])
{
    static const char head[] = "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"";
    static const char tail[] = "\"}";
    uint8_t hash[VLT_HASH_LEN];
    struct vlt_buf text = { 0 };

    vlt_buf_init(&text, 256);
    vlt_base64url_put(&text, vlt_slice_of(pk, VLT_SIGN_PK));
    struct vlt_slice parts[] = { vlt_slice_text(head), vlt_buf_slice(&text),
                                 vlt_slice_text(tail) };

    vlt_sha256(parts, 3, hash);
    vlt_buf_clear(&text);
    vlt_base64url_put(&text, vlt_slice_of(hash, sizeof hash));
    /* Without memory the thumbprint is that of nobody. */
    memset(out, 0, VLT_KID_TEXT);
    if (!vlt_buf_failed(&text)) {
        memcpy(out, text.at, VLT_KID_TEXT - 1);
    }
    vlt_buf_free(&text);
    return out;
}

enum vlt_status
vlt_jws_sign(const struct vlt_signer *signer, const char *typ,
             struct vlt_slice payload, struct vlt_buf *out)
{
    char kid[VLT_KID_TEXT];
    uint8_t signature[VLT_SIGN_LEN];
    struct vlt_buf header = { 0 };
    size_t begin = out->len;
    enum vlt_status st;

    vlt_buf_init(&header, VLT_JWS_HEADER);
    vlt_buf_printf(&header,
                   "{\"alg\":\"Ed25519\",\"typ\":\"%s\",\"kid\":\"%s\"}", typ,
                   vlt_jws_kid(vlt_signer_pk(signer), kid));
    st = vlt_buf_status(&header);
    if (st != VLT_OK || kid[0] == '\0') {
        st = st != VLT_OK ? st : VLT_E_NOMEM;
        goto done;
    }
    vlt_base64url_put(out, vlt_buf_slice(&header));
    vlt_buf_put_u8(out, '.');
    vlt_base64url_put(out, payload);
    st = vlt_buf_status(out);
    if (st != VLT_OK) {
        goto done;
    }
    st = vlt_sign(signer, VLT_SIGN_JWS,
                  vlt_slice_of(out->at + begin, out->len - begin), signature);
    if (st != VLT_OK) {
        goto done;
    }
    vlt_buf_put_u8(out, '.');
    vlt_base64url_put(out, vlt_slice_of(signature, sizeof signature));
    st = vlt_buf_status(out);

done:
    vlt_buf_free(&header);
    return st;
}

/* Cut at the full stops: exactly two, nothing between them empty. */
static enum vlt_status
cut(struct vlt_slice token, struct parts *out)
{
    size_t begin[PARTS] = { 0 };
    size_t end[PARTS] = { 0 };
    size_t part = 0;

    for (size_t i = 0; i < token.len; i++) {
        if (token.at[i] != '.') {
            continue;
        }
        if (part + 1 == PARTS) {
            return VLT_E_FORMAT;
        }
        end[part++] = i;
        begin[part] = i + 1;
    }
    end[part] = token.len;
    if (part + 1 != PARTS) {
        return VLT_E_FORMAT;
    }
    for (size_t i = 0; i < PARTS; i++) {
        if (begin[i] == end[i]) {
            return VLT_E_FORMAT;
        }
    }
    out->header = vlt_slice_of(token.at, end[0]);
    out->payload = vlt_slice_of(token.at + begin[1], end[1] - begin[1]);
    out->signature = vlt_slice_of(token.at + begin[2], end[2] - begin[2]);
    out->signed_bytes = vlt_slice_of(token.at, end[1]);
    return VLT_OK;
}

/* The header: exactly three members, none twice, typ and alg as they must
 * be.  Whose kid it is comes out. */
static enum vlt_status
read_header(struct vlt_slice json, const char *typ, bool *ours,
            const uint8_t pk[VLT_SIGN_PK])
{
    struct vlt_json *root = NULL;
    struct vlt_walk walk;
    char want[VLT_KID_TEXT];
    enum vlt_status st;

    st = vlt_json_parse(json, VLT_JWS_HEADER, 2, NULL, &root);
    if (st != VLT_OK) {
        return st == VLT_E_NOMEM ? st : VLT_E_FORMAT;
    }
    vlt_walk_begin(&walk, root);
    struct vlt_slice alg = vlt_walk_text(&walk, "alg", 1, VLT_JWS_TYP);
    struct vlt_slice type = vlt_walk_text(&walk, "typ", 1, VLT_JWS_TYP);
    struct vlt_slice kid = vlt_walk_text(&walk, "kid", 1, VLT_JWS_HEADER);

    st = vlt_walk_end(&walk);
    if (st == VLT_OK &&
        (!vlt_slice_is(type, typ) ||
         (!vlt_slice_is(alg, "Ed25519") && !vlt_slice_is(alg, "EdDSA")))) {
        st = VLT_E_FORMAT;
    }
    if (st == VLT_OK) {
        *ours = vlt_slice_is(kid, vlt_jws_kid(pk, want));
    }
    vlt_json_free(root);
    return st;
}

/* The signature's 64 bytes, and the header as text. */
static enum vlt_status
decode_ends(const struct parts *parts, struct vlt_buf *header,
            struct vlt_buf *signature)
{
    if (vlt_base64url_get(parts->header, header) != VLT_OK ||
        vlt_base64url_get(parts->signature, signature) != VLT_OK ||
        signature->len != VLT_SIGN_LEN) {
        return VLT_E_FORMAT;
    }
    return VLT_OK;
}

enum vlt_status
vlt_jws_verify(struct vlt_slice token, size_t max, const char *typ,
               const uint8_t pk[VLT_SIGN_PK], struct vlt_buf *out)
{
    struct vlt_buf header = { 0 };
    struct vlt_buf signature = { 0 };
    struct vlt_buf payload = { 0 };
    struct parts parts;
    bool ours = false;
    enum vlt_status st;

    if (token.len > max) {
        return VLT_E_LIMIT;
    }
    st = cut(token, &parts);
    if (st != VLT_OK) {
        return st;
    }
    st = decode_ends(&parts, &header, &signature);
    if (st == VLT_OK) {
        st = vlt_base64url_get(parts.payload, &payload);
    }
    if (st == VLT_OK) {
        st = read_header(vlt_buf_slice(&header), typ, &ours, pk);
    }
    if (st != VLT_OK) {
        goto done;
    }
    if (!ours) {
        st = VLT_E_AUTH;
        goto done;
    }
    st = vlt_verify(pk, VLT_SIGN_JWS, parts.signed_bytes, signature.at);
    if (st != VLT_OK) {
        goto done;
    }
    vlt_buf_put_slice(out, vlt_buf_slice(&payload));
    st = vlt_buf_status(out);

done:
    vlt_buf_free(&header);
    vlt_buf_free(&signature);
    vlt_buf_free(&payload);
    return st;
}

static void
put_signature(struct vlt_json_out *json, const struct parts *parts)
{
    vlt_put_object(json, NULL);
    vlt_put_slice(json, "protected", parts->header);
    vlt_put_slice(json, "signature", parts->signature);
    vlt_put_end(json);
}

enum vlt_status
vlt_jws_join(struct vlt_slice first, struct vlt_slice second,
             struct vlt_buf *out)
{
    struct parts one;
    struct parts two;

    if (cut(first, &one) != VLT_OK || cut(second, &two) != VLT_OK ||
        !vlt_slice_equal(one.payload, two.payload)) {
        return VLT_E_FORMAT;
    }
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_slice(&json, "payload", one.payload);
    vlt_put_list(&json, "signatures");
    put_signature(&json, &one);
    put_signature(&json, &two);
    vlt_put_end(&json);
    vlt_put_end(&json);
    return vlt_buf_status(out);
}

/* Append one compact form of the two-sided one. */
static void
put_compact(struct vlt_walk *outer, const struct vlt_json *list, size_t i,
            struct vlt_slice payload, struct vlt_buf *out)
{
    struct vlt_walk walk;

    vlt_walk_item(&walk, outer, "signatures", list, i);
    struct vlt_slice header =
        vlt_walk_text(&walk, "protected", 1, VLT_JWS_HEADER * 2);
    struct vlt_slice signature =
        vlt_walk_text(&walk, "signature", 1, VLT_JWS_HEADER);

    if (vlt_walk_end(&walk) != VLT_OK) {
        return; /* the outer walker knows */
    }
    vlt_buf_put_slice(out, header);
    vlt_buf_put_u8(out, '.');
    vlt_buf_put_slice(out, payload);
    vlt_buf_put_u8(out, '.');
    vlt_buf_put_slice(out, signature);
}

enum vlt_status
vlt_jws_split(struct vlt_slice json, struct vlt_buf *first,
              struct vlt_buf *second)
{
    struct vlt_json *root = NULL;
    struct vlt_walk walk;
    size_t first_len = first->len;
    size_t second_len = second->len;
    enum vlt_status st;

    st = vlt_json_parse(json, VLT_LIMIT_RECEIPT_JWS, 4, NULL, &root);
    if (st != VLT_OK) {
        return st;
    }
    vlt_walk_begin(&walk, root);
    struct vlt_slice payload =
        vlt_walk_text(&walk, "payload", 1, VLT_LIMIT_RECEIPT_JWS);
    const struct vlt_json *list = vlt_walk_list(&walk, "signatures", 2, 2);

    if (list != NULL) {
        put_compact(&walk, list, 0, payload, first);
        put_compact(&walk, list, 1, payload, second);
    }
    st = vlt_walk_end(&walk);
    if (st != VLT_OK) {
        first->len = first_len;
        second->len = second_len;
    }
    vlt_json_free(root);
    return st;
}
