#include "service/device.h"

#include <string.h>

#include "identity/identity.h"

enum vlt_status
device_read_header(struct vlt_slice text, struct device_claim *out)
{
    struct vlt_envelope_signed mac;

    if (vlt_envelope_read_header(text, &mac) != VLT_OK) {
        return VLT_E_AUTH;
    }
    *out = (struct device_claim){ .way = WAY_MAC, .head = mac.head };
    memcpy(out->mac, mac.mac, sizeof out->mac);
    return VLT_OK;
}

enum vlt_status
device_read_sealed(struct vlt_slice bytes, struct device_claim *out)
{
    struct vlt_envelope_sealed sealed;

    if (vlt_envelope_read_sealed(bytes, &sealed) != VLT_OK) {
        return VLT_E_AUTH;
    }
    *out = (struct device_claim){ .way = WAY_SEALED, .head = sealed.head };
    return VLT_OK;
}

static enum vlt_status
check(const struct vlt_secret *secret, const struct device_claim *claim,
      const struct device_message *message)
{
    struct vlt_envelope_signed mac = { .head = claim->head };
    const struct vlt_envelope_request request = { .method = message->method,
                                                  .target = message->target,
                                                  .body = message->body };

    memcpy(mac.mac, claim->mac, sizeof mac.mac);
    return vlt_envelope_check(secret, &mac, &request);
}

static enum vlt_status
open_sealed(const struct vlt_secret *secret,
            const struct device_message *message, struct vlt_buf *out)
{
    struct vlt_envelope_sealed sealed;

    if (vlt_envelope_read_sealed(message->body, &sealed) != VLT_OK) {
        return VLT_E_AUTH;
    }
    return vlt_envelope_open(secret, &sealed, message->target, out);
}

/* The secret to hold a claim against; for nobody's one that nobody has. */
static enum vlt_status
secret_of(const struct store_view *view, const struct source *source,
          struct vlt_secret **out)
{
    enum vlt_status st;

    if (source == NULL) {
        return vlt_secret_random(VLT_KEY_LEN, out);
    }
    st = identity_source_secret(view, source->id, out);
    return st == VLT_E_FORMAT || st == VLT_E_NOT_FOUND ? VLT_E_STORAGE : st;
}

enum vlt_status
device_prove(const struct store_view *view, const struct source *source,
             const struct device_claim *claim,
             const struct device_message *message, struct vlt_buf *out)
{
    struct vlt_secret *secret = NULL;
    enum vlt_status st = secret_of(view, source, &secret);

    if (st == VLT_OK) {
        st = claim->way == WAY_MAC ? check(secret, claim, message)
                                   : open_sealed(secret, message, out);
    }
    vlt_secret_free(secret);
    return st == VLT_OK && source == NULL ? VLT_E_AUTH : st;
}

bool
device_is_gzip(struct vlt_slice body)
{
    return body.len >= 2 && body.at[0] == 0x1f && body.at[1] == 0x8b;
}
