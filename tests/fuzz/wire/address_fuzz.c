#include "wire/address.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What is read must be printed to the same text again. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice text = vlt_slice_of(bytes, len);
    struct vlt_secret *token = NULL;
    struct vlt_address address;
    uint8_t id[VLT_IDENTITY_LEN];
    char again[VLT_INVITE_TEXT + VLT_ADDRESS_TEXT];

    if (vlt_secret_init() != VLT_OK) {
        abort();
    }
    if (vlt_address_parse(text, &address) == VLT_OK &&
        !vlt_slice_is(text, vlt_address_print(&address, again))) {
        abort();
    }
    if (vlt_invite_parse(text, &address, &token) == VLT_OK) {
        if (!vlt_slice_is(text, vlt_invite_print(&address, token, again))) {
            abort();
        }
        vlt_secret_free(token);
        token = NULL;
    }
    if (vlt_source_token_parse(text, id, &token) == VLT_OK) {
        if (!vlt_slice_is(text, vlt_source_token_print(id, token, again))) {
            abort();
        }
        vlt_secret_free(token);
    }
    for (int kind = VLT_IDENTITY_VAULT; kind <= VLT_IDENTITY_RECEIPT; kind++) {
        enum vlt_identity_kind k = (enum vlt_identity_kind)kind;

        if (vlt_identity_parse(k, text, id) == VLT_OK &&
            !vlt_slice_is(text, vlt_identity_print(k, id, again))) {
            abort();
        }
    }
    return 0;
}
