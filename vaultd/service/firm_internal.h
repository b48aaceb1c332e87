/*
 * firm: the methods of firms, for the table in op_firm.c.
 */
#ifndef FIRM_INTERNAL_H
#define FIRM_INTERNAL_H

#include "service/noun_internal.h"
#include "service/policy_internal.h"

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

enum { FIRM_STAYS = 16 }; /* rules that are named; the first say enough */

/* What becomes of the rules when a firm gets the key that it asks for: those
 * that denied it something for good go with it; the owner's files stay with the
 * key that they meant, and are named. */
struct firm_moves {
    bool read;
    uint8_t next[VLT_SIGN_PK]; /* for this key */
    struct policy_never rules;
    size_t stays; /* of all: more than are named, maybe */
    char stay[FIRM_STAYS][POLICY_NAME];
};

/* Any thread but the commit thread: it is slow.  VLT_E_NOMEM, VLT_E_LOCKED. */
VLT_MUST_USE enum vlt_status firm_moves_read(struct service *service,
                                             const struct firm *firm,
                                             struct firm_moves *out);

/* Write the members `rules`, those that stay, and `more_rules`, how many there
 * are beyond those that it names, if any. */
void firm_put_stays(struct vlt_json_out *json, const struct firm_moves *moves);

/* The owner says yes to the key that it asks for: all ends that was between the
 * old one and the vault; the caller releases *out.  Or no. */
struct firm_taking {
    struct call *call;
    struct turn *turn;
    const struct firm_moves *moves;
    struct noun_ends *ends; /* filled in */
};
VLT_MUST_USE enum vlt_status firm_take_key(const struct firm_taking *taking,
                                           const struct firm *firm,
                                           const struct firm **out);
VLT_MUST_USE enum vlt_status firm_keep_key(struct call *call, struct turn *turn,
                                           const struct firm *firm);

#endif
