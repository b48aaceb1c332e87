#include <vault/listener.h>

#include <string.h>

#include "client/client_internal.h"
#include "client/listener_internal.h"

static bool
awaited(const struct vault_listener *listener, const struct vault_client *by,
        const uint8_t rendezvous[VLT_RENDEZVOUS])
{
    for (const struct vault_client *at = listener->awaiting; at != NULL;
         at = at->next_awaiting) {
        if (at != by &&
            vlt_equal(at->target.rendezvous, rendezvous, VLT_RENDEZVOUS)) {
            return true;
        }
    }
    return false;
}

enum vault_status
vault_await(struct vault_client *client, struct vault_listener *listener,
            const char *address, const char *rendezvous,
            const struct vault_identity *identity)
{
    struct vlt_address at;
    uint8_t meeting[VLT_RENDEZVOUS];

    if (identity == NULL || listener == NULL ||
        vlt_address_parse(vlt_slice_text(address), &at) != VLT_OK ||
        vlt_rendezvous_parse(vlt_slice_text(rendezvous), meeting) != VLT_OK) {
        return vlt_client_fault(client, VAULT_E_USAGE,
                                "no address, vd1:<52 characters>@host:port, or "
                                "no rendezvous of 26 characters");
    }
    if (awaited(listener, client, meeting)) {
        return vlt_client_fault(client, VAULT_E_CONFLICT,
                                "another client awaits this rendezvous");
    }
    vlt_client_aim(client);
    client->target.address = at;
    client->target.identity = identity;
    client->target.listener = listener;
    memcpy(client->target.rendezvous, meeting, sizeof meeting);
    enum vlt_status st =
        vlt_record_find(identity->folder, at.vault, &client->record);

    if (st != VLT_OK && st != VLT_E_NOT_FOUND) {
        return vlt_client_fault(client, VAULT_E_FILE,
                                "the record of this vault in %s cannot be read",
                                identity->folder);
    }
    vlt_client_begin(client);
    return VAULT_OK;
}
