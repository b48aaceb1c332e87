/*
 * Any bytes as a header and as an envelope.  What is read as a header prints
 * again as a header that reads the same; what is read as an envelope is not
 * opened by a key that nobody sealed it with, and shows nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void
try_header(const struct vlt_secret *secret, struct vlt_slice bytes)
{
    struct vlt_envelope_signed mac;
    struct vlt_envelope_signed again;
    const struct vlt_envelope_request request = { .body = bytes };
    char text[VLT_ENVELOPE_HEADER + 1];

    if (vlt_envelope_read_header(bytes, &mac) != VLT_OK) {
        return;
    }
    require(mac.head.counter > 0 && bytes.len <= VLT_ENVELOPE_HEADER);
    require(vlt_envelope_check(secret, &mac, &request) == VLT_E_AUTH);
    require(vlt_envelope_sign(secret, &mac.head, &request, text) == VLT_OK);
    require(vlt_envelope_read_header(vlt_slice_text(text), &again) == VLT_OK);
    require(memcmp(&mac.head, &again.head, sizeof mac.head) == 0);
    require(vlt_envelope_check(secret, &again, &request) == VLT_OK);
}

static void
try_sealed(const struct vlt_secret *secret, struct vlt_slice bytes)
{
    struct vlt_envelope_sealed sealed;
    struct vlt_slice target = vlt_slice_text("/write");
    struct vlt_buf out;

    if (vlt_envelope_read_sealed(bytes, &sealed) != VLT_OK) {
        return;
    }
    require(vlt_envelope_is_sealed(bytes) && sealed.head.counter > 0);
    require(sealed.sealed.at + sealed.sealed.len == bytes.at + bytes.len);
    vlt_buf_init(&out, 0);
    require(vlt_envelope_open(secret, &sealed, target, &out) == VLT_E_AUTH);
    require(out.len == 0);
    vlt_buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice all = vlt_slice_of(bytes, len);
    struct vlt_secret *secret = NULL;

    if (vlt_secret_init() != VLT_OK ||
        vlt_secret_random(VLT_KEY_LEN, &secret) != VLT_OK) {
        return 0;
    }
    try_header(secret, all);
    try_sealed(secret, all);
    vlt_secret_free(secret);
    return 0;
}
