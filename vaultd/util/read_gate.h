/*
 * read_gate: many readers, whom one may stop for a moment.
 *
 * A reader passes the gate for one short slice.  Who has to change what they
 * all read (erase, lock, growth of a map) closes the gate, which waits for the
 * slices under way and lets none begin; acts; and opens it.
 *
 * A reader does not close the gate, pass it twice, or wait for one who may
 * close it.
 *
 * Threads: any; one at a time closes it.
 */
#ifndef UTIL_READ_GATE_H
#define UTIL_READ_GATE_H

#include "base/status.h"

struct read_gate;

/* An open gate.  The caller owns *out and frees it with read_gate_free().
 * VLT_E_NOMEM. */
VLT_MUST_USE enum vlt_status read_gate_new(struct read_gate **out);

/* Nobody may be inside or waiting.  NULL is allowed. */
void read_gate_free(struct read_gate *gate);

/* Pass; waits while the gate is closed or closing. */
void read_gate_begin(struct read_gate *gate);
/* Leave; the one who passed does. */
void read_gate_end(struct read_gate *gate);

/* Let nobody in and wait until all are out.  Between close and open the caller
 * is alone. */
void read_gate_close(struct read_gate *gate);
/* Let readers in again. */
void read_gate_open(struct read_gate *gate);

#endif
