#include "wire/envelope.h"

#include <string.h>

#include "base/id.h"
#include "base/reader.h"
#include "base/text.h"
#include "base/writer.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

enum {
    VERSION = 1,
    SUITE = 1,
    BOUND = 32, /* bytes of the head that are bound as they stand */
    MAC_TEXT = 43,
};

static const char magic[] = "VDE";

/* The key of a use.  The caller owns *out. */
static enum vlt_status
derive(const struct vlt_secret *secret, const char *use,
       struct vlt_secret **out)
{
    struct vlt_slice label = vlt_slice_text(use);
    struct vlt_secret *key = NULL;
    enum vlt_status st = vlt_secret_new(VLT_KEY_LEN, &key);

    if (st == VLT_OK) {
        vlt_hmac(vlt_slice_of(vlt_secret_peek(secret), vlt_secret_len(secret)),
                 &label, 1, vlt_secret_bytes(key));
        *out = key;
    }
    return st;
}

/* ---- signed ---- */

static enum vlt_status
mac_of(const struct vlt_secret *secret, const struct vlt_envelope *head,
       const struct vlt_envelope_request *request,
       uint8_t out[VLT_ENVELOPE_MAC])
{
    static const char label[] = "vd1 ingest"; /* with its zero: the first 00 */
    static const uint8_t zero;
    struct vlt_secret *key = NULL;
    uint8_t counter[8];
    uint8_t digest[VLT_HASH_LEN];
    enum vlt_status st = derive(secret, "vd1 mac", &key);

    if (st != VLT_OK) {
        return st;
    }
    vlt_store_be64(counter, head->counter);
    vlt_sha256_of(request->body, digest);

    struct vlt_slice parts[] = {
        vlt_slice_of(label, sizeof label),
        request->method,
        vlt_slice_of(&zero, 1),
        request->target,
        vlt_slice_of(&zero, 1),
        vlt_slice_of(head->boot, sizeof head->boot),
        vlt_slice_of(counter, sizeof counter),
        vlt_slice_of(digest, sizeof digest),
    };

    vlt_hmac(vlt_slice_of(vlt_secret_peek(key), vlt_secret_len(key)), parts,
             sizeof parts / sizeof parts[0], out);
    vlt_secret_free(key);
    return VLT_OK;
}

static enum vlt_status
print(const struct vlt_envelope *head, const uint8_t mac[VLT_ENVELOPE_MAC],
      char out[VLT_ENVELOPE_HEADER + 1])
{
    char device[2 * VLT_ENVELOPE_ID + 1];
    char boot[2 * VLT_ENVELOPE_ID + 1];
    struct vlt_buf text;
    enum vlt_status st;

    vlt_buf_init(&text, VLT_ENVELOPE_HEADER + 1);
    vlt_buf_printf(&text, "%s.%s.%llu.",
                   vlt_hex_print(head->device, sizeof head->device, device),
                   vlt_hex_print(head->boot, sizeof head->boot, boot),
                   (unsigned long long)head->counter);
    vlt_base64url_put(&text, vlt_slice_of(mac, VLT_ENVELOPE_MAC));
    vlt_buf_put_u8(&text, 0);
    st = vlt_buf_status(&text);
    if (st == VLT_OK) {
        memcpy(out, text.at, text.len);
    }
    vlt_buf_free(&text);
    return st;
}

enum vlt_status
vlt_envelope_sign(const struct vlt_secret *secret,
                  const struct vlt_envelope *head,
                  const struct vlt_envelope_request *request,
                  char out[VLT_ENVELOPE_HEADER + 1])
{
    uint8_t mac[VLT_ENVELOPE_MAC];
    enum vlt_status st = mac_of(secret, head, request, mac);

    return st == VLT_OK ? print(head, mac, out) : st;
}

/* What stands before the next full stop, which is stepped over; without one,
 * all of it. */
static struct vlt_slice
take_part(struct vlt_slice *rest)
{
    const uint8_t *stop =
        rest->len > 0 ? memchr(rest->at, '.', rest->len) : NULL;
    size_t len = stop != NULL ? (size_t)(stop - rest->at) : rest->len;
    struct vlt_slice part = vlt_slice_of(rest->at, len);

    len += stop != NULL;
    *rest = vlt_slice_of(rest->at + len, rest->len - len);
    return part;
}

static bool
read_counter(struct vlt_slice text, uint64_t *out)
{
    return text.len > 0 && text.at[0] != '0' &&
           vlt_uint_parse(text, out) == VLT_OK;
}

static bool
read_mac(struct vlt_slice text, uint8_t out[VLT_ENVELOPE_MAC])
{
    struct vlt_buf bytes;
    bool good;

    vlt_buf_init(&bytes, VLT_ENVELOPE_MAC);
    good = text.len == MAC_TEXT && vlt_base64url_get(text, &bytes) == VLT_OK &&
           bytes.len == VLT_ENVELOPE_MAC;
    if (good) {
        memcpy(out, bytes.at, VLT_ENVELOPE_MAC);
    }
    vlt_buf_free(&bytes);
    return good;
}

enum vlt_status
vlt_envelope_read_header(struct vlt_slice text, struct vlt_envelope_signed *out)
{
    struct vlt_envelope_signed read;
    struct vlt_envelope *head = &read.head;
    struct vlt_slice rest = text;

    if (text.len == 0 || text.len > VLT_ENVELOPE_HEADER) {
        return VLT_E_FORMAT;
    }
    struct vlt_slice device = take_part(&rest);
    struct vlt_slice boot = take_part(&rest);
    struct vlt_slice counter = take_part(&rest);

    if (vlt_hex_parse(device, head->device, sizeof head->device) != VLT_OK ||
        vlt_hex_parse(boot, head->boot, sizeof head->boot) != VLT_OK ||
        !read_counter(counter, &head->counter) || !read_mac(rest, read.mac)) {
        return VLT_E_FORMAT;
    }
    *out = read;
    return VLT_OK;
}

enum vlt_status
vlt_envelope_check(const struct vlt_secret *secret,
                   const struct vlt_envelope_signed *mac,
                   const struct vlt_envelope_request *request)
{
    uint8_t want[VLT_ENVELOPE_MAC];
    enum vlt_status st = mac_of(secret, &mac->head, request, want);

    if (st != VLT_OK) {
        return st;
    }
    return vlt_equal(want, mac->mac, sizeof want) ? VLT_OK : VLT_E_AUTH;
}

/* ---- sealed ---- */

bool
vlt_envelope_is_sealed(struct vlt_slice bytes)
{
    return bytes.len >= sizeof magic &&
           memcmp(bytes.at, magic, sizeof magic - 1) == 0 &&
           bytes.at[sizeof magic - 1] == VERSION;
}

/* What the text is bound to, into aad. */
static enum vlt_status
bind(struct vlt_slice bound, struct vlt_slice target, struct vlt_buf *aad)
{
    uint8_t len[2] = { (uint8_t)(target.len >> 8), (uint8_t)target.len };

    vlt_buf_init(aad, BOUND + sizeof len + VLT_ENVELOPE_TARGET);
    vlt_buf_put_slice(aad, bound);
    vlt_buf_put(aad, len, sizeof len);
    vlt_buf_put_slice(aad, target);
    return vlt_buf_status(aad);
}

static void
put_head(const struct vlt_envelope *head, uint8_t out[BOUND])
{
    struct vlt_writer w = vlt_writer_over(out, BOUND);

    vlt_write_bytes(&w, magic, sizeof magic - 1);
    vlt_write_u8(&w, VERSION);
    vlt_write_u8(&w, SUITE);
    vlt_write_zeros(&w, 3);
    vlt_write_bytes(&w, head->device, sizeof head->device);
    vlt_write_bytes(&w, head->boot, sizeof head->boot);
    vlt_write_be64(&w, head->counter);
}

enum vlt_status
vlt_envelope_seal(const struct vlt_secret *secret,
                  const struct vlt_envelope *head, struct vlt_slice target,
                  struct vlt_slice body, struct vlt_buf *out)
{
    struct vlt_secret *key = NULL;
    struct vlt_buf aad;
    uint8_t bound[BOUND];
    enum vlt_status st;

    if (body.len > VLT_ENVELOPE_MAX - VLT_ENVELOPE_MORE) {
        return VLT_E_LIMIT;
    }
    put_head(head, bound);
    st = bind(vlt_slice_of(bound, sizeof bound), target, &aad);
    if (st != VLT_OK) {
        goto done;
    }
    st = derive(secret, "vd1 enc", &key);
    if (st != VLT_OK) {
        goto done;
    }
    vlt_buf_put(out, bound, sizeof bound);

    uint8_t *rest = vlt_buf_extend(out, VLT_ENVELOPE_MORE - BOUND + body.len);

    st = vlt_buf_status(out);
    if (st == VLT_OK) {
        vlt_aead_seal(vlt_key_of(key), vlt_buf_slice(&aad), body, rest,
                      rest + VLT_NONCE_LEN);
    }

done:
    vlt_secret_free(key);
    vlt_buf_free(&aad);
    return st;
}

enum vlt_status
vlt_envelope_read_sealed(struct vlt_slice bytes,
                         struct vlt_envelope_sealed *out)
{
    struct vlt_reader r = vlt_reader_over(bytes);
    struct vlt_envelope_sealed read = { .bound = { .at = bytes.at,
                                                   .len = BOUND } };

    if (bytes.len > VLT_ENVELOPE_MAX) {
        return VLT_E_LIMIT;
    }
    if (!vlt_envelope_is_sealed(vlt_read_slice(&r, sizeof magic))) {
        return VLT_E_FORMAT;
    }
    uint8_t suite = vlt_read_u8(&r);

    vlt_read_zeros(&r, 3);
    vlt_read_bytes(&r, read.head.device, sizeof read.head.device);
    vlt_read_bytes(&r, read.head.boot, sizeof read.head.boot);
    read.head.counter = vlt_read_be64(&r);
    read.nonce = vlt_read_slice(&r, VLT_NONCE_LEN).at;
    read.sealed = vlt_read_rest(&r);
    if (!vlt_reader_done(&r) || read.sealed.len < VLT_TAG_LEN ||
        read.head.counter == 0) {
        return VLT_E_FORMAT;
    }
    if (suite != SUITE) {
        return VLT_E_LIMIT;
    }
    *out = read;
    return VLT_OK;
}

enum vlt_status
vlt_envelope_open(const struct vlt_secret *secret,
                  const struct vlt_envelope_sealed *envelope,
                  struct vlt_slice target, struct vlt_buf *out)
{
    struct vlt_secret *key = NULL;
    struct vlt_buf aad;
    size_t before = out->len;
    enum vlt_status st = bind(envelope->bound, target, &aad);

    if (st != VLT_OK) {
        goto done;
    }
    st = derive(secret, "vd1 enc", &key);
    if (st != VLT_OK) {
        goto done;
    }
    size_t len = envelope->sealed.len - VLT_TAG_LEN;
    uint8_t *body = len > 0 ? vlt_buf_extend(out, len) : NULL;

    st = vlt_buf_status(out);
    if (st == VLT_OK) {
        st = vlt_aead_open(vlt_key_of(key), vlt_buf_slice(&aad),
                           envelope->nonce, envelope->sealed, body);
    }
    if (st == VLT_E_AUTH) {
        out->len = before;
    }

done:
    vlt_secret_free(key);
    vlt_buf_free(&aad);
    return st;
}
