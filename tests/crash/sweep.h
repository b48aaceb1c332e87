/*
 * sweep: one call of an operation fails, and what comes of it is judged.
 *
 * The operation is done in a child that may crash; what it left is opened in
 * another.  Good is: it answers with a status that says what happened; what was
 * acknowledged is there, and what was refused is not; the same vault, still
 * open, then does the operation and the next one; after a failed sync, and
 * wherever the outcome is not known, it does nothing more, and a new process
 * opens it.  Under sanitizers the child may leave nothing behind.
 */
#ifndef TESTS_CRASH_SWEEP_H
#define TESTS_CRASH_SWEEP_H

#include "base/status.h"
#include "judge_vault.h"
#include "shim.h"

/* One way to fail. */
struct sweep_kind {
    const char *name;
    enum shim_class family;
    int error; /* errno, or SHIM_SHORT */
    /* May the operation succeed all the same? */
    bool harmless;
};

struct sweep_point {
    const char *base;   /* folder with the vault before the operation */
    const char *folder; /* to work in; what is there is replaced */
    uint64_t seed;
    unsigned op;
    const struct sweep_kind *kind;
    uint64_t at; /* which call fails, from 1 */
    bool sticky; /* and all after it */
};

enum sweep_found {
    SWEEP_GOOD,
    SWEEP_BAD,    /* why says what is wrong */
    SWEEP_OVER,   /* there is no such call */
    SWEEP_BROKEN, /* it could not be tried; why says why */
};

struct sweep_report {
    uint64_t hits; /* calls that failed */
    enum vlt_status st;
    char why[JUDGE_WHY]; /* empty: nothing is wrong so far */
};

/* report->st is what the operation answered; report->why is set with
 * SWEEP_BAD and SWEEP_BROKEN. */
enum sweep_found sweep_try(const struct sweep_point *point,
                           struct sweep_report *report);

/* Do the operations before `op` in a folder that is empty, in a child; false:
 * they were not done. */
bool sweep_prepare(const char *folder, uint64_t seed, unsigned op);

/* Copy a folder's files and folders over another; false: not done. */
bool sweep_copy(const char *from, const char *to);

#endif
