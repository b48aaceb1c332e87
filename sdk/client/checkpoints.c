#include "client/checkpoints.h"

#include <string.h>

#include "base/id.h"
#include "client/client_internal.h"
#include "client/file.h"

static bool
parse(const char *text, struct vlt_checkpoint *out)
{
    return text[0] != '\0' &&
           vlt_checkpoint_parse(vlt_slice_text(text), out) == VLT_OK;
}

bool
vlt_checkpoints_kept(const struct vault_client *client,
                     struct vlt_checkpoint *out)
{
    return parse(client->record.checkpoint, out);
}

bool
vlt_checkpoints_proved(const struct vault_client *client,
                       struct vlt_checkpoint *out)
{
    return parse(client->record.proved, out);
}

static enum vault_status
two_heads(struct vault_client *client)
{
    return vlt_client_fault(client, VAULT_E_PROTOCOL,
                            "the vault's log has two heads of one size: it "
                            "was rewritten");
}

/* A copy for witnesses, under the vault's whole id. */
static enum vlt_status
store_witness(const struct vault_client *client,
              const struct vlt_record *record)
{
    char path[VLT_FILE_PATH];
    char id[VLT_IDENTITY_TEXT];
    size_t prefix = 4; /* vd1: */

    if (client->witness_dir == NULL || record->checkpoint[0] == '\0') {
        return VLT_OK;
    }
    vlt_identity_print(VLT_IDENTITY_VAULT, record->address.vault, id);
    enum vlt_status st =
        vlt_file_path(path, client->witness_dir, id + prefix, ".checkpoint");

    return st != VLT_OK
               ? st
               : vlt_file_replace(path, vlt_slice_text(record->checkpoint));
}

/* The larger of two heads, as text, into out.  VLT_E_CONFLICT: they are of one
 * size and differ. */
static enum vlt_status
take_larger(const char *kept, char out[VLT_LIMIT_CHECKPOINT + 1])
{
    struct vlt_checkpoint theirs;
    struct vlt_checkpoint ours;

    if (!parse(kept, &theirs)) {
        return VLT_OK;
    }
    if (parse(out, &ours) && ours.size == theirs.size &&
        memcmp(ours.root, theirs.root, sizeof ours.root) != 0) {
        return VLT_E_CONFLICT;
    }
    if (!parse(out, &ours) || theirs.size > ours.size) {
        memcpy(out, kept, strlen(kept) + 1);
    }
    return VLT_OK;
}

/* Are both of the same log? */
static bool
same_log(const struct vlt_record *a, const struct vlt_record *b)
{
    struct vlt_checkpoint at_a;
    struct vlt_checkpoint at_b;

    if (a->has_key && b->has_key &&
        memcmp(a->key, b->key, sizeof a->key) != 0) {
        return false;
    }
    return !parse(a->checkpoint, &at_a) || !parse(b->checkpoint, &at_b) ||
           vlt_origin_equal(&at_a.origin, &at_b.origin);
}

/* Another client of the firm may have seen more of the log, and somebody may
 * have drawn a rendezvous.  Of another log nothing is taken over: this client
 * knew of it, and takes its place. */
static enum vlt_status
merge(const struct vlt_record *kept, struct vlt_record *record)
{
    enum vlt_status st = VLT_OK;

    if (kept == NULL) {
        return VLT_OK;
    }
    if (kept->has_rendezvous) {
        record->has_rendezvous = true;
        memcpy(record->rendezvous, kept->rendezvous, sizeof record->rendezvous);
    }
    if (same_log(kept, record)) {
        st = take_larger(kept->checkpoint, record->checkpoint);
    }
    if (st == VLT_OK && same_log(kept, record)) {
        st = take_larger(kept->proved, record->proved);
    }
    return st;
}

/* What others saw is for the next session: in this one a page's head is held
 * against what this client saw. */
enum vault_status
vlt_checkpoints_store(struct vault_client *client)
{
    struct vlt_record record = client->record;
    enum vlt_status st =
        vlt_record_merge(client->target.identity->folder, &record, merge);

    if (st == VLT_E_CONFLICT) {
        return two_heads(client);
    }
    if (st == VLT_OK) {
        st = store_witness(client, &record);
    }
    return st == VLT_OK
               ? VAULT_OK
               : vlt_client_fault(client, VAULT_E_FILE,
                                  "what the vault's log stands at cannot be "
                                  "kept in %s",
                                  client->target.identity->folder);
}

/* As text into the record. */
static enum vault_status
set(struct vault_client *client, const struct vlt_checkpoint *checkpoint,
    char out[VLT_LIMIT_CHECKPOINT + 1])
{
    struct vlt_buf text = { 0 };
    enum vault_status status = VAULT_OK;

    vlt_checkpoint_put(checkpoint, &text);
    if (vlt_buf_failed(&text) || text.len > VLT_LIMIT_CHECKPOINT) {
        status = vlt_client_fault(client, VAULT_E_NOMEM, "out of memory");
    } else {
        memcpy(out, text.at, text.len);
        out[text.len] = '\0';
    }
    vlt_buf_free(&text);
    return status;
}

enum vault_status
vlt_checkpoints_keep(struct vault_client *client,
                     const struct vlt_checkpoint *newer)
{
    struct vlt_checkpoint kept;

    if (vlt_checkpoints_kept(client, &kept) && kept.size >= newer->size) {
        return kept.size > newer->size ||
                       memcmp(kept.root, newer->root, sizeof kept.root) == 0
                   ? VAULT_OK
                   : two_heads(client);
    }
    enum vault_status status = set(client, newer, client->record.checkpoint);

    return status == VAULT_OK ? vlt_checkpoints_store(client) : status;
}

enum vault_status
vlt_checkpoints_prove(struct vault_client *client,
                      const struct vlt_checkpoint *head)
{
    struct vlt_checkpoint kept;
    bool newer = !vlt_checkpoints_kept(client, &kept) || kept.size < head->size;
    enum vault_status status = set(client, head, client->record.proved);

    if (status == VAULT_OK && newer) {
        status = set(client, head, client->record.checkpoint);
    }
    return status == VAULT_OK ? vlt_checkpoints_store(client) : status;
}

enum vault_status
vlt_checkpoints_read(struct vault_client *client, struct vlt_slice text,
                     struct vlt_checkpoint *out)
{
    struct vlt_checkpoint head;

    if (vlt_checkpoint_parse(text, &head) != VLT_OK ||
        vlt_checkpoint_verify(&head, client->record.key) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "the checkpoint of the vault's log is not "
                                "signed by the pinned key");
    }
    *out = head;
    return VAULT_OK;
}

enum vault_status
vlt_checkpoints_rolled_back(struct vault_client *client,
                            const struct vlt_checkpoint *head)
{
    struct vlt_checkpoint kept = { .size = 0 };

    (void)vlt_checkpoints_kept(client, &kept);
    return vlt_client_fault(client, VAULT_E_PROTOCOL,
                            "the vault's log was rolled back from %llu to "
                            "%llu entries",
                            (unsigned long long)kept.size,
                            (unsigned long long)head->size);
}

enum vault_status
vlt_checkpoints_compare(struct vault_client *client, struct vlt_slice text,
                        bool *proof)
{
    struct vlt_checkpoint head;
    struct vlt_checkpoint kept;
    struct vlt_checkpoint proved;
    enum vault_status status = VAULT_OK;

    if (text.len == 0) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "the vault shows no head of its log");
    }
    status = vlt_checkpoints_read(client, text, &head);
    if (status != VAULT_OK) {
        return status;
    }
    if (!vlt_checkpoints_kept(client, &kept) ||
        !vlt_checkpoints_proved(client, &proved)) {
        *proof = false;
        return vlt_checkpoints_prove(client, &head);
    }
    if (!vlt_origin_equal(&kept.origin, &head.origin)) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "the vault shows another log than the one "
                                "that was kept: it was restored or rewritten; "
                                "only where its owner says that it was "
                                "restored, go on with vaultfirm restored, or "
                                "vault_identity_restored()");
    }
    if (head.size < kept.size) {
        return vlt_checkpoints_rolled_back(client, &head);
    }
    if (head.size == kept.size &&
        memcmp(head.root, kept.root, sizeof head.root) != 0) {
        return two_heads(client);
    }
    if (proved.size == 0) {
        /* Every log extends the empty one; the first that is not is trusted. */
        proved = kept.size > 0 ? kept : head;
        status = vlt_checkpoints_prove(client, &proved);
    }
    *proof = head.size > proved.size;
    return status;
}
