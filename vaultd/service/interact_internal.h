/*
 * interact: interactions in their record streams.
 *
 * Service fetches and stores; what it all adds up to is computed in
 * vaultd/interaction.
 */
#ifndef INTERACT_INTERNAL_H
#define INTERACT_INTERNAL_H

#include "interaction/record.h"
#include "service/guard_internal.h"

enum {
    INTERACT_MAX = 100000, /* records of one call, all firms together */
};

/* Records in force, each the newest revision of its id. */
struct interactions {
    size_t count, cap;
    struct record *at; /* owned; by (t_event, id) */
};

void interactions_free(struct interactions *list);

/*
 * All records in force of a firm (slug; "" for all) in [from, to).
 * VLT_E_LIMIT: over INTERACT_MAX.  VLT_E_STORAGE: one does not read.
 */
struct interact_scope {
    const char *slug;
    int64_t from, to;
    bool gone; /* those taken back too */
};
VLT_MUST_USE enum vlt_status interact_load(struct service *service,
                                           const struct store_view *view,
                                           const struct interact_scope *scope,
                                           struct interactions *out);

/* Put a record (or a new revision) into its stream, which is made if need be
 * (commit thread). */
VLT_MUST_USE enum vlt_status interact_put(struct turn *turn,
                                          const struct record *record);

#endif
