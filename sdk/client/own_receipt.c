#include "client/own_receipt.h"

#include <string.h>

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

/* Nothing is believed that the pinned key did not sign, that is not for this
 * firm, or that is of another grant. */
static enum vault_status
check(struct vault_client *client, const char *grant, struct vlt_slice token,
      struct vlt_own_receipt *out)
{
    const struct vault_identity *identity = client->target.identity;
    struct vlt_json *document = NULL;
    struct vlt_receipt receipt;
    char id[VLT_ULID_TEXT] = "";
    enum vlt_status st =
        vlt_jws_verify(token, VLT_LIMIT_RECEIPT_JWS, VLT_TYP_RECEIPT,
                       client->record.key, &out->payload);

    if (st == VLT_OK) {
        st = vlt_receipt_read(vlt_buf_slice(&out->payload), &document, &receipt,
                              NULL);
    }
    if (st != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_AUTH,
                                "the receipt does not hold, so nothing is "
                                "signed");
    }
    if (receipt.has_grant) {
        vlt_ulid_print(receipt.grant, id);
    }
    bool ours = memcmp(receipt.aud, identity->id, sizeof receipt.aud) == 0;
    bool asked = strcmp(id, grant) == 0;

    memcpy(out->sub, receipt.sub, sizeof out->sub);
    vlt_json_free(document);
    return ours && asked
               ? VAULT_OK
               : vlt_client_fault(client, VAULT_E_AUTH,
                                  "the receipt is of another %s, so nothing is "
                                  "signed",
                                  ours ? "grant" : "firm");
}

enum vault_status
vlt_own_receipt_wait(struct vault_client *client, const char *grant,
                     int timeout_ms, char id[VLT_ULID_TEXT],
                     struct vlt_own_receipt *out)
{
    struct vlt_json *document = NULL;
    struct vlt_buf params = { 0 };
    uint8_t raw[VLT_ID_LEN];
    char *answer = NULL;
    enum vault_status status;

    if (vlt_ulid_parse(vlt_slice_text(grant), raw) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "a grant's id has 26 characters");
    }
    if (client->state != VAULT_READY || !client->record.has_key) {
        return vlt_client_fault(client, VAULT_E_CONNECT,
                                "not connected as a firm");
    }
    vlt_ulid_print(raw, id);
    vlt_buf_printf(&params, "{\"grant\":\"%s\"}", id);
    status = vlt_call_wait(client, "grant.receipt", vlt_buf_slice(&params),
                           timeout_ms, &answer);
    if (status == VAULT_OK &&
        vlt_json_parse(vlt_slice_text(answer), ANSWER_MAX, DEPTH, NULL,
                       &document) != VLT_OK) {
        status = VAULT_E_PROTOCOL;
    }
    if (status == VAULT_OK) {
        status = check(client, id, newest_of(document, &out->seq), out);
    }
    vlt_json_free(document);
    vault_free(answer);
    vlt_buf_free(&params);
    return status;
}
