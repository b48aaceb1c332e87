/*
 * backup_internal: what making and verifying backups share.
 */
#ifndef BACKUP_INTERNAL_H
#define BACKUP_INTERNAL_H

#include "service/backup_record.h"
#include "service/errand.h"
#include "service/noun_internal.h"

/* Read the parameter `file`, an absolute path. */
VLT_MUST_USE enum vlt_status backup_read_file(struct call *call,
                                              struct vlt_walk *params,
                                              char out[BACKUP_PATH + 1]);

/* A backup as an object. */
void backup_put(struct vlt_json_out *json, const char *name,
                const struct backup_record *record);

/* The steps of backup.verify (service/method.h). */
enum vlt_status backup_verify_check(struct call *call, struct vlt_walk *params);
void backup_verify_begin(struct call *call);
enum vlt_status backup_verify_prepare(struct call *call);
void backup_verify_done(struct call *call, enum vlt_status st);
void backup_verify_clear(void *state);

#endif
