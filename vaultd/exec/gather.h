/*
 * gather: for whom a turn waits.
 *
 * Callers who wait for an answer before they ask again fall into two halves:
 * one asks while the other is committed, and each commit has half of what it
 * could have.  So the commit thread waits for n jobs: as many as it answered
 * last, and as many as came meanwhile.  With k of them there it waits until
 * S (n - k) / k after the last turn ended, and S / 3 at most, S being what that
 * turn slept, or GATHER_SLEPT: the machine may have slept with it.  What a turn
 * works is no reason to wait: callers ask meanwhile.  Where some stay away, the
 * next turns do not wait: one, then twice as many each time, up to
 * GATHER_PAUSE.
 *
 * Pure but for its counters; times are values: ns, of boot time.
 * Threads: one.
 */
#ifndef EXEC_GATHER_H
#define EXEC_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GATHER_PAUSE = 64, /* turns at most that do not wait */
};

#define GATHER_SLEPT INT64_C(150000000) /* ns, that count at most */

struct gather {
    size_t wanted;  /* jobs; 0: nothing is known */
    int64_t slept;  /* by the last turn */
    int64_t ended;  /* when it was over */
    unsigned pause; /* turns that did not wait when somebody last stayed away */
    unsigned left;  /* of them, still to come */
};

/* How the turns went that the jobs at hand took. */
struct gather_turn {
    size_t answered; /* of the jobs at hand, whose callers may ask again */
    size_t waiting;  /* that came meanwhile */
    int64_t slept;   /* all of them together */
    int64_t ended;
};

/* Those turns are over: learn from them. */
void gather_end(struct gather *gather, const struct gather_turn *turn);

/* How much longer to wait, count jobs being there, ns; 0: no longer. */
int64_t gather_wait(const struct gather *gather, size_t count, int64_t now);

/* A turn begins with so many, for which it waited or not. */
void gather_begin(struct gather *gather, size_t count, bool waited);

#endif
