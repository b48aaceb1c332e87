#include "wire/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/writer.h"
#include "wire/limits.h"
#include "wire/lines_internal.h"

enum {
    KEYED = VLT_CHECKPOINT_KEY_ID + VLT_SIGN_LEN,
    ALG_ED25519 = 1, /* of C2SP signed-note */
    TREE_HEX = 2 * VLT_TREE_ID,
    INSTANCE_HEX = 8,
};

static const char domain[] = "vaultd.invalid/";

const char *
vlt_origin_print(const struct vlt_origin *origin, char out[VLT_ORIGIN_TEXT])
{
    char tree[TREE_HEX + 1];

    vlt_hex_print(origin->tree, VLT_TREE_ID, tree);
    snprintf(out, VLT_ORIGIN_TEXT, "%s%s/%08" PRIx32, domain, tree,
             origin->instance);
    return out;
}

enum vlt_status
vlt_origin_parse(struct vlt_slice text, struct vlt_origin *out)
{
    struct vlt_origin origin;
    char again[VLT_ORIGIN_TEXT];
    uint8_t instance[4];
    struct vlt_slice rest = text;

    if (text.len != VLT_ORIGIN_TEXT - 1 || !vlt_line_skip(&rest, domain) ||
        vlt_hex_parse(vlt_slice_of(rest.at, TREE_HEX), origin.tree,
                      VLT_TREE_ID) != VLT_OK ||
        vlt_hex_parse(vlt_slice_of(rest.at + TREE_HEX + 1, INSTANCE_HEX),
                      instance, sizeof instance) != VLT_OK) {
        return VLT_E_FORMAT;
    }
    origin.instance = (uint32_t)instance[0] << 24 |
                      (uint32_t)instance[1] << 16 | (uint32_t)instance[2] << 8 |
                      instance[3];
    /* Origins are compared as text elsewhere: there is one spelling. */
    if (!vlt_slice_is(text, vlt_origin_print(&origin, again))) {
        return VLT_E_FORMAT;
    }
    *out = origin;
    return VLT_OK;
}

bool
vlt_origin_equal(const struct vlt_origin *a, const struct vlt_origin *b)
{
    return a->instance == b->instance &&
           memcmp(a->tree, b->tree, VLT_TREE_ID) == 0;
}

/* The three lines that are signed. */
static void
put_body(const struct vlt_checkpoint *checkpoint, struct vlt_buf *out)
{
    char origin[VLT_ORIGIN_TEXT];

    vlt_buf_printf(out, "%s\n%" PRIu64 "\n",
                   vlt_origin_print(&checkpoint->origin, origin),
                   checkpoint->size);
    vlt_base64_put(out, vlt_slice_of(checkpoint->root, VLT_HASH_LEN));
    vlt_buf_put_u8(out, '\n');
}

static void
key_id_of(const struct vlt_origin *origin, const uint8_t pk[VLT_SIGN_PK],
          uint8_t out[VLT_CHECKPOINT_KEY_ID])
{
    static const uint8_t between[] = { '\n', ALG_ED25519 };
    char text[VLT_ORIGIN_TEXT];
    uint8_t hash[VLT_HASH_LEN];
    struct vlt_slice parts[] = {
        vlt_slice_text(vlt_origin_print(origin, text)),
        vlt_slice_of(between, sizeof between),
        vlt_slice_of(pk, VLT_SIGN_PK),
    };

    vlt_sha256(parts, 3, hash);
    memcpy(out, hash, VLT_CHECKPOINT_KEY_ID);
}

enum vlt_status
vlt_checkpoint_sign(const struct vlt_signer *signer,
                    struct vlt_checkpoint *checkpoint)
{
    struct vlt_buf body = { 0 };
    enum vlt_status st;

    vlt_buf_init(&body, VLT_LIMIT_CHECKPOINT);
    put_body(checkpoint, &body);
    st = vlt_buf_status(&body);
    if (st == VLT_OK) {
        st = vlt_sign(signer, VLT_SIGN_CHECKPOINT, vlt_buf_slice(&body),
                      checkpoint->signature);
    }
    key_id_of(&checkpoint->origin, vlt_signer_pk(signer), checkpoint->key_id);
    vlt_buf_free(&body);
    return st;
}

void
vlt_checkpoint_put(const struct vlt_checkpoint *checkpoint, struct vlt_buf *out)
{
    char origin[VLT_ORIGIN_TEXT];
    uint8_t keyed[KEYED];
    struct vlt_writer w = vlt_writer_over(keyed, sizeof keyed);

    vlt_write_bytes(&w, checkpoint->key_id, VLT_CHECKPOINT_KEY_ID);
    vlt_write_bytes(&w, checkpoint->signature, VLT_SIGN_LEN);
    put_body(checkpoint, out);
    vlt_buf_printf(out, "\n\xE2\x80\x94 %s ",
                   vlt_origin_print(&checkpoint->origin, origin));
    vlt_base64_put(out, vlt_slice_of(keyed, sizeof keyed));
    vlt_buf_put_u8(out, '\n');
}

/* The signature line behind the empty one. */
static enum vlt_status
read_signature(struct vlt_slice line, struct vlt_slice origin,
               struct vlt_checkpoint *out)
{
    uint8_t keyed[KEYED];

    if (!vlt_line_skip(&line, "\xE2\x80\x94 ") || line.len < origin.len ||
        !vlt_slice_equal(vlt_slice_of(line.at, origin.len), origin)) {
        return VLT_E_FORMAT;
    }
    line = vlt_slice_of(line.at + origin.len, line.len - origin.len);
    if (!vlt_line_skip(&line, " ") ||
        vlt_line_bytes(line, keyed, sizeof keyed) != VLT_OK) {
        return VLT_E_FORMAT;
    }
    memcpy(out->key_id, keyed, VLT_CHECKPOINT_KEY_ID);
    memcpy(out->signature, keyed + VLT_CHECKPOINT_KEY_ID, VLT_SIGN_LEN);
    return VLT_OK;
}

enum vlt_status
vlt_checkpoint_parse(struct vlt_slice text, struct vlt_checkpoint *out)
{
    struct vlt_checkpoint checkpoint;
    struct vlt_slice origin;
    struct vlt_slice size;
    struct vlt_slice root;
    struct vlt_slice empty;
    struct vlt_slice signature;

    if (text.len > VLT_LIMIT_CHECKPOINT) {
        return VLT_E_LIMIT;
    }
    if (vlt_line_take(&text, &origin) != VLT_OK ||
        vlt_line_take(&text, &size) != VLT_OK ||
        vlt_line_take(&text, &root) != VLT_OK ||
        vlt_line_take(&text, &empty) != VLT_OK ||
        vlt_line_take(&text, &signature) != VLT_OK || text.len != 0 ||
        empty.len != 0 ||
        vlt_origin_parse(origin, &checkpoint.origin) != VLT_OK ||
        vlt_line_number(size, &checkpoint.size) != VLT_OK ||
        vlt_line_bytes(root, checkpoint.root, VLT_HASH_LEN) != VLT_OK ||
        read_signature(signature, origin, &checkpoint) != VLT_OK) {
        return VLT_E_FORMAT;
    }
    *out = checkpoint;
    return VLT_OK;
}

enum vlt_status
vlt_checkpoint_verify(const struct vlt_checkpoint *checkpoint,
                      const uint8_t pk[VLT_SIGN_PK])
{
    uint8_t key_id[VLT_CHECKPOINT_KEY_ID];
    struct vlt_buf body = { 0 };
    enum vlt_status st;

    key_id_of(&checkpoint->origin, pk, key_id);
    if (memcmp(key_id, checkpoint->key_id, sizeof key_id) != 0) {
        return VLT_E_AUTH;
    }
    vlt_buf_init(&body, VLT_LIMIT_CHECKPOINT);
    put_body(checkpoint, &body);
    st = vlt_buf_status(&body);
    if (st == VLT_OK) {
        st = vlt_verify(pk, VLT_SIGN_CHECKPOINT, vlt_buf_slice(&body),
                        checkpoint->signature);
    }
    vlt_buf_free(&body);
    return st;
}

const char *
vlt_checkpoint_short(uint64_t size, const uint8_t root[VLT_HASH_LEN],
                     char out[VLT_CHECKPOINT_SHORT])
{
    char bits[17];

    vlt_base32_print(root, 10, bits);
    snprintf(out, VLT_CHECKPOINT_SHORT, "%" PRIu64 " %.4s-%.4s-%.4s-%.4s", size,
             bits, bits + 4, bits + 8, bits + 12);
    return out;
}
