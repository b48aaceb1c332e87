/* Any bytes as each of the records of this room: read or refused. */
#include "identity/record_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const uint8_t id[VLT_ID_LEN] = { 1 };
    struct vlt_slice json = vlt_slice_of(bytes, len);
    const struct firm *firm = NULL;
    const struct source *source = NULL;
    struct vlt_secret *secret = NULL;
    struct vlt_secret *token = NULL;
    struct invitation invitation;

    if (vlt_secret_init() != VLT_OK) {
        return 0;
    }
    if (record_get_firm(id, json, &firm) == VLT_OK) {
        firm_release(firm);
    }
    if (record_get_source(id, json, &source) == VLT_OK) {
        source_release(source);
    }
    if (record_get_secret(json, &secret) == VLT_OK) {
        vlt_secret_free(secret);
    }
    if (record_get_invitation(id, json, &invitation, &token) == VLT_OK) {
        vlt_secret_free(token);
    }
    return 0;
}
