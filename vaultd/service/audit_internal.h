/*
 * audit: audit.verify, for the table in op_audit.c.
 */
#ifndef SERVICE_AUDIT_INTERNAL_H
#define SERVICE_AUDIT_INTERNAL_H

#include "service/noun_internal.h"

enum vlt_status audit_verify_check(struct call *call, struct vlt_walk *params);
enum vlt_status audit_verify_prepare(struct call *call);
void audit_verify_clear(void *state);

#endif
