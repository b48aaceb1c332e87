#include "crypto/sealbox.h"

#include <sodium.h>

#include "crypto/secret_internal.h"

_Static_assert(VLT_BOX_PK == crypto_box_PUBLICKEYBYTES, "X25519");
_Static_assert(VLT_KEY_LEN == crypto_box_SECRETKEYBYTES, "X25519");
_Static_assert(VLT_BOX_MORE == crypto_box_SEALBYTES, "sealed box");

enum vlt_status
vlt_box_pair(struct vlt_secret **secret, uint8_t pk[VLT_BOX_PK])
{
    struct vlt_secret *made;
    enum vlt_status st = vlt_secret_new(VLT_KEY_LEN, &made);

    if (st != VLT_OK) {
        return st;
    }
    (void)crypto_box_keypair(pk, vlt_secret_bytes(made));
    *secret = made;
    return VLT_OK;
}

enum vlt_status
vlt_box_seal(const uint8_t pk[VLT_BOX_PK], struct vlt_slice plain,
             uint8_t *sealed)
{
    if (crypto_box_seal(sealed, plain.at, plain.len, pk) != 0) {
        return VLT_E_FORMAT;
    }
    return VLT_OK;
}

enum vlt_status
vlt_box_open(struct vlt_key secret, const uint8_t pk[VLT_BOX_PK],
             struct vlt_slice sealed, uint8_t *plain)
{
    if (sealed.len < VLT_BOX_MORE ||
        crypto_box_seal_open(plain, sealed.at, sealed.len, pk,
                             vlt_key_peek(secret)) != 0) {
        return VLT_E_AUTH;
    }
    return VLT_OK;
}
