#include "wire/jws.h"

#include <stdlib.h>
#include <string.h>

#include "wire/receipt_check.h"

/* Public key of RFC 8037, A.1. */
static const uint8_t pk[VLT_SIGN_PK] = {
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe,
    0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6,
    0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Only what was really signed is let through; what splits joins again. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice token = vlt_slice_of(bytes, len);
    struct vlt_buf payload = { 0 };
    struct vlt_buf first = { 0 };
    struct vlt_buf second = { 0 };
    struct vlt_buf both = { 0 };
    struct vlt_grant_status status;

    if (vlt_secret_init() != VLT_OK) {
        abort();
    }
    if (vlt_jws_verify(token, 1 << 16, VLT_TYP_RECEIPT, pk, &payload) !=
            VLT_OK &&
        payload.len != 0) {
        abort();
    }
    if (vlt_jws_split(token, &first, &second) == VLT_OK &&
        vlt_jws_join(vlt_buf_slice(&first), vlt_buf_slice(&second), &both) ==
            VLT_OK &&
        both.len == 0) {
        abort();
    }
    if (vlt_grant_status_read(token, pk, &payload, &status) == VLT_OK &&
        status.state.len == 0) {
        abort();
    }
    vlt_buf_free(&payload);
    vlt_buf_free(&first);
    vlt_buf_free(&second);
    vlt_buf_free(&both);
    return 0;
}
