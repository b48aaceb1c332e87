#include "crypto/stream.h"

#include <sodium.h>
#include <string.h>

#include "crypto/secret_internal.h"

#define PIECES (UINT64_C(1) << 56)

struct vlt_stream
vlt_stream_of(const uint8_t random[VLT_STREAM_RANDOM])
{
    struct vlt_stream stream = { .number = 0 };

    memcpy(stream.random, random, sizeof stream.random);
    return stream;
}

static void
nonce_of(const struct vlt_stream *stream, bool last, uint8_t out[VLT_NONCE_LEN])
{
    uint8_t *at = out + VLT_STREAM_RANDOM;

    memcpy(out, stream->random, VLT_STREAM_RANDOM);
    for (int shift = 48; shift >= 0; shift -= 8) {
        *at++ = (uint8_t)(stream->number >> shift);
    }
    *at = last ? 1 : 0;
}

static void
step(struct vlt_stream *stream, bool last)
{
    stream->number++;
    stream->ended = last;
}

enum vlt_status
vlt_stream_seal(struct vlt_stream *stream, struct vlt_key key,
                struct vlt_slice plain, bool last, uint8_t *sealed)
{
    uint8_t nonce[VLT_NONCE_LEN];

    if (stream->ended || stream->number >= PIECES) {
        return VLT_E_LIMIT;
    }
    nonce_of(stream, last, nonce);
    /* Cannot fail: it returns 0 always. */
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, plain.at,
                                                     plain.len, NULL, 0, NULL,
                                                     nonce, vlt_key_peek(key));
    step(stream, last);
    return VLT_OK;
}

enum vlt_status
vlt_stream_open(struct vlt_stream *stream, struct vlt_key key,
                struct vlt_slice sealed, bool last, uint8_t *plain)
{
    uint8_t nonce[VLT_NONCE_LEN];

    if (stream->ended || stream->number >= PIECES || sealed.len < VLT_TAG_LEN) {
        return VLT_E_AUTH;
    }
    nonce_of(stream, last, nonce);
    /* The tag is checked before anything is deciphered. */
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed.at,
                                                   sealed.len, NULL, 0, nonce,
                                                   vlt_key_peek(key)) != 0) {
        return VLT_E_AUTH;
    }
    step(stream, last);
    return VLT_OK;
}
