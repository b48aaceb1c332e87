/*
 * status_map: an error object, or a status of the inner rooms, as the status
 * that the public headers promise.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_STATUS_MAP_H
#define VLT_STATUS_MAP_H

#include <vault/status.h>

#include "wire/rpc.h"

/* By code; `params` whose detail is not_found is VAULT_E_NOT_FOUND.  A code
 * that is none of the table breaks the protocol. */
enum vault_status vlt_status_of_error(const struct vlt_rpc_error *error);

enum vault_status vlt_status_outside(enum vlt_status st);

#endif
