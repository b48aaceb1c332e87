#include "store/parcel.h"

#include <stdlib.h>
#include <string.h>

/* Either end holds a piece back until it knows whether another follows. */
struct packer {
    struct vlt_stream stream;
    struct vlt_key key;
    parcel_fn *fn;
    void *ctx;
    struct vlt_secret *text; /* PARCEL_TEXT bytes */
    size_t len;              /* of it in use */
    enum vlt_status st;
    uint8_t sealed[PARCEL_SEALED];
};

struct unpacker {
    struct vlt_stream stream;
    struct vlt_key key;
    parcel_fn *fn;
    void *ctx;
    struct vlt_secret *text; /* PARCEL_TEXT bytes */
    size_t len;              /* of sealed in use */
    enum vlt_status st;
    uint8_t sealed[PARCEL_SEALED];
};

/* Move what fits of a slice behind len bytes at `to`. */
static size_t
take(uint8_t *to, size_t len, size_t cap, struct vlt_slice *from)
{
    size_t some = from->len < cap - len ? from->len : cap - len;

    if (some > 0) {
        memcpy(to + len, from->at, some);
    }
    *from = vlt_slice_of(from->at + some, from->len - some);
    return len + some;
}

/* ---- packing ---- */

enum vlt_status
packer_new(const struct parcel_about *about, parcel_fn *fn, void *ctx,
           struct packer **out)
{
    struct packer *packer = calloc(1, sizeof *packer);

    if (packer == NULL) {
        return VLT_E_NOMEM;
    }
    packer->stream = vlt_stream_of(about->random);
    packer->key = vlt_key_of(about->key);
    packer->fn = fn;
    packer->ctx = ctx;
    enum vlt_status st = vlt_secret_new(PARCEL_TEXT, &packer->text);

    if (st != VLT_OK) {
        packer_free(packer);
        return st;
    }
    *out = packer;
    return VLT_OK;
}

void
packer_free(struct packer *packer)
{
    if (packer != NULL) {
        vlt_secret_free(packer->text);
        free(packer);
    }
}

static void
pack_piece(struct packer *packer, bool last)
{
    struct vlt_slice text =
        vlt_slice_of(vlt_secret_peek(packer->text), packer->len);

    packer->st = vlt_stream_seal(&packer->stream, packer->key, text, last,
                                 packer->sealed);
    if (packer->st == VLT_OK) {
        packer->st = packer->fn(
            packer->ctx, vlt_slice_of(packer->sealed, text.len + VLT_TAG_LEN));
    }
    packer->len = 0;
}

enum vlt_status
packer_put(struct packer *packer, struct vlt_slice text)
{
    while (packer->st == VLT_OK && text.len > 0) {
        if (packer->len == PARCEL_TEXT) {
            pack_piece(packer, false);
            continue;
        }
        packer->len = take(vlt_secret_bytes(packer->text), packer->len,
                           PARCEL_TEXT, &text);
    }
    return packer->st;
}

enum vlt_status
packer_end(struct packer *packer)
{
    if (packer->st == VLT_OK) {
        pack_piece(packer, true);
    }
    return packer->st;
}

/* ---- unpacking ---- */

enum vlt_status
unpacker_new(const struct parcel_about *about, parcel_fn *fn, void *ctx,
             struct unpacker **out)
{
    struct unpacker *unpacker = calloc(1, sizeof *unpacker);

    if (unpacker == NULL) {
        return VLT_E_NOMEM;
    }
    unpacker->stream = vlt_stream_of(about->random);
    unpacker->key = vlt_key_of(about->key);
    unpacker->fn = fn;
    unpacker->ctx = ctx;
    enum vlt_status st = vlt_secret_new(PARCEL_TEXT, &unpacker->text);

    if (st != VLT_OK) {
        unpacker_free(unpacker);
        return st;
    }
    *out = unpacker;
    return VLT_OK;
}

void
unpacker_free(struct unpacker *unpacker)
{
    if (unpacker != NULL) {
        vlt_secret_free(unpacker->text);
        free(unpacker);
    }
}

/* The packer leaves no piece empty but the only one. */
static bool
may_be(const struct unpacker *unpacker)
{
    return unpacker->len > VLT_TAG_LEN ||
           (unpacker->len == VLT_TAG_LEN && unpacker->stream.number == 0);
}

static void
unpack_piece(struct unpacker *unpacker, bool last)
{
    uint8_t *text = vlt_secret_bytes(unpacker->text);

    if (!may_be(unpacker)) {
        unpacker->st = VLT_E_AUTH;
        return;
    }
    unpacker->st = vlt_stream_open(
        &unpacker->stream, unpacker->key,
        vlt_slice_of(unpacker->sealed, unpacker->len), last, text);
    if (unpacker->st == VLT_OK) {
        unpacker->st = unpacker->fn(
            unpacker->ctx, vlt_slice_of(text, unpacker->len - VLT_TAG_LEN));
    }
    unpacker->len = 0;
}

enum vlt_status
unpacker_put(struct unpacker *unpacker, struct vlt_slice sealed)
{
    while (unpacker->st == VLT_OK && sealed.len > 0) {
        if (unpacker->len == PARCEL_SEALED) {
            unpack_piece(unpacker, false);
            continue;
        }
        unpacker->len =
            take(unpacker->sealed, unpacker->len, PARCEL_SEALED, &sealed);
    }
    return unpacker->st;
}

enum vlt_status
unpacker_end(struct unpacker *unpacker)
{
    if (unpacker->st == VLT_OK) {
        unpack_piece(unpacker, true);
    }
    return unpacker->st;
}

uint64_t
unpacker_piece(const struct unpacker *unpacker)
{
    return unpacker->stream.number;
}
