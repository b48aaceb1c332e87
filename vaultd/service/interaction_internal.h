/*
 * interaction: the methods of interactions, for the table in op_interaction.c.
 */
#ifndef INTERACTION_INTERNAL_H
#define INTERACTION_INTERNAL_H

#include "interaction/formula.h"
#include "service/interact_internal.h"
#include "service/method.h"
#include "json/json_write.h"

/* ---- op_interaction.c: what they share ---- */

/* The slug of a firm's short name.  False: it is no name of a firm. */
bool interaction_slug(struct vlt_slice name, char out[SLUG_MAX + 1]);

/* Refuse by the field and its range: VLT_E_FORMAT. */
enum vlt_status interaction_refuse(struct call *call,
                                   const struct record_fault *fault);

/* Put the record as a member of this name, or as an item of a list. */
void interaction_put(struct vlt_json_out *json, const char *name,
                     const struct record *record);

/* ---- interaction_sum.c: what records add up to ---- */

struct summing {
    struct formula_sum sum;
    size_t count;
    struct formula_event *events; /* owned */
    struct formula_line *lines;   /* owned; NULL: not wanted */
    const struct record **record; /* owned: the rated ones, in order */
};

/* The records of one firm, in the order of (t_event, id); list must outlive
 * *out, which the caller frees with summing_free().  Lines cost count² / 2
 * steps: none of that on the commit thread.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status summing_run(const struct interactions *list,
                                         bool lines, struct summing *out);

/* Perceived less expected of record i, in q, in count steps. */
int32_t summing_gap(const struct summing *summing, size_t i);
void summing_free(struct summing *summing);

/* ---- interaction_add.c ---- */

enum vlt_status interaction_add_check(struct call *call,
                                      struct vlt_walk *params);
enum vlt_status interaction_add_commit(struct call *call, struct turn *turn);
void interaction_add_clear(void *state);

/* ---- interaction_rate.c ---- */

enum vlt_status interaction_rate_check(struct call *call,
                                       struct vlt_walk *params);
enum vlt_status interaction_rate_commit(struct call *call, struct turn *turn);
void interaction_rate_clear(void *state);

/* ---- interaction_look.c ---- */

enum vlt_status interaction_list_check(struct call *call,
                                       struct vlt_walk *params);
enum vlt_status interaction_list_prepare(struct call *call);
enum vlt_status interaction_score_check(struct call *call,
                                        struct vlt_walk *params);
enum vlt_status interaction_score_prepare(struct call *call);

#endif
