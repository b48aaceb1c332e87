/*
 * ask: a query or subscription as parameters of data.query and data.subscribe.
 *
 * Pure.  Threads: any.
 */
#ifndef VLT_ASK_H
#define VLT_ASK_H

#include <vault/client.h>

#include "base/buf.h"

enum {
    VLT_ASK_CREDIT = 8, /* pages that may be on their way */
    VLT_ASK_SAYS = 192,
};

/* Append the parameters.  VLT_E_FORMAT: says (of VLT_ASK_SAYS bytes) tells what
 * the caller got wrong. */
VLT_MUST_USE enum vlt_status vlt_ask_query(const struct vault_query *query,
                                           struct vlt_buf *out, char *says);

/* cursor, where it is not NULL, stands for the struct's own. */
VLT_MUST_USE enum vlt_status
vlt_ask_subscribe(const struct vault_subscribe *subscribe, const char *cursor,
                  struct vlt_buf *out, char *says);

#endif
