/*
 * own_receipt: the newest receipt of a grant, fetched and checked, before a
 * firm signs anything that rests on it.
 *
 * Threads: the client's.
 */
#ifndef VLT_OWN_RECEIPT_H
#define VLT_OWN_RECEIPT_H

#include <vault/client.h>

#include "base/buf.h"
#include "base/id.h"

struct vlt_own_receipt {
    int64_t seq;
    struct vlt_buf payload; /* the bytes that the vault signed; owned */
    uint8_t sub[16];        /* the subject that the firm knows the person by */
};

/*
 * Fetch it.  grant is its id; id gets it as it is written (of VLT_ULID_TEXT
 * bytes).  The caller frees out->payload, also on failure.
 * VAULT_E_USAGE    it is no id
 * VAULT_E_CONNECT  not connected as a firm
 * VAULT_E_AUTH     the pinned key did not sign it, or it is not of this firm
 *                  and grant
 */
VAULT_MUST_USE enum vault_status
vlt_own_receipt_wait(struct vault_client *client, const char *grant,
                     int timeout_ms, char id[VLT_ULID_TEXT],
                     struct vlt_own_receipt *out);

#endif
