#include "wire/receipt_check.h"

#include <string.h>

#include "wire/limits.h"
#include "json/json_write.h"

enum {
    STATE_MAX = 32,
    PAYLOAD_MAX = 512,
};

enum vlt_status
vlt_grant_status_sign(const struct vlt_signer *vault,
                      const struct vlt_grant_status *status,
                      struct vlt_buf *out)
{
    struct vlt_buf payload = { 0 };
    enum vlt_status st;

    vlt_buf_init(&payload, PAYLOAD_MAX);
    struct vlt_json_out json = vlt_json_out(&payload);

    vlt_put_object(&json, NULL);
    vlt_put_ulid(&json, "grant", status->grant);
    vlt_put_slice(&json, "state", status->state);
    vlt_put_int(&json, "as_of", status->as_of);
    vlt_put_int(&json, "fresh_until", status->fresh_until);
    vlt_put_end(&json);
    st = vlt_buf_status(&payload);
    if (st == VLT_OK) {
        st = vlt_jws_sign(vault, VLT_TYP_STATUS, vlt_buf_slice(&payload), out);
    }
    vlt_buf_free(&payload);
    return st;
}

/* Read the payload in held; the state is then moved to its front, so that no
 * document has to be kept. */
static enum vlt_status
read_payload(struct vlt_buf *held, struct vlt_grant_status *out)
{
    struct vlt_grant_status status;
    struct vlt_json *root = NULL;
    struct vlt_walk walk;
    char state[STATE_MAX];
    enum vlt_status st;

    st = vlt_json_parse(vlt_buf_slice(held), PAYLOAD_MAX, 2, NULL, &root);
    if (st != VLT_OK) {
        return st == VLT_E_NOMEM ? st : VLT_E_FORMAT;
    }
    vlt_walk_begin(&walk, root);
    vlt_walk_ulid(&walk, "grant", status.grant);
    status.state = vlt_walk_text(&walk, "state", 1, STATE_MAX);
    status.as_of = vlt_walk_int(&walk, "as_of", 0, INT64_MAX);
    status.fresh_until = vlt_walk_int(&walk, "fresh_until", 0, INT64_MAX);
    st = vlt_walk_end(&walk);
    if (st == VLT_OK) {
        size_t len = status.state.len;

        memcpy(state, status.state.at, len);
        vlt_buf_clear(held);
        vlt_buf_put(held, state, len);
        status.state = vlt_buf_slice(held);
        *out = status;
    }
    vlt_json_free(root);
    return st;
}

enum vlt_status
vlt_grant_status_read(struct vlt_slice token, const uint8_t pk[VLT_SIGN_PK],
                      struct vlt_buf *held, struct vlt_grant_status *out)
{
    enum vlt_status st;

    vlt_buf_clear(held);
    st = vlt_jws_verify(token, VLT_LIMIT_REQUEST_JWS, VLT_TYP_STATUS, pk, held);
    return st == VLT_OK ? read_payload(held, out) : st;
}
