/* What decodes encodes to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "store/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct store_gate gate;
    struct vlt_buf again;

    if (gate_decode(vlt_slice_of(bytes, len), &gate) != VLT_OK) {
        return 0;
    }
    vlt_buf_init(&again, GATE_LEN_MAX);
    gate_encode(&gate, &again);
    if (again.len != len || memcmp(again.at, bytes, len) != 0) {
        abort();
    }
    for (size_t i = 0; i < gate.count; i++) {
        if (store_gate_find(&gate, gate.at[i].token, gate.at[i].hash) != i) {
            abort();
        }
    }
    vlt_buf_free(&again);
    store_gate_free(&gate);
    return 0;
}
