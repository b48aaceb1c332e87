/*
 * record: firms, sources and invitations as the JSON of their sealed records.
 *
 * Pure, but for the memory that reading allocates.
 */
#ifndef IDENTITY_RECORD_H
#define IDENTITY_RECORD_H

#include "identity/roster_internal.h"

void record_put_firm(struct vlt_buf *out, const struct firm *firm);
void record_put_source(struct vlt_buf *out, const struct source *source,
                       const struct vlt_secret *secret);
void record_put_invitation(struct vlt_buf *out,
                           const struct invitation *invitation,
                           const struct vlt_secret *token);

/*
 * Read one; the caller releases *out.
 * VLT_E_FORMAT: it is not what this program writes.  VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status record_get_firm(const uint8_t id[VLT_ID_LEN],
                                             struct vlt_slice json,
                                             const struct firm **out);
VLT_MUST_USE enum vlt_status record_get_source(const uint8_t id[VLT_ID_LEN],
                                               struct vlt_slice json,
                                               const struct source **out);

/* The secret of a source's token.  The caller owns *out. */
VLT_MUST_USE enum vlt_status record_get_secret(struct vlt_slice json,
                                               struct vlt_secret **out);

/* The caller owns *token, 16 bytes; NULL: not wanted. */
VLT_MUST_USE enum vlt_status record_get_invitation(const uint8_t id[VLT_ID_LEN],
                                                   struct vlt_slice json,
                                                   struct invitation *out,
                                                   struct vlt_secret **token);

#endif
