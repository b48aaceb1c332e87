/*
 * audit: the methods of the log, for the table in op_audit.c.
 */
#ifndef SERVICE_AUDIT_INTERNAL_H
#define SERVICE_AUDIT_INTERNAL_H

#include "service/noun_internal.h"

/* ---- op_audit.c ---- */

/* Which tree the parameters name: of the owner's, `firm`; a firm's calls are
 * about its own. */
void audit_read_tree(struct call *call, struct vlt_walk *params,
                     char firm[NOUN_FIRM]);

/* Begin with that tree, as noun_tree_begin().  What went wrong is told. */
VLT_MUST_USE enum vlt_status audit_tree_begin(struct call *call,
                                              const char *firm_text,
                                              struct noun_tree *out);

/* Put `origin` and `size`. */
void audit_put_origin(struct vlt_json_out *json, const struct noun_tree *tree);

/* ---- audit_list.c ---- */

enum vlt_status audit_list_check(struct call *call, struct vlt_walk *params);
enum vlt_status audit_list_prepare(struct call *call);
void audit_list_clear(void *state);

/* ---- audit_verify.c ---- */

enum vlt_status audit_verify_check(struct call *call, struct vlt_walk *params);
enum vlt_status audit_verify_prepare(struct call *call);
void audit_verify_clear(void *state);

#endif
