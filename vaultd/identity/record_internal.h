/*
 * record: firms, sources and invitations as the JSON of their sealed records.
 *
 * Pure, but for the memory that reading allocates.
 */
#ifndef IDENTITY_RECORD_H
#define IDENTITY_RECORD_H

#include "identity/roster_internal.h"

enum { RECORD_MAX = 1 << 20 /* bytes */ };

/*
 * ---- record_secret.c: a secret in a record ----
 *
 * It is hex digits in JSON, but the JSON parser never sees it: whatever copies
 * that makes nobody could wipe.
 */

/* Put the secret over the zeros that were printed as this member. */
void record_fill(struct vlt_buf *json, const char *member,
                 const struct vlt_secret *secret);

/*
 * Take the secret, whose length says how long it is, out of a record: *bare is
 * the record with zeros in its place, which the caller frees in any case.
 * VLT_E_FORMAT: there is none of this length.  VLT_E_LIMIT, VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status record_part(struct vlt_slice json,
                                         const char *member,
                                         struct vlt_buf *bare,
                                         struct vlt_secret *secret);

/* ---- record.c ---- */

/* A record with a secret goes into a buffer of vlt_buf_init_secret(). */
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
