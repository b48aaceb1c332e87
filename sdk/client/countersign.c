#include <vault/firm.h>

#include <string.h>

#include "base/id.h"
#include "client/client_internal.h"
#include "wire/receipt.h"

enum { DEPTH = 8, ANSWER_MAX = 4 << 20 };

/* The newest receipt of the answer, and its seq. */
static struct vlt_slice
newest_of(const struct vlt_json *answer, int64_t *seq)
{
    const struct vlt_json *list = vlt_json_get(answer, "receipts");
    size_t count = vlt_json_count(list);

    if (count == 0) {
        return vlt_slice_text("");
    }
    const struct vlt_json *newest = vlt_json_item(list, count - 1);

    *seq = vlt_json_int_of(vlt_json_get(newest, "seq"));
    return vlt_json_text_of(vlt_json_get(newest, "receipt"));
}

/* Nothing is signed that the pinned key did not sign, that is not for this
 * firm, or that is of another grant. */
static enum vault_status
check(struct vault_client *client, const char *grant, struct vlt_slice token,
      struct vlt_buf *payload)
{
    const struct vault_identity *identity = client->target.identity;
    struct vlt_json *document = NULL;
    struct vlt_receipt receipt;
    char id[VLT_ULID_TEXT] = "";
    enum vlt_status st =
        vlt_jws_verify(token, VLT_LIMIT_RECEIPT_JWS, VLT_TYP_RECEIPT,
                       client->record.key, payload);

    if (st == VLT_OK) {
        st =
            vlt_receipt_read(vlt_buf_slice(payload), &document, &receipt, NULL);
    }
    if (st != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_AUTH,
                                "the receipt does not hold, so it is not "
                                "countersigned");
    }
    if (receipt.has_grant) {
        vlt_ulid_print(receipt.grant, id);
    }
    bool ours = memcmp(receipt.aud, identity->id, sizeof receipt.aud) == 0;
    bool asked = strcmp(id, grant) == 0;

    vlt_json_free(document);
    return ours && asked
               ? VAULT_OK
               : vlt_client_fault(client, VAULT_E_AUTH,
                                  "the receipt is of another %s, so it is not "
                                  "countersigned",
                                  ours ? "grant" : "firm");
}

static enum vault_status
sign(struct vault_client *client, const char *grant, const char *answer,
     struct vlt_buf *params)
{
    struct vlt_json *document = NULL;
    struct vlt_buf payload = { 0 };
    struct vlt_buf token = { 0 };
    int64_t seq = 0;
    enum vault_status status = VAULT_E_PROTOCOL;

    if (vlt_json_parse(vlt_slice_text(answer), ANSWER_MAX, DEPTH, NULL,
                       &document) == VLT_OK) {
        status = check(client, grant, newest_of(document, &seq), &payload);
    }
    if (status == VAULT_OK) {
        status = vlt_client_status(vlt_receipt_countersign(
            client->target.identity->signer, vlt_buf_slice(&payload), &token));
    }
    if (status == VAULT_OK) {
        vlt_buf_printf(params, "{\"grant\":\"%s\",\"seq\":%lld,", grant,
                       (long long)seq);
        vlt_buf_put_text(params, "\"countersignature\":\"");
        vlt_buf_put_slice(params, vlt_buf_slice(&token));
        vlt_buf_put_text(params, "\"}");
        status = vlt_client_status(vlt_buf_status(params));
    }
    vlt_json_free(document);
    vlt_buf_free(&payload);
    vlt_buf_free(&token);
    return status;
}

enum vault_status
vault_countersign_wait(struct vault_client *client, const char *grant,
                       int timeout_ms)
{
    struct vlt_buf params = { 0 };
    uint8_t id[VLT_ID_LEN];
    char text[VLT_ULID_TEXT];
    char *answer = NULL;
    enum vault_status status;

    if (vlt_ulid_parse(vlt_slice_text(grant), id) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "a grant's id has 26 characters");
    }
    if (client->state != VAULT_READY || !client->record.has_key) {
        return vlt_client_fault(client, VAULT_E_CONNECT,
                                "not connected as a firm");
    }
    vlt_ulid_print(id, text);
    vlt_buf_printf(&params, "{\"grant\":\"%s\"}", text);
    status = vlt_call_wait(client, "grant.receipt", vlt_buf_slice(&params),
                           timeout_ms, &answer);
    vlt_buf_clear(&params);
    if (status == VAULT_OK) {
        status = sign(client, text, answer, &params);
    }
    if (status == VAULT_OK) {
        status = vlt_call_wait(client, "grant.countersign",
                               vlt_buf_slice(&params), timeout_ms, NULL);
    }
    vault_free(answer);
    vlt_buf_free(&params);
    return status;
}
