#include "wire/batch.h"

#include <stdlib.h>
#include <string.h>

#include "wire/block.h"
#include "wire/rpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum {
    TEXT_MAX = 262144,
    DEPTH = 32,
};

static const struct vlt_batch_column columns[] = {
    { { (const uint8_t *)"value", 5 }, { 0, VLT_TYPE_F64 } },
    { { (const uint8_t *)"count", 5 }, { 1, VLT_TYPE_I64 } },
    { { (const uint8_t *)"on", 2 }, { 2, VLT_TYPE_BOOL } },
    { { (const uint8_t *)"note", 4 }, { 3, VLT_TYPE_TEXT } },
    { { (const uint8_t *)"raw", 3 }, { 4, VLT_TYPE_JSON } },
};

static const struct vlt_batch_stream stream = { columns, 5 };

/* Rows that the door takes must be rows that a block takes, and the door's
 * decoder reads. */
static void
try_rows(struct vlt_batch *batch, size_t i)
{
    struct vlt_rows *rows = NULL;
    struct vlt_rows *again = NULL;
    struct vlt_buf buf = { 0 };

    if (vlt_batch_rows(batch, i, &stream, &rows) != VLT_OK) {
        if (!batch->walk.failed) {
            abort();
        }
        return;
    }
    if (vlt_block_encode(rows, vlt_rows_all(rows), 0, &buf) != VLT_OK ||
        vlt_block_decode(vlt_buf_slice(&buf), VLT_BLOCK_WIRE, NULL, NULL,
                         &again) != VLT_OK ||
        !vlt_rows_same(rows, again)) {
        abort();
    }
    vlt_rows_free(again);
    vlt_rows_free(rows);
    vlt_buf_free(&buf);
}

/* The rows that were scanned are those of the document. */
static void
same_rows(struct vlt_batch *scanned, struct vlt_batch *whole)
{
    if (vlt_batch_begin(whole->params, whole) != VLT_OK ||
        whole->count != scanned->count || whole->rows != scanned->rows) {
        abort();
    }
    for (size_t i = 0; i < scanned->count; i++) {
        struct vlt_rows *rows = NULL;
        struct vlt_rows *again = NULL;

        if (vlt_batch_rows(scanned, i, &stream, &rows) != VLT_OK) {
            continue;
        }
        if (vlt_batch_rows(whole, i, &stream, &again) != VLT_OK ||
            !vlt_rows_same(rows, again)) {
            abort();
        }
        vlt_rows_free(rows);
        vlt_rows_free(again);
    }
}

/* All of a message that was plain is what its document has. */
static void
same_call(const struct vlt_scan *scan, struct vlt_slice text)
{
    struct vlt_json *document = NULL;
    struct vlt_rpc rpc;
    struct vlt_batch scanned, whole;

    if (vlt_rpc_decode(text, &document, &rpc) != VLT_OK ||
        rpc.kind != VLT_RPC_REQUEST || rpc.id.kind != VLT_RPC_ID_INT ||
        (uint64_t)rpc.id.number != scan->id ||
        !vlt_slice_is(rpc.method, "data.append") || rpc.params == NULL) {
        abort();
    }
    if (vlt_batch_begin_scanned(NULL, scan, &scanned) == VLT_OK) {
        whole.params = rpc.params;
        same_rows(&scanned, &whole);
        if (whole.seq != scanned.seq || whole.has_idem || whole.block.len > 0 ||
            whole.has_boot != scanned.has_boot ||
            memcmp(whole.boot, scanned.boot, sizeof whole.boot) != 0) {
            abort();
        }
        for (size_t i = 0; i < whole.count; i++) {
            if (!vlt_slice_equal(vlt_batch_name(&whole, i),
                                 vlt_batch_name(&scanned, i))) {
                abort();
            }
        }
    }
    vlt_json_free(document);
}

/* What is left of a message is one, if that is, and of the same rows. */
static void
same_rest(const struct vlt_scan *scan, struct vlt_slice text)
{
    struct vlt_json *rest = NULL;
    struct vlt_json *document = NULL;
    struct vlt_rpc left, rpc;
    struct vlt_batch scanned, whole;

    if (vlt_rpc_decode(vlt_buf_slice(&scan->rest), &rest, &left) != VLT_OK) {
        return;
    }
    if (left.kind == VLT_RPC_REQUEST &&
        vlt_slice_is(left.method, "data.append") &&
        vlt_batch_begin_scanned(left.params, scan, &scanned) == VLT_OK) {
        if (vlt_rpc_decode(text, &document, &rpc) != VLT_OK ||
            rpc.kind != VLT_RPC_REQUEST ||
            !vlt_rpc_id_equal(&rpc.id, &left.id) || rpc.params == NULL) {
            abort();
        }
        whole.params = rpc.params;
        same_rows(&scanned, &whole);
        vlt_json_free(document);
    }
    vlt_json_free(rest);
}

/* The text as a message. */
static void
try_whole(struct vlt_slice text)
{
    struct vlt_scan scan;

    if (vlt_scan_begin(text, &scan) && scan.plain) {
        same_call(&scan, text);
    } else if (scan.rest.len > 0) {
        same_rest(&scan, text);
    }
    vlt_scan_free(&scan);
}

/* The text as the parameters of a message that is long enough, and not plain,
 * since it has no jsonrpc. */
static void
try_scan(struct vlt_slice text)
{
    struct vlt_buf message = { 0 };
    struct vlt_scan scan;
    struct vlt_json *rest = NULL;
    struct vlt_json *all = NULL;
    struct vlt_batch scanned;

    vlt_buf_put_text(&message,
                     "{\"id\":1,\"method\":\"data.append\",\"params\":");
    vlt_buf_put_slice(&message, text);
    vlt_buf_put_text(&message, "}");
    while (message.len < VLT_SCAN_LEAST) {
        vlt_buf_put_u8(&message, ' ');
    }
    if (vlt_scan_begin(vlt_buf_slice(&message), &scan) &&
        vlt_json_parse(vlt_buf_slice(&scan.rest), TEXT_MAX, DEPTH, NULL,
                       &rest) == VLT_OK) {
        if (vlt_batch_begin_scanned(vlt_json_get(rest, "params"), &scan,
                                    &scanned) == VLT_OK) {
            struct vlt_batch whole;

            if (vlt_json_parse(vlt_buf_slice(&message), 2 * TEXT_MAX, DEPTH,
                               NULL, &all) != VLT_OK) {
                abort();
            }
            whole.params = vlt_json_get(all, "params");
            same_rows(&scanned, &whole);
            vlt_json_free(all);
        }
        vlt_json_free(rest);
    }
    vlt_scan_free(&scan);
    vlt_buf_free(&message);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice text = { .at = bytes, .len = len };
    struct vlt_json *json = NULL;
    struct vlt_batch batch;

    if (len <= TEXT_MAX) {
        try_whole(text);
        try_scan(text);
    }
    if (vlt_json_parse(text, TEXT_MAX, DEPTH, NULL, &json) != VLT_OK) {
        return 0;
    }
    if (vlt_batch_begin(json, &batch) == VLT_OK) {
        for (size_t i = 0; i < batch.count; i++) {
            if (vlt_batch_name(&batch, i).len == 0) {
                abort();
            }
            try_rows(&batch, i);
        }
    }
    vlt_json_free(json);
    return 0;
}
