/*
 * arrival: a stream appears, and what grants make of it.
 */
#ifndef ARRIVAL_H
#define ARRIVAL_H

#include "base/status.h"

struct after;
struct stream;
struct turn;
struct vlt_json_out;

/*
 * A stream was made in this turn: grants that take new ones give it, others
 * have it wait for the owner, who is told.  For the loop something goes onto
 * *after.  Commit thread.
 */
VLT_MUST_USE enum vlt_status arrival_carry(struct turn *turn,
                                           const struct stream *stream,
                                           struct after **after);

/*
 * A stream was given another category in this turn: grants that do not cover it
 * any more lose it, and what is queued or live of them is cut; they are put to
 * the list that is open in *lost.  To those that cover it now it is a new one.
 */
VLT_MUST_USE enum vlt_status arrival_moved(struct turn *turn,
                                           const struct stream *stream,
                                           struct vlt_json_out *lost,
                                           struct after **after);

#endif
