/*
 * checkpoints: signed heads of the firm's log, kept and compared: the newest
 * that was seen, and the newest up to which the log is proved (prove.h).
 *
 * They lie in the identity's folder (record.h), the newest also where the
 * caller named a witness_dir, as <vault id>.checkpoint.
 */
#ifndef VLT_CHECKPOINTS_H
#define VLT_CHECKPOINTS_H

#include <vault/client.h>

#include "wire/checkpoint.h"

/* Write the record of the client's vault, with what others have kept there
 * meanwhile: a larger head, a rendezvous.  VAULT_E_FILE.  VAULT_E_PROTOCOL:
 * they were shown another head of the same size. */
enum vault_status vlt_checkpoints_store(struct vault_client *client);

/*
 * A session's newest head: signed by the pinned key, of the same log, and not
 * smaller than the newest that was seen.  The first of all is kept and taken as
 * proved; no other is kept before the proof.  *proof: it is larger than the
 * proved one, so that is to be shown.
 */
enum vault_status vlt_checkpoints_compare(struct vault_client *client,
                                          struct vlt_slice text, bool *proof);

/* Read one that the pinned key must have signed. */
enum vault_status vlt_checkpoints_read(struct vault_client *client,
                                       struct vlt_slice text,
                                       struct vlt_checkpoint *out);

/* The newest that was seen, and the one up to which the log is proved.  False:
 * none. */
bool vlt_checkpoints_kept(const struct vault_client *client,
                          struct vlt_checkpoint *out);
bool vlt_checkpoints_proved(const struct vault_client *client,
                            struct vlt_checkpoint *out);

/* The log is proved up to this one. */
enum vault_status vlt_checkpoints_prove(struct vault_client *client,
                                        const struct vlt_checkpoint *head);

/* VAULT_E_PROTOCOL, said so: the head is smaller than what was seen. */
enum vault_status
vlt_checkpoints_rolled_back(struct vault_client *client,
                            const struct vlt_checkpoint *head);

/* Keep one that was verified, if it is newer. */
enum vault_status vlt_checkpoints_keep(struct vault_client *client,
                                       const struct vlt_checkpoint *newer);

#endif
