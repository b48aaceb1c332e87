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
#include "service/warnings.h"

struct service;
struct turn;

/* At unlock, in its turn: what is in force from now on. */
VLT_MUST_USE enum vlt_status quota_load(struct turn *turn);

/* Tell what there is to warn of, with so many bytes used (0: not known).  Any
 * thread. */
void quota_warnings(const struct service *service, uint64_t used,
                    warning_fn *tell, void *ctx);

#endif
