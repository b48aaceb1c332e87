/*
 * session: what a firm does before its session is READY; a source is so at
 * once.
 *
 * It asks session.info, pins the receipt key in the first session, and, where
 * it holds an older checkpoint, asks for the proof that the log only grew.
 */
#include <string.h>

#include "base/id.h"
#include "client/checkpoints.h"
#include "client/client_internal.h"
#include "client/prove.h"

static enum vault_status
finish(struct vault_client *client)
{
    vlt_client_open(client);
    return VAULT_OK;
}

/* A step of the session that failed ends it. */
static void
fail(struct vault_client *client, enum vault_status status)
{
    vlt_client_break(client, status);
}

static void
on_proved(struct vault_client *client, enum vault_status status)
{
    if (status == VAULT_OK) {
        status = finish(client);
    }
    if (status != VAULT_OK) {
        fail(client, status);
    }
}

/* The key that signs the receipts for us: pinned once, compared ever after. */
static enum vault_status
pin_key(struct vault_client *client, const struct vlt_json *result)
{
    struct vlt_slice text =
        vlt_json_text_of(vlt_json_get(vlt_json_get(result, "receipt"), "key"));
    struct vlt_record *record = &client->record;
    struct vlt_buf key = { 0 };
    bool good = text.len > 0 && vlt_base64url_get(text, &key) == VLT_OK &&
                key.len == sizeof record->key;
    bool same = good && (!record->has_key ||
                         memcmp(key.at, record->key, sizeof record->key) == 0);

    if (same) {
        memcpy(record->key, key.at, sizeof record->key);
    }
    vlt_buf_free(&key);
    if (!good) {
        return vlt_client_fault(client, VAULT_E_PROTOCOL,
                                "the vault told no receipt key");
    }
    if (!same) {
        return vlt_client_fault(client, VAULT_E_AUTH,
                                "the vault shows another receipt key than the "
                                "one that is pinned");
    }
    if (record->has_key) {
        return VAULT_OK;
    }
    record->has_key = true;
    return vlt_checkpoints_store(client);
}

static enum vault_status
take_info(struct vault_client *client, const struct vlt_json *result)
{
    struct vlt_slice text = vlt_json_text_of(
        vlt_json_get(vlt_json_get(result, "head"), "checkpoint"));
    bool proof = false;
    enum vault_status status = pin_key(client, result);

    if (status == VAULT_OK) {
        status = vlt_checkpoints_compare(client, text, &proof);
    }
    if (status != VAULT_OK) {
        return status;
    }
    return proof ? vlt_prove_begin(client, on_proved) : finish(client);
}

static void
on_info(void *ctx, struct vault_client *client, const struct vlt_answer *answer)
{
    enum vault_status status = answer->status;

    (void)ctx;
    if (answer->rpc == NULL) {
        return;
    }
    if (status == VAULT_OK) {
        status = take_info(client, answer->rpc->result);
    }
    if (status != VAULT_OK) {
        fail(client, status);
    }
}

enum vault_status
vlt_client_session(struct vault_client *client)
{
    struct vlt_record *record = &client->record;

    if (client->target.identity->role == VLT_ROLE_SOURCE) {
        return finish(client);
    }
    if (record->name[0] == '\0') {
        vlt_record_name(client->target.address.vault, record->name);
        record->enrolled = vlt_client_utc_ns() / 1000000000;
        memcpy(record->firm, client->target.identity->id, VLT_IDENTITY_LEN);
    }
    record->address = client->target.address;
    client->prove = (struct vlt_prove){ .done = NULL };
    return vlt_call_begin(client, "session.info", (struct vlt_slice){ 0 },
                          on_info, NULL, NULL);
}
