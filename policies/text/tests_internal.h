/*
 * tests_internal: one test, for the two sources that read and hold it.
 */
#ifndef POLICIES_TESTS_INTERNAL_H
#define POLICIES_TESTS_INTERNAL_H

#include "text/policy_tests.h"
#include "text/text_internal.h"

/* A test being read: its selectors and what it asks lie in a rule. */
struct tests_one {
    struct text_rule rule;
    bool anyone; /* a confirmed firm that no rule names */
    bool has_firm, has_purpose, has_data, has_expect;
    enum policy_outcome expect;
    bool has_at;
    int64_t at;
    bool has_by;
    size_t by_count;
    struct vlt_slice by[POLICY_TEST_BY];
};

struct tests_holding {
    const struct policy_tests_input *input;
    const struct policy_tests_told *told;
    struct policy_atom *atom;         /* owned by the caller */
    struct policy_decision *decision; /* likewise: of what may be offered */
    struct terms_recipient recipients[TERMS_NAMES];
    size_t count;
};

/* Where no rule decided the atom, and one would offer less, that is how it was
 * decided. */
void tests_offer(struct tests_holding *holding, const struct policy_firm *firm,
                 int64_t now);

/* Hold one test that has no fault. */
void tests_hold(struct tests_holding *holding, const struct tests_one *test);

#endif
