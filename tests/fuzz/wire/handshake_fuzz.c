#include "wire/handshake_internal.h"

#include <stdlib.h>
#include <string.h>

/* What decodes must encode to the same bytes again, up to its signature. */
static void
try_challenge(struct vlt_slice bytes)
{
    struct vlt_challenge said;
    uint8_t again[VLT_CHALLENGE_LEN];

    if (vlt_challenge_decode(bytes, &said) != VLT_OK) {
        return;
    }
    size_t len =
        vlt_challenge_encode(said.pk.at, said.nonce.at, &said.limits, again);

    again[1] = said.version; /* we write ours only */
    if (len != said.head.len || memcmp(again, bytes.at, len) != 0) {
        abort();
    }
}

static void
try_auth(struct vlt_slice bytes)
{
    struct vlt_auth_message said;
    uint8_t again[VLT_AUTH_MAX];

    if (vlt_auth_decode(bytes, &said) != VLT_OK) {
        return;
    }
    struct vlt_auth auth = { .role = said.role,
                             .enrol = said.enrol,
                             .data = said.data };
    size_t len = vlt_auth_encode(said.pk.at, &auth, again);

    if (len != said.head.len || memcmp(again, bytes.at, len) != 0) {
        abort();
    }
}

static void
try_ready(struct vlt_slice bytes)
{
    struct vlt_ready ready;
    uint8_t again[VLT_READY_LEN];

    if (vlt_ready_decode(bytes, &ready) != VLT_OK) {
        return;
    }
    size_t len = vlt_ready_encode(&ready, again);

    if (memcmp(again, bytes.at, len) != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct vlt_slice all = vlt_slice_of(bytes, len);
    struct vlt_hello hello;

    if (vlt_hello_decode(all, &hello) == VLT_OK &&
        hello.versions.len + 66 != len) {
        abort();
    }
    try_challenge(all);
    try_auth(all);
    try_ready(all);
    return 0;
}
