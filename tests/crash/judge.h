/*
 * judge: is what a cut or a kill left as it must be?
 *
 * There is one for the vault and one for bare LMDB; a program has the one that
 * it is linked with.
 */
#ifndef TESTS_CRASH_JUDGE_H
#define TESTS_CRASH_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the journal says: operations from 0 on, one at a time. */
struct judge_marks {
    unsigned sent; /* begun */
    unsigned done; /* acknowledged */
};

/* Take what was put into the journal: lines "sent N" and "done N". */
void judge_mark(struct judge_marks *marks, const char *text, size_t len);

/* Before anything else, and before any fork: the operations of this seed, at
 * most so many.  False: no memory. */
bool judge_begin(uint64_t seed, unsigned ops);

struct judge_case {
    const char *folder; /* that holds what was left */
    struct judge_marks marks;
    bool use; /* is the next operation to be tried, too? */
};

enum { JUDGE_WHY = 2000 };

/* True, or why says what is wrong.  In a process of its own, which it may
 * kill. */
bool judge(const struct judge_case *what, char why[JUDGE_WHY]);

#endif
