/*
 * walk_internal: what the walker's frame lends to its typed reads.
 */
#ifndef VLT_JSON_WALK_INTERNAL_H
#define VLT_JSON_WALK_INTERNAL_H

#include "json/json.h"

/* Ask for a member: borrowed; NULL when absent or after a fault. */
const struct vlt_json *vlt_walk_ask(struct vlt_walk *walk, const char *name);

/* What a value is, behind "is ": "a list", "text", "null". */
const char *vlt_walk_kind_word(const struct vlt_json *node);

#endif
