/*
 * What a firm does when one end is another than before: its own key, or the
 * vault's log.
 */
#include <vault/firm.h>

#include <string.h>

#include "base/id.h"
#include "client/client_internal.h"
#include "crypto/random.h"
#include "wire/rekey.h"

enum { NS_PER_S = 1000000000 };

/* ---- another key ---- */

static enum vault_status
sign(struct vault_client *client, const struct vault_identity *next,
     struct vlt_buf *params)
{
    const struct vault_identity *identity = client->target.identity;
    int64_t now = vlt_client_utc_ns();
    struct vlt_rekey rekey = { .iat = now / NS_PER_S };
    struct vlt_buf change = { 0 };
    struct vlt_buf accept = { 0 };
    enum vlt_status st;

    vlt_ulid_new(now, rekey.jti);
    memcpy(rekey.iss, identity->id, sizeof rekey.iss);
    vlt_identity_of(VLT_IDENTITY_RECEIPT, client->record.key, rekey.aud);
    st = vlt_rekey_sign(identity->signer, next->signer, &rekey, &change,
                        &accept);
    vlt_buf_put_text(params, "{\"change\":\"");
    vlt_buf_put_slice(params, vlt_buf_slice(&change));
    vlt_buf_put_text(params, "\",\"accept\":\"");
    vlt_buf_put_slice(params, vlt_buf_slice(&accept));
    vlt_buf_put_text(params, "\"}");
    vlt_buf_free(&change);
    vlt_buf_free(&accept);
    return vlt_client_status(st == VLT_OK ? vlt_buf_status(params) : st);
}

/* The vault is the other identity's too, with the same pinned key and head. */
static enum vault_status
hand_over(struct vault_client *client, struct vault_identity *next)
{
    struct vlt_record record = client->record;

    memcpy(record.firm, next->id, sizeof record.firm);
    return vlt_record_store(next->folder, &record) == VLT_OK &&
                   vlt_identity_refresh(next) == VLT_OK
               ? VAULT_OK
               : vlt_client_fault(client, VAULT_E_FILE,
                                  "asked, but %s cannot be written",
                                  next->folder);
}

enum vault_status
vault_rekey_wait(struct vault_client *client, struct vault_identity *next,
                 int timeout_ms)
{
    struct vlt_buf params = { 0 };
    enum vault_status status;

    if (client->state != VAULT_READY || !client->record.has_key) {
        return vlt_client_fault(client, VAULT_E_CONNECT,
                                "not connected as a firm");
    }
    if (next->role != VLT_ROLE_FIRM) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "the other identity is a source's");
    }
    status = sign(client, next, &params);
    if (status == VAULT_OK) {
        status = vlt_call_wait(client, "firm.rekey", vlt_buf_slice(&params),
                               timeout_ms, NULL);
    }
    if (status == VAULT_OK) {
        status = hand_over(client, next);
    }
    vlt_buf_free(&params);
    return status;
}

/* ---- another log ---- */

enum vault_status
vault_identity_restored(struct vault_identity *identity, const char *name)
{
    const char *known = vault_identity_vault(identity, name);
    struct vlt_address at;
    struct vlt_record record;
    enum vlt_status st;

    if (known == NULL ||
        vlt_address_parse(vlt_slice_text(known), &at) != VLT_OK) {
        return VAULT_E_NOT_FOUND;
    }
    st = vlt_record_find(identity->folder, at.vault, &record);
    if (st == VLT_OK) {
        st = vlt_record_set_aside(identity->folder, &record);
    }
    if (st == VLT_OK) {
        record.checkpoint[0] = '\0';
        record.proved[0] = '\0';
        st = vlt_record_store(identity->folder, &record);
    }
    return st == VLT_OK        ? VAULT_OK
           : st == VLT_E_NOMEM ? VAULT_E_NOMEM
                               : VAULT_E_FILE;
}
