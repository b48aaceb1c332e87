/*
 * firm: the methods of firms, for the table in op_firm.c.
 */
#ifndef FIRM_INTERNAL_H
#define FIRM_INTERNAL_H

#include "service/noun_internal.h"

enum vlt_status firm_list_check(struct call *call, struct vlt_walk *params);
enum vlt_status firm_list_prepare(struct call *call);
enum vlt_status firm_show_check(struct call *call, struct vlt_walk *params);
enum vlt_status firm_show_prepare(struct call *call);

/* Write the member `next`: the key that a firm asks for, or null. */
void firm_put_next(struct vlt_json_out *json, const struct firm *firm);

/* ---- firm_end.c: block, forget ---- */

enum vlt_status firm_block_check(struct call *call, struct vlt_walk *params);
enum vlt_status firm_forget_check(struct call *call, struct vlt_walk *params);
enum vlt_status firm_part_commit(struct call *call, struct turn *turn);
void firm_part_done(struct call *call, enum vlt_status st);
void firm_part_clear(void *state);

/* Its grants end, of which ends takes note, what it asks is denied, its
 * sessions close. */
VLT_MUST_USE enum vlt_status firm_cut_off(struct call *call, struct turn *turn,
                                          const struct firm *firm,
                                          struct noun_ends *ends);

/* ---- firm_key.c: rekey ---- */

enum vlt_status firm_rekey_check(struct call *call, struct vlt_walk *params);
enum vlt_status firm_rekey_prepare(struct call *call);
enum vlt_status firm_rekey_commit(struct call *call, struct turn *turn);

/* The owner says yes to the key that it asks for: all ends that was between the
 * old one and the vault; the caller releases *out.  Or no. */
VLT_MUST_USE enum vlt_status firm_take_key(struct call *call, struct turn *turn,
                                           const struct firm *firm,
                                           struct noun_ends *ends,
                                           const struct firm **out);
VLT_MUST_USE enum vlt_status firm_keep_key(struct call *call, struct turn *turn,
                                           const struct firm *firm);

#endif
