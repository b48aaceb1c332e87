/*
 * arrival: a stream appears, and what grants make of it.
 */
#ifndef ARRIVAL_H
#define ARRIVAL_H

#include "base/status.h"

struct after;
struct stream;
struct turn;

/*
 * A stream was made in this turn: grants that take new ones give it, others
 * have it wait for the owner, who is told.  For the loop something goes onto
 * *after.  Commit thread.
 */
VLT_MUST_USE enum vlt_status arrival_carry(struct turn *turn,
                                           const struct stream *stream,
                                           struct after **after);

#endif
