/*
 * policy_tests: what an owner expects of a set, as a table (LANGUAGE.md, 7).
 *
 * Pure, but for memory.  Threads: any.
 */
#ifndef POLICIES_POLICY_TESTS_H
#define POLICIES_POLICY_TESTS_H

#include "text/policy_text.h"

enum {
    POLICY_TESTS = 1000, /* tests of a file */
    POLICY_TEST_BY = 64, /* rules that a test may name */
};

/* A file of tests, and what they are held against. */
struct policy_tests_input {
    const struct policy_text_file *file;
    const struct policy_text_firms *firms;
    int home;                     /* configured country; VOCAB_NONE: none */
    const struct policy_set *set; /* NULL: no set is in force */
    int64_t now;                  /* ns: of tests that say no time */
};

/* An atom that was not decided as its test expects. */
struct policy_miss {
    const char *test; /* its name; "" */
    int line;         /* where the test stands */
    int column;
    int purpose;
    int data; /* VOCAB_NONE: `contact` */
    enum policy_outcome expected;
    const struct policy_atom *atom; /* as it was decided */
    bool other_rules; /* the outcome is right, but not by these rules */
};

/* What reading and holding tell.  What is borrowed is for the call alone. */
struct policy_tests_told {
    void *ctx;
    policy_fault_fn *fault;
    void (*miss)(void *ctx, const struct policy_miss *miss);
};

/*
 * Read the file, and if it has no fault hold each test against the set; *count
 * is how many atoms were decided.
 * VLT_OK        read; misses were told
 * VLT_E_FORMAT  at least one fault was told, and nothing was held
 * VLT_E_NOMEM
 */
VLT_MUST_USE enum vlt_status
policy_tests_run(const struct policy_tests_input *input,
                 const struct policy_tests_told *told, size_t *count);

#endif
