#include "wire/offer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What is read is put again as terms that ask for the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_json *document = NULL;
    struct vlt_json *again = NULL;
    struct vlt_offer offer;
    struct vlt_offer other;
    struct vlt_buf payload;

    if (vlt_offer_read(vlt_slice_of(bytes, len), &document, &offer) != VLT_OK) {
        return 0;
    }
    vlt_buf_init(&payload, 0);
    vlt_offer_put(&offer, &offer.terms, &payload);
    if (payload.len <= VLT_OFFER_MAX &&
        (vlt_offer_read(vlt_buf_slice(&payload), &again, &other) != VLT_OK ||
         other.exp != offer.exp || other.left_out != offer.left_out ||
         other.terms.item_count != offer.terms.item_count ||
         other.terms.common.keep_s != offer.terms.common.keep_s)) {
        abort();
    }
    vlt_buf_free(&payload);
    vlt_json_free(again);
    vlt_json_free(document);
    return 0;
}
