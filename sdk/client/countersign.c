#include <vault/firm.h>

#include "client/client_internal.h"
#include "client/own_receipt.h"
#include "wire/receipt.h"

static enum vault_status
sign(struct vault_client *client, const char *grant,
     const struct vlt_own_receipt *receipt, struct vlt_buf *params)
{
    struct vlt_buf token = { 0 };
    enum vault_status status = vlt_client_status(
        vlt_receipt_countersign(client->target.identity->signer,
                                vlt_buf_slice(&receipt->payload), &token));

    if (status == VAULT_OK) {
        vlt_buf_printf(params, "{\"grant\":\"%s\",\"seq\":%lld,", grant,
                       (long long)receipt->seq);
        vlt_buf_put_text(params, "\"countersignature\":\"");
        vlt_buf_put_slice(params, vlt_buf_slice(&token));
        vlt_buf_put_text(params, "\"}");
        status = vlt_client_status(vlt_buf_status(params));
    }
    vlt_buf_free(&token);
    return status;
}

enum vault_status
vault_countersign_wait(struct vault_client *client, const char *grant,
                       int timeout_ms)
{
    struct vlt_own_receipt receipt = { 0 };
    struct vlt_buf params = { 0 };
    char id[VLT_ULID_TEXT];
    enum vault_status status =
        vlt_own_receipt_wait(client, grant, timeout_ms, id, &receipt);

    if (status == VAULT_OK) {
        status = sign(client, id, &receipt, &params);
    }
    if (status == VAULT_OK) {
        status = vlt_call_wait(client, "grant.countersign",
                               vlt_buf_slice(&params), timeout_ms, NULL);
    }
    vlt_buf_free(&receipt.payload);
    vlt_buf_free(&params);
    return status;
}
