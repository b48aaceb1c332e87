/*
 * source: the methods of sources, for the table in op_source.c.
 */
#ifndef SOURCE_INTERNAL_H
#define SOURCE_INTERNAL_H

#include "service/guard_internal.h"
#include "service/noun_internal.h"

/* What the owner asks a source to be. */
struct source_asked {
    char name[IDENTITY_NAME_MAX + 1];
    size_t patterns;
    char pattern[IDENTITY_PATTERNS_MAX][VLT_NAME_MAX + 1];
    const char *list[IDENTITY_PATTERNS_MAX];
    int automatic; /* of source.set -1: not said */
    char category[SERIES_CATEGORY_MAX + 1];
    int64_t window;
    unsigned way; /* as in a source_wish */
    struct source_quota quota;
    /* Of source.set alone. */
    bool says_category, says_way, says_quota, unblock;
};

/* ---- op_source.c ---- */

/* Parameters that source.add and source.set share: `streams`, `window` and
 * `way`, of which the last two have what source.add takes where they are not
 * said.  What is wrong is a fault of params. */
void source_read_patterns(struct vlt_walk *params, struct source_asked *add);
void source_read_window(struct vlt_walk *params, struct source_asked *add);
void source_read_way(struct vlt_walk *params, struct source_asked *add);
void source_read_quota(struct vlt_walk *params, struct source_quota *out);

/* Is it a category that a stream can have, or empty?  Else it is told. */
enum vlt_status source_check_category(struct call *call,
                                      const struct source_asked *asked);

/* Answer {`source`: a source object}. */
VLT_MUST_USE enum vlt_status source_put_one(struct call *call,
                                            const struct source *source);

/* ---- source_set.c ---- */

enum vlt_status source_name_check(struct call *call, struct vlt_walk *params);
enum vlt_status source_show_prepare(struct call *call);
enum vlt_status source_set_check(struct call *call, struct vlt_walk *params);
enum vlt_status source_set_commit(struct call *call, struct turn *turn);
enum vlt_status source_token_check(struct call *call, struct vlt_walk *params);
enum vlt_status source_token_commit(struct call *call, struct turn *turn);
enum vlt_status source_block_commit(struct call *call, struct turn *turn);

/* ---- source_replay.c, source_replay_read.c ---- */

enum vlt_status source_replay_check(struct call *call, struct vlt_walk *params);
enum vlt_status source_replay_prepare(struct call *call);
enum vlt_status source_replay_commit(struct call *call, struct turn *turn);
void source_replay_done(struct call *call, enum vlt_status st);
void source_replay_clear(void *state);

#endif
