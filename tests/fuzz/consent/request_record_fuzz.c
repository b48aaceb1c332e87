/*
 * Any bytes as the record of a request, and as that of a grant of a request
 * that is known: read or refused.
 */
#include <stdlib.h>

#include "consent/consent_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const uint8_t zero[VLT_ID_LEN];
    struct vlt_slice json = vlt_slice_of(bytes, len);
    struct kept_request *request = NULL;
    struct grant_box *box = NULL;
    struct consent *consent = NULL;

    if (consent_new(NULL, &consent) != VLT_OK) {
        return 0;
    }
    if (request_record_get(zero, json, &request) == VLT_OK) {
        struct kept_request *copy = request_copy(request);

        request_release(copy);
        request_release(request);
    }
    if (grant_record_get(consent, zero, json, &box) == VLT_OK) {
        abort(); /* no request is known */
    }
    consent_free(consent);
    return 0;
}
