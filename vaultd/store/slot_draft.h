/*
 * slot_draft: a slot that is to be, for those who write headers.
 */
#ifndef STORE_SLOT_DRAFT_H
#define STORE_SLOT_DRAFT_H

#include "keys/header.h"
#include "keys/keyring.h"
#include "store/slots.h"

struct store_draft {
    struct slot_about about; /* but for its number */
    struct vlt_secret *kek;
    struct vlt_secret *words; /* that were made; NULL: none */
};

/* Put it into a header under a number, over what is there.
 * VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status slot_draft_place(const struct store_draft *draft,
                                              unsigned number,
                                              const struct vlt_secret *root_key,
                                              struct header *header);

/*
 * What backups are wrapped under with this slot: about and *out, which the
 * caller owns.  VLT_E_NOT_FOUND: nothing, since a backup is opened by what a
 * person knows, not by a file.  VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status slot_draft_backup(const struct store_draft *draft,
                                               struct keyring_about *about,
                                               struct vlt_secret **out);

/* The key of a slot's backups, by what the slot says. */
struct keyring_about slot_backup_of(const struct slot_about *about);

#endif
