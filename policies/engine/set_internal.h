/*
 * set_internal: a compiled set, for the sources of this room.
 */
#ifndef POLICIES_SET_INTERNAL_H
#define POLICIES_SET_INTERNAL_H

#include "engine/policy.h"

/* When a rule takes part at all. */
enum set_when {
    SET_ALWAYS,
    SET_UNCONFIRMED, /* while the firm is not confirmed, or is blocked */
};

/* What a decision looks at first; small, so that many fit a cache line. */
struct set_rule {
    enum policy_effect effect;
    enum set_when when;
    bool has_firms;
    bool has_purposes;
    bool has_data;
    struct vocab_mask purposes;
    struct vocab_mask data;
    const struct policy_rule *rule;
};

/* A rule that names a firm. */
struct set_entry {
    const uint8_t *firm;
    uint16_t rule;
};

struct policy_set {
    struct policy_settings settings;
    size_t count;
    struct policy_rule *rules; /* by name; each owns its block */
    void **blocks;             /* texts and firms of rules[i] */
    struct set_rule *compiled; /* of rules[i] */
    size_t general_count;      /* rules without firms, growing */
    uint16_t *general;
    size_t entry_count; /* rules with firms, by firm, then growing */
    struct set_entry *entries;
};

/* A copy of the rule whose texts and firms lie in *block, which the caller
 * frees.  Firms are put in order, each once.  VLT_E_NOMEM, VLT_E_LIMIT. */
VLT_MUST_USE enum vlt_status set_copy_rule(const struct policy_rule *rule,
                                           struct policy_rule *out,
                                           void **block);

#endif
