#include "client/receipt_input.h"

#include <stdlib.h>

#include "wire/jws.h"

enum { DEPTH = 8 };

static struct vlt_slice
trimmed(struct vlt_slice text)
{
    while (text.len > 0 && text.at[0] <= ' ') {
        text = vlt_slice_of(text.at + 1, text.len - 1);
    }
    while (text.len > 0 && text.at[text.len - 1] <= ' ') {
        text.len--;
    }
    return text;
}

static enum vlt_status
make_chain(struct vlt_receipt_input *out, size_t count)
{
    if (count == 0 || count > VLT_RECEIPT_CHAIN) {
        return count == 0 ? VLT_E_FORMAT : VLT_E_LIMIT;
    }
    out->chain = calloc(count, sizeof *out->chain);
    out->count = out->chain != NULL ? count : 0;
    return out->chain != NULL ? VLT_OK : VLT_E_NOMEM;
}

static enum vlt_status
read_two_sided(struct vlt_slice text, struct vlt_receipt_input *out)
{
    enum vlt_status st = vlt_jws_split(text, &out->first, &out->second);

    if (st == VLT_OK) {
        st = make_chain(out, 1);
    }
    if (st == VLT_OK) {
        out->chain[0] = vlt_buf_slice(&out->first);
        out->countersignature = vlt_buf_slice(&out->second);
    }
    return st;
}

static enum vlt_status
read_answer(struct vlt_receipt_input *out)
{
    const struct vlt_json *list = vlt_json_get(out->document, "receipts");
    enum vlt_status st = make_chain(out, vlt_json_count(list));

    if (st != VLT_OK) {
        return st;
    }
    for (size_t i = 0; i < out->count; i++) {
        const struct vlt_json *item = vlt_json_item(list, i);

        out->chain[i] = vlt_json_text_of(vlt_json_get(item, "receipt"));
        if (out->chain[i].len == 0) {
            return VLT_E_FORMAT;
        }
    }
    const struct vlt_json *newest = vlt_json_item(list, out->count - 1);

    out->countersignature =
        vlt_json_text_of(vlt_json_get(newest, "countersignature"));
    out->proof = vlt_json_text_of(vlt_json_get(newest, "proof"));
    out->status = vlt_json_text_of(vlt_json_get(out->document, "status"));
    return VLT_OK;
}

enum vlt_status
vlt_receipt_input_read(struct vlt_slice text, struct vlt_receipt_input *out)
{
    enum vlt_status st;

    *out = (struct vlt_receipt_input){ .document = NULL };
    text = trimmed(text);
    if (text.len > VLT_RECEIPT_INPUT_MAX) {
        return VLT_E_LIMIT;
    }
    if (text.len == 0 || text.at[0] != '{') {
        st = make_chain(out, 1);
        if (st == VLT_OK) {
            out->chain[0] = text;
        }
        return st;
    }
    st = vlt_json_parse(text, VLT_RECEIPT_INPUT_MAX, DEPTH, NULL,
                        &out->document);
    if (st != VLT_OK) {
        return st;
    }
    return vlt_json_get(out->document, "signatures") != NULL
               ? read_two_sided(text, out)
               : read_answer(out);
}

void
vlt_receipt_input_free(struct vlt_receipt_input *input)
{
    vlt_json_free(input->document);
    vlt_buf_free(&input->first);
    vlt_buf_free(&input->second);
    free(input->chain);
    *input = (struct vlt_receipt_input){ .document = NULL };
}
