/*
 * idem_text: a first answer and its time as one JSON object,
 *
 *     {"answer":<the answer>,"t":<nanoseconds>,"v":1}
 *
 * which is compact and has its keys sorted, as all such plaintexts.  Pure.
 */
#ifndef STORE_IDEM_TEXT_H
#define STORE_IDEM_TEXT_H

#include "base/buf.h"
#include "base/status.h"

/* Append it to out, whose failure is the caller's to see. */
void idem_text_put(struct vlt_buf *out, struct vlt_slice answer,
                   int64_t when_ns);

/* Take it apart; the answer is borrowed from text.  VLT_E_FORMAT: no such
 * object. */
VLT_MUST_USE enum vlt_status idem_text_get(struct vlt_slice text,
                                           struct vlt_slice *answer,
                                           int64_t *when_ns);

#endif
