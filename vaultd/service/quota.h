/*
 * quota: how much the vault may take, and what the owner is told of room.
 *
 * The bytes are a setting that init makes; the configuration's word stands
 * above it.  A vault that has none gets one when it is first unlocked.
 */
#ifndef SERVICE_QUOTA_H
#define SERVICE_QUOTA_H

#include <stdint.h>

#include "base/status.h"

struct service;
struct turn;
struct vlt_json_out;

/* At unlock, in its turn: what is in force from now on. */
VLT_MUST_USE enum vlt_status quota_load(struct turn *turn);

/* Members of a list of warnings, with so many bytes used (0: not known).  Any
 * thread. */
void quota_put_warnings(const struct service *service, uint64_t used,
                        struct vlt_json_out *json);

/* One of them: {"code":…,"says":…}. */
void quota_put_warning(struct vlt_json_out *json, const char *code,
                       const char *says);

#endif
