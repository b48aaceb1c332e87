/*
 * rig_internal: what the files of the operations share.
 */
#ifndef TESTS_CRASH_RIG_INTERNAL_H
#define TESTS_CRASH_RIG_INTERNAL_H

#include "rig.h"

/* The turn of an operation. */
VLT_MUST_USE enum vlt_status rig_begin(struct rig *rig, unsigned op,
                                       struct store_txn **txn);

/* Commit if st says so; memory follows what came of it. */
enum vlt_status rig_end(struct rig *rig, struct store_txn *txn,
                        enum vlt_status st);

/* What is acknowledged is in the anchor, too: st, or VLT_E_UNKNOWN. */
enum vlt_status rig_anchored(struct rig *rig, enum vlt_status st);

/* A stream by its number; the caller releases it.  NULL: none. */
const struct stream *rig_stream(struct rig *rig, unsigned number);

/* Rows of rig_op.c's table. */
enum vlt_status rig_do_append(struct rig *rig, unsigned op);
enum vlt_status rig_do_erase(struct rig *rig, unsigned op);
enum vlt_status rig_do_finish(struct rig *rig, unsigned op);
enum vlt_status rig_do_compact(struct rig *rig, unsigned op);
enum vlt_status rig_do_lock(struct rig *rig, unsigned op);
enum vlt_status rig_do_slot(struct rig *rig, unsigned op);
enum vlt_status rig_do_rotate(struct rig *rig, unsigned op);

#endif
