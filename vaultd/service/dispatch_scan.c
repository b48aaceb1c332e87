/*
 * dispatch_scan: a data.append of plain rows, read before a document is made
 * (loop).
 */
#include "crypto/hash.h"
#include "service/service_internal.h"
#include "wire/limits.h"

void
dispatch_put_scanned(const struct vlt_scan *rows, struct vlt_buf *text)
{
    const struct vlt_slice parts[] = { vlt_buf_slice(&rows->parts),
                                       vlt_buf_slice(&rows->kinds),
                                       vlt_buf_slice(&rows->bits) };
    uint8_t hash[VLT_HASH_LEN];

    vlt_hash(parts, sizeof parts / sizeof parts[0], hash);
    vlt_buf_put(text, hash, sizeof hash);
}

/* The envelope: of a plain message as it was scanned, else of its rest; false:
 * it is to be read as all others are. */
static bool
read_envelope(const struct vlt_scan *scan, struct vlt_json **document,
              struct vlt_rpc *rpc)
{
    static const char method[] = "data.append";

    if (scan->plain) {
        *rpc = (struct vlt_rpc){ .kind = VLT_RPC_REQUEST,
                                 .id = vlt_rpc_id_int((int64_t)scan->id),
                                 .method = vlt_slice_text(method) };
        return true;
    }
    if (vlt_rpc_decode(vlt_buf_slice(&scan->rest), document, rpc) != VLT_OK) {
        return false;
    }
    /* The scanner does not know a name that is written with escapes. */
    if (rpc->kind == VLT_RPC_REQUEST && vlt_slice_is(rpc->method, method)) {
        return true;
    }
    dispatch_free(*document);
    return false;
}

bool
dispatch_scanned(struct service *service, struct session *session,
                 struct vlt_slice text)
{
    struct call_scan scan = { .text = text };
    struct vlt_json *document = NULL;
    struct vlt_rpc rpc;
    bool taken = text.len <= VLT_LIMIT_TEXT &&
                 vlt_scan_begin(text, &scan.rows) &&
                 read_envelope(&scan.rows, &document, &rpc);

    if (taken) {
        dispatch_request(service, session, &rpc, document, &scan);
    }
    vlt_scan_free(&scan.rows);
    return taken;
}
