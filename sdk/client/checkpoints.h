/*
 * checkpoints: the newest signed head of the firm's log, kept and compared.
 *
 * It lies in the identity's folder (record.h), and where the caller named a
 * witness_dir also there, as <vault id>.checkpoint.
 */
#ifndef VLT_CHECKPOINTS_H
#define VLT_CHECKPOINTS_H

#include <vault/client.h>

#include "wire/checkpoint.h"
#include "json/json.h"

/* Write the record of the client's vault.  VAULT_E_FILE. */
enum vault_status vlt_checkpoints_store(struct vault_client *client);

/*
 * A session's newest head: signed by the pinned key, and not smaller than the
 * one that is kept.  *from and *size are the two sizes (from 0: none is kept);
 * where they are equal the roots must be.  With from 0 it is kept.
 */
enum vault_status vlt_checkpoints_compare(struct vault_client *client,
                                          struct vlt_slice text, uint64_t *from,
                                          uint64_t *size);

/* The answer of audit.prove from the kept one on: does its checkpoint extend
 * it?  Then it is kept. */
enum vault_status vlt_checkpoints_extend(struct vault_client *client,
                                         const struct vlt_json *result);

/* The one that is kept.  False: none. */
bool vlt_checkpoints_kept(const struct vault_client *client,
                          struct vlt_checkpoint *out);

/* Keep one that was verified, if it is newer. */
enum vault_status vlt_checkpoints_keep(struct vault_client *client,
                                       const struct vlt_checkpoint *newer);

#endif
