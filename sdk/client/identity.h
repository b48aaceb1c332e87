/*
 * identity: a firm's or source's key and folder (vault/firm.h, vault/source.h),
 * from inside.
 *
 * A folder with a file `role` that says "source" is a source's; without one it
 * is a firm's.
 *
 * Threads: an identity may be read by several clients at once, each of which
 * reads and writes the records of its vault by itself; enrolment changes it.
 */
#ifndef VLT_IDENTITY_H
#define VLT_IDENTITY_H

#include <vault/firm.h>

#include "client/record.h"
#include "wire/handshake.h"

enum { VLT_IDENTITY_NAME = 64 };

struct vlt_known_vault {
    char name[VLT_RECORD_NAME];
    char address[VLT_ADDRESS_TEXT];
    int64_t enrolled;
};

struct vault_identity {
    char *folder; /* owned */
    char name[VLT_IDENTITY_NAME + 1];
    enum vlt_role role;        /* VLT_ROLE_FIRM or VLT_ROLE_SOURCE */
    struct vlt_signer *signer; /* owned */
    uint8_t id[VLT_IDENTITY_LEN];
    char id_text[VLT_IDENTITY_TEXT];
    char fingerprint[VLT_FINGERPRINT_TEXT];
    struct vlt_known_vault *vaults; /* owned; by time of enrolment */
    size_t vault_count;
};

/* Make a new folder for this role.  VAULT_E_USAGE, VAULT_E_CONFLICT,
 * VAULT_E_FILE, VAULT_E_NOMEM. */
VAULT_MUST_USE enum vault_status
vlt_identity_make(const char *folder, const char *name, enum vlt_role role);

/* Look at the folder's records again.  VLT_E_NOMEM, VLT_E_STORAGE. */
VLT_MUST_USE enum vlt_status
vlt_identity_refresh(struct vault_identity *identity);

#endif
