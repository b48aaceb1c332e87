/*
 * rpc: one call at a time, by whoever needs no speed.
 *
 * A call that is refused ends the program.  Threads: one belongs to one.
 */
#ifndef RPC_H
#define RPC_H

#include "../line.h"

/* Call a method with the members of params (the braces are put around them)
 * and, where changes, an idem of its own.  The answer: borrowed until the line
 * is read again. */
struct vlt_slice rpc_call(struct line *line, const char *method, bool changes,
                          const char *params);

/* The text of a member, up to its quote; the member must be there, once. */
struct vlt_slice rpc_text(struct vlt_slice answer, const char *member);

/* Is this the answer to a call, and none that is refused?  A refusal ends the
 * program. */
bool rpc_answers(const struct line_frame *frame);

#endif
