#include "wire/batch.h"

#include <stdlib.h>

#include "wire/block.h"

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

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice text = { .at = bytes, .len = len };
    struct vlt_json *json = NULL;
    struct vlt_batch batch;

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
