#include "client/checkpoints.h"

#include <string.h>

#include "base/id.h"
#include "client/client_internal.h"
#include "client/file.h"

bool
vlt_checkpoints_kept(const struct vault_client *client,
                     struct vlt_checkpoint *out)
{
    const char *text = client->record.checkpoint;

    return text[0] != '\0' &&
           vlt_checkpoint_parse(vlt_slice_text(text), out) == VLT_OK;
}

/* A copy for witnesses, under the vault's whole id. */
static enum vlt_status
store_witness(const struct vault_client *client)
{
    char path[VLT_FILE_PATH];
    char id[VLT_IDENTITY_TEXT];
    size_t prefix = 4; /* vd1: */

    if (client->witness_dir == NULL || client->record.checkpoint[0] == '\0') {
        return VLT_OK;
    }
    vlt_identity_print(VLT_IDENTITY_VAULT, client->record.address.vault, id);
    enum vlt_status st =
        vlt_file_path(path, client->witness_dir, id + prefix, ".checkpoint");

    return st != VLT_OK ? st
                        : vlt_file_replace(
                              path, vlt_slice_text(client->record.checkpoint));
}

enum vault_status
vlt_checkpoints_store(struct vault_client *client)
{
    enum vlt_status st =
        vlt_record_store(client->target.identity->folder, &client->record);

    if (st == VLT_OK) {
        st = store_witness(client);
    }
    return st == VLT_OK
               ? VAULT_OK
               : vlt_client_fault(client, VAULT_E_FILE,
                                  "what the vault's log stands at cannot be "
                                  "kept in %s",
                                  client->target.identity->folder);
}

enum vault_status
vlt_checkpoints_keep(struct vault_client *client,
                     const struct vlt_checkpoint *newer)
{
    struct vlt_checkpoint kept;
    struct vlt_buf text = { 0 };
    enum vault_status status = VAULT_OK;

    if (vlt_checkpoints_kept(client, &kept) && kept.size >= newer->size) {
        return kept.size > newer->size ||
                       memcmp(kept.root, newer->root, sizeof kept.root) == 0
                   ? VAULT_OK
                   : vlt_client_fault(client, VAULT_E_PROTOCOL,
                                      "the vault's log has two heads of one "
                                      "size: it was rewritten");
    }
    vlt_checkpoint_put(newer, &text);
    if (vlt_buf_failed(&text) || text.len >= sizeof client->record.checkpoint) {
        status = vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    } else {
        memcpy(client->record.checkpoint, text.at, text.len);
        client->record.checkpoint[text.len] = '\0';
        status = vlt_checkpoints_store(client);
    }
    vlt_buf_free(&text);
    return status;
}

static enum vault_status
read_signed(struct vault_client *client, struct vlt_slice text,
            struct vlt_checkpoint *out)
{
    if (vlt_checkpoint_parse(text, out) != VLT_OK ||
        vlt_checkpoint_verify(out, client->record.key) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "the checkpoint of the vault's log is not "
                                "signed by the pinned key");
    }
    return VAULT_OK;
}

enum vault_status
vlt_checkpoints_compare(struct vault_client *client, struct vlt_slice text,
                        uint64_t *from, uint64_t *size)
{
    struct vlt_checkpoint head;
    struct vlt_checkpoint kept;
    enum vault_status status = read_signed(client, text, &head);

    if (status != VAULT_OK) {
        return status;
    }
    bool has = vlt_checkpoints_kept(client, &kept);

    if (has && !vlt_origin_equal(&kept.origin, &head.origin)) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "the vault shows another log than the one "
                                "that was kept: it was restored or rewritten");
    }
    if (has && head.size < kept.size) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "the vault's log was rolled back from %llu to "
                                "%llu entries",
                                (unsigned long long)kept.size,
                                (unsigned long long)head.size);
    }
    *from = has ? kept.size : 0;
    *size = head.size;
    return *from == 0 || *from == *size ? vlt_checkpoints_keep(client, &head)
                                        : VAULT_OK;
}

/* The list of base64 hashes as a path. */
static enum vlt_status
read_path(const struct vlt_json *list, struct vlt_tree_path *out)
{
    struct vlt_buf hash = { 0 };
    enum vlt_status st = VLT_OK;

    out->count = 0;
    if (vlt_json_count(list) > VLT_TREE_LEVELS) {
        return VLT_E_LIMIT;
    }
    for (size_t i = 0; i < vlt_json_count(list) && st == VLT_OK; i++) {
        vlt_buf_clear(&hash);
        st = vlt_base64_get(vlt_json_text_of(vlt_json_item(list, i)), &hash);
        if (st == VLT_OK && hash.len != VLT_HASH_LEN) {
            st = VLT_E_FORMAT;
        }
        if (st == VLT_OK) {
            memcpy(out->hash[out->count++], hash.at, VLT_HASH_LEN);
        }
    }
    vlt_buf_free(&hash);
    return st;
}

enum vault_status
vlt_checkpoints_extend(struct vault_client *client,
                       const struct vlt_json *result)
{
    struct vlt_checkpoint head;
    struct vlt_checkpoint kept;
    struct vlt_tree_path path;
    enum vault_status status = read_signed(
        client, vlt_json_text_of(vlt_json_get(result, "checkpoint")), &head);

    if (status != VAULT_OK) {
        return status;
    }
    if (!vlt_checkpoints_kept(client, &kept) ||
        read_path(vlt_json_get(result, "path"), &path) != VLT_OK ||
        !vlt_origin_equal(&kept.origin, &head.origin) ||
        vlt_tree_verify_consistency(kept.size, kept.root, head.size, head.root,
                                    &path) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "the vault's log does not extend the one that "
                                "was kept: it was rewritten");
    }
    return vlt_checkpoints_keep(client, &head);
}
