#include "wire/rpc.h"

#include <stdlib.h>

/* A message is of one kind, and its raw members parse to what it has. */
static void
check(struct vlt_slice text, const struct vlt_rpc *rpc)
{
    struct vlt_json *again = NULL;

    if (rpc->kind == VLT_RPC_RESPONSE) {
        if (rpc->id.kind == VLT_RPC_ID_NONE || rpc->result == NULL) {
            abort();
        }
        struct vlt_buf raw = { 0 };

        /* In a list, since a document of its own must not be a bare value. */
        vlt_buf_put_u8(&raw, '[');
        vlt_buf_put_slice(&raw, vlt_rpc_raw(text, "result"));
        vlt_buf_put_u8(&raw, ']');
        if (vlt_json_parse(vlt_buf_slice(&raw), VLT_LIMIT_TEXT + 2,
                           VLT_LIMIT_DEPTH + 1, NULL, &again) != VLT_OK ||
            vlt_json_kind(vlt_json_item(again, 0)) !=
                vlt_json_kind(rpc->result)) {
            abort();
        }
        vlt_json_free(again);
        vlt_buf_free(&raw);
    }
    if (rpc->kind <= VLT_RPC_NOTIFICATION && rpc->method.len == 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice text = vlt_slice_of(bytes, len);
    struct vlt_json *document = NULL;
    struct vlt_buf answer = { 0 };
    struct vlt_rpc rpc;

    (void)vlt_rpc_raw(text, "result");
    enum vlt_status st = vlt_rpc_decode(text, &document, &rpc);

    if (st == VLT_OK) {
        check(text, &rpc);
    } else {
        vlt_rpc_put_error(&answer, &rpc.id, &rpc.error);
        if (document != NULL ||
            vlt_rpc_decode(vlt_buf_slice(&answer), &document, &rpc) != VLT_OK) {
            abort();
        }
    }
    vlt_json_free(document);
    vlt_buf_free(&answer);
    return 0;
}
