/*
 * Interactions: the person's record of dealings with firms, first form.  The
 * table of their methods, and what these share.
 */
#include "service/interaction_internal.h"
#include "service/nouns.h"

/* Slugs are made of the short name alone in this release: relationships, which
 * would keep two names of one slug apart, come later. */
static bool
never_taken(void *ctx, const char *slug)
{
    (void)ctx;
    (void)slug;
    return false;
}

bool
interaction_slug(struct vlt_slice name, char out[SLUG_MAX + 1])
{
    return slug_make(name, never_taken, NULL, out) == VLT_OK;
}

enum vlt_status
interaction_refuse(struct call *call, const struct record_fault *fault)
{
    return call_refuse_at(call, fault->at, "%s %s.",
                          fault->at[0] != '\0' ? fault->at : "The record",
                          fault->says);
}

void
interaction_put(struct vlt_json_out *json, const char *name,
                const struct record *record)
{
    struct vlt_buf rec;

    vlt_buf_init(&rec, RECORD_MAX);
    record_print(record, &rec);
    vlt_put_raw(json, name, vlt_buf_slice(&rec));
    vlt_buf_free(&rec);
}

const struct method op_interaction[] = {
    { .name = "interaction.add",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = interaction_add_check,
      .commit = interaction_add_commit,
      .clear = interaction_add_clear },
    { .name = "interaction.list",
      .roles = ROLE_OWNER,
      .flags = METHOD_READS,
      .check = interaction_list_check,
      .prepare = interaction_list_prepare },
    { .name = "interaction.rate",
      .roles = ROLE_OWNER,
      .flags = METHOD_CHANGES,
      .check = interaction_rate_check,
      .commit = interaction_rate_commit,
      .clear = interaction_rate_clear },
    { .name = "interaction.score",
      .roles = ROLE_OWNER,
      .flags = METHOD_READS,
      .check = interaction_score_check,
      .prepare = interaction_score_prepare },
    { .name = NULL },
};
