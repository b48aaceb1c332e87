/*
 * send: rows of the pipeline on their way to a reader by TLS.
 *
 * A child of this process is the reader, at the other end of a TCP connection
 * on loopback; it takes all and looks at nothing.  What a vault has to do to a
 * firm's rows is done one after the other: open, decode, print, encrypt.
 *
 * What cannot go on ends the program.  Threads: one.
 */
#ifndef SEND_H
#define SEND_H

#include "pipeline.h"

/* Send all rows of the pipeline as JSON, again and again for so many ms; rows
 * a second. */
double send_rows(struct pipeline *p, int64_t ms);

#endif
