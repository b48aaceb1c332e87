#include "wire/ack.h"

#include <string.h>

#include "wire/jws.h"
#include "wire/limits.h"
#include "json/json.h"
#include "json/json_write.h"

enum { PAYLOAD_MAX = 512, DEPTH = 2 };

static void
put_payload(const struct vlt_ack *ack, struct vlt_buf *out)
{
    struct vlt_json_out json = vlt_json_out(out);

    vlt_put_object(&json, NULL);
    vlt_put_ulid(&json, "grant", ack->grant);
    vlt_put_ulid(&json, ack->span ? "span" : "use", ack->id);
    vlt_put_uint(&json, "last_seq", ack->last_seq);
    vlt_put_hex(&json, "sha256", ack->sha256, sizeof ack->sha256);
    vlt_put_end(&json);
}

static void
read_digest(struct vlt_walk *walk, uint8_t out[32])
{
    struct vlt_slice text = vlt_walk_text(walk, "sha256", 64, 64);

    if (!vlt_walk_failed(walk) && vlt_hex_parse(text, out, 32) != VLT_OK) {
        vlt_walk_fault(walk, "sha256", "must be 64 hex digits");
    }
}

enum vlt_status
vlt_ack_read(struct vlt_slice payload, struct vlt_ack *out)
{
    struct vlt_json *root = NULL;
    struct vlt_ack ack = { .span = false };
    struct vlt_walk walk;
    enum vlt_status st =
        vlt_json_parse(payload, PAYLOAD_MAX, DEPTH, NULL, &root);

    if (st != VLT_OK) {
        return st;
    }
    ack.span = vlt_json_get(root, "span") != NULL;
    vlt_walk_begin(&walk, root);
    vlt_walk_ulid(&walk, "grant", ack.grant);
    vlt_walk_ulid(&walk, ack.span ? "span" : "use", ack.id);
    ack.last_seq = (uint64_t)vlt_walk_int(&walk, "last_seq", 1, VLT_LIMIT_ID);
    read_digest(&walk, ack.sha256);
    st = vlt_walk_end(&walk);
    if (st == VLT_OK) {
        *out = ack;
    }
    vlt_json_free(root);
    return st;
}

enum vlt_status
vlt_ack_sign(const struct vlt_signer *firm, const struct vlt_ack *ack,
             struct vlt_buf *out)
{
    struct vlt_buf payload = { 0 };
    enum vlt_status st;

    vlt_buf_init(&payload, PAYLOAD_MAX);
    put_payload(ack, &payload);
    st = vlt_buf_status(&payload);
    if (st == VLT_OK) {
        st = vlt_jws_sign(firm, VLT_TYP_ACK, vlt_buf_slice(&payload), out);
    }
    vlt_buf_free(&payload);
    return st;
}

enum vlt_status
vlt_ack_verify(struct vlt_slice token, const uint8_t pk[VLT_SIGN_PK],
               struct vlt_ack *out)
{
    struct vlt_buf payload = { 0 };
    enum vlt_status st;

    vlt_buf_init(&payload, VLT_LIMIT_ACK_JWS);
    st = vlt_jws_verify(token, VLT_LIMIT_ACK_JWS, VLT_TYP_ACK, pk, &payload);
    if (st == VLT_OK) {
        st = vlt_ack_read(vlt_buf_slice(&payload), out);
        st = st == VLT_E_LIMIT ? VLT_E_FORMAT : st;
    }
    vlt_buf_free(&payload);
    return st;
}
