#include <vault/source.h>

#include <string.h>

#include "client/client_internal.h"

enum { NS_PER_S = 1000000000 };

/* Both are what enrolment data begin with. */
_Static_assert((int)VLT_SOURCE_TOKEN_ID == (int)VLT_ENROL_ID,
               "a token's id finds its source");

enum vault_status
vault_source_make(const char *folder, const char *name)
{
    return vlt_identity_make(folder, name, VLT_ROLE_SOURCE);
}

static enum vault_status
remember(struct vault_client *client, struct vault_identity *identity)
{
    struct vlt_record *record = &client->record;

    *record = (struct vlt_record){ .is_source = true,
                                   .address = client->target.address,
                                   .enrolled = vlt_client_utc_ns() / NS_PER_S };
    vlt_record_name(record->address.vault, record->name);
    memcpy(record->firm, identity->id, sizeof record->firm);
    if (vlt_record_store(identity->folder, record) != VLT_OK ||
        vlt_identity_refresh(identity) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_FILE,
                                "enrolled, but %s cannot be written",
                                identity->folder);
    }
    return VAULT_OK;
}

enum vault_status
vault_source_enrol_wait(struct vault_client *client,
                        struct vault_identity *identity, const char *address,
                        const char *token, int timeout_ms)
{
    struct vlt_secret *secret = NULL;
    uint8_t id[VLT_SOURCE_TOKEN_ID];
    enum vlt_status st;
    enum vault_status status;

    if (identity->role != VLT_ROLE_SOURCE) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "a token is for a source; a firm has an "
                                "invitation");
    }
    st = vlt_source_token_parse(vlt_slice_text(token), id, &secret);
    if (st != VLT_OK) {
        return vlt_client_fault(
            client, st == VLT_E_NOMEM ? VAULT_E_NOMEM : VAULT_E_USAGE,
            "the token is none: vt1:<13 characters>.<52 characters>");
    }
    status = vault_connect(client, address, identity);
    if (status != VAULT_OK) {
        vlt_secret_free(secret);
        return status;
    }
    client->target.invite = secret;
    memcpy(client->target.invite_id, id, sizeof id);
    status = vault_ready_wait(client, timeout_ms);
    return status == VAULT_OK ? remember(client, identity) : status;
}
