#include "base/id.h"
#include "client/client_internal.h"

/* Put a number and, where the batch names none, the client's boot id in front
 * of the members of the batch, whose bytes stay as they are. */
static void
put_numbered(const struct vault_client *client, const struct vlt_json *document,
             struct vlt_slice text, uint64_t seq, struct vlt_buf *out)
{
    bool large = seq > (uint64_t)VLT_LIMIT_ID;
    char boot[2 * sizeof client->boot + 1];

    while (text.at[0] != '{') {
        text = vlt_slice_of(text.at + 1, text.len - 1);
    }
    vlt_buf_printf(out, large ? "{\"seq\":\"%llu\"" : "{\"seq\":%llu",
                   (unsigned long long)seq);
    if (vlt_json_get(document, "boot") == NULL) {
        vlt_buf_printf(out, ",\"boot\":\"%s\"",
                       vlt_hex_print(client->boot, sizeof client->boot, boot));
    }
    if (vlt_json_count(document) > 0) {
        vlt_buf_put_text(out, ",");
    }
    vlt_buf_put(out, text.at + 1, text.len - 1);
}

enum vault_status
vault_append_wait(struct vault_client *client, const char *batch, uint64_t seq,
                  int timeout_ms, char **result)
{
    struct vlt_json *document = NULL;
    struct vlt_buf numbered = { 0 };
    struct vlt_slice params = vlt_slice_text(batch);
    enum vault_status status = vlt_call_check(client, batch, &document);

    if (status != VAULT_OK) {
        return status;
    }
    if (seq > (uint64_t)INT64_MAX) {
        status = vlt_client_fault(client, VAULT_E_USAGE,
                                  "a batch's number is at most 2^63 - 1");
    } else if (seq > 0) {
        put_numbered(client, document, params, seq, &numbered);
        params = vlt_buf_slice(&numbered);
    }
    if (vlt_buf_failed(&numbered)) {
        status = vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    }
    if (status == VAULT_OK) {
        status =
            vlt_call_wait(client, "data.append", params, timeout_ms, result);
    }
    vlt_json_free(document);
    vlt_buf_free(&numbered);
    return status;
}
