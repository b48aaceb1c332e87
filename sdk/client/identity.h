/*
 * identity: a firm's key and folder (vault/firm.h), from inside.
 *
 * Threads: an identity may be read by several clients at once, each of which
 * reads and writes the records of its vault by itself; enrolment changes it.
 */
#ifndef VLT_IDENTITY_H
#define VLT_IDENTITY_H

#include <vault/firm.h>

#include "client/record.h"

enum { VLT_IDENTITY_NAME = 64 };

struct vlt_known_vault {
    char name[VLT_RECORD_NAME];
    char address[VLT_ADDRESS_TEXT];
    int64_t enrolled;
};

struct vault_identity {
    char *folder; /* owned */
    char name[VLT_IDENTITY_NAME + 1];
    struct vlt_signer *signer; /* owned */
    uint8_t id[VLT_IDENTITY_LEN];
    char id_text[VLT_IDENTITY_TEXT];
    char fingerprint[VLT_FINGERPRINT_TEXT];
    struct vlt_known_vault *vaults; /* owned; by time of enrolment */
    size_t vault_count;
};

/* Look at the folder's records again.  VLT_E_NOMEM, VLT_E_STORAGE. */
VLT_MUST_USE enum vlt_status
vlt_identity_refresh(struct vault_identity *identity);

#endif
