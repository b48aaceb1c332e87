/*
 * look: what a vault holds, read through the store's and the series' own
 * readers, and whether all of it is whole.
 */
#ifndef TESTS_CRASH_LOOK_H
#define TESTS_CRASH_LOOK_H

#include "parts.h"
#include "rig.h"

/*
 * Of a vault that is open, with operations below `ops` begun, of which those
 * below `done` are acknowledged.  False, with a sentence in why: something does
 * not open, is not known any more, or does not agree with something else.
 */
struct look_about {
    unsigned ops;
    unsigned done;
};
bool look(struct rig *rig, const struct look_about *about, struct parts *out,
          struct vlt_buf *why);

#endif
