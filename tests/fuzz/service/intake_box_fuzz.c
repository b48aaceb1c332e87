/* What decodes encodes to the same bytes, and no part is longer than it may
 * be. */
#include <stdlib.h>
#include <string.h>

#include "service/intake_box.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct intake_box box;
    struct vlt_buf again;

    if (intake_box_decode(vlt_slice_of(bytes, len), &box) != VLT_OK) {
        return 0;
    }
    if (box.proof.len > INTAKE_PROOF || box.path.len > INTAKE_PATH ||
        box.query.len > INTAKE_QUERY || box.body.len > INTAKE_BODY) {
        abort();
    }
    vlt_buf_init(&again, 0);
    if (intake_box_encode(&box, &again) != VLT_OK || again.len != len ||
        memcmp(again.at, bytes, len) != 0) {
        abort();
    }
    vlt_buf_free(&again);
    return 0;
}
