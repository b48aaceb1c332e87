#include "crypto/sign.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret_internal.h"
#include "crypto/sign_internal.h"

enum {
    SPACES = 64,
    CONTEXT_MAX = 16, /* the longest context string and its zero */
    FRAMED_MAX = SPACES + CONTEXT_MAX + VLT_SIGN_FRAMED_MAX,
};

struct vlt_signer {
    struct vlt_secret *sk; /* seed and public key, as libsodium wants them */
    uint8_t pk[VLT_SIGN_PK];
};

/* What stands in front of a message; a message without it stands alone. */
static const struct {
    const char *context; /* with its zero; NULL: none */
    size_t spaces;
} framed[] = {
    [VLT_SIGN_SERVER_AUTH] = { "vd1 server auth", SPACES },
    [VLT_SIGN_CLIENT_AUTH] = { "vd1 client auth", SPACES },
    [VLT_SIGN_HEAD] = { "vd1 head", 0 },
    [VLT_SIGN_JWS] = { NULL, 0 },
    [VLT_SIGN_CHECKPOINT] = { NULL, 0 },
};

enum vlt_status
vlt_signer_new(struct vlt_key seed, struct vlt_signer **out)
{
    struct vlt_signer *signer = calloc(1, sizeof *signer);
    enum vlt_status st;

    if (signer == NULL) {
        return VLT_E_NOMEM;
    }
    st = vlt_secret_new(crypto_sign_SECRETKEYBYTES, &signer->sk);
    if (st != VLT_OK) {
        free(signer);
        return st;
    }
    (void)crypto_sign_seed_keypair(signer->pk, vlt_secret_bytes(signer->sk),
                                   vlt_key_peek(seed));
    *out = signer;
    return VLT_OK;
}

void
vlt_signer_free(struct vlt_signer *signer)
{
    if (signer == NULL) {
        return;
    }
    vlt_secret_free(signer->sk);
    free(signer);
}

const uint8_t *
vlt_signer_pk(const struct vlt_signer *signer)
{
    return signer->pk;
}

static bool
begins_with(struct vlt_slice message, const char *text)
{
    size_t len = strlen(text);

    return message.len >= len && memcmp(message.at, text, len) == 0;
}

static bool
looks_like_jws(struct vlt_slice message)
{
    size_t stops = 0;

    for (size_t i = 0; i < message.len; i++) {
        stops += message.at[i] == '.';
    }
    return begins_with(message, "eyJ") && stops == 1;
}

static bool
looks_like_checkpoint(struct vlt_slice message)
{
    return begins_with(message, "vaultd.invalid/") &&
           message.at[message.len - 1] == '\n';
}

/*
 * The bytes to sign: the message itself, or in buf with its context in front.
 * Fails as vlt_sign() does.
 */
static enum vlt_status
frame(enum vlt_sign_as as, struct vlt_slice message, uint8_t buf[FRAMED_MAX],
      struct vlt_slice *out)
{
    const char *context = framed[as].context;
    size_t spaces = framed[as].spaces;

    if (context == NULL) {
        bool fits = as == VLT_SIGN_JWS ? looks_like_jws(message)
                                       : looks_like_checkpoint(message);

        *out = message;
        return fits ? VLT_OK : VLT_E_FORMAT;
    }
    if (message.len > VLT_SIGN_FRAMED_MAX) {
        return VLT_E_LIMIT;
    }
    size_t len = strlen(context) + 1;

    memset(buf, ' ', spaces);
    memcpy(buf + spaces, context, len);
    if (message.len > 0) {
        memcpy(buf + spaces + len, message.at, message.len);
    }
    *out = vlt_slice_of(buf, spaces + len + message.len);
    return VLT_OK;
}

enum vlt_status
vlt_sign(const struct vlt_signer *signer, enum vlt_sign_as as,
         struct vlt_slice message, uint8_t out[VLT_SIGN_LEN])
{
    uint8_t buf[FRAMED_MAX];
    struct vlt_slice bytes;
    enum vlt_status st = frame(as, message, buf, &bytes);

    if (st != VLT_OK) {
        return st;
    }
    (void)crypto_sign_detached(out, NULL, bytes.at, bytes.len,
                               vlt_secret_peek(signer->sk));
    return VLT_OK;
}

bool
vlt_sign_holds(const uint8_t pk[VLT_SIGN_PK], struct vlt_slice bytes,
               const uint8_t signature[VLT_SIGN_LEN])
{
    return crypto_sign_verify_detached(signature, bytes.at, bytes.len, pk) == 0;
}

enum vlt_status
vlt_verify(const uint8_t pk[VLT_SIGN_PK], enum vlt_sign_as as,
           struct vlt_slice message, const uint8_t signature[VLT_SIGN_LEN])
{
    uint8_t buf[FRAMED_MAX];
    struct vlt_slice bytes;

    if (frame(as, message, buf, &bytes) != VLT_OK ||
        !vlt_sign_holds(pk, bytes, signature)) {
        return VLT_E_AUTH;
    }
    return VLT_OK;
}
