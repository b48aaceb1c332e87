/*
 * set_internal: a compiled set, for the sources of this room.
 */
#ifndef POLICIES_SET_INTERNAL_H
#define POLICIES_SET_INTERNAL_H

#include "engine/policy.h"

enum {
    SET_WORDS = (POLICY_RULES + POLICY_BUILTINS + 63) / 64,
};

/* Some rules of a set, by number: bit i % 64 of word i / 64. */
struct set_bits {
    uint64_t words[SET_WORDS];
};

/* A rule that names a firm. */
struct set_entry {
    uint64_t head; /* its first bytes, as a number that orders like them */
    const uint8_t *firm;
    uint16_t rule;
};

struct policy_set {
    struct policy_settings settings;
    struct terms_limits unsaid;
    size_t count;
    struct policy_rule *rules; /* by name; each owns its block */
    void **blocks;             /* texts and firms of rules[i] */
    size_t entry_count;        /* rules with firms, by firm, then growing */
    struct set_entry *entries;
    struct set_bits general;     /* rules without firms */
    struct set_bits unconfirmed; /* that for firms that are not confirmed */
    struct set_bits streams;     /* rules with streams */
    size_t two_details;          /* the numbers of these rules */
    size_t quiet;
    size_t overdue;
    struct set_bits *purposes; /* that match a purpose, by its bit */
    struct set_bits *data;     /* a category; the last is `contact` */
};

/* What is asked, made ready for comparing. */
struct set_question {
    const struct policy_firm *firm;
    const struct vocab_node *purpose;
    const struct vocab_node *data; /* NULL: contact */
};

/* ---- match.c ---- */

/* The rules whose selectors of firm, purpose and data match (sentence 3). */
void set_match(const struct policy_set *set, const struct set_question *asked,
               struct set_bits *out);

/* The next of them, which is taken out; false: there is none more.  *out begins
 * as 0, and is left as it came out before. */
bool set_next(struct set_bits *bits, uint16_t *out);

/* Sentence 7: does a permit that matches cover what is asked? */
bool set_covers(const struct policy_rule *rule,
                const struct set_question *asked);

/* Make the bits of a set whose rules are in place.  VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status set_index(struct policy_set *set);

/* ---- offer.c ---- */

/* Of an atom of the part that no rule decides, the rule that offers: of those
 * whose caps it can be lowered to the one that moves fewest axes, then by name.
 * False: none does. */
bool offer_choose(const struct policy_set *set, const struct terms *part,
                  int64_t now, const struct policy_atom *atom, uint16_t *out);

/* A copy of the rule whose texts and firms lie in *block, which the caller
 * frees.  Firms are put in order, each once.  VLT_E_NOMEM, VLT_E_LIMIT. */
VLT_MUST_USE enum vlt_status set_copy_rule(const struct policy_rule *rule,
                                           struct policy_rule *out,
                                           void **block);

#endif
