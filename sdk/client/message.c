#include <stdlib.h>

#include "base/text.h"
#include "client/client_internal.h"
#include "client/reading.h"
#include "client/subscription.h"

/* To the caller, who may not want it. */
static enum vault_status
tell(struct vault_client *client, const struct vlt_rpc *rpc,
     struct vlt_slice text)
{
    struct vlt_slice raw = vlt_rpc_raw(text, "params");
    char *method;
    char *params;
    enum vault_status status = VAULT_OK;

    if (client->notice == NULL) {
        return VAULT_OK;
    }
    method = vlt_text_copy(rpc->method);
    params = vlt_text_copy(raw.len > 0 ? raw : vlt_slice_text("{}"));
    if (method == NULL || params == NULL) {
        status = vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    } else {
        client->depth++;
        client->notice(client->notice_ctx, method, params);
        client->depth--;
    }
    free(method);
    free(params);
    return status;
}

static enum vault_status
take_notice(struct vault_client *client, const struct vlt_rpc *rpc,
            struct vlt_slice text)
{
    if (vlt_reading_notice(client, rpc, text)) {
        return VAULT_OK;
    }
    enum vault_status status = tell(client, rpc, text);

    if (vlt_slice_is(rpc->method, "grant.changed")) {
        vlt_subscription_changed(client, rpc->params);
    }
    return status;
}

static enum vault_status
take_text(struct vault_client *client, const struct vlt_rpc *rpc,
          struct vlt_slice text)
{
    switch (rpc->kind) {
    case VLT_RPC_NOTIFICATION:
        return take_notice(client, rpc, text);
    case VLT_RPC_ERROR:
        if (rpc->id.kind == VLT_RPC_ID_NONE) {
            return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                    "the vault could not read a message: %.*s",
                                    (int)rpc->error.message.len,
                                    (const char *)rpc->error.message.at);
        }
        if (!vlt_call_answer(client, rpc, text)) {
            (void)vlt_reading_error(client, rpc);
        }
        return VAULT_OK;
    case VLT_RPC_RESPONSE:
        (void)vlt_call_answer(client, rpc, text);
        return VAULT_OK;
    case VLT_RPC_REQUEST:
        break;
    }
    return vlt_client_fault(client, VAULT_E_PROTOCOL,
                            "the vault sent a request");
}

enum vault_status
vlt_client_message(struct vault_client *client,
                   const struct vlt_ws_message *message)
{
    struct vlt_slice bytes = vlt_slice_of(message->bytes, message->len);
    struct vlt_json *document = NULL;
    struct vlt_rpc rpc;
    enum vault_status status;

    if (message->kind == VLT_WS_BINARY) {
        return vlt_reading_frame(client, bytes);
    }
    enum vlt_status st = vlt_rpc_decode(bytes, &document, &rpc);

    if (st != VLT_OK) {
        return vlt_client_fault(client, vlt_client_status(st),
                                "a text of the vault is no JSON-RPC message");
    }
    status = take_text(client, &rpc, bytes);
    vlt_json_free(document);
    return status;
}
