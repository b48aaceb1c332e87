/*
 * policy_warn: what is no fault of a set, and may not be meant (LANGUAGE.md,
 * 6.1).
 *
 * A warning has the form and the place of a fault, that of its rule; none keeps
 * a set from coming in force.
 *
 * Pure, but for memory.  Threads: any.
 */
#ifndef POLICIES_POLICY_WARN_H
#define POLICIES_POLICY_WARN_H

#include "text/policy_text.h"

enum {
    POLICY_WARN_MAX = 100,      /* told of a set; those beyond are not */
    POLICY_WARN_WORK = 2000000, /* rules weighed, to find such as say nothing */
};

/* A stream of the vault; borrowed. */
struct policy_warn_stream {
    struct vlt_slice name;
    int category;     /* VOCAB_NONE: unsorted */
    int64_t every_ns; /* between two readings, on average; 0: not known */
};

struct policy_warn_input {
    const struct policy_set *set;
    int64_t now; /* ns */
    size_t streams;
    const struct policy_warn_stream *stream;
};

/* Does a permit of the set mean by its places the country that is configured,
 * and none is? */
bool policy_warn_home(const struct policy_set *set,
                      const struct policy_rule *rule);

/* Tell the warnings about written rules (none of those that answers made), by
 * file, line and column.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status policy_warn(const struct policy_warn_input *input,
                                         policy_fault_fn *fn, void *ctx);

#endif
