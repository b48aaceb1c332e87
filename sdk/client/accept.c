#include "client/accept.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/id.h"

enum { SHA1_LEN = 20 };

static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

enum vlt_status
vlt_upgrade_accept(const uint8_t nonce[VLT_UPGRADE_NONCE],
                   char out[VLT_UPGRADE_ACCEPT])
{
    struct vlt_buf text = { 0 };
    uint8_t digest[SHA1_LEN];
    enum vlt_status st = VLT_OK;

    vlt_base64_put(&text, vlt_slice_of(nonce, VLT_UPGRADE_NONCE));
    vlt_buf_put_text(&text, guid);
    if (vlt_buf_failed(&text) ||
        EVP_Digest(text.at, text.len, digest, NULL, EVP_sha1(), NULL) != 1) {
        st = VLT_E_NOMEM;
        goto done;
    }
    vlt_buf_clear(&text);
    vlt_base64_put(&text, vlt_slice_of(digest, sizeof digest));
    if (vlt_buf_failed(&text) || text.len != VLT_UPGRADE_ACCEPT - 1) {
        st = VLT_E_NOMEM;
        goto done;
    }
    memcpy(out, text.at, text.len);
    out[text.len] = '\0';

done:
    vlt_buf_free(&text);
    return st;
}
