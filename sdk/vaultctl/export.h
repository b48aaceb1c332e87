/*
 * export: a receipt in the forms of others (DPV-27560, Kantara).
 *
 * They are made on demand, never kept, and never the authority: each has the
 * signed receipt in it, with the firm's signature where there is one.
 *
 * Pure, but for memory.
 */
#ifndef EXPORT_H
#define EXPORT_H

#include "base/buf.h"
#include "base/status.h"
#include "json/json.h"
#include "json/json_write.h"

/* A receipt, taken apart: texts are borrowed from what it was made of. */
struct export
{
    struct vlt_json *claims; /* owned: the payload */
    struct vlt_slice payload;
    struct vlt_slice header[2]; /* the vault's, the firm's */
    struct vlt_slice signature[2];
    size_t signatures; /* 1, or 2 with the firm's */
};

/*
 * Take a compact receipt apart; countersigned is empty where the firm has not.
 * It verifies nothing: the vault has just made it.  The caller ends *out with
 * export_end().
 * VLT_E_FORMAT: it is none, or the two are of different payloads; VLT_E_NOMEM.
 */
VLT_MUST_USE enum vlt_status export_begin(struct vlt_slice receipt,
                                          struct vlt_slice countersigned,
                                          struct export *out);
void export_end(struct export *export);

/* Append one JSON object: JSON-LD of DPV 2, or a receipt of Kantara's 1.1. */
void export_dpv(const struct export *export, struct vlt_buf *out);
void export_kantara(const struct export *export, struct vlt_buf *out);

/* ---- what both need ---- */

/* A claim that is text, or an object's member by a path such as
 * "controller.name". */
struct vlt_slice export_text(const struct export *export, const char *path);
int64_t export_int(const struct export *export, const char *path);
bool export_flag(const struct export *export, const char *path);
const struct vlt_json *export_claim(const struct export *export,
                                    const char *path);

/* Does the claim say this? */
bool export_says(const struct export *export, const char *path,
                 const char *word);

/* Put the signed receipt as a member: JWS JSON serialisation (RFC 7515, 7.2),
 * one payload and one or two signatures. */
void export_put_jws(const struct export *export, struct vlt_json_out *json,
                    const char *name);

#endif
