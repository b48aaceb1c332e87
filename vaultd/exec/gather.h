/*
 * gather: for whom a turn waits.  Pure.
 *
 * Callers who wait for an answer before they ask again fall into two halves:
 * one asks while the other is committed, and each commit has half of what it
 * could have.  So a turn waits for as many as were answered last and those who
 * were there already: of a turn that sleeps for its disk for S, with k of n
 * jobs there, up to S (n - k) / k, and no longer than S / 3 since the last one
 * ended.  What a turn works is no reason to wait: callers ask meanwhile.  Where
 * they stay away none waits for a while, twice as long each time.
 *
 * Units: ns of boot time.
 */
#ifndef EXEC_GATHER_H
#define EXEC_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GATHER_PAUSE = 64, /* turns at most that do not wait */
};

struct gather {
    size_t wanted;  /* jobs; 0: nothing is known */
    int64_t slept;  /* by the last turn */
    int64_t ended;  /* when it was over */
    unsigned pause; /* turns that did not wait when some stayed away last, */
    unsigned left;  /* and that do not now */
};

/* How a turn went. */
struct gather_turn {
    size_t answered; /* jobs */
    size_t waiting;  /* that came meanwhile */
    int64_t slept;
    int64_t ended;
};
void gather_turn(struct gather *gather, const struct gather_turn *turn);

/* How much longer to wait for more than these, ns; 0: no longer. */
int64_t gather_wait(const struct gather *gather, size_t count, int64_t now);

/* A turn begins with so many, for which it waited or not. */
void gather_begin(struct gather *gather, size_t count, bool waited);

#endif
